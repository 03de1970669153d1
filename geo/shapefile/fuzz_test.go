package shapefile

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzShapefile reads files of any bytes: it must not panic, not take memory the
// files do not hold, give text in UTF-8 and geometries that are well put together,
// and the same in two ranges as in one.
func FuzzShapefile(f *testing.F) {
	for _, d := range []draft{
		numbered(3), one(Point, append(le32(1), le64(1, 2)...)), one(Polygon, polygon(PolygonZ, box(0, 0, 9, 9), turned(box(1, 1, 2, 2)), box(20, 0, 21, 1))),
		one(PolyLine, polygon(PolyLine, box(0, 0, 1, 1), box(5, 5, 6, 6))), one(Polygon, le32(0)),
		one(MultiPoint, bytes.Join([][]byte{le32(8), make([]byte, 32), le32(2), le64(1, 2, 3, 4)}, nil)),
	} {
		d.columns = append(d.columns, column{"DAY", 'D', 8}, column{"OK", 'L', 1}, column{"\xd0\xd5", 'C', 5}, column{"I", 'I', 4}, column{"B", 'B', 8}, column{"M", 'M', 10})
		for i := range d.rows {
			d.rows[i] += "20240630T\xcb\xde\xc7\xa8\xca\x01\x02\x03\x04" + string(le64(1.5)) + "         1"
		}
		shp, shx, dbf := d.files()
		f.Add(shp, shx, dbf, "GBK")
		f.Add(shp, []byte(nil), dbf, "")
	}
	f.Fuzz(func(t *testing.T, shp, shx, dbf []byte, cpg string) {
		file := &File{paths: paths{shp: "x.shp", dbf: "x.dbf"}, shp: part{bytes.NewReader(shp), int64(len(shp))}, dbf: part{bytes.NewReader(dbf), int64(len(dbf))}}
		if len(shx) > 0 {
			file.paths.shx, file.shx = "x.shx", part{bytes.NewReader(shx), int64(len(shx))}
		}
		if cpg != "" {
			file.paths.cpg = "x.cpg"
		}
		if err := file.start(cpg, Options{}); err != nil {
			oneLine(t, err)
			return
		}
		if file.Count() > int64(len(dbf)) {
			t.Fatalf("%d records in a .dbf of %d bytes", file.Count(), len(dbf))
		}
		whole, err := readRange(file, file.All())
		if err != nil {
			oneLine(t, err)
		}
		for _, rec := range whole {
			sound(t, rec)
		}
		var parts []record
		for _, r := range file.Ranges(2) {
			part, partErr := readRange(file, r)
			if parts = append(parts, part...); partErr != nil {
				if err == nil || partErr.Error() != err.Error() {
					t.Fatalf("in two ranges %v, in one %v", partErr, err)
				}
				return
			}
		}
		if err != nil || !bytesAlike(parts, whole) {
			t.Fatalf("in two ranges %+v, in one %+v (%v)", parts, whole, err)
		}
	})
}

// bytesAlike compares records, coordinates that are not numbers too.
func bytesAlike(a, b []record) bool {
	plain := func(all []record) []record {
		all = append([]record(nil), all...)
		for i, rec := range all {
			if rec.shape != nil {
				all[i].problem, all[i].shape = string(rec.shape.Append(nil)), nil
			}
		}
		return all
	}
	return reflect.DeepEqual(plain(a), plain(b))
}

func oneLine(t *testing.T, err error) {
	t.Helper()
	if s := err.Error(); strings.ContainsAny(s, "\n\r") || !utf8.ValidString(s) || !strings.HasPrefix(s, "read x.") {
		t.Fatalf("message %q", s)
	}
}

// sound checks what was read of a record.
func sound(t *testing.T, rec record) {
	t.Helper()
	for i, cell := range rec.cells {
		if !utf8.ValidString(cell) {
			t.Fatalf("record %d, field %d is %q", rec.number, i+1, cell)
		}
	}
	g := rec.shape
	if g == nil {
		return
	}
	if rec.problem != "" || !g.Type.Readable() {
		t.Fatalf("record %d: %s with problem %q", rec.number, g.Type, rec.problem)
	}
	at := int32(0)
	for i, end := range g.Rings {
		if end <= at || int(end) > len(g.XY)/2 {
			t.Fatalf("record %d: ring %d ends at %d, begins at %d", rec.number, i, end, at)
		}
		at = end
	}
	if n := len(g.Parts); int(at) != len(g.XY)/2 || n > 0 && int(g.Parts[n-1]) != len(g.Rings) {
		t.Fatalf("record %d: rings %v, parts %v for %d numbers", rec.number, g.Rings, g.Parts, len(g.XY))
	}
	again := g.Clone()
	if err := again.Parse(g.Append(nil)); err != nil {
		t.Fatalf("record %d: %v", rec.number, err)
	}
}
