package read

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// in settles what system the coordinates of the file being read are in: the declared
// one, else the one that the file says, else the one that is declared for files that
// say none.
func (sc *scan) in(f *File, says func() (crs.System, error)) (err error) {
	if sc.sink != nil { // no shape is read
		return nil
	}
	var silent unsaid
	if declared := sc.settings.CRS; declared != "" {
		sc.system, err = crs.Find(declared)
	} else if sc.system, err = says(); errors.As(err, &silent) {
		switch {
		case sc.settings.ElseCRS != "":
			sc.system, err = crs.Find(sc.settings.ElseCRS)
		case silent.degrees:
			sc.system, sc.silent, err = crs.WGS84, true, nil
		}
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", f.place(), err)
	}
	if !sc.system.Geographic {
		f.note("coordinates brought from " + sc.system.String() + " to degrees")
	}
	return nil
}

// unsaid is why a file does not tell its system, or that by the rules of its format it
// is degrees then.
type unsaid struct {
	advice  string
	degrees bool
}

// Error implements error.
func (u unsaid) Error() string { return u.advice }

// astrayed stops the reading of a file most of whose rows have coordinates that
// cannot be its system's; a few of them are rejects.
func (sc *scan) astrayed(path string) error {
	if sc.astray*2 <= sc.rows {
		return nil
	}
	b, system := sc.first.box, sc.first.system
	err := system.Plausible(b.MinX, b.MinY, b.MaxX, b.MaxY)
	if err == nil { // it lies outside the projection
		err = fmt.Errorf("coordinates such as %s are not those of %s", pair(b.MinX, b.MinY), system)
	}
	if sc.silent {
		path += ": it names no coordinate system, which means degrees"
	}
	place, first := "", ""
	if strings.Contains(err.Error(), "declare ") {
		place = "; mapping.yaml is the place to declare it"
	}
	if sc.first.row != 0 {
		first = fmt.Sprintf(", feature %d first", sc.first.row)
	}
	return fmt.Errorf("read %s: %w%s (so have %d of %d features%s)", path, err, place, sc.astray, sc.rows, first)
}

// inDegrees puts a projected geometry's degrees into r.degrees, its edges densified
// where they would bend; ok is false when it lies outside the projection.
func (r *rows) inDegrees(g *wkb.Geometry) (ok bool) {
	if r.system.Geographic {
		return true
	}
	out := &r.degrees
	out.Reset(g.Type)
	var err error
	for part := range g.NumParts() {
		from, to := g.Part(part)
		for ring := from; ring < to; ring++ {
			if out.XY, err = r.system.Densified(g.Ring(ring), out.XY); err != nil {
				return false
			}
			out.EndRing()
		}
		out.EndPart()
	}
	return true
}

// geometry sets a layer's geometry column, given as a parsed geometry; problem is
// what the format's reader found wrong with it.
func (r *rows) geometry(g *wkb.Geometry, problem string) {
	field := len(r.schema.Fields) - 1
	if field < 0 {
		return
	}
	switch {
	case problem != "":
		r.fail(field, []byte(problem), UnreadableGeometry)
		return
	case g == nil:
		r.fail(field, nil, EmptyGeometry)
		return
	case !g.Type.Readable() || r.schema.Shape == table.Areal && !g.Type.Areal():
		r.fail(field, []byte(g.Type.String()), GeometryType)
		return
	case g.Empty():
		r.fail(field, nil, EmptyGeometry)
		return
	case !g.Finite() && g.Type == wkb.Point && math.IsNaN(g.XY[0]) && math.IsNaN(g.XY[1]): // as WKB has an empty point
		r.fail(field, nil, EmptyGeometry)
		return
	case !g.Finite():
		r.fail(field, nil, NotFinite)
		return
	}
	box := g.Bounds()
	if r.system.Plausible(box.MinX, box.MinY, box.MaxX, box.MaxY) != nil || !r.inDegrees(g) {
		r.fail(field, pair(box.MinX, box.MinY), CoordinateOutOfRange)
		one := stray{box: box, system: r.system} // its row is not told yet
		if r.astray++; r.astray == 1 || r.unnumbered && one.before(r.first) {
			r.first = one
		}
		return
	}
	switch {
	case !r.system.Geographic:
		r.b.AppendText(field, r.degrees.Append)
	case r.ewkb != nil && len(r.ewkb) == g.Size()+sridBytes: // nothing but the SRID would change
		r.b.AppendText(field, func(dst []byte) []byte {
			dst = append(dst, r.ewkb[0], byte(g.Type), 0, 0, 0)
			return append(dst, r.ewkb[5+sridBytes:]...)
		})
	default:
		r.b.AppendText(field, g.Append)
	}
}
