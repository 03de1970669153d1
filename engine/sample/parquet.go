package sample

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/geoparquet"
)

// columnSink writes Parquet, layers as GeoParquet in EPSG:4490.
type columnSink struct {
	to     *geoparquet.Writer
	schema *arrow.Schema
}

// columnsOf is the schema of the columns that are written.
func columnsOf(s *table.Schema) *arrow.Schema {
	return arrow.NewSchema(s.Arrow().Fields()[:len(fieldsOf(s))], nil)
}

// repetitive names the text columns in which few values come again and again.
func repetitive(s *table.Schema) []string {
	var names []string
	for _, f := range s.Fields {
		switch f.Name {
		case "level", "kind", "role", "county", "land_use", "land_use_standard", "zone_code", "supply_method",
			"delay_cause", "supply_state", "build_state", "code", "standard", "industry", "period", "indicator",
			"unit", "category", "value", "reason", "actor", "tags":
			names = append(names, f.Name)
		}
	}
	return names
}

func (c *columnSink) encode(b table.Batch) piece { return piece{batch: b} }

func (c *columnSink) write(p piece) error {
	if p.batch.Rows() == 0 {
		return nil
	}
	columns := p.batch.Record.Columns()[:c.schema.NumFields()]
	return c.to.Write(array.NewRecord(c.schema, columns, p.batch.Record.NumRows()))
}

func (c *columnSink) close() error { return c.to.Close() }
