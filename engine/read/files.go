package read

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/read/dataset"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/crs"
)

// Folder is a dataset in a folder: a file, layer or worksheet for each table, named for
// it. Package dataset tells which is which.
type Folder struct {
	// Progress is told how many rows of a table are read, of about how many; 0 is
	// unknown. It may be nil, and is called from several goroutines.
	Progress func(table string, rows, total int64)

	dir   string
	holds *dataset.Folder
	// declared are the settings of a table's part; nil: none of any.
	declared func(table string, part dataset.Part) fileSettings
	mapping  *mapping.Mapping // nil: there is none
	mapped   []File           // the file it stands in

	relation func(context.Context, *Relation, dataset.Part) error // reads a part that is no file; nil: all are
	lacks    func(table string) error
}

// format reads a part of a table.
type format func(ctx context.Context, sc *scan, f *File) error

// formats are the ways that parts are read.
var formats = map[string]format{
	".geojson": scanGeoJSON, ".parquet": scanParquet, ".csv": scanCSV, ".shp": scanShapefile, ".gpkg": scanGeoPackage, ".xlsx": scanWorkbook, ".topojson": scanTopoJSON,
}

// OpenFolder looks through a dataset's folder. It is an error when a table stands
// there twice, or only in a format that is not read.
//
// The mapping that lies in it as mapping.yaml says how its files are to be understood.
func OpenFolder(dir string) (*Folder, error) { return OpenMapped(dir, "") }

// OpenMapped is OpenFolder with a mapping that lies elsewhere; an empty path is none.
func OpenMapped(dir, path string) (*Folder, error) {
	f := &Folder{dir: dir}
	err := f.openMapping(path)
	if err != nil {
		return nil, err
	}
	if f.holds, err = dataset.OpenMapped(dir, f.mapping); err != nil {
		return nil, err
	}
	f.declare()
	return f, nil
}

// declare has the mapping say how parts are to be understood.
func (f *Folder) declare() {
	if f.mapping != nil {
		f.declared = func(name string, part dataset.Part) fileSettings {
			return f.settingsOf(table.MustInput(name), part.Of)
		}
	}
}

// Name is the folder as the user named it.
func (f *Folder) Name() string { return f.dir }

// Has says whether the folder has a file of the table.
func (f *Folder) Has(name string) bool { return len(f.holds.Parts[name]) > 0 }

// UnusedFiles lists the files of the folder, and the layers and worksheets of files
// with several, that no table is read from.
func (f *Folder) UnusedFiles() []string { return f.holds.Unused }

// Paths are the files that the dataset is read from, in the folder or elsewhere, sorted.
func (f *Folder) Paths() []string { return f.holds.Paths() }

// scan is one table being read.
type scan struct {
	schema  *table.Schema
	workers int
	each    func(int, table.Batch) error
	account *Account
	file    int32 // of the account's files, being read
	next    int   // number of the next batch
	mu      sync.Mutex
	rows    int64 // of the file being read

	settings fileSettings // of the file being read
	given    []given
	from     map[int]string // header by field and slot
	points   checkPoints
	amounts  *guard   // nil: there is only one file, and no years
	also     []target // see keeping
	joins    []*joined
	sink     func(r *rows) // takes the rows of a joined file, which is no table
	filtered int64         // of the file being read
	faulty   int64         // of it, rows of a joined file that cannot be used
	system   crs.System
	silent   bool  // the file names no system, which means degrees
	deleted  int64 // records passed over
	astray   int64 // rows whose coordinates cannot be the system's
	first    stray // of them
	tell     func(table string, rows, total int64)
	lacking  func(column string) string // more about a column that is not there; nil: nothing

	flattened int64        // shapes of the file whose Z or M is not used
	unplaced  int64        // shapes of it without a system that is known
	done      atomic.Int64 // rows handed over
	total     int64        // about how many there are; 0: unknown
}

// hand gives a batch on.
func (sc *scan) hand(number int, r *rows) error {
	if sc.sink != nil {
		return nil
	}
	b := r.b.Batch()
	sc.points.look(b)
	if sc.amounts != nil {
		sc.amounts.look(sc.file, b)
	}
	if sc.tell != nil {
		sc.tell(sc.schema.Name, sc.done.Add(int64(b.Rows())), sc.total)
	}
	return sc.each(number, b)
}

// Scan implements [Source].
func (f *Folder) Scan(ctx context.Context, s *table.Schema, workers int, each func(int, table.Batch) error) (*Account, error) {
	sc := &scan{schema: s, workers: max(1, workers), each: each, account: &Account{Table: s.Name}, tell: f.Progress}
	sc.points = f.pointsOf(s)
	if len(f.holds.Parts[s.Name]) > 1 || s.Yearly {
		sc.amounts = &guard{schema: s, amounts: map[amount]*spread{}}
	}
	joinedFiles, err := f.openJoins(ctx, sc)
	if err != nil {
		return nil, err
	}
	for i, part := range f.holds.Parts[s.Name] {
		if _, err := os.Stat(part.Path); err != nil && f.relation == nil {
			return nil, fmt.Errorf("read %s: %w", part.Path, errText(err))
		}
		sc.account.Files = append(sc.account.Files, fileOf(part))
		var settings fileSettings
		if f.declared != nil {
			settings = f.declared(s.Name, part)
		}
		if err := sc.begin(i, part, settings); err != nil {
			return nil, err
		}
		if err := f.format(part)(ctx, sc, &sc.account.Files[i]); err != nil {
			return nil, err
		}
		sc.account.Files[i].Rows = sc.rows
		if sc.filtered > 0 {
			sc.account.Files[i].note(fmt.Sprintf("rows that the mapping does not want: %d", sc.filtered))
		}
		if err := sc.astrayed(sc.account.Files[i].place()); err != nil {
			return nil, err
		}
	}
	if err := sc.points.verdict(f.dir, f.mapping); err != nil {
		return nil, err
	}
	if sc.amounts != nil {
		if err := sc.amounts.verdict(f.dir, sc.account.Files); err != nil {
			return nil, err
		}
	}
	base := len(sc.account.Files)
	sc.account.Files = append(sc.account.Files, joinedFiles...)
	sc.unmatched(base)
	sortRejects(sc.account.Rejects)
	slices.Sort(sc.account.Ignored)
	sc.account.Ignored = slices.Compact(sc.account.Ignored)
	return sc.account, nil
}

// fileOf is a part as the account lists it.
func fileOf(part dataset.Part) File {
	f := File{Name: part.Name, Path: part.Path, Beside: part.Beside, Bytes: part.Bytes}
	if part.Listed {
		f.Sheet = part.Within
	}
	return f
}

// begin makes ready for a part.
func (sc *scan) begin(i int, part dataset.Part, settings fileSettings) error {
	sc.file, sc.rows, sc.given, sc.settings = int32(i), 0, nil, settings
	sc.filtered, sc.faulty, sc.flattened, sc.unplaced = 0, 0, 0, 0
	if err := sc.beginMapped(); err != nil {
		return fmt.Errorf("read %s: %w", sc.account.Files[i].place(), err)
	}
	if sc.settings.Within == "" {
		sc.settings.Within = part.Within
	}
	sc.system, sc.silent, sc.astray, sc.first, sc.deleted = crs.WGS84, false, 0, stray{}, 0
	if part.Year != 0 {
		sc.given = append(sc.given, given{header: "year", value: strconv.AppendInt(nil, part.Year, 10)})
	}
	for _, p := range part.Given {
		g := given{header: p.Column, partition: true}
		if !p.Null {
			g.value = []byte(p.Value)
		}
		sc.given = append(sc.given, g)
	}
	for i := range sc.given {
		g := &sc.given[i]
		var err error
		if g.target, err = sc.givenTo(g.header); err != nil {
			return fmt.Errorf("read %s: %w", sc.account.Files[sc.file].place(), err)
		}
		if g.target.field < 0 {
			sc.ignore(g.header)
		}
	}
	return nil
}

// took adds what one goroutine's rows came to.
func (sc *scan) took(r *rows) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.account.Read += r.read
	sc.account.Rejects = append(sc.account.Rejects, r.rejects...)
	sc.rows += r.read
	if r.kept != nil {
		sc.account.Filtered += r.kept.filtered
		sc.filtered += r.kept.filtered
		sc.faulty += r.kept.faulty
	}
	sc.astray += r.astray
	if r.astray > 0 && (sc.astray == r.astray || r.first.before(sc.first)) {
		sc.first = r.first
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
