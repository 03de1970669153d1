package gpkg

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Layer is a table of features.
type Layer struct {
	Name        string // of the table
	Title       string // for people; may be empty
	Description string
	LastChange  string // as the file has it
	Key         string // the primary key's column; empty where only SQLite numbers the rows
	Fields      []Field
	Geometry    string // the geometry's column
	Type        string // of its geometries, in capitals: MULTIPOLYGON, GEOMETRY …
	SRS         SRS

	file  *File
	rowid string // a name by which SQL reaches the row's number
}

// entry is a layer as the table of contents lists it.
type entry struct{ table, title, description, changed string }

// plainTable counts the tables of a name that are neither views nor virtual: nothing
// else is read, as a view may run for ever.
const plainTable = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name = ? COLLATE NOCASE"

func listLayers(c *conn) (list []entry, err error) {
	for _, needed := range []string{"gpkg_contents", "gpkg_spatial_ref_sys"} {
		n, err := c.number(plainTable, needed)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, fmt.Errorf("%w: it has no table %s", ErrNot, needed)
		}
	}
	err = c.rows(func(s *stmt) error {
		list = append(list, entry{s.string(0), s.string(1), s.string(2), s.string(3)})
		return nil
	}, "SELECT table_name, identifier, description, last_change FROM gpkg_contents WHERE data_type = 'features' ORDER BY rowid")
	return list, err
}

// Layers are the names of the layers, in the file's order.
func (f *File) Layers() []string {
	names := make([]string, len(f.layers))
	for i, e := range f.layers {
		names[i] = e.table
	}
	return names
}

// Layer gives the layer of a name, as the table is called; an empty name gives the
// only one there is.
func (f *File) Layer(name string) (*Layer, error) {
	e, err := f.find(name)
	if err != nil {
		return nil, f.wrap(err)
	}
	l := &Layer{Name: e.table, Title: e.title, Description: e.description, LastChange: e.changed, file: f}
	c, err := f.take()
	if err != nil {
		return nil, f.wrap(err)
	}
	defer f.give(c)
	for _, read := range []func(*conn) error{l.readGeometry, l.readColumns, l.readSRS} {
		if err := read(c); err != nil {
			return nil, l.wrap(err)
		}
	}
	return l, nil
}

func (l *Layer) wrap(err error) error {
	return l.file.wrap(fmt.Errorf("layer %q: %w", l.Name, err))
}

func (f *File) find(name string) (entry, error) {
	switch {
	case len(f.layers) == 0:
		return entry{}, errors.New("it holds no layer of features")
	case name == "" && len(f.layers) > 1:
		return entry{}, fmt.Errorf("it holds %d layers (%s): say which", len(f.layers), f.names())
	case name == "":
		return f.layers[0], nil
	}
	i := slices.IndexFunc(f.layers, func(e entry) bool { return e.table == name })
	if i < 0 {
		return entry{}, fmt.Errorf("it holds no layer %q, but %s", name, f.names())
	}
	return f.layers[i], nil
}

// names lists the first layers for an error.
func (f *File) names() string {
	const shown = 20
	var b []byte
	for i, e := range f.layers {
		if i == shown {
			return string(b) + " …"
		}
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendQuoteToGraphic(b, e.table)
	}
	return string(b)
}

func (l *Layer) readGeometry(c *conn) error {
	for _, needed := range []string{l.Name, "gpkg_geometry_columns"} {
		n, err := c.number(plainTable, needed)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("there is no table %q (views are not read): export the layer as a table", needed)
		}
	}
	found := 0
	err := c.rows(func(s *stmt) error {
		found++
		l.Geometry, l.Type, l.SRS.ID = s.string(0), strings.ToUpper(s.string(1)), int(s.integer(2))
		return nil
	}, "SELECT column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ? COLLATE NOCASE", l.Name)
	if err != nil {
		return err
	}
	if found != 1 {
		return fmt.Errorf("%w: gpkg_geometry_columns lists %d geometry columns of the layer where one belongs", ErrDamaged, found)
	}
	return nil
}

func (l *Layer) readColumns(c *conn) error {
	geometry, keys := false, 0
	taken := map[string]bool{} // lower-case names that no longer mean the row's number
	err := c.rows(func(s *stmt) error {
		f := Field{Name: s.string(0), Declared: s.string(1)}
		f.Kind = kindOf(f.Declared)
		key := s.integer(2) > 0
		if key {
			keys++
		}
		switch {
		case strings.EqualFold(f.Name, l.Geometry):
			geometry, l.Geometry = true, f.Name
		case key && keys == 1 && strings.EqualFold(f.Declared, "INTEGER"):
			l.Key = f.Name
			return nil // it is the row's number, so its name may mean that
		default:
			l.Fields = append(l.Fields, f)
		}
		taken[strings.ToLower(f.Name)] = true
		return nil
	}, "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid", l.Name)
	if err != nil {
		return err
	}
	if !geometry {
		return fmt.Errorf("%w: the layer has no column %q for its geometry", ErrDamaged, l.Geometry)
	}
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if !taken[name] {
			l.rowid = "t." + name
			break
		}
	}
	if keys > 1 || l.rowid == "" {
		return errors.New("the layer's rows have no integer key: save it again as GeoPackage in QGIS")
	}
	without, err := c.number("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'", l.Name)
	if err == nil && without != 0 {
		err = errors.New("the table is WITHOUT ROWID: save the layer again as GeoPackage in QGIS")
	}
	return err
}

// kindOf reads a column's type as GeoPackage spells it, and other types by SQLite's
// rules of affinity.
func kindOf(declared string) Kind {
	name, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(declared)), "(")
	name = strings.TrimSpace(name)
	has := func(part string) bool { return strings.Contains(name, part) }
	switch {
	case name == "BOOLEAN":
		return Boolean
	case name == "DATE":
		return Date
	case name == "DATETIME" || name == "TIMESTAMP":
		return DateTime
	case has("INT") && !has("POINT"):
		return Integer
	case has("CHAR"), has("CLOB"), has("TEXT"):
		return Text
	case has("REAL"), has("FLOA"), has("DOUB"), has("NUM"), has("DEC"):
		return Real
	}
	return Blob
}

// Count is the number of rows. It reads the whole table once, without its contents.
func (l *Layer) Count() (int64, error) {
	c, err := l.file.take()
	if err != nil {
		return 0, l.wrap(err)
	}
	defer l.file.give(c)
	n, err := c.number("SELECT count(*) FROM " + quoted(l.Name))
	if err != nil {
		return 0, l.wrap(err)
	}
	return n, nil
}

// Range is a run of rows.
type Range struct {
	From, To int64 // keys, both included
	First    int64 // the number of the first row, from 1
	Rows     int
}

// Ranges parts the layer into runs of the given number of rows, the last of fewer,
// for as many readers. It reads the whole table once, without its contents.
func (l *Layer) Ranges(rows int) ([]Range, error) {
	if rows < 1 {
		return nil, l.wrap(fmt.Errorf("cannot part its rows by %d", rows))
	}
	list, err := l.ranges(rows)
	if err != nil {
		return nil, l.wrap(err)
	}
	return list, nil
}

func (l *Layer) ranges(rows int) (list []Range, err error) {
	c, err := l.file.take()
	if err != nil {
		return nil, err
	}
	defer l.file.give(c)
	table := quoted(l.Name) + " AS t"
	total, err := c.number("SELECT count(*) FROM " + table)
	if err != nil || total == 0 {
		return nil, err
	}
	first, err := c.number("SELECT min(" + l.rowid + ") FROM " + table)
	if err != nil {
		return nil, err
	}
	last, err := c.number("SELECT max(" + l.rowid + ") FROM " + table)
	if err != nil {
		return nil, err
	}
	if last < first {
		return nil, fmt.Errorf("%w: its keys are out of order", ErrDamaged)
	}
	dense := uint64(last)-uint64(first) == uint64(total)-1
	ends := "SELECT max(k) FROM (SELECT " + l.rowid + " AS k FROM " + table +
		" WHERE " + l.rowid + " >= ? ORDER BY 1 LIMIT ?)"
	for number, from := int64(1), first; number <= total; number += int64(rows) {
		r := Range{From: from, To: last, First: number, Rows: int(min(int64(rows), total-number+1))}
		switch {
		case number+int64(r.Rows) > total:
		case dense:
			r.To = from + int64(rows) - 1
		default:
			if r.To, err = c.number(ends, from, int64(rows)); err != nil {
				return nil, err
			}
		}
		if r.To < from || r.To > last || r.To == last && number+int64(r.Rows) <= total {
			return nil, fmt.Errorf("%w: its keys are out of order", ErrDamaged)
		}
		list = append(list, r)
		from = r.To + 1
	}
	return list, nil
}
