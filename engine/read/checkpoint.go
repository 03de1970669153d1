package read

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/read/plan"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// checkPoint is a place that a layer is known to cover, and how near it came.
type checkPoint struct {
	*mapping.CheckPoint
	nearest float64 // metres
	found   bool    // a row that may cover it
}

// checkPoints are those of a layer.
type checkPoints struct {
	mu  *sync.Mutex
	all []checkPoint
}

func (f *Folder) pointsOf(s *table.Schema) (c checkPoints) {
	c.mu = &sync.Mutex{}
	if f.mapping == nil {
		return c
	}
	for i := range f.mapping.CheckPoints {
		if p := &f.mapping.CheckPoints[i]; p.Table == s.Name {
			c.all = append(c.all, checkPoint{CheckPoint: p, nearest: math.Inf(1)})
		}
	}
	return c
}

// look measures how far the rows of a batch are from the places.
func (c *checkPoints) look(b table.Batch) {
	var g wkb.Geometry
	for i := range c.all {
		p := &c.all[i]
		c.mu.Lock()
		done := p.nearest <= p.Tolerance
		c.mu.Unlock()
		if done {
			continue
		}
		nearest, found := math.Inf(1), false
		shapes := b.Geometry()
		key := b.Text(b.Schema.Key[0])
		for row := range b.Rows() {
			if p.Key != "" && key.Value(row) != p.Key || g.Parse(shapes.Value(row)) != nil {
				continue
			}
			found = true
			if nearest = min(nearest, metresTo(&g, p.Lon, p.Lat)); nearest <= p.Tolerance {
				break
			}
		}
		c.mu.Lock()
		p.nearest, p.found = min(p.nearest, nearest), p.found || found
		c.mu.Unlock()
	}
}

// The distances that GCJ-02 (国测局坐标) shifts places by, in metres.
const leastShift, mostShift = 100, 1000

// verdict stops a dataset whose layer is not where it is said to be.
func (c *checkPoints) verdict(dir string, m *mapping.Mapping) error {
	for i := range c.all {
		p := &c.all[i]
		what := p.Table
		if p.Key != "" {
			what += " " + p.Key
		}
		switch {
		case !p.found:
			return fmt.Errorf("read %s: no usable row of %s covers the check point of %s:%d; correct its key", dir, what, m.File, p.Line)
		case p.nearest <= p.Tolerance:
		case p.nearest >= leastShift && p.nearest <= mostShift:
			return fmt.Errorf("read %s: %s is %.0f m from the place in %s:%d (%g m are tolerated): it looks shifted, as GCJ-02 is; ask for the layer in CGCS2000, or correct the place",
				dir, what, p.nearest, m.File, p.Line, p.Tolerance)
		default:
			return fmt.Errorf("read %s: %s is %.0f m from the place in %s:%d (%g m are tolerated): declare the coordinate system that the layer is really in, or correct the place",
				dir, what, p.nearest, m.File, p.Line, p.Tolerance)
		}
	}
	return nil
}

// metresTo is how far a place is from a shape; 0 within it. Near the place, where it
// matters, it is exact to a few thousandths.
func metresTo(g *wkb.Geometry, lon, lat float64) float64 {
	const metresPerDegree = 111_200
	kx, ky := metresPerDegree*math.Cos(lat*math.Pi/180), float64(metresPerDegree)
	nearest, inside := math.Inf(1), false
	for part := range g.NumParts() {
		from, to := g.Part(part)
		for ring := from; ring < to; ring++ {
			xy := g.Ring(ring)
			for i := 0; i+1 < len(xy); i += 2 {
				x, y := (xy[i]-lon)*kx, (xy[i+1]-lat)*ky
				nearest = min(nearest, math.Hypot(x, y))
				if i+3 >= len(xy) {
					continue
				}
				x2, y2 := (xy[i+2]-lon)*kx, (xy[i+3]-lat)*ky
				if (y > 0) != (y2 > 0) && x-y*(x2-x)/(y2-y) > 0 {
					inside = !inside
				}
				nearest = min(nearest, toSegment(x, y, x2, y2))
			}
		}
	}
	if inside && g.Type.Areal() {
		return 0
	}
	return nearest
}

// toSegment is the distance of the origin from a segment.
func toSegment(x, y, x2, y2 float64) float64 {
	dx, dy := x2-x, y2-y
	along := dx*dx + dy*dy
	if along == 0 {
		return math.Hypot(x, y)
	}
	t := max(0, min(1, -(x*dx+y*dy)/along))
	return math.Hypot(x+t*dx, y+t*dy)
}

// CodeTables are the classifications of land use of the dataset's own.
func (f *Folder) CodeTables(ctx context.Context) ([]*codes.Table, error) {
	if f.mapping == nil {
		return nil, nil
	}
	var all []*codes.Table
	for i := range f.mapping.CodeTables {
		of := &f.mapping.CodeTables[i]
		entries := of.Codes
		if of.File != nil {
			var err error
			if entries, err = f.codesIn(ctx, of); err != nil {
				return nil, err
			}
		}
		t, err := codes.NewTable(of.Standard, entries)
		if err != nil {
			return nil, fmt.Errorf("read %s:%d: %w; keep one", f.mapping.File, of.Line, err)
		}
		all = append(all, t)
	}
	return all, nil
}

// codesIn reads a file of codes.
func (f *Folder) codesIn(ctx context.Context, of *mapping.CodeTable) ([]codes.Entry, error) {
	p := plan.Codes(of)
	var entries []codes.Entry
	var wrong error
	each := func(r *rows) {
		var cells [5]string
		for i := range p.Columns {
			c := &p.Columns[i]
			cells[c.Field] = r.codeCell(c)
		}
		e := codes.Entry{Code: cells[0], Zh: cells[3], En: cells[4], Confirmed: true}
		if e.Code == "" {
			return
		}
		var ok bool
		if e.Strict, ok = codes.ParseClass(cells[1]); !ok && wrong == nil {
			wrong = fmt.Errorf("code %q: mix_class %q is no class; translate it by values", e.Code, Shown([]byte(cells[1])))
		}
		e.Wide = e.Strict
		if cells[2] != "" {
			if e.Wide, ok = codes.ParseClass(cells[2]); !ok && wrong == nil {
				wrong = fmt.Errorf("code %q: mix_class_wide %q is no class; translate it by values", e.Code, Shown([]byte(cells[2])))
			}
		}
		entries = append(entries, e)
	}
	faulty := int64(0)
	err := f.rawRows(ctx, of.File, &scan{schema: table.MustInput(table.Tenancies)}, p, each, func(_ File, n int64) { faulty += n })
	switch {
	case err != nil:
		return nil, err
	case wrong != nil:
		return nil, fmt.Errorf("read %s: %w", of.File.Name(), wrong)
	case faulty > 0:
		return nil, fmt.Errorf("read %s: %d rows are shorter or longer than the header; correct them", of.File.Name(), faulty)
	case len(entries) == 0:
		return nil, fmt.Errorf("read %s: it has no code", of.File.Name())
	}
	return entries, nil
}

// codeCell is what a column of a file of codes says.
func (r *rows) codeCell(c *plan.Column) string {
	if c.Spec.Constant != "" {
		return c.Spec.Constant
	}
	for _, src := range c.Cells {
		if v := r.cellAt(src.Slot); v != nil && !c.IsNull(v) {
			means, _ := c.Says(v, nil)
			return string(means)
		}
	}
	return c.Spec.Empty
}
