package mapping

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/table"
)

// CheckPoint is a place that a layer is known to cover. A layer that is farther from it
// than Tolerance is shifted, or in another coordinate system than it says.
type CheckPoint struct {
	Table     string  // a layer
	Key       string  // the row that covers the place; empty: any may
	Lon, Lat  float64 // degrees, CGCS2000 or WGS 84
	Tolerance float64 // metres
	Line      int     // in the mapping
}

// The tolerances of check points in metres: what is taken when none is said, and the
// most, which is well below the shift of GCJ-02.
const (
	usualTolerance = 5
	mostTolerance  = 100
)

func (d *decoder) checkPoints(n *parse.Node) []CheckPoint {
	var points []CheckPoint
	var layers []string
	for _, s := range table.Inputs() {
		if s.Shape != table.NoGeometry {
			layers = append(layers, s.Name)
		}
	}
	d.Items(n, "check_points", func(i *parse.Node) {
		p := CheckPoint{Line: i.Line, Tolerance: usualTolerance}
		d.Mapping(i, "a check point",
			parse.Need("table", func(n *parse.Node) {
				p.Table = d.Text(n)
				if _, known := table.Input(p.Table); known && !slices.Contains(layers, p.Table) {
					d.At(n, "table %s is no layer; known are %s", p.Table, parse.Joined(layers))
				} else if p.Table != "" && !known {
					d.At(n, "there is no table %s%s", parse.Show(p.Table), parse.Offer(p.Table, layers))
				}
			}),
			parse.May("key", d.Into(&p.Key)),
			parse.Need("lon", func(n *parse.Node) { p.Lon = d.Number(n, -180, 180) }),
			parse.Need("lat", func(n *parse.Node) { p.Lat = d.Number(n, -90, 90) }),
			parse.May("tolerance_m", func(n *parse.Node) { p.Tolerance = d.Positive(n, mostTolerance) }))
		points = append(points, p)
	})
	return points
}
