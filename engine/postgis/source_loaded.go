package postgis

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/jackc/pgx/v5"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
)

// What loading a dataset keeps in its schema beside the tables: which they are, the rows
// that could not be loaded, the classes of the dataset's own land-use codes, the shapes
// that had to be closed to be stored.
const (
	LoadedTables  = "muscope_loaded"
	LoadedRejects = "muscope_rejects"
	LoadedCodes   = "muscope_codes"
	LoadedShapes  = "muscope_shapes"
)

// loaded takes the lists of a loaded dataset out of what was found in the schema.
func (s *Source) loaded() {
	s.found = slices.DeleteFunc(s.found, func(r relation) bool {
		list := r.kind == 'r' && slices.Contains([]string{LoadedTables, LoadedRejects, LoadedCodes, LoadedShapes}, r.name)
		if list {
			s.lists = append(s.lists, r.name)
		}
		return list
	})
}

// Scan implements [read.Source]. The rows of a loaded table that could not be loaded are
// among its rejects, and shapes that were closed are as they were, so that all comes to
// the same as from the files.
func (s *Source) Scan(ctx context.Context, t *table.Schema, workers int, each func(int, table.Batch) error) (*read.Account, error) {
	if !s.isLoaded(t.Name) {
		return s.Folder.Scan(ctx, t, workers, each)
	}
	if t.Shape != table.NoGeometry && slices.Contains(s.lists, LoadedShapes) {
		var err error
		if each, err = s.reopened(ctx, t, each); err != nil {
			return nil, err
		}
	}
	account, err := s.Folder.Scan(ctx, t, workers, each)
	if err != nil || !slices.Contains(s.lists, LoadedRejects) {
		return account, err
	}
	account.Ignored = slices.DeleteFunc(account.Ignored, func(header string) bool { return header == "gid" }) // loading numbered the rows
	rejects, err := asked[struct {
		Key, Column, Value, Reason, File string
		Row                              int64
		Amounts                          string
	}](ctx, s, `SELECT key, "column", value, reason, file, row, coalesce(to_jsonb(l)->>'amounts', '[]') FROM `+
		pgx.Identifier{s.schema, LoadedRejects}.Sanitize()+` l WHERE "table" = $1 ORDER BY id`, t.Name) // older versions loaded no amounts
	if err != nil {
		return nil, fmt.Errorf("read %s.%s: %w", s.schema, LoadedRejects, err)
	}
	files := map[string]int32{}
	for _, r := range rejects {
		file, known := files[r.File]
		if !known {
			file = int32(len(account.Files))
			files[r.File] = file
			account.Files = append(account.Files, read.File{Name: r.File})
		}
		var amounts []read.Amount
		if err := json.Unmarshal([]byte(r.Amounts), &amounts); err != nil {
			return nil, fmt.Errorf("read %s.%s: amounts %q of %s: %w", s.schema, LoadedRejects, r.Amounts, r.Key, err)
		}
		account.Files[file].Rows++
		account.Read++
		account.Rejects = append(account.Rejects, read.Reject{Table: t.Name, Key: r.Key, Column: r.Column, Value: r.Value,
			Reason: read.Reason(r.Reason), Amounts: amounts, File: file, Row: r.Row})
	}
	return account, nil
}

// reopened hands on batches in which shapes are as they were before they were closed,
// but for those that somebody changed since.
func (s *Source) reopened(ctx context.Context, t *table.Schema, each func(int, table.Batch) error) (func(int, table.Batch) error, error) {
	type shape struct {
		Row              int64
		Stored, Original []byte
	}
	all, err := asked[shape](ctx, s, "SELECT gid, stored, original FROM "+pgx.Identifier{s.schema, LoadedShapes}.Sanitize()+` WHERE "table" = $1`, t.Name)
	if err != nil {
		return nil, fmt.Errorf("read %s.%s: %w", s.schema, LoadedShapes, err)
	}
	if len(all) == 0 {
		return each, nil
	}
	by := map[int64]shape{}
	for _, one := range all {
		by[one.Row] = one
	}
	return func(number int, b table.Batch) error {
		var wkb *array.BinaryBuilder
		for row := range b.Rows() {
			_, gid := b.Place(row)
			one, was := by[gid]
			if was = was && bytes.Equal(one.Stored, b.Geometry().Value(row)); was && wkb == nil {
				wkb = array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
				for before := range row {
					wkb.Append(b.Geometry().Value(before))
				}
			}
			switch {
			case wkb == nil:
			case was:
				wkb.Append(one.Original)
			default:
				wkb.Append(b.Geometry().Value(row))
			}
		}
		if wkb != nil {
			columns := slices.Clone(b.Record.Columns())
			columns[len(t.Fields)-1] = wkb.NewArray()
			b.Record = array.NewRecord(b.Record.Schema(), columns, int64(b.Rows()))
		}
		return each(number, b)
	}, nil
}

// isLoaded says whether a table is read from the relation that loading made.
func (s *Source) isLoaded(name string) bool {
	parts := s.holds.Parts[name]
	return len(s.lists) > 0 && len(parts) == 1 && s.by[parts[0].Within].schema == s.schema && s.by[parts[0].Within].name == name
}

// CodeTables are the land-use classifications of the dataset's own: of the mapping, and
// those that were loaded.
func (s *Source) CodeTables(ctx context.Context) ([]*codes.Table, error) {
	own, err := s.Folder.CodeTables(ctx)
	if err != nil || !slices.Contains(s.lists, LoadedCodes) {
		return own, err
	}
	rows, err := asked[struct{ Standard, Code, Strict, Wide, Zh, En string }](ctx, s, `SELECT standard, code, mix_class, mix_class_wide, name_zh, name_en
		FROM `+pgx.Identifier{s.schema, LoadedCodes}.Sanitize()+` ORDER BY standard COLLATE "C", code COLLATE "C"`)
	if err != nil {
		return nil, fmt.Errorf("read %s.%s: %w", s.schema, LoadedCodes, err)
	}
	for len(rows) > 0 {
		standard := rows[0].Standard
		var entries []codes.Entry
		for len(rows) > 0 && rows[0].Standard == standard {
			r := rows[0]
			rows = rows[1:]
			strict, known := codes.ParseClass(r.Strict)
			wide, knownWide := codes.ParseClass(r.Wide)
			if !known || !knownWide {
				return nil, fmt.Errorf("read %s.%s: code %q of %q has class %q, wide %q; load the dataset again", s.schema, LoadedCodes, r.Code, standard, r.Strict, r.Wide)
			}
			entries = append(entries, codes.Entry{Code: r.Code, Zh: r.Zh, En: r.En, Strict: strict, Wide: wide})
		}
		if slices.ContainsFunc(own, func(t *codes.Table) bool { return t.Standard == standard }) {
			continue // the mapping knows better
		}
		t, err := codes.NewTable(standard, entries)
		if err != nil {
			return nil, fmt.Errorf("read %s.%s: %w", s.schema, LoadedCodes, err)
		}
		own = append(own, t)
	}
	return own, nil
}

// asked are the rows of a query in the source's snapshot.
func asked[T any](ctx context.Context, s *Source, sql string, args ...any) ([]T, error) {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	rows, err := s.server.main.Query(ctx, sql, args...)
	if err != nil {
		return nil, s.server.explain(ctx, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	return all, s.server.explain(ctx, err)
}
