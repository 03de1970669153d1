package geojson

import (
	"math"
	"slices"
	"strconv"

	"github.com/muscope-gis/muscope/geo/wkb"
)

const (
	scale = 1e7 // 7 decimals: about a centimetre
	// exactBelow bounds the coordinates that are rounded; larger ones have not
	// 7 decimals to spare in float64 and are written as they are.
	exactBelow = 1e8
	// positionBytes is room for [-99999999.1234567,-99999999.1234567], and more.
	positionBytes = 48
)

// AppendGeometry writes a geometry as RFC 7946 wants it: 7 decimals, rounded half
// away from zero and without trailing zeros, shells counter-clockwise and holes
// clockwise, turned where they are not. Empty rings and parts are left out; a
// geometry with nothing in it, or with a coordinate that is not finite, becomes
// null. box, if not nil, is extended by the coordinates as written.
func AppendGeometry(dst []byte, g *wkb.Geometry, box *wkb.Box) []byte {
	if g.Empty() || !g.Finite() {
		return append(dst, "null"...)
	}
	if box != nil {
		b := g.Bounds() // rounding keeps order, so only the corners are rounded
		*box = box.Extend(wkb.Box{
			MinX: rounded(b.MinX), MinY: rounded(b.MinY), MaxX: rounded(b.MaxX), MaxY: rounded(b.MaxY),
		})
	}
	dst = append(dst, `{"type":"`...)
	dst = append(dst, g.Type.String()...)
	dst = append(dst, `","coordinates":`...)
	switch g.Type {
	case wkb.Point:
		dst = appendPosition(dst, g.XY[0], g.XY[1])
	case wkb.LineString, wkb.MultiPoint:
		dst = appendRing(dst, g.XY, anyTurn)
	case wkb.MultiLineString:
		dst = append(dst, '[')
		for i := range g.NumRings() {
			if ring := g.Ring(i); len(ring) > 0 {
				dst = appendRing(comma(dst), ring, anyTurn)
			}
		}
		dst = append(dst, ']')
	case wkb.Polygon:
		dst = appendPolygon(dst, g, 0, g.NumRings())
	default:
		dst = append(dst, '[')
		for i := range g.NumParts() {
			from, to := g.Part(i)
			dst = appendPolygon(dst, g, from, to)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// appendPolygon writes rings from to to, the first with points as the shell, with
// a comma in front when another polygon stands there.
func appendPolygon(dst []byte, g *wkb.Geometry, from, to int) []byte {
	turn := counterClockwise
	for i := from; i < to; i++ {
		ring := g.Ring(i)
		if len(ring) == 0 {
			continue
		}
		if turn == counterClockwise {
			dst = append(comma(dst), '[')
		}
		dst = appendRing(comma(dst), ring, turn)
		turn = clockwise
	}
	if turn == clockwise {
		dst = append(dst, ']')
	}
	return dst
}

// comma separates what comes from an element that ends there.
func comma(dst []byte) []byte {
	if dst[len(dst)-1] == ']' {
		return append(dst, ',')
	}
	return dst
}

// turning is the way a ring must run.
type turning int

const (
	anyTurn          turning = 0
	counterClockwise turning = 1
	clockwise        turning = -1
)

// appendRing writes positions, from the last to the first when they run the
// wrong way.
func appendRing(dst []byte, ring []float64, turn turning) []byte {
	dst = slices.Grow(dst, 4+len(ring)/2*positionBytes)
	dst = append(dst, '[')
	i, step := 0, 2
	if turn != anyTurn && float64(turn)*windingArea(ring) < 0 {
		i, step = len(ring)-2, -2
	}
	for n := len(ring) / 2; n > 0; n-- {
		dst = appendPosition(dst, ring[i], ring[i+1])
		dst = append(dst, ',')
		i += step
	}
	dst[len(dst)-1] = ']'
	return dst
}

// windingArea is twice the ring's plane area as written, positive when it runs
// counter-clockwise. Conversions keep products from being fused: the sign is the
// same on every processor.
func windingArea(ring []float64) float64 {
	x0, y0 := nearest(ring[0]), nearest(ring[1])
	sum, px, py := 0.0, 0.0, 0.0
	for i := 2; i+1 < len(ring); i += 2 {
		x, y := nearest(ring[i])-x0, nearest(ring[i+1])-y0
		sum += float64(px*y) - float64(x*py)
		px, py = x, y
	}
	return sum
}

// nearest is v in units of the last decimal, rounded half away from zero.
func nearest(v float64) float64 {
	if math.Abs(v) >= exactBelow {
		return v * scale
	}
	if v < 0 {
		return float64(int64(float64(v*scale) - 0.5))
	}
	return float64(int64(float64(v*scale) + 0.5))
}

// rounded is v as it is written.
func rounded(v float64) float64 {
	if math.Abs(v) >= exactBelow {
		return v
	}
	return nearest(v) / scale
}

func appendPosition(dst []byte, x, y float64) []byte {
	dst = append(dst, '[')
	dst = appendCoordinate(dst, x)
	dst = append(dst, ',')
	dst = appendCoordinate(dst, y)
	return append(dst, ']')
}

// digitPairs holds 00 to 99.
var digitPairs = func() (t [200]byte) {
	for i := range 100 {
		t[2*i], t[2*i+1] = byte('0'+i/10), byte('0'+i%10)
	}
	return t
}()

// appendCoordinate writes v with up to 7 decimals. (The fraction is written by
// hand, two digits at a time, over what the slice has room for.)
func appendCoordinate(dst []byte, v float64) []byte {
	if math.Abs(v) >= exactBelow {
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	n := int64(nearest(v))
	if n < 0 {
		dst = append(dst, '-')
		n = -n
	}
	whole, rest := uint32(n/scale), uint32(n%scale)
	switch {
	case whole < 10:
		dst = append(dst, byte('0'+whole))
	case whole < 100:
		dst = append(dst, digitPairs[2*whole], digitPairs[2*whole+1])
	case whole < 1000:
		d := 2 * (whole % 100)
		dst = append(dst, byte('0'+whole/100), digitPairs[d], digitPairs[d+1])
	default:
		dst = strconv.AppendUint(dst, uint64(whole), 10)
	}
	if rest == 0 {
		return dst
	}
	a, b, c := 2*(rest/100000), 2*(rest/1000%100), 2*(rest/10%100)
	dst = append(dst, '.', digitPairs[a], digitPairs[a+1], digitPairs[b], digitPairs[b+1],
		digitPairs[c], digitPairs[c+1], byte('0'+rest%10))
	end := len(dst)
	for dst[end-1] == '0' {
		end--
	}
	return dst[:end]
}
