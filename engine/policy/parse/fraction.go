package parse

import (
	"cmp"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Fraction is an exact share above 0 and up to 1 in lowest terms: 不足三分之一 is below
// Fraction{1, 3}, which no float64 is.
type Fraction struct{ Num, Den int64 }

// Float64 is the float64 nearest to the fraction.
func (f Fraction) Float64() float64 { return float64(f.Num) / float64(f.Den) }

// String is 1/3, or 1 for the whole.
func (f Fraction) String() string {
	if f.Den == 1 {
		return strconv.FormatInt(f.Num, 10)
	}
	return strconv.FormatInt(f.Num, 10) + "/" + strconv.FormatInt(f.Den, 10)
}

// Cmp is -1, 0 or 1 as f is below, equal to or above g, exactly.
func (f Fraction) Cmp(g Fraction) int {
	h1, l1 := bits.Mul64(uint64(f.Num), uint64(g.Den))
	h2, l2 := bits.Mul64(uint64(g.Num), uint64(f.Den))
	return cmp.Or(cmp.Compare(h1, h2), cmp.Compare(l1, l2))
}

// Fraction reads a share above 0 and up to 1, written 1/3 or 0.25.
func (d *Decoder) Fraction(n *Node) Fraction {
	s := d.Text(n)
	if s == "" {
		return Fraction{}
	}
	r, ok := new(big.Rat), len(s) <= 20 && !strings.ContainsAny(s, "eExXpP_")
	if ok {
		_, ok = r.SetString(s)
	}
	if !ok || r.Sign() <= 0 || r.Cmp(big.NewRat(1, 1)) > 0 || !r.Num().IsInt64() || !r.Denom().IsInt64() {
		d.At(n, "%s is not a share above 0 and up to 1, such as 1/3 or 0.25", Show(s))
		return Fraction{}
	}
	return Fraction{r.Num().Int64(), r.Denom().Int64()}
}
