// Package store writes to PostgreSQL with PostGIS: the results of runs into the schema
// muscope, and datasets into a schema of their own. What it writes is to be seen whole
// or not at all, and readers are never locked out for long.
//
// It computes no figure and judges no row. Names go into SQL as quoted identifiers,
// values as parameters or in COPY's binary format. No error that leaves it holds a
// password.
package store
