package crs

import (
	"errors"
	"strings"
	"testing"
)

const projZone = `{"$schema":"https://proj.org/schemas/v0.7/projjson.schema.json","type":"ProjectedCRS",
"name":"CGCS2000 / 3-degree Gauss-Kruger CM 114E",
"base_crs":{"name":"China Geodetic Coordinate System 2000",
 "datum":{"type":"GeodeticReferenceFrame","name":"China 2000",
  "ellipsoid":{"name":"CGCS2000","semi_major_axis":6378137,"inverse_flattening":298.257222101}},
 "coordinate_system":{"subtype":"ellipsoidal","axis":[
  {"name":"Geodetic latitude","abbreviation":"Lat","direction":"north","unit":"degree"},
  {"name":"Geodetic longitude","abbreviation":"Lon","direction":"east","unit":"degree"}]},
 "id":{"authority":"EPSG","code":4490}},
"conversion":{"name":"3-degree Gauss-Kruger CM 114E","method":{"name":"Transverse Mercator","id":{"authority":"EPSG","code":9807}},
 "parameters":[
  {"name":"Latitude of natural origin","value":0,"unit":"degree","id":{"authority":"EPSG","code":8801}},
  {"name":"Longitude of natural origin","value":114,"unit":"degree","id":{"authority":"EPSG","code":8802}},
  {"name":"Scale factor at natural origin","value":1,"unit":"unity"},
  {"name":"False easting","value":500000,"unit":"metre"},
  {"name":"False northing","value":0,"unit":{"type":"LinearUnit","name":"metre","conversion_factor":1}}]},
"coordinate_system":{"subtype":"Cartesian","axis":[
 {"name":"Northing","abbreviation":"X","direction":"north","unit":"metre"},
 {"name":"Easting","abbreviation":"Y","direction":"east","unit":"metre"}]},
"id":{"authority":"EPSG","code":4547}}`

func TestPROJJSONIsRecognisedByItsParameters(t *testing.T) {
	without := strings.Replace(projZone, `,
"id":{"authority":"EPSG","code":4547}}`, "}", 1)
	if without == projZone {
		t.Fatal("the id is still there")
	}
	geographic := `{"type":"GeographicCRS","name":"mine","datum":{"name":"China 2000",` +
		`"ellipsoid":{"name":"CGCS2000","semi_major_axis":{"value":6378137,"unit":"metre"},"semi_minor_axis":6356752.31414036}}}`
	for _, c := range []struct {
		in   string
		want int
	}{
		{projZone, 4547},
		{without, 4547},
		{strings.Replace(without, `"value":500000`, `"value":38500000`, 1), 0}, // the name is another's
		{strings.NewReplacer(`"value":500000`, `"value":38500000`, "CGCS2000 / 3-degree Gauss-Kruger CM 114E", "mine").Replace(without), 4526},
		{geographic, 4490},
		{strings.Replace(geographic, `"semi_minor_axis":6356752.31414036`, `"inverse_flattening":298.257222101`, 1), 4490},
		{`{"type":"CompoundCRS","name":"x","components":[` + projZone + `,{"type":"VerticalCRS","name":"h"}]}`, 4547},
		{`{"type":"BoundCRS","source_crs":` + projZone + `,"transformation":{"parameters":[{"name":"X-axis translation","value":0}]}}`, 4547},
		{`{"type":"ProjectedCRS","name":"y","id":{"authority":"EPSG","code":4547}}`, 4547},
		{`{"type":"ProjectedCRS","name":"y","id":{"authority":"ESRI","code":102100}}`, 3857},
		{`{"type":"GeographicCRS","name":"WGS 84","datum_ensemble":{"name":"World Geodetic System 1984 ensemble",` +
			`"members":[{"name":"World Geodetic System 1984 (Transit)"}],"ellipsoid":{"name":"WGS 84","semi_major_axis":6378137,` +
			`"inverse_flattening":298.257223563},"accuracy":"2.0"},"id":{"authority":"OGC","code":"CRS84"}}`, 4326},
	} {
		got, err := FindPROJJSON([]byte(c.in))
		if (err == nil) != (c.want != 0) || got.Code != c.want {
			t.Errorf("%v, %v; want %d of\n%s", got, err, c.want, c.in)
		}
		degrees, err := FromPROJJSON([]byte(c.in))
		if got.Geographic && degrees != got || !got.Geographic && err == nil {
			t.Errorf("for degrees only: %v, %v of\n%s", degrees, err, c.in)
		}
		if c.want != 0 && !got.Geographic && !errors.Is(err, ErrNotTaken) {
			t.Errorf("for degrees only: %v", err)
		}
	}
}

func TestPROJJSONOfOtherSystemsIsRefusedWithWhatItIs(t *testing.T) {
	for _, c := range []struct {
		in     string
		is     error
		phrase string
	}{
		{strings.Replace(projZone, `"value":114`, `"value":114.5`, 1), ErrNotTaken, "114.5"},
		{strings.Replace(projZone, `"code":4547`, `"code":4526`, 1), ErrUnknown, "its id is EPSG:4526"},
		{strings.Replace(projZone, `"code":4547`, `"code":2362`, 1), ErrDatum, "Xian 1980"},
		{strings.Replace(projZone, `"semi_major_axis":6378137`, `"semi_major_axis":6378245`, 1), ErrDatum, "6378245"},
		{strings.Replace(projZone, `"name":"China 2000"`, `"name":"Xian 1980"`, 1), ErrDatum, "Xian 1980"},
		{strings.Replace(projZone, `"direction":"east","unit":"metre"`, `"direction":"east","unit":{"type":"LinearUnit","name":"foot","conversion_factor":0.3048}`, 1), ErrNotTaken, "foot"},
		{strings.Replace(projZone, `"value":500000,"unit":"metre"`, `"value":"x","unit":"metre"`, 1), ErrNotTaken, "false easting"},
		{`{"type":"BoundCRS","source_crs":` + projZone + `,"transformation":{"parameters":[{"name":"X-axis translation","value":10}]}}`, ErrDatum, "transformation"},
		{`{"type":"GeographicCRS","name":"WGS 84 / Pseudo-Mercator"}`, ErrUnknown, "projected"},
		{`{"type":"EngineeringCRS","name":"site"}`, ErrUnknown, "site"},
		{strings.Repeat(`{"type":"BoundCRS","source_crs":`, 100) + `{}` + strings.Repeat("}", 100), ErrUnknown, "within"},
	} {
		got, err := FindPROJJSON([]byte(c.in))
		if !errors.Is(err, c.is) || got != (System{}) || !strings.Contains(err.Error(), c.phrase) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, %v; want %q and %q of\n%s", got, err, c.is, c.phrase, c.in)
		}
	}
}

func FuzzFindPROJJSON(f *testing.F) {
	for _, s := range []string{projZone, `{"id":{"authority":"EPSG","code":4490}}`, `{"type":"BoundCRS","source_crs":{"ids":[{}]}}`,
		`{"type":"CompoundCRS","components":[null]}`, `{"type":"GeographicCRS","datum":{"ellipsoid":{"radius":1}},"coordinate_system":{"axis":[{}]}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := FindPROJJSON(raw)
		if known, ok := byCode(got.Code); (err == nil) != ok || ok && known != got {
			t.Errorf("%v, %v", got, err)
		}
		degrees, err := FromPROJJSON(raw)
		if err == nil && (!degrees.Geographic || degrees != got) {
			t.Errorf("%v, with projected ones %v", degrees, got)
		}
	})
}
