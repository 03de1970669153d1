package gpkg

import sqlite3 "modernc.org/sqlite/lib"

// Raw is a connection that tests change files through.
type Raw struct{ c *conn }

// OpenRaw opens a file for reading and writing.
func OpenRaw(path string) (Raw, error) {
	c, err := connect(path, sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_CREATE)
	return Raw{c}, err
}

// Exec runs SQL.
func (r Raw) Exec(sql string) error { return r.c.exec(sql) }

// Text is the first value of the last row of a query.
func (r Raw) Text(sql string) (text string, err error) {
	err = r.c.rows(func(s *stmt) error { text = s.string(0); return nil }, sql)
	return text, err
}

// Close closes the connection.
func (r Raw) Close() { r.c.close() }

// AppendGeometry makes a GeoPackage geometry.
var AppendGeometry = appendGeometry
