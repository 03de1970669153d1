// Package measure takes areas and distances on the ellipsoid of CGCS2000 from
// coordinates in degrees, x east and y north.
//
// Edges are straight in longitude and latitude (RFC 7946), so the pieces a
// polygon is cut into in lon/lat add up to the whole. Areas are in m², distances
// in metres between boundaries; nothing wraps at 180°. Nothing here repairs, cuts or projects: an
// invalid polygon gives a number without meaning.
package measure
