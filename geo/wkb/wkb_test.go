package wkb_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/peterstace/simplefeatures/geom"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// writer puts WKB together by hand, in either byte order.
type writer struct {
	b     []byte
	order binary.AppendByteOrder
}

func (w *writer) head(code uint32) *writer {
	w.b = append(w.b, map[bool]byte{true: 1, false: 0}[w.order == binary.AppendByteOrder(binary.LittleEndian)])
	return w.count(code)
}

func (w *writer) count(n uint32) *writer {
	w.b = w.order.AppendUint32(w.b, n)
	return w
}

func (w *writer) numbers(v ...float64) *writer {
	for _, x := range v {
		w.b = w.order.AppendUint64(w.b, math.Float64bits(x))
	}
	return w
}

func little() *writer { return &writer{order: binary.LittleEndian} }
func big() *writer    { return &writer{order: binary.BigEndian} }

func parse(t *testing.T, b []byte) *wkb.Geometry {
	t.Helper()
	var g wkb.Geometry
	if err := g.Parse(b); err != nil {
		t.Fatalf("parse %x: %v", b, err)
	}
	return &g
}

func TestBothByteOrdersReadTheSame(t *testing.T) {
	var got [2]*wkb.Geometry
	for i, w := range []*writer{little(), big()} {
		w.head(3).count(2)
		w.count(4).numbers(0, 0, 4, 0, 4, 4, 0, 0)
		w.count(4).numbers(1, 1, 2, 2, 2, 1, 1, 1)
		got[i] = parse(t, w.b)
	}
	if !same(got[0], got[1]) {
		t.Errorf("little endian %v, big endian %v", got[0], got[1])
	}
	if g := got[0]; g.Type != wkb.Polygon || g.NumRings() != 2 || g.NumParts() != 1 || !slices.Equal(g.Ring(1), []float64{1, 1, 2, 2, 2, 1, 1, 1}) {
		t.Errorf("read as %v", g)
	}
}

func TestZAndMAreDroppedInISOAndInEWKB(t *testing.T) {
	for _, c := range []struct {
		name string
		code uint32
		dims int
	}{
		{"XY", 2, 2}, {"ISO Z", 1002, 3}, {"ISO M", 2002, 3}, {"ISO ZM", 3002, 4},
		{"EWKB Z", 0x80000002, 3}, {"EWKB M", 0x40000002, 3}, {"EWKB ZM", 0xC0000002, 4},
	} {
		w := little().head(c.code).count(2)
		for p := range 2 {
			w.numbers(float64(10*p+1), float64(10*p+2))
			for d := 2; d < c.dims; d++ {
				w.numbers(99)
			}
		}
		if g := parse(t, w.b); g.Type != wkb.LineString || !slices.Equal(g.XY, []float64{1, 2, 11, 12}) {
			t.Errorf("%s: %v %v", c.name, g.Type, g.XY)
		}
	}
}

func TestTheSRIDOfEWKBIsKeptAndNotWritten(t *testing.T) {
	g := parse(t, little().head(0x20000001).count(4490).numbers(114.3, 30.6).b)
	if g.SRID != 4490 {
		t.Errorf("SRID %d, want 4490", g.SRID)
	}
	if got, want := g.Append(nil), little().head(1).numbers(114.3, 30.6).b; !bytes.Equal(got, want) {
		t.Errorf("written %x, want %x", got, want)
	}
}

func TestEmptyGeometriesKeepTheirTypeThroughARoundTrip(t *testing.T) {
	for code := uint32(2); code <= 6; code++ {
		b := little().head(code).count(0).b
		g := parse(t, b)
		if !g.Empty() || uint32(g.Type) != code || !g.Bounds().Empty() {
			t.Errorf("type %d: read as %s, empty %t", code, g.Type, g.Empty())
		}
		if got := g.Append(nil); !bytes.Equal(got, b) {
			t.Errorf("type %d: written %x, want %x", code, got, b)
		}
	}
}

func TestAnEmptyPolygonInAMultipolygonStaysAPart(t *testing.T) {
	b := little().head(6).count(3).head(3).count(0).
		head(3).count(1).count(4).numbers(0, 0, 1, 0, 1, 1, 0, 0).
		head(3).count(1).count(0).b
	g := parse(t, b)
	if g.NumParts() != 3 || g.NumRings() != 2 || len(g.Ring(1)) != 0 {
		t.Errorf("%d parts, %d rings", g.NumParts(), g.NumRings())
	}
	if from, to := g.Part(0); from != 0 || to != 0 {
		t.Errorf("the first part is rings %d to %d, want none", from, to)
	}
	if got := g.Append(nil); !bytes.Equal(got, b) {
		t.Errorf("written %x, want %x", got, b)
	}
}

func TestBrokenBytesAreNamedWithTheirPlace(t *testing.T) {
	square := little().head(3).count(1).count(4).numbers(0, 0, 1, 0, 1, 1, 0, 0).b
	for _, c := range []struct {
		name string
		b    []byte
		want error
	}{
		{"nothing", nil, wkb.ErrShort},
		{"a byte order and no more", []byte{1}, wkb.ErrShort},
		{"a byte order of 2", append([]byte{2}, square[1:]...), wkb.ErrOrder},
		{"a cut coordinate", square[:len(square)-1], wkb.ErrShort},
		{"a byte too many", append(slices.Clone(square), 0), wkb.ErrRest},
		{"a geometry collection", little().head(7).count(0).b, wkb.ErrType},
		{"a curve", little().head(8).count(0).b, wkb.ErrType},
		{"type 0", little().head(0).count(0).b, wkb.ErrType},
		{"ISO dimensions beyond ZM", little().head(4003).count(0).b, wkb.ErrType},
		{"ISO and EWKB dimensions at once", little().head(0x80000000 | 3003).count(0).b, wkb.ErrType},
		{"a type nobody has defined", little().head(18).count(0).b, wkb.ErrType},
		{"a curve in a multipolygon", little().head(6).count(1).head(10).count(0).b, wkb.ErrDepth},
		{"a line in a multipolygon", little().head(6).count(1).head(2).count(0).b, wkb.ErrDepth},
		{"a multipolygon in a multipolygon", little().head(6).count(1).head(6).count(0).b, wkb.ErrDepth},
	} {
		var g wkb.Geometry
		err := g.Parse(c.b)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if len(g.XY)+len(g.Rings)+len(g.Parts) != 0 || g.Type != 0 {
			t.Errorf("%s: something is left in the geometry: %v", c.name, g)
		}
	}
}

func TestATypeThatIsNotReadIsNamed(t *testing.T) {
	for code, name := range map[uint32]string{
		7: "GeometryCollection", 1007: "GeometryCollection", 0x80000007: "GeometryCollection", 8: "CircularString",
		10: "CurvePolygon", 12: "MultiSurface", 15: "PolyhedralSurface", 1016: "TIN", 17: "Triangle",
	} {
		var g wkb.Geometry
		var unread wkb.TypeError
		if err := g.Parse(little().head(code).count(0).b); !errors.As(err, &unread) || unread.Type.String() != name {
			t.Errorf("type %d: %v, want it named %s", code, err, name)
		}
		if named, ok := wkb.Named(name); !ok || named != unread.Type || named.Readable() {
			t.Errorf("%s: found as type %d %t", name, named, ok)
		}
	}
	for _, name := range []string{"", "polygon", "Circle"} {
		if named, ok := wkb.Named(name); ok {
			t.Errorf("%q is found as type %d", name, named)
		}
	}
}

func TestACountThatLiesAllocatesNothing(t *testing.T) {
	const most = 0xFFFFFFFF
	for name, b := range map[string][]byte{
		"rings":       little().head(3).count(most).b,
		"points":      little().head(3).count(1).count(most).b,
		"line":        little().head(2).count(most).b,
		"polygons":    big().head(6).count(most).b,
		"points in Z": little().head(1003).count(1).count(most / 24).b,
		"some points": little().head(2).count(1<<20).numbers(1, 2, 3, 4).b,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var g wkb.Geometry
		err := g.Parse(b)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, wkb.ErrShort) {
			t.Errorf("%s: %v, want %v", name, err, wkb.ErrShort)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<10 {
			t.Errorf("%s: %d bytes allocated for %d bytes of input", name, grown, len(b))
		}
	}
}

func TestParsingAgainAllocatesNothing(t *testing.T) {
	b := random(rand.New(rand.NewPCG(1, 2)), wkb.MultiPolygon).Append(nil)
	var g wkb.Geometry
	if err := g.Parse(b); err != nil {
		t.Fatal(err)
	}
	out := g.Append(nil)
	if n := testing.AllocsPerRun(100, func() {
		_ = g.Parse(b)
		out = g.Append(out[:0])
	}); n != 0 {
		t.Errorf("%v allocations a geometry", n)
	}
}

func TestEveryGeometryComesBackAsItWasWritten(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		g := random(dice, wkb.Type(1+dice.IntN(6)))
		b := g.Append([]byte("ahead"))
		if string(b[:5]) != "ahead" {
			t.Fatal("Append overwrote what stood before")
		}
		if back := parse(t, b[5:]); !same(g, back) {
			t.Fatalf("%v came back as %v", g, back)
		}
	}
}

func TestAnotherReaderReadsWhatIsWritten(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		g := random(dice, wkb.Type(1+dice.IntN(6)))
		b := g.Append(nil)
		other, err := geom.UnmarshalWKB(b, geom.NoValidate{})
		if err != nil {
			t.Fatalf("%x: %v", b, err)
		}
		if got := other.AsBinary(); !bytes.Equal(got, b) {
			t.Fatalf("simplefeatures reads %x as %x", b, got)
		}
		if other.Type().String() != g.Type.String() {
			t.Fatalf("simplefeatures sees a %s in a %s", other.Type(), g.Type)
		}
	}
}

func TestFiniteSeesNaNAndInfinityWhereverTheyStand(t *testing.T) {
	for at := range 8 {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			xy := []float64{0, 0, 1, 0, 1, 1, 0, 0}
			if g := ring(xy); !g.Finite() {
				t.Fatal("a square is not finite")
			}
			xy[at] = bad
			if ring(xy).Finite() {
				t.Errorf("%v at %d passes as finite", bad, at)
			}
		}
	}
	if !ring([]float64{math.MaxFloat64, -math.MaxFloat64}).Finite() {
		t.Error("the largest float64 passes as infinite")
	}
}

func TestBoundsPassOverNaN(t *testing.T) {
	b := ring([]float64{math.NaN(), 5, 1, math.NaN(), 3, 7, 2, 6}).Bounds()
	if want := (wkb.Box{MinX: 1, MinY: 5, MaxX: 3, MaxY: 7}); b != want {
		t.Errorf("bounds %v, want %v", b, want)
	}
}

func TestBoxesThatTouchIntersect(t *testing.T) {
	a := wkb.Box{MinX: 0, MinY: 0, MaxX: 2, MaxY: 2}
	for _, c := range []struct {
		b                   wkb.Box
		intersect, contains bool
	}{
		{wkb.Box{MinX: 2, MinY: 0, MaxX: 3, MaxY: 2}, true, false},
		{wkb.Box{MinX: 2, MinY: 2, MaxX: 3, MaxY: 3}, true, false},
		{wkb.Box{MinX: 2.001, MinY: 0, MaxX: 3, MaxY: 2}, false, false},
		{wkb.Box{MinX: 0, MinY: 0, MaxX: 2, MaxY: 1}, true, true},
		{wkb.EmptyBox(), false, false},
	} {
		if a.Intersects(c.b) != c.intersect || c.b.Intersects(a) != c.intersect {
			t.Errorf("%v and %v intersect: want %t", a, c.b, c.intersect)
		}
		if !c.b.Empty() && a.Contains(c.b) != c.contains {
			t.Errorf("%v contains %v: want %t", a, c.b, c.contains)
		}
	}
	if a.Extend(wkb.EmptyBox()) != a || wkb.EmptyBox().Extend(a) != a {
		t.Error("extending by nothing changes a box")
	}
}

func TestACloneSharesNothing(t *testing.T) {
	g := ring([]float64{0, 0, 1, 0, 1, 1, 0, 0})
	c := g.Clone()
	g.XY[0], g.Rings[0], g.Parts[0] = 9, 9, 9
	if c.XY[0] != 0 || c.Rings[0] != 4 || c.Parts[0] != 1 {
		t.Errorf("the clone changed with its original: %v", c)
	}
}

func TestTypesAreNamedAsInGeoJSON(t *testing.T) {
	for typ, want := range map[wkb.Type]string{
		wkb.Point: "Point", wkb.MultiPolygon: "MultiPolygon", 0: "type 0", 99: "type 99",
	} {
		if typ.String() != want {
			t.Errorf("%s, want %s", typ, want)
		}
		if typ.Areal() != (typ == wkb.Polygon || typ == wkb.MultiPolygon) {
			t.Errorf("%s: areal %t", typ, typ.Areal())
		}
	}
}

func ExampleGeometry_Parse() {
	var g wkb.Geometry
	g.Reset(wkb.Polygon)
	g.XY = append(g.XY, 0, 0, 1, 0, 1, 1, 0, 0)
	g.EndRing()
	g.EndPart()
	bytes := g.Append(nil)

	var back wkb.Geometry
	if err := back.Parse(bytes); err != nil {
		fmt.Println(err)
	}
	fmt.Println(back.Type, back.NumRings(), back.Ring(0))
	// Output: Polygon 1 [0 0 1 0 1 1 0 0]
}

// FuzzParse holds that no bytes make the reader panic or allocate beyond what
// they are long, and that what it reads is written back as the same geometry.
func FuzzParse(f *testing.F) {
	dice := rand.New(rand.NewPCG(7, 8))
	for typ := wkb.Point; typ <= wkb.MultiPolygon; typ++ {
		f.Add(random(dice, typ).Append(nil))
	}
	f.Add(big().head(0xE0000006).count(4490).count(1).head(3).count(0).b)
	f.Add(little().head(3003).count(1).count(1).numbers(1, 2, 3, 4).b)
	f.Add(little().head(3).count(0xFFFFFFFF).b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var g wkb.Geometry
		if err := g.Parse(b); err != nil {
			return
		}
		if 8*cap(g.XY) > 4*len(b)+1024 || 4*cap(g.Rings) > 4*len(b)+1024 || 4*cap(g.Parts) > 4*len(b)+1024 {
			t.Fatalf("%d bytes took %d numbers, %d rings, %d parts", len(b), cap(g.XY), cap(g.Rings), cap(g.Parts))
		}
		for i := range g.NumRings() {
			_ = g.Ring(i)
		}
		out := g.Append(nil)
		if len(out) != g.Size() {
			t.Fatalf("%x was written in %d bytes, its size is %d", b, len(out), g.Size())
		}
		var back wkb.Geometry
		if err := back.Parse(out); err != nil {
			t.Fatalf("%x was written as %x, which does not parse: %v", b, out, err)
		}
		g.SRID = 0 // ISO WKB has none
		if !same(&g, &back) {
			t.Fatalf("%v came back as %v", g, back)
		}
		if again := back.Append(nil); !bytes.Equal(again, out) {
			t.Fatalf("written %x, then %x", out, again)
		}
	})
}

// same compares bit for bit, so that a NaN is the same as itself.
func same(a, b *wkb.Geometry) bool {
	return a.Type == b.Type && a.SRID == b.SRID && slices.Equal(a.Rings, b.Rings) && slices.Equal(a.Parts, b.Parts) &&
		slices.EqualFunc(a.XY, b.XY, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

func ring(xy []float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon, XY: xy}
	g.EndRing()
	g.EndPart()
	return g
}

// random is a geometry of a type, valid in nothing but its structure.
func random(dice *rand.Rand, t wkb.Type) *wkb.Geometry {
	g := &wkb.Geometry{Type: t}
	points := func(n int) {
		for range 2 * n {
			g.XY = append(g.XY, dice.NormFloat64()*100)
		}
		g.EndRing()
	}
	parts := 1
	if t >= wkb.MultiPoint {
		parts = 1 + dice.IntN(4)
	}
	for range parts {
		switch t {
		case wkb.Point, wkb.MultiPoint:
			points(1)
		case wkb.LineString, wkb.MultiLineString:
			points(2 + dice.IntN(6))
		default:
			for range 1 + dice.IntN(3) {
				n := 3 + dice.IntN(6)
				points(n)
				last := len(g.XY) - 2*n
				g.XY = append(g.XY, g.XY[last], g.XY[last+1])
				g.Rings[len(g.Rings)-1]++
			}
		}
		g.EndPart()
	}
	return g
}
