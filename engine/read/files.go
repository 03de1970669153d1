package read

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/muscope-gis/muscope/engine/table"
)

// Folder is a dataset in a folder: one file per table, named for it.
type Folder struct {
	// Progress is told how many rows of a table are read, of about how many; 0 is
	// unknown. It may be nil, and is called from several goroutines.
	Progress func(table string, rows, total int64)

	dir     string
	files   map[string][]found // by table, sorted by name
	unused  []string           // files no table is read from, sorted
	yearOf  map[string]int64   // of tax_2023.csv
	formats map[string]format
}

type found struct {
	name string // in the folder
	ext  string
}

// format reads one file of a table; number is the first batch's.
type format func(ctx context.Context, s *scan, f *File) error

// later are endings of formats that people send and this version does not read.
var later = map[string]string{
	".xlsx": "save the sheet as CSV (UTF-8)", ".xls": "save the sheet as CSV (UTF-8)", ".et": "save the sheet as CSV (UTF-8)",
	".gpkg": "export the layer as GeoJSON or GeoParquet in EPSG:4490", ".shp": "export the layer as GeoJSON or GeoParquet in EPSG:4490",
	".topojson": "export the layer as GeoJSON in EPSG:4490",
}

// OpenFolder looks through a dataset's folder. It is an error when a table stands
// there twice, or only in a format that is not read.
func OpenFolder(dir string) (*Folder, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("open dataset %s: %w; name a folder with zones and parcels", dir, errText(err))
	}
	f := &Folder{dir: dir, files: map[string][]found{}, yearOf: map[string]int64{}, formats: map[string]format{
		".geojson": scanGeoJSON, ".parquet": scanParquet, ".csv": scanCSV,
	}}
	var refused []string
	for _, e := range entries { // sorted by name
		if e.IsDir() || prose(e.Name()) {
			continue
		}
		if advice, ok := f.place(e.Name()); advice != "" {
			refused = append(refused, fmt.Sprintf("%s: %s", e.Name(), advice))
		} else if !ok {
			f.unused = append(f.unused, e.Name())
		}
	}
	for _, name := range f.unused {
		stem, ext := parts(name)
		if s, known := table.Input(stem); known && s.Shape != table.NoGeometry && ext == ".json" && !f.Has(s.Name) {
			refused = append(refused, fmt.Sprintf("%s: if it is the layer %s, rename it to .geojson", name, s.Name))
		}
	}
	if len(refused) > 0 {
		return nil, fmt.Errorf("open dataset %s: %s", dir, strings.Join(refused, "; "))
	}
	return f, f.unambiguous()
}

// prose says whether a file is there to explain the others.
func prose(name string) bool {
	return strings.EqualFold(filepath.Ext(name), ".md") || strings.HasPrefix(name, "LICENSE") || strings.HasPrefix(name, ".")
}

// parts are a file's stem and ending, without case.
func parts(name string) (stem, ext string) {
	name = strings.ToLower(name)
	ext = filepath.Ext(name)
	return strings.TrimSuffix(name, ext), ext
}

// place files a name under its table. advice says what to do about what is not
// read.
func (f *Folder) place(name string) (advice string, ok bool) {
	stem, ext := parts(name)
	s, known := table.Input(stem)
	if !known {
		var year int64
		if s, year, known = yearly(stem); !known {
			return "", false
		}
		f.yearOf[name] = year
	}
	if s.Shape == table.NoGeometry && ext == ".geojson" || s.Shape != table.NoGeometry && ext == ".csv" {
		return fmt.Sprintf("the table %s is not read from %s", s.Name, ext), false
	}
	if f.formats[ext] == nil {
		if do, ok := later[ext]; ok {
			return "this format is not read; " + do, false
		}
		return "", false
	}
	if info, err := os.Stat(filepath.Join(f.dir, name)); err == nil && !info.Mode().IsRegular() {
		return "it is no regular file; put the table itself there", false
	}
	f.files[s.Name] = append(f.files[s.Name], found{name, ext})
	return "", true
}

// yearly reads names like tax_2023.
func yearly(stem string) (*table.Schema, int64, bool) {
	cut := strings.LastIndexByte(stem, '_')
	if cut < 0 || len(stem)-cut != 5 {
		return nil, 0, false
	}
	year, err := strconv.ParseInt(stem[cut+1:], 10, 64)
	if err != nil || year < firstYear || year > lastYear {
		return nil, 0, false
	}
	s, ok := table.Input(stem[:cut])
	return s, year, ok && s.Yearly
}

func (f *Folder) unambiguous() error {
	for _, s := range table.Inputs() {
		files := f.files[s.Name]
		stems := map[string]string{}
		for _, one := range files {
			stem, _ := parts(one.name)
			if other, twice := stems[stem]; twice {
				return fmt.Errorf("open dataset %s: table %s stands there twice, as %s and %s; keep one",
					f.dir, s.Name, other, one.name)
			}
			stems[stem] = one.name
		}
	}
	return nil
}

// Name is the folder as the user named it.
func (f *Folder) Name() string { return f.dir }

// Has says whether the folder has a file of the table.
func (f *Folder) Has(name string) bool { return len(f.files[name]) > 0 }

// scan is one table being read.
type scan struct {
	schema  *table.Schema
	workers int
	each    func(int, table.Batch) error
	account *Account
	file    int32 // of the account's files, being read
	year    int64 // from the file's name; 0: none
	next    int   // number of the next batch
	mu      sync.Mutex
	metres  int64  // rows whose coordinates are no lon/lat
	example Reject // the first of them
	rows    int64
	tell    func(table string, rows, total int64)
	done    atomic.Int64 // rows handed over
	total   int64        // about how many there are; 0: unknown
}

// hand gives a batch on.
func (sc *scan) hand(number int, b table.Batch) error {
	if sc.tell != nil {
		sc.tell(sc.schema.Name, sc.done.Add(int64(b.Rows())), sc.total)
	}
	return sc.each(number, b)
}

// Scan implements [Source].
func (f *Folder) Scan(ctx context.Context, s *table.Schema, workers int, each func(int, table.Batch) error) (*Account, error) {
	sc := &scan{schema: s, workers: max(1, workers), each: each, account: &Account{Table: s.Name}, tell: f.Progress}
	for i, one := range f.files[s.Name] {
		path := filepath.Join(f.dir, one.name)
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, errText(err))
		}
		sc.account.Files = append(sc.account.Files, File{Name: one.name, Path: path, Bytes: info.Size()})
		sc.file, sc.year, sc.metres, sc.rows, sc.example = int32(i), f.yearOf[one.name], 0, 0, Reject{}
		if err := f.formats[one.ext](ctx, sc, &sc.account.Files[i]); err != nil {
			return nil, err
		}
		sc.account.Files[i].Rows = sc.rows
		if sc.metres*2 > sc.rows {
			return nil, fmt.Errorf("read %s: coordinates such as %s are no lon/lat degrees, and the file does not say what they are; "+
				"declare their system and reproject to EPSG:4490", path, sc.example.Value)
		}
	}
	sortRejects(sc.account.Rejects)
	slices.Sort(sc.account.Ignored)
	sc.account.Ignored = slices.Compact(sc.account.Ignored)
	return sc.account, nil
}

// took adds what one goroutine's rows came to.
func (sc *scan) took(r *rows) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.account.Read += r.read
	sc.account.Rejects = append(sc.account.Rejects, r.rejects...)
	sc.rows += r.read
	sc.metres += r.metres
	for _, reject := range r.rejects { // in the order of their rows
		if reject.Reason == CoordinateOutOfRange {
			if sc.example.Row == 0 || reject.Row < sc.example.Row {
				sc.example = reject
			}
			break
		}
	}
}

// errText cuts the operation and path off an error of package os, which the
// caller's message names already.
func errText(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// UnusedFiles lists the files of the folder that no table is read from.
func (f *Folder) UnusedFiles() []string { return f.unused }
