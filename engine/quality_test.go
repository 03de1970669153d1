package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/muscope-gis/muscope/datasets/cambridge"
	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/read"
)

// checked looks at the quality of a town's data.
func checked(t testing.TB, data string, o engine.Options) *engine.Quality {
	t.Helper()
	src, err := read.OpenFolder(data)
	if err != nil {
		t.Fatal(err)
	}
	q, err := engine.Check(context.Background(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	return q
}

// asJSON is all that a quality says.
func asJSON(t testing.TB, q *engine.Quality) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := q.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(b.Bytes()) {
		t.Fatalf("no JSON: %.400s", b.Bytes())
	}
	return b.Bytes()
}

// shifted is the corner of Cambridge with every fifth parcel drawn once more, moved by
// some metres, under a code of its own.
func shifted(t *testing.T) town {
	t.Helper()
	c := towns[0]
	if c.name != "cambridge" {
		t.Fatal(c.name)
	}
	files := fstest.MapFS{}
	for name, text := range c.texts(t) {
		if name == "parcels.geojson" {
			text = []byte(moved(t, text))
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	return town{"shifted", files, c.policies, c.year, c.asOf}
}

func moved(t *testing.T, text []byte) string {
	t.Helper()
	var layer map[string]any
	if err := json.Unmarshal(text, &layer); err != nil {
		t.Fatal(err)
	}
	features := layer["features"].([]any)
	for i, n := 0, len(features); i < n; i += 5 {
		f := features[i].(map[string]any)
		g := f["geometry"].(map[string]any)
		if g["type"] != "Polygon" {
			continue
		}
		var rings []any
		for _, ring := range g["coordinates"].([]any) {
			var points []any
			for _, p := range ring.([]any) {
				xy := p.([]any)
				points = append(points, []any{json.Number(fmt.Sprintf("%.7f", xy[0].(float64)+float64(i%11-5)*1e-5)), json.Number(fmt.Sprintf("%.7f", xy[1].(float64)+3e-5))})
			}
			rings = append(rings, points)
		}
		properties := map[string]any{"parcel_code": fmt.Sprintf("moved %d", i), "land_use": "1001", "land_use_standard": "YDYH-2023"}
		features = append(features, map[string]any{"type": "Feature", "properties": properties, "geometry": map[string]any{"type": "Polygon", "coordinates": rings}})
	}
	layer["features"] = features
	out, err := json.Marshal(layer)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestOverlapsOfParcelsAgreeWithPostGIS(t *testing.T) {
	for _, c := range []town{towns[0], shifted(t)} {
		t.Run(c.name, func(t *testing.T) {
			conn := judged(t, c)
			q := checked(t, c.folder(t, nil), c.options(t))
			want := column(t, conn, `SELECT * FROM (
				SELECT a.key || ' and ' || b.key, pg_temp.ground(ST_Intersection(a.g, b.g)) AS m2
				FROM used_parcels AS a JOIN used_parcels AS b ON a.key < b.key AND a.g && b.g) AS found WHERE m2 > 1`)
			areas := column(t, conn, `SELECT key, drawn FROM plots`)
			got, shares, wantShares := map[string]float64{}, map[string]float64{}, map[string]float64{}
			for _, p := range q.Pairs {
				pair := p.First + " and " + p.Second
				got[pair], shares[pair] = p.Area.SquareMetres(), float64(p.Share)/1e6
				wantShares[pair] = want[pair] / min(areas[p.First], areas[p.Second])
			}
			agree(t, "overlaps", got, want, 1e-7, 1e-3)
			agree(t, "shares of the smaller", shares, wantShares, 0, 2e-5)
			if c.name == "shifted" && len(got) < 200 {
				t.Errorf("only %d overlaps compared", len(got))
			}
		})
	}
}

func TestQualityDoesNotDependOnTheOrderOfRowsNorOnThreads(t *testing.T) {
	turned := func(name string, text []byte) []byte { // the last row of a table comes first
		if !strings.HasSuffix(name, ".csv") {
			return text
		}
		lines := bytes.SplitAfter(bytes.TrimRight(text, "\r\n"), []byte("\n"))
		if len(lines) < 3 {
			return text
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], '\n')
		slices.Reverse(lines[1:])
		return bytes.Join(lines, nil)
	}
	for _, c := range append(slices.Clone(towns), shifted(t)) {
		t.Run(c.name, func(t *testing.T) {
			o := c.options(t)
			want := placeless(t, asJSON(t, checked(t, c.folder(t, nil), o)))
			o.Threads, o.Memory = 5, 1
			if got := placeless(t, asJSON(t, checked(t, c.folder(t, turned), o))); got != want {
				t.Errorf("other order, threads and memory: %s", firstDifference([]byte(want), []byte(got)))
			}
		})
	}
}

// placeless is JSON without the rows that rejects and repairs were read at.
func placeless(t *testing.T, text []byte) string {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"rejects", "repairs"} {
		for _, row := range all[list].([]any) {
			delete(row.(map[string]any), "row")
		}
	}
	out, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestTheQualityOfEveryTownAddsUp(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		q := checked(t, c.folder(t, nil), c.options(t))
		var rejected int64
		for _, one := range q.Tables {
			var reasons, rows int64
			for _, n := range one.Reasons {
				reasons += n
			}
			for _, f := range one.Files {
				rows += f.Rows
			}
			if one.Used+one.Rejected != one.Read || reasons != one.Rejected || rows != one.Read || one.Duplicates != one.Reasons["duplicate_key"] || one.DuplicateKeys > one.Duplicates {
				t.Errorf("%s: %d read, %d used, %d rejected, %d reasons, %d rows of files, %d duplicates of %d keys",
					one.Table, one.Read, one.Used, one.Rejected, reasons, rows, one.Duplicates, one.DuplicateKeys)
			}
			for _, col := range one.Columns {
				if col.Values < 1 || int64(col.Values) > one.Used || col.Filled > 1 || (col.Filled == 1) != (int64(col.Values) == one.Used) {
					t.Errorf("%s.%s: %d values of %d, %v", one.Table, col.Column, col.Values, one.Used, col.Filled)
				}
			}
			rejected += one.Rejected
		}
		if q.Rejected != rejected {
			t.Errorf("%d rejected, of tables %d", q.Rejected, rejected)
		}
	})
	q := checked(t, town{files: cambridge.Files}.folder(t, nil), towns[0].options(t))
	for _, one := range q.Tables {
		// --- stands for 13 parcels, five other keys for two each; four parcels have none.
		if one.Table == "parcels" && (one.Duplicates != 17 || one.DuplicateKeys != 6 || one.Reasons["missing_value"] != 4) {
			t.Errorf("%d duplicates of %d keys, %v", one.Duplicates, one.DuplicateKeys, one.Reasons)
		}
	}
}
