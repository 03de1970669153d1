package appraise

import (
	"math"

	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// Centre is the city centre: the first point of the control lines of that kind.
func (f *Found) Centre() (line int32, lon, lat float64, ok bool) {
	rows := f.ControlLines.Rows()
	if rows.Len() == 0 {
		return 0, 0, 0, false
	}
	kind := rows.Text("kind")
	for i := range rows.Order {
		if k, _ := kind(i); k != "city_centre" {
			continue
		}
		var g wkb.Geometry
		if err := g.Parse(f.ControlLines.Shape(i)); err == nil && (g.Type == wkb.Point || g.Type == wkb.MultiPoint) && len(g.XY) >= 2 {
			return int32(i), g.XY[0], g.XY[1], true
		}
	}
	return 0, 0, 0, false
}

// sector is the direction of an enterprise's place from the city centre.
func (e *enterpriseFacts) sector() texts {
	_, x0, y0, ok := e.Centre()
	if !ok {
		return silent
	}
	return func(i int) (string, bool) {
		x, y := e.Facts.Lon[i], e.Facts.Lat[i]
		if math.IsNaN(x) || math.IsNaN(y) || x == x0 && y == y0 {
			return "", false
		}
		return Direction(x0, y0, x, y), true
	}
}

// The ellipsoid of CGCS2000.
const (
	equator      = 6378137.0
	flattening   = 1 / 298.257222101
	eccentricity = flattening * (2 - flattening)
)

// offset is how far east and north a place lies of another, in metres near it.
func offset(lon0, lat0, lon, lat float64) (east, north float64) {
	const degree = math.Pi / 180
	middle := (lat0 + lat) / 2 * degree
	s := 1 - eccentricity*math.Sin(middle)*math.Sin(middle)
	n := equator / math.Sqrt(s)
	m := equator * (1 - eccentricity) / (s * math.Sqrt(s))
	return (lon - lon0) * degree * n * math.Cos(middle), (lat - lat0) * degree * m
}

// Direction is the sector of 45° that a place lies in, seen from another; a bearing
// between two belongs to the one further clockwise.
func Direction(lon0, lat0, lon, lat float64) string {
	east, north := offset(lon0, lat0, lon, lat)
	bearing := math.Mod(math.Atan2(east, north)*180/math.Pi+360+22.5, 360)
	return demand.Directions[int(bearing/45)%8]
}

// Distance is how many millimetres lie between two places of one city.
func Distance(lon0, lat0, lon, lat float64) int64 {
	east, north := offset(lon0, lat0, lon, lat)
	return int64(math.Round(math.Hypot(east, north) * 1000))
}
