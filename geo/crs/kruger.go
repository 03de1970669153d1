package crs

import "math"

const degree = math.Pi / 180

// harmonics are the coefficients of a sine series: a[0] sin 2t + … + a[5] sin 12t.
type harmonics [6]float64

// The transverse Mercator projection by Krüger's series (1912) in the third
// flattening n, to n^6: conformal sphere to ellipsoidal plane (toPlane), back
// (fromPlane), and conformal to geographic latitude (toGeographic). What is left out
// is below a nanometre as far as eastMost.
var (
	thirdFlattening = 1 / (2*InverseFlattening - 1)
	eccentricity    = math.Sqrt(2*InverseFlattening-1) / InverseFlattening

	// rectifying is the radius of the sphere with the ellipsoid's meridian length.
	rectifying = func() float64 {
		n2 := thirdFlattening * thirdFlattening
		return SemiMajor / (1 + thirdFlattening) * (1 + n2*(1.0/4+n2*(1.0/64+n2/256)))
	}()

	perRadius = 1 / rectifying

	toPlane = series([6][]float64{
		{1. / 2, -2. / 3, 5. / 16, 41. / 180, -127. / 288, 7891. / 37800},
		{13. / 48, -3. / 5, 557. / 1440, 281. / 630, -1983433. / 1935360},
		{61. / 240, -103. / 140, 15061. / 26880, 167603. / 181440},
		{49561. / 161280, -179. / 168, 6601661. / 7257600},
		{34729. / 80640, -3418889. / 1995840},
		{212378941. / 319334400},
	})
	fromPlane = series([6][]float64{
		{1. / 2, -2. / 3, 37. / 96, -1. / 360, -81. / 512, 96199. / 604800},
		{1. / 48, 1. / 15, -437. / 1440, 46. / 105, -1118711. / 3870720},
		{17. / 480, -37. / 840, -209. / 4480, 5569. / 90720},
		{4397. / 161280, -11. / 504, -830251. / 7257600},
		{4583. / 161280, -108847. / 3991680},
		{20648693. / 638668800},
	})
	toGeographic = series([6][]float64{
		{2, -2. / 3, -2, 116. / 45, 26. / 45, -2854. / 675},
		{7. / 3, -8. / 5, -227. / 45, 2704. / 315, 2323. / 945},
		{56. / 15, -136. / 35, -1262. / 105, 73814. / 2835},
		{4279. / 630, -332. / 35, -399572. / 14175},
		{4174. / 315, -144838. / 6237},
		{601676. / 22275},
	})
)

// series sums the polynomials in the third flattening: that of sin 2jt begins with
// its j-th power.
func series(polynomials [6][]float64) (h harmonics) {
	power := 1.0
	for j, polynomial := range polynomials {
		power *= thirdFlattening
		term := power
		for _, c := range polynomial {
			h[j] += c * term
			term *= thirdFlattening
		}
	}
	return h
}

// at sums the series for a real angle 2t given by its sine and cosine.
func (h *harmonics) at(sin, cos float64) float64 {
	c := 2 * cos
	u5 := h[4] + c*h[5]
	u4 := h[3] + c*u5 - h[5]
	u3 := h[2] + c*u4 - u5
	u2 := h[1] + c*u3 - u4
	u1 := h[0] + c*u2 - u3
	return sin * u1
}

// atComplex sums the series for the angle 2t + 2iu.
func (h *harmonics) atComplex(sin, cos, sinh, cosh float64) (re, im float64) {
	cr, ci := 2*cos*cosh, -2*sin*sinh // 2 cos(2t + 2iu)
	ar, ai := h[5], 0.0
	br, bi := 0.0, 0.0
	for j := 4; j >= 0; j-- {
		ar, ai, br, bi = h[j]+cr*ar-ci*ai-br, cr*ai+ci*ar-bi, ar, ai
	}
	sr, si := sin*cosh, cos*sinh // sin(2t + 2iu)
	return sr*ar - si*ai, sr*ai + si*ar
}

// eastMost bounds the easting from the central meridian, in rectifying radii: some
// 2200 km, 20° on the equator. A zone reaches 3°; the series holds as far.
const eastMost = 0.35

// sinhSmall is sinh u for |u| up to eastMost and a little more, to the last digit.
// Factors, because a division takes as long as five of them.
func sinhSmall(u float64) float64 {
	w := u * u
	return u * (1 + w*(1./6)*(1+w*(1./20)*(1+w*(1./42)*(1+w*(1./72)*(1+w*(1./110)*(1+w*(1./156)))))))
}

// gaussInverse takes metres from the central meridian and the equator to radians
// from the central meridian and of geographic latitude.
func gaussInverse(east, north float64) (lon, lat float64, ok bool) {
	xi, eta := north*perRadius, east*perRadius
	if !(math.Abs(eta) <= eastMost && math.Abs(xi) <= math.Pi/2) {
		return 0, 0, false
	}
	sin, cos := math.Sincos(xi)
	sinh := sinhSmall(eta)
	cosh := math.Sqrt(1 + sinh*sinh)
	dx, dy := fromPlane.atComplex(2*sin*cos, (cos-sin)*(cos+sin), 2*sinh*cosh, 1+2*sinh*sinh)

	// The correction is below a thousandth: its sine and cosine need few terms.
	w := dx * dx
	ds, dc := dx*(1-w*(1./6)*(1-w*(1./20))), 1-w*(1./2)*(1-w*(1./12))
	sin, cos = sin*dc-cos*ds, cos*dc+sin*ds
	sinh = sinhSmall(eta - dy)

	// On the conformal sphere: r is the cosine of latitude, but for the factor of one
	// over h that the sine has too.
	r2, h2 := sinh*sinh+cos*cos, 1+sinh*sinh
	r := math.Sqrt(r2)
	part := 1 / h2
	lat = math.Atan(sin/r) + toGeographic.at(2*sin*r*part, (r2-sin*sin)*part)
	return math.Atan(sinh / cos), lat, true
}

// gaussForward is the way back, by the closed form of the conformal latitude.
func gaussForward(lon, lat float64) (east, north float64, ok bool) {
	if !(math.Abs(lon) < math.Pi/2 && math.Abs(lat) <= math.Pi/2) {
		return 0, 0, false
	}
	tan := math.Tan(lat)
	sigma := math.Sinh(eccentricity * math.Atanh(eccentricity*math.Sin(lat)))
	conformal := tan*math.Hypot(1, sigma) - sigma*math.Hypot(1, tan)
	sin, cos := math.Sincos(lon)
	xi := math.Atan2(conformal, cos)
	eta := math.Asinh(sin / math.Hypot(conformal, cos))
	if math.Abs(eta) > eastMost {
		return 0, 0, false
	}
	s, c := math.Sincos(2 * xi)
	dx, dy := toPlane.atComplex(s, c, math.Sinh(2*eta), math.Cosh(2*eta))
	east, north = rectifying*(eta+dy), rectifying*(xi+dx)
	return east, north, math.Abs(east) <= eastMost*rectifying
}

// mercatorNorth is the northing of web Mercator where it is cut for good: 85.06°. The
// usual square ends a little before, at ±[mercatorEast].
const (
	mercatorEast  = math.Pi * SemiMajor
	mercatorNorth = 20_048_966.2
)

func mercatorInverse(x, y float64) (lon, lat float64, ok bool) {
	if !(math.Abs(x) <= mercatorEast+1e-3 && math.Abs(y) <= mercatorNorth) {
		return 0, 0, false
	}
	return x / SemiMajor, math.Atan(math.Sinh(y / SemiMajor)), true
}

func mercatorForward(lon, lat float64) (x, y float64, ok bool) {
	x, y = SemiMajor*lon, SemiMajor*math.Asinh(math.Tan(lat))
	return x, y, math.Abs(lon) <= math.Pi && math.Abs(y) <= mercatorNorth
}
