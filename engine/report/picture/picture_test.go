package picture

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// polygon is a polygon of rings as WKB.
func polygon(rings ...[]float64) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{1}, 3)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(rings)))
	for _, r := range rings {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(r)/2))
		for _, v := range r {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	}
	return b
}

// square is a closed ring around a place; clockwise when its size is below 0.
func square(x, y, size float64) []float64 {
	h := math.Abs(size) / 2
	r := []float64{x - h, y - h, x + h, y - h, x + h, y + h, x - h, y + h, x - h, y - h}
	if size < 0 {
		r = []float64{r[0], r[1], r[6], r[7], r[4], r[5], r[2], r[3], r[8], r[9]}
	}
	return r
}

// areaOf is the area that a path encloses, of rings that turn either way.
func areaOf(t *testing.T, path string) (rings int, area float64) {
	t.Helper()
	for ring := range strings.SplitSeq(strings.TrimSuffix(path, "z"), "z") {
		start, steps, _ := strings.Cut(strings.TrimPrefix(ring, "M"), "l")
		nums := strings.Fields(strings.ReplaceAll(start+" "+steps, "-", " -"))
		x, y, sum := 0, 0, 0
		for i := 0; i+1 < len(nums); i += 2 {
			dx, err := strconv.Atoi(nums[i])
			dy, err2 := strconv.Atoi(nums[i+1])
			if err != nil || err2 != nil {
				t.Fatalf("path %s", ring)
			}
			if i == 0 {
				x, y = dx, dy
				continue
			}
			sum += x*(y+dy) - (x+dx)*y
			x, y = x+dx, y+dy
		}
		s := strings.Fields(strings.ReplaceAll(start, "-", " -"))
		x0, _ := strconv.Atoi(s[0])
		y0, _ := strconv.Atoi(s[1])
		sum += x*y0 - x0*y
		rings++
		area += float64(sum) / 2
	}
	return rings, area
}

func TestAShapeIsDrawnWithItsHolesWhicheverWayItsRingsTurn(t *testing.T) {
	f, ok := FrameOf(wkb.Box{MinX: 117, MinY: 31, MaxX: 117.1, MaxY: 31.1})
	if !ok {
		t.Fatal("no frame")
	}
	var want float64
	for i, shape := range [][]byte{
		polygon(square(117.05, 31.05, 0.06), square(117.05, 31.05, -0.02)), polygon(square(117.05, 31.05, -0.06), square(117.05, 31.05, -0.02)),
		polygon(square(117.05, 31.05, 0.06), square(117.05, 31.05, 0.02)), polygon(square(117.05, 31.05, -0.06), square(117.05, 31.05, 0.02)),
	} {
		tr := &Trace{Frame: &f}
		if err := tr.Shape(shape); err != nil {
			t.Fatal(err)
		}
		rings, area := areaOf(t, string(tr.Path))
		if i == 0 {
			want = area
		}
		whole := f.scale * f.scaleX * (0.06*0.06 - 0.02*0.02)
		if rings != 2 || area != want || math.Abs(math.Abs(area)-whole) > whole*0.01 {
			t.Errorf("%d: %d rings around %v, want 2 around %v", i, rings, area, whole)
		}
	}
}

func TestAShapeKeepsItsFormWithFewPointsAndATinyOneIsADot(t *testing.T) {
	f, _ := FrameOf(wkb.Box{MinX: 117, MinY: 31, MaxX: 117.1, MaxY: 31.1})
	var ring []float64
	for i := range 20_001 {
		a := float64(i%20_000) / 20_000 * 2 * math.Pi
		ring = append(ring, 117.05+0.04*math.Cos(a), 31.05+0.04*math.Sin(a))
	}
	tr := &Trace{Frame: &f}
	if err := tr.Shape(polygon(ring)); err != nil {
		t.Fatal(err)
	}
	_, area := areaOf(t, string(tr.Path))
	whole := math.Pi * 0.04 * 0.04 * f.scale * f.scaleX
	if len(tr.Path) > 900 || math.Abs(math.Abs(area)-whole) > whole*0.01 {
		t.Errorf("%d bytes around %v of %v", len(tr.Path), area, whole)
	}
	tr = &Trace{Frame: &f}
	if err := tr.Shape(polygon(square(117.05, 31.05, 1e-9))); err != nil || len(tr.Path) == 0 || len(tr.Path) > 40 {
		t.Errorf("%v: %s", err, tr.Path)
	}
	tr = &Trace{Frame: &f}
	if err := tr.Shape(polygon(square(118.05, 31.05, 0.01))); err != nil || len(tr.Path) > 0 {
		t.Errorf("what lies outside is drawn: %v: %s", err, tr.Path)
	}
}
