package read

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/geojson"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// blockBytes is how much of a file one goroutine parses at a time.
const blockBytes = 4 << 20

// scanGeoJSON reads a FeatureCollection, streamed: one goroutine cuts it into
// blocks of whole features, the workers parse them.
func scanGeoJSON(ctx context.Context, sc *scan, f *File) error {
	in, err := os.Open(f.Path)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, errText(err))
	}
	defer in.Close()
	split := geojson.NewSplitter(in, blockBytes)
	first := sc.next
	next := func() (geojson.Block, error) {
		block, err := split.Next()
		if err != nil && !errors.Is(err, io.EOF) {
			err = fmt.Errorf("read %s: %w", f.Path, errText(err))
		}
		if err == nil && sc.next == first { // as many features to the byte as the first block has
			err = sc.in(f, func() (crs.System, error) { return ofCollection(split) })
			sc.total += f.Bytes * int64(block.Count) / int64(len(block.Data)+1)
		}
		if err == nil {
			sc.next++
		}
		return block, err
	}
	work, stop := context.WithCancel(ctx)
	defer stop()
	headers := &headers{sc: sc, path: f.Path, stop: stop, by: map[string]*property{}, has: map[int]bool{}}
	failed, err := inOrder(work, sc.workers, next, func() func(int, geojson.Block) error {
		var p geojson.Parser
		v := &features{headers: headers}
		return func(number int, block geojson.Block) error {
			v.block, v.rows = number, sc.newRows(block.Count)
			if err := p.Parse(block, v); err != nil {
				return fmt.Errorf("read %s: %w", f.Path, err)
			}
			split.Recycle(block)
			sc.took(v.rows)
			return sc.hand(first+number, v.rows)
		}
	})
	if block, wrong := headers.fault(); wrong != nil && (err == nil || block <= failed) {
		return wrong
	}
	if err != nil {
		return err
	}
	if err := sc.unchanged(f, split); err != nil {
		return err
	}
	return headers.complete()
}

// ofCollection is the system that a collection's crs member names, as files from
// before RFC 7946 have it; else degrees.
func ofCollection(split *geojson.Splitter) (crs.System, error) {
	if name, given := split.CRS(); given {
		return crs.Find(name)
	}
	return crs.System{}, unsaid{degrees: true}
}

// unchanged refuses a crs member that stands behind features which were already read
// in another system.
func (sc *scan) unchanged(f *File, split *geojson.Splitter) error {
	if _, given := split.CRS(); !given || sc.settings.CRS != "" {
		return nil
	}
	found, err := ofCollection(split)
	if err == nil && found != sc.system && !(found.Geographic && sc.system.Geographic) {
		err = fmt.Errorf("its crs member (%s) stands behind the features; put it in front of them, or declare it in mapping.yaml", found)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	return nil
}

// headers maps property names to fields for all goroutines that parse a file.
// GeoJSON has no header row: a name counts from the first feature that has it.
type headers struct {
	sc   *scan
	path string
	stop func() // is called when a name is at fault
	mu   sync.Mutex
	by   map[string]*property
	has  map[int]bool // fields that a property means
}

// property is a property's name, where its values go or why they cannot, and
// where it stands first: the block, and the place among the names new there.
type property struct {
	name         string
	target       target
	err          error
	block, place int
}

func (p *property) compare(o *property) int {
	return cmp.Or(cmp.Compare(p.block, o.block), cmp.Compare(p.place, o.place))
}

// target is where the values of a property go that stands at a block's place.
func (h *headers) target(name string, block, place int) target {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := &property{name: name, block: block, place: place}
	p, known := h.by[name]
	if known {
		if seen.compare(p) < 0 {
			p.block, p.place = block, place
		}
		return p.target
	}
	seen.target, seen.err = h.sc.column(strings.TrimSpace(name))
	if seen.err != nil || h.has[seen.target.field] {
		h.stop()
	}
	if seen.target.field >= 0 {
		h.has[seen.target.field] = true
	}
	h.by[name] = seen
	return seen.target
}

// fault is the first name in the file that cannot be used, and the block that it
// stands in. It does not depend on which block was parsed first.
func (h *headers) fault() (block int, err error) {
	from := map[int]string{}
	for _, p := range slices.SortedFunc(maps.Values(h.by), (*property).compare) {
		if p.err != nil {
			return p.block, fmt.Errorf("read %s: %w", h.path, p.err)
		}
		if p.target.field < 0 {
			continue
		}
		if other, twice := from[p.target.field]; twice {
			return p.block, fmt.Errorf("read %s: properties %q and %q both mean %s; keep one", h.path,
				min(other, p.name), max(other, p.name), h.sc.nameOf(p.target.field))
		}
		from[p.target.field] = p.name
	}
	return 0, nil
}

// complete lists the names nobody knows, and says whether every needed property
// stood in some feature.
func (h *headers) complete() error {
	h.sc.from = map[int]string{}
	for name, p := range h.by {
		h.sc.from[p.target.field] = name
		if p.target.field < 0 {
			h.sc.ignore(name)
		}
	}
	if h.sc.rows+h.sc.filtered == 0 { // a layer without features has no properties either
		return nil
	}
	return h.sc.complete(h.path, func(i int) bool {
		return h.has[i] || i < len(h.sc.schema.Fields) && h.sc.schema.Fields[i].Kind == table.Geometry
	})
}

// features turns the features of a block into rows. It remembers the order of
// the properties, which is the same in all features of most files.
type features struct {
	headers *headers
	block   int // being parsed
	rows    *rows
	names   [][]byte
	targets []target
	next    int
}

func (v *features) target(key []byte) target {
	if v.next < len(v.names) && bytes.Equal(v.names[v.next], key) {
		v.next++
		return v.targets[v.next-1]
	}
	for i, name := range v.names {
		if bytes.Equal(name, key) {
			v.next = i + 1
			return v.targets[i]
		}
	}
	t := v.headers.target(string(key), v.block, len(v.names))
	v.names, v.targets = append(v.names, bytes.Clone(key)), append(v.targets, t)
	v.next = len(v.names)
	return t
}

// Property implements [geojson.Visitor].
func (v *features) Property(key []byte, value geojson.Value) {
	t := v.target(key)
	if t.field < 0 {
		return
	}
	switch value.Kind {
	case geojson.Null:
	case geojson.Number:
		v.rows.jsonNumber(t, value.Text)
	default:
		if bytes.Contains(value.Text, unreadable) { // a file in GBK is full of it
			v.rows.fail(t.field, value.Text, UnreadableText)
			return
		}
		v.rows.text(t, value.Text)
	}
}

// unreadable stands in texts for what cannot be read in the encoding of their file.
var unreadable = []byte("\uFFFD")

// EndFeature implements [geojson.Visitor].
func (v *features) EndFeature(number int64, g *wkb.Geometry, problem string) {
	v.next = 0
	v.rows.fill()
	v.rows.geometry(g, problem)
	v.rows.end(number)
}
