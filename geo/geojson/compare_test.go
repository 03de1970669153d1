package geojson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// jsonValue writes a random JSON value with random white space.
func jsonValue(rnd *rand.Rand, b *bytes.Buffer, depth int) {
	gap(rnd, b)
	defer gap(rnd, b)
	switch k := rnd.IntN(10); {
	case k < 2 && depth < 4:
		b.WriteByte('{')
		for i := range rnd.IntN(4) {
			if i > 0 {
				b.WriteByte(',')
			}
			gap(rnd, b)
			jsonString(rnd, b)
			gap(rnd, b)
			b.WriteByte(':')
			jsonValue(rnd, b, depth+1)
		}
		gap(rnd, b)
		b.WriteByte('}')
	case k < 4 && depth < 4:
		b.WriteByte('[')
		for i := range rnd.IntN(4) {
			if i > 0 {
				b.WriteByte(',')
			}
			jsonValue(rnd, b, depth+1)
		}
		gap(rnd, b)
		b.WriteByte(']')
	case k < 7:
		jsonString(rnd, b)
	case k < 9:
		b.WriteString(jsonNumber(rnd))
	default:
		b.WriteString([]string{"true", "false", "null"}[rnd.IntN(3)])
	}
}

func gap(rnd *rand.Rand, b *bytes.Buffer) {
	if rnd.IntN(4) == 0 {
		b.WriteString([]string{" ", "\n", "\t", "\r\n", "   \n  "}[rnd.IntN(5)])
	}
}

func jsonString(rnd *rand.Rand, b *bytes.Buffer) {
	pieces := []string{"a", "parcel", "{", "}", "[", "]", ",", ":", "武汉", "é", "😀", `\"`, `\\`, `\/`, `\n`, `\u00e9`,
		`\ud83d\ude00`, `\ud83d`, `\u0000`, "\xff", "\xe6\xad", "y", "\x7f", "        ", "features", "geometry"}
	b.WriteByte('"')
	for range rnd.IntN(6) {
		b.WriteString(pieces[rnd.IntN(len(pieces))])
	}
	b.WriteByte('"')
}

func jsonNumber(rnd *rand.Rand) string {
	switch rnd.IntN(5) {
	case 0:
		return fmt.Sprint(rnd.IntN(2000) - 1000)
	case 1:
		return fmt.Sprintf("%.*f", rnd.IntN(20), rnd.Float64()*360-180)
	case 2:
		return fmt.Sprintf("%.*e", rnd.IntN(20), rnd.NormFloat64())
	case 3:
		return fmt.Sprintf("%d%d.%d", rnd.Int64(), rnd.Uint64N(1e6), rnd.Uint64())
	}
	return fmt.Sprint(rnd.Float64())
}

func jsonCoordinates(rnd *rand.Rand, b *bytes.Buffer, nesting int) {
	gap(rnd, b)
	b.WriteByte('[')
	n := rnd.IntN(5)
	if nesting == 1 {
		n = 2 + rnd.IntN(2)
	}
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		if nesting == 1 {
			gap(rnd, b)
			b.WriteString(jsonNumber(rnd))
			gap(rnd, b)
		} else {
			jsonCoordinates(rnd, b, nesting-1)
		}
	}
	b.WriteByte(']')
	gap(rnd, b)
}

// document writes a random FeatureCollection.
func document(rnd *rand.Rand) []byte {
	var b bytes.Buffer
	members := []func(){
		func() { b.WriteString(`"type":"FeatureCollection"`) },
		func() {
			b.WriteString(`"features" : [`)
			for i := range rnd.IntN(5) {
				if i > 0 {
					b.WriteByte(',')
				}
				jsonFeature(rnd, &b)
			}
			b.WriteString("]")
		},
		func() { b.WriteString(`"note":`); jsonValue(rnd, &b, 0) },
	}
	object(rnd, &b, members)
	return b.Bytes()
}

// object writes members in random order.
func object(rnd *rand.Rand, b *bytes.Buffer, members []func()) {
	rnd.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	gap(rnd, b)
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		gap(rnd, b)
		m()
		gap(rnd, b)
	}
	b.WriteByte('}')
	gap(rnd, b)
}

func jsonFeature(rnd *rand.Rand, b *bytes.Buffer) {
	object(rnd, b, []func(){
		func() { b.WriteString(`"type":"Feature"`) },
		func() { b.WriteString(`"id":`); jsonValue(rnd, b, 2) },
		func() {
			b.WriteString(`"properties":`)
			var members []func()
			for i := range rnd.IntN(5) {
				members = append(members, func() { fmt.Fprintf(b, `"k%d":`, i); jsonValue(rnd, b, 0) })
			}
			object(rnd, b, members)
		},
		func() {
			b.WriteString(`"geometry":`)
			if rnd.IntN(8) == 0 {
				b.WriteString("null")
				return
			}
			kind := wkb.Type(1 + rnd.IntN(6))
			object(rnd, b, []func(){
				func() { fmt.Fprintf(b, `"type":"%s"`, kind) },
				func() { b.WriteString(`"coordinates":`); jsonCoordinates(rnd, b, nestingOf[kind]) },
			})
		},
	})
}

// tree is a feature as encoding/json reads it.
type tree struct {
	Properties map[string]json.RawMessage
	Geometry   *struct {
		Type        string
		Coordinates json.RawMessage
	}
}

// treeVisitor checks what it is told against encoding/json.
type treeVisitor struct {
	t    *testing.T
	want []tree
	n    int
	keys int
}

func (v *treeVisitor) Property(key []byte, value Value) {
	raw, ok := v.want[v.n].Properties[string(key)]
	if !ok {
		v.t.Fatalf("feature %d has no key %q", v.n+1, key)
	}
	v.keys++
	if value.Kind != String {
		if !bytes.Equal(raw, value.Text) {
			v.t.Fatalf("feature %d, %s: %q, want %q", v.n+1, key, value.Text, raw)
		}
		return
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil || s != string(value.Text) {
		v.t.Fatalf("feature %d, %s: string %q, want %q (%v)", v.n+1, key, value.Text, s, err)
	}
}

func (v *treeVisitor) EndFeature(number int64, g *wkb.Geometry, problem string) {
	want := v.want[v.n]
	if v.n++; number != int64(v.n) || problem != "" {
		v.t.Fatalf("feature %d: number %d, problem %q", v.n, number, problem)
	}
	if v.keys != len(want.Properties) {
		v.t.Fatalf("feature %d: %d of %d properties", v.n, v.keys, len(want.Properties))
	}
	v.keys = 0
	if (g == nil) != (want.Geometry == nil) {
		v.t.Fatalf("feature %d: geometry %v, want %v", v.n, g, want.Geometry)
	}
	if g == nil {
		return
	}
	var coordinates any
	if err := json.Unmarshal(want.Geometry.Coordinates, &coordinates); err != nil {
		v.t.Fatal(err)
	}
	if got := nestedForm(g); g.Type.String() != want.Geometry.Type || fmt.Sprint(got) != fmt.Sprint(in2D(coordinates)) {
		v.t.Fatalf("feature %d: %s %v, want %s %v", v.n, g.Type, got, want.Geometry.Type, coordinates)
	}
}

// in2D drops Z and M from coordinates.
func in2D(c any) any {
	a := c.([]any)
	if len(a) > 0 {
		if _, ok := a[0].(float64); ok {
			return a[:2]
		}
	}
	out := make([]any, len(a))
	for i := range a {
		out[i] = in2D(a[i])
	}
	return out
}

// nestedForm is the geometry's coordinates as arrays in arrays.
func nestedForm(g *wkb.Geometry) any {
	line := func(xy []float64) any {
		out := []any{}
		for i := 0; i < len(xy); i += 2 {
			out = append(out, []any{xy[i], xy[i+1]})
		}
		return out
	}
	rings := func(from, to int) any {
		out := []any{}
		for i := from; i < to; i++ {
			out = append(out, line(g.Ring(i)))
		}
		return out
	}
	switch g.Type {
	case wkb.Point:
		return []any{g.XY[0], g.XY[1]}
	case wkb.LineString, wkb.MultiPoint:
		return line(g.XY)
	case wkb.Polygon, wkb.MultiLineString:
		return rings(0, g.NumRings())
	}
	out := []any{}
	for i := range g.NumParts() {
		out = append(out, rings(g.Part(i)))
	}
	return out
}

func TestRandomDocumentsAreReadAsEncodingJSONReadsThem(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	for range 3000 {
		text := document(rnd)
		var want struct{ Features []tree }
		if err := json.Unmarshal(text, &want); err != nil {
			if strings.Contains(err.Error(), "cannot unmarshal number") {
				continue // beyond float64
			}
			t.Fatalf("%v\n%s", err, text)
		}
		s := NewSplitter(bytes.NewReader(text), 1+rnd.IntN(500))
		v := &treeVisitor{t: t, want: want.Features}
		var p Parser
		for {
			b, err := s.Next()
			if err == io.EOF {
				break
			}
			if err == nil {
				err = p.Parse(b, v)
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			s.Recycle(b)
		}
		if v.n != len(want.Features) {
			t.Fatalf("%d of %d features\n%s", v.n, len(want.Features), text)
		}
	}
}

// strict reads text to its end and says whether it is a good FeatureCollection.
func strict(text []byte, size int) error {
	s := NewSplitter(bytes.NewReader(text), size)
	var p Parser
	var q quiet
	for {
		b, err := s.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = p.Parse(b, &q)
		}
		if err != nil {
			return err
		}
	}
}

func TestADamagedDocumentIsRefusedWhereEncodingJSONRefusesIt(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	junk := []byte(`{}[],:"\0123456789.eE+-truefalsn `)
	refused := 0
	for range 8000 {
		text := document(rnd)
		for range 1 + rnd.IntN(3) {
			i := rnd.IntN(len(text))
			switch rnd.IntN(3) {
			case 0:
				text[i] = junk[rnd.IntN(len(junk))]
			case 1:
				text = append(text[:i], text[i+1:]...)
			default:
				text = append(text[:i+1], text[i:]...)
			}
		}
		if json.Valid(text) {
			continue
		}
		refused++
		if err := strict(text, 1+rnd.IntN(300)); err == nil {
			t.Fatalf("bad JSON went through: %s", text)
		}
	}
	if refused < 500 {
		t.Errorf("only %d documents were bad", refused)
	}
}

// FuzzSplitterAndParser wants no panic, the same outcome for every block size, and
// text fit to be written again.
func FuzzSplitterAndParser(f *testing.F) {
	f.Add([]byte(small), 100)
	f.Add([]byte(one(`{"geometry":{"type":"MultiPolygon","coordinates":[[[[1,2],[3,NaN]]]]}}`)), 7)
	f.Add([]byte(`{"features":[{"properties":{"\ud83d":{"a":[]}}}],"type":"FeatureCollection"}`), 1)
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		size = 1 + int(uint(size)%1000)
		a, b := read(bytes.NewReader(text), size), read(bytes.NewReader(text), len(text)+1)
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("in blocks of %d: %v\nwhole: %v", size, a, b)
		}
		if strings.ContainsAny(a.Err, "\n\r") {
			t.Fatalf("error on several lines: %q", a.Err)
		}
		for _, feature := range a.Features {
			if !utf8.ValidString(strings.Join(feature.Properties, "")) && json.Valid(text) && utf8.Valid(text) {
				t.Fatalf("text that is not UTF-8: %q", feature.Properties)
			}
		}
		if a.Err == "" && !json.Valid(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))) &&
			!bytes.Contains(text, []byte("NaN")) && !bytes.Contains(text, []byte("Infinity")) {
			t.Fatalf("bad JSON went through: %q", text)
		}
	})
}
