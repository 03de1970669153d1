package shapefile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestEachShapeTypeComesInThePlane(t *testing.T) {
	square := box(0, 0, 2, 2)
	z := le64(make([]float64, 2*(2+5))...) // range and values of heights and measures
	line := func(kind ShapeType, parts ...[]float64) []byte { return polygon(kind, parts...) }
	points := func(kind ShapeType, xy ...float64) []byte {
		return bytes.Join([][]byte{le32(int(kind)), make([]byte, 32), le32(len(xy) / 2), le64(xy...)}, nil)
	}
	point := func(kind ShapeType, v ...float64) []byte { return append(le32(int(kind)), le64(v...)...) }
	for _, c := range []struct {
		kind  ShapeType
		shape []byte
		want  string
	}{
		{Polygon, polygon(Polygon, square), "Polygon ([0 0 0 2 2 2 2 0 0 0])"},
		{PolygonM, append(polygon(PolygonM, square), z[:7*8]...), "Polygon ([0 0 0 2 2 2 2 0 0 0])"},
		{PolygonZ, append(polygon(PolygonZ, square), z...), "Polygon ([0 0 0 2 2 2 2 0 0 0])"},
		{PolygonZ, polygon(PolygonZ, square), "Polygon ([0 0 0 2 2 2 2 0 0 0])"}, // without its heights
		{Polygon, polygon(Polygon, square, turned(box(0.5, 0.5, 1, 1))), "Polygon ([0 0 0 2 2 2 2 0 0 0][0.5 0.5 1 0.5 1 1 0.5 1 0.5 0.5])"},
		{Polygon, polygon(Polygon, square, box(3, 0, 4, 1)), "MultiPolygon ([0 0 0 2 2 2 2 0 0 0]) ([3 0 3 1 4 1 4 0 3 0])"},
		{Polygon, polygon(Polygon, square, nil, box(3, 0, 4, 1), nil), "MultiPolygon ([0 0 0 2 2 2 2 0 0 0]) ([3 0 3 1 4 1 4 0 3 0])"},
		{Polygon, polygon(Polygon), "Polygon ()"},
		{Polygon, polygon(Polygon, []float64{0, 0, 0, 1, 1, 1}), "Polygon ([0 0 0 1 1 1])"}, // open, as it stands
		{Polygon, le32(0), "nil"},
		{Polygon, append(le32(0), make([]byte, 40)...), "nil"}, // a null with room behind it
		{PolyLine, line(PolyLine, []float64{1, 2, 3, 4}), "LineString ([1 2 3 4])"},
		{PolyLineZ, append(line(PolyLineZ, []float64{1, 2, 3, 4}), z...), "LineString ([1 2 3 4])"},
		{PolyLineM, line(PolyLineM, []float64{1, 2, 3, 4}, []float64{5, 6, 7, 8}), "MultiLineString ([1 2 3 4]) ([5 6 7 8])"},
		{Point, point(Point, 1, 2), "Point ([1 2])"},
		{PointM, point(PointM, 1, 2, 9), "Point ([1 2])"},
		{PointZ, point(PointZ, 1, 2, 8, 9), "Point ([1 2])"},
		{MultiPoint, points(MultiPoint, 1, 2, 3, 4), "MultiPoint ([1 2]) ([3 4])"},
		{MultiPointZ, append(points(MultiPointZ, 1, 2, 3, 4), z...), "MultiPoint ([1 2]) ([3 4])"},
		{MultiPointM, points(MultiPointM), "MultiPoint"},
	} {
		for _, noIndex := range []bool{false, true} {
			d := one(c.kind, c.shape)
			d.noIndex = noIndex
			all := read(t, d.write(t), Options{})
			if len(all) != 1 || all[0].problem != "" || text(all[0].shape) != c.want || all[0].cells[0] != "name" {
				t.Errorf("%s: got %+v, want %s", c.kind, all, c.want)
				continue
			}
			if g := all[0].shape; g != nil && !g.Empty() {
				again := g.Clone()
				if err := again.Parse(g.Append(nil)); err != nil || text(again) != c.want {
					t.Errorf("%s: as WKB it is %s (%v), want %s", c.kind, text(again), err, c.want)
				}
			}
		}
	}
}

func TestCoordinatesThatAreNotFiniteAreLeftToTheCaller(t *testing.T) {
	inf := math.Inf(1)
	for _, rings := range [][][]float64{
		{{0, 0, math.NaN(), 1, 1, 1, 0, 0}},
		{box(0, 0, 9, 9), {1, inf, 2, 2, 3, -inf, 1, inf}, {1, math.NaN(), 2, 2, math.NaN(), 1}},
		{box(-inf, -inf, inf, inf), box(0, 0, 1, 1)},
		{box(-1e308, -1e308, 1e308, 1e308), box(0, 0, 1, 1)},
	} {
		all := read(t, one(Polygon, polygon(Polygon, rings...)).write(t), Options{})
		if len(all) != 1 || all[0].shape == nil || all[0].shape.NumRings() != len(rings) {
			t.Errorf("%v: got %+v", rings, all)
		}
	}
}

func TestCellsComeAsTheirTypesSay(t *testing.T) {
	number := func(v float64) string { return string(le64(v)) }
	for _, c := range []struct {
		column column
		cell   string
		want   string
	}{
		{column{"A", 'C', 8}, "  a b   ", "  a b"},
		{column{"A", 'C', 8}, "ab\x00xyz  ", "ab"},
		{column{"A", 'C', 20}, "a                   ", "a"},
		{column{"A", 'C', 8}, "        ", ""},
		{column{"A", 'C', 8}, "\x00\x00\x00\x00\x00\x00\x00\x00", ""},
		{column{"A", 'N', 8}, "  -12.50", "-12.50"},
		{column{"A", 'N', 8}, "12\x00\x00    ", "12"},
		{column{"A", 'N', 8}, "********", ""},
		{column{"A", 'N', 8}, "        ", ""},
		{column{"A", 'F', 13}, " 1.23400e+003", "1.23400e+003"},
		{column{"A", 'n', 4}, "  12", "12"},
		{column{"A", 'D', 8}, "20240630", "2024-06-30"},
		{column{"A", 'D', 8}, "00000000", ""},
		{column{"A", 'D', 8}, "        ", ""},
		{column{"A", 'D', 10}, "2024/06/30", "2024/06/30"},
		{column{"A", 'L', 1}, "T", "true"},
		{column{"A", 'L', 1}, "y", "true"},
		{column{"A", 'L', 1}, "N", "false"},
		{column{"A", 'L', 1}, "f", "false"},
		{column{"A", 'L', 1}, "?", ""},
		{column{"A", 'L', 1}, " ", ""},
		{column{"A", 'L', 1}, "1", "1"},
		{column{"A", 'I', 4}, string(le32(-7)), "-7"},
		{column{"A", 'B', 8}, number(1.25), "1.25"},
		{column{"A", 'O', 8}, number(-1e300), "-1e+300"},
		{column{"A", 'M', 10}, "          ", ""},
		{column{"A", 'B', 10}, "          ", ""},
	} {
		d := one(Point, append(le32(1), le64(1, 2)...))
		d.columns, d.rows = []column{{"BEFORE", 'C', 3}, c.column, {"AFTER", 'C', 3}}, []string{" one" + c.cell + "two"}
		all := read(t, d.write(t), Options{})
		if want := []string{"one", c.want, "two"}; len(all) != 1 || !slices.Equal(all[0].cells, want) || all[0].problems[1] != "" {
			t.Errorf("%c %q: got %+v, want %q", c.column.kind, c.cell, all, want)
		}
	}
}

func TestAMemoIsTheRowsProblemOnlyWhereThereIsOne(t *testing.T) {
	d := one(Point, append(le32(1), le64(1, 2)...))
	d.columns, d.rows = []column{{"NOTE", 'M', 10}}, []string{"          7"}
	rec := read(t, d.write(t), Options{})[0]
	if rec.cells[0] != "" || !strings.Contains(rec.problems[0], "not read") {
		t.Errorf("got %+v", rec)
	}
}

func TestFieldsAreReportedAsTheyStand(t *testing.T) {
	d := one(Point, append(le32(1), le64(1, 2)...))
	d.columns = []column{{"ZDMJ", 'N', 4}, {"LONGNAME_11", 'C', 2}, {"blank  ", 'L', 1}}
	d.rows = []string{" 1234ab "}
	f := open(t, d.write(t), Options{})
	want := []Field{{Name: "ZDMJ", Type: 'N', Width: 4, at: 1}, {Name: "LONGNAME_11", Type: 'C', Width: 2, at: 5}, {Name: "blank", Type: 'L', Width: 1, at: 7}}
	if !reflect.DeepEqual(f.Fields(), want) {
		t.Errorf("got %+v, want %+v", f.Fields(), want)
	}
	if !f.Fields()[0].Numeric() || f.Fields()[1].Numeric() {
		t.Error("ZDMJ is numeric, LONGNAME_11 is not")
	}
}

func TestDeletedRecordsArePassedOverCountedAndKeepTheirNumbers(t *testing.T) {
	for _, noIndex := range []bool{false, true} {
		d := numbered(5)
		d.noIndex = noIndex
		for _, i := range []int{0, 3} {
			d.rows[i] = "*" + d.rows[i][1:]
		}
		f := open(t, d.write(t), Options{})
		r := f.Read(f.All())
		var got []string
		for r.Next() {
			g, _ := r.Geometry()
			cell, _ := r.Cell(0)
			got = append(got, fmt.Sprint(r.Number(), " ", string(cell), " ", g.XY[0]))
		}
		if want := []string{"2 2 1", "3 3 2", "5 5 4"}; r.Err() != nil || !slices.Equal(got, want) || r.Deleted() != 2 || f.Count() != 5 {
			t.Errorf("got %q, %d deleted, %v; want %q", got, r.Deleted(), r.Err(), want)
		}
	}
}

func TestRangesTogetherAreTheFile(t *testing.T) {
	const n = 3*waypointEvery + 77
	for _, noIndex := range []bool{false, true} {
		d := numbered(n)
		d.noIndex = noIndex
		for i := range d.rows {
			if i%50 == 7 {
				d.rows[i] = "*" + d.rows[i][1:]
			}
		}
		path := d.write(t)
		f, whole := open(t, path, Options{}), read(t, path, Options{})
		if len(whole) != n-n/50 && len(whole) != n-n/50-1 {
			t.Fatalf("%d records", len(whole))
		}
		for _, parts := range []int{-1, 1, 2, 7, 100, n + 5} {
			ranges := f.Ranges(parts)
			if len(ranges) != max(1, min(parts, n)) {
				t.Fatalf("%d ranges, want %d", len(ranges), parts)
			}
			if got := together(t, f, ranges); !reflect.DeepEqual(got, whole) {
				t.Fatalf("in %d parts (.shx: %v) it is not what it is in one", parts, !noIndex)
			}
		}
	}
}

// together reads ranges on goroutines of their own.
func together(t *testing.T, f *File, ranges []Range) []record {
	t.Helper()
	parts := make([][]record, len(ranges))
	var group sync.WaitGroup
	for i, r := range ranges[:min(len(ranges), 100)] {
		group.Go(func() {
			var err error
			if parts[i], err = readRange(f, r); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(ranges) > 100 { // too many for goroutines: one reader, started anew each time
		parts = parts[:0]
		rd := f.Read(Range{})
		for _, r := range ranges {
			rd.Reset(r)
			part, err := readOn(rd, f)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, part)
		}
	}
	return slices.Concat(parts...)
}

func TestARangeThatTheFileHasNotIsCut(t *testing.T) {
	f := open(t, numbered(5).write(t), Options{})
	for r, want := range map[Range]int{{}: 0, {1, 5}: 5, {1, 50}: 5, {5, 1}: 1, {6, 1}: 0, {-3, 2}: 2, {2, -1}: 0, {4, math.MaxInt64}: 2, {math.MinInt64 + 1, 5}: 5} {
		if all, err := readRange(f, r); err != nil || len(all) != want {
			t.Errorf("%v: %d records, %v; want %d", r, len(all), err, want)
		}
	}
	if got := open(t, numbered(0).write(t), Options{}); got.Count() != 0 || len(got.Ranges(4)) != 0 {
		t.Error("an empty layer has ranges")
	}
}

func TestTheIndexSaysWhereRecordsAre(t *testing.T) {
	// Edited in place: the new second shape stands behind the others, the old one
	// where it was.
	d := numbered(3)
	moved := polygon(Polygon, box(7, 7, 8, 8), box(9, 7, 10, 8))
	d.shp = func(b []byte) []byte {
		b = bytes.Join([][]byte{b, be32(2), be32(len(moved) / 2), moved}, nil)
		copy(b[24:], be32(len(b)/2))
		return b
	}
	size := 8 + len(d.shapes[0])
	d.shx = func(b []byte) []byte {
		copy(b[108:], be32((100+3*size)/2))
		copy(b[112:], be32(len(moved)/2))
		return b
	}
	all := read(t, d.write(t), Options{})
	if len(all) != 3 || all[1].shape.XY[0] != 7 || all[2].shape.XY[0] != 2 || all[1].number != 2 {
		t.Fatalf("got %+v", all)
	}
	d.noIndex = true
	if _, err := Open(d.write(t), Options{}); err == nil || !strings.Contains(err.Error(), "record 4 is numbered 2 in the file and follows 3") {
		t.Errorf("without the .shx: %v", err)
	}
	d = numbered(3)
	d.shx = func(b []byte) []byte { return append(append(b[:108:108], make([]byte, 8)...), b[116:]...) }
	if all := read(t, d.write(t), Options{}); len(all) != 3 || all[1].shape != nil || all[2].shape == nil {
		t.Errorf("a record taken out of the index: %+v", all)
	}
}

func TestEndingsMayHaveAnyCaseAndNeighboursAreNotMixedUp(t *testing.T) {
	dir := t.TempDir()
	d := numbered(2)
	d.prj = "GEOGCS[\"CGCS2000\"]"
	from := filepath.Dir(d.write(t))
	other := filepath.Dir(numbered(3).write(t))
	for name, source := range map[string]string{
		"Lots.SHP": from + "/layer.shp", "Lots.DBF": from + "/layer.dbf", "Lots.Shx": from + "/layer.shx", "Lots.PRJ": from + "/layer.prj",
		"lots.shp": other + "/layer.shp", "lots.dbf": other + "/layer.dbf", "Lots2.dbf": other + "/layer.dbf",
	} {
		b, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	upper, lower := open(t, filepath.Join(dir, "Lots.SHP"), Options{}), open(t, filepath.Join(dir, "lots.shp"), Options{})
	if upper.Count() != 2 || upper.shx.r == nil || lower.Count() != 3 || lower.shx.r != nil {
		t.Errorf("%d and %d records", upper.Count(), lower.Count())
	}
	if prj, given := upper.PRJ(); !given || prj != d.prj {
		t.Errorf("prj %q %v", prj, given)
	}
	if _, given := lower.PRJ(); given {
		t.Error("lots has no .prj")
	}
}

func TestRecordsLongerThanTheWindowsAreRead(t *testing.T) {
	big := circle(2 * shpWindow / 16)
	for _, noIndex := range []bool{false, true} {
		d := numbered(4)
		d.shapes[1], d.noIndex = polygon(Polygon, big), noIndex
		all := read(t, d.write(t), Options{})
		if len(all) != 4 || !slices.Equal(all[1].shape.XY, big) || all[3].shape.XY[0] != 3 {
			t.Errorf("%d records", len(all))
		}
	}
}

func TestReadingOnAllocatesNothing(t *testing.T) {
	d := numbered(500)
	d.columns = append(d.columns, column{"NAME", 'C', 20}, column{"DAY", 'D', 8})
	d.cpg = "GBK"
	for i := range d.rows {
		d.shapes[i] = polygon(Polygon, box(0, 0, 9, 9), turned(box(1, 1, 2, 2)), box(20, 0, 21, 1))
		d.rows[i] += "\xcb\xde\xc7\xa8" + strings.Repeat(" ", 16) + "20240630"
	}
	f := open(t, d.write(t), Options{})
	r := f.Read(f.All())
	rows := 0
	allocated := testing.AllocsPerRun(5, func() {
		r.Reset(f.All())
		for r.Next() {
			rows++
			if g, _ := r.Geometry(); g.NumParts() != 2 {
				t.Fatal(text(g))
			}
			for i := range f.Fields() {
				if _, problem := r.Cell(i); problem != "" {
					t.Fatal(problem)
				}
			}
		}
	})
	if r.Err() != nil || rows < 500 || allocated > 5 {
		t.Errorf("%d rows, %.0f allocations, %v", rows, allocated, r.Err())
	}
}

func TestTheLengthInTheHeaderEndsTheRecords(t *testing.T) {
	d := numbered(3)
	d.noIndex = true
	d.shp = func(b []byte) []byte { return append(b, "rest of an older file"...) }
	if all := read(t, d.write(t), Options{}); len(all) != 3 {
		t.Errorf("%d records", len(all))
	}
	d.shp = func(b []byte) []byte { // numbered from 0, as some writers do
		for i := range 3 {
			binary.BigEndian.PutUint32(b[100+i*(8+len(d.shapes[0])):], uint32(i))
		}
		return b
	}
	if all := read(t, d.write(t), Options{}); len(all) != 3 || all[0].number != 1 {
		t.Errorf("%+v", all)
	}
}
