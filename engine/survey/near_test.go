package survey_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/referee"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// square is a parcel of about side metres at a place, turned a little.
func square(x, y, side, turn float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon}
	r := side / 111_000
	for k := range 5 {
		a := turn + float64(k%4)*math.Pi/2
		g.XY = append(g.XY, x+r*math.Cos(a), y+r*math.Sin(a))
	}
	g.EndRing()
	g.EndPart()
	return g
}

// river is a bank line with bends.
func river(dice *rand.Rand, x, y float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.LineString}
	for range 60 {
		g.XY = append(g.XY, x, y)
		x += 0.001 + 0.002*dice.Float64()
		y += 0.004 * (dice.Float64() - 0.5)
	}
	g.EndRing()
	g.EndPart()
	return g
}

func TestDistancesToControlLinesAgreeWithPostGIS(t *testing.T) {
	db := referee.Open(t)
	dice := rand.New(rand.NewPCG(5, 7))
	lines := [][]byte{
		river(dice, 113.2, 31.70).Append(nil), river(dice, 113.25, 31.72).Append(nil),
		square(113.31, 31.70, 400, 0.3).Append(nil),
	}
	prepared, err := survey.NewLines(lines)
	if err != nil {
		t.Fatal(err)
	}
	b := table.NewBuilder(table.MustInput(table.Parcels), 300)
	for i := range 300 {
		b.String(0, "P")
		b.AppendText(len(table.MustInput(table.Parcels).Fields)-1,
			square(113.2+0.15*dice.Float64(), 31.66+0.09*dice.Float64(), 120, dice.Float64()).Append)
		b.EndRow(0, int64(i))
	}
	batch := b.Batch()
	gate := survey.Geometries(batch)
	const limit = 4000.0
	hits, err := prepared.Near(batch, gate, limit)
	if err != nil {
		t.Fatal(err)
	}
	found := map[[2]int32]float64{}
	for _, h := range hits {
		found[[2]int32{h.Row, h.Line}] = float64(h.Millimetres) / 1000
	}
	// ST_Distance on geography misses 1e-4 itself: the referee measures in a transverse
	// Mercator around the place, true to 1e-6 here. Straight edges in lon/lat are
	// densified first.
	const plane = "+proj=tmerc +lat_0=31.7 +lon_0=113.28 +k=1 +ellps=GRS80 +units=m"
	const ask = `SELECT ST_Distance(
		ST_Transform(ST_Segmentize(ST_GeomFromWKB($1, 4490), 0.0005), $3::text),
		ST_Transform(ST_Segmentize(ST_GeomFromWKB($2, 4490), 0.0005), $3::text))`
	near := 0
	for row := range batch.Rows() {
		for line, shape := range lines {
			var want float64
			if err := db.QueryRow(context.Background(), ask, batch.Geometry().Value(row), shape, plane).Scan(&want); err != nil {
				t.Fatal(err)
			}
			got, ok := found[[2]int32{int32(row), int32(line)}]
			if want > limit*1.001 {
				if ok {
					t.Errorf("parcel %d, line %d: %g m, PostGIS has %g", row, line, got, want)
				}
				continue
			}
			if want > limit*0.999 {
				continue
			}
			near++
			if !ok || math.Abs(got-want) > 1e-4*want+0.001 {
				t.Errorf("parcel %d, line %d: %g m (found %t), PostGIS has %g", row, line, got, ok, want)
			}
		}
	}
	if near < 100 {
		t.Fatalf("only %d pairs lie near each other: the test says too little", near)
	}
}
