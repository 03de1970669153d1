package shapefile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// This file reads the headers of .shp and .shx and finds where records begin.

const (
	magic     = 9994
	headBytes = 100 // of the header of .shp and .shx
	// recordHead is the header of a record: its number and the length of what
	// follows, in 16-bit words.
	recordHead = 8
	entryBytes = 8 // of the .shx: where a record begins and its length, in words
)

// MaxRecord is the longest record that is read, in bytes, so that no file can eat
// the memory.
const MaxRecord = 256 << 20

// ShapeType is a type of shapes, numbered as in the format.
type ShapeType int32

// The types of shapes. Those with M have measures; those with Z heights, and mostly
// measures.
const (
	Null        ShapeType = 0
	Point       ShapeType = 1
	PolyLine    ShapeType = 3
	Polygon     ShapeType = 5
	MultiPoint  ShapeType = 8
	PointZ      ShapeType = 11
	PolyLineZ   ShapeType = 13
	PolygonZ    ShapeType = 15
	MultiPointZ ShapeType = 18
	PointM      ShapeType = 21
	PolyLineM   ShapeType = 23
	PolygonM    ShapeType = 25
	MultiPointM ShapeType = 28
	MultiPatch  ShapeType = 31
)

var shapeNames = map[ShapeType]string{
	Null: "Null", Point: "Point", PolyLine: "PolyLine", Polygon: "Polygon", MultiPoint: "MultiPoint",
	PointZ: "PointZ", PolyLineZ: "PolyLineZ", PolygonZ: "PolygonZ", MultiPointZ: "MultiPointZ",
	PointM: "PointM", PolyLineM: "PolyLineM", PolygonM: "PolygonM", MultiPointM: "MultiPointM",
	MultiPatch: "MultiPatch",
}

// String is the type's name in the format's description.
func (t ShapeType) String() string {
	if name, ok := shapeNames[t]; ok {
		return name
	}
	return fmt.Sprintf("shape type %d", int32(t))
}

// readHead reads the header of the .shp.
func (f *File) readHead() error {
	head, length, err := mainHead(f.shp, "a shapefile's .shp")
	if err != nil {
		return err
	}
	f.shape = ShapeType(binary.LittleEndian.Uint32(head[32:]))
	switch _, known := shapeNames[f.shape]; {
	case !known:
		return fmt.Errorf("its header declares %s, which does not exist", f.shape)
	case f.shape == MultiPatch:
		return errors.New("it holds MultiPatch surfaces, which are not read: export their footprints as Polygon")
	}
	f.end = length
	return nil
}

// mainHead reads the header that .shp and .shx have alike, and the file's length
// as it says.
func mainHead(p part, what string) (head [headBytes]byte, length int64, err error) {
	if n := min(p.size, headBytes); n < headBytes {
		return head, 0, fmt.Errorf("not %s: it has only %d bytes", what, n)
	}
	if _, err := p.r.ReadAt(head[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return head, 0, errText(err)
	}
	switch {
	case string(head[:4]) == "PK\x03\x04" || string(head[:2]) == "\x1f\x8b":
		return head, 0, errors.New("it is compressed: unpack it first")
	case binary.BigEndian.Uint32(head[:]) != magic:
		return head, 0, fmt.Errorf("not %s: it begins with % x instead of 00 00 27 0a", what, head[:4])
	}
	length = 2 * int64(binary.BigEndian.Uint32(head[24:]))
	if length < headBytes {
		return head, 0, fmt.Errorf("its header says that it is %d bytes long: it was not written to its end", length)
	}
	return head, length, nil
}

// readIndex counts the records by the .shx.
func (f *File) readIndex() error {
	_, length, err := mainHead(f.shx, "a shapefile's .shx")
	switch {
	case err != nil:
		return err
	case length > f.shx.size:
		return fmt.Errorf("it should be %d bytes long and has %d: it was cut short", length, f.shx.size)
	case (length-headBytes)%entryBytes != 0:
		return fmt.Errorf("it is %d bytes long, which is no whole number of entries", length)
	}
	f.count = (length - headBytes) / entryBytes
	return nil
}

// waypointEvery is how many records apart the places are that are kept of a file
// without .shx.
const waypointEvery = 1024

// walkAll counts the records of a .shp without .shx, and keeps where some begin.
func (f *File) walkAll() error {
	declared := f.end
	f.end = min(f.end, f.shp.size)
	w := newWindow(f.shp, 1<<16)
	for pos := int64(headBytes); pos < f.end; {
		if f.count%waypointEvery == 0 {
			f.waypoints = append(f.waypoints, pos)
		}
		length, number, err := f.recordAt(&w, pos, f.count+1)
		if err != nil {
			return err
		}
		if f.count == 0 {
			f.base = number
		}
		if number != f.base+f.count {
			return fmt.Errorf("record %d is numbered %d in the file and follows %d: lengths are wrong or old records were left in it, and there is no .shx to tell; send the .shx or write the layer again",
				f.count+1, number, f.base+f.count-1)
		}
		pos += recordHead + length
		f.count++
	}
	if declared > f.shp.size {
		return fmt.Errorf("it should be %d bytes long and ends after record %d at %d: it was cut short; copy it again",
			declared, f.count, f.shp.size)
	}
	return nil
}

// recordAt reads the header of a record: the length of what follows it, which lies
// within the file, and the number it has there.
func (f *File) recordAt(w *window, pos, record int64) (length, number int64, err error) {
	if pos > f.shp.size-recordHead {
		return 0, 0, fmt.Errorf("record %d at byte %d: the file ends within it, at %d: it was cut short; copy it again", record, pos, f.shp.size)
	}
	head, err := w.at(pos, recordHead)
	if err != nil {
		return 0, 0, fmt.Errorf("record %d: %w", record, err)
	}
	number = int64(int32(binary.BigEndian.Uint32(head)))
	length = 2 * int64(binary.BigEndian.Uint32(head[4:]))
	switch end := pos + recordHead + length; {
	case end > f.shp.size:
		return 0, 0, fmt.Errorf("record %d at byte %d is %d bytes long, but the file ends at %d: it was cut short, or the length is wrong; copy it again",
			record, pos, length, f.shp.size)
	case length < 4:
		return 0, 0, fmt.Errorf("record %d at byte %d is %d bytes long, too short for any shape: the length is wrong; write the layer again",
			record, pos, length)
	case length > MaxRecord:
		return 0, 0, fmt.Errorf("record %d at byte %d is %d bytes long, more than the %d that are read", record, pos, length, int64(MaxRecord))
	}
	return length, number, nil
}
