package crs

// The ellipsoid of CGCS2000 (GRS80 to the digits that matter). Every area and
// distance of the program is measured on it.
const (
	SemiMajor         = 6378137.0     // a, metres
	InverseFlattening = 298.257222101 // 1/f
)
