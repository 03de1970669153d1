// Package postgis is a dataset in PostgreSQL with PostGIS: tables and views read as
// batches in one snapshot, as files are read. It is the only room that speaks to a
// server.
//
// It turns a server's cells into those that package read understands and has no rules
// of its own about what they mean. It only reads where it reads: every transaction of
// the source is read-only. Names go into SQL as quoted identifiers, values as
// parameters. No error, note or name that leaves it holds a password.
package postgis
