package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/storetest"
	"github.com/muscope-gis/muscope/engine/table"
)

// inDatabase is what a schema holds.
func inDatabase(t testing.TB, d *storetest.Database, mapping string) *postgis.Source {
	t.Helper()
	src, err := postgis.Open(context.Background(), d.Address, postgis.Options{Schema: d.Schema, Mapping: mapping, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(src.Close)
	return src
}

func TestATownInADatabaseEvaluatesToTheBytesOfItsFiles(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		if c = c.with(t, withoutShortRows(t)); c.name == "sample" { // a database has no such rows and rings
			c = c.with(t, withoutOpenRings(t))
		}
		o := c.options(t)
		dir := c.folder(t, nil)
		d := storetest.OpenDatabase(t)
		d.Load(t, dir)
		fromFiles, fromDatabase := evaluated(t, dir, o), evaluatedSource(t, inDatabase(t, d, ""), o)
		sameResults(t, results(t, fromFiles), results(t, fromDatabase))
		if a, b := manifestOf(t, fromFiles), manifestOf(t, fromDatabase); a.RunID != b.RunID {
			t.Errorf("run %s from files, %s from the database", a.RunID, b.RunID)
		}
	})
}

func TestAWholeCityInADatabaseEvaluatesToTheBytesOfTheFilesItPublished(t *testing.T) {
	c := towns[0]
	dir := ownFiles(t)
	d := storetest.OpenDatabase(t)
	d.Load(t, dir)
	text := string(fileText(t, filepath.Join(dir, "mapping.yaml")))
	for _, change := range []struct{ what, by string }{
		{`(?m)from: (\w+)_\*\.geojson$`, `from: {relation: ${1}_source}`}, {`(?m)- file: (\w+)_\*\.csv$`, `- relation: ${1}_source`},
	} {
		text = regexp.MustCompile(change.what).ReplaceAllString(text, change.by)
	}
	mapping := filepath.Join(t.TempDir(), "mapping.yaml")
	if err := os.WriteFile(mapping, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	fromFiles, fromDatabase := evaluated(t, dir, c.options(t)), evaluatedSource(t, inDatabase(t, d, mapping), c.options(t))
	want, got := results(t, fromFiles), results(t, fromDatabase)
	sameResults(t, want, got)
	if a, b := manifestOf(t, fromFiles), manifestOf(t, fromDatabase); a.RunID != b.RunID {
		t.Errorf("run %s from files, %s from the database", a.RunID, b.RunID)
	}
}

func TestTheOrderOfRowsInADatabaseChangesNoByte(t *testing.T) {
	c := theSample(t)
	c = c.with(t, withoutShortRows(t)).with(t, withoutOpenRings(t))
	o := c.options(t)
	d := storetest.OpenDatabase(t)
	d.Load(t, c.folder(t, nil))
	want := results(t, evaluatedSource(t, inDatabase(t, d, ""), o))
	for _, s := range table.Inputs() {
		name := s.Name
		if s.Name == table.Tax {
			name = "tax_2024"
		}
		d.Run(t, "ALTER TABLE IF EXISTS "+d.In(name)+" RENAME TO other")
		d.Run(t, "CREATE TABLE "+d.In(name)+" AS SELECT * FROM "+d.In("other")+" AS o ORDER BY md5(o::text)")
		d.Run(t, "DROP TABLE "+d.In("other"))
	}
	o.Threads = 1
	sameResults(t, want, results(t, evaluatedSource(t, inDatabase(t, d, ""), o)))
}
