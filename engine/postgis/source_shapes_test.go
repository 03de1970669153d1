package postgis_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/storetest"
)

// zonesOf makes a layer of zones with a column of a type, and a row for each shape,
// which is SQL; the keys are Z0, Z1 …
func zonesOf(t testing.TB, d *storetest.Database, typ string, shapes ...string) {
	t.Helper()
	d.Run(t, "DROP TABLE IF EXISTS "+d.In("zones"))
	d.Run(t, "CREATE TABLE "+d.In("zones")+" (zone_code text, name text, geom "+typ+")")
	for i, shape := range shapes {
		d.Run(t, "INSERT INTO "+d.In("zones")+" VALUES ('Z' || $1::int, 'n', "+shape+")", i)
	}
}

const (
	box    = "POLYGON((114 30,114.01 30,114.01 30.01,114 30.01,114 30))"
	metres = "POLYGON((500000 3320000,501000 3320000,501000 3321000,500000 3321000,500000 3320000))" // of 4547
)

func in(srid, wkt string) string { return "ST_GeomFromText('" + wkt + "', " + srid + ")" }

// near says whether two numbers are the same to a millimetre in degrees.
func near(a, b float64) bool { return math.Abs(a-b) < 2e-8 }

func TestShapesInAnySystemThatIsKnownBecomeDegrees(t *testing.T) {
	d := storetest.OpenDatabase(t)
	for _, srid := range []string{"4490", "4326", "4547", "4526", "4508", "4497", "3857"} {
		transformed := "ST_Transform(" + in("4490", box) + ", " + srid + ")"
		for _, typ := range []string{"geometry", "geometry(Polygon," + srid + ")"} {
			zonesOf(t, d, typ, transformed)
			o := mustScan(t, d, "", "zones")
			if len(o.rows) != 1 {
				t.Fatalf("%s: %q", typ, o.rejects)
			}
			b := o.shapes["Z0"].Bounds()
			if !near(b.MinX, 114) || !near(b.MinY, 30) || !near(b.MaxX, 114.01) || math.Abs(b.MaxY-30.01) > 1e-6 { // an edge bends
				t.Errorf("%s in %s: %v", typ, srid, b)
			}
			if note := o.account.Files[0].Note; (srid != "4490" && srid != "4326") != strings.Contains(note, "EPSG:"+srid) {
				t.Errorf("%s: note %q", srid, note)
			}
		}
	}
}

func TestGeographyIsRead(t *testing.T) {
	d := storetest.OpenDatabase(t)
	for _, typ := range []string{"geography", "geography(Polygon,4326)", "geography(Polygon,4490)"} {
		srid := "4326"
		if strings.Contains(typ, "4490") {
			srid = "4490"
		}
		zonesOf(t, d, typ, in(srid, box)+"::geography")
		if o := mustScan(t, d, "", "zones"); len(o.rows) != 1 || o.shapes["Z0"].XY[0] != 114 {
			t.Errorf("%s: %q, %q", typ, o.rows, o.rejects)
		}
	}
}

func TestMixedSystemsAreReadRowByRow(t *testing.T) {
	d := storetest.OpenDatabase(t)
	zonesOf(t, d, "geometry", in("4490", box), in("4547", metres), "ST_Transform("+in("4490", box)+", 4508)", in("0", box), in("2154", metres))
	o := mustScan(t, d, "", "zones")
	expect(t, o.rows, []string{"zone_code=Z0 name=n", "zone_code=Z1 name=n", "zone_code=Z2 name=n"})
	expect(t, o.rejects, []string{`Z3 geometry "SRID 0" srid_unknown`, `Z4 geometry "SRID 2154" srid_unknown`})
	if xy := o.shapes["Z2"].XY; !near(xy[0], 114) || !near(xy[1], 30) {
		t.Errorf("%v", xy)
	}
	if note := o.account.Files[0].Note; note != "coordinates brought from EPSG:4508 to degrees; coordinates brought from EPSG:4547 to degrees" {
		t.Errorf("note %q", note)
	}
}

func TestShapesWithoutASystemAreAnErrorThatSaysWhatToDo(t *testing.T) {
	d := storetest.OpenDatabase(t)
	zonesOf(t, d, "geometry", in("0", box), in("0", box), in("4490", box))
	_, err := scan(t, d, "", "zones")
	says(t, err, d.Schema+".zones", "2 of 3", "SRID 0", "UpdateGeometrySRID", "crs: EPSG:4490")
	zonesOf(t, d, "geometry(Polygon,2154)", in("2154", metres))
	_, err = scan(t, d, "", "zones")
	says(t, err, "2154", "1 of 1")
	d.Run(t, "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext) VALUES (990001, 'BUREAU', 1, "+
		"(SELECT srtext FROM spatial_ref_sys WHERE srid = 4547)) ON CONFLICT DO NOTHING")
	t.Cleanup(func() { d.Run(t, "DELETE FROM spatial_ref_sys WHERE srid = 990001") })
	zonesOf(t, d, "geometry(Polygon,990001)", in("990001", metres)) // one of the bureau's own numbers, told by its text
	if o := mustScan(t, d, "", "zones"); len(o.rows) != 1 || !strings.Contains(o.account.Files[0].Note, "EPSG:4547") {
		t.Errorf("%q, %q", o.rejects, o.account.Files[0].Note)
	}
}

// mapped writes a mapping.
func mapped(t testing.TB, tables string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.yaml")
	if err := os.WriteFile(path, []byte("version: 1\n"+tables), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAMappingDeclaresTheSystem(t *testing.T) {
	d := storetest.OpenDatabase(t)
	zonesOf(t, d, "geometry", in("0", metres), in("4490", box))
	o := mustScan(t, d, mapped(t, "crs: EPSG:4547\n"), "zones") // of those that say none
	expect(t, o.rows, []string{"zone_code=Z0 name=n", "zone_code=Z1 name=n"})
	if x := o.shapes["Z0"].XY[0]; !near(x, 114) {
		t.Errorf("%v", x)
	}
	zonesOf(t, d, "geometry", in("3857", metres), in("0", metres))
	o = mustScan(t, d, mapped(t, "tables: {zones: {from: {relation: zones, crs: EPSG:4547}}}\n"), "zones") // whatever they say
	expect(t, o.rows, []string{"zone_code=Z0 name=n", "zone_code=Z1 name=n"})
	if x := o.shapes["Z0"].XY[0]; !near(x, 114) {
		t.Errorf("%v", x)
	}
}

func TestZAndMAreDroppedAndSaid(t *testing.T) {
	d := storetest.OpenDatabase(t)
	flat := []float64{114, 30, 114.01, 30, 114.01, 30.01, 114, 30}
	var shapes []string
	for layout, height := range map[geom.Layout][]float64{geom.XY: nil, geom.XYZ: {5}, geom.XYM: {7}, geom.XYZM: {5, 7}} {
		var coordinates []float64
		for i := 0; i < len(flat); i += 2 {
			coordinates = append(append(coordinates, flat[i], flat[i+1]), height...)
		}
		g := geom.NewPolygonFlat(layout, coordinates, []int{len(coordinates)}).SetSRID(4490)
		b, err := ewkb.Marshal(g, ewkb.NDR)
		if err != nil {
			t.Fatal(err)
		}
		shapes = append(shapes, "ST_GeomFromEWKB('\\x"+strings.ToLower(hexOf(b))+"'::bytea)")
	}
	zonesOf(t, d, "geometry", shapes...)
	o := mustScan(t, d, "", "zones")
	if len(o.rows) != 4 {
		t.Fatalf("%q", o.rejects)
	}
	for key, g := range o.shapes {
		if !slices.Equal(g.XY, flat) {
			t.Errorf("%s: %v", key, g.XY)
		}
	}
	if note := o.account.Files[0].Note; note != "shapes whose Z or M is not used: 3" {
		t.Errorf("note %q", note)
	}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, c := range b {
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}

func TestShapesThatAreNoneAreRejectedWithTheirKey(t *testing.T) {
	d := storetest.OpenDatabase(t)
	zonesOf(t, d, "geometry", "NULL", in("4490", "POLYGON EMPTY"), in("4490", "POINT(114 30)"), in("4490", "CURVEPOLYGON(CIRCULARSTRING(0 0,4 0,4 4,0 4,0 0))"),
		in("4490", "MULTISURFACE(("+strings.TrimPrefix(box, "POLYGON(")+")"), in("4490", "GEOMETRYCOLLECTION("+box+")"),
		"ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY[ST_MakePoint(114, 30), ST_MakePoint('NaN', 30), ST_MakePoint(114, 31), ST_MakePoint(114, 30)])), 4490)", in("4490", "POLYGON((1e6 1e6,2e6 1e6,2e6 2e6,1e6 1e6))"), in("4490", "TRIANGLE((114 30,115 30,115 31,114 30))"),
		in("4490", box), in("4490", "MULTI"+strings.Replace(box, "POLYGON", "POLYGON(", 1)+")"))
	o := mustScan(t, d, "", "zones")
	expect(t, o.rows, []string{"zone_code=Z10 name=n", "zone_code=Z9 name=n"})
	expect(t, o.rejects, []string{
		`Z0 geometry "" empty_geometry`, `Z1 geometry "" empty_geometry`, `Z2 geometry "Point" geometry_type`, `Z3 geometry "CurvePolygon" geometry_type`,
		`Z4 geometry "MultiSurface" geometry_type`, `Z5 geometry "GeometryCollection" geometry_type`, `Z6 geometry "" coordinate_not_finite`,
		`Z7 geometry "1000000 1000000" coordinate_out_of_range`, `Z8 geometry "Triangle" geometry_type`,
	})
}

func TestCoordinatesOfAnotherSystemThanTheOneSaidAreAnError(t *testing.T) {
	d := storetest.OpenDatabase(t)
	zonesOf(t, d, "geometry(Polygon,4490)", in("4490", metres), in("4490", metres), in("4490", box))
	_, err := scan(t, d, "", "zones")
	says(t, err, d.Schema+".zones", "mapping.yaml", "2 of 3")
}

func TestOfSeveralColumnsOfShapesTheUsualOrTheNamedOneIsTaken(t *testing.T) {
	d := storetest.OpenDatabase(t)
	d.Run(t, "CREATE TABLE "+d.In("zones")+` (zone_code text, name text, "中 心" geometry, "轮""廓" geometry)`)
	d.Run(t, "INSERT INTO "+d.In("zones")+" VALUES ('Z', 'n', "+in("4490", "POINT(114 30)")+", "+in("4490", box)+")")
	_, err := scan(t, d, "", "zones")
	says(t, err, "中 心", `轮"廓`, "geometry:")
	relation := `tables: {zones: {from: {relation: zones, geometry: '%'}}}` + "\n"
	if o := mustScan(t, d, mapped(t, strings.Replace(relation, "%", `轮"廓`, 1)), "zones"); len(o.rows) != 1 {
		t.Errorf("%q", o.rejects)
	}
	_, err = scan(t, d, mapped(t, strings.Replace(relation, "%", "轮廓", 1)), "zones")
	says(t, err, "no geometry column 轮廓", `轮"廓`)
	d.Run(t, "ALTER TABLE "+d.In("zones")+` RENAME "轮""廓" TO geom`)
	if o := mustScan(t, d, "", "zones"); len(o.rows) != 1 || o.account.Files[0].Note != "shapes of the column geom" {
		t.Errorf("%q, %q", o.rejects, o.account.Files[0].Note)
	}
	d.Run(t, "ALTER TABLE "+d.In("zones")+` DROP geom, DROP "中 心"`)
	_, err = scan(t, d, "", "zones")
	says(t, err, d.Schema+".zones", "no column of type geometry")
}

func TestWKBInAColumnOfBytesIsRead(t *testing.T) {
	d := storetest.OpenDatabase(t)
	zonesOf(t, d, "bytea", "ST_AsEWKB("+in("4490", box)+")", "'\\x00'::bytea")
	o := mustScan(t, d, "", "zones")
	expect(t, o.rows, []string{"zone_code=Z0 name=n"})
	if len(o.account.Rejects) != 1 || o.account.Rejects[0].Reason != read.UnreadableGeometry {
		t.Errorf("%q", o.rejects)
	}
}
