package geojson

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// city is a made-up layer of n parcels of about 15 points and 1 KB each, as the
// writers of bureaus put it.
func city(n int, decimals int) []byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	b.WriteString(`{"type":"FeatureCollection","name":"parcels","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}},"features":[` + "\n")
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `{"type":"Feature","properties":{"parcel_code":"420100%03dGB%07d","land_use":"0601","land_use_standard":"YDYH-2023","recorded_area":%.2f,"zone_code":"Z%03d","holder":"91420100MA4KX%05d","holder_name":"示例%06d号制造有限公司","signed_on":"2019-03-%02d","agreed_start_on":"2019-09-01","started_on":null,"area_to_develop":%.2f,"investment_total":%.1f,"standard_land":false,"tags":""},"geometry":{"type":"Polygon","coordinates":[[`,
			i%1000, i, rnd.Float64()*1e5, i%200, i%100000, i, i%28+1, rnd.Float64()*1e5, rnd.Float64()*1e4)
		x, y := 114+rnd.Float64(), 30+rnd.Float64()
		for j := range 15 {
			a := 2 * math.Pi * float64(j%14) / 14
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "[%.*f,%.*f]", decimals, x+0.001*math.Cos(a), decimals, y+0.001*math.Sin(a))
		}
		b.WriteString("]]}}")
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

type quiet struct{ features, properties, points int }

func (q *quiet) Property([]byte, Value) { q.properties++ }
func (q *quiet) EndFeature(_ int64, g *wkb.Geometry, _ string) {
	q.features++
	if g != nil {
		q.points += len(g.XY) / 2
	}
}

func BenchmarkSplit(b *testing.B) {
	data := city(20000, 7)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		s := NewSplitter(bytes.NewReader(data), 1<<20)
		for {
			block, err := s.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			s.Recycle(block)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for _, decimals := range []int{7, 14} {
		b.Run(fmt.Sprintf("%d decimals", decimals), func(b *testing.B) {
			data := city(1000, decimals)
			s := NewSplitter(bytes.NewReader(data), 2*len(data))
			block, err := s.Next()
			if err != nil {
				b.Fatal(err)
			}
			var p Parser
			var q quiet
			b.SetBytes(int64(len(block.Data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Parse(block, &q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendGeometry(b *testing.B) {
	g := circle(15)
	box := wkb.EmptyBox()
	var out []byte
	for b.Loop() {
		out = AppendGeometry(out[:0], g, &box)
	}
	b.SetBytes(int64(len(out)))
}

func BenchmarkAppendFloat(b *testing.B) {
	values := make([]float64, 1000)
	for i := range values {
		values[i] = math.Round(rand.Float64()*1e9) / 1e4
	}
	b.Run("4 decimals", func(b *testing.B) { appendAll(b, values) })
	for i := range values {
		values[i] = rand.Float64()
	}
	b.Run("17 digits", func(b *testing.B) { appendAll(b, values) })
}

func appendAll(b *testing.B, values []float64) {
	var out []byte
	for b.Loop() {
		out = out[:0]
		for _, v := range values {
			out = AppendFloat(out, v)
		}
	}
	b.SetBytes(int64(len(out)))
}

func BenchmarkNumber(b *testing.B) {
	for _, s := range []string{"114.3051234", "114.30512345678901", "1.5e-7"} {
		b.Run(s, func(b *testing.B) {
			text := []byte(s)
			for b.Loop() {
				wholeNumber(text)
			}
		})
	}
}

func circle(n int) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon}
	for i := range n {
		a := 2 * math.Pi * float64(i%(n-1)) / float64(n-1)
		g.XY = append(g.XY, 114.3+0.01*math.Cos(a), 30.6+0.01*math.Sin(a))
	}
	g.EndRing()
	g.EndPart()
	return g
}
