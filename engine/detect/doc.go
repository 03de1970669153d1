// Package detect finds idle land (闲置土地) and its neighbours: land about to
// become idle, the supply state of every parcel, and the days each milestone is
// overdue, by the rule a policy gives (Order 53 of 2012 on idle land).
//
// Columns in, columns out: Idle reads the dates, areas and sums of a batch of
// parcels and fills Columns, a row per row; Evidence says for one row what its
// verdict rests on. The day the law is applied to is an argument; nothing here
// reads a clock, a geometry or a document, and no verdict depends on another row.
//
// Choices where the rule is silent:
//   - A start, stop or finish after the day of the verdict has not happened. Agreed
//     dates, contract and delivery are taken as they are.
//   - A stop before the start is not a stop of the works.
//   - Only the contract date is an assumed deadline; delivery plus a year is the
//     rule's own (art. 22).
//   - no_deadline marks every parcel looked at without any date to count from, started
//     or not; one that is finished without a recorded start has no days overdue at its
//     start.
//   - The extension of a period that ends on a holiday (Civil Code art. 203) is off.
//   - Of non-construction land only a declared supply state is kept.
package detect
