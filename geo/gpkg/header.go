package gpkg

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// Header is what stands in front of the WKB in a GeoPackage geometry.
type Header struct {
	SRS   int32 // the coordinate system's number in the file
	Empty bool  // the geometry has no point
}

// The flags byte of a header.
const (
	littleEndian  = 0x01
	envelopeShift = 1
	envelopeMask  = 0x07
	emptyFlag     = 0x10
	extendedFlag  = 0x20

	headBytes = 8
	xyBox     = 1 // the envelope's number: minimum and maximum of x, then of y
)

// envelopeBytes are the lengths of the envelopes that there are.
var envelopeBytes = [...]int{0, 32, 48, 48, 64}

// ParseHeader parts a geometry into its header and its WKB, which lies in blob. The
// envelope is passed over. The error wraps [ErrHeader].
func ParseHeader(blob []byte) (Header, []byte, error) {
	if len(blob) < headBytes || blob[0] != 'G' || blob[1] != 'P' {
		return Header{}, nil, fmt.Errorf("%w: it does not begin with GP", ErrHeader)
	}
	if blob[2] != 0 {
		return Header{}, nil, fmt.Errorf("%w of version 1: it is of version %d", ErrHeader, int(blob[2])+1)
	}
	flags := blob[3]
	if flags&extendedFlag != 0 {
		return Header{}, nil, fmt.Errorf("%w that is read: it is of an extended type", ErrHeader)
	}
	envelope := int(flags >> envelopeShift & envelopeMask)
	if envelope >= len(envelopeBytes) {
		return Header{}, nil, fmt.Errorf("%w: there is no envelope %d", ErrHeader, envelope)
	}
	from := headBytes + envelopeBytes[envelope]
	if len(blob) <= from {
		return Header{}, nil, fmt.Errorf("%w: it ends inside its header", ErrHeader)
	}
	order := binary.ByteOrder(binary.BigEndian)
	if flags&littleEndian != 0 {
		order = binary.LittleEndian
	}
	return Header{SRS: int32(order.Uint32(blob[4:])), Empty: flags&emptyFlag != 0}, blob[from:], nil
}

// appendGeometry writes a header and the geometry's WKB. Points carry no envelope.
func appendGeometry(dst []byte, srs int32, g *wkb.Geometry, box wkb.Box) []byte {
	boxed := g.Type != wkb.Point && !box.Empty()
	flags := byte(littleEndian)
	if boxed {
		flags |= xyBox << envelopeShift
	}
	if g.Empty() {
		flags |= emptyFlag
	}
	dst = append(dst, 'G', 'P', 0, flags)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(srs))
	if boxed {
		for _, v := range [...]float64{box.MinX, box.MaxX, box.MinY, box.MaxY} {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
		}
	}
	return g.Append(dst)
}
