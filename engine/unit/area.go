package unit

import (
	"math"
	"math/bits"
)

// Area is a ground area in whole 1e-4 m² (square centimetres): the integer in
// which every area of an evaluation is added up, so that sums are the same in
// any order. 1 亩 (mu) = 2000/3 m² exactly.
type Area int64

// MaxArea is the largest area that is taken from outside: 500 million km².
const MaxArea Area = 5e18

// SquareMetres turns m² into an Area, to the nearest 1e-4 m², halves away from
// zero. ok is false when v is not a number or too large to hold.
func SquareMetres(v float64) (a Area, ok bool) {
	v = math.Round(v * 1e4)
	if !(math.Abs(v) <= float64(MaxArea)) {
		return 0, false
	}
	return Area(v), true
}

// SquareMetres is the area in m².
func (a Area) SquareMetres() float64 { return float64(a) / 1e4 }

// Mu is the area in 亩, as the nearest float64.
func (a Area) Mu() float64 { return float64(a) * 3 / 2e7 }

// MuTenThousandths is the area in 1e-4 亩, halves away from zero: what tables
// and layers print as mu with four decimals.
func (a Area) MuTenThousandths() int64 {
	const den = 2000
	n := int64(a) / den * 3 // split, so that the product cannot overflow
	rest := int64(a) % den * 3
	if rest >= 0 {
		return n + (rest+den/2)/den
	}
	return n + (rest-den/2)/den
}

// Scale is a × part ÷ whole, to the nearest unit, halves up, without overflow:
// the official area that falls on a piece of a parcel. whole ≤ 0 gives 0; part
// is held within 0 … whole.
func (a Area) Scale(part, whole Area) Area {
	if whole <= 0 || part <= 0 || a <= 0 {
		return 0
	}
	if part >= whole {
		return a
	}
	hi, lo := bits.Mul64(uint64(a), uint64(part))
	lo, carry := bits.Add64(lo, uint64(whole)/2, 0)
	q, _ := bits.Div64(hi+carry, lo, uint64(whole))
	return Area(q)
}

// CompareShare compares part ÷ whole with a share in millionths, exactly: −1, 0
// or 1. Negative areas count as none.
func CompareShare(part, whole Area, millionths int64) int {
	aHi, aLo := bits.Mul64(uint64(max(part, 0)), 1e6)
	bHi, bLo := bits.Mul64(uint64(max(whole, 0)), uint64(millionths))
	switch {
	case aHi != bHi:
		if aHi < bHi {
			return -1
		}
		return 1
	case aLo != bLo:
		if aLo < bLo {
			return -1
		}
		return 1
	}
	return 0
}
