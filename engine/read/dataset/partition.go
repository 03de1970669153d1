package dataset

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// hiveNull is how Hive names the folder of rows whose partition column is null.
const hiveNull = "__HIVE_DEFAULT_PARTITION__"

// placeFolder files the Parquet files of a folder that is named for a table, and of
// the folders year=2024 in it. Other folders are passed over.
func (f *Folder) placeFolder(name string) error {
	stem, ext := parts(name)
	if ext != ".parquet" && ext != ".gdb" {
		stem, ext = strings.ToLower(name), ""
	}
	s, year, known := named(stem)
	switch {
	case !known:
		return nil
	case f.named[s.Name]:
		f.Unused = append(f.Unused, name)
		return nil
	case ext == ".gdb":
		f.Unused = append(f.Unused, name)
		return nil
	}
	return filepath.WalkDir(filepath.Join(f.dir, name), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(f.dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		base := d.Name()
		switch {
		case rel == name:
			return nil
		case strings.HasPrefix(base, "_") || strings.HasPrefix(base, "."): // a writer's own notes
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case !strings.EqualFold(filepath.Ext(base), ".parquet"):
			f.Unused = append(f.Unused, rel)
			return nil
		}
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			f.refuse(rel, "it is no regular file; put the table itself there")
			return nil //nolint:nilerr // the refusal says it
		}
		p := f.part(rel, ".parquet")
		p.entry, p.Year = name, year
		if p.Given, err = partitions(rel); err != nil {
			return err
		}
		f.Parts[s.Name] = append(f.Parts[s.Name], p)
		return nil
	})
}

// partitions reads the columns that stand in a file's path below the table's folder.
func partitions(rel string) ([]Partition, error) {
	folders := strings.Split(rel, "/")
	var given []Partition
	for _, folder := range folders[1 : len(folders)-1] {
		column, value, ok := strings.Cut(folder, "=")
		if !ok {
			continue
		}
		c, errC := url.PathUnescape(column)
		v, errV := url.PathUnescape(value)
		if errC != nil || errV != nil || c == "" {
			return nil, fmt.Errorf("%s: the folder %q is not named as column=value", rel, folder)
		}
		given = append(given, Partition{Column: c, Value: v, Null: value == hiveNull})
	}
	return given, nil
}
