package engine_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestResultsDoNotDependOnTheOrderOfTheRows(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		o := c.options(t)
		want := results(t, evaluated(t, c.folder(t, nil), o))
		for seed := range uint64(2) {
			o.Threads = 1 + 3*int(seed)
			sameResults(t, want, results(t, evaluated(t, c.folder(t, shuffled(t, seed)), o)))
		}
	})
}

func TestResultsDoNotDependOnTheNumberOfThreads(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		o, data := c.options(t), c.folder(t, nil)
		want := results(t, evaluated(t, data, o))
		for _, o.Threads = range []int{1, 4, 7} {
			sameResults(t, want, results(t, evaluated(t, data, o)))
		}
	})
}

func TestResultsDoNotDependOnWhereBlocksOfGeoJSONEnd(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		o := c.options(t)
		want := results(t, evaluated(t, c.folder(t, nil), o))
		padded := c.folder(t, func(name string, text []byte) []byte {
			if name != "parcels.geojson" {
				return text
			}
			// A property that no column has makes the features long, and the blocks many.
			note := []byte(`"properties":{"note":"` + strings.Repeat("x", 9<<20/len(featuresOf(t, text))) + `",`)
			return bytes.ReplaceAll(text, []byte(`"properties":{`), note)
		})
		for _, o.Threads = range []int{1, 4} {
			dir := evaluated(t, padded, o)
			sameResults(t, want, results(t, dir))
			if m := manifestOf(t, dir); !slices.Equal(m.Ignored["parcels"], []string{"note"}) {
				t.Errorf("ignored columns %v, want note", m.Ignored)
			}
		}
	})
}

func TestResultsAreTheSameFromParquetOfAnyRowGroups(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		o := c.options(t)
		data := c.folder(t, nil)
		dir := evaluated(t, data, o)
		want, id := results(t, dir), manifestOf(t, dir).RunID
		for _, groupRows := range []int{37, 0} {
			o.Threads = 4
			dir := evaluated(t, parquetFolder(t, c, groupRows), o)
			sameResults(t, want, results(t, dir))
			if got := manifestOf(t, dir).RunID; got != id {
				t.Errorf("run id %s from Parquet, %s from text", got, id)
			}
		}
	})
}

// shuffled gives every file's rows another order.
func shuffled(t testing.TB, seed uint64) func(name string, text []byte) []byte {
	return func(name string, text []byte) []byte {
		t.Helper()
		r := rand.New(rand.NewPCG(seed, uint64(len(text))))
		lines := bytes.Split(bytes.TrimRight(text, "\r\n"), []byte("\n"))
		head, rows, tail := lines[:1], lines[1:], [][]byte(nil)
		if filepath.Ext(name) == ".geojson" { // a feature a line, then ]} and what follows
			last := slices.IndexFunc(lines, func(l []byte) bool { return bytes.HasPrefix(l, []byte("]")) })
			rows, tail = lines[1:last], lines[last:]
			for i := range rows {
				rows[i] = bytes.TrimSuffix(rows[i], []byte(","))
				if !json.Valid(rows[i]) {
					t.Fatalf("%s: line %d is no feature", name, i+2)
				}
			}
			r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			rows = [][]byte{bytes.Join(rows, []byte(",\n"))}
		} else {
			for i, row := range rows {
				if bytes.Count(row, []byte(`"`))%2 != 0 {
					t.Fatalf("%s: line %d ends inside a cell", name, i+2)
				}
			}
			r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		}
		return append(bytes.Join(slices.Concat(head, rows, tail), []byte("\n")), '\n')
	}
}
