package crs

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// definition is what WKT and PROJJSON say of a system, before it is recognised by its
// parameters.
type definition struct {
	name      string
	projected bool
	problem   string // why it cannot be taken whatever its parameters: a kind, an axis

	datum             string
	semiMajor         float64
	inverseFlattening float64
	primeMeridian     float64
	shift             bool // transformation parameters to WGS 84 that are not zero

	angles     []unit // of latitudes and longitudes
	lengths    []unit // of eastings and northings
	method     string
	sphere     bool // PROJ.4 text makes a Mercator web Mercator
	parameters []parameter

	ids []identifier
}

type unit struct {
	name   string
	factor float64 // to metres or radians
}

type parameter struct {
	name  string
	value float64
}

type identifier struct{ authority, code string }

// system recognises the definition. Names and codes decide nothing by themselves,
// but must not contradict the parameters.
func (d *definition) system() (System, error) {
	if what := d.mars(); what != "" {
		return System{}, d.refuse(what, ErrShifted)
	}
	if d.problem != "" {
		return System{}, d.refuse(d.problem, ErrUnknown)
	}
	base, err := d.base()
	if err != nil {
		return System{}, err
	}
	if err := d.metric(); err != nil {
		return System{}, err
	}
	found := base
	if d.projected {
		p, err := d.plane(base)
		if err != nil {
			return System{}, err
		}
		found = d.preferred(p)
	}
	if err := d.contradiction(found); err != nil {
		return System{}, err
	}
	return found, nil
}

func (d *definition) refuse(what string, reason error) error {
	return fmt.Errorf("crs %s: %s: %w", quote(d.name), what, reason)
}

// mars says whether the names are those of a shifted system.
func (d *definition) mars() string {
	for _, name := range []string{bare(d.name), bare(d.datum)} {
		switch {
		case strings.Contains(name, "gcj02"):
			return "GCJ-02"
		case strings.Contains(name, "bd09"):
			return "BD-09"
		}
	}
	return ""
}

// base is the geographic system of the datum. One that calls itself unknown, as tools
// write it that were given an ellipsoid only, is CGCS2000 if it has its ellipsoid and
// bears a projection: that must then be one of China's zones.
func (d *definition) base() (System, error) {
	name := strings.TrimPrefix(bare(d.datum), "d")
	what := fmt.Sprintf("datum %s, ellipsoid of %.10g m and 1/%.12g", quote(d.datum), d.semiMajor, d.inverseFlattening)
	switch {
	case strings.Contains(name, "xian"):
		return System{}, d.refuse("Xian 1980", ErrDatum)
	case strings.Contains(name, "newbeijing"):
		return System{}, d.refuse("New Beijing", ErrDatum)
	case strings.Contains(name, "beijing"):
		return System{}, d.refuse("Beijing 1954", ErrDatum)
	case d.datum == "" && d.semiMajor == 0:
		return System{}, d.refuse("it names no datum and no ellipsoid", ErrUnknown)
	case !near(d.semiMajor, SemiMajor, 1e-3) || !near(d.inverseFlattening, InverseFlattening, 1e-5):
		return System{}, d.refuse(what, ErrDatum)
	case d.shift:
		return System{}, d.refuse(what+", with a transformation to WGS 84", ErrDatum)
	case !near(d.primeMeridian, 0, 1e-12):
		return System{}, d.refuse(fmt.Sprintf("longitudes count from %g°", d.primeMeridian), ErrUnknown)
	}
	switch name {
	case "china2000", "chinageodeticcoordinatesystem2000", "chinesegeodeticcoordinatesystem2000", "cgcs2000":
		return CGCS2000, nil
	}
	unknown := name == "" || strings.HasPrefix(name, "unknown") || strings.HasPrefix(name, "notspecified")
	switch {
	case strings.HasPrefix(name, "wgs1984"), strings.HasPrefix(name, "wgs84"), strings.HasPrefix(name, "worldgeodeticsystem1984"):
		return WGS84, nil
	case unknown && d.projected && near(d.inverseFlattening, InverseFlattening, 5e-7):
		return CGCS2000, nil
	}
	return System{}, d.refuse(what, ErrUnknown)
}

// near says whether two numbers agree; NaN agrees with nothing.
func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

// metric refuses degrees and metres that are something else.
func (d *definition) metric() error {
	for _, u := range d.angles {
		// EPSG gives degrees packed with minutes and seconds the factor of the degree.
		if !near(u.factor, degree, 1e-10) || strings.Contains(bare(u.name), "minute") {
			return d.refuse(fmt.Sprintf("it counts in %s, not in degrees", quote(u.name)), ErrNotTaken)
		}
	}
	for _, u := range d.lengths {
		if !near(u.factor, 1, 1e-12) {
			return d.refuse(fmt.Sprintf("it counts in %s, not in metres", quote(u.name)), ErrNotTaken)
		}
	}
	return nil
}

// plane recognises the projection.
func (d *definition) plane(base System) (plane, error) {
	meridian, falseEasting, usual := d.origin()
	web := false
	switch bare(d.method) {
	case "transversemercator", "gk", "transversemercatorcomplex", "gkcomplex":
		if p, ok := zoneOf(meridian, falseEasting); ok && usual && base == CGCS2000 {
			return p, nil
		}
	case "mercatorauxiliarysphere", "popularvisualisationpseudomercator":
		web = true
	case "mercator1sp", "mercator":
		web = d.sphere || d.means(WebMercator)
	}
	if web && usual && near(meridian, 0, 1e-9) && near(falseEasting, 0, 1e-6) {
		return plane{mercator: true}, nil
	}
	return plane{}, d.refuse(d.local(), ErrNotTaken)
}

// origin reads the parameters: central meridian and false easting, NaN where they
// are not given, and whether all others are as in every plane that is taken.
func (d *definition) origin() (meridian, falseEasting float64, usual bool) {
	meridian, falseEasting, usual = math.NaN(), math.NaN(), true
	for _, p := range d.parameters {
		switch bare(p.name) {
		case "centralmeridian", "longitudeofnaturalorigin", "longitudeoforigin", "longitudeofcenter":
			meridian = p.value
		case "falseeasting":
			falseEasting = p.value
		case "scalefactor", "scalefactoratnaturalorigin":
			usual = usual && near(p.value, 1, 1e-12)
		case "semiminor", "semimajor":
			usual = usual && near(p.value, SemiMajor, 1e-3)
		case "falsenorthing", "latitudeoforigin", "latitudeofnaturalorigin", "standardparallel1", "auxiliaryspheretype":
			usual = usual && near(p.value, 0, 1e-9)
		default:
			usual = false
		}
	}
	return meridian, falseEasting, usual
}

// zoneOf finds the zone of a central meridian and a false easting.
func zoneOf(meridian, falseEasting float64) (plane, bool) {
	for _, s := range systems {
		p, ok := planeOf(s.Code)
		if ok && !p.mercator && near(p.meridian, meridian, 1e-9) && near(p.falseEasting, falseEasting, 1e-6) {
			return p, true
		}
	}
	return plane{}, false
}

// local says in words what a projection is that is not taken.
func (d *definition) local() string {
	var b strings.Builder
	method := d.method
	if method == "" {
		method = "no projection"
	}
	fmt.Fprintf(&b, "%.60q on datum %.60q", method, d.datum)
	for i, p := range d.parameters {
		if i == 8 {
			b.WriteString(", …")
			break
		}
		fmt.Fprintf(&b, ", %.40s %.12g", strings.TrimSpace(strings.ToLower(spaced(p.name))), p.value)
	}
	return b.String()
}

// spaced makes a parameter's name words in a line.
func spaced(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r < ' ' {
			return ' '
		}
		return r
	}, name)
}

// means says whether the name or an id is the system's.
func (d *definition) means(s System) bool {
	if n, ok := named(d.name); ok && n == s {
		return true
	}
	for _, id := range d.ids {
		if n, err := id.find(); err == nil && n == s {
			return true
		}
	}
	return false
}

// preferred is the system of a plane: where two mean the same, the one that the
// definition names.
func (d *definition) preferred(p plane) System {
	for _, s := range systems {
		if q, ok := planeOf(s.Code); ok && q.same(p) && d.means(s) {
			return s
		}
	}
	return p.system()
}

// contradiction reports a name or id that is another system's than the parameters.
func (d *definition) contradiction(s System) error {
	if n, ok := named(d.name); ok && !alike(n, s) {
		return d.refuse(fmt.Sprintf("its name is that of %s, its parameters are those of %s", n, s), ErrUnknown)
	}
	for _, id := range d.ids {
		n, err := id.find()
		if errors.Is(err, ErrDatum) || errors.Is(err, ErrShifted) {
			return err
		}
		if err == nil && !alike(n, s) {
			return d.refuse(fmt.Sprintf("its id is %s, its parameters are those of %s", n, s), ErrUnknown)
		}
	}
	return nil
}

// alike says whether two systems give a point the same coordinates.
func alike(a, b System) bool {
	p, _ := planeOf(a.Code)
	q, _ := planeOf(b.Code)
	return a.Geographic == b.Geographic && p.same(q)
}

func (id identifier) find() (System, error) { return Find(id.authority + ":" + id.code) }
