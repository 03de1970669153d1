// Package sample holds a made-up city, the data folder that the program brings
// along: zones, parcels, enterprises and their accounts with the mistakes such
// data really has (README.md lists them), and the words made-up cities are named
// with. engine/sample wrote it; nothing in it describes a real place or firm.
package sample

import "embed"

// Files is the city as a data folder: layers as GeoJSON, tables as CSV.
//
//go:embed README.md *.geojson *.csv
var Files embed.FS

// Words is the vocabulary: a line per key, "key: word word …".
//
//go:embed words.txt
var Words string

// Indicators is what zones report in a made-up city; its head says how to read it.
//
//go:embed indicators.txt
var Indicators string
