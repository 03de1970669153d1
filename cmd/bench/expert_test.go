package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/storetest"
)

func TestTheExpertsSQLComesToWhatTheProgramComesTo(t *testing.T) {
	folder := t.TempDir()
	p := program{path: filepath.Join(folder, "muscope"), folder: folder}
	t.Chdir("../..") // where the program's source and the land-use codes are
	if err := quietly(t.Context(), "go", "build", "-o", p.path, "./cmd/muscope"); err != nil {
		t.Fatal(err)
	}
	if err := p.makeCity(t.Context(), options{parcels: 3000, seed: 5}, "data", "geoparquet"); err != nil {
		t.Fatal(err)
	}
	d := storetest.OpenDatabase(t)
	var f figures
	if err := p.measureDatabases(t.Context(), database{d.Address, "bench 城"}, 1, &f, io.Discard); err != nil {
		t.Fatal(err)
	}
	if f.Database.Rows != 3000 || f.Expert.SQL <= 0 || f.Expert.OGR2OGR <= 0 || f.Expert.Compared < 30_000 || f.Sink.Rows == 0 {
		t.Errorf("%+v, %+v, %+v", f.Database, f.Expert, f.Sink)
	}
}

func TestAVerdictThatDiffersIsTold(t *testing.T) {
	c := compared{keys: []string{"code"}, columns: []string{"grade", "mu"}, least: 0.001}
	ours := []map[string]string{{"code": "1", "grade": "A", "mu": "10.5"}, {"code": "outside"}}
	if n, err := c.compare(ours, []map[string]string{{"code": "1", "grade": "A", "mu": "10.5004"}}); err != nil || n != 2 {
		t.Errorf("%d values, %v", n, err)
	}
	for want, theirs := range map[string]map[string]string{
		"grade of 1": {"code": "1", "grade": "B", "mu": "10.5"}, "mu of 1": {"code": "1", "grade": "A", "mu": "10.6"}, "grade of 2": {"code": "2", "grade": "A", "mu": "1"},
	} {
		if _, err := c.compare(ours, []map[string]string{theirs}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", theirs, err, want)
		}
	}
}
