package explain

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/policy"
)

// Write prints the explanation for people, in zh or en: a section for each step at
// the top, its steps below it in columns. Columns are measured in the cells of a
// terminal, of which a Chinese character takes two.
func (e *Explanation) Write(out io.Writer, lang string) error {
	p := &printer{lang: lang}
	p.line(p.word(string(e.Subject)), "  ", e.Code, "  ", e.Name)
	p.line(p.sentence(Note{"run", map[string]any{"year": whole(e.Year), "as_of": e.AsOf, "run": e.RunID}}))
	for i := range e.Steps {
		p.line("")
		p.section(&e.Steps[i])
	}
	for i, missing := range e.Missing {
		if i == 0 {
			p.line("")
		}
		p.line(p.sentence(missing))
	}
	_, err := io.WriteString(out, p.text.String())
	return err
}

type printer struct {
	lang string
	text strings.Builder
}

// line prints a line without control characters and the blanks at its end.
func (p *printer) line(parts ...string) {
	line := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.Join(parts, ""))
	p.text.WriteString(strings.TrimRight(line, " ") + "\n")
}

func (p *printer) word(id string) string { return fields.Word("explain."+id, p.lang) }

// section prints a step of the top with all below it.
func (p *printer) section(s *Step) {
	head := p.label(s)
	if cells := p.cells(s, nil); cells.value != "" || cells.rest != "" {
		head += p.word("colon") + strings.TrimSpace(cells.value+"  "+cells.rest)
	}
	p.line(head)
	p.below(s, 1)
}

// below prints the steps below one, in columns.
func (p *printer) below(s *Step, depth int) {
	rows := make([]cells, len(s.Steps))
	label, value := 0, 0
	for i := range s.Steps {
		rows[i] = p.cells(&s.Steps[i], s)
		label = max(label, cellsOf(rows[i].label))
		if rows[i].rest != "" && cellsOf(rows[i].value) <= widest {
			value = max(value, cellsOf(rows[i].value))
		}
	}
	for i := range s.Steps {
		r := rows[i]
		between := ""
		if value > 0 || r.value != "" {
			between = padded(r.value, value) + "  "
		}
		p.line(strings.Repeat("  ", depth), padded(r.label, label), "  ", between, r.rest)
		if !s.Steps[i].inline {
			p.below(&s.Steps[i], depth+1)
		}
	}
}

// widest is the widest value that notes behind it are lined up with.
const widest = 30

// cells are a step's columns.
type cells struct{ label, value, rest string }

// cells are what is printed of a step; clause and status that the one above it has are
// not said again.
func (p *printer) cells(s, above *Step) cells {
	c := cells{label: p.label(s), value: p.measured(s.Value, s.Unit)}
	if text, ok := s.Value.(string); ok && s.of == "figure" && s.ID != "ways" { // those stand in both languages
		c.value = fields.Phrase(text, p.lang)
	}
	var rest []string
	if s.Bound != nil {
		rest = append(rest, p.bound(s.Bound))
	}
	for _, n := range s.Notes {
		rest = append(rest, p.note(s, n))
	}
	if s.Clause != "" && (above == nil || s.Clause != above.Clause) {
		rest = append(rest, p.word("clause")+" "+s.Clause)
	}
	if s.Status != "" && (above == nil || s.Status != above.Status) {
		rest = append(rest, fields.Word("status."+s.Status, p.lang))
	}
	for i, source := range s.Sources {
		if i == 8 {
			rest = append(rest, "…")
			break
		}
		rest = append(rest, source.place())
	}
	for i := range s.Steps {
		if s.inline {
			below := p.cells(&s.Steps[i], s)
			rest = append(rest, strings.TrimSpace(below.label+" "+below.value+"  "+below.rest))
		}
	}
	rest = slices.DeleteFunc(rest, func(part string) bool { return part == "" })
	c.rest = strings.Join(rest, " · ")
	if c.value == "" && len(s.Steps) == 0 && c.rest == "" {
		c.value = "—"
	}
	return c
}

// place is file:row, or file!sheet:row; the name of a relation alone where rows have no
// number: the key that stands beside it tells them apart.
func (s Source) place() string {
	if s.Row == 0 {
		return s.File
	}
	if s.Sheet != "" {
		return fmt.Sprintf("%s!%s:%d", s.File, s.Sheet, s.Row)
	}
	return fmt.Sprintf("%s:%d", s.File, s.Row)
}

// note is a note of a step; those of the scorecard are told by their parts.
func (p *printer) note(s *Step, n Note) string {
	if s.ID != "scored" {
		return p.sentence(n)
	}
	switch n.ID {
	case "figure", "figure_and_bound", "only_bound":
		return p.held(n, s.scope == "Z" || s.scope == "C" || slices.ContainsFunc(s.Notes, func(n Note) bool { return n.ID == "counts" }))
	case "what_is_missing":
		names, _ := n.Args["missing"].(string)
		n.Args = map[string]any{"missing": p.lacking(names)}
	}
	return p.sentence(n)
}

// label is what a step is called.
func (p *printer) label(s *Step) string {
	if s.scope != "" {
		return fields.Word("scope."+s.scope, p.lang) + " " + s.Name
	}
	if s.Name != "" && s.of == "" {
		if id := "explain." + s.ID + ".named"; fields.Word(id, p.lang) != id {
			return strings.ReplaceAll(fields.Word(id, p.lang), "{name}", s.Name)
		}
		return s.Name
	}
	name := ""
	if s.Name != "" {
		name = s.Name + " "
	}
	switch s.of {
	case "":
		return p.word(s.ID)
	case "evidence":
		for _, layer := range []string{"idle_land", "supply"} {
			if zh, en := fields.Label(layer, s.ID); zh != "" {
				return policy.Text{Zh: zh, En: en}.In(p.lang)
			}
		}
		zh, en := fields.InputLabel("parcels", s.ID)
		return cmp.Or(policy.Text{Zh: zh, En: en}.In(p.lang), fields.Word(s.ID, p.lang))
	case "indicator":
		if one, ok := fields.FindIndicator(s.ID); ok {
			return name + one.Label(p.lang)
		}
		return name + s.ID
	}
	if zh, en := fields.Label(s.of, s.ID); zh != "" {
		return name + policy.Text{Zh: zh, En: en}.In(p.lang)
	}
	return name + fields.Word(s.of+"."+s.ID, p.lang)
}

// measured is a value with its unit; plain ratios are per cent.
func (p *printer) measured(v any, unit string) string {
	text := p.value(v)
	if n, ok := v.(json.Number); ok && unit == "ratio" {
		f, _ := n.Float64()
		return percent(f, 4)
	}
	if u := p.unit(unit); text != "" && u != "" {
		return text + " " + u
	}
	return text
}

func (p *printer) value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return p.word(map[bool]string{true: "yes", false: "no"}[v])
	case Word:
		return fields.Word(v.List+"."+v.ID, p.lang)
	case Text:
		return policy.Text(v).In(p.lang)
	case Share:
		return percent(float64(v), 2)
	}
	return ""
}

// percent is a ratio as per cent, to so many decimals.
func percent(ratio float64, decimals int) string {
	scale := math.Pow10(decimals)
	return strconv.FormatFloat(math.Round(ratio*100*scale)/scale, 'f', -1, 64) + " %"
}

// unit is a unit in the language, or several: one word, or two with _per_ between.
func (p *printer) unit(u string) string {
	if first, rest, several := strings.Cut(u, ";"); several {
		return strings.Trim(p.unit(first)+";"+p.unit(rest), ";")
	}
	if u == "" || u == "ratio" {
		return ""
	}
	of, per, two := strings.Cut(u, "_per_")
	if two {
		return p.word("unit."+of) + "/" + p.word("unit."+per)
	}
	return p.word("unit." + of)
}

// signs are how bounds are written.
var signs = map[string]string{"<=": "≤", ">=": "≥", "<": "<", ">": ">", "=": "=", "..": "…", "in": "∈"}

func (p *printer) bound(b *Bound) string {
	return p.word("bound") + " " + signs[b.Op] + " " + p.measured(b.Value, b.Unit)
}

// sentence is a note with its gaps filled.
func (p *printer) sentence(n Note) string {
	text := p.word("note." + n.ID)
	gaps := make([]string, 0, len(n.Args))
	for gap := range n.Args {
		gaps = append(gaps, gap)
	}
	slices.Sort(gaps)
	filled := make([]string, 0, 2*len(gaps))
	for _, gap := range gaps {
		text := p.value(n.Args[gap])
		if gap == "unit" {
			text = p.unit(text)
		}
		filled = append(filled, "{"+gap+"}", text)
	}
	return strings.TrimSpace(strings.NewReplacer(filled...).Replace(text))
}

// cellsOf is how many cells of a terminal a text takes: two for a wide character, none
// for one that is put over another.
func cellsOf(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		default:
			n++
			if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
				n++
			}
		}
	}
	return n
}

func padded(s string, cells int) string {
	return s + strings.Repeat(" ", max(0, cells-cellsOf(s)))
}
