package read

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/crs"
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
	_, err = inOrder(ctx, sc.workers, queue(plan), func() func(int, job) error {
		return func(_ int, j job) error {
			rec, err := in.RowGroup(ctx, j.group, columns)
			if err != nil {
				return err
			}
			return sc.record(rec, targets, j.number, j.row)
		}
	})
	return err
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
		if err := sc.in(f, func() (crs.System, error) { return recorded(meta) }); err != nil {
			return nil, nil, err
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

// recorded is the system that a file's metadata gives; one that says nothing is in
// OGC:CRS84, and one that says its system is not known is refused.
func recorded(meta *geoparquet.Metadata) (crs.System, error) {
	if !meta.CRSGiven {
		return crs.System{}, unsaid{degrees: true}
	}
	if meta.CRS == nil {
		return crs.System{}, unsaid{advice: "it says that its coordinate system is not known: declare it in mapping.yaml"}
	}
	return crs.FindPROJJSON(meta.CRS)
}

// readable refuses a column whose type cannot hold what it should: above all a
// code stored as a number, which has lost the zeros it may begin with.
func (sc *scan) readable(path string, column arrow.Field, t target) error {
	if t.field >= len(sc.schema.Fields) {
		return sc.keepable(path, column, t)
	}
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
func (sc *scan) record(rec arrow.Record, targets []target, number, first int) error {
	n := int(rec.NumRows())
	for from := 0; from < n; from += rowsPerBatch {
		to := min(n, from+rowsPerBatch)
		r := sc.newRows(to - from)
		set := make([]func(i int), len(targets))
		for c, t := range targets {
			if _, kept := r.slotOf(t); !kept {
				r.b.Reserve(t.field, textBytes(rec.Column(c), from, to))
			}
			set[c] = r.setter(rec.Column(c), t)
		}
		for i := from; i < to; i++ {
			for _, s := range set {
				s(i)
			}
			r.fill()
			r.end(int64(first + i + 1))
		}
		sc.took(r)
		if err := sc.hand(number, r); err != nil {
			return err
		}
		number++
	}
	return nil
}

// keepable is readable for a column that a mapping asks for.
func (sc *scan) keepable(path string, column arrow.Field, t target) error {
	name, code := sc.takesCode(t)
	if id := column.Type.ID(); code && (arrow.IsInteger(id) || arrow.IsFloating(id) || id == arrow.DECIMAL128) {
		return fmt.Errorf("read %s: column %s is %s, but %s is a code and a number loses leading zeros; write it as text, or say pad_zeros",
			path, column.Name, column.Type, name)
	}
	return nil
}

// keeper keeps the cells of an Arrow column as texts.
func (r *rows) keeper(column arrow.Array, slot int) func(i int) {
	id, how := column.DataType().ID(), heldText
	if arrow.IsInteger(id) || arrow.IsFloating(id) || id == arrow.DECIMAL128 {
		how = heldNumber
	}
	return func(i int) {
		if column.IsValid(i) {
			r.cell = append(r.cell[:0], column.ValueStr(i)...)
			r.keep(slot, r.cell, how)
		}
	}
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
	if slot, kept := r.slotOf(t); kept {
		return r.keeper(column, slot)
	}
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
		return r.dateSetter(column, t.field, 1, func(i int) int64 { return int64(a.Value(i)) })
	case *array.Date64:
		return r.dateSetter(column, t.field, 86_400_000, func(i int) int64 { return int64(a.Value(i)) })
	case *array.Timestamp: // of Parquet: in UTC, or local and without a zone
		perDay := int64(24 * time.Hour / a.DataType().(*arrow.TimestampType).Unit.Multiplier())
		return r.dateSetter(column, t.field, perDay, func(i int) int64 { return int64(a.Value(i)) })
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

// firstDate and lastDate are the dates that are read.
var (
	firstDate, _ = unit.NewDate(1, 1, 1)
	lastDate, _  = unit.NewDate(9999, 12, 31)
)

// dateSetter sets a date from a column that counts so many a day since 1970.
func (r *rows) dateSetter(column arrow.Array, field int, perDay int64, value func(i int) int64) func(i int) {
	return func(i int) {
		if !column.IsValid(i) {
			return
		}
		v := value(i)
		day := v / perDay
		if v%perDay < 0 {
			day--
		}
		if day < int64(firstDate) || day > int64(lastDate) {
			r.fail(field, []byte(column.ValueStr(i)), NotADate)
			return
		}
		r.date(field, unit.Date(day))
	}
}

// float sets a number.
func (r *rows) float(t target, v float64) {
	if why := r.number(t, v); why != "" {
		r.fail(t.field, fmt.Append(nil, v), why)
	}
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
			r.wkb(&g, a.Value(i))
		}
	}
}

// wkb sets the geometry from WKB; g is scratch.
func (r *rows) wkb(g *wkb.Geometry, b []byte) {
	if err := g.Parse(b); err != nil {
		r.unparsed(err)
		return
	}
	r.geometry(g, "")
}

// unparsed is for WKB that cannot be read.
func (r *rows) unparsed(err error) {
	var unread wkb.TypeError
	if errors.As(err, &unread) {
		r.geometry(&wkb.Geometry{Type: unread.Type}, "")
		return
	}
	r.geometry(nil, errors.Unwrap(err).Error()) // the place in the bytes is of no use to a reader
}
