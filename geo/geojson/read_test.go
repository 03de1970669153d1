package geojson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// feature is what a visitor was told.
type feature struct {
	Number     int64
	Properties []string // key, kind and text
	Geometry   string   // WKB; empty when nil
	Problem    string
}

// file is all that was read.
type file struct {
	Features []feature
	CRS      string
	Given    bool
	Err      string
}

type recorder struct {
	features []feature
	now      feature
}

func (r *recorder) Property(key []byte, v Value) {
	r.now.Properties = append(r.now.Properties, fmt.Sprintf("%s|%d|%s", key, v.Kind, v.Text))
}

func (r *recorder) EndFeature(number int64, g *wkb.Geometry, problem string) {
	r.now.Number, r.now.Problem = number, problem
	if g != nil {
		r.now.Geometry = fmt.Sprintf("%s %x %v %v", g.Type, hexed(g.XY), g.Rings, g.Parts)
	}
	r.features = append(r.features, r.now)
	r.now = feature{}
}

func hexed(xy []float64) []uint64 {
	out := make([]uint64, len(xy))
	for i, v := range xy {
		out[i] = math.Float64bits(v)
	}
	return out
}

// read reads r in blocks of a size, stopping at the first error.
func read(r io.Reader, blockSize int) file {
	s := NewSplitter(r, blockSize)
	return readWith(s)
}

func readWith(s *Splitter) (f file) {
	var p Parser
	var rec recorder
	for {
		b, err := s.Next()
		if err == nil {
			err = checkBlock(b, len(rec.features))
		}
		if err == nil {
			err = p.Parse(b, &rec)
		}
		if err != nil {
			f.Features = rec.features
			f.CRS, f.Given = s.CRS()
			if err != io.EOF {
				f.Err = err.Error()
			}
			return f
		}
		for i := range b.Data { // a recycled block's bytes may not matter any more
			b.Data[i] = 'x'
		}
		s.Recycle(b)
	}
}

func checkBlock(b Block, before int) error {
	if b.Count < 1 || b.First != int64(before)+1 {
		return fmt.Errorf("block of %d features from %d behind %d", b.Count, b.First, before)
	}
	return nil
}

func readString(s string) file { return read(strings.NewReader(s), 0) }

const small = `{"type":"FeatureCollection","name":"p","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}},"features":[
{"type":"Feature","id":7,"properties":{"code":"A\"1\\","n":-1.50e3,"ok":true,"none":null,"more":{"a":[1,"}"]}},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1.25],[0,0]]]}},
{"type":"Feature","geometry":{"coordinates":[114.3,30.6,12.5],"type":"Point"},"properties":{"code":"武汉{\u6c49\ud83d\ude00"}},
{"type":"Feature","geometry":null,"properties":null}
],"bbox":[0,0,114.3,30.6]}
`

func TestASmallFileIsReadWhole(t *testing.T) {
	f := readString(small)
	if f.Err != "" || f.CRS != "urn:ogc:def:crs:EPSG::4490" || !f.Given {
		t.Fatalf("err %q, crs %q %v", f.Err, f.CRS, f.Given)
	}
	var point, polygon wkb.Geometry
	polygon.Reset(wkb.Polygon)
	polygon.XY = append(polygon.XY, 0, 0, 1, 0, 1, 1.25, 0, 0)
	polygon.EndRing()
	polygon.EndPart()
	point.Reset(wkb.Point)
	point.XY = append(point.XY, 114.3, 30.6)
	point.EndRing()
	point.EndPart()
	var want recorder
	want.now.Properties = append(want.now.Properties,
		`code|3|A"1\`, `n|2|-1.50e3`, `ok|1|true`, `none|0|null`, `more|4|{"a":[1,"}"]}`)
	want.EndFeature(1, &polygon, "")
	want.now.Properties = []string{"code|3|武汉{汉😀"}
	want.EndFeature(2, &point, "")
	want.EndFeature(3, nil, "")
	if !reflect.DeepEqual(f.Features, want.features) {
		t.Errorf("got  %v\nwant %v", f.Features, want.features)
	}
}

func TestBlockSizeNeverChangesTheOutcome(t *testing.T) {
	files := []string{small, small[:len(small)/2], strings.Replace(small, "null}", "nul}", 1),
		strings.Replace(small, "},\n", "}\n", 1), "\xef\xbb\xbf" + small, string(city(30, 7))}
	for n, text := range files {
		want := read(strings.NewReader(text), len(text)+100)
		for size := 1; size < 700; size += 1 + size/20 {
			if got := read(strings.NewReader(text), size); !reflect.DeepEqual(got, want) {
				t.Fatalf("file %d in blocks of %d: %v\nwhole: %v", n, size, got, want)
			}
		}
		for _, r := range []io.Reader{iotest.OneByteReader(strings.NewReader(text)),
			iotest.HalfReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
			if got := read(r, 300); !reflect.DeepEqual(got, want) {
				t.Fatalf("file %d read in pieces: %v\nwhole: %v", n, got, want)
			}
		}
	}
}

func TestAFileCutShortAnywhereIsAnError(t *testing.T) {
	whole := readString(small)
	last := strings.LastIndexByte(small, '}')
	for n := range len(small) {
		for _, size := range []int{1, 64, 4096} {
			f := read(strings.NewReader(small[:n]), size)
			if n > last {
				if !reflect.DeepEqual(f, whole) {
					t.Fatalf("only white space is missing after %d bytes, got %v", n, f)
				}
				continue
			}
			if f.Err == "" {
				t.Fatalf("no error after %d of %d bytes: %v", n, len(small), f)
			}
			for i := range f.Features {
				if !reflect.DeepEqual(f.Features[i], whole.Features[i]) {
					t.Fatalf("feature %d differs when cut after %d bytes", i+1, n)
				}
			}
		}
	}
}

func TestATruncatedFileNamesTheFeatureAndTheByte(t *testing.T) {
	second := strings.Index(small, "\n{\"type\":\"Feature\",\"geometry\":{") + 1
	end := second + 40
	want := fmt.Sprintf("file ends inside feature 2 (byte %d; the feature begins at byte %d)", end, second)
	f := readString(small[:end])
	if !strings.HasPrefix(f.Err, want) || len(f.Features) != 1 {
		t.Errorf("got %q after %d features, want %q after 1", f.Err, len(f.Features), want)
	}
}

// geometryOf reads the geometry of a feature's JSON as WKB.
func geometryOf(t *testing.T, geometry string) *wkb.Geometry {
	t.Helper()
	s := NewSplitter(strings.NewReader(one(`{"geometry":`+geometry+`}`)), 0)
	b, err := s.Next()
	if err != nil {
		t.Fatalf("%s: %v", geometry, err)
	}
	var v keeper
	if err := new(Parser).Parse(b, &v); err != nil {
		t.Fatalf("%s: %v", geometry, err)
	}
	if v.g == nil {
		t.Fatalf("%s: %q", geometry, v.problem)
	}
	return v.g
}

type keeper struct {
	g       *wkb.Geometry
	problem string
}

func (k *keeper) Property([]byte, Value) {}
func (k *keeper) EndFeature(n int64, g *wkb.Geometry, problem string) {
	if n == 2 {
		k.problem = problem
		if g != nil {
			k.g = g.Clone()
		}
	}
}

func TestGeometriesHaveTheSameFlatFormAsFromWKB(t *testing.T) {
	for _, text := range []string{
		`{"type":"Point","coordinates":[1,2]}`,
		`{"type":"Point","coordinates":[1,2,3,4]}`,
		`{"type":"LineString","coordinates":[[1,2],[3,4]]}`,
		`{"type":"LineString","coordinates":[]}`,
		`{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]],[[1,1],[2,1],[2,2],[1,1]]]}`,
		`{"type":"Polygon","coordinates":[]}`,
		`{"type":"Polygon","coordinates":[[]]}`,
		`{"type":"Polygon","coordinates":[[],[[1,1,9],[2,1,9]]]}`,
		`{"type":"MultiPoint","coordinates":[[1,2],[3,4],[5,6]]}`,
		`{"type":"MultiPoint","coordinates":[]}`,
		`{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[],[[5,6],[7,8]]]}`,
		`{"type":"MultiLineString","coordinates":[]}`,
		`{"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,0]]],[[[9,9],[9,8],[8,8],[9,9]],[]]]}`,
		`{"type":"MultiPolygon","coordinates":[]}`,
		`{"type":"MultiPolygon","coordinates":[[]]}`,
		`{"type":"MultiPolygon","coordinates":[[],[[]],[[[1,2]]]]}`,
	} {
		g := geometryOf(t, text)
		var back wkb.Geometry
		if err := back.Parse(g.Append(nil)); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if back.Type != g.Type || fmt.Sprint(back.XY, back.Rings, back.Parts) != fmt.Sprint(g.XY, g.Rings, g.Parts) {
			t.Errorf("%s: flat form %v %v %v, from WKB %v %v %v", text, g.XY, g.Rings, g.Parts, back.XY, back.Rings, back.Parts)
		}
		swapped := swapMembers(text)
		if h := geometryOf(t, swapped); !reflect.DeepEqual(h.Append(nil), g.Append(nil)) {
			t.Errorf("%s and %s are read differently", text, swapped)
		}
	}
}

// swapMembers puts the type behind the coordinates.
func swapMembers(geometry string) string {
	comma := strings.Index(geometry, ",")
	return "{" + geometry[comma+1:len(geometry)-1] + "," + geometry[1:comma] + "}"
}

func TestNumbersThatAreNotFiniteArePassedOn(t *testing.T) {
	for text, want := range map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1), "1e999": math.Inf(1)} {
		g := geometryOf(t, `{"type":"Point","coordinates":[`+text+`,1]}`)
		if g.Finite() || (g.XY[0] != want && !math.IsNaN(want)) {
			t.Errorf("%s: read as %v", text, g.XY)
		}
	}
	f := readString(one(`{"properties":{"a":NaN,"b":-Infinity}}`))
	if got := fmt.Sprint(f.Features[1].Properties); got != "[a|2|NaN b|2|-Infinity]" {
		t.Errorf("properties %s", got)
	}
}

func TestOrderAndSpacingOfMembersDoNotMatter(t *testing.T) {
	const compact = `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4326"}},"features":[{"type":"Feature","properties":{"a":1,"b":"x"},"geometry":{"type":"LineString","coordinates":[[1,2],[3,4]]}},{"type":"Feature","properties":{"a":2,"b":"y"},"geometry":{"type":"Polygon","coordinates":[[[1,2],[3,4],[5,6],[1,2]]]}}]}`
	want := readString(compact)
	if want.Err != "" || len(want.Features) != 2 {
		t.Fatal(want)
	}
	var pretty, sorted bytes.Buffer
	if err := json.Indent(&pretty, []byte(compact), "\r\n", "\t "); err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal([]byte(compact), &tree); err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(&sorted).Encode(tree); err != nil { // members by name: coordinates, geometry first
		t.Fatal(err)
	}
	const behind = `{"features":[{"geometry":{"coordinates":[[1,2],[3,4]],"type":"LineString"},"properties":{"a":1,"b":"x"}},{"geometry":{"coordinates":[[[1,2],[3,4],[5,6],[1,2]]],"type":"Polygon"},"properties":{"a":2,"b":"y"}}],"crs":{"type":"EPSG","properties":{"code":4326}},"type":"FeatureCollection"}`
	for _, text := range []string{pretty.String(), sorted.String(), behind} {
		if got := readString(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\ngives %v\nnot %v", text, got, want)
		}
	}
}

func TestTheFirstOfRepeatedMembersCounts(t *testing.T) {
	f := readString(`{"type":"FeatureCollection","type":"x","crs":null,"crs":{"properties":{"name":"A"}},"crs":{"properties":{"name":"B"}},"features":[
		{"properties":{"a":1,"b":2,"a":3},"properties":{"c":4},"geometry":{"type":"Point","type":"x","coordinates":[1,2],"coordinates":[3]},"geometry":5},
		{"properties":{"a":1,"b":2,"c":5,"b":4,"\u0061":6}}]}`)
	if f.Err != "" || f.CRS != "A" {
		t.Fatal(f)
	}
	if got := fmt.Sprint(f.Features[0].Properties, f.Features[1].Properties); got != "[a|2|1 b|2|2] [a|2|1 b|2|2 c|2|5]" {
		t.Error(got)
	}
	if f.Features[0].Problem != "" || f.Features[0].Geometry == "" {
		t.Error(f.Features[0])
	}
}

func TestKeysThatComeAndGoAreEachPassedOnOnce(t *testing.T) {
	var b strings.Builder
	var want []string
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range 300 {
		var keys []string
		b.WriteString(strings.Repeat(",", min(i, 1)) + `{"properties":{`)
		for k := range (i * 7) % 100 {
			key := fmt.Sprintf("key%d", (k*k+i%3)%89)
			fmt.Fprintf(&b, "%s%q:%d", strings.Repeat(",", min(k, 1)), key, k)
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
		b.WriteString("}}")
		want = append(want, strings.Join(keys, " "))
	}
	b.WriteString("]}")
	f := readString(b.String())
	if f.Err != "" || len(f.Features) != 300 {
		t.Fatal(f.Err, len(f.Features))
	}
	for i, got := range f.Features {
		var keys []string
		for _, p := range got.Properties {
			key, _, _ := strings.Cut(p, "|")
			keys = append(keys, key)
		}
		if strings.Join(keys, " ") != want[i] {
			t.Fatalf("feature %d: keys %v, want %s", i+1, keys, want[i])
		}
	}
}

func TestTheCRSMemberIsFoundBeforeAndBehindTheFeatures(t *testing.T) {
	for member, want := range map[string]string{
		`{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}`: "urn:ogc:def:crs:OGC:1.3:CRS84",
		`{"type":"EPSG","properties":{"code":4490}}`:                            "EPSG:4490",
		`{"type":"link","properties":{"href":"x"}}`:                             `{"type":"link","properties":{"href":"x"}}`,
		`"EPSG:4326"`: `"EPSG:4326"`,
		`null`:        "",
	} {
		front := readString(`{"type":"FeatureCollection","crs":` + member + `,"features":[]}`)
		back := readString(`{"type":"FeatureCollection","features":[],"crs":` + member + `}`)
		if front.CRS != want || front.Given != (want != "") || !reflect.DeepEqual(front, back) {
			t.Errorf("%s: %+v and %+v, want %q", member, front, back, want)
		}
	}
}

func TestTextThatIsNotUTF8IsReplaced(t *testing.T) {
	f := readString(one("{\"properties\":{\"\xff\":\"a\xce\xe4\\n\\ud800\\ud83d\\ude00\"}}"))
	want := "[\ufffd|3|a\ufffd\ufffd\n\ufffd😀]"
	if got := fmt.Sprint(f.Features[1].Properties); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBlocksMayBeParsedAndRecycledByManyGoroutines(t *testing.T) {
	data := city(3000, 7)
	want := read(bytes.NewReader(data), len(data))
	s := NewSplitter(bytes.NewReader(data), 20000)
	blocks := make(chan Block)
	got := make([]feature, 3000)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var p Parser
			for b := range blocks {
				var r recorder
				if err := p.Parse(b, &r); err != nil {
					t.Error(err)
				}
				copy(got[b.First-1:], r.features)
				s.Recycle(b)
			}
		})
	}
	for {
		b, err := s.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		blocks <- b
	}
	close(blocks)
	wg.Wait()
	if !reflect.DeepEqual(got, want.Features) {
		t.Error("features differ from those read by one goroutine")
	}
}

func TestParsingAllocatesNothingPerFeature(t *testing.T) {
	s := NewSplitter(bytes.NewReader(city(500, 7)), 1<<20)
	b, err := s.Next()
	if err != nil {
		t.Fatal(err)
	}
	var p Parser
	var q quiet
	if n := testing.AllocsPerRun(10, func() {
		if err := p.Parse(b, &q); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
