package sheet

import (
	"fmt"
	"slices"

	"github.com/muscope-gis/muscope/engine/sheet/xlsx"
)

// line is a row of the first ones, kept to find the head in.
type line struct {
	row   int
	cells []string
	holds []xlsx.Content
}

// empty says whether the row holds xlsx.Nothing.
func (l line) empty() bool { return len(l.cells) == 0 }

// cell is what a column of the row holds.
func (l line) cell(column int) (string, xlsx.Content) {
	if column >= len(l.cells) {
		return "", xlsx.Nothing
	}
	return l.cells[column], l.holds[column]
}

// filled counts the cells that hold something.
func (l line) filled() int {
	n := 0
	for _, h := range l.holds {
		if h != xlsx.Nothing {
			n++
		}
	}
	return n
}

// top is the first rows of a worksheet: where its head is looked for.
type top struct {
	lines  []line // without empty rows
	spans  []xlsx.Span
	covers map[int][]int32 // row: per column, one more than the span it lies in
	deeper int             // merged blocks over several rows further down
}

// readTop reads the first rows, up to the most that hold something or up to row last when
// that is given, and the merged cells among them.
func readTop(b *xlsx.Book, s xlsx.Sheet, most, last int) (*top, error) {
	g, err := b.Rows(s)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	t := &top{covers: map[int][]int32{}}
	for last > 0 || len(t.lines) < most {
		found, err := g.Next()
		if err != nil {
			return nil, err
		}
		if !found {
			return t, t.merges(g)
		}
		if last > 0 && g.Row > last {
			break
		}
		if len(g.Cells) > 0 {
			t.lines = append(t.lines, line{g.Row, slices.Clone(g.Cells), slices.Clone(g.Holds)})
		}
	}
	return t, t.merges(g)
}

// mostSpans is more merged cells than the first rows of any form have.
const mostSpans = 1 << 14

// merges reads the merged cells, to the end of the worksheet.
func (t *top) merges(g *xlsx.Rows) error {
	last := 0
	if n := len(t.lines); n > 0 {
		last = t.lines[n-1].row
	}
	return g.Merges(func(s xlsx.Span) error {
		switch {
		case s.Row > last:
			if s.LastRow > s.Row {
				t.deeper++
			}
		case len(t.spans) == mostSpans:
			return fmt.Errorf("its first rows have more than %d merged cells; unmerge them", mostSpans)
		default:
			t.spans = append(t.spans, s)
		}
		return nil
	})
}

// covering is the merged block that a cell is part of.
func (t *top) covering(row, column int) (xlsx.Span, bool) {
	covers, ok := t.covers[row]
	if !ok {
		covers = t.cover(row)
		t.covers[row] = covers
	}
	if column >= len(covers) || covers[column] == 0 {
		return xlsx.Span{}, false
	}
	return t.spans[covers[column]-1], true
}

// cover lays the merged blocks over a row; of two that overlap, which no program
// writes, the first.
func (t *top) cover(row int) []int32 {
	var covers []int32
	for i, s := range t.spans {
		if row < s.Row || row > s.LastRow || s.Column < len(covers) && covers[s.Column] != 0 {
			continue
		}
		if n := s.LastColumn + 1 - len(covers); n > 0 {
			covers = append(covers, make([]int32, n)...)
		}
		for c := s.Column; c <= s.LastColumn && covers[c] == 0; c++ {
			covers[c] = int32(i + 1)
		}
	}
	return covers
}

// begin says whether merged cells begin in these rows.
func (t *top) begin(first, last int) bool {
	for _, s := range t.spans {
		if s.Row >= first && s.Row <= last {
			return true
		}
	}
	return false
}
