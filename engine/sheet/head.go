package sheet

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/muscope-gis/muscope/engine/sheet/xlsx"
)

const (
	searched     = 50 // rows that hold something and may begin the head
	joinable     = 3  // rows that are joined to look for a head
	mostHeadRows = 5
)

// Joint stands between the parts of a header of several rows, the last of which is
// next to the data.
const Joint = " > "

// finder finds the head among the first rows of a worksheet.
type finder struct {
	*top
	o Options
}

// at is a row of the first ones; an empty line where it holds nothing.
func (f *finder) at(row int) line {
	for _, l := range f.lines {
		if l.row == row {
			return l
		}
	}
	return line{row: row}
}

// find finds the first and the last row of the head.
func (f *finder) find() (first, last int, err error) {
	if f.o.HeaderAt > 0 {
		first = f.o.HeaderAt
		if n := f.o.HeaderRows; n > 0 {
			last = first + n - 1
		} else {
			last = f.down(first, first)
		}
		for row := first; row <= last; row++ {
			if !f.at(row).empty() {
				return first, last, nil
			}
		}
		return 0, 0, fmt.Errorf("row %d, which is to be its head, is empty", first)
	}
	if len(f.lines) == 0 {
		return 0, 0, errEmpty
	}
	if first, last = f.search(); first == 0 {
		return 0, 0, errNoHead
	}
	return first, last, nil
}

// search looks for the first rows that are known as a head, and takes the rows in
// that belong to them.
func (f *finder) search() (first, last int) {
	if n := f.o.HeaderRows; n > 0 {
		for _, l := range f.lines {
			if f.begins(l) && f.passes(l.row, l.row+n-1) {
				return l.row, l.row + n - 1
			}
		}
		return 0, 0
	}
	for _, l := range f.lines {
		for rows := 1; rows <= joinable; rows++ {
			if f.begins(l) && f.joins(l.row, rows) {
				return f.grown(l.row, l.row+rows-1)
			}
		}
	}
	best, most := 0, 2 // a wide form may have few columns that are known
	for _, l := range f.lines {
		if known, _ := f.known(f.join(l.row, l.row)); known > most && f.begins(l) {
			best, most = l.row, known
		}
	}
	if best == 0 {
		return 0, 0
	}
	return f.grown(best, best)
}

// begins says whether a row can begin a head.
func (f *finder) begins(l line) bool { return l.filled() >= 2 && headLike(l) }

// headLike says whether a row holds nothing that stands below heads only: numbers
// other than years, dates, errors.
func headLike(l line) bool {
	for i, h := range l.holds {
		switch {
		case h == xlsx.Nothing, h == xlsx.Text:
		case h == xlsx.Number && len(l.cells[i]) == 4 && (l.cells[i][:2] == "19" || l.cells[i][:2] == "20"):
		default:
			return false
		}
	}
	return true
}

// joins says whether that many rows are known together as a head, and no fewer of
// them are: a line about the whole table must not become part of every header.
func (f *finder) joins(first, rows int) bool {
	last := first + rows - 1
	if !f.passes(first, last) {
		return false
	}
	if rows == 1 {
		return true
	}
	for row := first; row <= last; row++ {
		l := f.at(row)
		if l.empty() || !headLike(l) || row == first && speaks(l) {
			return false
		}
		if row > first && f.passes(row, last) {
			return false
		}
	}
	return !f.passes(first+1, first+1)
}

// speaks says whether a row holds lines such as the unit or the sender of a table,
// which carry a colon, and no headers.
func speaks(l line) bool {
	for _, c := range l.cells {
		if strings.ContainsAny(c, ":\uFF1A") {
			return true
		}
	}
	return false
}

// passes says whether the rows joined are known as a head: two headers at least, and
// most of them.
func (f *finder) passes(first, last int) bool {
	known, all := f.known(f.join(first, last))
	return known >= 2 && 2*known > all
}

// known counts the headers that mean something, and those that are not empty.
func (f *finder) known(headers []string) (known, all int) {
	for _, h := range headers {
		if h == "" {
			continue
		}
		all++
		if f.o.Known != nil && f.o.Known(h) {
			known++
		}
	}
	return known, all
}

// grown takes the rows in that belong to the head below it and above.
func (f *finder) grown(first, last int) (int, int) {
	last = f.down(first, last)
	for last-first+1 < mostHeadRows && first > 1 && f.groups(first-1, first, last) {
		first--
	}
	return first, last
}

// down takes the rows in that belong to the head below it.
func (f *finder) down(first, last int) int {
	for last-first+1 < mostHeadRows && f.continues(first, last) {
		last++
	}
	return last
}

// continues says whether the row below the head is one more row of it: a cell of the
// head reaches down into it, or it divides a column group, or it makes more headers
// known, and none of those unknown that it adds to.
func (f *finder) continues(first, last int) bool {
	below := f.at(last + 1)
	for _, s := range f.spans {
		if s.Row >= first && s.Row <= last && s.LastRow > last {
			return true
		}
	}
	if below.empty() || !headLike(below) {
		return false
	}
	before, after := f.join(first, last), f.join(first, last+1)
	divides := false
	for c := range below.cells {
		if below.holds[c] == xlsx.Nothing {
			continue
		}
		grouped := f.grouped(last, c)
		divides = divides || grouped
		if !grouped && c < len(before) && before[c] != "" && f.o.Known != nil && f.o.Known(before[c]) && !f.o.Known(after[c]) {
			return false
		}
	}
	if divides && f.begin(first, last) {
		return true
	}
	was, _ := f.known(before)
	is, _ := f.known(after)
	return is > was
}

// grouped says whether a column lies under a cell of that row that spans several: by
// merging or, where nothing is merged, by the empty cells behind it.
func (f *finder) grouped(row, column int) bool {
	if s, ok := f.covering(row, column); ok {
		return s.LastColumn > s.Column
	}
	l := f.at(row)
	if _, holds := l.cell(column); holds == xlsx.Nothing {
		return true
	}
	_, next := l.cell(column + 1)
	return next == xlsx.Nothing && !f.begin(row, row)
}

// groups says whether the row above a head names groups of its columns: it has merged
// cells, or the headers are not distinct without it, and none gets unknown with it.
func (f *finder) groups(above, first, last int) bool {
	l := f.at(above)
	if !f.begins(l) || speaks(l) {
		return false
	}
	before, after := f.join(first, last), f.join(above, last)
	was, _ := f.known(before)
	is, _ := f.known(after)
	if is < was {
		return false
	}
	for _, s := range f.spans {
		if s.Row == above && s.LastColumn > s.Column {
			return true
		}
	}
	seen := map[string]bool{}
	for _, h := range before {
		if h != "" && seen[h] {
			return true
		}
		seen[h] = true
	}
	return false
}

// join is the head that these rows are: the parts of each column from the top down. A
// merged cell stands once over every column that it spans and that a row below
// divides.
func (f *finder) join(first, last int) []string {
	width := 0
	for row := first; row <= last; row++ {
		width = max(width, len(f.at(row).cells))
	}
	merged := f.begin(first, last)
	headers := make([]string, width)
	left := make([]string, last-first+1) // the last part of each row
	for c := range headers {
		for row := first; row <= last; row++ {
			part := f.part(row, c, last)
			if part != "" {
				left[row-first] = part
			} else if !merged && f.divided(row, c, last) {
				part = left[row-first] // nothing is merged: an empty cell belongs to the one before
			}
			switch {
			case part == "" || strings.HasSuffix(Joint+headers[c], Joint+part):
			case headers[c] == "":
				headers[c] = part
			default:
				headers[c] += Joint + part
			}
		}
	}
	for len(headers) > 0 && headers[len(headers)-1] == "" {
		headers = headers[:len(headers)-1]
	}
	return headers
}

// part is what one row of the head says of a column.
func (f *finder) part(row, column, last int) string {
	s, ok := f.covering(row, column)
	switch {
	case !ok:
		return f.own(row, column)
	case s.Row == row && (s.Column == column || f.divided(row, column, last)):
		return f.own(s.Row, s.Column)
	}
	return ""
}

// divided says whether a row of the head below has a part of its own for a column.
func (f *finder) divided(row, column, last int) bool {
	for below := row + 1; below <= last; below++ {
		if s, ok := f.covering(below, column); ok && (s.Row != below || s.Column != column) {
			continue
		}
		if f.own(below, column) != "" {
			return true
		}
	}
	return false
}

// own is a cell's text as part of a header.
func (f *finder) own(row, column int) string {
	held, _ := f.at(row).cell(column)
	return tidy(held)
}

// tidy is a text with its runs of white space as single spaces and none at its ends.
func tidy(s string) string {
	if strings.IndexFunc(s, unicode.IsSpace) < 0 {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// units adds the row below the head to it when it holds nothing but units, as 万元 and
// 亩 in brackets behind the headers.
func (f *finder) units(headers []string, last int) int {
	below := f.at(last + 1)
	if f.o.Unit == nil || below.empty() {
		return last
	}
	for c, h := range below.holds {
		if h == xlsx.Nothing {
			continue
		}
		if h != xlsx.Text || c >= len(headers) || !f.o.Unit(strings.Trim(tidy(below.cells[c]), "()\uFF08\uFF09")) {
			return last
		}
	}
	for c := range below.cells {
		if u := strings.Trim(tidy(below.cells[c]), "()\uFF08\uFF09"); u != "" {
			headers[c] += "\uFF08" + u + "\uFF09"
		}
	}
	return last + 1
}
