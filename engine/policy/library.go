package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
)

// Library is a set of packs that know each other, all valid and complete.
type Library struct {
	raw   map[string]*Pack
	packs []*Pack // by id
}

// Load reads every *.yaml below the root of fsys as a pack; a pack's file is named
// by its id. The error is a Mistakes with those of all files, or what the file
// system says.
func Load(fsys fs.FS) (*Library, error) {
	l := &Library{raw: map[string]*Pack{}}
	var mistakes Mistakes
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		p, err := Parse(name, data)
		var m Mistakes
		if errors.As(err, &m) {
			mistakes = append(mistakes, m...)
			return nil
		}
		if want := strings.TrimSuffix(path.Base(name), ".yaml"); p.ID != want {
			mistakes = append(mistakes, Mistake{File: name, Line: p.idNode.Line, Column: p.idNode.Column,
				Message: fmt.Sprintf("id %s in a file named for %s", p.ID, want)})
		}
		l.raw[p.ID] = p
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load policies: %w", err)
	}
	r := newResolver()
	r.raw, r.mistakes = l.raw, mistakes
	for _, id := range r.ids() {
		if p := r.pack(id); p != nil {
			l.packs = append(l.packs, p)
		}
	}
	if err := r.mistakes.AsError(); err != nil {
		return nil, err
	}
	return l, nil
}

// Packs lists the packs by id.
func (l *Library) Packs() []*Pack { return slices.Clone(l.packs) }

// Pack finds a pack by id.
func (l *Library) Pack(id string) (*Pack, error) {
	names := make([]string, len(l.packs))
	for i, p := range l.packs {
		if p.ID == id {
			return p, nil
		}
		names[i] = p.ID
	}
	return nil, &UnknownError{Name: id, Known: names}
}

// UnknownError says that no policy has the name.
type UnknownError struct {
	Name  string
	Known []string
}

// Error names the policy, and the one that was meant or all there are.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("policy %s: no such policy%s", parse.Show(e.Name), parse.Offer(e.Name, e.Known))
}

// IsFile says whether a name given for a policy is that of a file, not an id: it
// ends in .yaml or .yml.
func IsFile(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}

// Resolve finds the named packs and all they extend. A name is an id or a file,
// which read gets the contents of. A file's pack may extend the library's packs and
// those of the other files, and takes the place of a library pack of the same id.
// The error is an UnknownError, a Mistakes, or what read says.
func (l *Library) Resolve(names []string, read func(name string) ([]byte, error)) (*Set, error) {
	r := newResolver()
	for id, p := range l.raw {
		r.raw[id] = p
	}
	ids, err := r.named(names, read)
	if err != nil {
		return nil, err
	}
	s := &Set{}
	for _, id := range ids {
		if p := r.pack(id); p != nil {
			s.Named = append(s.Named, p)
		}
	}
	national := r.raw[NationalIdleLand]
	if national != nil {
		national = r.pack(NationalIdleLand)
	}
	if err := r.mistakes.AsError(); err != nil {
		return nil, err
	}
	if err := s.inherit(r.done, national); err != nil {
		return nil, err
	}
	return s, s.contradictions()
}

// named adds the packs of files to those known and gives the ids of all names, each
// once.
func (r *resolver) named(names []string, read func(string) ([]byte, error)) ([]string, error) {
	var ids []string
	files := map[string]string{} // id → file
	for _, name := range names {
		id := name
		if IsFile(name) {
			p, err := readFile(name, read)
			if err != nil {
				return nil, err
			}
			if other, twice := files[p.ID]; twice && other != name {
				return nil, fmt.Errorf("policy %s: %s and %s both have this id", p.ID, other, name)
			}
			id = p.ID
			files[id], r.raw[id] = name, p
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("no policy is named%s", parse.Offer("", r.ids()))
	}
	for _, id := range ids {
		if r.raw[id] == nil {
			return nil, &UnknownError{Name: id, Known: r.ids()}
		}
	}
	return ids, nil
}

func readFile(name string, read func(string) ([]byte, error)) (*Pack, error) {
	data, err := read(name)
	if err != nil {
		return nil, fmt.Errorf("read policy %s: %w", name, err)
	}
	return Parse(name, data)
}
