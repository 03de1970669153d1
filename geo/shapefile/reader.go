package shapefile

import (
	"encoding/binary"
	"fmt"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// Range is a run of records.
type Range struct {
	First int64 // number of the first, from 1
	Count int64
}

// All is the range of all records.
func (f *File) All() Range { return Range{1, f.count} }

// Ranges cuts the file into at most n ranges of about as many records each; none is
// empty.
func (f *File) Ranges(n int) []Range {
	parts := min(int64(max(n, 1)), f.count)
	ranges := make([]Range, 0, parts)
	for i := range parts {
		first, next := f.count*i/parts, f.count*(i+1)/parts
		ranges = append(ranges, Range{first + 1, next - first})
	}
	return ranges
}

// Reader reads a range record by record, as bufio.Scanner does: [Reader.Next] moves
// to the next record until it returns false, [Reader.Err] then says whether that
// was the end. It is used by one goroutine.
type Reader struct {
	f             *File
	shp, shx, dbf window
	text          decoder
	next, end     int64 // records, from 0
	at            int64 // without .shx: where record next-1, or that of a waypoint, begins
	deleted       int64
	err           error

	number  int64
	row     []byte // of the .dbf
	content []byte // of the record in the .shp; nil: nothing is there
	cells   []byte // decoded text of the row
	g       wkb.Geometry
	nest    nesting
}

// How much of each file a Reader holds; more when a record is longer.
const (
	shpWindow = 512 << 10
	dbfWindow = 256 << 10
	shxWindow = 16 << 10
)

// Read begins to read a range.
func (f *File) Read(r Range) *Reader {
	rd := &Reader{f: f, text: f.encoding.decoder()}
	rd.shp, rd.dbf = newWindow(f.shp, shpWindow), newWindow(f.dbf, dbfWindow)
	if f.shx.r != nil {
		rd.shx = newWindow(f.shx, shxWindow)
	}
	rd.Reset(r)
	return rd
}

// Reset begins another range of the same file, with the memory that is there.
// Records that the file has not are left out of it.
func (r *Reader) Reset(to Range) {
	r.next = min(max(to.First-1, 0), r.f.count)
	r.end = r.next + min(max(to.Count, 0), r.f.count-r.next)
	r.deleted, r.err, r.number, r.row, r.content = 0, nil, 0, nil, nil
	if r.f.shx.r == nil && r.next < r.end {
		r.err = r.walkTo(r.next)
	}
}

// walkTo finds where a record begins in a file without .shx.
func (r *Reader) walkTo(record int64) error {
	i := record / waypointEvery
	r.at = r.f.waypoints[i]
	for i *= waypointEvery; i < record; i++ {
		length, _, err := r.f.recordAt(&r.shp, r.at, i+1)
		if err != nil {
			return inFile(r.f.paths.shp, err)
		}
		r.at += recordHead + length
	}
	return nil
}

// Next moves to the next record that is not deleted. What was returned for the last
// one is not valid any more.
func (r *Reader) Next() bool {
	for r.err == nil && r.next < r.end {
		r.next++
		gone, err := r.readRow()
		if err == nil && (!gone || r.f.shx.r == nil) {
			err = r.readShape()
		}
		switch {
		case err != nil:
			r.err = err
		case gone:
			r.deleted++
		default:
			r.number, r.cells = r.next, r.cells[:0]
			return true
		}
	}
	return false
}

// readRow reads the attributes of record next and says whether it is deleted.
func (r *Reader) readRow() (deleted bool, err error) {
	t := &r.f.table
	r.row, err = r.dbf.at(t.first+(r.next-1)*int64(t.rowBytes), t.rowBytes)
	if err != nil {
		return false, inFile(r.f.paths.dbf, fmt.Errorf("record %d: %w", r.next, err))
	}
	switch r.row[0] {
	case ' ', 0:
		return false, nil
	case '*':
		return true, nil
	}
	return false, inFile(r.f.paths.dbf, fmt.Errorf("record %d begins with 0x%02x where a blank or * belongs: rows are not as long as the header says; write the layer again",
		r.next, r.row[0]))
}

// readShape reads the bytes of the shape of record next.
func (r *Reader) readShape() error {
	at, indexed := r.at, int64(-1)
	if r.f.shx.r != nil {
		entry, err := r.shx.at(headBytes+(r.next-1)*entryBytes, entryBytes)
		if err != nil {
			return inFile(r.f.paths.shx, fmt.Errorf("record %d: %w", r.next, err))
		}
		at, indexed = 2*int64(binary.BigEndian.Uint32(entry)), 2*int64(binary.BigEndian.Uint32(entry[4:]))
		if at == 0 && indexed == 0 { // a record that was taken out
			r.content = nil
			return nil
		}
		if at < headBytes {
			return inFile(r.f.paths.shx, fmt.Errorf("record %d: it is said to begin at byte %d, within the header: remove the .shx if the .shp is whole", r.next, at))
		}
	}
	length, _, err := r.f.recordAt(&r.shp, at, r.next)
	if err == nil && indexed >= 0 && indexed != length {
		err = fmt.Errorf("record %d at byte %d is %d bytes long here and %d by the .shx: one of them is from another time; write the layer again, or remove the .shx if the .shp is whole",
			r.next, at, length, indexed)
	}
	if err == nil {
		r.content, err = r.shp.at(at+recordHead, int(length))
	}
	if err != nil {
		return inFile(r.f.paths.shp, err)
	}
	r.at = at + recordHead + length
	return nil
}

// Err is the fault that ended the reading, which names file and record, or nil.
func (r *Reader) Err() error { return r.err }

// Number is the number of the record, from 1; deleted ones count.
func (r *Reader) Number() int64 { return r.number }

// Deleted is how many deleted records of the range were passed over so far.
func (r *Reader) Deleted() int64 { return r.deleted }
