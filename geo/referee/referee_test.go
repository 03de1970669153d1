package referee_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/muscope-gis/muscope/geo/referee"
)

// box is the WKB of a rectangle.
func box(x1, y1, x2, y2 float64) []byte {
	b := []byte{1}
	b = binary.LittleEndian.AppendUint32(b, 3)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, 5)
	for _, v := range []float64{x1, y1, x2, y1, x2, y2, x1, y2, x1, y1} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func TestAnswersComeBackInTheOrderOfTheQuestions(t *testing.T) {
	conn := referee.Open(t)
	wkbs := [][]byte{box(0, 0, 1, 1), box(0, 0, 2, 3), box(5, 5, 5.5, 6)}
	got := referee.Floats(t, conn, "ST_Area(g) * $2", wkbs, 10.0)
	for i, want := range []float64{10, 60, 5} {
		if got[i] != want {
			t.Errorf("geometry %d: area %v, want %v", i, got[i], want)
		}
	}
}

func TestAPairIsAskedTogether(t *testing.T) {
	conn := referee.Open(t)
	a := [][]byte{box(0, 0, 2, 2), box(0, 0, 1, 1)}
	b := [][]byte{box(1, 1, 3, 3), box(2, 2, 3, 3)}
	got := referee.PairFloats(t, conn, "ST_Area(ST_Intersection(a, b))", a, b)
	if got[0] != 1 || got[1] != 0 {
		t.Errorf("overlaps %v, want [1 0]", got)
	}
}

func TestTextsBoolsAndGeometriesSpeakOfTheSameGeometry(t *testing.T) {
	conn := referee.Open(t)
	wkbs := [][]byte{box(1, 2, 3, 4)}
	if got := referee.Texts(t, conn, "ST_AsText(ST_Centroid(g))", wkbs)[0]; got != "POINT(2 3)" {
		t.Errorf("centroid %s, want POINT(2 3)", got)
	}
	if !referee.Bools(t, conn, "ST_IsValid(g)", wkbs)[0] {
		t.Error("a rectangle is said to be invalid")
	}
	if got := referee.Geometries(t, conn, "g", wkbs)[0]; string(got) != string(wkbs[0]) {
		t.Errorf("the geometry came back as % x, want % x", got, wkbs[0])
	}
}
