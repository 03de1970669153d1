// Package sheet finds the table in a worksheet: it turns a workbook as bureaus send
// it, with titles, heads of several rows, subtotals, notes and signatures, into one
// header and a stream of data rows, and lists every row it left out and why. It also
// writes workbooks to be filled in.
//
// It knows no columns: what a header means is asked of the caller. It converts no
// numbers, trims no cells and evaluates no formulas; a formula gives the value that
// was stored with it. Hidden rows and columns are read like any other, and hidden
// rows are counted: a filter somebody forgot must not take enterprises out of an
// evaluation. External references and macros are never looked at. Memory is bounded
// by the workbook's distinct texts, not by its rows.
package sheet
