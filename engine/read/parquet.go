package read

import (
	"context"
	"fmt"
	"time"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"golang.org/x/sync/errgroup"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/geoparquet"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// scanParquet reads a Parquet table, or a GeoParquet layer: each worker takes a
// row group at a time.
func scanParquet(ctx context.Context, sc *scan, f *File) error {
	in, err := geoparquet.Open(f.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	columns, targets, err := sc.parquetColumns(in, f)
	if err != nil {
		return err
	}
	sc.total += in.Rows()
	type job struct{ group, number, row int }
	var plan []job
	row := 0
	for g := range in.NumRowGroups() {
		plan = append(plan, job{g, sc.next, row})
		n := int(in.RowGroupRows(g))
		sc.next += (n + rowsPerBatch - 1) / rowsPerBatch
		row += n
	}
	jobs := make(chan job)
	taken := make(chan *rows, sc.workers)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(jobs)
		for _, j := range plan {
			select {
			case jobs <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	var workers errgroup.Group
	for range sc.workers {
		workers.Go(func() error {
			for j := range jobs {
				rec, err := in.RowGroup(ctx, j.group, columns)
				if err != nil {
					return err
				}
				if err := sc.record(rec, targets, j.number, j.row, taken); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(taken)
		return workers.Wait()
	})
	for r := range taken {
		sc.took(r)
	}
	return group.Wait()
}

// parquetColumns chooses the columns to read and where their cells go.
func (sc *scan) parquetColumns(in *geoparquet.File, f *File) (columns []int, targets []target, err error) {
	meta, err := in.Geo()
	if err != nil {
		return nil, nil, err
	}
	shape := -1
	if sc.schema.Shape != table.NoGeometry {
		if meta == nil {
			return nil, nil, fmt.Errorf("read %s: it is Parquet without the geo metadata of GeoParquet, so it is no layer; write it as GeoParquet", f.Path)
		}
		name := meta.CRSName()
		if name == "" {
			name = "null" // the file says that its system is not known
		}
		if err := lonLat(name); err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", f.Path, err)
		}
		shape = in.Schema().FieldIndices(meta.PrimaryColumn)[0]
	}
	fields := in.Schema().Fields()
	names := make([]string, 0, len(fields))
	of := make([]int, 0, len(fields))
	for i, field := range fields {
		if i == shape || meta != nil && field.Name == meta.CoveringColumn {
			continue
		}
		names, of = append(names, field.Name), append(of, i)
	}
	found, err := sc.header(f.Path, names)
	if err != nil {
		return nil, nil, err
	}
	for k, t := range found {
		if t.field < 0 {
			continue
		}
		if err := sc.readable(f.Path, fields[of[k]], t); err != nil {
			return nil, nil, err
		}
		columns, targets = append(columns, of[k]), append(targets, t)
	}
	if shape >= 0 {
		columns = append(columns, shape)
		targets = append(targets, target{field: len(sc.schema.Fields) - 1, mul: 1, div: 1})
	}
	return columns, targets, nil
}

// readable refuses a column whose type cannot hold what it should: above all a
// code stored as a number, which has lost the zeros it may begin with.
func (sc *scan) readable(path string, column arrow.Field, t target) error {
	f := sc.schema.Fields[t.field]
	switch column.Type.ID() {
	case arrow.STRING, arrow.NULL:
		return nil
	case arrow.BOOL:
		if f.Kind == table.Bool {
			return nil
		}
	case arrow.DATE32, arrow.DATE64, arrow.TIMESTAMP:
		if f.Kind == table.Date {
			return nil
		}
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT8, arrow.UINT16, arrow.UINT32, arrow.UINT64,
		arrow.FLOAT32, arrow.FLOAT64, arrow.DECIMAL128:
		switch f.Kind {
		case table.Number, table.Integer, table.ID, table.Bool:
			return nil
		case table.Code:
			return fmt.Errorf("read %s: column %s is %s, but a code is text (a number loses leading zeros); write it as text",
				path, column.Name, column.Type)
		case table.Text:
			return nil
		}
	}
	return fmt.Errorf("read %s: column %s is %s, which does not hold %s; write it as text or in its own type",
		path, column.Name, column.Type, f.Name)
}

// record turns a row group into batches.
func (sc *scan) record(rec arrow.Record, targets []target, number, first int, taken chan<- *rows) error {
	n := int(rec.NumRows())
	for from := 0; from < n; from += rowsPerBatch {
		to := min(n, from+rowsPerBatch)
		r := newRows(sc.schema, sc.file, to-from)
		set := make([]func(i int), len(targets))
		for c, t := range targets {
			r.b.Reserve(t.field, textBytes(rec.Column(c), from, to))
			set[c] = r.setter(rec.Column(c), t)
		}
		for i := from; i < to; i++ {
			for _, s := range set {
				s(i)
			}
			r.yearFromName(sc.year)
			r.end(int64(first + i + 1))
		}
		taken <- r
		if err := sc.hand(number, r.b.Batch()); err != nil {
			return err
		}
		number++
	}
	return nil
}

// textBytes is how many bytes of text or WKB the rows from … to−1 hold.
func textBytes(column arrow.Array, from, to int) int {
	switch a := column.(type) {
	case *array.String:
		return a.ValueOffset(to-1) + len(a.Value(to-1)) - a.ValueOffset(from)
	case *array.Binary:
		return a.ValueOffset(to-1) + a.ValueLen(to-1) - a.ValueOffset(from)
	}
	return 0
}

// setter sets a field from the cells of an Arrow column.
func (r *rows) setter(column arrow.Array, t target) func(i int) {
	kind := r.schema.Fields[t.field].Kind
	if kind == table.Geometry {
		return r.wkbSetter(column, t.field)
	}
	switch a := column.(type) {
	case *array.String:
		return func(i int) {
			if a.IsValid(i) {
				v := a.Value(i)
				r.text(t, unsafe.Slice(unsafe.StringData(v), len(v))) // text only reads
			}
		}
	case *array.Float64:
		if kind == table.Number {
			return func(i int) {
				if a.IsValid(i) {
					r.float(t, a.Value(i))
				}
			}
		}
	case *array.Date32:
		return func(i int) {
			if a.IsValid(i) {
				r.b.Date(t.field, unit.Date(a.Value(i)))
			}
		}
	case *array.Date64:
		return func(i int) {
			if a.IsValid(i) {
				r.b.Date(t.field, unit.Date(a.Value(i).ToTime().Unix()/86400))
			}
		}
	case *array.Timestamp:
		toTime, err := a.DataType().(*arrow.TimestampType).GetToTimeFunc()
		if err == nil {
			return func(i int) {
				if a.IsValid(i) {
					y, m, d := toTime(a.Value(i)).Date()
					day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
					r.b.Date(t.field, unit.Date(day))
				}
			}
		}
	case *array.Boolean:
		return func(i int) {
			if a.IsValid(i) {
				r.b.Bool(t.field, a.Value(i))
			}
		}
	case *array.Null:
		return func(int) {}
	}
	return func(i int) { // other numbers, as their decimal text
		if column.IsValid(i) {
			r.cell = append(r.cell[:0], column.ValueStr(i)...)
			r.text(t, r.cell)
		}
	}
}

// float sets a number; what is not finite is no number.
func (r *rows) float(t target, v float64) {
	n, finite := t.scale(v)
	if !finite {
		r.fail(t.field, fmt.Append(nil, v), NotANumber)
		return
	}
	r.b.Number(t.field, n)
}

// wkbSetter sets the geometry from WKB.
func (r *rows) wkbSetter(column arrow.Array, field int) func(i int) {
	a, ok := column.(*array.Binary)
	var g wkb.Geometry
	return func(i int) {
		switch {
		case !ok:
			r.fail(field, []byte(column.DataType().String()), UnreadableGeometry)
		case a.IsNull(i):
			r.geometry(nil, "")
		default:
			if err := g.Parse(a.Value(i)); err != nil {
				r.geometry(nil, err.Error())
				return
			}
			r.geometry(&g, "")
		}
	}
}
