package read

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

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
	type job struct {
		number int
		block  geojson.Block
	}
	jobs, first := make(chan job), sc.next
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(jobs)
		for {
			block, err := split.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("read %s: %w", f.Path, errText(err))
			}
			if sc.next == first { // as many features to the byte as the first block has
				sc.total += f.Bytes * int64(block.Count) / int64(len(block.Data)+1)
			}
			select {
			case jobs <- job{sc.next, block}:
				sc.next++
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	headers := &headers{sc: sc, path: f.Path, to: map[string]target{}}
	var mu sync.Mutex
	for range sc.workers {
		group.Go(func() error {
			var p geojson.Parser
			v := &features{headers: headers}
			for j := range jobs {
				v.rows = newRows(sc.schema, sc.file, j.block.Count)
				if err := p.Parse(j.block, v); err != nil {
					return fmt.Errorf("read %s: %w", f.Path, err)
				}
				split.Recycle(j.block)
				if v.err != nil {
					return v.err
				}
				mu.Lock()
				sc.took(v.rows)
				mu.Unlock()
				if err := sc.hand(j.number, v.rows.b.Batch()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if name, given := split.CRS(); given {
		if err := lonLat(name); err != nil {
			return fmt.Errorf("read %s: %w", f.Path, err)
		}
	}
	return headers.complete()
}

// lonLat refuses coordinate systems other than longitude and latitude.
func lonLat(name string) error {
	_, err := crs.Parse(name)
	return err
}

// headers maps property names to fields for all goroutines that parse a file.
// GeoJSON has no header row: a name counts from the first feature that has it.
type headers struct {
	sc   *scan
	path string
	mu   sync.Mutex
	to   map[string]target
	by   map[int]string
}

func (h *headers) target(name string) (target, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t, ok := h.to[name]; ok {
		return t, nil
	}
	t, err := column(h.sc.schema, strings.TrimSpace(name))
	if err != nil {
		return t, fmt.Errorf("read %s: %w", h.path, err)
	}
	if t.field < 0 {
		h.sc.account.Ignored = append(h.sc.account.Ignored, name)
	} else {
		if h.by == nil {
			h.by = map[int]string{}
		}
		if other, twice := h.by[t.field]; twice {
			other, name = min(other, name), max(other, name)
			return t, fmt.Errorf("read %s: properties %q and %q both mean %s; keep one",
				h.path, other, name, h.sc.schema.Fields[t.field].Name)
		}
		h.by[t.field] = name
	}
	h.to[name] = t
	return t, nil
}

// complete says whether every needed property stood in some feature.
func (h *headers) complete() error {
	if h.sc.rows == 0 { // a layer without features has no properties either
		return nil
	}
	return h.sc.complete(h.path, func(i int) bool {
		_, ok := h.by[i]
		return ok || h.sc.schema.Fields[i].Kind == table.Geometry
	})
}

// features turns the features of a block into rows. It remembers the order of
// the properties, which is the same in all features of most files.
type features struct {
	headers *headers
	rows    *rows
	names   [][]byte
	targets []target
	next    int
	err     error
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
	t, err := v.headers.target(string(key))
	if err != nil {
		v.err = err
	}
	v.names, v.targets = append(v.names, bytes.Clone(key)), append(v.targets, t)
	v.next = len(v.names)
	return t
}

// Property implements [geojson.Visitor].
func (v *features) Property(key []byte, value geojson.Value) {
	if v.err != nil {
		return
	}
	t := v.target(key)
	if t.field < 0 {
		return
	}
	switch value.Kind {
	case geojson.Null:
	case geojson.Number:
		v.rows.jsonNumber(t, value.Text)
	default:
		v.rows.text(t, value.Text)
	}
}

// EndFeature implements [geojson.Visitor].
func (v *features) EndFeature(number int64, g *wkb.Geometry, problem string) {
	v.next = 0
	if v.err != nil {
		return
	}
	v.rows.geometry(g, problem)
	v.rows.end(number)
}
