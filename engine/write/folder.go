package write

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/muscope-gis/muscope/geo/geojson"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// Layer is a map layer to write: rows in order, each with its columns and shape.
type Layer struct {
	Name    string
	Rows    int
	Columns []Column
	Shape   func(i int) []byte // WKB
	// Geometry is the type of all shapes, where single ones count as multiple; 0: any.
	Geometry wkb.Type
	Tell     func(rows int) // told how many rows are written; may be nil
}

// Table is a table to write.
type Table struct {
	Name    string
	Rows    int
	Columns []Column
	// Always asks for the table whatever the formats: without it nobody could account
	// for the rows.
	Always bool
}

// Sink is where a run's results go: a folder, a database. Nothing of a run is to
// be seen there before Finish, and nothing is left of it after Abort.
type Sink interface {
	Layer(ctx context.Context, l Layer) error
	Table(ctx context.Context, t Table) error
	// Sources notes where the used rows of a table were read, for explain.
	Sources(ctx context.Context, s Source) error
	// Facts keeps a table of what verdicts were found from, every figure as it was.
	Facts(ctx context.Context, t Table) error
	// Policy keeps a policy of the run, as it was read.
	Policy(ctx context.Context, id string, yaml []byte) error
	// Finish writes the manifest, to which it adds the outputs, and makes the run
	// visible. With an error nothing is left.
	Finish(ctx context.Context, m *Manifest) error
	// Abort leaves nothing; after Finish it does nothing.
	Abort()
}

// Folder is a run folder being written: as DIR.tmp-…, renamed when it is whole.
type Folder struct {
	// Formats are what it holds; they may be set before the first layer.
	Formats Formats
	// Draw makes the map of the layers, where that is asked for; nil: none.
	Draw Drawing
	// Papers are made of the layers and tables, in this order; none: none.
	Papers []Paper

	dir, temp string
	overwrite bool
	workers   int
	outputs   []Written
	layers    []Layer // for the formats that come last
	tables    []Table // likewise
	found     []Table // facts, likewise
	maps      []Drawn // made of them
	sources   *sourceFile
	made      []string // folders above it that were made for it, the nearest first
	done      bool
}

// Create begins a run folder. A dir that exists is refused unless it is to be
// overwritten, and then it must be a run folder: nothing else is ever removed. A
// dir that is a link stands for what it leads to.
func Create(dir string, overwrite bool, workers int) (*Folder, error) {
	dir, err := resolved(dir)
	if err != nil {
		return nil, err
	}
	if err := replaceable(dir, overwrite); err != nil {
		return nil, err
	}
	f := &Folder{Formats: DefaultFormats, dir: dir, overwrite: overwrite, workers: max(1, workers)}
	if err := f.begin(); err != nil {
		f.Abort()
		return nil, fmt.Errorf("create %s: %w", dir, reason(err))
	}
	return f, nil
}

// resolved follows a link, which must lead somewhere, and refuses the folder one
// stands in.
func resolved(dir string) (string, error) {
	dir = filepath.Clean(dir)
	if info, err := os.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		target, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return "", fmt.Errorf("create %s: it is a link that leads nowhere; name a folder", dir)
		}
		return target, nil
	}
	if dir == "." || dir == ".." {
		return "", fmt.Errorf("create %s: name a folder of its own", dir)
	}
	return dir, nil
}

// begin makes the temporary folder, and the folders above it where they are
// missing.
func (f *Folder) begin() error {
	parent := filepath.Dir(f.dir)
	for p := parent; ; p = filepath.Dir(p) {
		if _, err := os.Stat(p); err == nil || p == filepath.Dir(p) {
			break
		}
		f.made = append(f.made, p)
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	var err error
	if f.temp, err = os.MkdirTemp(parent, filepath.Base(f.dir)+".tmp-"); err != nil {
		return err
	}
	return os.Chmod(f.temp, 0o755)
}

func replaceable(dir string, overwrite bool) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("create %s: %w", dir, reason(err))
	case !overwrite:
		return fmt.Errorf("create %s: it exists; name another folder, or say --overwrite", dir)
	case len(entries) == 0:
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, ManifestName)); err != nil {
		return fmt.Errorf("create %s: it is no run folder (no %s in it), so it is not overwritten; name another", dir, ManifestName)
	}
	return nil
}

// reason cuts the operation and path off an error of package os, and says what to
// do where the disk is full.
func reason(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w; free some space, or name a folder on another disk", syscall.ENOSPC)
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	return err
}

// layersFolder is the folder of a run that holds its layers.
const layersFolder = "layers"

// Layer writes layers/NAME.geojson, where that is asked for: RFC 7946, one feature a
// line. The layer must stay as it is until Finish: other formats are written later.
func (f *Folder) Layer(ctx context.Context, l Layer) error {
	f.layers = append(f.layers, l)
	if !f.Formats.GeoJSON {
		return nil
	}
	heads := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		heads[i] = string(geojson.AppendString(nil, c.Name)) + ":"
		if i > 0 {
			heads[i] = "," + heads[i]
		}
	}
	feature := func(dst []byte, g *wkb.Geometry, box *wkb.Box, i int) ([]byte, error) {
		if i > 0 {
			dst = append(dst, ",\n"...)
		}
		dst = append(dst, `{"type":"Feature","properties":{`...)
		for c := range l.Columns {
			dst = append(dst, heads[c]...)
			dst = l.Columns[c].appendJSON(dst, i)
		}
		dst = append(dst, `},"geometry":`...)
		if err := g.Parse(l.Shape(i)); err != nil {
			return dst, fmt.Errorf("write layer %s row %d: %w", l.Name, i+1, err)
		}
		dst = geojson.AppendGeometry(dst, g, box)
		return append(dst, '}'), nil
	}
	var mu sync.Mutex
	extent := wkb.EmptyBox()
	format := func(dst []byte, from, to int) ([]byte, error) {
		var g wkb.Geometry
		box := wkb.EmptyBox()
		var err error
		for i := from; i < to && err == nil; i++ {
			dst, err = feature(dst, &g, &box, i)
		}
		mu.Lock()
		extent = extent.Extend(box)
		mu.Unlock()
		return dst, err
	}
	head := geojson.AppendHead(nil, l.Name)
	tail := func() []byte { return geojson.AppendTail(nil, extent) }
	return f.file(ctx, layersFolder+"/"+l.Name+".geojson", l.Rows, head, format, tail, l.Tell)
}

// Table writes tables/NAME.csv, where that is asked for: UTF-8 with BOM, one header
// row. It must stay as it is until Finish, as a layer must.
func (f *Folder) Table(ctx context.Context, t Table) error {
	f.tables = append(f.tables, t)
	if !f.Formats.CSV && !t.Always {
		return nil
	}
	head := []byte("\uFEFF")
	for i, c := range t.Columns {
		if i > 0 {
			head = append(head, ',')
		}
		head = append(head, c.Name...)
	}
	head = append(head, "\r\n"...)
	format := func(dst []byte, from, to int) ([]byte, error) {
		for i := from; i < to; i++ {
			for c := range t.Columns {
				if c > 0 {
					dst = append(dst, ',')
				}
				dst = t.Columns[c].appendCSV(dst, i)
			}
			dst = append(dst, "\r\n"...)
		}
		return dst, nil
	}
	return f.file(ctx, "tables/"+t.Name+".csv", t.Rows, head, format, nil, nil)
}

// file writes one file of the run and notes it among the outputs.
func (f *Folder) file(ctx context.Context, name string, rows int, head []byte, format Formatter, tail func() []byte, tell func(int)) error {
	err := os.MkdirAll(filepath.Dir(f.path(name)), 0o755)
	var out *os.File
	if err == nil {
		out, err = os.Create(f.path(name))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", f.shown(name), reason(err))
	}
	counted := &counter{w: out}
	_, err = counted.Write(head)
	if err == nil {
		err = InOrder(ctx, counted, rows, f.workers, format, tell)
	}
	if err == nil && tail != nil {
		_, err = counted.Write(tail())
	}
	if shut := out.Close(); err == nil {
		err = shut
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", f.shown(name), reason(err))
	}
	f.outputs = append(f.outputs, Written{Path: name, Rows: int64(rows), Bytes: counted.n})
	return nil
}

func (f *Folder) shown(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// path is where a file of the run is written.
func (f *Folder) path(name string) string { return filepath.Join(f.temp, filepath.FromSlash(name)) }

// Finish implements [Sink].
func (f *Folder) Finish(ctx context.Context, m *Manifest) error {
	err := f.closeSources()
	m.Outputs = f.outputs
	var text []byte
	if err == nil {
		text, err = json.MarshalIndent(m, "", "  ")
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(f.temp, ManifestName), append(text, '\n'), 0o644)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = f.rename()
	}
	if err != nil {
		f.Abort()
		return fmt.Errorf("write %s: %w", f.dir, reason(err))
	}
	f.done = true
	return nil
}

// rename puts the folder in its place; what it replaces goes last.
func (f *Folder) rename() error {
	if err := replaceable(f.dir, f.overwrite); err != nil {
		return err
	}
	if _, err := os.Stat(f.dir); err != nil {
		return os.Rename(f.temp, f.dir)
	}
	old := f.temp + ".old"
	if err := os.Rename(f.dir, old); err != nil {
		return err
	}
	if err := os.Rename(f.temp, f.dir); err != nil {
		return errors.Join(err, os.Rename(old, f.dir))
	}
	return os.RemoveAll(old)
}

// Abort implements [Sink].
func (f *Folder) Abort() {
	if f.sources != nil {
		_ = f.sources.file.Close()
		f.sources = nil
	}
	if f.done {
		return
	}
	f.done = true
	if strings.Contains(filepath.Base(f.temp), ".tmp-") {
		_ = os.RemoveAll(f.temp)
	}
	for _, dir := range f.made {
		if os.Remove(dir) != nil { // somebody else uses it
			break
		}
	}
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
