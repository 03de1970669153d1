package postgis_test

import (
	"context"
	"testing"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/storetest"
)

func TestADatabaseIsASource(t *testing.T) {
	storetest.Sources(t, func(t *testing.T, tables []*storetest.Table) (read.Source, error) {
		d := storetest.OpenDatabase(t)
		for _, one := range tables {
			d.Create(t, one)
		}
		return open(t, d, "")
	})
}

// open opens what a schema holds.
func open(t testing.TB, d *storetest.Database, mapping string) (*postgis.Source, error) {
	t.Helper()
	src, err := postgis.Open(context.Background(), d.Address, postgis.Options{Schema: d.Schema, Mapping: mapping, Workers: 3})
	if err == nil {
		t.Cleanup(src.Close)
	}
	return src, err
}
