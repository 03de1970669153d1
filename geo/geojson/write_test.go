package geojson

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// polygon makes a polygon of rings given as x0, y0, x1, y1 ….
func polygon(rings ...[]float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon}
	for _, r := range rings {
		g.XY = append(g.XY, r...)
		g.EndRing()
	}
	g.EndPart()
	return g
}

func TestRingsAreTurnedAsRFC7946Wants(t *testing.T) {
	clockwise := []float64{0, 0, 0, 3, 3, 3, 3, 0, 0, 0}
	counter := []float64{1, 1, 2, 1, 2, 2, 1, 1}
	const want = `{"type":"Polygon","coordinates":[[[0,0],[3,0],[3,3],[0,3],[0,0]],[[1,1],[2,2],[2,1],[1,1]]]}`
	box := wkb.EmptyBox()
	if got := string(AppendGeometry(nil, polygon(clockwise, counter), &box)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if box != (wkb.Box{MinX: 0, MinY: 0, MaxX: 3, MaxY: 3}) {
		t.Errorf("box %v", box)
	}
	back := geometryOf(t, want)
	if got := string(AppendGeometry(nil, back, nil)); got != want {
		t.Errorf("a polygon that was right came out as %s", got)
	}
}

func TestCoordinatesAreRoundedHalfAwayFromZeroTo7Decimals(t *testing.T) {
	for v, want := range map[float64]string{
		114.30000005: "114.3000001", -114.30000005: "-114.3000001", 0.00000004: "0", -0.00000004: "0",
		0.00000005: "0.0000001", -0.00000005: "-0.0000001", 120.9: "120.9", 120: "120", 7: "7", 10: "10",
		528770.237256: "528770.237256", 39528770.1234567: "39528770.1234567", 899999999.9: "899999999.9",
		1e9: "1000000000", 1.5e300: strconv.FormatFloat(1.5e300, 'f', -1, 64), 179.99999999: "180", 0.1234567: "0.1234567",
		99.0000001: "99.0000001", 1.05: "1.05",
	} {
		if got := string(appendCoordinate(nil, v)); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

func TestWrittenCoordinatesAreWithinHalfTheLastDecimal(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	for range 60000 {
		v := (rnd.Float64() - 0.5) * math.Pow(10, float64(rnd.IntN(9)))
		text := string(appendCoordinate(nil, v))
		got, ok := wholeNumber([]byte(text))
		if !ok || math.Abs(got-v) > 0.5e-7+math.Abs(v)*1e-15 || got != rounded(v) {
			t.Fatalf("%v: %s, rounded %v", v, text, rounded(v))
		}
		if _, fraction, found := strings.Cut(text, "."); found && (len(fraction) > 7 || strings.HasSuffix(fraction, "0")) || text == "-0" {
			t.Fatalf("%v: %s", v, text)
		}
		if again := string(appendCoordinate(nil, got)); again != text {
			t.Fatalf("%v: %s, written again %s", v, text, again)
		}
	}
}

func TestGeometriesOfAllTypesComeBack(t *testing.T) {
	for _, text := range []string{
		`{"type":"Point","coordinates":[1.5,-2]}`,
		`{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}`,
		`{"type":"LineString","coordinates":[[1,2],[3,4],[3,2]]}`,
		`{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6],[7,8.0000001]]]}`,
		`{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]],[[2,1],[3,2],[3,1],[2,1]]]}`,
		`{"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,0]]],[[[9,9],[8,9],[8,8],[9,9]],[[8.5,8.75],[8.5,8.875],[8.625,8.875],[8.5,8.75]]]]}`,
	} {
		if got := string(AppendGeometry(nil, geometryOf(t, text), nil)); got != text {
			t.Errorf("got  %s\nwant %s", got, text)
		}
	}
}

func TestEmptyPartsAreLeftOutAndEmptyGeometriesAreNull(t *testing.T) {
	for text, want := range map[string]string{
		`{"type":"Polygon","coordinates":[]}`:                                            `null`,
		`{"type":"MultiPolygon","coordinates":[[],[[]]]}`:                                `null`,
		`{"type":"LineString","coordinates":[]}`:                                         `null`,
		`{"type":"Point","coordinates":[NaN,1]}`:                                         `null`,
		`{"type":"LineString","coordinates":[[1,2],[Infinity,1]]}`:                       `null`,
		`{"type":"MultiPolygon","coordinates":[[],[[[0,0],[1,0],[1,1],[0,0]],[]],[[]]]}`: `{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}`,
		`{"type":"MultiLineString","coordinates":[[],[[1,2],[3,4]]]}`:                    `{"type":"MultiLineString","coordinates":[[[1,2],[3,4]]]}`,
	} {
		box := wkb.EmptyBox()
		got := string(AppendGeometry([]byte("x"), geometryOf(t, text), &box))
		if got != "x"+want || box.Empty() != (want == "null") {
			t.Errorf("%s: got %s, box %v", text, got, box)
		}
	}
}

// area2 is twice a ring's exact area.
func area2(ring []any) *big.Float {
	sum := new(big.Float).SetPrec(400)
	at := func(i, k int) *big.Float { return new(big.Float).SetPrec(400).SetFloat64(ring[i].([]any)[k].(float64)) }
	for i := range len(ring) - 1 {
		sum.Add(sum, new(big.Float).SetPrec(400).Mul(at(i, 0), at(i+1, 1)))
		sum.Sub(sum, new(big.Float).SetPrec(400).Mul(at(i+1, 0), at(i, 1)))
	}
	return sum
}

func TestRandomPolygonsAreWrittenRightHanded(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 6))
	for range 3000 {
		var rings [][]float64
		for range 1 + rnd.IntN(3) {
			x, y, size := rnd.Float64()*360-180, rnd.Float64()*180-90, math.Pow(10, -5*rnd.Float64())
			var ring []float64
			for range 3 + rnd.IntN(8) {
				ring = append(ring, x+size*rnd.Float64(), y+size*rnd.Float64())
			}
			rings = append(rings, append(ring, ring[0], ring[1]))
		}
		var g struct{ Coordinates []any }
		text := AppendGeometry(nil, polygon(rings...), nil)
		if err := json.Unmarshal(text, &g); err != nil || len(g.Coordinates) != len(rings) {
			t.Fatalf("%v: %s", err, text)
		}
		for i, ring := range g.Coordinates {
			if sign := area2(ring.([]any)).Sign(); i == 0 && sign < 0 || i > 0 && sign > 0 {
				t.Fatalf("ring %d runs the wrong way: %s", i, text)
			}
		}
	}
}

func TestFloatsAlwaysCarryADecimalPoint(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0.0", 12350: "12350.0", -1: "-1.0", 0.0302: "0.0302", 1e14: "100000000000000.0", 1e15: "1.0e+15", -2.5e20: "-2.5e+20",
		123456.7891: "123456.7891", 0.30000000000000004: "0.30000000000000004", 1e-7: "0.0000001", 999999999.999999: "999999999.999999",
		123456789012345.6: "123456789012345.6", 1.0000005: "1.0000005", 0.000001: "0.000001",
	} {
		if got := string(AppendFloat(nil, v)); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got := string(AppendFloat([]byte("x"), v)); got != "xnull" {
			t.Errorf("%v: %s", v, got)
		}
	}
	if got := string(AppendFloat(nil, math.Copysign(0, -1))); got != "0.0" {
		t.Errorf("minus zero: %s", got)
	}
}

func TestFloatsAreTheShortestThatReadBack(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 9))
	check := func(v float64) {
		text := string(AppendFloat(nil, v))
		back, err := strconv.ParseFloat(text, 64)
		if err != nil || back != v || !strings.Contains(text, ".") || !json.Valid([]byte(text)) {
			t.Fatalf("%v: %s", v, text)
		}
		if math.Abs(v) < 1e15 && v != 0 {
			short := strconv.FormatFloat(v, 'f', -1, 64)
			if !strings.Contains(short, ".") {
				short += ".0"
			}
			if text != short {
				t.Fatalf("%v: %s, want %s", v, text, short)
			}
		}
	}
	for range 60000 {
		scaled := math.Pow(10, float64(rnd.IntN(9)))
		v := rnd.Float64() * math.Pow(10, float64(rnd.IntN(14)))
		check(math.Round(v*scaled) / scaled)
		check(-v)
		if f := math.Float64frombits(rnd.Uint64()); f-f == 0 {
			check(f)
		}
	}
}

func TestStringsAreValidJSONAndComeBack(t *testing.T) {
	for s, want := range map[string]string{
		"":               `""`,
		"武汉":             `"武汉"`,
		"a\"b\\c/":       `"a\"b\\c/"`,
		"\n\r\t\x01\x7f": "\"\\n\\r\\t\\u0001\x7f\"",
		"<&>\u2028":      "\"<&>\u2028\"",
		"a\xffb\xe6":     "\"a\ufffdb\ufffd\"",
	} {
		if got := string(AppendString(nil, s)); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 9))
	for range 8000 {
		b := make([]byte, rnd.IntN(20))
		for i := range b {
			b[i] = byte(rnd.Uint32() >> rnd.IntN(24))
		}
		var back string
		text := AppendString([]byte("x"), string(b))[1:]
		if err := json.Unmarshal(text, &back); err != nil || back != strings.ToValidUTF8(string([]rune(string(b))), "\ufffd") {
			t.Fatalf("%q: %s reads back as %q (%v)", b, text, back, err)
		}
	}
}

func TestAWholeFileIsValidJSONAndReadsBack(t *testing.T) {
	for n := range 3 {
		box := wkb.EmptyBox()
		out := AppendHead(nil, `宗"地`)
		for i := range n {
			if i > 0 {
				out = append(out, ",\n"...)
			}
			out = append(out, `{"type":"Feature","properties":{},"geometry":`...)
			out = append(AppendGeometry(out, polygon([]float64{1, 2, 3, 2, 3, 4, 1, 2}), &box), '}')
		}
		out = AppendTail(out, box)
		if !json.Valid(out) || out[len(out)-1] != '\n' {
			t.Fatalf("not JSON: %s", out)
		}
		if has := strings.Contains(string(out), `"bbox":[1,2,3,4]`); has != (n > 0) {
			t.Errorf("%d features: %s", n, out)
		}
		if f := readString(string(out)); f.Err != "" || len(f.Features) != n {
			t.Errorf("%d features: %v", n, f)
		}
	}
}

func ExampleAppendGeometry() {
	box := wkb.EmptyBox()
	out := AppendHead(nil, "zones")
	out = append(out, `{"type":"Feature","properties":{"zone_code":`...)
	out = AppendString(out, "Z01")
	out = append(out, `,"mu":`...)
	out = AppendFloat(out, 12350)
	out = append(out, `},"geometry":`...)
	out = AppendGeometry(out, polygon([]float64{114, 30, 114, 31, 115, 31, 115, 30, 114, 30}), &box)
	out = append(out, '}')
	fmt.Printf("%s", AppendTail(out, box))
	// Output:
	// {"type":"FeatureCollection","name":"zones","features":[
	// {"type":"Feature","properties":{"zone_code":"Z01","mu":12350.0},"geometry":{"type":"Polygon","coordinates":[[[114,30],[115,30],[115,31],[114,31],[114,30]]]}}
	// ],"bbox":[114,30,115,31]}
}
