package crs

import (
	"errors"
	"fmt"
)

// ErrRange is wrapped when coordinates cannot be those of the system they are said
// to be in; the rest of the message says what they look like and what to do.
var ErrRange = errors.New("coordinates do not fit")

// ToLonLat turns x, y, x, y … of the system into degrees of longitude and latitude,
// in place and without allocating; degrees stay as they are. The ellipsoid is that
// of CGCS2000, web Mercator's formulas are those of the sphere. A point far outside
// the projection, infinite or NaN gives an error that wraps [ErrRange] and names the
// vertex (counted from 0); those before it are degrees by then.
//
// A point gives the same bits wherever it stands. Straight edges between the points
// may bend: see [System.Densified].
func (s System) ToLonLat(xy []float64) error {
	p, err := s.plane(xy)
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(xy); i += 2 {
		lon, lat, ok := p.lonLat(xy[i], xy[i+1])
		if !ok {
			return s.outside(i, xy)
		}
		xy[i], xy[i+1] = lon, lat
	}
	return nil
}

// FromLonLat is the way back: degrees of longitude and latitude become coordinates of
// the system. Points more than some 20° from the central meridian are an error that
// wraps [ErrRange].
func (s System) FromLonLat(xy []float64) error {
	p, err := s.plane(xy)
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(xy); i += 2 {
		x, y, ok := p.fromLonLat(xy[i], xy[i+1])
		if !ok {
			return s.outside(i, xy)
		}
		xy[i], xy[i+1] = x, y
	}
	return nil
}

// plane is the system's plane for work on the coordinates; the zero plane stands for
// degrees.
func (s System) plane(xy []float64) (plane, error) {
	if len(xy)%2 != 0 {
		return plane{}, fmt.Errorf("crs %s: %d numbers are not pairs of x and y: %w", s, len(xy), ErrRange)
	}
	p, ok := planeOf(s.Code)
	if !ok && s != CGCS2000 && s != WGS84 {
		return plane{}, fmt.Errorf("crs %s: %w", s, ErrUnknown)
	}
	return p, nil
}

func (s System) outside(i int, xy []float64) error {
	return fmt.Errorf("crs %s: %w: vertex %d (%g, %g) is outside the system; check which system and which order of axes the data has",
		s, ErrRange, i/2, xy[i], xy[i+1])
}

func (p *plane) lonLat(x, y float64) (lon, lat float64, ok bool) {
	switch {
	case p.mercator:
		lon, lat, ok = mercatorInverse(x, y)
	case !p.projected():
		return x, y, LonLat(x, y, x, y)
	default:
		lon, lat, ok = gaussInverse(x-p.falseEasting, y)
	}
	return p.meridian + lon*(1/degree), lat * (1 / degree), ok
}

func (p *plane) fromLonLat(lon, lat float64) (x, y float64, ok bool) {
	switch {
	case p.mercator:
		return mercatorForward(lon*degree, lat*degree)
	case !p.projected():
		return lon, lat, LonLat(lon, lat, lon, lat)
	}
	x, y, ok = gaussForward((lon-p.meridian)*degree, lat*degree)
	return x + p.falseEasting, y, ok
}
