package postgis

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
)

// setter sets the cells of one column.
type setter struct {
	target read.Target
	set    func(c *read.Cells, s *setter, v []byte)
}

// sort is what the cells of a column are.
type sort struct {
	takes []table.Kind // nil: text, which any column is read from
	size  int          // bytes; 0: any
	set   func(c *read.Cells, s *setter, v []byte)
}

var (
	ofNumbers = []table.Kind{table.Number, table.Integer, table.ID, table.Bool, table.Text}
	ofDates   = []table.Kind{table.Date, table.Text}
	ofBools   = []table.Kind{table.Bool, table.Text}
)

// sorts are the types whose cells are taken as the server sends them, by their number.
// Others are asked for as text.
var sorts = map[uint32]sort{
	pgtype.TextOID:    {set: setText},
	pgtype.VarcharOID: {set: setText},
	pgtype.BPCharOID:  {set: setText},
	pgtype.NameOID:    {set: setText},
	pgtype.Int2OID:    {takes: ofNumbers, size: 2, set: func(c *read.Cells, s *setter, v []byte) { c.Whole(&s.target, int64(int16(wholeOf(v)))) }},
	pgtype.Int4OID:    {takes: ofNumbers, size: 4, set: func(c *read.Cells, s *setter, v []byte) { c.Whole(&s.target, int64(int32(wholeOf(v)))) }},
	pgtype.Int8OID:    {takes: ofNumbers, size: 8, set: func(c *read.Cells, s *setter, v []byte) { c.Whole(&s.target, wholeOf(v)) }},
	pgtype.Float4OID:  {takes: ofNumbers, size: 4, set: setSingle},
	pgtype.Float8OID: {takes: ofNumbers, size: 8, set: func(c *read.Cells, s *setter, v []byte) {
		c.Number(&s.target, math.Float64frombits(uint64(wholeOf(v))))
	}},
	pgtype.NumericOID:     {takes: ofNumbers, set: setNumeric},
	pgtype.BoolOID:        {takes: ofBools, size: 1, set: func(c *read.Cells, s *setter, v []byte) { c.Bool(&s.target, v[0] != 0) }},
	pgtype.DateOID:        {takes: ofDates, size: 4, set: setDate},
	pgtype.TimestampOID:   {takes: ofDates, size: 8, set: setTimestamp},
	pgtype.TimestamptzOID: {takes: ofDates, size: 8, set: setTimestamp},
	pgtype.UUIDOID:        {size: 16, set: setUUID},
}

// setterOf is how the cells of a column are set, and the expression that asks for them.
func (q *query) setterOf(c *column, t read.Target) (setter, string, error) {
	expression := quoted(c.name)
	how, known := sorts[c.oid]
	switch {
	case c.oid == pgtype.ByteaOID:
		return setter{}, "", fmt.Errorf("read %s: column %s is bytea, which does not hold %s; make it text", q.relation, oneLine(c.name), nameOf(t))
	case !known && c.category == 'A':
		how, expression = sorts[pgtype.TextOID], "pg_catalog.array_to_string("+expression+", ';')"
	case !known:
		how, expression = sorts[pgtype.TextOID], expression+"::text"
	case c.oid == pgtype.TimestamptzOID: // the day it is in the time zone of the database
		expression += "::timestamp"
	}
	if how.takes != nil && !t.Kept && !allows(how.takes, t.Kind) && t.Code == "" {
		return setter{}, "", fmt.Errorf("read %s: column %s is %s, which does not hold %s; make it text or its own type", q.relation, oneLine(c.name), oneLine(c.typ), nameOf(t))
	}
	if t.Code != "" && how.takes != nil && (&how.takes[0] == &ofNumbers[0] || !t.Kept) {
		return setter{}, "", fmt.Errorf("read %s: column %s is %s, but %s is a code and a number loses leading zeros; make it text, or say pad_zeros in mapping.yaml",
			q.relation, oneLine(c.name), oneLine(c.typ), t.Code)
	}
	set := how.set
	switch {
	case how.size > 0:
		set = sized(how.size, set)
	case q.ascii && how.takes == nil:
		set = setUnknown
	}
	return setter{t, set}, expression, nil
}

func allows(kinds []table.Kind, k table.Kind) bool {
	for _, one := range kinds {
		if one == k {
			return true
		}
	}
	return false
}

func nameOf(t read.Target) string {
	if t.Name == "" {
		return "what the mapping reads from it"
	}
	return t.Name
}

// sized refuses cells that a server has not sent as it should.
func sized(size int, set func(*read.Cells, *setter, []byte)) func(*read.Cells, *setter, []byte) {
	return func(c *read.Cells, s *setter, v []byte) {
		if len(v) != size {
			c.Fail(&s.target, nil, read.UnreadableText)
			return
		}
		set(c, s, v)
	}
}

func setText(c *read.Cells, s *setter, v []byte) { c.Text(&s.target, v) }

// setUnknown is for texts in an encoding that the server does not know.
func setUnknown(c *read.Cells, s *setter, v []byte) {
	if !utf8.Valid(v) {
		c.Fail(&s.target, v, read.UnreadableText)
		return
	}
	c.Text(&s.target, v)
}

// setSingle sets a number of single precision as the decimal it stands for.
func setSingle(c *read.Cells, s *setter, v []byte) {
	var text [32]byte
	c.Digits(&s.target, strconv.AppendFloat(text[:0], float64(math.Float32frombits(uint32(wholeOf(v)))), 'f', -1, 32))
}

// The days and microseconds of 2000-01-01, from which PostgreSQL counts, since 1970.
const (
	epochDay  = 10957
	microsDay = 86_400_000_000
)

func setDate(c *read.Cells, s *setter, v []byte) {
	day := int64(int32(wholeOf(v)))
	switch day {
	case math.MaxInt32:
		c.Fail(&s.target, []byte("infinity"), read.NotADate)
	case math.MinInt32:
		c.Fail(&s.target, []byte("-infinity"), read.NotADate)
	default:
		day += epochDay
		c.Day(&s.target, day, func(dst []byte) []byte { return appendDay(dst, day) })
	}
}

func setTimestamp(c *read.Cells, s *setter, v []byte) {
	micros := wholeOf(v)
	switch micros {
	case math.MaxInt64:
		c.Fail(&s.target, []byte("infinity"), read.NotADate)
		return
	case math.MinInt64:
		c.Fail(&s.target, []byte("-infinity"), read.NotADate)
		return
	}
	day := micros / microsDay
	if micros%microsDay < 0 {
		day--
	}
	rest := micros - day*microsDay
	day += epochDay
	c.Day(&s.target, day, func(dst []byte) []byte {
		dst = appendDay(dst, day)
		if rest == 0 {
			return dst
		}
		seconds := rest / 1e6
		return fmt.Appendf(dst, " %02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	})
}

// appendDay writes a date as people do, those before our era too.
func appendDay(dst []byte, day int64) []byte {
	z := day + 719468 // days since 0000-03-01, in eras of 400 years
	era := z / 146097
	if z%146097 < 0 {
		era--
	}
	of := z - era*146097
	y := (of - of/1460 + of/36524 - of/146096) / 365
	of -= 365*y + y/4 - y/100
	m := (5*of + 2) / 153
	d := of - (153*m+2)/5 + 1
	y += era * 400
	if m += 3; m > 12 {
		m -= 12
		y++
	}
	if y < 1 {
		return fmt.Appendf(dst, "%04d-%02d-%02d BC", 1-y, m, d)
	}
	return fmt.Appendf(dst, "%04d-%02d-%02d", y, m, d)
}

func setUUID(c *read.Cells, s *setter, v []byte) {
	c.Text(&s.target, fmt.Appendf(nil, "%x-%x-%x-%x-%x", v[0:4], v[4:6], v[6:8], v[8:10], v[10:16]))
}

// The signs of a numeric.
const (
	negative    = 0x4000
	notANumber  = 0xC000
	infinite    = 0xD000
	negInfinite = 0xF000
)

func setNumeric(c *read.Cells, s *setter, v []byte) {
	if len(v) < 8 || len(v) != 8+2*int(wholeOf(v[:2])) {
		c.Fail(&s.target, nil, read.UnreadableText)
		return
	}
	var text [64]byte
	switch wholeOf(v[4:6]) {
	case notANumber:
		c.Fail(&s.target, []byte("NaN"), read.NotANumber)
	case infinite:
		c.Fail(&s.target, []byte("Infinity"), read.NotANumber)
	case negInfinite:
		c.Fail(&s.target, []byte("-Infinity"), read.NotANumber)
	default:
		c.Digits(&s.target, appendNumeric(text[:0], v))
	}
}

// appendNumeric writes a numeric as its decimal: groups of four digits, the first of
// which counts 10000 to the power of its weight, and so many digits behind the point.
func appendNumeric(dst, v []byte) []byte {
	groups, weight, scale := int(wholeOf(v[:2])), int(int16(wholeOf(v[2:4]))), int(wholeOf(v[6:8]))
	group := func(i int) int64 {
		if i < 0 || i >= groups {
			return 0
		}
		return wholeOf(v[8+2*i : 10+2*i])
	}
	if wholeOf(v[4:6]) == negative {
		dst = append(dst, '-')
	}
	if weight < 0 {
		dst = append(dst, '0')
	}
	for i := 0; i <= weight; i++ {
		if i == 0 {
			dst = strconv.AppendInt(dst, group(0), 10)
		} else {
			dst = four(dst, group(i))
		}
	}
	if scale == 0 {
		return dst
	}
	dst = append(dst, '.')
	end := len(dst) + scale
	for i := weight + 1; len(dst) < end; i++ {
		dst = four(dst, group(i))
	}
	return dst[:end]
}

func four(dst []byte, n int64) []byte {
	return append(dst, byte('0'+n/1000), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
}
