// Package grade ranks enterprises by what they yield per mu 亩产论英雄 and grades
// them A to D: items, totals, ranks, cuts, vetoes, floors and decisions, and the
// chain that explains each grade. It takes figures and a scheme and gives verdicts; it
// reads no tables, computes no indicator and writes nothing.
//
// [All] asks of each enterprise, in this order: is it of class T, is its land
// positive, which group is the first to take it. The graded members of a group give
// its benchmarks, their items are scored and added, the totals ranked and cut; then
// come vetoes, floors, fixed grades and manual decisions.
//
// Choices where a scheme is silent:
//   - The classes of T are asked in the order utility, new, construction, relocation,
//     tag; the first that holds is the reason. New is dated by the first known of the
//     scheme's columns, and not new when none is known. New and under construction
//     are both "after 31 December of the year less so many years"; later dates too.
//   - Where T counts in n, those count that would be ranked but for T: land positive,
//     taken by a group. They do not help a group over its least size.
//   - A value that is not finite is missing. Of a last year's mean only last year's
//     values are asked; the members are this year's. A factor of 0 is none stated: 1.
//   - Small groups are pooled only with small groups, in the scheme's order; lists of
//     tenants only with lists of tenants. The order of the items does not matter.
//   - Where items of one group have several policies for a missing value, dropped
//     items scale the weights of all others, scored zero or the mean included; the
//     points of a penalty are not scaled. The mean item score is the unscaled one.
//   - Several floors: the best binds. Several fixed grades or manual decisions: the
//     latest, then the worse grade; an undated one is the earliest. Grades other than
//     A to D and points that are no positive number do nothing.
//   - Merged tenants: the unit is above scale when one of it is, below when all are
//     known to be; its land is asked, not each member's. A figure known of no member
//     is missing.
//   - A tenant that takes its owner's grade needs positive land but no group, and its
//     own veto, floor, fixed grade and manual decision are applied to that grade; it
//     has no total, so that points do nothing. Land it holds in no lease of a parcel,
//     or of a parcel without an owner or whose owner is not graded, gives no grade.
//   - Sums are compensated (a pair of floats) and run in the order of the codes, so
//     that sums of whole numbers are exact and every figure is the same on every run.
package grade
