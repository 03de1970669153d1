// Package xlsx reads the worksheets of a workbook row by row: texts, numbers as they
// are stored, dates as days.
//
// It is a scanner of its own and not a spreadsheet library, whose streams give no
// number format, without which a date is a number, and take a worksheet that is cut
// short for a short one. It writes nothing, evaluates no formula, and never looks at
// external references or macros. What a row means is not its concern. Memory is
// bounded by a workbook's distinct texts, not by its rows.
package xlsx
