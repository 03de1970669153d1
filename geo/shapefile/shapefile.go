// Package shapefile reads Esri shapefiles as bureaus send them, .shp, .dbf, .shx,
// .prj and .cpg together, and writes polygons.
//
// A [File] is read by ranges of records, any number of them at a time, each with
// its own [Reader]: windows of the files pass by, nothing is allocated for a record
// once the windows have their size. Geometry comes as points, lines or polygons in
// the plane (Z and M are dropped), attributes as text in UTF-8.
//
// Of a polygon's rings, which of them are holes is told by how they lie in one
// another and not by the way they turn, as many writers turn them wrong: a ring in
// no or an even number of others is a shell, any other a hole in the smallest shell
// around it. Rings are passed on in the direction they have, open or short as they
// stand.
//
// Where there is a .shx it says where the records are: files that were edited in
// place hold old records between the valid ones. Without it the .shp is read from
// its beginning to its end.
//
// The package does not guess encodings: it goes by what the caller, the .cpg or the
// .dbf itself says. It knows no coordinate systems (the .prj is handed on as text)
// and no validity; numbers that are not finite are left to the caller. Memo fields,
// which stand in a file of their own, and MultiPatch surfaces are not read.
//
// It is our own reader because none of the libraries would do: jonas-p/go-shp
// panics on negative counts, reads every value by reflection and every cell with a
// call to the system, and knows no encodings; others hold the whole table.
package shapefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Options say what a file does not, or says wrong.
type Options struct {
	// Encoding is what the text in the .dbf is encoded in, whatever the file says:
	// UTF-8, GBK, GB18030, Big5, a code page's number … Empty: as the file says.
	Encoding string
	// Default is the encoding where the file says nothing. Empty: text must be ASCII.
	Default string
}

// File is an open shapefile. All methods but Close may be called from several
// goroutines at once.
type File struct {
	paths     paths
	shp       part
	shx       part // r is nil when there is none
	dbf       part
	shape     ShapeType
	end       int64 // of the records in the .shp, for a file without .shx
	count     int64
	waypoints []int64 // without .shx: where each waypointEvery-th record begins
	base      int64   // without .shx: the number that the first record has
	table     header
	encoding  encoding
	prj       string
}

// part is one of the files.
type part struct {
	r    io.ReaderAt
	size int64
}

// paths are the files' names; empty when a file is not there.
type paths struct{ shp, dbf, shx, prj, cpg string }

// Open opens the .shp at path and the files that stand beside it under the same
// stem, whatever case their endings have. Without a .shx it reads once through the
// record headers.
func Open(path string, o Options) (*File, error) {
	found, err := siblings(path)
	if err != nil {
		return nil, err
	}
	f := &File{paths: found}
	if err := f.open(o); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// siblings finds the files of a shapefile.
func siblings(path string) (paths, error) {
	dir, name := filepath.Split(path)
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	if !strings.EqualFold(ext, ".shp") {
		return paths{}, fmt.Errorf("read %s: not a .shp: name the .shp of the shapefile", path)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "."))
	if err != nil {
		return paths{}, fmt.Errorf("read %s: %w", path, errText(err))
	}
	p := paths{shp: path}
	for ending, to := range map[string]*string{".dbf": &p.dbf, ".shx": &p.shx, ".prj": &p.prj, ".cpg": &p.cpg} {
		for _, e := range entries { // sorted; the ending in the .shp's own case is preferred
			other := e.Name()
			if len(other) != len(name) || other[:len(stem)] != stem || !strings.EqualFold(other[len(stem):], ending) {
				continue
			}
			lower := ext == strings.ToLower(ext)
			if *to == "" || lower == (other[len(stem):] == ending) {
				*to = filepath.Join(dir, other)
			}
		}
	}
	if p.dbf == "" {
		return paths{}, fmt.Errorf("read %s: no %s.dbf beside it, which holds the attributes: send .shp, .shx, .dbf, .prj and .cpg together", path, stem)
	}
	return p, nil
}

func (f *File) open(o Options) (err error) {
	if f.shp, err = openPart(f.paths.shp); err != nil {
		return err
	}
	if f.dbf, err = openPart(f.paths.dbf); err != nil {
		return err
	}
	if f.paths.shx != "" {
		if f.shx, err = openPart(f.paths.shx); err != nil {
			return err
		}
	}
	cpg, err := small(f.paths.cpg)
	if err != nil {
		return err
	}
	if f.prj, err = small(f.paths.prj); err != nil {
		return err
	}
	return f.start(cpg, o)
}

// start reads the headers and counts the records.
func (f *File) start(cpg string, o Options) error {
	if err := f.readHead(); err != nil {
		return inFile(f.paths.shp, err)
	}
	if err := f.table.read(f.dbf); err != nil {
		return inFile(f.paths.dbf, err)
	}
	var err error
	if f.encoding, err = declared(o, cpg, f.paths.cpg != "", f.table.driver); err == nil {
		err = f.table.nameFields(&f.encoding)
	}
	if err != nil {
		return inFile(f.paths.dbf, err)
	}
	if f.shx.r != nil {
		if err := f.readIndex(); err != nil {
			return inFile(f.paths.shx, fmt.Errorf("%w; remove it if the .shp is whole, which can be read without", err))
		}
	} else if err := f.walkAll(); err != nil {
		return inFile(f.paths.shp, err)
	}
	if f.count != f.table.rows {
		return inFile(f.paths.shp, fmt.Errorf("it has %d records and the .dbf %d, so attributes cannot be told to belong to shapes: write the layer again",
			f.count, f.table.rows))
	}
	return nil
}

func openPart(path string) (part, error) {
	file, err := os.Open(path)
	if err != nil {
		return part{}, inFile(path, errText(err))
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	if err != nil {
		_ = file.Close()
		return part{}, inFile(path, errText(err))
	}
	return part{file, info.Size()}, nil
}

// smallBytes is the most that is read of a .prj or .cpg.
const smallBytes = 1 << 16

// small reads a short text file, without a byte order mark; none has no text.
func small(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	file, err := os.Open(path)
	if err != nil {
		return "", inFile(path, errText(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, smallBytes))
	if err != nil {
		return "", inFile(path, errText(err))
	}
	return strings.TrimSpace(strings.TrimPrefix(string(text), "\uFEFF")), nil
}

// inFile says which file an error is about.
func inFile(path string, err error) error { return fmt.Errorf("read %s: %w", path, err) }

// errText cuts the operation and path off an error of package os, which the
// message names already.
func errText(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Close closes the files. No Reader may be used after it.
func (f *File) Close() error {
	var first error
	for _, p := range []part{f.shp, f.shx, f.dbf} {
		if c, ok := p.r.(io.Closer); ok {
			if err := c.Close(); err != nil && first == nil {
				first = inFile(f.paths.shp, errText(err))
			}
		}
	}
	return first
}

// Count is the number of records, those too that are deleted.
func (f *File) Count() int64 { return f.count }

// Bytes is the size of .shp and .dbf together.
func (f *File) Bytes() int64 { return f.shp.size + f.dbf.size }

// Type is the type of shapes that the header declares.
func (f *File) Type() ShapeType { return f.shape }

// Fields are the columns of the .dbf, in its order, by the names as they stand
// there: at most 10 bytes, mostly cut. The slice must not be changed.
func (f *File) Fields() []Field { return f.table.fields }

// PRJ is the text of the .prj, the coordinate system in Esri's WKT, and whether
// there is one.
func (f *File) PRJ() (text string, given bool) { return f.prj, f.paths.prj != "" }

// Encoding names the encoding that text is read in and who says so ("the .cpg",
// "the language driver 0x4D in the .dbf", "the caller", "the default"). When nobody
// does both are empty; one that is not read has a name all the same.
func (f *File) Encoding() (name, from string) { return f.encoding.name, f.encoding.from }
