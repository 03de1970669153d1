package write

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// GeoPackageName is the one file that holds all layers with their indexes.
const GeoPackageName = layersFolder + "/muscope.gpkg"

// geoPackage writes layers/muscope.gpkg: the layers as they are in GeoJSON, with a
// spatial index each and with the types of columns that are null throughout. Its
// times are as_of, for the same run gives the same bytes.
func (f *Folder) geoPackage(ctx context.Context, m *Manifest) (rows int, err error) {
	asOf, err := time.Parse(time.DateOnly, m.AsOf)
	if err != nil {
		return 0, fmt.Errorf("write %s: as_of: %w", f.shown(GeoPackageName), err)
	}
	if err := f.makeLayersFolder(); err != nil {
		return 0, err
	}
	w, err := gpkg.Create(f.path(GeoPackageName), gpkg.Options{LastChange: asOf})
	if err != nil {
		return 0, err
	}
	rows, err = f.eachLayer(func(l *Layer) error { return packageLayer(ctx, w, l, f.workers) })
	if err == nil {
		err = f.packageStyles(w, m)
	}
	if shut := w.Close(); err == nil {
		err = shut
	}
	if err != nil {
		return rows, err
	}
	info, err := os.Stat(f.path(GeoPackageName))
	if err != nil {
		return rows, fmt.Errorf("write %s: %w", f.shown(GeoPackageName), reason(err))
	}
	f.outputs = append(f.outputs, Written{Path: GeoPackageName, Rows: int64(rows), Bytes: info.Size()})
	return rows, nil
}

// packageStyles gives each layer the style that lies beside its GeoJSON.
func (f *Folder) packageStyles(w *gpkg.Writer, m *Manifest) error {
	drawn, err := f.drawn(m)
	if err != nil {
		return err
	}
	for i := range f.layers {
		name := f.layers[i].Name
		for _, d := range drawn {
			if d.Path != layersFolder+"/"+name+".qml" {
				continue
			}
			if err := w.Style(gpkg.Style{Layer: name, Name: layerTitle(name), QML: string(d.Text), Default: true}); err != nil {
				return err
			}
		}
	}
	return nil
}

// layerTitle is what people call a layer.
func layerTitle(name string) string {
	if id := "map.layer." + name; fields.Word(id, "zh") != id {
		return fields.Word(id, "zh")
	}
	return name
}

// packageKinds are the kinds of columns in a GeoPackage.
var packageKinds = map[Kind]gpkg.Kind{
	KindText: gpkg.Text, KindNumber: gpkg.Real, KindInteger: gpkg.Integer, KindBool: gpkg.Boolean, KindDate: gpkg.Date,
}

func packageLayer(ctx context.Context, w *gpkg.Writer, l *Layer, workers int) error {
	plan := gpkg.Plan{Name: l.Name, Title: layerTitle(l.Name), Type: l.Geometry, SRS: gpkg.SRSOf(crs.WGS84)}
	for i := range l.Columns {
		plan.Fields = append(plan.Fields, gpkg.Field{Name: l.Columns[i].Name, Kind: packageKinds[l.Columns[i].Kind()]})
	}
	layer, err := w.Layer(plan)
	if err != nil {
		return err
	}
	p := pipeline[*gpkg.Rows]{rows: l.Rows, chunk: rowsAtOnce, workers: workers}
	return p.run(ctx, func(part *gpkg.Rows, from, to int) (*gpkg.Rows, error) {
		if part == nil {
			part = layer.NewRows()
		}
		part.Reset()
		var g wkb.Geometry
		for i := from; i < to; i++ {
			if err := g.Parse(l.Shape(i)); err != nil {
				return part, fmt.Errorf("row %d: %w", i+1, err)
			}
			part.Geometry(&g)
			for c := range l.Columns {
				l.Columns[c].pack(part, c, i)
			}
			part.End()
		}
		return part, nil
	}, layer.Write)
}

// pack gives a layer's row its value of the column, unless that is null.
func (c *Column) pack(to *gpkg.Rows, field, i int) {
	switch c.Kind() {
	case KindNumber:
		if v, ok := c.Number(i); ok {
			to.Real(field, v)
		}
	case KindInteger:
		if v, ok := c.integer(i); ok {
			to.Integer(field, v)
		}
	case KindBool:
		if v, ok := c.boolean(i); ok {
			to.Bool(field, v)
		}
	case KindDate:
		if v, ok := c.date(i); ok {
			to.Date(field, int64(v))
		}
	default:
		if v, ok := c.text(i); ok {
			to.String(field, v)
		}
	}
}
