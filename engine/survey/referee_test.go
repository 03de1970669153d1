package survey_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/geo/referee"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// star is a polygon with n corners near and far in turn, on the grid of 1e-7°.
func star(dice *rand.Rand, x, y, r float64, n int) *wkb.Geometry {
	var xy []float64
	for k := range n {
		a, far := 2*math.Pi*float64(k)/float64(n), r*(0.5+0.5*dice.Float64())
		xy = append(xy, math.Round((x+far*math.Cos(a))*1e7)/1e7, math.Round((y+far*math.Sin(a))*1e7)/1e7)
	}
	return ringed(append(xy, xy[0], xy[1])...)
}

// lawOfLayers is the law in SQL: of polygons in order, each less those before it.
const lawOfLayers = `
CREATE FUNCTION pg_temp.ground(g geometry) RETURNS float8 LANGUAGE sql AS $$
SELECT coalesce(ST_Area(ST_Segmentize(ST_CollectionExtract(g, 3), 0.0001)::geography), 0) $$;

CREATE TEMP TABLE zone AS SELECT i, coalesce(ST_Difference(g, (SELECT ST_Union(g) FROM zone_all AS o WHERE o.i < a.i)), g) AS g
FROM zone_all AS a;
CREATE TEMP TABLE land AS SELECT i, coalesce(ST_Difference(g, (SELECT ST_Union(g) FROM land_all AS o WHERE o.i < a.i)), g) AS g
FROM land_all AS a;
`

// lay puts shapes into a temporary table.
func lay(t *testing.T, conn *pgx.Conn, name string, shapes [][]byte) {
	t.Helper()
	ctx := context.Background()
	if _, err := conn.Exec(ctx, fmt.Sprintf("CREATE TEMP TABLE %s_all (i int, g geometry)", name)); err != nil {
		t.Fatal(err)
	}
	for i, b := range shapes {
		if _, err := conn.Exec(ctx, fmt.Sprintf("INSERT INTO %s_all VALUES ($1, ST_GeomFromWKB($2, 4490))", name), i, b); err != nil {
			t.Fatal(err)
		}
	}
}

func asked(t *testing.T, conn *pgx.Conn, sql string) map[[2]int32]float64 {
	t.Helper()
	rows, err := conn.Query(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	out := map[[2]int32]float64{}
	var a, b int32
	var v float64
	if _, err := pgx.ForEachRow(rows, []any{&a, &b, &v}, func() error { out[[2]int32{a, b}] = v; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSharesAndPiecesInOverlappingLayersAgreeWithPostGIS(t *testing.T) {
	conn := referee.Open(t)
	dice := rand.New(rand.NewPCG(11, 3))
	var zones, land, plots [][]byte
	var codes []string
	for k := range 6 {
		codes = append(codes, string(rune('A'+k)))
		zones = append(zones, star(dice, 113.1+0.03*dice.Float64(), 31.1+0.03*dice.Float64(), 0.02, 40).Append(nil))
	}
	for range 120 {
		land = append(land, star(dice, 113.09+0.05*dice.Float64(), 31.09+0.05*dice.Float64(), 0.004, 12).Append(nil))
	}
	var rows []plot
	for range 600 {
		g := star(dice, 113.08+0.07*dice.Float64(), 31.08+0.07*dice.Float64(), 0.001, 5+dice.IntN(9))
		plots = append(plots, g.Append(nil))
		rows = append(rows, plot{g, area(g).SquareMetres() * (0.9 + 0.2*dice.Float64()), ""})
	}
	z, err := survey.NewZones(codes, zones, 2)
	if err != nil {
		t.Fatal(err)
	}
	lay(t, conn, "zone", zones)
	lay(t, conn, "land", land)
	lay(t, conn, "plot", plots)
	if _, err := conn.Exec(context.Background(), lawOfLayers); err != nil {
		t.Fatal(err)
	}

	t.Run("shares", func(t *testing.T) { sameShares(t, conn, z, rows) })
	t.Run("pieces", func(t *testing.T) { samePieces(t, conn, z, land) })
}

func sameShares(t *testing.T, conn *pgx.Conn, z *survey.Zones, rows []plot) {
	facts := survey.NewSurveyor(z, survey.DefaultTolerance).Parcels(batchOf(rows...))
	want := asked(t, conn, `SELECT p.i, z.i, pg_temp.ground(ST_Intersection(p.g, z.g)) / pg_temp.ground(p.g)
		FROM plot_all AS p JOIN zone AS z ON p.g && z.g WHERE ST_Intersects(p.g, z.g)`)
	compared := 0
	for row := range rows {
		official := facts.Official[row].SquareMetres()
		in, areas := facts.Shares(row)
		for k, zone := range in {
			at := [2]int32{int32(row), zone}
			if off := math.Abs(areas[k].SquareMetres() - want[at]*official); off > 1e-6*official+1e-3 {
				t.Errorf("parcel %d in zone %d: %v m², PostGIS %v", row, zone, areas[k].SquareMetres(), want[at]*official)
			}
			delete(want, at)
			compared++
		}
	}
	for at, share := range want {
		if official := facts.Official[at[0]].SquareMetres(); share > 0.001+1e-6 && share*official > 1.001 {
			t.Errorf("parcel %d has %v of it in zone %d by PostGIS, and nothing here", at[0], share, at[1])
		}
	}
	if compared < 250 {
		t.Errorf("only %d shares compared", compared)
	}
}

func samePieces(t *testing.T, conn *pgx.Conn, z *survey.Zones, land [][]byte) {
	found, err := survey.LandUse(land, z, 2)
	if err != nil {
		t.Fatal(err)
	}
	pieces := asked(t, conn, `SELECT l.i, z.i, pg_temp.ground(ST_Intersection(l.g, z.g))
		FROM land AS l JOIN zone AS z ON l.g && z.g WHERE ST_Intersects(l.g, z.g)`)
	for at, got := range sums(found) {
		if off := math.Abs(got.SquareMetres() - pieces[at]); off > max(1e-3, 1e-7*pieces[at]) {
			t.Errorf("feature %d in zone %d: %v m², PostGIS %v", at[0], at[1], got.SquareMetres(), pieces[at])
		}
		delete(pieces, at)
	}
	for at, m2 := range pieces {
		if m2 > 1e-3 {
			t.Errorf("feature %d has %v m² in zone %d by PostGIS, and nothing here", at[0], m2, at[1])
		}
	}
	overlaps := asked(t, conn, `SELECT a.i, b.i, pg_temp.ground(ST_Intersection(a.g, b.g))
		FROM land_all AS a JOIN land_all AS b ON a.i < b.i AND ST_Intersects(a.g, b.g)`)
	for _, o := range found.Overlaps {
		at := [2]int32{o.First, o.Second}
		if off := math.Abs(o.Area.SquareMetres() - overlaps[at]); off > max(1e-3, 1e-7*overlaps[at]) {
			t.Errorf("features %d and %d overlap by %v m², PostGIS %v", o.First, o.Second, o.Area.SquareMetres(), overlaps[at])
		}
		delete(overlaps, at)
	}
	for at, m2 := range overlaps {
		if m2 > 1e-3 {
			t.Errorf("features %d and %d overlap by %v m² by PostGIS, and not here", at[0], at[1], m2)
		}
	}
	if len(found.Pieces) < 100 || len(found.Overlaps) < 100 {
		t.Errorf("only %d pieces and %d overlaps compared", len(found.Pieces), len(found.Overlaps))
	}
}

// The referee measures in a transverse Mercator around the place, true to 1e-6 here,
// from edges densified in lon/lat: ST_Distance on geography misses 1e-4 itself. The
// closest points it finds there it measures once more as a geodesic, which for points
// is exact.
const (
	plane    = "'+proj=tmerc +lat_0=31.7 +lon_0=113.28 +k=1 +ellps=GRS80 +units=m'"
	laidA    = "ST_Transform(ST_Segmentize(ST_SetSRID(a, 4490), 0.0002), " + plane + ")"
	laidB    = "ST_Transform(ST_Segmentize(ST_SetSRID(b, 4490), 0.0002), " + plane + ")"
	planar   = "ST_Distance(" + laidA + ", " + laidB + ")"
	geodesic = "ST_Length(ST_Transform(ST_ShortestLine(" + laidA + ", " + laidB + "), " + plane + ", 4490)::geography)"
)

func TestTheNearestLineAgreesWithPostGIS(t *testing.T) {
	db := referee.Open(t)
	shapes, subjects := valley(240)
	l := linesOf(t, shapes...)
	var a, b [][]byte
	for _, s := range subjects {
		for _, line := range shapes {
			a, b = append(a, s.Append(nil)), append(b, line.Append(nil))
		}
	}
	want := referee.PairFloats(t, db, planar, a, b)
	const limit = 4000.0
	hits, zeros := 0, 0
	for i, s := range subjects {
		n, mm, ok, err := l.Nearest(s.Append(nil), limit)
		if err != nil {
			t.Fatal(err)
		}
		of := want[i*len(shapes):][:len(shapes)]
		least := slices.Min(of)
		if math.Abs(least-limit) < 1e-4*limit {
			continue
		}
		if ok != (least < limit) {
			t.Errorf("subject %d: line %d at %d mm, found %t; PostGIS %v m", i, n, mm, ok, least)
			continue
		}
		if !ok {
			continue
		}
		hits++
		got := float64(mm) / 1000
		if math.Abs(got-least) > 1e-5*least+0.0006 || (mm == 0) != (least < 1e-6) {
			t.Errorf("subject %d: %v m, PostGIS %v", i, got, least)
		}
		if mm == 0 {
			zeros++
			if first := slices.IndexFunc(of, func(m float64) bool { return m < 1e-6 }); int(n) != first {
				t.Errorf("subject %d: touches line %d, PostGIS says the first is %d", i, n, first)
			}
		} else if of[n] > least*(1+2e-5)+0.001 {
			t.Errorf("subject %d: line %d is nearest, by PostGIS it is %v m off, the nearest %v", i, n, of[n], least)
		}
	}
	if hits < 150 || zeros < 20 || hits-zeros < 100 {
		t.Fatalf("only %d near, %d of them touching: the test says too little", hits, zeros)
	}
}

func TestDistancesAreThoseOfTheGeodesicBetweenTheClosestPoints(t *testing.T) {
	db := referee.Open(t)
	shapes, subjects := valley(120)
	var a, b [][]byte
	var got []int64
	for i, s := range subjects {
		line := shapes[i%len(shapes)]
		if mm := gap(t, line, s); mm > 0 && mm < 5_000_000 {
			a, b, got = append(a, s.Append(nil)), append(b, line.Append(nil)), append(got, mm)
		}
	}
	for i, want := range referee.PairFloats(t, db, geodesic, a, b) {
		if m := float64(got[i]) / 1000; math.Abs(m-want) > 1e-5*want+0.0006 {
			t.Errorf("pair %d: %v m, PostGIS %v", i, m, want)
		}
	}
	if len(got) < 60 {
		t.Fatalf("only %d pairs compared", len(got))
	}
}
