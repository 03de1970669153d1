package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/read"
)

func addData(cmd *cobra.Command, data, schema *string) {
	flags := cmd.Flags()
	flags.StringVar(data, "data", "", "folder with the dataset's files, or postgres://user@host/database (required; leave the password to PGPASSWORD or PGPASSFILE)")
	flags.StringVar(schema, "schema", "", "schema of the database that the tables are in (default: public)")
}

// dataset is what is evaluated: a folder, or tables of a database.
type dataset struct {
	read.Source
	folder   *read.Folder // nil: it is no folder
	database *postgis.Source
}

// openData opens the dataset.
func openData(ctx context.Context, data, mapping, schema string, threads int) (*dataset, error) {
	if postgis.IsAddress(data) {
		src, err := postgis.Open(ctx, data, postgis.Options{Schema: schema, Mapping: mapping, Workers: threads})
		if err != nil {
			return nil, err
		}
		return &dataset{Source: src, database: src}, nil
	}
	if scheme, _, found := strings.Cut(data, "://"); found {
		return nil, usage(fmt.Errorf("--data %s://…: name a folder, or a database as postgres://user@host/database", read.Shown([]byte(scheme))))
	}
	if schema != "" {
		return nil, usage(fmt.Errorf("--schema %s: --data %s is a folder, and a folder has no schemas", schema, data))
	}
	src, err := read.OpenMapped(data, mapping)
	if err != nil {
		return nil, err
	}
	return &dataset{Source: src, folder: src}, nil
}

// tell has the reading of tables told.
func (d *dataset) tell(progress func(table string, rows, total int64)) {
	if d.database != nil {
		d.database.Progress = progress
		return
	}
	d.folder.Progress = progress
}

// Close ends what the dataset has open.
func (d *dataset) Close() {
	if d.database != nil {
		d.database.Close()
	}
}
