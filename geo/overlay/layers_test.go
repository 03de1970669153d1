package overlay

import (
	"math"
	"math/rand/v2"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// made is a polygon of the given rings, x0, y0, x1, y1 … closed by itself.
func made(rings ...[]float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon}
	return addPart(g, rings...)
}

func addPart(g *wkb.Geometry, rings ...[]float64) *wkb.Geometry {
	for _, r := range rings {
		g.XY = append(g.XY, r...)
		g.XY = append(g.XY, r[0], r[1])
		g.EndRing()
	}
	g.EndPart()
	return g
}

// joined is a multipolygon of all parts of the polygons.
func joined(polygons ...*wkb.Geometry) *wkb.Geometry {
	m := &wkb.Geometry{Type: wkb.MultiPolygon}
	for _, g := range polygons {
		for part := range g.NumParts() {
			from, to := g.Part(part)
			for r := from; r < to; r++ {
				m.XY = append(m.XY, g.Ring(r)...)
				m.EndRing()
			}
			m.EndPart()
		}
	}
	return m
}

func rect(x1, y1, x2, y2 float64) []float64 { return []float64{x1, y1, x2, y1, x2, y2, x1, y2} }

// starRing is a ring about a centre whose radius wanders between low·r and r.
func starRing(rng *rand.Rand, x, y, r, low float64, n int) []float64 {
	turn := rng.Float64() * 2 * math.Pi
	ring := make([]float64, 0, 2*n+2)
	for i := range n {
		s, c := math.Sincos(turn + 2*math.Pi*float64(i)/float64(n))
		k := r * (low + (1-low)*rng.Float64())
		ring = append(ring, x+k*c, y+k*s)
	}
	return ring
}

// starPolygon is a spiky polygon, every third with a hole, every fifth run
// clockwise.
func starPolygon(rng *rand.Rand, x, y, r float64, n int) *wkb.Geometry {
	low := 0.3 + 0.5*rng.Float64()
	rings := [][]float64{starRing(rng, x, y, r, low, n)}
	if rng.IntN(3) == 0 {
		// Chords between spokes cut in by the cosine of half the angle.
		safe := low * math.Cos(math.Pi/float64(n)) * 0.9
		rings = append(rings, starRing(rng, x, y, r*safe, 0.3, 3+rng.IntN(n)))
	}
	if rng.IntN(5) == 0 {
		for _, ring := range rings {
			reverse(ring)
		}
	}
	return made(rings...)
}

// comb is a concave polygon with teeth that point up.
func comb(x, y, w, h float64, teeth int) *wkb.Geometry {
	ring := []float64{x, y, x + w, y}
	for i := teeth - 1; i >= 0; i-- {
		left, step := x+w*float64(i)/float64(teeth), w/float64(teeth)
		ring = append(ring, left+step, y+h, left+step/2, y+h, left+step/2, y+h/4)
		if i > 0 {
			ring = append(ring, left, y+h/4)
		}
	}
	return made(append(ring, x, y+h/4))
}

// mosaic is a box cut into k × k pieces along wandering borders of n points a
// side, which neighbours share exactly.
func mosaic(rng *rand.Rand, x, y, size float64, k, n int) []*wkb.Geometry {
	step := size / float64(k)
	at := func(i, j int) [2]float64 { return [2]float64{x + step*float64(i), y + step*float64(j)} }
	wander := func(a, b [2]float64, edge bool) [][2]float64 {
		line := make([][2]float64, 0, n+1)
		for i := range n {
			t := float64(i) / float64(n)
			off := 0.0
			if i > 0 && !edge {
				off = (rng.Float64() - 0.5) * 0.6 * min(t, 1-t)
			}
			line = append(line, [2]float64{
				a[0] + t*(b[0]-a[0]) - off*(b[1]-a[1]), a[1] + t*(b[1]-a[1]) + off*(b[0]-a[0]),
			})
		}
		return append(line, b)
	}
	across, up := make([][][][2]float64, k+1), make([][][][2]float64, k+1)
	for i := range k + 1 {
		for j := range k + 1 {
			across[i] = append(across[i], wander(at(i, j), at(i+1, j), j == 0 || j == k))
			up[i] = append(up[i], wander(at(i, j), at(i, j+1), i == 0 || i == k))
		}
	}
	var all []*wkb.Geometry
	for j := range k {
		for i := range k {
			var ring []float64
			walk := func(line [][2]float64, back bool) {
				for s := range n {
					p := line[s]
					if back {
						p = line[n-s]
					}
					ring = append(ring, p[0], p[1])
				}
			}
			walk(across[i][j], false)
			walk(up[i+1][j], false)
			walk(across[i][j+1], true)
			walk(up[i][j], true)
			all = append(all, made(ring))
		}
	}
	return all
}
