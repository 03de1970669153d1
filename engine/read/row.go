package read

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/engine/read/cell"
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
	schema   *table.Schema
	b        *table.Builder
	file     int32
	keys     []int    // fields of the key
	code     int      // the field that may be empty when name is not, or -1
	name     int      // the field that then stands for it
	key      [][]byte // text of the key's parts of the current row
	fault    Reject
	at       int // field of the fault; len(fields) when none
	rejects  []Reject
	read     int64
	wide     []byte
	cell     []byte
	measures []measure

	given     []given
	nullWords []string
	sentinels []unit.Date
	strict    int      // the field of parcel codes that must have the national form, or -1
	kept      *keeping // what a mapping asks for; nil: nothing

	system  crs.System   // of the coordinates that are read
	degrees wkb.Geometry // scratch
	astray  int64        // rows whose coordinates cannot be the system's
	first   stray        // of them
	ewkb    []byte       // of the shape, little-endian, in two dimensions and with an SRID; nil: it is not so
	// unnumbered is set where most rows may have no number.
	unnumbered bool
}

func newRows(s *table.Schema, file int32, capacity int) *rows {
	r := &rows{schema: s, b: table.NewBuilder(s, capacity), file: file, keys: s.NamedBy(), system: crs.WGS84, strict: -1}
	r.key = make([][]byte, len(r.keys))
	r.code, r.name, _ = s.StandIn()
	r.reset()
	return r
}

// newRows is for rows of the file being read.
func (sc *scan) newRows(capacity int) *rows {
	r := newRows(sc.schema, sc.file, capacity)
	r.given, r.nullWords, r.system, r.sentinels = sc.given, sc.settings.NullWords, sc.system, sc.settings.Sentinels
	if sc.settings.StrictCodes {
		r.strict = sc.schema.Index(parcelCodeColumn)
	}
	if sc.settings.Plan != nil {
		r.kept = sc.keeping()
	}
	return r
}

func (r *rows) reset() {
	r.at = len(r.schema.Fields) + 1
	for i := range r.key {
		r.key[i] = r.key[i][:0]
	}
	if r.kept != nil {
		clear(r.kept.how)
		r.kept.astray = r.astray
	}
}

// wholeRow is the field of a fault that no column has.
const wholeRow = -1

// fail notes a fault of the current row.
func (r *rows) fail(field int, value []byte, why Reason) {
	if slot := field - len(r.schema.Fields); slot >= 0 { // a kept cell: of the first column that is read from it
		if field = wholeRow; !r.kept.Raw && r.kept.Owner(slot) >= 0 {
			field = r.kept.Owner(slot)
		}
	}
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
	if slot, kept := r.slotOf(t); kept {
		r.keep(slot, v, heldText)
		return
	}
	if t.field < 0 || r.b.Set(t.field) {
		return
	}
	if v = cell.Trim(v); r.none(v) {
		return
	}
	if v[0] == '#' && cell.IsError(v) {
		r.fail(t.field, v, FormulaError)
		return
	}
	r.put(t, v)
}

// put sets a field from a text that is not empty.
func (r *rows) put(t target, v []byte) {
	if r.b.Set(t.field) {
		return
	}
	f := &r.schema.Fields[t.field]
	switch f.Kind {
	case table.Code, table.ID, table.Text:
		r.word(t.field, f, v)
	case table.Number:
		why := NotANumber
		if n, ok := cell.Number(v); ok {
			why = r.number(t, n)
		} else if n, own, ok := r.measured(t.field, v); ok {
			why = r.number(own, n)
		}
		if why != "" {
			r.fail(t.field, v, why)
		}
	case table.Integer:
		switch n, ok := cell.Integer(v); {
		case !ok:
			r.fail(t.field, v, NotAnInteger)
		case f.Name == "year" && (n < firstYear || n > lastYear):
			r.fail(t.field, v, UnknownValue)
		default:
			r.integer(t.field, n)
		}
	case table.Date:
		switch d, ok := cell.Date(v); {
		case ok:
			r.date(t.field, d)
		case cell.IncompleteDate(v):
			r.fail(t.field, v, DateIncomplete)
		default:
			r.fail(t.field, v, NotADate)
		}
	case table.Bool:
		if b, ok := cell.Boolean(v); ok {
			r.b.Bool(t.field, b)
		} else {
			r.fail(t.field, v, NotABoolean)
		}
	}
}

// number sets a number that is counted in the header's unit; it is not set, and
// the reason is returned, when the column does not take it.
func (r *rows) number(t target, v float64) Reason {
	v = cell.Times(v, t.mul, t.div)
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
		if cell.Mangled(v) {
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
	if field == r.strict && !parcelCode(v) {
		r.fail(field, v, CodeForm)
		return
	}
	r.noteKey(field, v)
	r.b.Text(field, v)
}

// date sets a date that does not stand for none.
func (r *rows) date(field int, d unit.Date) {
	if !slices.Contains(r.sentinels, d) {
		r.b.Date(field, d)
	}
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
		if !cell.Plain(c) || c >= 'a' && c <= 'z' {
			r.wide = cell.AppendCapitals(r.wide[:0], v)
			return r.wide
		}
	}
	return v
}

// jsonNumber sets a field from a JSON number: text columns take it as it stands,
// codes do not, for a number loses the zeros a code may begin with.
func (r *rows) jsonNumber(t target, v []byte) {
	if slot, kept := r.slotOf(t); kept {
		r.keep(slot, v, heldNumber)
		return
	}
	if t.field >= 0 && r.schema.Fields[t.field].Kind == table.Code {
		r.fail(t.field, v, CodeIsNumber)
		return
	}
	r.text(t, v)
}

// end closes the row that stands at the given row of the file.
func (r *rows) end(row int64) {
	if r.kept != nil && !r.mapped() {
		r.reset()
		return
	}
	r.read++
	if r.astray > 0 && r.first.row == 0 {
		r.first.row = row
	}
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
		r.fault.Amounts = amountsSet(r.b, r.schema)
		r.b.DropRow()
		r.fault.File, r.fault.Row = r.file, row
		r.fault.Key = Shown(bytes.Join(r.key, []byte("/")))
		r.rejects = append(r.rejects, r.fault)
	}
	r.reset()
}
