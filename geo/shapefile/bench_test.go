package shapefile

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// city writes n parcels of 15 points with the attributes such layers have.
func city(b *testing.B, n int, encoding string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "parcels.shp")
	w, err := Create(path, Layer{Encoding: encoding, Fields: []Field{
		{Name: "DKBH", Type: 'C', Width: 32}, {Name: "YDMC", Type: 'C', Width: 60}, {Name: "QLR", Type: 'C', Width: 100},
		{Name: "MJ", Type: 'N', Width: 16, Decimals: 2}, {Name: "RQ", Type: 'D'}, {Name: "BZ", Type: 'C', Width: 200},
	}})
	if err != nil {
		b.Fatal(err)
	}
	var g wkb.Geometry
	var cells [6][]byte
	for i := range n {
		g.Reset(wkb.Polygon)
		x, y := float64(i%1000)/1000, float64(i/1000)/1000
		for k := range 15 {
			sin, cos := math.Sincos(float64(k%14) / 14 * 2 * math.Pi)
			g.XY = append(g.XY, 115+x+cos/3000, 33+y+sin/3000)
		}
		g.EndRing()
		g.EndPart()
		cells[0] = fmt.Appendf(cells[0][:0], "321302%012d", i)
		cells[1] = append(cells[1][:0], "工业用地"...)
		cells[2] = fmt.Appendf(cells[2][:0], "宿迁市第%d机械制造有限公司", i)
		cells[3] = fmt.Appendf(cells[3][:0], "%.2f", 1000+float64(i)/7)
		cells[4] = append(cells[4][:0], "2020-05-17"...)
		if err := w.Append(&g, cells[:]); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkRead reads parcels with all their attributes on one goroutine.
func BenchmarkRead(b *testing.B) {
	for _, encoding := range []string{"UTF-8", "GBK"} {
		b.Run(encoding, func(b *testing.B) {
			f, err := Open(city(b, 100_000, encoding), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			r := f.Read(Range{})
			var out []byte
			b.SetBytes(f.Bytes())
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				r.Reset(f.All())
				for r.Next() {
					g, _ := r.Geometry()
					out = g.Append(out[:0])
					for i := range f.Fields() {
						if _, problem := r.Cell(i); problem != "" {
							b.Fatal(problem)
						}
					}
				}
				if r.Err() != nil {
					b.Fatal(r.Err())
				}
			}
		})
	}
}

// BenchmarkOpenWithoutIndex counts the records of a .shp that has no .shx.
func BenchmarkOpenWithoutIndex(b *testing.B) {
	f, err := Open(city(b, 100_000, "UTF-8"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	b.SetBytes(f.shp.size)
	b.ResetTimer()
	for range b.N {
		f.count, f.waypoints = 0, f.waypoints[:0]
		if err := f.walkAll(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkManyHoles groups a shell with 10,000 holes.
func BenchmarkManyHoles(b *testing.B) {
	rings := [][]float64{circle(100_000)}
	for i := range 10_000 {
		x, y := float64(i%100)/100-0.5, float64(i/100)/100-0.5
		rings = append(rings, turned(box(x, y, x+0.005, y+0.005)))
	}
	f, err := Open(one(Polygon, polygon(Polygon, rings...)).write(b), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	r := f.Read(f.All())
	b.ResetTimer()
	for range b.N {
		r.Reset(f.All())
		r.Next()
		if g, problem := r.Geometry(); problem != "" || g.NumParts() != 1 {
			b.Fatal(problem, g.NumParts())
		}
	}
}

// circle is a ring of n points about the origin.
func circle(n int) []float64 {
	ring := make([]float64, 0, 2*n+2)
	for i := range n + 1 {
		sin, cos := math.Sincos(-float64(i%n) / float64(n) * 2 * math.Pi)
		ring = append(ring, cos, sin)
	}
	return ring
}
