// Package join brings together what tables say of the same enterprise and parcel:
// tenancies with parcels and enterprises, accounts of a year with enterprises, by
// code, or by name where a code is missing. It finds the land each enterprise uses and
// shares its figures out to parcels and zones. What finds no partner is kept and
// listed. It reads no files, computes no indicator and knows no policy.
package join
