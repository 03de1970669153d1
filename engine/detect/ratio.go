package detect

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/policy"
)

// slack is the relative distance within which a ratio is its bound: far below any
// recorded digit, and above what reading mu or yuan as m² and 万元 can cost: 2.01 mu
// of 6.03 are one third exactly, though the m² they are read as come out below it.
const slack = 1e-12

// ratio is a part of a whole, of row i of two columns.
type ratio struct{ part, whole *array.Float64 }

// known says whether the ratio can be formed: both parts there, the whole positive.
func (r ratio) known(i int) bool {
	if r.part.IsNull(i) || r.whole.IsNull(i) {
		return false
	}
	p, w := r.part.Value(i), r.whole.Value(i)
	return w > 0 && !math.IsInf(w, 1) && !math.IsNaN(p) && !math.IsInf(p, 0)
}

// below says whether the ratio is known and strictly below the bound (不足).
func (r ratio) below(i int, bound policy.Fraction) bool {
	if !r.known(i) {
		return false
	}
	return r.part.Value(i)*float64(bound.Den) < r.whole.Value(i)*float64(bound.Num)*(1-slack)
}

// tooLittle says whether a stopped parcel has had too little done on it: the
// developed or the invested part is below its bound.
func (l *land) tooLittle(i int, rule *policy.IdleLand) bool {
	return ratio{l.developed, l.toDevelop}.below(i, rule.DevelopedBelow) ||
		ratio{l.invested, l.total}.below(i, rule.InvestedBelow)
}

// maxPrice is the largest land price a fee is taken of, in yuan: 90 thousand 亿元.
const maxPrice = 9e12

// feeOf is the fee share of a land price in 万元, in whole yuan, halves away from
// zero; None when the price is not known.
func feeOf(price *array.Float64, i int, share policy.Fraction) int64 {
	if price.IsNull(i) || share.Num < 0 || share.Num > share.Den || share.Den == 0 {
		return None
	}
	yuan := price.Value(i) * 1e4
	if !(yuan >= 0 && yuan <= maxPrice) {
		return None
	}
	fen := uint64(math.Round(yuan * 100))
	hi, lo := bits.Mul64(fen, uint64(share.Num))
	q, _ := bits.Div64(hi, lo, uint64(share.Den)) // share ≤ 1, so q ≤ fen fits
	return int64((q + 50) / 100)                  // what Div64 cut off cannot reach a half
}
