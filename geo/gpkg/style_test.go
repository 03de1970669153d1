package gpkg_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func TestStylesStandWhereQGISLooksForThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "styled.gpkg")
	w, err := gpkg.Create(path, gpkg.Options{LastChange: day})
	if err != nil {
		t.Fatal(err)
	}
	const name, qml = `宗地 'A' "B"`, "<qgis a='1'>\n<!-- 'quoted' & \"so\"; DROP TABLE layer_styles -->\n</qgis>"
	if _, err := w.Layer(gpkg.Plan{Name: name, Type: wkb.Polygon, SRS: gpkg.SRSOf(crs.WGS84)}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []gpkg.Style{{Layer: name, Name: "等级", QML: qml, Default: true}, {Layer: name, Name: "tax", QML: "<qgis/>"}} {
		if err := w.Style(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	said := gdal(t, "ogrinfo", "-q", path, "-sql", "SELECT f_table_name, f_geometry_column, styleName, styleQML, useAsDefault, update_time FROM layer_styles")
	for _, want := range []string{
		"f_table_name (String) = " + name, "f_geometry_column (String) = geom", "styleName (String) = 等级", "useAsDefault (Integer(Boolean)) = 1",
		"DROP TABLE layer_styles", "styleName (String) = tax", "useAsDefault (Integer(Boolean)) = 0",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if strings.Contains(said, "Warning") {
		t.Errorf("GDAL warns:\n%s", said)
	}
	f, err := gpkg.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if layers := f.Layers(); len(layers) != 1 || layers[0] != name {
		t.Errorf("layers %q: a table of styles is none", layers)
	}
}

func TestAStyleThatIsNoTextFailsTheFile(t *testing.T) {
	w, err := gpkg.Create(filepath.Join(t.TempDir(), "a.gpkg"), gpkg.Options{LastChange: day})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Layer(gpkg.Plan{Name: "parcels", Type: wkb.Polygon, SRS: gpkg.SRSOf(crs.WGS84)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Style(gpkg.Style{Layer: "parcels", Name: "a\x00b"}); err == nil || !strings.Contains(err.Error(), `style "a\x00b" of layer "parcels"`) {
		t.Errorf("a style's name with NUL: %v", err)
	}
	if err := w.Close(); err == nil {
		t.Error("the file closes as if it were whole")
	}
}
