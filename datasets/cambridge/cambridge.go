// Package cambridge holds a corner of a real city for tests: 667 parcels of
// Cambridge, Massachusetts, with four of its neighbourhoods as zones, land use and
// waters, as the city published them for the fiscal year 2013, mistakes included
// (README.md counts them). The data is in the public domain (LICENSE.md).
//
// It is for tests only and no part of the program; nothing in it is cleaned, and
// nothing in it is Chinese: use codes stand in for those of the Chinese classes.
package cambridge

import "embed"

// Files is the corner as a data folder of layers: NAME.geojson, each compressed
// with gzip.
//
//go:embed *.geojson.gz
var Files embed.FS

// Source is the whole city in the files it published, each compressed with gzip, and
// the mapping.yaml that says how they are to be understood.
//
//go:embed source
var Source embed.FS
