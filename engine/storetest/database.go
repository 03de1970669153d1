package storetest

import (
	"context"
	"crypto/rand"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/read/dataset"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/referee"
)

// Database is a schema of a test's own in the tests' PostGIS.
type Database struct {
	Address, Schema string
	run             func(sql string, args ...any) error
}

// OpenDatabase makes a schema that is dropped when the test ends.
func OpenDatabase(t testing.TB) *Database {
	t.Helper()
	var id [6]byte
	if _, err := rand.Read(id[:]); err != nil {
		t.Fatal(err)
	}
	return OpenSchema(t, "test "+hex.EncodeToString(id[:])+` "宗地"`)
}

// OpenSchema is OpenDatabase with a schema of a name.
func OpenSchema(t testing.TB, schema string) *Database {
	t.Helper()
	d := &Database{Address: referee.Address(t), Schema: schema}
	conn := referee.Open(t)
	d.run = func(sql string, args ...any) error {
		_, err := conn.Exec(context.Background(), sql, args...)
		return err
	}
	d.Run(t, "SET client_min_messages = warning")
	d.Run(t, "DROP SCHEMA IF EXISTS "+Quoted(schema)+" CASCADE")
	d.Run(t, "CREATE SCHEMA "+Quoted(schema))
	t.Cleanup(func() { d.Run(t, "DROP SCHEMA "+Quoted(schema)+" CASCADE") })
	return d
}

// Run runs a statement.
func (d *Database) Run(t testing.TB, sql string, args ...any) {
	t.Helper()
	if err := d.run(sql, args...); err != nil {
		t.Fatalf("%s: %v", strings.TrimSpace(sql[:min(len(sql), 300)]), err)
	}
}

// In is a relation of the schema, quoted.
func (d *Database) In(name string) string { return Quoted(d.Schema) + "." + Quoted(name) }

// Quoted is a name as an identifier of SQL.
func Quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Table is a table of a dataset as people would fill it: texts below headers.
type Table struct {
	Name   string
	Head   []string
	Rows   [][]string // as long as the head; an empty cell holds nothing
	Shapes []string   // of a layer, a GeoJSON geometry for each row; empty: none
}

// Layer says whether it is one.
func (t *Table) Layer() bool { return t.Shapes != nil }

// Create makes a table. A column whose cells all have the form of the table's column
// has the type of that too, and is text else.
func (d *Database) Create(t testing.TB, one *Table) {
	t.Helper()
	types := make([]string, len(one.Head))
	var columns, values []string
	args := make([]any, 0, len(one.Head)+1)
	for c, header := range one.Head {
		cells := make([]*string, len(one.Rows))
		for r := range one.Rows {
			if one.Rows[r][c] != "" {
				cells[r] = &one.Rows[r][c]
			}
		}
		types[c] = typeOf(one.Name, header, cells)
		columns = append(columns, Quoted(header)+" "+types[c])
		values = append(values, fmt.Sprintf("c%d::%s", c, types[c]))
		args = append(args, cells)
	}
	if one.Layer() {
		shapes := make([]*string, len(one.Shapes))
		for r := range shapes {
			if one.Shapes[r] != "" {
				shapes[r] = &one.Shapes[r]
			}
		}
		columns = append(columns, "geom geometry(Geometry, 4490)")
		values, args = append(values, fmt.Sprintf("ST_SetSRID(ST_GeomFromGeoJSON(c%d), 4490)", len(args))), append(args, shapes)
	}
	d.Run(t, "CREATE TABLE "+d.In(one.Name)+" ("+strings.Join(columns, ", ")+")")
	if len(one.Rows) == 0 {
		return
	}
	var from, names []string
	for i := range args {
		from, names = append(from, fmt.Sprintf("$%d::text[]", i+1)), append(names, fmt.Sprintf("c%d", i))
	}
	d.Run(t, "INSERT INTO "+d.In(one.Name)+" SELECT "+strings.Join(values, ", ")+" FROM unnest("+strings.Join(from, ", ")+") AS u("+strings.Join(names, ", ")+")", args...)
}

// typeOf is the type of a column for its cells.
func typeOf(of, header string, cells []*string) string {
	s, _, ok := dataset.Named(of)
	column, _, known := fields.Header(of, header)
	if ok && !known {
		column, _, known = fields.Header(s.Name, header)
	}
	if !ok || !known || s.Index(column) < 0 {
		return "text"
	}
	forms := map[table.Kind]struct {
		typ  string
		fits func(v string) bool
	}{
		table.Number: {"numeric", func(v string) bool {
			_, err := strconv.ParseFloat(v, 64)
			return err == nil && strings.Trim(v, "-.0123456789") == ""
		}},
		table.Integer: {"integer", func(v string) bool { _, err := strconv.ParseInt(v, 10, 32); return err == nil }},
		table.Date:    {"date", func(v string) bool { return len(v) == 10 && v[4] == '-' && v[7] == '-' }},
		table.Bool:    {"boolean", func(v string) bool { return v == "true" || v == "false" }},
	}
	form, typed := forms[s.Fields[s.Index(column)].Kind]
	if !typed || slices.ContainsFunc(cells, func(v *string) bool { return v != nil && !form.fits(*v) }) {
		return "text"
	}
	return form.typ
}

// Load makes a table of every .csv and .geojson of a folder, named as the file is.
func (d *Database) Load(t testing.TB, dir string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name, ext := strings.TrimSuffix(f.Name(), filepath.Ext(f.Name())), filepath.Ext(f.Name())
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		switch {
		case err != nil:
			t.Fatal(err)
		case ext == ".csv":
			d.Create(t, ReadCSV(t, name, text))
		case ext == ".geojson":
			d.Create(t, ReadGeoJSON(t, name, text))
		}
	}
}

// ReadCSV reads a table from the text of a CSV, cells that are too few left empty.
func ReadCSV(t testing.TB, name string, text []byte) *Table {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\uFEFF")))
	r.FieldsPerRecord = -1
	one := &Table{Name: name}
	for {
		row, err := r.Read()
		switch {
		case err == io.EOF:
			return one
		case err != nil:
			t.Fatal(err)
		case one.Head == nil:
			one.Head = row
		default:
			for len(row) < len(one.Head) {
				row = append(row, "")
			}
			one.Rows = append(one.Rows, row)
		}
	}
}

// ReadGeoJSON reads a layer from the text of a collection.
func ReadGeoJSON(t testing.TB, name string, text []byte) *Table {
	t.Helper()
	var all struct {
		Features []struct {
			Geometry   json.RawMessage
			Properties map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	one := &Table{Name: name, Shapes: []string{}}
	for _, f := range all.Features {
		for key := range f.Properties {
			if !slices.Contains(one.Head, key) {
				one.Head = append(one.Head, key)
			}
		}
	}
	slices.Sort(one.Head)
	for _, f := range all.Features {
		row := make([]string, len(one.Head))
		for i, key := range one.Head {
			raw := string(f.Properties[key])
			if strings.HasPrefix(raw, `"`) {
				if err := json.Unmarshal(f.Properties[key], &row[i]); err != nil {
					t.Fatal(err)
				}
			} else if raw != "null" {
				row[i] = raw
			}
		}
		shape := string(f.Geometry)
		if shape == "null" {
			shape = ""
		}
		one.Rows, one.Shapes = append(one.Rows, row), append(one.Shapes, shape)
	}
	return one
}
