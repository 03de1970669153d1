package crs_test

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/referee"
)

// taken lists every code that is taken.
func taken() []int {
	codes := []int{4490, 4326, 3857}
	for code := 4491; code <= 4554; code++ {
		codes = append(codes, code)
	}
	return codes
}

// meridian is a zone's central meridian, from the registry's order of codes.
func meridian(code int) float64 {
	switch {
	case code >= 4534:
		return float64(75 + 3*(code-4534))
	case code >= 4513:
		return float64(75 + 3*(code-4513))
	case code >= 4502:
		return float64(75 + 6*(code-4502))
	}
	return float64(75 + 6*(code-4491))
}

func point(x, y float64) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{1}, 1)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(y))
}

// transform has PostGIS, which asks PROJ, transform points.
func transform(t *testing.T, conn *pgx.Conn, xy []float64, from, to int) []float64 {
	t.Helper()
	points := make([][]byte, 0, len(xy)/2)
	for i := 0; i < len(xy); i += 2 {
		points = append(points, point(xy[i], xy[i+1]))
	}
	out := make([]float64, 0, len(xy))
	for _, b := range referee.Geometries(t, conn, "ST_Transform(ST_SetSRID(g, $2::int), $3::int)", points, from, to) {
		out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(b[5:])), math.Float64frombits(binary.LittleEndian.Uint64(b[13:])))
	}
	return out
}

// somewhere gives points in degrees that a code is used for: within 4° of the central
// meridian from the equator to 60°, or the whole world. from is the geographic code.
func somewhere(random *rand.Rand, code, n int) (degrees []float64, from int) {
	for range n {
		if code == 3857 || code == 4326 || code == 4490 {
			degrees = append(degrees, random.Float64()*360-180, random.Float64()*170-85)
		} else {
			degrees = append(degrees, meridian(code)+random.Float64()*8-4, random.Float64()*60)
		}
	}
	if code == 3857 || code == 4326 {
		return degrees, 4326
	}
	return degrees, 4490
}

func TestEveryCodeAgreesWithPROJ(t *testing.T) {
	conn := referee.Open(t)
	random := rand.New(rand.NewPCG(4490, 2000))
	const perDegree = 111_320 // metres
	worst := 0.0
	for _, code := range taken() {
		system, err := crs.Find(crs.System{Code: code}.String())
		if err != nil || system.Code != code {
			t.Fatalf("%d: %v, %v", code, system, err)
		}
		degrees, from := somewhere(random, code, 200)
		theirs := transform(t, conn, degrees, from, code)
		ours, back := slices.Clone(degrees), slices.Clone(theirs)
		if err := system.FromLonLat(ours); err != nil {
			t.Fatal(err)
		}
		if err := system.ToLonLat(back); err != nil {
			t.Fatal(err)
		}
		metres := 1.0
		if system.Geographic {
			metres = perDegree
		}
		for i := range ours {
			forward, inverse := math.Abs(ours[i]-theirs[i])*metres, math.Abs(back[i]-degrees[i])*perDegree
			worst = max(worst, forward, inverse)
			if !(forward < 1e-3 && inverse < 1e-3) {
				t.Errorf("%v at %v: %v, PROJ says %v; back %v", system, degrees[i&^1:i|1+1], ours[i], theirs[i], back[i])
			}
		}
	}
	t.Logf("farthest from PROJ: %.3g m", worst)
}

// accepted holds the systems of PostGIS's table under other codes than the program's
// that are taken by their parameters, and why.
var accepted = map[int]int{
	// With heights, which are not read.
	4329: 4326, 4979: 4326, 4480: 4490, 6871: 3857,
	// The realisations of WGS 84.
	7657: 4326, 7659: 4326, 7661: 4326, 7663: 4326, 7665: 4326, 7816: 4326,
	104011: 4326, 104012: 4326, 104013: 4326, 104014: 4326, 104015: 4326, 104016: 4326,
	// ESRI's codes of web Mercator.
	102100: 3857, 102113: 3857,
}

func TestOfAllTheSystemsPostGISKnowsOnlyTheRightOnesAreTaken(t *testing.T) {
	conn := referee.Open(t)
	rows, err := conn.Query(context.Background(), "SELECT srid, srtext FROM spatial_ref_sys ORDER BY srid")
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]int{}
	for _, code := range taken() {
		want[code] = code
	}
	for from, to := range accepted {
		want[from] = to
	}
	seen := 0
	for rows.Next() {
		var srid int
		var text string
		if err := rows.Scan(&srid, &text); err != nil {
			t.Fatal(err)
		}
		system, err := crs.FromWKT(text)
		if system.Code != want[srid] {
			t.Errorf("%d: %v, %v; want %d\n%s", srid, system, err, want[srid], text)
		}
		seen++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if seen < 5000 {
		t.Errorf("PostGIS lists %d systems only", seen)
	}
}
