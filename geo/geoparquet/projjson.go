package geoparquet

import "encoding/json"

// PROJJSON is the definition of a geographic system by its EPSG code: 4490
// (CGCS2000) or 4326 (WGS 84). GeoParquet stores x and y in this order whatever
// the axes say.
func PROJJSON(epsg int) (json.RawMessage, bool) {
	switch epsg {
	case 4490:
		return geographic("China Geodetic Coordinate System 2000", "China 2000", "CGCS2000", "298.257222101", "4490"), true
	case 4326:
		return geographic("WGS 84", "World Geodetic System 1984", "WGS 84", "298.257223563", "4326"), true
	}
	return nil, false
}

func geographic(name, datum, ellipsoid, flattening, code string) json.RawMessage {
	return json.RawMessage(`{"$schema":"https://proj.org/schemas/v0.5/projjson.schema.json","type":"GeographicCRS",` +
		`"name":"` + name + `","datum":{"type":"GeodeticReferenceFrame","name":"` + datum + `",` +
		`"ellipsoid":{"name":"` + ellipsoid + `","semi_major_axis":6378137,"inverse_flattening":` + flattening + `}},` +
		`"coordinate_system":{"subtype":"ellipsoidal","axis":[` +
		`{"name":"Geodetic latitude","abbreviation":"Lat","direction":"north","unit":"degree"},` +
		`{"name":"Geodetic longitude","abbreviation":"Lon","direction":"east","unit":"degree"}]},` +
		`"id":{"authority":"EPSG","code":` + code + `}}`)
}
