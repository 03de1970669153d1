package read

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// target is where a header's cells go: a field and the factor to its unit.
type target struct {
	field    int // -1: no column has this header
	mul, div float64
}

// most is the largest amount, of either sign, that a column of a unit takes: a
// million km², nine trillion yuan. What lies beyond is a slip, such as a unit
// mistaken, and a few of them would overflow the integers that areas and money are
// added up in.
func most(u unit.Unit) float64 {
	switch u {
	case unit.SquareMetre:
		return 1e12
	case unit.WanYuan, unit.WanDollar:
		return 9e8
	}
	return math.Inf(1)
}

// firstYear and lastYear are the years that tables may have rows of.
const firstYear, lastYear = 1900, 2999

// rows assembles batches from cells, one row at a time, in whatever order the
// cells of a row come. The first fault by column order rejects the row.
type rows struct {
	schema  *table.Schema
	b       *table.Builder
	file    int32
	keys    []int    // fields of the key
	code    int      // the field that may be empty when name is not, or -1
	name    int      // the field that then stands for it
	key     [][]byte // text of the key's parts of the current row
	fault   Reject
	at      int // field of the fault; len(fields) when none
	rejects []Reject
	metres  int64 // rows whose coordinates look like metres
	read    int64
	wide    []byte
	cell    []byte
}

func newRows(s *table.Schema, file int32, capacity int) *rows {
	r := &rows{schema: s, b: table.NewBuilder(s, capacity), file: file, keys: s.NamedBy()}
	r.key = make([][]byte, len(r.keys))
	r.code, r.name, _ = s.StandIn()
	r.reset()
	return r
}

func (r *rows) reset() {
	r.at = len(r.schema.Fields) + 1
	for i := range r.key {
		r.key[i] = r.key[i][:0]
	}
}

// wholeRow is the field of a fault that no column has.
const wholeRow = -1

// fail notes a fault of the current row.
func (r *rows) fail(field int, value []byte, why Reason) {
	if field >= r.at {
		return
	}
	name := ""
	if field != wholeRow {
		name = r.schema.Fields[field].Name
	}
	r.at = field
	r.fault = Reject{Table: r.schema.Name, Column: name, Value: Shown(value), Reason: why}
}

// Shown is a value as reports print it: one line of at most 80 characters, with a
// space for each that is not seen: controls, line breaks, marks that turn the
// direction of writing.
func Shown(v []byte) string {
	s := strings.ToValidUTF8(string(v[:min(len(v), 400)]), "\uFFFD")
	s = strings.Map(func(c rune) rune {
		if unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return c
	}, s)
	if utf8.RuneCountInString(s) > 80 {
		s = string([]rune(s)[:79]) + "…"
	}
	return s
}

func (r *rows) noteKey(field int, v []byte) {
	for i, k := range r.keys {
		if k == field {
			r.key[i] = append(r.key[i][:0], v...)
		}
	}
}

// nameKey puts the name into the key of a row without a code.
func (r *rows) nameKey() {
	for i, k := range r.keys {
		if k == r.code && len(r.key[i]) == 0 {
			r.key[i] = append(r.key[i], r.b.Value(r.name)...)
		}
	}
}

// text sets a field from a cell's text, in any of the ways its kind is written.
func (r *rows) text(t target, v []byte) {
	if t.field < 0 || r.b.Set(t.field) {
		return
	}
	if v = trim(v); isNull(v) {
		return
	}
	f := &r.schema.Fields[t.field]
	switch f.Kind {
	case table.Code, table.ID, table.Text:
		r.word(t.field, f, v)
	case table.Number:
		why := NotANumber
		if n, ok := number(v); ok {
			why = r.number(t, n)
		}
		if why != "" {
			r.fail(t.field, v, why)
		}
	case table.Integer:
		switch n, ok := integer(v); {
		case !ok:
			r.fail(t.field, v, NotAnInteger)
		case f.Name == "year" && (n < firstYear || n > lastYear):
			r.fail(t.field, v, UnknownValue)
		default:
			r.integer(t.field, n)
		}
	case table.Date:
		if d, ok := date(v); ok {
			r.b.Date(t.field, d)
		} else {
			r.fail(t.field, v, NotADate)
		}
	case table.Bool:
		if b, ok := boolean(v); ok {
			r.b.Bool(t.field, b)
		} else {
			r.fail(t.field, v, NotABoolean)
		}
	}
}

// number sets a number that is counted in the header's unit; it is not set, and
// the reason is returned, when the column does not take it.
func (r *rows) number(t target, v float64) Reason {
	v = converted(v, t.mul, t.div)
	switch {
	case v-v != 0:
		return NotANumber
	case math.Abs(v) > most(r.schema.Fields[t.field].Unit):
		return OutOfRange
	}
	r.b.Number(t.field, v)
	return ""
}

// integer sets an integer; in a key it stands as its digits, however it was
// written.
func (r *rows) integer(field int, n int64) {
	var digits [20]byte
	r.noteKey(field, strconv.AppendInt(digits[:0], n, 10))
	r.b.Integer(field, n)
}

// word sets a text, code or id.
func (r *rows) word(field int, f *table.Field, v []byte) {
	if f.Kind == table.Code {
		if mangled(v) {
			r.fail(field, v, CodeIsNumber)
			return
		}
		if f.Credit {
			v = r.normalised(v)
		}
	}
	if len(f.OneOf) > 0 && !oneOf(f.OneOf, v) {
		r.fail(field, v, UnknownValue)
		return
	}
	r.noteKey(field, v)
	r.b.Text(field, v)
}

func oneOf(values []string, v []byte) bool {
	for _, o := range values {
		if string(v) == o {
			return true
		}
	}
	return false
}

// normalised is a credit code as it is compared, see [Capitals].
func (r *rows) normalised(v []byte) []byte {
	for _, c := range v {
		if !plain(c) || c >= 'a' && c <= 'z' {
			r.wide = capitals(r.wide[:0], v)
			return r.wide
		}
	}
	return v
}

// jsonNumber sets a field from a JSON number: text columns take it as it stands,
// codes do not, for a number loses the zeros a code may begin with.
func (r *rows) jsonNumber(t target, v []byte) {
	if t.field >= 0 && r.schema.Fields[t.field].Kind == table.Code {
		r.fail(t.field, v, CodeIsNumber)
		return
	}
	r.text(t, v)
}

// geometry sets a layer's geometry column, given as a parsed geometry; problem is
// what the format's reader found wrong with it.
func (r *rows) geometry(g *wkb.Geometry, problem string) {
	field := len(r.schema.Fields) - 1
	switch {
	case problem != "":
		r.fail(field, []byte(problem), UnreadableGeometry)
		return
	case g == nil:
		r.fail(field, nil, EmptyGeometry)
		return
	case !g.Type.Readable() || r.schema.Shape == table.Areal && !g.Type.Areal():
		r.fail(field, []byte(g.Type.String()), GeometryType)
		return
	case g.Empty():
		r.fail(field, nil, EmptyGeometry)
		return
	case !g.Finite():
		r.fail(field, nil, NotFinite)
		return
	}
	if box := g.Bounds(); !crs.LonLat(box.MinX, box.MinY, box.MaxX, box.MaxY) {
		r.fail(field, pair(box.MinX, box.MinY), CoordinateOutOfRange)
		r.metres++
		return
	}
	r.b.AppendText(field, g.Append)
}

// end closes the row that stands at the given row of the file.
func (r *rows) end(row int64) {
	r.read++
	for i := range r.schema.Fields {
		f := &r.schema.Fields[i]
		if i >= r.at {
			break
		}
		if f.Required && !r.b.Set(i) && !(f.OrNamed && r.b.Set(r.name)) {
			r.fail(i, nil, MissingValue)
		}
	}
	if r.at > len(r.schema.Fields) {
		r.b.EndRow(r.file, row)
	} else {
		r.nameKey()
		r.b.DropRow()
		r.fault.File, r.fault.Row = r.file, row
		r.fault.Key = Shown(bytes.Join(r.key, []byte("/")))
		r.rejects = append(r.rejects, r.fault)
	}
	r.reset()
}
