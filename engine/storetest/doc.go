// Package storetest holds what every place that data comes from or goes to must do,
// as tests: [Sources] for those that are read. A place passes by handing its maker to
// the suite in a test of its own, and whatever fails says what it should have done.
//
// It is for tests only: it imports testing, and the architecture test lets nothing but
// _test.go files import it. It knows no format and no server by itself, but for
// [Database], the scratch schema that tests of PostGIS share.
package storetest
