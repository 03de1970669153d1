package geoparquet

import (
	"context"
	"io"
	"testing"
)

func BenchmarkWrite(b *testing.B) {
	rec := batch(0, 1<<16)
	crs, _ := PROJJSON(4490)
	b.SetBytes(int64(len(write(b, 1<<16, 1<<16, Options{}))))
	for b.Loop() {
		w, err := NewWriter(io.Discard, parcels, "geometry", crs, Options{LowCardinality: []string{"land_use"}})
		if err == nil {
			err = w.Write(rec)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(1<<16), "ns/row")
}

func BenchmarkRowGroup(b *testing.B) {
	data := write(b, 1<<16, 1<<16, Options{LowCardinality: []string{"land_use"}})
	f := mustOpen(b, data)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := f.RowGroup(context.Background(), 0, everyColumn(f)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(1<<16), "ns/row")
}
