package survey_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// ringed is a polygon of one ring.
func ringed(xy ...float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon, XY: xy}
	g.EndRing()
	g.EndPart()
	return g
}

func box(x1, y1, x2, y2 float64) *wkb.Geometry {
	return ringed(x1, y1, x2, y1, x2, y2, x1, y2, x1, y1)
}

// area is a geometry's area as facts have it.
func area(g *wkb.Geometry) unit.Area {
	a, _ := unit.SquareMetres(measure.Ellipsoidal(g))
	return a
}

// plot is a row of parcels; recorded NaN is none, declared empty is none.
type plot struct {
	shape    *wkb.Geometry
	recorded float64
	declared string
}

func unrecorded(g *wkb.Geometry) plot { return plot{shape: g, recorded: math.NaN()} }

func batchOf(plots ...plot) table.Batch {
	s := table.MustInput(table.Parcels)
	b := table.NewBuilder(s, len(plots))
	for i, p := range plots {
		b.String(s.Index("parcel_code"), string(rune('A'+i)))
		if !math.IsNaN(p.recorded) {
			b.Number(s.Index("recorded_area"), p.recorded)
		}
		if p.declared != "" {
			b.String(s.Index("zone_code"), p.declared)
		}
		b.AppendText(s.Index("geometry"), p.shape.Append)
		b.EndRow(0, int64(i+1))
	}
	return b.Batch()
}

func zonesOf(t *testing.T, codes []string, shapes ...*wkb.Geometry) *survey.Zones {
	t.Helper()
	var raw [][]byte
	for _, g := range shapes {
		raw = append(raw, g.Append(nil))
	}
	z, err := survey.NewZones(codes, raw, 2)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// surveyed surveys plots that lie in one wide zone unless zones are given.
func surveyed(t *testing.T, zones *survey.Zones, plots ...plot) *survey.Parcels {
	t.Helper()
	if zones == nil {
		zones = zonesOf(t, []string{"Z"}, box(113, 31, 114, 32))
	}
	return survey.NewSurveyor(zones, survey.DefaultTolerance).Parcels(batchOf(plots...))
}

func TestARecordedAreaThatIsNotPositiveGivesWayToTheDrawnOne(t *testing.T) {
	g := box(113.1, 31.1, 113.101, 31.101)
	p := surveyed(t, nil, plot{g, 0, ""}, plot{g, -5, ""}, unrecorded(g), plot{g, 1e-5, ""}, plot{g, math.Inf(1), ""}, plot{g, 9000, ""})
	for row, want := range []unit.Area{area(g), area(g), area(g), area(g), area(g), 90_000_000} {
		if p.Official[row] != want || p.Area[row] != area(g) {
			t.Errorf("row %d: official %d, drawn %d, want %d and %d", row, p.Official[row], p.Area[row], want, area(g))
		}
	}
}

// boxWhose finds a box whose area fulfils a condition.
func boxWhose(t *testing.T, side float64, fits func(unit.Area) bool) *wkb.Geometry {
	t.Helper()
	for k := range 20_000 {
		g := box(113.1, 31.1, 113.1+side+float64(k)*1e-7, 31.1+side)
		if fits(area(g)) {
			return g
		}
	}
	t.Fatal("no such box")
	return nil
}

func TestAreasDifferOnlyBeyondTheTolerance(t *testing.T) {
	const differs, wrong = survey.AreaDiffers, survey.AreaDiffers | survey.AreaError
	by := func(n unit.Area) func(unit.Area) bool { return func(a unit.Area) bool { return a%n == 0 } }
	of := func(num, den unit.Area) func(unit.Area) unit.Area {
		return func(a unit.Area) unit.Area { return a / den * num }
	}
	for _, c := range []struct {
		name     string
		shape    *wkb.Geometry
		recorded func(drawn unit.Area) unit.Area // at the very edge
		away     unit.Area                       // one step beyond it
		beyond   survey.Flag
		at       survey.Flag
	}{
		{"0.3 % too much recorded", boxWhose(t, 0.001, by(997)), of(1000, 997), 1, differs, 0},
		{"0.3 % too little recorded", boxWhose(t, 0.001, by(1003)), of(1000, 1003), -1, differs, 0},
		{"1 % too much recorded", boxWhose(t, 0.001, by(99)), of(100, 99), 1, wrong, differs},
		{"1 % too little recorded", boxWhose(t, 0.001, by(101)), of(100, 101), -1, wrong, differs},
		{"1 m² too much recorded", box(113.1, 31.1, 113.10005, 31.10005), func(a unit.Area) unit.Area { return a + 10_000 }, 1, wrong, 0},
		{"1 m² too little recorded", box(113.1, 31.1, 113.10005, 31.10005), func(a unit.Area) unit.Area { return a - 10_000 }, -1, wrong, 0},
	} {
		edge := c.recorded(area(c.shape))
		p := surveyed(t, nil, plot{c.shape, edge.SquareMetres(), ""}, plot{c.shape, (edge + c.away).SquareMetres(), ""})
		if p.Flags[0] != c.at || p.Flags[1] != c.beyond {
			t.Errorf("%s: flags %b at the edge, %b beyond; want %b and %b", c.name, p.Flags[0], p.Flags[1], c.at, c.beyond)
		}
		if p.Official[0] != edge {
			t.Errorf("%s: official %d, want the recorded %d", c.name, p.Official[0], edge)
		}
	}
}

// border is where two zones meet, a degree of longitude.
const border = 113.5

func sideBySide(t *testing.T, west, east string) *survey.Zones {
	t.Helper()
	w, e := box(113, 31, border, 32), box(border, 31, 114, 32)
	if west < east {
		return zonesOf(t, []string{west, east}, w, e)
	}
	return zonesOf(t, []string{east, west}, e, w)
}

// across is a box that has 1 of parts of it west of the border.
func across(height float64, parts float64) (whole, west *wkb.Geometry) {
	const step = 0.00002
	return box(border-step, 31.1, border+(parts-1)*step, 31.1+height), box(border-step, 31.1, border, 31.1+height)
}

func TestAShareOfAThousandthCountsAndLessDoesNot(t *testing.T) {
	zones := sideBySide(t, "A", "B")
	found := func(fits func(whole, west unit.Area) bool) *wkb.Geometry {
		for k := range 200_000 {
			whole, west := across(0.0005+float64(k)*1e-7, 1000)
			if w := area(west); w > 10_000 && fits(area(whole), w) {
				return whole
			}
		}
		t.Fatal("no such box")
		return nil
	}
	at := found(func(whole, west unit.Area) bool { return whole == 1000*west })
	below := found(func(whole, west unit.Area) bool { return whole > 1000*west && whole < 1000*west+20 })
	p := surveyed(t, zones, unrecorded(at), unrecorded(below))
	if in, _ := p.Shares(0); !slices.Equal(in, []int32{0, 1}) {
		t.Errorf("exactly a thousandth: zones %v, want both", in)
	}
	if in, areas := p.Shares(1); !slices.Equal(in, []int32{1}) || areas[0] >= p.Official[1] {
		t.Errorf("just under a thousandth: zones %v with %v of %d, want the east without the rest", in, areas, p.Official[1])
	}
}

func TestAShareOfASquareMetreCountsAndLessDoesNot(t *testing.T) {
	whole, west := across(0.0003, 5)
	w, piece := int64(area(whole)), int64(area(west))
	// The least recorded area of which the piece is a square metre, to the nearest 1e-4.
	least := int64(1)
	for ; ; least++ {
		ground := new(big.Int).Mul(big.NewInt(least), big.NewInt(piece))
		ground.Add(ground, big.NewInt(w/2)).Quo(ground, big.NewInt(w))
		if ground.Int64() >= 10_000 {
			break
		}
	}
	p := surveyed(t, sideBySide(t, "A", "B"),
		plot{whole, unit.Area(least).SquareMetres(), ""}, plot{whole, unit.Area(least - 1).SquareMetres(), ""})
	if in, areas := p.Shares(0); !slices.Equal(in, []int32{0, 1}) || areas[0] != 10_000 {
		t.Errorf("a square metre: zones %v with %v, want both and 10000", in, areas)
	}
	if in, _ := p.Shares(1); !slices.Equal(in, []int32{1}) {
		t.Errorf("under a square metre: zones %v, want the east only", in)
	}
}

func TestOfEqualSharesTheSmallerCodeWins(t *testing.T) {
	whole, west := across(0.0005, 2)
	if area(whole) != 2*area(west) {
		t.Fatalf("halves of %d and %d", area(whole), area(west))
	}
	for _, codes := range [][2]string{{"A", "B"}, {"B", "A"}, {"10", "9"}, {"a", "B"}} {
		zones := sideBySide(t, codes[0], codes[1])
		p := surveyed(t, zones, unrecorded(whole))
		if got := zones.Codes[p.Zone[0]]; got != min(codes[0], codes[1]) || p.Share[0] != 500_000 {
			t.Errorf("%s west of %s: zone %s with %d millionths", codes[0], codes[1], got, p.Share[0])
		}
	}
}

func TestTheLargestShareNamesTheZone(t *testing.T) {
	whole, _ := across(0.0005, 4)
	p := surveyed(t, sideBySide(t, "A", "B"), unrecorded(whole))
	in, areas := p.Shares(0)
	if p.Zone[0] != 1 || p.Share[0] != 750_000 || len(in) != 2 || areas[0]+areas[1] != p.Official[0] {
		t.Errorf("zone %d with %d millionths, shares %v %v of %d", p.Zone[0], p.Share[0], in, areas, p.Official[0])
	}
}

func TestSharesAreOfTheRecordedArea(t *testing.T) {
	whole, _ := across(0.0005, 4)
	p := surveyed(t, sideBySide(t, "A", "B"), plot{whole, 4000, ""})
	// Pieces are whole 1e-4 m², so the quarter is one to the seventh digit.
	if _, areas := p.Shares(0); areas[0]+areas[1] != 40_000_000 || areas[0]/100 != 100_000 {
		t.Errorf("shares %v of 4000 m², want a quarter and three", areas)
	}
}

func TestADeclaredZoneThatIsNotTheOneFoundIsFlagged(t *testing.T) {
	in, out := box(113.2, 31.1, 113.201, 31.101), box(115.2, 31.1, 115.201, 31.101)
	const zone, outside = survey.ZoneDiffers, survey.OutsideZones
	p := surveyed(t, sideBySide(t, "A", "B"),
		plot{in, math.NaN(), "A"}, plot{in, math.NaN(), "B"}, plot{in, math.NaN(), "nowhere"}, unrecorded(in),
		plot{out, math.NaN(), "A"}, plot{out, math.NaN(), "nowhere"}, unrecorded(out))
	for row, want := range []survey.Flag{0, zone, zone, 0, zone | outside, zone | outside, outside} {
		if p.Flags[row] != want {
			t.Errorf("row %d: flags %b, want %b", row, p.Flags[row], want)
		}
		if n, _ := p.Shares(row); (p.Zone[row] < 0) != (row > 3) || (len(n) == 0) != (row > 3) {
			t.Errorf("row %d: zone %d, shares %v", row, p.Zone[row], n)
		}
	}
}

func TestBrokenGeometryIsMendedOrRefusedAndSaid(t *testing.T) {
	x, y := 113.2, 31.1
	bow := ringed(x, y, x+.001, y+.001, x+.001, y, x, y+.001, x, y)
	open := ringed(x, y, x+.001, y, x+.001, y+.001, x, y+.001)
	spike := ringed(x, y, x+.001, y, x+.002, y, x+.001, y, x+.001, y+.001, x, y+.001, x, y)
	line := ringed(x, y, x+.001, y, x, y)
	sound := box(x, y, x+.001, y+.001)
	b := batchOf(unrecorded(bow), unrecorded(open), unrecorded(spike), unrecorded(line), unrecorded(sound))
	p := survey.NewSurveyor(sideBySide(t, "A", "B"), survey.DefaultTolerance).Parcels(b)
	want := []survey.State{survey.Refused, survey.Repaired, survey.Repaired, survey.Refused, survey.Sound}
	if !slices.Equal(p.State, want) {
		t.Fatalf("states %v, want %v: %+v", p.State, want, p.Refusals)
	}
	if len(p.Refusals) != 2 || p.Refusals[0].NoArea || !p.Refusals[1].NoArea || p.Refusals[0].Problem == "" {
		t.Errorf("refusals %+v", p.Refusals)
	}
	for _, row := range []int{1, 2} {
		var g wkb.Geometry
		if err := g.Parse(p.Geometry(b, row)); err != nil {
			t.Fatal(err)
		}
		if area(&g) != area(sound) || p.Area[row] != area(sound) || p.Flags[row] != survey.Mended || p.Zone[row] != 0 {
			t.Errorf("row %d: mended to %d, area %d, flags %b, zone %d", row, area(&g), p.Area[row], p.Flags[row], p.Zone[row])
		}
	}
	for _, row := range []int{0, 3} {
		if in, _ := p.Shares(row); p.Area[row] != 0 || p.Zone[row] != -1 || len(in) > 0 || p.Flags[row] != 0 {
			t.Errorf("row %d is refused and has facts: area %d, zone %d, shares %v", row, p.Area[row], p.Zone[row], in)
		}
	}
	if got := string(p.Geometry(b, 4)); got != string(sound.Append(nil)) {
		t.Error("a sound geometry is not handed on as it is")
	}
	g := survey.Geometries(b)
	if !slices.Equal(g.State, p.State) || !slices.Equal(g.Area, p.Area) || len(g.Repairs) != 2 || g.Repairs[0].Row != 1 {
		t.Errorf("the gate alone says %v %v, with the survey %v %v", g.State, g.Area, p.State, p.Area)
	}
}

func TestASurveyorMayBeAskedFromManyGoroutines(t *testing.T) {
	whole, _ := across(0.0005, 4)
	s := survey.NewSurveyor(sideBySide(t, "A", "B"), survey.DefaultTolerance)
	done := make(chan unit.Area)
	for range 8 {
		go func() {
			sum := unit.Area(0)
			for range 50 {
				_, areas := s.Parcels(batchOf(unrecorded(whole), unrecorded(box(113.2, 31.1, 113.201, 31.101)))).Shares(0)
				sum += areas[0]
			}
			done <- sum
		}()
	}
	first := <-done
	for range 7 {
		if got := <-done; got != first {
			t.Errorf("sums %d and %d", got, first)
		}
	}
}
