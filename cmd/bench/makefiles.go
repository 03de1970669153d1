package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/shapefile"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// makeFile writes the files that the made-up city is not written as: its parcels as
// GeoPackage and Shapefile, as many rows as are asked for as CSV and workbooks.
func makeFile(ctx context.Context, args []string, _ io.Writer) error {
	if args[0] == "layers" {
		return makeLayers(ctx, args[1], args[2])
	}
	rows, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	return makeTables(args[1], args[2], rows)
}

// layers are the two layers being written.
type layers struct {
	fields  []table.Field // without the geometry
	columns []int         // of them, those that the shapefile has
	packed  *gpkg.Writer
	rows    *gpkg.LayerWriter
	shapes  *shapefile.Writer
	shape   wkb.Geometry
	cells   [][]byte
}

// makeLayers reads the parcels of a city and writes them, row by row.
func makeLayers(ctx context.Context, city, to string) error {
	in, err := read.OpenFolder(city)
	if err != nil {
		return err
	}
	parcels := table.MustInput("parcels")
	l := &layers{fields: parcels.Fields[:len(parcels.Fields)-1]}
	if err := l.create(filepath.Join(to, "geopackage"), filepath.Join(to, "shapefile")); err != nil {
		return err
	}
	_, err = in.Scan(ctx, parcels, 1, func(_ int, b table.Batch) error { return l.write(b) })
	return errors.Join(err, l.packed.Close(), l.shapes.Close())
}

// tooLong are the parcels' columns whose names a shapefile would cut to the same ten
// bytes: it does without them.
var tooLong = []string{"investment_total", "investment_made", "ancillary_land_area", "ancillary_floor_area"}

// widths are the bytes of the text columns' cells in the shapefile; others have 32.
var widths = map[string]int{"land_use": 8, "zone_code": 16, "holder_name": 96, "supply_state": 48, "tags": 64}

// cgcs2000 is the text of the .prj.
const cgcs2000 = `GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],` +
	`PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`

func (l *layers) create(packages, shapes string) (err error) {
	for _, folder := range []string{packages, shapes} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	plan := gpkg.Plan{Name: "parcels", SRS: gpkg.SRSOf(crs.CGCS2000)}
	kinds := map[table.Kind]gpkg.Kind{table.Number: gpkg.Real, table.Bool: gpkg.Boolean, table.Date: gpkg.Date}
	layer := shapefile.Layer{PRJ: cgcs2000}
	for i, f := range l.fields {
		kind, known := kinds[f.Kind]
		if !known {
			kind = gpkg.Text
		}
		plan.Fields = append(plan.Fields, gpkg.Field{Name: f.Name, Kind: kind})
		if slices.Contains(tooLong, f.Name) {
			continue
		}
		column := shapefile.Field{Name: f.Name[:min(10, len(f.Name))], Type: 'C', Width: 32}
		switch f.Kind {
		case table.Number:
			column.Type, column.Width, column.Decimals = 'N', 16, 4
		case table.Bool:
			column.Type, column.Width = 'L', 1
		case table.Date:
			column.Type, column.Width = 'D', 8
		default:
			if width, known := widths[f.Name]; known {
				column.Width = width
			}
		}
		layer.Fields, l.columns = append(layer.Fields, column), append(l.columns, i)
	}
	l.cells = make([][]byte, len(l.columns))
	if l.packed, err = gpkg.Create(filepath.Join(packages, "parcels.gpkg"), gpkg.Options{LastChange: time.Unix(0, 0)}); err != nil {
		return err
	}
	if l.rows, err = l.packed.Layer(plan); err != nil {
		return err
	}
	l.shapes, err = shapefile.Create(filepath.Join(shapes, "parcels.shp"), layer)
	return err
}

func (l *layers) write(b table.Batch) error {
	shapes := b.Geometry()
	for row := range b.Rows() {
		if err := l.shape.Parse(shapes.Value(row)); err != nil {
			return err
		}
		for i := range l.fields {
			l.cell(i, b.Record.Column(i), row)
		}
		l.rows.Geometry(&l.shape)
		if err := l.rows.End(); err != nil {
			return err
		}
		for k, i := range l.columns {
			l.cells[k] = text(l.cells[k][:0], b.Record.Column(i), row)
		}
		if err := l.shapes.Append(&l.shape, l.cells); err != nil {
			return err
		}
	}
	return nil
}

// cell sets a cell of the GeoPackage's row.
func (l *layers) cell(i int, column arrow.Array, row int) {
	if column.IsNull(row) {
		return
	}
	switch c := column.(type) {
	case *array.String:
		l.rows.String(i, c.Value(row))
	case *array.Float64:
		l.rows.Real(i, c.Value(row))
	case *array.Boolean:
		l.rows.Bool(i, c.Value(row))
	case *array.Date32:
		l.rows.Date(i, int64(c.Value(row)))
	}
}

// text is a cell as a shapefile's writer takes it; nil when it is empty.
func text(dst []byte, column arrow.Array, row int) []byte {
	if column.IsNull(row) {
		return nil
	}
	switch c := column.(type) {
	case *array.Float64:
		return strconv.AppendFloat(dst, c.Value(row), 'f', -1, 64)
	case *array.Boolean:
		return strconv.AppendBool(dst, c.Value(row))
	case *array.Date32:
		return unit.Date(c.Value(row)).Append(dst)
	}
	return append(dst, column.ValueStr(row)...)
}

// makeTables writes the output of a city's enterprises, of earlier years too until
// there are as many rows as asked for, as CSV, workbook and small workbook.
func makeTables(city, to string, rows int) (err error) {
	for _, folder := range []string{"csv", "xlsx", "small"} {
		if err := os.MkdirAll(filepath.Join(to, folder), 0o755); err != nil {
			return err
		}
	}
	f, err := os.Create(filepath.Join(to, "csv/output.csv"))
	if err != nil {
		return err
	}
	lines := csv.NewWriter(f)
	err = outputRows(city, rows, func(record []string) error { return lines.Write(record) })
	lines.Flush()
	if err := errors.Join(err, lines.Error(), f.Close()); err != nil {
		return err
	}
	if err := makeWorkbook(filepath.Join(to, "xlsx/output.xlsx"), city, rows); err != nil {
		return err
	}
	return makeWorkbook(filepath.Join(to, "small/output.xlsx"), city, min(rows, smallWorkbook))
}

// outputRows gives the header and then so many rows: all of the city's, then the same
// for the years before.
func outputRows(city string, rows int, each func(record []string) error) error {
	for back := 0; rows > 0; back += 10 {
		f, err := os.Open(city)
		if err != nil {
			return err
		}
		n, err := outputPass(csv.NewReader(f), back, rows, each)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		rows -= n
	}
	return nil
}

// outputPass gives the rows once, of so many years back; the header the first time.
func outputPass(in *csv.Reader, back, most int, each func(record []string) error) (rows int, err error) {
	head, err := in.Read()
	if err != nil {
		return 0, err
	}
	if back == 0 {
		if err := each(head); err != nil {
			return 0, err
		}
	}
	for rows < most {
		record, err := in.Read()
		if errors.Is(err, io.EOF) && rows > 0 {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		year, err := strconv.Atoi(record[1])
		if err != nil {
			return rows, fmt.Errorf("the second column of output should be the year: %w", err)
		}
		record[1] = strconv.Itoa(year - back)
		if err := each(record); err != nil {
			return rows, err
		}
		rows++
	}
	return rows, nil
}

// makeWorkbook writes codes as texts and amounts as numbers.
func makeWorkbook(path, city string, rows int) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	to, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	number := 0
	err = outputRows(city, rows, func(record []string) error {
		cells := make([]any, len(record))
		for i, text := range record {
			if cells[i] = text; number > 0 && i > 0 {
				if v, err := strconv.ParseFloat(text, 64); err == nil {
					cells[i] = v
				}
			}
		}
		number++
		return to.SetRow("A"+strconv.Itoa(number), cells)
	})
	if err := errors.Join(err, to.Flush()); err != nil {
		return err
	}
	return book.SaveAs(path)
}
