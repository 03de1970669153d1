package dataset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/sheet"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/gpkg"
)

// inner is a layer or worksheet in a file.
type inner struct {
	name   string
	hidden bool
}

// withoutNotes leaves out the sheets of the program's own workbooks that explain them, and
// what a mapping takes; onlyNotes says that there was nothing but such sheets.
func (f *Folder) withoutNotes(name, how string, all []inner) (left []inner, onlyNotes bool) {
	n := len(all)
	left = slices.DeleteFunc(all, func(in inner) bool { return how == ".xlsx" && isNotes(in.name) })
	onlyNotes = len(left) == 0 && n > 0
	return slices.DeleteFunc(left, func(in inner) bool { return f.isTakenWithin(name, in.name) }), onlyNotes
}

// placeMany files the layers or worksheets of a file under the tables they are named
// for. Where the file itself is named for a table, and none in it is, the only one that
// is named for no table is that table, whatever its name.
func (f *Folder) placeMany(name string, owner *table.Schema, year int64) {
	_, ext := parts(name)
	how := ".gpkg"
	list, what := layersOf, "layer"
	if ext != ".gpkg" {
		how, list, what = ".xlsx", sheetsOf, "sheet"
	}
	all, err := list(f.part(name, how).Path)
	if err != nil {
		f.unopened(name, owner, err)
		return
	}
	all, onlyNotes := f.withoutNotes(name, how, all)
	if onlyNotes && owner == nil {
		return
	}
	if owner != nil && f.named[owner.Name] {
		owner = nil
	}
	var rest []inner
	owned, placed := false, 0
	for _, in := range all {
		s, of, known := named(strings.ToLower(in.name))
		if !known || in.hidden || f.named[s.Name] || (how == ".gpkg") != (s.Shape != table.NoGeometry) {
			rest = append(rest, in)
			continue
		}
		if s == owner {
			owned = true
			if of == 0 {
				of = year
			}
		}
		placed++
		f.placeInner(name, how, s, in.name, of, len(all) > 1)
	}
	switch {
	case owner == nil && placed == 0 && len(f.taken[strings.ToLower(name)]) == 0:
		f.Unused = append(f.Unused, name)
		return
	case owner != nil && !owned && (how == ".gpkg") != (owner.Shape != table.NoGeometry):
		if placed == 0 {
			f.refuse(name, fmt.Sprintf("the table %s is not read from %s", owner.Name, ext))
		}
	case owner != nil && !owned:
		rest = f.placeOwn(name, how, owner, year, rest, placed)
	}
	for _, in := range rest {
		if !in.hidden {
			f.Unused = append(f.Unused, fmt.Sprintf("%s: %s %s", name, what, in.name))
		}
	}
}

// isNotes says whether a worksheet is one of those that tell how the program's own
// workbooks are to be filled in.
func isNotes(sheet string) bool {
	return sheet == fields.Word("template.notes", "zh") || sheet == fields.Word("template.layers", "zh")
}

// placeOwn gives the table that a file is named for the only layer or worksheet that
// is left of it, and returns what is left then. Among several visible worksheets the
// one with a table is found when they are read.
func (f *Folder) placeOwn(name, how string, owner *table.Schema, year int64, rest []inner, placed int) []inner {
	visible := slices.DeleteFunc(slices.Clone(rest), func(in inner) bool { return in.hidden })
	switch {
	case len(visible) == 1:
		f.placeInner(name, how, owner, visible[0].name, year, len(rest)+placed > 1)
		return nil
	case placed == 0 && how == ".xlsx" || len(rest)+placed == 0:
		f.placeInner(name, how, owner, "", year, false)
		return nil
	}
	var names []string
	for _, in := range rest {
		names = append(names, strconv.Quote(in.name))
	}
	what := "none is left over for it"
	if len(names) > 0 {
		what = "it has " + strings.Join(names, ", ")
	}
	f.refuse(name, fmt.Sprintf("no layer or sheet in it is named %s; %s: name one so", owner.Name, what))
	return nil
}

func (f *Folder) placeInner(name, how string, s *table.Schema, within string, year int64, listed bool) {
	p := f.part(name, how)
	p.Within, p.Year, p.Listed = within, year, listed
	f.Parts[s.Name] = append(f.Parts[s.Name], p)
}

// unopened is for a file whose layers or worksheets cannot be listed. One that is named
// for a table tells why when it is read; another is listed with the reason.
func (f *Folder) unopened(name string, owner *table.Schema, err error) {
	_, ext := parts(name)
	switch {
	case owner == nil:
		f.Unused = append(f.Unused, fmt.Sprintf("%s: %v", name, err))
	case ext == ".gpkg":
		f.placeInner(name, ".gpkg", owner, "", 0, false)
	default:
		f.placeInner(name, ".xlsx", owner, "", 0, false)
	}
}

func layersOf(path string) ([]inner, error) {
	in, err := gpkg.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var all []inner
	for _, name := range in.Layers() {
		all = append(all, inner{name: name})
	}
	return all, nil
}

func sheetsOf(path string) ([]inner, error) {
	book, err := sheet.Open(path)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	var all []inner
	for _, s := range book.Sheets() {
		all = append(all, inner{s.Name, s.Hidden})
	}
	return all, nil
}
