package crs

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestCoordinatesOfTheSystemArePlausible(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, s := range systems {
		p, _ := planeOf(s.Code)
		for range 500 {
			lon, lat := 73+62*random.Float64(), 18+35*random.Float64()
			if p.width != 0 {
				lon = p.meridian + float64(p.width)*(random.Float64()-0.5)
			}
			xy := []float64{lon, lat, lon + 0.1, lat + 0.1}
			if err := s.FromLonLat(xy); err != nil {
				t.Fatal(err)
			}
			if err := s.Plausible(min(xy[0], xy[2]), min(xy[1], xy[3]), max(xy[0], xy[2]), max(xy[1], xy[3])); err != nil {
				t.Errorf("%v %v: %v", lon, lat, err)
			}
		}
	}
	for _, c := range []struct {
		code string
		box  [4]float64
	}{
		{"4326", [4]float64{-71.16, 42.35, -71.06, 42.40}},       // another continent
		{"4326", [4]float64{-180, -90, 180, 90}},                 // the world
		{"3857", [4]float64{-7.92e6, 5.2e6, -7.91e6, 5.22e6}},    // another continent
		{"4547", [4]float64{-90_000, 3.3e6, 1_090_000, 3.5e6}},   // a province in one zone
		{"4547", [4]float64{500_000, 440_000, 600_000, 450_000}}, // the farthest south
	} {
		if err := mustFind(t, c.code).Plausible(c.box[0], c.box[1], c.box[2], c.box[3]); err != nil {
			t.Error(err)
		}
	}
}

func TestCoordinatesOfAnotherSystemAreToldWithTheRightCode(t *testing.T) {
	for _, c := range []struct {
		code   string
		box    [4]float64
		phrase string
	}{
		// The zone number, there or not.
		{"4547", [4]float64{38528770, 3386666, 38529000, 3387000}, "carry the zone number 38: declare EPSG:4526"},
		{"4547", [4]float64{39528770, 3386666, 39529000, 3387000}, "declare EPSG:4527 (central meridian 117°E, not 114°E)"},
		{"4508", [4]float64{19528770, 3386666, 19529000, 3387000}, "declare EPSG:4497"},
		{"4547", [4]float64{19528770, 3386666, 19529000, 3387000}, "declare EPSG:4497 (central meridian 111°E, not 114°E)"},
		{"4526", [4]float64{528770, 3386666, 529000, 3387000}, "carry no zone number: declare EPSG:4547, if their central meridian is 114°E"},
		{"4497", [4]float64{528770, 3386666, 529000, 3387000}, "declare EPSG:4508, if their central meridian is 111°E"},
		{"4526", [4]float64{39528770, 3386666, 39529000, 3387000}, "declare EPSG:4527"},
		{"4526", [4]float64{38528770, 3386666, 39429000, 3387000}, "zone numbers 38 to 39"},
		{"3857", [4]float64{38528770, 3386666, 38529000, 3387000}, "declare EPSG:4526"},
		{"3857", [4]float64{528770, 3386666, 529000, 3387000}, "EPSG:4534 (75°E) to EPSG:4554 (135°E)"},
		// Metres declared as degrees.
		{"4490", [4]float64{38528770, 3386666, 38529000, 3387000}, "declare EPSG:4526"},
		{"4490", [4]float64{528770, 3386666, 529000, 3387000}, "EPSG:4534 (75°E) to EPSG:4554 (135°E)"},
		{"4326", [4]float64{12.7e6, 3.58e6, 12.71e6, 3.59e6}, "declare EPSG:3857"},
		{"4326", [4]float64{13.5e6, 3.58e6, 13.51e6, 3.59e6}, "declare EPSG:4491, or EPSG:3857 if they are web Mercator"},
		{"4547", [4]float64{12.7e6, 3.58e6, 12.71e6, 3.59e6}, "declare EPSG:3857"},
		{"4490", [4]float64{9e8, 9e8, 9e8, 9e8}, "are not degrees"},
		// Degrees declared as metres.
		{"4547", [4]float64{114.3, 30.6, 114.4, 30.7}, "are degrees: declare EPSG:4490"},
		{"4526", [4]float64{114.3, 30.6, 114.4, 30.7}, "are degrees: declare EPSG:4490"},
		{"3857", [4]float64{114.3, 30.6, 114.4, 30.7}, "are degrees: declare EPSG:4490"},
		{"4547", [4]float64{30.6, 114.3, 30.7, 114.4}, "degrees with the latitude first: swap x and y and declare EPSG:4490"},
		{"4547", [4]float64{43.8, 87.5, 43.9, 87.6}, "degrees with the latitude first"},
		// The other axis first.
		{"4490", [4]float64{30.6, 114.3, 30.7, 114.4}, "latitude first: swap x and y"},
		{"4490", [4]float64{43.8, 87.5, 43.9, 87.6}, "latitude first: swap x and y"},
		{"4547", [4]float64{3386666, 528770, 3387000, 529000}, "northing first: swap x and y"},
		{"4526", [4]float64{3386666, 38528770, 3387000, 38529000}, "northing first: swap x and y"},
		{"3857", [4]float64{3.58e6, 12.7e6, 3.59e6, 12.71e6}, "northing first: swap x and y"},
		{"4547", [4]float64{3386666, 38528770, 3387000, 38529000}, "northing first: swap x and y; the eastings carry the zone number 38: declare EPSG:4526"},
		{"4490", [4]float64{3386666, 528770, 3387000, 529000}, "northing first: swap x and y; the eastings look like"},
		// Nothing that is known.
		{"4547", [4]float64{9e8, 9e8, 9e8, 9e8}, "not within eastings -500000 to 1500000"},
		{"4526", [4]float64{38.5e6, 3e6, 38.5e6, 8e6}, "not within eastings 38000000 to 39000000"},
		{"3857", [4]float64{9e8, 9e8, 9e8, 9e8}, "not within the world"},
		{"4490", [4]float64{math.NaN(), 1, 2, 3}, "no extent"},
		{"4547", [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}, "no extent"},
		{"4547", [4]float64{0, 0, 0, math.Inf(1)}, "no extent"},
	} {
		err := mustFind(t, c.code).Plausible(c.box[0], c.box[1], c.box[2], c.box[3])
		if !errors.Is(err, ErrRange) || !strings.Contains(err.Error(), c.phrase) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %v: %v; want %q", c.code, c.box, err, c.phrase)
		}
	}
}

// Whatever system of China data is in, and whatever other one is declared, the advice
// never sends people to a system that would refuse the same data.
func TestAdviceHoldsInTheSystemItNames(t *testing.T) {
	for _, in := range systems {
		p, _ := planeOf(in.Code)
		xy := []float64{p.meridian + 0.3, 35.1, p.meridian + 0.4, 35.2}
		if p.width == 0 {
			xy = []float64{114.3, 35.1, 114.4, 35.2}
		}
		if err := in.FromLonLat(xy); err != nil {
			t.Fatal(err)
		}
		for _, declared := range systems {
			err := declared.Plausible(xy[0], xy[1], xy[2], xy[3])
			if err == nil {
				continue
			}
			_, advice, _ := strings.Cut(err.Error(), "declare ")
			at := strings.Index(advice, "EPSG:")
			if at < 0 || len(advice) < at+9 {
				t.Errorf("%v declared as %v: no advice: %v", in, declared, err)
				continue
			}
			code := advice[at : at+9]
			if err := mustFind(t, code).Plausible(xy[0], xy[1], xy[2], xy[3]); err != nil {
				t.Errorf("%v declared as %v is sent to %s, which says %v", in, declared, code, err)
			}
		}
	}
}

func ExampleSystem_Plausible() {
	s, _ := Find("EPSG:4547")
	fmt.Println(s.Plausible(38528770, 3386666, 38529000, 3387000))
	// Output:
	// crs EPSG:4547: coordinates do not fit: x 38528770 to 38529000, y 3386666 to 3387000 carry the zone number 38: declare EPSG:4526
}
