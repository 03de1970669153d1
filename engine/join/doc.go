// Package join brings together what tables say of the same enterprise and parcel:
// tenancies with parcels and enterprises, accounts of a year with enterprises, by
// code, or by name where a code is missing. It finds the land each enterprise uses and
// shares its figures out to parcels and zones. What finds no partner is kept and
// listed. It reads no files, computes no indicator and knows no policy.
//
// Enterprises and parcels go by number, in the order of their codes. Rows come sorted
// as they are read; nothing here depends on any other order, and codes that come out
// of order are found too, only more slowly. Areas are summed exactly, figures in the
// order of enterprises and then parcels.
//
// Choices where the rules are silent:
//   - A code that the register does not have is not looked for by name: the row says
//     whom it means.
//   - Those who are not in the register are told apart by code, or else by normalised
//     name; a row with neither, or with a name that several enterprises have, counts as
//     one of them.
//   - A parcel's holder who is not in the register owns it all the same where nobody
//     owns or occupies it: the parcel then has a stranger on it.
//   - A tenancy that owns or occupies a parcel keeps its holder out while it is in
//     force, whoever has it and however small it is.
//   - By months, a month counts for a tenancy that is in force on its last day, and a
//     holder counts for all twelve where no tenancy that owns or occupies the parcel
//     counts in any.
//   - Leases count as their rows say, on both sides: that both sides are there is not
//     asked.
package join
