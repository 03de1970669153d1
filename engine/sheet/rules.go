package sheet

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/engine/sheet/xlsx"
)

// Reason says why a row is no data row.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	AboveHead Reason = "above_head" // a title, or a line about the whole table
	Empty     Reason = "empty"      // rows between others that hold nothing
	Beside    Reason = "beside"     // holds something only to the right of the head
	Repeated  Reason = "repeated"   // the head or the title again, as on every printed page
	Numbers   Reason = "numbers"    // the columns' numbers, below the head
	Example   Reason = "example"    // marked as an example to the one who fills a form in
	Total     Reason = "total"      // a sum or a mean of rows: 合计, 小计
	Section   Reason = "section"    // the name of the rows below it: 一、规上企业
	Note      Reason = "note"       // a note, a signature or a date, and what continues it
	Serial    Reason = "serial"     // a row number and nothing else
)

// Dropped is a row that was left out, or several of them in a row.
type Dropped struct {
	Row, To int // the first and the last
	Why     Reason
	Text    string // what the row holds, as far as a line of a message takes it
}

// shown is a row as a line of a message.
func shown(cells []string) string {
	var b strings.Builder
	for _, c := range cells {
		if c = tidy(c); c == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(" | ")
		}
		if b.WriteString(c); b.Len() > 4*60 {
			break
		}
	}
	return xlsx.Clip(b.String())
}

// codeLength is how long a text of ASCII letters and digits is that must be a code: a
// row that has one is about an enterprise or a parcel, whatever else it says.
const codeLength = 15

// longestWord is more bytes than a word of the list has with what may stand around it.
const longestWord = 120

// rules tell rows that are no data.
type rules struct {
	words  words
	heads  [][]string // the rows of the head
	titles []string
	serial []bool // per column
	fresh  bool   // no data row since the head
	noted  bool   // no data row since a note

	scratch []byte
}

func newRules(headers []string) rules {
	r := rules{words: readWords(), serial: make([]bool, len(headers)), fresh: true}
	for i, h := range headers {
		r.serial[i] = r.words.serial[string(appendFolded(nil, h))]
	}
	return r
}

// title and head take in what a printed page repeats.
func (r *rules) title(l line) {
	if l.filled() == 1 {
		r.titles = append(r.titles, tidy(l.cells[len(l.cells)-1]))
	}
}

func (r *rules) head(l line) {
	row := make([]string, len(l.cells))
	for i, c := range l.cells {
		row[i] = tidy(c)
	}
	if l.filled() == 1 {
		r.title(l)
		return
	}
	r.heads = append(r.heads, row)
}

// row is what the rules look at in a row.
type row struct {
	cells []string
	holds []xlsx.Content
	first int // the first cell that holds something
	count int // of the cells that do
	texts int // of those that hold words, and no sign for nothing
	words [2]int
	code  bool // one of them must be a code
}

// drops says why a row is no data; empty when it is.
func (r *rules) drops(cells []string, holds []xlsx.Content) Reason {
	w := r.look(cells, holds)
	why := r.why(w)
	switch why {
	case "":
		r.fresh, r.noted = false, false
	case Note:
		r.noted = true
	case Repeated:
		r.fresh = true
	}
	return why
}

func (r *rules) look(cells []string, holds []xlsx.Content) row {
	w := row{cells: cells, holds: holds, first: -1}
	for i, h := range holds {
		if h == xlsx.Nothing {
			continue
		}
		if h == xlsx.Text && strings.TrimSpace(cells[i]) == "" {
			continue
		}
		if w.count++; w.first < 0 {
			w.first = i
		}
		if h != xlsx.Text || len(cells[i]) <= 8 && r.words.nothing[string(r.fold(cells[i]))] {
			continue
		}
		if code := isCode(cells[i]); code || r.figure(cells[i]) {
			w.code = w.code || code
			continue
		}
		if w.texts < len(w.words) {
			w.words[w.texts] = i
		}
		w.texts++
	}
	return w
}

func (r *rules) why(w row) Reason {
	switch {
	case w.count == 0:
		return Empty
	case r.repeats(w):
		return Repeated
	case r.fresh && r.numbers(w):
		return Numbers
	case r.example(w):
		return Example
	case w.count == 1 && w.texts == 0 && r.serial[w.first]:
		return Serial
	case w.code:
		return ""
	case r.total(w):
		return Total
	case r.section(w):
		return Section
	case r.note(w):
		return Note
	}
	return ""
}

// fold is a text as words are compared, until the next call.
func (r *rules) fold(s string) []byte {
	r.scratch = appendFolded(r.scratch[:0], s)
	return r.scratch
}

// figure says whether a text is a number that was entered as text.
func (r *rules) figure(s string) bool {
	if c := s[0]; c >= 'A' && c < 0xEF && c != 0xC2 || len(s) > longestWord {
		return false
	}
	for _, c := range r.fold(s) {
		if (c < '0' || c > '9') && bytes.IndexByte([]byte(".,+-%()"), c) < 0 {
			return false
		}
	}
	return true
}

func isCode(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) < codeLength {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// repeats says whether the row is one of the head's, or a title, over again.
func (r *rules) repeats(w row) bool {
	if w.count == 1 {
		return slices.Contains(r.titles, tidy(w.cells[w.first]))
	}
	for _, head := range r.heads {
		same := 0
		for c := w.first; c < len(w.cells); c++ {
			if w.holds[c] == xlsx.Nothing {
				continue
			}
			if c >= len(head) || head[c] != w.cells[c] && head[c] != tidy(w.cells[c]) {
				same = 0
				break
			}
			same++
		}
		if same > 1 {
			return true
		}
	}
	return false
}

// numbers says whether the row numbers the columns: 甲, 乙, 1, 2, 3=1+2.
func (r *rules) numbers(w row) bool {
	last, numbered := 0, 0
	for c := w.first; c < len(w.cells); c++ {
		if w.holds[c] == xlsx.Nothing {
			continue
		}
		cell := r.fold(w.cells[c])
		if r.words.letter[string(cell)] {
			continue
		}
		cell, _, _ = bytes.Cut(bytes.Trim(cell, "()"), []byte("="))
		n := 0
		for _, d := range cell {
			if d < '0' || d > '9' || n > xlsx.MostColumns {
				return false
			}
			n = n*10 + int(d-'0')
		}
		if n != last+1 {
			return false
		}
		last = n
		numbered++
	}
	return numbered >= 3
}

// example says whether the row is marked as one: （示例）…, 示例：….
func (r *rules) example(w row) bool {
	if w.holds[w.first] != xlsx.Text || len(w.cells[w.first]) > longestWord {
		return false
	}
	cell := r.fold(w.cells[w.first])
	rest, bracketed := bytes.CutPrefix(cell, []byte("("))
	if !bracketed {
		rest, bracketed = bytes.CutPrefix(cell, []byte("\u3010"))
	}
	rest, marked := bytes.CutPrefix(rest, []byte(r.words.example))
	if !marked {
		return false
	}
	if bracketed {
		return bytes.HasPrefix(rest, []byte(")")) || bytes.HasPrefix(rest, []byte("\u3011"))
	}
	return len(rest) == 0 || rest[0] == ':'
}

// total says whether the row sums others: one of its first two texts is a word for it,
// alone, with a count behind it, or in brackets; or its only text ends in one.
func (r *rules) total(w row) bool {
	for i := range min(w.texts, len(w.words)) {
		cell := w.cells[w.words[i]]
		if len(cell) > longestWord {
			continue
		}
		word := r.fold(cell)
		if at := bytes.IndexAny(word, ":("); at > 0 {
			word = word[:at]
		}
		digits := bytes.IndexAny(word, "0123456789")
		switch {
		case r.words.total[string(word)]:
			return true
		case digits > 0 && r.words.total[string(word[:digits])]:
			return true
		case w.texts == 1 && r.words.running[string(word)]:
			return true
		case w.texts == 1 && w.count > 1 && r.endsTotal(word):
			return true
		}
	}
	return false
}

// endsTotal says whether a text ends in a word for a sum: 城东街道小计.
func (r *rules) endsTotal(word []byte) bool {
	for at := len(word); at > 0; {
		_, n := utf8.DecodeLastRune(word[:at])
		at -= n
		if len(word)-at >= 6 && r.words.total[string(word[at:])] {
			return true
		}
	}
	return false
}

// section says whether the row's only text begins with an ordinal: 一、, （二）.
func (r *rules) section(w row) bool {
	if w.texts != 1 || len(w.cells[w.words[0]]) > longestWord {
		return false
	}
	cell := r.fold(w.cells[w.words[0]])
	cell, bracketed := bytes.CutPrefix(cell, []byte("("))
	rest := bytes.TrimLeft(cell, r.words.ordinal)
	if len(rest) == len(cell) {
		return false
	}
	if bracketed {
		return bytes.HasPrefix(rest, []byte(")"))
	}
	return bytes.HasPrefix(rest, []byte("\u3001"))
}

// note says whether the row is a note or a signature, or continues one: a text alone
// in its row behind a note.
func (r *rules) note(w row) bool {
	if w.holds[w.first] != xlsx.Text {
		return false
	}
	cell := w.cells[w.first]
	if r.noted && w.count == 1 {
		return true
	}
	word := r.fold(xlsx.Clip(cell))
	if r.words.note[string(word)] {
		return true
	}
	if at := bytes.IndexAny(word, ":.(0123456789\u3001"); at > 0 && r.words.note[string(word[:at])] {
		return true
	}
	fields := strings.Fields(xlsx.Clip(cell))
	return len(fields) > 1 && r.words.note[string(r.fold(fields[0]))]
}
