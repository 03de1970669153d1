package archive

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/geoparquet"
)

// Key names rows of an input table: tax, 9132…/2024. Keys of several columns are
// joined by /; with Prefix all keys that begin so are meant.
type Key struct {
	Table, Key string
	Prefix     bool
}

// Place is where a row was read.
type Place struct {
	Table, Key  string
	File, Sheet string
	Row         int64
}

// String is file:row, or file!sheet:row; the name of a relation alone where rows have no
// number.
func (p Place) String() string {
	if p.Row == 0 {
		return p.File
	}
	if p.Sheet != "" {
		return fmt.Sprintf("%s!%s:%d", p.File, p.Sheet, p.Row)
	}
	return fmt.Sprintf("%s:%d", p.File, p.Row)
}

// Source is where the rows of a key were read: several of tenancies, which no key
// tells apart; none when no row of the key was used.
func (r *Run) Source(ctx context.Context, table, key string) ([]Place, error) {
	places, err := r.Sources(ctx, []Key{{Table: table, Key: key}})
	if err != nil {
		return nil, err
	}
	return places[0], nil
}

// Sources looks several keys up in one pass: the places of each.
func (r *Run) Sources(ctx context.Context, keys []Key) ([][]Place, error) {
	path, err := r.file(write.SourcesName)
	if err != nil {
		return nil, err
	}
	in, err := geoparquet.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, damaged)
	}
	defer in.Close()
	s := sourceReader{ctx: ctx, in: in, keys: keys, exact: map[[2]string][]int{}, tables: map[string]bool{}, found: make([][]Place, len(keys))}
	for i, k := range keys {
		s.tables[k.Table] = true
		if !k.Prefix {
			s.exact[[2]string{k.Table, k.Key}] = append(s.exact[[2]string{k.Table, k.Key}], i)
		}
	}
	for g := range in.NumRowGroups() {
		if err := s.group(g); err != nil {
			return nil, fmt.Errorf("%w; %s", err, damaged)
		}
	}
	return s.found, nil
}

// sourceReader reads sources.parquet a row group at a time, and of most groups only
// the first columns.
type sourceReader struct {
	ctx    context.Context
	in     *geoparquet.File
	keys   []Key
	exact  map[[2]string][]int // table and key → number of the key
	tables map[string]bool
	found  [][]Place
}

// hit is a row of a group that is one of the keys'.
type hit struct{ row, key int }

func (s *sourceReader) group(g int) error {
	var hits []hit
	tables, err := s.text(g, "table")
	if err != nil {
		return err
	}
	wanted := false
	for i := 0; i < tables.Len() && !wanted; i++ {
		wanted = s.tables[tables.Value(i)]
	}
	if !wanted {
		return nil
	}
	keys, err := s.text(g, "key")
	if err != nil {
		return err
	}
	for i := range keys.Len() {
		table, key := tables.Value(i), keys.Value(i)
		if !s.tables[table] {
			continue
		}
		for _, k := range s.exact[[2]string{table, key}] {
			hits = append(hits, hit{i, k})
		}
		for n, k := range s.keys {
			if k.Prefix && k.Table == table && strings.HasPrefix(key, k.Key) {
				hits = append(hits, hit{i, n})
			}
		}
	}
	if len(hits) == 0 {
		return nil
	}
	return s.places(g, hits, tables, keys)
}

func (s *sourceReader) places(g int, hits []hit, tables, keys *array.String) error {
	files, err := s.text(g, "file")
	if err != nil {
		return err
	}
	sheets, err := s.text(g, "sheet")
	if err != nil {
		return err
	}
	rows, err := read[*array.Int64](s, g, "row")
	if err != nil {
		return err
	}
	for _, h := range hits {
		p := Place{Table: strings.Clone(tables.Value(h.row)), Key: strings.Clone(keys.Value(h.row)),
			File: strings.Clone(files.Value(h.row)), Row: rows.Value(h.row)}
		if sheets.IsValid(h.row) {
			p.Sheet = strings.Clone(sheets.Value(h.row))
		}
		s.found[h.key] = append(s.found[h.key], p)
	}
	return nil
}

func (s *sourceReader) text(g int, name string) (*array.String, error) {
	return read[*array.String](s, g, name)
}

// read is one column of a row group.
func read[A any](s *sourceReader, g int, name string) (a A, err error) {
	at := s.in.Schema().FieldIndices(name)
	if len(at) != 1 {
		return a, fmt.Errorf("read %s: no column %s", write.SourcesName, name)
	}
	rec, err := s.in.RowGroup(s.ctx, g, at)
	if err != nil {
		return a, err
	}
	a, ok := rec.Column(0).(A)
	if !ok {
		return a, fmt.Errorf("read %s: column %s is %s", write.SourcesName, name, rec.Column(0).DataType())
	}
	return a, nil
}
