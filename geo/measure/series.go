package measure

import (
	"math"

	"github.com/muscope-gis/muscope/geo/crs"
)

const (
	degree     = math.Pi / 180
	flattening = 1 / crs.InverseFlattening
	semiMinor  = crs.SemiMajor * (1 - flattening)
	ecc2       = flattening * (2 - flattening) // e², the first eccentricity squared
)

// harmonics is the number of terms kept of q's sine series; the first one left
// out is below 1e-16 of q.
const harmonics = 6

// sines are the coefficients, in m² per radian of longitude, of
// q(φ) = Σ sines[k]·sin((2k+1)φ), the authalic integral.
var sines = sineSeries()

// sineSeries turns q = b²·Σ (j+1)/(2j+1)·e^2j·sin^(2j+1)φ into a series of
// sines of odd multiples of φ.
func sineSeries() (s [harmonics]float64) {
	for k := range s {
		sum := 0.0
		for j := 15; j >= k; j-- {
			sum += float64(j+1) / float64(2*j+1) * math.Pow(ecc2/4, float64(j)) * choose(2*j+1, j-k)
		}
		if k%2 == 1 {
			sum = -sum
		}
		s[k] = semiMinor * semiMinor * sum
	}
	return s
}

func choose(n, k int) float64 {
	c := 1.0
	for i := 1; i <= k; i++ {
		c *= float64(n-k+i) / float64(i)
	}
	return c
}

// tallRing is the signed area in m², positive counter-clockwise, of a ring of
// any height: the exact mean of every harmonic along every edge.
func tallRing(xy []float64) float64 {
	n := len(xy) / 2
	if n < 3 {
		return 0
	}
	base := meanQ(xy[1], xy[1])
	sum := 0.0
	x1, y1 := xy[2*n-2], xy[2*n-1]
	for i := 0; i < 2*n; i += 2 {
		x2, y2 := xy[i], xy[i+1]
		if x1 != x2 {
			sum += (x2 - x1) * (meanQ(y1, y2) - base)
		}
		x1, y1 = x2, y2
	}
	return -sum * degree
}

// meanQ is the mean of q between two latitudes in degrees, by
// mean of sin(kφ) over φm±h = sin(kφm)·sin(kh)/(kh).
func meanQ(y1, y2 float64) float64 {
	m, h := (y1+y2)/2*degree, (y2-y1)/2*degree
	sum := 0.0
	for k, a := range sines {
		w := float64(2*k + 1)
		sum += a * math.Sin(w*m) * sinc(w*h)
	}
	return sum
}

// sinc is sin(x)/x.
func sinc(x float64) float64 {
	if math.Abs(x) < 1e-4 {
		return 1 - x*x/6
	}
	return math.Sin(x) / x
}
