// Package geojson reads and writes FeatureCollections (RFC 7946) as a stream.
//
// Reading is in two halves. A [Splitter] cuts the file into blocks of whole
// features in one sequential pass that only follows strings and braces; any
// number of goroutines then parse blocks, each with its own [Parser], which
// calls a [Visitor] and keeps nothing. Memory is a few blocks, whatever the file
// holds. Writing is a handful of Append functions: the caller puts features
// together from his columns and joins them with ",\n".
//
// What is read is a little more than the standard: NaN, Infinity and -Infinity
// stand for numbers that are not finite, as many writers put them. Of repeated
// members the first counts (the others are read over), of "features" a second is
// an error. A feature's foreign members, its id and bbox are read over. Text
// that is not UTF-8 is passed on with U+FFFD for each bad byte.
//
// The package knows no coordinate systems and no validity: rings are passed on
// open or short as they stand, Z and M are dropped.
package geojson

import "github.com/muscope-gis/muscope/geo/wkb"

// Block is a run of whole features, with the commas between them. It may be
// parsed by any goroutine.
type Block struct {
	Data   []byte // belongs to the holder until it is given back with Recycle
	First  int64  // number of its first feature, from 1
	Count  int    // number of features
	Offset int64  // where Data begins in the file, in bytes

	memory []byte // the buffer Data lies in
}

// Kind is what a property's value is.
type Kind uint8

// The kinds of values. Nested is an object or an array.
const (
	Null Kind = iota
	Bool
	Number
	String
	Nested
)

// Value is the value of a property. Text is valid until Property returns.
type Value struct {
	Kind Kind
	Text []byte // a string unescaped; else the JSON as it stands (true, -1.5e3, NaN, {"a":1})
}

// Visitor is called while a block is parsed, feature by feature.
type Visitor interface {
	// Property is called for each member of properties in the file's order, once
	// a key: of a repeated key the first is passed on. The key is unescaped and
	// valid until Property returns.
	Property(key []byte, v Value)

	// EndFeature closes the feature. g is used again for the next one; it is nil
	// when geometry is null or missing. One of a type that is only known by name
	// (GeometryCollection, a curve) has that type and no coordinates. When the
	// geometry can't be read, g is nil and problem says why in a few words: that is
	// the row's fault, not the file's.
	EndFeature(number int64, g *wkb.Geometry, problem string)
}

// MaxFeature is the longest feature (or other member of the collection) that is
// read, in bytes, so that no file can eat the memory.
const MaxFeature = 256 << 20

// maxDepth is how deep arrays and objects may lie in one another.
const maxDepth = 200
