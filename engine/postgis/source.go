package postgis

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/read/dataset"
	"github.com/muscope-gis/muscope/engine/table"
)

// Options say what is read of a database.
type Options struct {
	Schema  string // that the tables are in; empty: public
	Mapping string // path of the mapping; empty: none
	Workers int    // connections that read at once
}

// Source is a dataset in a schema, or in the relations that a mapping names. All of it
// is read in one snapshot, in transactions that only read.
type Source struct {
	*read.Folder
	server *server
	schema string
	found  []relation // in the schema
	holds  *dataset.Folder
	by     map[string]relation // by its quoted name
	lists  []string            // that loading keeps beside the tables
}

// Open looks through the relations of a database. The source is closed after use; until
// then its relations cannot be altered.
func Open(ctx context.Context, address string, o Options) (s *Source, err error) {
	s = &Source{schema: o.Schema, by: map[string]relation{}}
	if s.schema == "" {
		s.schema = "public"
	}
	var mapped *read.Mapped
	if o.Mapping != "" {
		if mapped, err = read.ReadMapping(o.Mapping); err != nil {
			return nil, err
		}
	}
	if s.server, err = begin(ctx, address, max(1, o.Workers)); err != nil {
		return nil, err
	}
	if err := s.survey(ctx, mapped); err != nil {
		s.Close()
		return nil, s.server.explain(ctx, err)
	}
	s.Folder = read.OpenRelations(read.Relations{
		Name: s.name(), Mapping: mapped, Holds: s.holds, Read: s.read, Lacks: s.lacks,
	})
	return s, nil
}

// Close ends the transactions and connections. What was read stays.
func (s *Source) Close() { s.server.close() }

// Release is Close, for those who only know that they have read all they need.
func (s *Source) Release() { s.Close() }

func (s *Source) name() string {
	return fmt.Sprintf("%s (schema %s)", s.server.shown, oneLine(s.schema))
}

// survey finds which relation is which table, and keeps all from being altered.
func (s *Source) survey(ctx context.Context, m *read.Mapped) (err error) {
	if s.found, err = s.server.relations(ctx, s.schema); err != nil {
		return err
	}
	s.loaded()
	if len(s.found) == 0 {
		if err := s.server.schemaIsThere(ctx, s.schema); err != nil {
			return err
		}
	}
	s.holds = &dataset.Folder{Parts: map[string][]dataset.Part{}, Joined: map[*mapping.File][]dataset.Part{}}
	named := map[string]bool{}
	if m != nil {
		if err := s.mapped(ctx, m, named); err != nil {
			return err
		}
	}
	for _, r := range s.found {
		t, year, known := dataset.Named(r.name)
		switch {
		case known && !named[t.Name]:
			p := s.part(r)
			p.Year = year
			s.holds.Parts[t.Name] = append(s.holds.Parts[t.Name], p)
		case s.by[r.quoted()].oid == 0:
			s.holds.Unused = append(s.holds.Unused, r.String())
		}
	}
	if err := s.unambiguous(named); err != nil {
		return err
	}
	for _, parts := range s.holds.Parts {
		for _, p := range parts {
			if err := s.server.hold(ctx, s.by[p.Within]); err != nil {
				return err
			}
		}
	}
	return nil
}

// part is a relation as a part of the dataset.
func (s *Source) part(r relation) dataset.Part {
	s.by[r.quoted()] = r
	return dataset.Part{Name: r.String(), Within: r.quoted()}
}

// mapped files the relations that a mapping names.
func (s *Source) mapped(ctx context.Context, m *read.Mapped, named map[string]bool) error {
	file := func(of *mapping.File) (p dataset.Part, err error) {
		if of.Relation.Name == "" {
			return p, fmt.Errorf("%s:%d: %s is a file, and the dataset is a database: name a relation", m.Mapping.File, of.Line, of.Path)
		}
		r, err := s.find(ctx, of.Relation)
		if err != nil {
			return p, fmt.Errorf("%s:%d: %w", m.Mapping.File, of.Line, err)
		}
		p = s.part(r)
		p.Of, p.Year = of, int64(of.Year)
		return p, nil
	}
	for i := range m.Tables {
		t := &m.Tables[i]
		for k := range t.From {
			p, err := file(&t.From[k])
			if err != nil {
				return err
			}
			if _, year, known := dataset.Named(s.by[p.Within].name); known && p.Year == 0 && t.Schema.Yearly {
				p.Year = year
			}
			if slices.ContainsFunc(s.holds.Parts[t.Schema.Name], func(o dataset.Part) bool { return o.Within == p.Within }) {
				return fmt.Errorf("%s:%d: %s is named twice: its rows would count twice", m.Mapping.File, t.From[k].Line, p.Name)
			}
			s.holds.Parts[t.Schema.Name] = append(s.holds.Parts[t.Schema.Name], p)
			named[t.Schema.Name] = true
		}
		for k := range t.Joins {
			p, err := file(&t.Joins[k].File)
			if err != nil {
				return err
			}
			s.holds.Joined[&t.Joins[k].File] = []dataset.Part{p}
		}
	}
	for i := range m.CodeTables {
		if of := m.CodeTables[i].File; of != nil {
			p, err := file(of)
			if err != nil {
				return err
			}
			s.holds.Joined[of] = []dataset.Part{p}
		}
	}
	return nil
}

// find finds a relation that a mapping names.
func (s *Source) find(ctx context.Context, named mapping.Relation) (relation, error) {
	if named.Schema == "" {
		named.Schema = s.schema
	}
	all := s.found
	if named.Schema != s.schema {
		var err error
		if all, err = s.server.relations(ctx, named.Schema); err != nil {
			return relation{}, err
		}
		if len(all) == 0 {
			if err := s.server.schemaIsThere(ctx, named.Schema); err != nil {
				return relation{}, err
			}
		}
	}
	for _, r := range all {
		if r.name == named.Name {
			return r, nil
		}
	}
	return relation{}, fmt.Errorf("schema %s has no relation %s%s", oneLine(named.Schema), oneLine(named.Name), offer(named.Name, namesOf(all)))
}

// unambiguous is an error when a table, or a year of it, stands there twice.
func (s *Source) unambiguous(named map[string]bool) error {
	for _, t := range table.Inputs() {
		first := map[int64]string{}
		for _, p := range s.holds.Parts[t.Name] {
			if other := first[p.Year]; other != "" && !named[t.Name] {
				return fmt.Errorf("table %s stands there twice, as %s and %s; keep one, or name one in a mapping", t.Name, other, p.Name)
			}
			first[p.Year] = p.Name
		}
	}
	return nil
}

// lacks says that a table is not there, and what is.
func (s *Source) lacks(name string) error {
	return fmt.Errorf("read %s: no table %s; every dataset needs zones and parcels: name its schema with --schema, or its relation in a mapping%s",
		s.Name(), name, offer(name, namesOf(s.found)))
}

// Lacks says why a table is not there that every dataset has.
func (s *Source) Lacks(name string) error { return s.lacks(name) }

func namesOf(all []relation) []string {
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = r.name
	}
	return names
}

// offer names the nearest, or what there is.
func offer(missing string, names []string) string {
	if near, ok := parse.Nearest(missing, names); ok {
		return "; the nearest is " + read.Shown([]byte(near))
	}
	if len(names) == 0 {
		return "; there is none"
	}
	shown := make([]string, len(names))
	for i, n := range names {
		shown[i] = read.Shown([]byte(n))
	}
	return "; there are " + strings.TrimSpace(parse.Joined(shown))
}
