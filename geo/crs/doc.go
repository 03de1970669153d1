// Package crs names coordinate reference systems and brings coordinates to degrees
// of longitude and latitude.
//
// It knows CGCS2000 and WGS 84 in degrees, the 3- and 6-degree Gauss-Krüger
// (高斯—克吕格) zones of CGCS2000 with and without the zone number in the easting,
// and web Mercator: how people and files spell them ([Find], [FindPROJJSON],
// [FromWKT]), how their coordinates become degrees ([System.ToLonLat],
// [System.Densified]) and whether numbers can be theirs ([System.Plausible]). It
// tells those who bring another system what that is and what to do.
//
// Coordinates are x east, y north, interleaved in flat slices, whatever axis order a
// definition gives. WGS 84 and CGCS2000 count as one: they differ by centimetres. It
// does not move between datums, knows no grids and no heights, and imports nothing
// of the program.
package crs
