package canon

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/zeebo/xxh3"

	"github.com/muscope-gis/muscope/engine/table"
)

// Digest is a sum over rows that does not depend on their order, on files or on
// batches: two tables with the same rows have the same digest. It names a run; it
// is no protection against someone who wants a collision.
type Digest struct{ Hi, Lo uint64 }

// Add adds a row's digest.
func (d *Digest) Add(o Digest) {
	var carry uint64
	d.Lo, carry = bits.Add64(d.Lo, o.Lo, 0)
	d.Hi, _ = bits.Add64(d.Hi, o.Hi, carry)
}

const golden = 0x9E3779B97F4A7C15

// mix spreads a cell's hash and its column over 64 bits.
func mix(h, column uint64) uint64 {
	hi, lo := bits.Mul64(h^column*golden, 0xD6E8FEB86659FD93)
	return hi ^ lo
}

// Rows computes the digests of a batch's rows into dst, which is grown as needed.
func Rows(b table.Batch, dst []Digest) []Digest {
	n := b.Rows()
	dst = append(dst[:0], make([]Digest, n)...)
	for c := range b.Schema.Fields {
		column := uint64(c) + 1
		add := func(i int, h uint64) { dst[i].Lo += mix(h, column) }
		switch a := b.Record.Column(c).(type) {
		case *array.String:
			for i := range n {
				if a.IsValid(i) {
					add(i, xxh3.HashString(a.Value(i)))
				}
			}
		case *array.Binary:
			for i := range n {
				if a.IsValid(i) {
					add(i, xxh3.Hash(a.Value(i)))
				}
			}
		case *array.Float64:
			for i, v := range a.Float64Values() {
				if a.IsValid(i) {
					add(i, math.Float64bits(v))
				}
			}
		case *array.Int64:
			for i, v := range a.Int64Values() {
				if a.IsValid(i) {
					add(i, uint64(v))
				}
			}
		case *array.Date32:
			for i, v := range a.Date32Values() {
				if a.IsValid(i) {
					add(i, uint64(v))
				}
			}
		case *array.Boolean:
			for i := range n {
				if a.IsValid(i) {
					h := uint64(1)
					if a.Value(i) {
						h = 2
					}
					add(i, h)
				}
			}
		}
	}
	for i := range dst { // a row is more than the sum of its cells
		h := dst[i].Lo
		dst[i] = Digest{Hi: mix(h, golden), Lo: mix(h, 0x2545F4914F6CDD1D)}
	}
	return dst
}
