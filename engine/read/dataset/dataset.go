// Package dataset looks through a dataset's folder: which file, layer of a GeoPackage,
// worksheet of a workbook or folder of Parquet files is which table.
//
// It goes by names and endings and opens a file only to see the names of the layers
// and worksheets in it. What a name does not say is not guessed; what is no table is
// listed, with the reason where somebody may have meant it as one.
package dataset

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/table"
)

// Part is one file, layer, worksheet or object that rows of a table are read from.
type Part struct {
	Name   string // relative to the dataset, with slashes
	Path   string
	Ext    string        // how the file is read: .csv (.tsv and .txt too), .xlsx, .shp …
	Within string        // the layer, worksheet or object in the file; empty: the only one
	Listed bool          // Within is one of several, and to be named to readers
	Year   int64         // of the name, of a yearly table; 0: none
	Given  []Partition   // by the names of the folders it lies in
	Beside []string      // paths of the files that belong to it: .dbf, .prj …
	Bytes  int64         // with those beside it
	Of     *mapping.File // what a mapping says of it; nil: nothing

	entry string // what lies in the dataset's folder
}

// Partition is a column and its value as a folder of Parquet files is named:
// year=2024. Null is set for the name that Hive has for none.
type Partition struct {
	Column, Value string
	Null          bool
}

// Folder is a dataset in a folder.
type Folder struct {
	Parts  map[string][]Part        // by table, in the order of their names
	Unused []string                 // what no table is read from, sorted
	Joined map[*mapping.File][]Part // what a mapping joins on, or reads codes from

	dir     string
	refused []string
	seen    map[string]string   // lower-case name → name, of all entries
	taken   map[string][]string // lower-case name → what a mapping names of it; "": all
	named   map[string]bool     // tables whose files a mapping names
}

// Paths are the files that are read, sorted: those beside them, and those that a mapping
// takes from elsewhere, among them.
func (f *Folder) Paths() []string {
	var paths []string
	note := func(parts []Part) {
		for _, p := range parts {
			paths = append(append(paths, p.Path), p.Beside...)
		}
	}
	for _, parts := range f.Parts {
		note(parts)
	}
	for _, parts := range f.Joined {
		note(parts)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// tables and layers are the endings that are read, and how.
var (
	ofTables = map[string]string{".csv": ".csv", ".tsv": ".csv", ".txt": ".csv", ".xlsx": ".xlsx", ".xlsm": ".xlsx", ".parquet": ".parquet"}
	ofLayers = map[string]string{".geojson": ".geojson", ".parquet": ".parquet", ".shp": ".shp", ".gpkg": ".gpkg", ".topojson": ".topojson"}
)

// later are endings of formats that people send and that are not read.
var later = map[string]string{
	".xls": "open it in Excel or WPS and save it as .xlsx", ".et": "open it in WPS and save it as .xlsx",
	".ods": "open it and save it as .xlsx",
}

// foreign are endings of formats that hold layers and tables, are not read, and may lie
// beside a file that is.
var foreign = map[string]string{
	".json": "if it is the layer %s, rename it to .geojson",
	".kml":  "export the layer %s as GeoPackage", ".kmz": "export the layer %s as GeoPackage", ".gml": "export the layer %s as GeoPackage",
	".gdb": "export the layer %s as GeoPackage", ".dwg": "export the layer %s as GeoPackage", ".dxf": "export the layer %s as GeoPackage",
	".tab": "export the layer %s as GeoPackage", ".mif": "export the layer %s as GeoPackage",
	".mdb": "export the table %s as CSV", ".accdb": "export the table %s as CSV", ".dbf": "save the table %s as .xlsx or CSV",
}

// Open looks through a folder. It is an error when a table stands there twice, or only
// in a format that is not read.
func Open(dir string) (*Folder, error) { return OpenMapped(dir, nil) }

// OpenMapped is Open for a folder with a mapping: what that names goes before names. A
// nil mapping names nothing.
func OpenMapped(dir string, m *mapping.Mapping) (*Folder, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, fmt.Errorf("open dataset %s: %w; name a folder with zones and parcels", dir, err)
	}
	f := &Folder{dir: dir, Parts: map[string][]Part{}, Joined: map[*mapping.File][]Part{},
		seen: map[string]string{}, taken: map[string][]string{}, named: map[string]bool{}}
	for _, e := range entries {
		f.seen[strings.ToLower(e.Name())] = e.Name()
	}
	if m != nil {
		if err := f.name(m); err != nil {
			return nil, fmt.Errorf("open dataset %s: %w", dir, err)
		}
	}
	for _, e := range entries {
		switch {
		case prose(e.Name()), m != nil && m.File == filepath.Join(dir, e.Name()), f.isTaken(e.Name()), f.besideTaken(e.Name()):
		case e.IsDir():
			err = f.placeFolder(e.Name())
		default:
			f.place(e.Name())
		}
		if err != nil {
			return nil, fmt.Errorf("open dataset %s: %w", dir, err)
		}
	}
	f.missed()
	slices.Sort(f.Unused)
	if len(f.refused) > 0 {
		return nil, fmt.Errorf("open dataset %s: %s", dir, strings.Join(f.refused, "; "))
	}
	return f, f.unambiguous()
}

// MappingFile is the name under which a dataset's folder holds its mapping.
const MappingFile = "mapping.yaml"

// prose says whether a file is there to explain the others, or because another program
// has one open.
func prose(name string) bool {
	return strings.EqualFold(filepath.Ext(name), ".md") || strings.HasPrefix(name, "LICENSE") || strings.HasPrefix(name, ".") ||
		strings.HasPrefix(name, "~$")
}

// parts are a file's stem and ending, without case.
func parts(name string) (stem, ext string) {
	name = strings.ToLower(name)
	ext = filepath.Ext(name)
	return strings.TrimSuffix(name, ext), ext
}

// Named is the table that a relation of a database is named for, and the year of names
// like tax_2023; ok is false when it is named for none.
func Named(name string) (s *table.Schema, year int64, ok bool) { return named(strings.ToLower(name)) }

// named is the table that a file, layer or worksheet is named for, and the year of
// names like tax_2023.
func named(stem string) (s *table.Schema, year int64, ok bool) {
	if name, known := fields.Table(stem); known {
		return table.MustInput(name), 0, true
	}
	cut := strings.LastIndexByte(stem, '_')
	if cut < 0 || len(stem)-cut != 5 {
		return nil, 0, false
	}
	year, err := strconv.ParseInt(stem[cut+1:], 10, 64)
	if err != nil || year < firstYear || year > lastYear {
		return nil, 0, false
	}
	name, known := fields.Table(stem[:cut])
	if !known {
		return nil, 0, false
	}
	s = table.MustInput(name)
	return s, year, s.Yearly
}

// firstYear and lastYear are the years that names may say.
const firstYear, lastYear = 1900, 2999

func (f *Folder) refuse(name, advice string) {
	f.refused = append(f.refused, name+": "+advice)
}

// place files what a name stands for under its table.
func (f *Folder) place(name string) {
	stem, ext := parts(name)
	s, year, known := named(stem)
	if known && f.named[s.Name] && ext != ".gpkg" && ofTables[ext] != ".xlsx" {
		known = false
	}
	switch {
	case f.besideShape(name):
		return
	case !known && (ext == ".gpkg" || ofTables[ext] == ".xlsx"):
		f.placeMany(name, nil, 0)
		return
	case !known:
		f.Unused = append(f.Unused, name)
		return
	}
	reads, others := ofTables, ofLayers
	if s.Shape != table.NoGeometry {
		reads, others = ofLayers, ofTables
	}
	switch {
	case later[ext] != "":
		f.refuse(name, "this format is not read; "+later[ext])
	case reads[ext] == "" && others[ext] != "" && ext != ".txt" && ext != ".gpkg":
		f.refuse(name, fmt.Sprintf("the table %s is not read from %s", s.Name, ext))
	case reads[ext] == "" && ext != ".gpkg":
		f.Unused = append(f.Unused, name)
	case !f.regular(name):
		f.refuse(name, "it is no regular file; put the table itself there")
	case ext == ".gpkg", reads[ext] == ".xlsx":
		f.placeMany(name, s, year)
	default:
		p := f.part(name, reads[ext])
		p.Year = year
		if ext == ".shp" {
			f.gather(&p)
		}
		f.Parts[s.Name] = append(f.Parts[s.Name], p)
	}
}

func (f *Folder) regular(name string) bool {
	info, err := os.Stat(filepath.Join(f.dir, name))
	return err != nil || info.Mode().IsRegular() // what cannot be looked at tells when it is read
}

// part is a file of the folder that is read in a way.
func (f *Folder) part(name, ext string) Part {
	return Part{Name: name, Path: filepath.Join(f.dir, filepath.FromSlash(name)), Ext: ext, entry: name, Bytes: size(filepath.Join(f.dir, name))}
}

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// shapeParts are the endings of the files of a shapefile, those that are read first.
var shapeParts = []string{".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".qmd", ".fix", ".ain", ".aih", ".ixs", ".mxs", ".atx", ".shp.xml"}

const shapeRead = 4

// besideShape says whether a file belongs to a shapefile of a table.
func (f *Folder) besideShape(name string) bool {
	lower := strings.ToLower(name)
	for _, ext := range shapeParts {
		if stem, cut := strings.CutSuffix(lower, ext); cut {
			if _, _, known := named(stem); known && f.seen[stem+".shp"] != "" {
				return true
			}
		}
	}
	return false
}

// gather finds the files that belong to a shapefile.
func (f *Folder) gather(p *Part) {
	stem, _ := parts(p.Name)
	for _, ext := range shapeParts[:shapeRead] {
		if name := f.seen[stem+ext]; name != "" {
			path := filepath.Join(f.dir, name)
			p.Beside = append(p.Beside, path)
			p.Bytes += size(path)
		}
	}
}

// missed refuses what is in a format that is not read when its table is not there
// otherwise: nobody should believe that it was read.
func (f *Folder) missed() {
	for _, name := range f.Unused {
		stem, ext := parts(name)
		advice := foreign[ext]
		s, _, known := named(stem)
		if !known || advice == "" || f.named[s.Name] || len(f.Parts[s.Name]) > 0 || s.Shape == table.NoGeometry && strings.Contains(advice, "layer") {
			continue
		}
		f.refuse(name, fmt.Sprintf(advice, s.Name))
	}
}

// String is what messages call a part.
func (p Part) String() string {
	if p.Listed {
		return fmt.Sprintf("%s (%s)", p.Name, p.Within)
	}
	return p.Name
}

// unambiguous is an error when a table, or a year of it, stands in two places. The
// files of one folder stand for one.
func (f *Folder) unambiguous() error {
	for _, s := range table.Inputs() {
		first := map[int64]Part{}
		if f.named[s.Name] { // as many as the mapping says
			continue
		}
		for _, p := range f.Parts[s.Name] {
			other, twice := first[p.Year]
			if twice && (other.entry != p.entry || p.Within != other.Within) {
				return fmt.Errorf("open dataset %s: table %s stands there twice, as %s and %s; keep one", f.dir, s.Name, other, p)
			}
			if !twice {
				first[p.Year] = p
			}
		}
	}
	return nil
}
