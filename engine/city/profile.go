package city

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/parallel"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// MostDistinct is how many different texts of a column are counted; of more it is
// only said that there are more.
const MostDistinct = 1000

// Profile is what the used rows of a table have in one column.
type Profile struct {
	Table  string
	Field  table.Field
	Rows   int // used
	Values int // of them with a value
	// Of numbers and integers with a value: the median is a value that stands
	// there, of an even number the lower of the middle two.
	Least, Median, Largest float64
	First, Last            unit.Date // of dates with a value
	Distinct               int       // texts, at most MostDistinct
	More                   bool      // there are more than that
	True                   int       // booleans that are yes
	Example                string    // the value of the first row that has one, as reports print it
}

// Forms says how many codes of a column have which form.
type Forms struct {
	Table, Column string
	Counts        map[Form]int64
	Failing       []string // the credit codes that fail their check, ascending, once each
}

// Form is how a code is built.
type Form string

// The forms of codes: 统一社会信用代码 (GB 32100-2015) with the right check character or
// not; 宗地代码 of 19 characters, 不动产单元代码 of 28, or anything else, which is
// information and no fault.
const (
	CreditValid   Form = "valid"
	CreditFailing Form = "check_failed"
	Parcel19      Form = "parcel_19"
	Unit28        Form = "unit_28"
	OtherForm     Form = "other"
)

// profiler describes the columns of tables while their rows are held.
type profiler struct {
	ctx      context.Context
	workers  int
	profiles []Profile
	forms    []Forms
}

// note describes the used rows of a table: those of its columns that have a value.
func (p *profiler) note(s *table.Schema, rows table.Rows) {
	if p == nil {
		return
	}
	fields := s.Fields
	if s.Shape != table.NoGeometry {
		fields = fields[:len(fields)-1]
	}
	profiles, forms := make([]Profile, len(fields)), make([]Forms, len(fields))
	_ = parallel.Each(p.ctx, len(fields), p.workers, func(i int) error { // ends early only with the reading
		profiles[i] = Profile{Table: s.Name, Field: fields[i], Rows: rows.Len()}
		c := columnOf(rows, i)
		profiles[i].fill(c)
		profiles[i].Example = c.example()
		if form := formOf(fields[i]); form != nil && profiles[i].Values > 0 {
			forms[i] = c.forms(form)
			forms[i].Table, forms[i].Column = s.Name, fields[i].Name
		}
		return nil
	})
	for i := range profiles {
		if profiles[i].Values > 0 {
			p.profiles = append(p.profiles, profiles[i])
		}
		if forms[i].Counts != nil {
			p.forms = append(p.forms, forms[i])
		}
	}
}

// cells are the values of one column in used rows.
type cells struct {
	arrays []arrow.Array // by batch
	order  []table.Ref
}

func columnOf(rows table.Rows, field int) cells {
	c := cells{order: rows.Order}
	empty := true
	for _, b := range rows.Batches {
		a := b.Record.Column(field)
		empty = empty && a.NullN() == a.Len()
		c.arrays = append(c.arrays, a)
	}
	if empty {
		c.order = nil
	}
	return c
}

// each calls do for every value that is not null.
func (c cells) each(do func(a arrow.Array, row int)) {
	for _, ref := range c.order {
		if a := c.arrays[ref.Batch]; a.IsValid(int(ref.Row)) {
			do(a, int(ref.Row))
		}
	}
}

// example is the first value.
func (c cells) example() string {
	for _, ref := range c.order {
		if a := c.arrays[ref.Batch]; a.IsValid(int(ref.Row)) {
			if numbers, ok := a.(*array.Float64); ok {
				return strconv.FormatFloat(numbers.Value(int(ref.Row)), 'f', -1, 64)
			}
			return read.Shown([]byte(a.ValueStr(int(ref.Row))))
		}
	}
	return ""
}

// fill looks at every value.
func (p *Profile) fill(c cells) {
	switch p.Field.Kind {
	case table.Number, table.Integer:
		p.numbers(c)
	case table.Date:
		c.each(func(a arrow.Array, row int) {
			d := unit.Date(a.(*array.Date32).Value(row))
			if p.Values == 0 {
				p.First, p.Last = d, d
			}
			p.First, p.Last = min(p.First, d), max(p.Last, d)
			p.Values++
		})
	case table.Bool:
		c.each(func(a arrow.Array, row int) {
			if a.(*array.Boolean).Value(row) {
				p.True++
			}
			p.Values++
		})
	default:
		p.texts(c)
	}
}

func (p *Profile) numbers(c cells) {
	var values []float64
	c.each(func(a arrow.Array, row int) {
		if whole, ok := a.(*array.Int64); ok {
			values = append(values, float64(whole.Value(row)))
		} else {
			values = append(values, a.(*array.Float64).Value(row))
		}
	})
	p.Values = len(values)
	if p.Values == 0 {
		return
	}
	slices.Sort(values)
	p.Least, p.Median, p.Largest = values[0], values[(len(values)-1)/2], values[len(values)-1]
}

func (p *Profile) texts(c cells) {
	seen := map[string]struct{}{}
	c.each(func(a arrow.Array, row int) {
		p.Values++
		if p.More {
			return
		}
		seen[a.(*array.String).Value(row)] = struct{}{}
		p.More = len(seen) > MostDistinct
	})
	p.Distinct = min(len(seen), MostDistinct)
}

// forms counts the codes by form.
func (c cells) forms(form func(string) Form) Forms {
	f := Forms{Counts: map[Form]int64{}}
	failing := map[string]bool{}
	c.each(func(a arrow.Array, row int) {
		code := a.(*array.String).Value(row)
		is := form(code)
		f.Counts[is]++
		if is == CreditFailing && !failing[code] {
			code = strings.Clone(code) // the rows may be let go
			failing[code] = true
			f.Failing = append(f.Failing, code)
		}
	})
	slices.Sort(f.Failing)
	return f
}

// formOf tells the form of a column's codes; nil for columns whose codes are free.
func formOf(f table.Field) func(code string) Form {
	switch {
	case f.Credit:
		return func(code string) Form {
			if read.ValidCreditCode(code) {
				return CreditValid
			}
			return CreditFailing
		}
	case f.Name == "parcel_code":
		return parcelForm
	}
	return nil
}

// parcelForm tells 宗地代码 (six digits of the county, three and three, two letters,
// five digits) and 不动产单元代码 (one of F, L, Q, W and eight digits behind it; W, bare
// land, with zeros only).
func parcelForm(code string) Form {
	const parcel, whole = 19, 28
	if len(code) != parcel && len(code) != whole {
		return OtherForm
	}
	if !digits(code[:12]) || !letters(code[12:14]) || !digits(code[14:parcel]) {
		return OtherForm
	}
	if len(code) == parcel {
		return Parcel19
	}
	number := code[parcel+1:]
	if !strings.Contains("FLQW", code[parcel:parcel+1]) || !digits(number) || code[parcel] == 'W' && number != "00000000" {
		return OtherForm
	}
	return Unit28
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func letters(s string) bool { return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" }

// Profiles describe the columns that have a value in the used rows, by table in the
// contract's order and column in that of the table; none unless it was asked for.
func (k *Books) Profiles() []Profile {
	if k.profiler == nil {
		return nil
	}
	slices.SortStableFunc(k.profiler.profiles, func(a, b Profile) int { return byTable(a.Table, b.Table) })
	return k.profiler.profiles
}

// Forms say how the codes of parcels and enterprises are built, in the order of
// Profiles.
func (k *Books) Forms() []Forms {
	if k.profiler == nil {
		return nil
	}
	slices.SortStableFunc(k.profiler.forms, func(a, b Forms) int { return byTable(a.Table, b.Table) })
	return k.profiler.forms
}
