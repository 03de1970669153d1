package dataset

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/mapping"
)

// byMapping are the ways that a mapping's formats are read.
var byMapping = map[mapping.Format]string{
	mapping.CSV: ".csv", mapping.Workbook: ".xlsx", mapping.Parquet: ".parquet", mapping.GeoJSON: ".geojson",
	mapping.GeoPackage: ".gpkg", mapping.Shapefile: ".shp", mapping.TopoJSON: ".topojson",
}

// name files what a mapping names: the files of its tables, those that are joined on,
// and those of codes. A table whose files it names has no others.
func (f *Folder) name(m *mapping.Mapping) error {
	for i := range m.Tables {
		t := &m.Tables[i]
		for k := range t.From {
			parts, err := f.parts(&t.From[k])
			if err != nil {
				return fmt.Errorf("%s:%d: %w", m.File, t.From[k].Line, err)
			}
			for _, p := range parts {
				if !t.Schema.Yearly {
					p.Year = 0 // parcels_2014 are of no year
				}
				if err := f.once(t, p); err != nil {
					return fmt.Errorf("%s:%d: %w", m.File, t.From[k].Line, err)
				}
				f.Parts[t.Schema.Name] = append(f.Parts[t.Schema.Name], p)
			}
			f.named[t.Schema.Name] = true
		}
		for k := range t.Joins {
			if err := f.beside(m, &t.Joins[k].File); err != nil {
				return err
			}
		}
	}
	for i := range m.CodeTables {
		if file := m.CodeTables[i].File; file != nil {
			if err := f.beside(m, file); err != nil {
				return err
			}
		}
	}
	return nil
}

// beside files what is no table of its own.
func (f *Folder) beside(m *mapping.Mapping, file *mapping.File) error {
	parts, err := f.parts(file)
	if err != nil {
		return fmt.Errorf("%s:%d: %w", m.File, file.Line, err)
	}
	f.Joined[file] = parts
	return nil
}

// once is an error when a table's rows would be read twice from a place.
func (f *Folder) once(t *mapping.Table, p Part) error {
	for _, other := range f.Parts[t.Schema.Name] {
		if other.Path == p.Path && other.Within == p.Within {
			return fmt.Errorf("%s is also named in line %d: its rows would count twice", p.Name, other.Of.Line)
		}
	}
	return nil
}

// parts are the files that an entry of a mapping stands for, in the order of their
// names.
func (f *Folder) parts(of *mapping.File) ([]Part, error) {
	if of.Relation.Name != "" {
		return nil, fmt.Errorf("the relation %s is of a database, and the dataset is a folder: name a file, or give the database as the dataset", of.Relation)
	}
	names := []string{of.Path}
	if of.Pattern {
		var err error
		if names, err = f.matching(of); err != nil {
			return nil, err
		}
	}
	var all []Part
	for _, name := range names {
		p := Part{Name: name, Path: name, Ext: byMapping[of.Format], Within: of.Layer + of.Sheet, Of: of, entry: name}
		if !path.IsAbs(name) && filepath.VolumeName(name) == "" {
			p.Path = filepath.Join(f.dir, filepath.FromSlash(name))
		}
		info, err := os.Stat(p.Path)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s is not there; correct its path, which is given from the dataset's folder", name)
		case !info.Mode().IsRegular():
			return nil, fmt.Errorf("%s is no regular file; name the file itself", name)
		}
		p.Bytes, p.Listed = info.Size(), p.Within != ""
		if p.Year = int64(of.Year); p.Year == 0 {
			p.Year = yearOf(name)
		}
		if p.Ext == ".shp" {
			gatherBeside(&p)
		}
		all = append(all, p)
		f.taken[strings.ToLower(name)] = append(f.taken[strings.ToLower(name)], p.Within)
	}
	return all, nil
}

// matching are the files within the folder that a pattern stands for.
func (f *Folder) matching(of *mapping.File) ([]string, error) {
	var names []string
	root := filepath.Join(f.dir, filepath.FromSlash(of.Dir()))
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(f.dir, p)
		if name := filepath.ToSlash(rel); err == nil && of.Matches(name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no file matches %s; correct the pattern, which is given from the dataset's folder", of.Path)
	}
	slices.Sort(names)
	return names, nil
}

// yearOf is the year that a file's name ends with: 税收_2024.csv; else 0.
func yearOf(name string) int64 {
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	cut := strings.LastIndexByte(stem, '_')
	if cut < 0 || len(stem)-cut != 5 {
		return 0
	}
	year, err := strconv.ParseInt(stem[cut+1:], 10, 64)
	if err != nil || year < firstYear || year > lastYear {
		return 0
	}
	return year
}

// gatherBeside finds the files that belong to a shapefile in whatever folder.
func gatherBeside(p *Part) {
	dir := filepath.Dir(p.Path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // what cannot be looked at tells when it is read
	}
	stem, _ := parts(filepath.Base(p.Path))
	for _, ext := range shapeParts[:shapeRead] {
		for _, e := range entries {
			if strings.EqualFold(e.Name(), stem+ext) {
				beside := filepath.Join(dir, e.Name())
				p.Beside = append(p.Beside, beside)
				p.Bytes += size(beside)
				break
			}
		}
	}
}

// isTaken says whether the mapping names a file as a whole, or a part of one whose other
// parts are not looked at.
func (f *Folder) isTaken(name string) bool {
	taken := f.taken[strings.ToLower(name)]
	_, ext := parts(name)
	return slices.Contains(taken, "") || len(taken) > 0 && ext != ".gpkg" && ofTables[ext] != ".xlsx"
}

// isTakenWithin says whether the mapping names a layer or worksheet of a file.
func (f *Folder) isTakenWithin(name, within string) bool {
	return slices.Contains(f.taken[strings.ToLower(name)], within)
}

// besideTaken says whether a file belongs to a shapefile that the mapping names.
func (f *Folder) besideTaken(name string) bool {
	lower := strings.ToLower(name)
	for _, ext := range shapeParts {
		if stem, cut := strings.CutSuffix(lower, ext); cut && len(f.taken[stem+".shp"]) > 0 {
			return true
		}
	}
	return false
}
