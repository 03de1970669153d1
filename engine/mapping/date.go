package mapping

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// DateFormat is how a column's dates are written: %Y is the year in four digits, %m the
// month and %d the day in one or two, other letters stand for themselves. What stands
// behind a space or a T after the date, a time, is dropped.
type DateFormat struct {
	Text string
	// LastDay is set when a date without a day, or without a month, is the last of it;
	// else it is the first.
	LastDay bool

	parts []part
}

// part is %Y, %m or %d, or a literal text.
type part struct {
	kind    byte // 'Y', 'm', 'd', or 0
	literal string
	full    bool // another number follows at once: all its digits must stand
}

// Date reads a cell that is written in the format; ok is false when it is not.
func (f *DateFormat) Date(cell []byte) (day unit.Date, ok bool) {
	year, month, dayOf := 0, 0, 0
	rest := cell
	for _, p := range f.parts {
		if p.kind == 0 {
			if len(rest) < len(p.literal) || string(rest[:len(p.literal)]) != p.literal {
				return 0, false
			}
			rest = rest[len(p.literal):]
			continue
		}
		least, most := 1, 2
		if p.kind == 'Y' {
			least, most = 4, 4
		} else if p.full {
			least = 2
		}
		n, v := 0, 0
		for n < most && n < len(rest) && rest[n]-'0' < 10 {
			v = v*10 + int(rest[n]-'0')
			n++
		}
		if n < least {
			return 0, false
		}
		rest = rest[n:]
		switch p.kind {
		case 'Y':
			year = v
		case 'm':
			month = v
		default:
			dayOf = v
		}
	}
	if len(rest) > 0 && rest[0] != ' ' && rest[0] != 'T' {
		return 0, false
	}
	return f.civil(year, month, dayOf)
}

// civil is the date of the parts that the format has.
func (f *DateFormat) civil(year, month, day int) (unit.Date, bool) {
	hasMonth, hasDay := f.has('m'), f.has('d')
	if hasDay {
		return unit.NewDate(year, month, day)
	}
	if !hasMonth {
		month = 1
		if f.LastDay {
			month = 12
		}
	}
	first, ok := unit.NewDate(year, month, 1)
	if !ok || !f.LastDay {
		return first, ok
	}
	for day := 31; day > 28; day-- {
		if last, ok := unit.NewDate(year, month, day); ok {
			return last, true
		}
	}
	return unit.NewDate(year, month, 28)
}

func (f *DateFormat) has(kind byte) bool {
	return slices.ContainsFunc(f.parts, func(p part) bool { return p.kind == kind })
}

// parseDateFormat reads a format; the error says what is wrong with it.
func parseDateFormat(s string) (*DateFormat, error) {
	f := &DateFormat{Text: s}
	for rest := s; rest != ""; {
		if rest[0] != '%' {
			text := rest
			if i := strings.IndexByte(rest, '%'); i >= 0 {
				text = rest[:i]
			}
			f.parts, rest = append(f.parts, part{literal: text}), rest[len(text):]
			continue
		}
		if len(rest) < 2 || !strings.ContainsRune("Ymd", rune(rest[1])) {
			_, n := utf8.DecodeRuneInString(rest[1:])
			return nil, fmt.Errorf("%s in a date format: known are %%Y, %%m and %%d", parse.Show(rest[:1+n]))
		}
		if f.has(rest[1]) {
			return nil, fmt.Errorf("%%%c stands twice in the date format %s", rest[1], parse.Show(s))
		}
		if n := len(f.parts); n > 0 && f.parts[n-1].kind != 0 {
			f.parts[n-1].full = true
		}
		f.parts, rest = append(f.parts, part{kind: rest[1]}), rest[2:]
	}
	switch {
	case !f.has('Y'):
		return nil, fmt.Errorf("the date format %s has no year, %%Y", parse.Show(s))
	case f.has('d') && !f.has('m'):
		return nil, fmt.Errorf("the date format %s has a day and no month, %%m", parse.Show(s))
	}
	return f, nil
}

// dateKeys are the keys of how dates are written.
func (d *decoder) dateKeys(n *parse.Node, f table.Field, c *Column) []parse.Key {
	format := n.Entry("format")
	return []parse.Key{
		parse.May("format", func(n *parse.Node) {
			if !d.kindOf(n, f, "format", table.Date) {
				return
			}
			s := d.Text(n)
			if s == "" {
				return
			}
			parsed, err := parseDateFormat(s)
			if err != nil {
				d.At(n, "%v", err)
				return
			}
			c.Dates = parsed
		}),
		parse.May("day", func(n *parse.Node) {
			last := d.OneOf(n, "day", "first", "last") == "last"
			switch {
			case format == nil:
				d.At(n, "day says which day a format without %%d means, and column %s has no format", c.Name)
			case c.Dates != nil && c.Dates.has('d'):
				d.At(n, "the date format %s has a day; day says nothing", parse.Show(c.Dates.Text))
			case c.Dates != nil:
				c.Dates.LastDay = last
			}
		}),
	}
}

// dayless tells of a format without a day when nothing says which is meant.
func (d *decoder) dayless(n *parse.Node, c *Column) {
	if c.Dates != nil && !c.Dates.has('d') && n.Entry("day") == nil {
		d.At(n.Entry("format"), "the date format %s has no day: say day: first or day: last", parse.Show(c.Dates.Text))
	}
}
