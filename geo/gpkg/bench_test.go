package gpkg_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/wkb"
)

const benchRows = 200_000

// writeParcels writes n polygons of 15 points with seven attributes.
func writeParcels(t testing.TB, path string, n int) {
	t.Helper()
	w, err := gpkg.Create(path, gpkg.Options{LastChange: day})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.Layer(gpkg.Plan{Name: "parcels", Type: wkb.Polygon, SRS: gpkg.SRSOf(crs.CGCS2000), Fields: []gpkg.Field{
		{Name: "parcel_code", Kind: gpkg.Text}, {Name: "land_use", Kind: gpkg.Text}, {Name: "zone_code", Kind: gpkg.Text},
		{Name: "area", Kind: gpkg.Real}, {Name: "storeys", Kind: gpkg.Integer}, {Name: "idle", Kind: gpkg.Boolean},
		{Name: "supplied", Kind: gpkg.Date}}})
	if err != nil {
		t.Fatal(err)
	}
	var g wkb.Geometry
	var code []byte
	for i := range n {
		polygon(&g, 120+float64(i%1000)*0.001, 30+float64(i/1000)*0.001, 14)
		rows.Geometry(&g)
		code = fmt.Appendf(code[:0], "3301%015d", i)
		rows.Text(0, code)
		rows.String(1, "工业用地")
		rows.Text(2, code[:9])
		rows.Real(3, float64(i)*1.25)
		rows.Integer(4, int64(i%30))
		rows.Bool(5, i%7 == 0)
		rows.Date(6, int64(15000+i%4000))
		if err := rows.End(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkWritingParcels(b *testing.B) {
	b.ReportAllocs()
	for i := range b.N {
		writeParcels(b, filepath.Join(b.TempDir(), fmt.Sprint(i, ".gpkg")), benchRows)
	}
	b.ReportMetric(float64(b.N*benchRows)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkReadingParcels(b *testing.B) {
	path := filepath.Join(b.TempDir(), "p.gpkg")
	writeParcels(b, path, benchRows)
	for _, readers := range []int{1, 2} {
		b.Run(fmt.Sprint(readers, " readers"), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				readParcels(b, path, readers)
			}
			b.ReportMetric(float64(b.N*benchRows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// readParcels reads every cell and parses every geometry.
func readParcels(b *testing.B, path string, readers int) {
	f, err := gpkg.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	l, err := f.Layer("")
	if err != nil {
		b.Fatal(err)
	}
	parts, err := l.Ranges(1 << 13)
	if err != nil {
		b.Fatal(err)
	}
	jobs := make(chan gpkg.Range, len(parts))
	for _, p := range parts {
		jobs <- p
	}
	close(jobs)
	var group sync.WaitGroup
	for range readers {
		group.Go(func() {
			r, err := l.Reader([]int{0, 1, 2, 3, 4, 5, 6}, true)
			if err != nil {
				b.Error(err)
				return
			}
			defer r.Close()
			var g wkb.Geometry
			for p := range jobs {
				for r.Start(p); ; {
					more, err := r.Next()
					if err != nil {
						b.Error(err)
						return
					}
					if !more {
						break
					}
					shape, _, err := r.Geometry()
					if err == nil {
						err = g.Parse(shape)
					}
					for c := range 7 {
						if _, e := r.Cell(c); e != nil {
							err = e
						}
					}
					if err != nil {
						b.Error(err)
						return
					}
				}
			}
		})
	}
	group.Wait()
}
