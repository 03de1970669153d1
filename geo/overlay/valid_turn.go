package overlay

import "math"

// turnBound times the sum of the two products bounds the rounding of their
// difference (Shewchuk 1997, ccwerrboundA).
const turnBound = (3 + 16*0x1p-53) * 0x1p-53

// turn is 1 when p lies left of the line from a to b, −1 right of it, 0 on it.
// It is exact for coordinates between 1e-140 and 1e140 and zero.
func turn(ax, ay, bx, by, px, py float64) int {
	l, r := (ax-px)*(by-py), (ay-py)*(bx-px)
	det := l - r
	if bound := turnBound * (math.Abs(l) + math.Abs(r)); det > bound {
		return 1
	} else if det < -bound {
		return -1
	}
	return turnExact(ax, ay, bx, by, px, py)
}

// turnExact adds the six products of the determinant without rounding: each
// product is two floats, and their sum is kept as floats that do not overlap,
// the smallest first, so the last one that is not zero has the sign.
func turnExact(ax, ay, bx, by, px, py float64) int {
	var sum [12]float64
	n := 0
	for _, f := range [6][2]float64{{ax, by}, {-ay, bx}, {bx, py}, {-by, px}, {px, ay}, {-py, ax}} {
		high := f[0] * f[1]
		for _, term := range [2]float64{math.FMA(f[0], f[1], -high), high} {
			for i := range n {
				t := sum[i] + term
				v := t - sum[i]
				sum[i] = (sum[i] - (t - v)) + (term - v)
				term = t
			}
			sum[n] = term
			n++
		}
	}
	for i := n - 1; i >= 0; i-- {
		if sum[i] != 0 {
			if sum[i] > 0 {
				return 1
			}
			return -1
		}
	}
	return 0
}
