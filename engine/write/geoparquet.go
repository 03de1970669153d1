package write

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"golang.org/x/sync/errgroup"

	"github.com/muscope-gis/muscope/geo/geoparquet"
	"github.com/muscope-gis/muscope/geo/hilbert"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// The columns of a GeoParquet layer besides its own.
const (
	geometryColumn = "geometry"
	coveringColumn = "bbox"
)

// degrees is the system of every layer: 4326, the degrees of RFC 7946.
const degrees = 4326

// groupRows is the rows of a row group: few enough that bounds tell groups apart.
const groupRows = 1 << 14

// geoParquet writes layers/NAME.parquet for every layer, several at once: a file is
// encoded on one goroutine. Rows stand along a Hilbert curve and not in the order of
// their codes, so that the bounds of row groups are small and a reader of a part of the
// map passes over most of them.
func (f *Folder) geoParquet(ctx context.Context) (rows int, err error) {
	if err := f.makeLayersFolder(); err != nil {
		return 0, err
	}
	written := make([]Written, len(f.layers))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(f.workers)
	for i := range f.layers {
		l := &f.layers[i]
		group.Go(func() (err error) {
			written[i], err = f.parquetLayer(ctx, l)
			return err
		})
		rows += l.Rows
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	f.outputs = append(f.outputs, written...)
	return rows, nil
}

func (f *Folder) parquetLayer(ctx context.Context, l *Layer) (Written, error) {
	name := layersFolder + "/" + l.Name + ".parquet"
	file, err := os.Create(f.path(name))
	counted := &counter{w: file}
	if err == nil {
		err = errors.Join(writeGeoParquet(ctx, counted, l, f.workers), file.Close())
	}
	if err != nil {
		return Written{}, fmt.Errorf("write %s: %w", f.shown(name), reason(err))
	}
	return Written{Path: name, Rows: int64(l.Rows), Bytes: counted.n}, nil
}

// fewWords are the columns of texts that have few words in all: they are stored as
// numbers of words.
var fewWords = []string{
	"zone_code", "land_use", "land_use_standard", "mix_class", "grade", "supply_state", "idle_kind", "flags", "delay_cause", "consequence", "code", "standard", "space",
	"rule", "clause", "subject", "verdict",
}

func writeGeoParquet(ctx context.Context, to *counter, l *Layer, workers int) error {
	fields := make([]arrow.Field, 0, len(l.Columns)+1)
	for i := range l.Columns {
		fields = append(fields, arrow.Field{Name: l.Columns[i].Name, Type: l.Columns[i].stored(), Nullable: true})
	}
	schema := arrow.NewSchema(append(fields, arrow.Field{Name: geometryColumn, Type: arrow.BinaryTypes.Binary, Nullable: true}), nil)
	crs, _ := geoparquet.PROJJSON(degrees)
	w, err := geoparquet.NewWriter(to, schema, geometryColumn, crs, geoparquet.Options{RowGroupRows: groupRows, Covering: coveringColumn, LowCardinality: fewWords})
	if err != nil {
		return err
	}
	order, err := alongTheCurve(ctx, l)
	if err != nil {
		return err
	}
	p := pipeline[arrow.Record]{rows: l.Rows, chunk: groupRows, workers: workers}
	err = p.run(ctx, func(_ arrow.Record, from, to int) (arrow.Record, error) {
		part := order[from:to]
		row := func(k int) int { return int(part[k]) }
		columns := make([]arrow.Array, 0, len(fields)+1)
		for i := range l.Columns {
			columns = append(columns, l.Columns[i].array(len(part), row))
		}
		return array.NewRecord(schema, append(columns, l.shapes(part)), int64(len(part))), nil
	}, w.Write)
	if err != nil {
		return err
	}
	return w.Close()
}

// alongTheCurve lists a layer's rows in spatial order; rows without a place come last.
func alongTheCurve(ctx context.Context, l *Layer) ([]int32, error) {
	boxes := make([]wkb.Box, l.Rows)
	var bare []int32
	var g wkb.Geometry
	for i := range boxes {
		if i%groupRows == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := g.Parse(l.Shape(i)); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
		if boxes[i] = g.Bounds(); boxes[i].Empty() {
			bare = append(bare, int32(i))
		}
	}
	return append(hilbert.Order(boxes), bare...), nil
}

// shapes is the geometry of some rows.
func (l *Layer) shapes(rows []int32) arrow.Array {
	b := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
	b.Reserve(len(rows))
	bytes := 0
	for _, i := range rows {
		bytes += len(l.Shape(int(i)))
	}
	b.ReserveData(bytes)
	for _, i := range rows {
		b.Append(l.Shape(int(i)))
	}
	return b.NewArray()
}
