package measure

import (
	"math"

	"github.com/muscope-gis/muscope/geo/crs"
)

// Metres is the length of the geodesic between two points in degrees, on the
// ellipsoid, by Vincenty's formula (Survey Review 1975): within 0.1 mm. Points so
// nearly opposite that it does not converge get the great circle of the mean
// radius, within 0.6 %.
func Metres(lon1, lat1, lon2, lat2 float64) float64 {
	if lon1 == lon2 && lat1 == lat2 {
		return 0
	}
	const f = flattening
	u1, u2 := math.Atan((1-f)*math.Tan(lat1*degree)), math.Atan((1-f)*math.Tan(lat2*degree))
	su1, cu1 := math.Sincos(u1)
	su2, cu2 := math.Sincos(u2)
	// sin(u2−u1) and the like, without the cancellation that short lines suffer.
	sinU := (su1 - su2) * (su1 - su2)
	long := math.Remainder(lon2-lon1, 360) * degree
	lambda := long
	for range 100 {
		sl := math.Sin(lambda)
		half := math.Sin(lambda / 2)
		// The chord between the points on the auxiliary sphere, squared.
		chord := sinU + (cu1-cu2)*(cu1-cu2) + 4*cu1*cu2*half*half
		sigma := 2 * math.Asin(min(1, math.Sqrt(chord)/2))
		ss, cs := math.Sincos(sigma)
		if ss == 0 {
			return 0
		}
		sa := cu1 * cu2 * sl / ss
		ca2 := 1 - sa*sa
		mid := 0.0 // cos 2σm; a line along the equator has none
		if ca2 > 1e-12 {
			mid = cs - 2*su1*su2/ca2
		}
		c := f / 16 * ca2 * (4 + f*(4-3*ca2))
		before := lambda
		lambda = long + (1-c)*f*sa*(sigma+c*ss*(mid+c*cs*(2*mid*mid-1)))
		if math.Abs(lambda-before) <= 1e-13*math.Abs(lambda) {
			return arc(sigma, ss, cs, mid, ca2)
		}
		if !(math.Abs(lambda) <= math.Pi) {
			break
		}
	}
	return haversine(lon1, lat1, lon2, lat2)
}

// arc turns an arc of the auxiliary sphere into metres.
func arc(sigma, ss, cs, mid, ca2 float64) float64 {
	u := ca2 * (crs.SemiMajor*crs.SemiMajor/(semiMinor*semiMinor) - 1)
	a := 1 + u/16384*(4096+u*(-768+u*(320-175*u)))
	b := u / 1024 * (256 + u*(-128+u*(74-47*u)))
	m2 := mid * mid
	return semiMinor * a * (sigma - b*ss*(mid+b/4*(cs*(2*m2-1)-b/6*mid*(4*ss*ss-3)*(4*m2-3))))
}

func haversine(lon1, lat1, lon2, lat2 float64) float64 {
	const mean = (2*crs.SemiMajor + semiMinor) / 3
	a, b := math.Sin((lat2-lat1)/2*degree), math.Sin((lon2-lon1)/2*degree)
	return 2 * mean * math.Asin(min(1, math.Sqrt(a*a+math.Cos(lat1*degree)*math.Cos(lat2*degree)*b*b)))
}

// scales are the metres of one degree of longitude and of latitude at a latitude.
func scales(lat float64) (kx, ky float64) {
	s, c := math.Sincos(lat * degree)
	w := 1 - ecc2*s*s
	kx = crs.SemiMajor / math.Sqrt(w) * c * degree
	ky = crs.SemiMajor * (1 - ecc2) / (w * math.Sqrt(w)) * degree
	return max(kx, 1), ky
}
