package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/sample"
)

// smallCity is a made-up city as GeoParquet and CSV.
func smallCity(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "city")
	if err := sample.Write(t.Context(), sample.Options{Out: dir, Parcels: 900, Seed: 3}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// help runs one of the helpers in this process.
func help(t *testing.T, args ...string) string {
	t.Helper()
	var said strings.Builder
	if err := helpers[args[0]](t.Context(), args[1:], &said); err != nil {
		t.Fatal(err)
	}
	return said.String()
}

func TestEveryFormatIsReadWithAsManyRowsAsWereMade(t *testing.T) {
	city, to := smallCity(t), t.TempDir()
	help(t, "make", "layers", city, to)
	help(t, "make", "tables", filepath.Join(city, "output.csv"), to, "2500")
	for folder, want := range map[string]struct {
		table string
		rows  int64
	}{city: {"parcels", 900}, "geopackage": {"parcels", 900}, "shapefile": {"parcels", 900}, "csv": {"output", 2500}, "xlsx": {"output", 2500}} {
		if folder != city {
			folder = filepath.Join(to, folder)
		}
		var got reading
		if err := json.Unmarshal([]byte(help(t, "read", folder, want.table)), &got); err != nil {
			t.Fatal(err)
		}
		if got.Rows != want.rows || got.Bytes < 100*want.rows/4 || runtime.GOOS == "linux" && got.PrivateMemory < 1<<20 {
			t.Errorf("%s: %+v, want %d rows", folder, got, want.rows)
		}
	}
	for _, path := range []string{filepath.Join(city, "parcels.parquet"), filepath.Join(to, "csv/output.csv"), filepath.Join(to, "xlsx/output.xlsx")} {
		help(t, "iterate", path)
	}
}

func TestRowsBeyondTheCitysAreOfEarlierYears(t *testing.T) {
	path := filepath.Join(t.TempDir(), "output.csv")
	if err := os.WriteFile(path, []byte("credit_code,year,sales\nA,2023,1\nA,2024,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := outputRows(path, 5, func(record []string) error {
		got = append(got, strings.Join(record, ","))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := "credit_code,year,sales A,2023,1 A,2024,2 A,2013,1 A,2014,2 A,2003,1"; strings.Join(got, " ") != want {
		t.Errorf("rows %v, want %s", got, want)
	}
}

func TestARowThatIsNotUsedFailsTheMeasurement(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "output.csv"), []byte("credit_code,year,sales\nA,2023,1\nA,soon,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readOne(t.Context(), []string{dir, "output"}, io.Discard); err == nil || !strings.Contains(err.Error(), "1 of 2 rows are used") {
		t.Errorf("error %v", err)
	}
}

func TestAReadersFiguresAreMediansAndItsMemoryIsTheLargest(t *testing.T) {
	var taken []reading
	for i, seconds := range []float64{3, 1, 2} {
		taken = append(taken, reading{
			source: source{Format: "CSV", Table: "output"}, Rows: 10, Bytes: 4e6, Seconds: seconds, PeakMemory: int64(10 + i), PrivateMemory: int64(3 - i),
			Yardstick: &readerYardstick{Name: "encoding/csv", Seconds: 8 - seconds, CPUSeconds: seconds},
		})
	}
	m := middleOf(taken)
	if m.Seconds != 2 || m.RowsPerSecond != 5 || m.MegabytesPerSecond != 2 || m.PeakMemory != 12 || m.PrivateMemory != 3 {
		t.Errorf("the reader's figures are %+v", m)
	}
	if m.Yardstick.Seconds != 6 || m.Yardstick.CPUSeconds != 2 || m.Yardstick.Ratio != 0.333 {
		t.Errorf("the yardstick's are %+v", m.Yardstick)
	}
	for i := range taken {
		taken[i].Yardstick = nil
	}
	if cells := middleOf(taken).cells(); cells[len(cells)-4] != "ogr2ogr is not installed" {
		t.Errorf("without a yardstick the table says %q", cells)
	}
}

func TestTheWorkbookOf200000RowsIsReadInLessThan300MB(t *testing.T) {
	for _, r := range kept(t).Readers.Formats {
		if r.Format == "XLSX" && r.Rows == smallWorkbook && r.PeakMemory > 0 && r.PeakMemory < 300e6 {
			return
		}
	}
	t.Error("bench.json has no workbook of 200000 rows read in less than 300 MB")
}
