package read

import (
	"context"
	"fmt"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/topojson"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// scanTopoJSON reads an object of a topology: the one that is named for the table, or
// the only one.
func scanTopoJSON(ctx context.Context, sc *scan, f *File) error {
	in, err := topojson.Open(f.Path)
	if err != nil {
		return err
	}
	err = sc.in(f, func() (crs.System, error) {
		if name, given := in.CRS(); given {
			return crs.Find(name)
		}
		return crs.System{}, unsaid{degrees: true}
	})
	if err != nil {
		return err
	}
	object, err := sc.objectOf(in.Objects())
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	headers := &headers{sc: sc, path: f.Path, stop: func() {}, by: map[string]*property{}, has: map[int]bool{}}
	v := &topology{features: features{headers: headers, rows: sc.newRows(1024)}, ctx: ctx}
	err = in.Read(object, v)
	if v.err != nil {
		return v.err
	}
	if err != nil {
		return err
	}
	if _, err := headers.fault(); err != nil {
		return err
	}
	if v.flush(); v.err != nil {
		return v.err
	}
	return headers.complete()
}

// objectOf is the object of a topology that the table is read from.
func (sc *scan) objectOf(names []string) (string, error) {
	if sc.settings.Within != "" {
		return sc.settings.Within, nil
	}
	for _, name := range names {
		if of, known := fields.Table(name); known && of == sc.schema.Name {
			return name, nil
		}
	}
	if len(names) != 1 {
		return "", fmt.Errorf("it holds no object named %s, but %q; name one so, or keep one", sc.schema.Name, strings.Join(names, ", "))
	}
	return names[0], nil
}

// topology turns the features of an object into batches of rows.
type topology struct {
	features
	ctx context.Context
	err error
}

// EndFeature implements [geojson.Visitor].
func (v *topology) EndFeature(number int64, g *wkb.Geometry, problem string) {
	v.features.EndFeature(number, g, problem)
	if v.err == nil && v.rows.read == rowsPerBatch {
		v.flush()
	}
}

// flush hands the rows over. A header at fault ends the reading before any is.
func (v *topology) flush() {
	sc := v.headers.sc
	if _, v.err = v.headers.fault(); v.err == nil {
		v.err = v.ctx.Err()
	}
	sc.took(v.rows)
	if v.err == nil {
		sc.next++
		v.err = sc.hand(sc.next-1, v.rows)
	}
	v.rows = sc.newRows(1024)
}
