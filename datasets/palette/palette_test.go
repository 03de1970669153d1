package palette

import (
	"math"
	"slices"
	"testing"
)

// ordered are the sets whose classes lie side by side on one map and must be told
// apart by lightness alone, or by a hatch.
var ordered = []string{"grade", "amount", "idle_kind", "deadline", "mix_class", "supply_state", "space", "mix_verdict", "conflict"}

func TestTheClassesOfASetAreToldApartInGreyPrint(t *testing.T) {
	for _, set := range ordered {
		classes := Set(set)
		if len(classes) < 2 {
			t.Fatalf("the set %s has %d classes", set, len(classes))
		}
		for i, a := range classes {
			for _, b := range classes[i+1:] {
				apart := math.Abs(lab(linear(a.RGB))[0] - lab(linear(b.RGB))[0])
				if apart < 7 && a.Hatch == b.Hatch {
					t.Errorf("%s: %s and %s differ by %.1f in lightness, and not by a hatch", set, a.Name, b.Name, apart)
				}
			}
		}
	}
}

func TestTheClassesOfASetAreToldApartByTheColourBlind(t *testing.T) {
	// Viénot, Brettel and Mollon (1999), in linear RGB: what is seen without the
	// red-sensitive and without the green-sensitive cones.
	kinds := map[string][3][3]float64{
		"all cones": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		"no red":    {{0.11238, 0.88762, 0}, {0.11238, 0.88762, 0}, {0.00401, -0.00401, 1}},
		"no green":  {{0.29275, 0.70725, 0}, {0.29275, 0.70725, 0}, {-0.02234, 0.02234, 1}},
	}
	for name, m := range kinds {
		for _, set := range ordered {
			classes := Set(set)
			for i, a := range classes {
				for _, b := range classes[i+1:] {
					x, y := lab(times(m, linear(a.RGB))), lab(times(m, linear(b.RGB)))
					d := math.Sqrt(square(x[0]-y[0]) + square(x[1]-y[1]) + square(x[2]-y[2]))
					if d < 12 && a.Hatch == b.Hatch {
						t.Errorf("%s, %s: %s and %s are only %.1f apart", set, name, a.Name, b.Name, d)
					}
				}
			}
		}
	}
}

func TestEveryClassStandsOnce(t *testing.T) {
	seen := map[[2]string]bool{}
	for _, set := range Sets() {
		for _, c := range Set(set) {
			key := [2]string{c.Set, c.Name}
			if seen[key] {
				t.Errorf("%s %s stands twice", c.Set, c.Name)
			}
			seen[key] = true
			if Of(c.Set, c.Name) != c {
				t.Errorf("%s %s is not found", c.Set, c.Name)
			}
		}
	}
	if sets := Sets(); len(seen) == 0 || len(slices.Compact(slices.Sorted(slices.Values(sets)))) != len(sets) {
		t.Errorf("the sets are not each in one piece: %v", sets)
	}
}

func square(v float64) float64 { return v * v }

func linear(rgb uint32) [3]float64 {
	var out [3]float64
	for i, shift := range []int{16, 8, 0} {
		v := float64(rgb>>shift&0xff) / 255
		if v <= 0.04045 {
			out[i] = v / 12.92
		} else {
			out[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return out
}

func times(m [3][3]float64, v [3]float64) [3]float64 {
	var out [3]float64
	for i := range m {
		for j := range v {
			out[i] += m[i][j] * v[j]
		}
	}
	return out
}

// lab is CIE L*a*b* under D65.
func lab(rgb [3]float64) [3]float64 {
	xyz := times([3][3]float64{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}, rgb)
	f := func(v, white float64) float64 {
		v /= white
		if v > 216.0/24389 {
			return math.Cbrt(v)
		}
		return (24389.0/27*v + 16) / 116
	}
	x, y, z := f(xyz[0], 0.95047), f(xyz[1], 1), f(xyz[2], 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}
