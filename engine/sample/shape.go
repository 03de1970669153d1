package sample

import (
	"encoding/binary"
	"math"

	"github.com/muscope-gis/muscope/geo/wkb"
)

const unitsPerDegree = 1e7

func degrees(v int64) float64 { return float64(v) / unitsPerDegree }

func appendHead(dst []byte, t wkb.Type) []byte { return append(dst, 1, byte(t), 0, 0, 0) }

func appendPoint(dst []byte, p point) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(degrees(p.x)))
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(degrees(p.y)))
}

func appendRing(dst []byte, ring []point, close bool) []byte {
	n := len(ring)
	if close {
		n++
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(n))
	for _, p := range ring {
		dst = appendPoint(dst, p)
	}
	if close {
		dst = appendPoint(dst, ring[0])
	}
	return dst
}

// appendPolygon is WKB of a shell and its holes, given without closing points;
// empty holes are left out.
func appendPolygon(dst []byte, shell []point, holes ...[]point) []byte {
	dst = appendHead(dst, wkb.Polygon)
	at, n := len(dst), uint32(1)
	dst = appendRing(binary.LittleEndian.AppendUint32(dst, 0), shell, true)
	for _, h := range holes {
		if len(h) > 0 {
			dst = appendRing(dst, h, true)
			n++
		}
	}
	binary.LittleEndian.PutUint32(dst[at:], n)
	return dst
}

// appendZone is a polygon, or a multipolygon of two.
func appendZone(dst []byte, z *zone) []byte {
	hole := reversed(z.hole)
	if len(z.part) == 0 {
		return appendPolygon(dst, z.shell, hole)
	}
	dst = binary.LittleEndian.AppendUint32(appendHead(dst, wkb.MultiPolygon), 2)
	return appendPolygon(appendPolygon(dst, z.shell, hole), z.part)
}

func appendLine(dst []byte, line []point) []byte {
	return appendRing(appendHead(dst, wkb.LineString), line, false)
}

func appendPlace(dst []byte, p point) []byte {
	return appendPoint(appendHead(dst, wkb.Point), p)
}
