package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/storetest"
)

func TestADatabaseIsMeasuredBesideCopyAndFiles(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(standIn, "1")
	d := storetest.OpenDatabase(t)
	d.Run(t, "CREATE TABLE "+d.In("parcels")+" AS SELECT i::text AS parcel_code, '1001' AS land_use, 'YDYH-2023' AS land_use_standard, "+
		"ST_MakeEnvelope(114, 30, 114.01, 30.01, 4490) AS geom FROM generate_series(1, 1000) AS i")
	p := program{path: self, folder: t.TempDir()}
	f, err := p.measureDatabase(t.Context(), database{d.Address, d.Schema}, 1, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if f.Rows != 1000 || f.Read <= 0 || f.Copy <= 0 || f.Evaluate <= 0 || f.Files <= 0 || f.Speed != per(f.Copy, f.Read) {
		t.Errorf("%+v", f)
	}
	var said strings.Builder
	if f.print(&said); !strings.Contains(said.String(), "1000 parcels into Arrow") {
		t.Error(said.String())
	}
}

func TestAPasswordIsNoArgumentOfAProcess(t *testing.T) {
	bare, password, err := withoutPassword("postgres://me:s3cr3t@host:5432/land?sslmode=disable")
	if err != nil || bare != "postgres://me@host:5432/land?sslmode=disable" || password != "s3cr3t" {
		t.Errorf("%q, %q, %v", bare, password, err)
	}
	if _, _, err := withoutPassword("postgres://me:s3cr3t/@host/land"); err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("%v", err)
	}
}
