package shapefile_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/muscope-gis/muscope/geo/shapefile"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// A layer of one parcel is written, and read by ranges.
func Example() {
	dir, err := os.MkdirTemp("", "shapefile")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "parcels.shp")

	w, err := shapefile.Create(path, shapefile.Layer{Encoding: "GBK", Fields: []shapefile.Field{
		{Name: "ZDDM", Type: 'C', Width: 19}, {Name: "用途", Type: 'C', Width: 50},
	}})
	if err != nil {
		log.Fatal(err)
	}
	g := wkb.Geometry{Type: wkb.Polygon, XY: []float64{118, 33, 118.01, 33, 118.01, 33.01, 118, 33}}
	g.EndRing()
	g.EndPart()
	if err := w.Append(&g, [][]byte{[]byte("321302001001GB00001"), []byte("工业用地")}); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}

	f, err := shapefile.Open(path, shapefile.Options{Default: "GB18030"})
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	for _, some := range f.Ranges(4) { // each could have a goroutine of its own
		r := f.Read(some)
		for r.Next() {
			g, problem := r.Geometry()
			use, _ := r.Cell(1)
			fmt.Println(r.Number(), g.Type, g.Bounds(), string(use), problem)
		}
		if err := r.Err(); err != nil {
			log.Fatal(err)
		}
	}
	// Output: 1 Polygon {118 33 118.01 33.01} 工业用地
}
