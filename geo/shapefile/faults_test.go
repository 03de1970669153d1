package shapefile

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fault opens and reads a file and returns what is wrong with it.
func fault(t *testing.T, d draft) string {
	t.Helper()
	f, err := Open(d.write(t), Options{})
	if err == nil {
		defer f.Close()
		_, err = readRange(f, f.All())
	}
	if err == nil {
		return ""
	}
	if strings.ContainsAny(err.Error(), "\n\r") {
		t.Errorf("more than a line: %q", err)
	}
	return err.Error()
}

// set returns a change that overwrites bytes; at counts from the end when negative.
func set(at int, v ...byte) func([]byte) []byte {
	return func(b []byte) []byte {
		if at < 0 {
			at += len(b)
		}
		copy(b[at:], v)
		return b
	}
}

// cut returns a change that leaves the last n bytes out.
func cut(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:max(0, len(b)-n)] } }

func TestFaultsOfTheFilesAreNamed(t *testing.T) {
	record := 8 + len(numbered(1).shapes[0]) // bytes
	for name, c := range map[string]struct {
		spoil func(d *draft)
		want  []string
	}{
		"an empty .shp":          {func(d *draft) { d.shp = cut(1 << 20) }, []string{"layer.shp: not a shapefile's .shp: it has only 0 bytes"}},
		"another magic":          {func(d *draft) { d.shp = set(0, 0, 0, 1, 2) }, []string{"layer.shp: not a shapefile's .shp: it begins with 00 00 01 02"}},
		"a zip":                  {func(d *draft) { d.shp = set(0, []byte("PK\x03\x04")...) }, []string{"layer.shp: it is compressed"}},
		"surfaces":               {func(d *draft) { d.shp = set(32, 31) }, []string{"MultiPatch", "footprints"}},
		"an unknown type":        {func(d *draft) { d.shp = set(32, 77) }, []string{"shape type 77, which does not exist"}},
		"a length never written": {func(d *draft) { d.shp = set(24, 0, 0, 0, 0) }, []string{"0 bytes long", "not written to its end"}},

		"a .shp cut within a record": {func(d *draft) { d.shp = cut(10) }, []string{"layer.shp: record 3", "cut short"}},
		"the same without .shx":      {func(d *draft) { d.shp, d.noIndex = cut(10), true }, []string{"layer.shp: record 3", "cut short"}},
		"cut between records":        {func(d *draft) { d.shp, d.noIndex = cut(record), true }, []string{"layer.shp: it should be", "ends after record 2", "cut short"}},
		"cut within a record's head": {func(d *draft) { d.shp, d.noIndex = cut(record-5), true }, []string{"record 3 at byte", "cut short"}},

		"a record too long for the file": {func(d *draft) { d.shp = set(104, 0x7f, 0xff, 0xff, 0xff) }, []string{"record 1 at byte 100", "or the length is wrong"}},
		"a record said to be longer":     {func(d *draft) { d.shp = set(107, byte(record/2)) }, []string{"record 1 at byte 100", "by the .shx", "from another time"}},
		"the same, without .shx":         {func(d *draft) { d.shp, d.noIndex = set(107, byte(record/2)), true }, []string{"record 2 "}},
		"a record of nothing":            {func(d *draft) { d.shp = set(104, 0, 0, 0, 1) }, []string{"record 1 at byte 100 is 2 bytes long, too short"}},
		"a record shorter, without .shx": {func(d *draft) { d.shp, d.noIndex = set(107, 10), true }, []string{"record 2"}},

		"a .shx of something else":   {func(d *draft) { d.shx = set(0, 1, 2, 3, 4) }, []string{"layer.shx: not a shapefile's .shx", "remove it"}},
		"a .shx cut short":           {func(d *draft) { d.shx = cut(3) }, []string{"layer.shx: it should be 124 bytes long and has 121", "remove it"}},
		"a .shx of no whole entries": {func(d *draft) { d.shx = set(27, 61) }, []string{"layer.shx: it is 122 bytes", "remove it"}},
		"an empty .shx":              {func(d *draft) { d.shx = cut(1000) }, []string{"layer.shx", "only 0 bytes", "remove it"}},
		"a .shx into the header":     {func(d *draft) { d.shx = set(100, 0, 0, 0, 9) }, []string{"layer.shx: record 1", "byte 18, within the header"}},
		"a .shx beyond the end":      {func(d *draft) { d.shx = set(116, 0, 1, 0, 0) }, []string{"layer.shp: record 3", "cut short"}},

		"more rows than shapes": {func(d *draft) { d.rows = append(d.rows, " "+pad(4, 6)) }, []string{"layer.shp: it has 3 records and the .dbf 4"}},
		"fewer rows":            {func(d *draft) { d.rows, d.noIndex = d.rows[:2], true }, []string{"layer.shp: it has 3 records and the .dbf 2"}},
		"a .dbf cut short":      {func(d *draft) { d.dbf = cut(4) }, []string{"layer.dbf: it should have 3 rows, but the file ends after 2"}},
		"a .dbf without header": {func(d *draft) { d.dbf = func(b []byte) []byte { return b[:40] } }, []string{"layer.dbf: its header should be 65 bytes long"}},
		"an empty .dbf":         {func(d *draft) { d.dbf = cut(1 << 20) }, []string{"layer.dbf: not a .dbf: it has only 0 bytes"}},
		"text as .dbf":          {func(d *draft) { d.dbf = func([]byte) []byte { return []byte(strings.Repeat("name,area\n", 9)) } }, []string{"layer.dbf: not a .dbf: it begins with 0x6e"}},
		"dBase 7":               {func(d *draft) { d.dbf = set(0, 4) }, []string{"layer.dbf: a table of dBase 7"}},
		"rows of another width": {func(d *draft) { d.dbf = set(10, 9) }, []string{"layer.dbf: it should have 3 rows, but the file ends after 2"}},
		"fields too wide":       {func(d *draft) { d.dbf = set(32+16, 7) }, []string{"layer.dbf: a row is 7 bytes long by the header, but its 1 fields come to 8"}},
		"rows that drift":       {func(d *draft) { d.rows[1] = "x" + d.rows[1][1:] }, []string{"layer.dbf: record 2 begins with 0x78"}},
		"an integer of 3 bytes": {func(d *draft) { d.columns[0] = column{"A", 'I', 6} }, []string{"field 1 of type I is 6 bytes wide"}},
		"no header":             {func(d *draft) { d.dbf = set(8, 0, 0) }, []string{"layer.dbf: not a .dbf: its header says"}},
	} {
		d := numbered(3)
		c.spoil(&d)
		got := fault(t, d)
		for _, part := range c.want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: got %q, want %q in it", name, got, part)
			}
		}
	}
}

func TestFilesThatAreNotThereAreNamed(t *testing.T) {
	path := numbered(1).write(t)
	if err := os.Remove(strings.TrimSuffix(path, "shp") + "dbf"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		path: "no layer.dbf beside it",
		filepath.Join(filepath.Dir(path), "none.shp"):   "none.shp: no none.dbf beside it",
		filepath.Join(filepath.Dir(path), "layer.shx"):  "not a .shp",
		filepath.Join(filepath.Dir(path), "a", "b.shp"): "no such file or directory",
	} {
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	path = numbered(1).write(t)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); err == nil || !strings.HasSuffix(err.Error(), "layer.shp: no such file or directory") {
		t.Errorf("without .shp: %v", err)
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "layer.shp: it is no regular file") {
		t.Errorf("a folder: %v", err)
	}
}

func TestAShapeThatCantBeReadIsTheRowsProblem(t *testing.T) {
	square := polygon(Polygon, box(0, 0, 1, 1))
	at := func(b []byte, at, v int) []byte {
		b = append([]byte(nil), b...)
		binary.LittleEndian.PutUint32(b[at:], uint32(v))
		return b
	}
	two := polygon(Polygon, box(0, 0, 1, 1), box(2, 2, 3, 3))
	for name, c := range map[string]struct {
		shape []byte
		want  string
	}{
		"more points than bytes":     {at(square, 40, 6), faultShort},
		"a count below zero":         {at(square, 40, -1), faultShort},
		"most points":                {at(square, 40, math.MaxInt32), faultShort},
		"more parts than bytes":      {at(square, 36, 40), faultShort},
		"parts below zero":           {at(square, 36, -1), faultShort},
		"points without parts":       {at(square, 36, 0), faultParts},
		"parts out of order":         {at(two, 44, 7), faultParts},
		"a part below zero":          {at(two, 48, -5), faultParts},
		"a part beyond the end":      {at(two, 48, 11), faultParts},
		"a polygon without its head": {square[:30], faultShort},
		"a point cut in two":         {append(le32(1), le64(1)...), faultShort},
		"points without number":      {append(le32(8), make([]byte, 32)...), faultShort},
		"too many points":            {append(append(le32(8), make([]byte, 32)...), le32(1)...), faultShort},
		"a surface":                  {le32(31), faultPatch},
		"an unknown type":            {le32(1234), faultType},
	} {
		d := numbered(3)
		d.shapes[1] = c.shape
		all := read(t, d.write(t), Options{})
		if len(all) != 3 || all[1].problem != c.want || all[1].shape != nil || all[1].cells[0] != "2" || all[2].problem != "" {
			t.Errorf("%s: got %+v, want %q", name, all, c.want)
		}
	}
}
