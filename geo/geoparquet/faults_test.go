package geoparquet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
)

func TestWhatIsNoParquetIsNamedInOneLine(t *testing.T) {
	good := write(t, 10, 10, Options{})
	for text, want := range map[string]string{
		"":                                    "too short",
		"parcel_code,area\n1,2\n3,4\n":        "not a Parquet file",
		string(good[:len(good)-10]):           "cut short",
		string(good[:len(good)-4]) + "PARE":   "encrypted",
		"PAR1" + string(good[len(good)-100:]): "read ",
	} {
		_, err := open(t, []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "a.parquet") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.20q: %v, want %q", text, err, want)
		}
	}
	dir := t.TempDir()
	for path, want := range map[string]string{dir: "a folder", filepath.Join(dir, "none.parquet"): "no such file"} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), dir) != 1 {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v is not ErrNotExist", err)
	}
}

// withGeo is a small file with the given text under the "geo" key.
func withGeo(t testing.TB, geo string) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(parcels, &out, nil, pqarrow.DefaultWriterProps())
	if err == nil {
		err = w.Write(batch(0, 5))
	}
	if err == nil {
		err = w.AppendKeyValueMetadata("geo", geo)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGeoMetadataThatIsNotReadIsRefusedInOneLine(t *testing.T) {
	for geo, want := range map[string]string{
		`{`:                   "geo metadata: unexpected end",
		`[1]`:                 "geo metadata:",
		`{"version":"1.1.0"}`: "names no primary_column",
		`{"version":"1.1.0","primary_column":"geometry","columns":{}}`:                                                  "does not describe",
		`{"version":"1.1.0","primary_column":"shape","columns":{"shape":{"encoding":"WKB"}}}`:                           `no column "shape"`,
		`{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"polygon"}}}`:                 `encoded as "polygon"`,
		`{"version":"1.0.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","edges":"spherical"}}}`: "spherical edges",
		`{"version":"2.0.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB"}}}`:                     `version "2.0.0"`,
		`{"version":"1.0.0","primary_column":"area","columns":{"area":{"encoding":"WKB"}}}`:                             "holds float64",
	} {
		m, err := mustOpen(t, withGeo(t, geo)).Geo()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %+v %v, want %q", geo, m, err, want)
		}
	}
}

func TestTheCoordinateSystemIsToldApart(t *testing.T) {
	const head = `{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB"`
	for member, want := range map[string]string{
		``:                        " false",
		`,"crs":null`:             " true",
		`,"crs":{"name":"local"}`: `{"name":"local"} true`,
	} {
		m, err := mustOpen(t, withGeo(t, head+member+`,"covering":{"bbox":{"xmin":["box","xmin"]}}}}}`)).Geo()
		if err != nil {
			t.Errorf("%s: %v", member, err)
		} else if got := fmt.Sprint(string(m.CRS), " ", m.CRSGiven); got != want || m.CoveringColumn != "box" {
			t.Errorf("%s: %q, covering %q, want %q", member, got, m.CoveringColumn, want)
		}
	}
}

// readAll reads everything of a file that may be damaged.
func readAll(path string) error {
	f, err := Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Geo(); err != nil {
		return err
	}
	for i := range f.NumRowGroups() {
		if _, err := f.RowGroup(context.Background(), i, everyColumn(f)); err != nil {
			return err
		}
	}
	return nil
}

func FuzzOpen(f *testing.F) {
	f.Add(write(f, 5, 5, Options{LowCardinality: []string{"land_use"}}))
	f.Add([]byte("PAR1\x00\x00\x00\x00PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "a.parquet")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := readAll(path); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("error on several lines: %q", err)
		}
	})
}

// FuzzGeoMetadata reads arbitrary text as the geo key: what is taken names a column that
// is there, in an encoding and of a version that are read.
func FuzzGeoMetadata(f *testing.F) {
	const good = `{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":["Polygon"],"crs":null,"edges":"planar",` +
		`"orientation":"counterclockwise","bbox":[1,2,3,4],"covering":{"bbox":{"xmin":["bbox","xmin"],"ymin":["bbox","ymin"]}}}}}`
	for _, s := range []string{
		good, strings.Replace(good, "1.1.0", "2.0.0", 1), strings.Replace(good, "null", `{"type":"GeographicCRS","id":{"authority":"EPSG","code":4490}}`, 1),
		strings.Replace(good, "planar", "spherical", 1), strings.Replace(good, "WKB", "polygon", 1), strings.Replace(good, `"primary_column":"geometry"`, `"primary_column":"g"`, 1),
		strings.Replace(good, `["bbox","xmin"]`, `[]`, 1), good[:60], "", "null", "[]", `{"columns":null}`, "\xff",
	} {
		f.Add([]byte(s))
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "code", Type: arrow.BinaryTypes.String}, {Name: "geometry", Type: arrow.BinaryTypes.Binary}}, nil)
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseGeo(text)
		if err == nil {
			err = m.check(schema)
		}
		switch {
		case err != nil && strings.Contains(oneLine{err}.Error(), "\n"):
			t.Fatalf("%q: %v", text, err)
		case err != nil:
		case m.PrimaryColumn != "geometry" || m.Encoding != "WKB" || m.Edges != "planar" || strings.HasPrefix(m.Version, "2"):
			t.Fatalf("%q is taken as %+v", text, m)
		case m.CRS != nil && (!m.CRSGiven || !json.Valid(m.CRS)):
			t.Fatalf("%q has the system %q", text, m.CRS)
		}
	})
}

func TestAFileWithDamagedBytesNeverPanics(t *testing.T) {
	good := write(t, 8, 8, Options{LowCardinality: []string{"land_use"}})
	path := filepath.Join(t.TempDir(), "a.parquet")
	refused := 0
	for i := range good {
		bad := slices.Clone(good)
		bad[i] ^= byte(1 << (i % 8))
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if readAll(path) != nil {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no damage was noticed")
	}
}

func TestAColumnThatCannotBeUnpackedSaysHowToWriteIt(t *testing.T) {
	data := write(t, 5, 5, Options{})
	// In the footer a column's path is followed by its codec, 0x15 and a zigzag
	// number: 7 is LZ4_RAW, which the library cannot write.
	at := bytes.LastIndex(data, []byte("area\x15")) + len("area\x15")
	data[at] = 2 * 7
	f := mustOpen(t, data)
	_, err := f.RowGroup(context.Background(), 0, []int{2})
	if err == nil || !strings.Contains(err.Error(), `a.parquet: column "area"`) ||
		!strings.Contains(err.Error(), "compressed as LZ4_RAW, which is not read: write it with snappy, zstd or gzip") {
		t.Errorf("%v", err)
	}
	if _, err := f.RowGroup(context.Background(), 0, []int{0, 1}); err != nil {
		t.Errorf("the other columns: %v", err)
	}
}
