package policy

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/unit"
)

// decoder takes values out of nodes and collects what is wrong with them. A value
// that is wrong is read as its zero value.
type decoder struct {
	file     string
	mistakes Mistakes
	key      string // whose value is read
}

func (d *decoder) at(n *node, format string, args ...any) {
	d.place(n.line, n.column, format, args...)
}

func (d *decoder) place(line, column int, format string, args ...any) {
	d.mistakes = append(d.mistakes, Mistake{d.file, line, column, fmt.Sprintf(format, args...)})
}

// key is one key that a mapping may have.
type key struct {
	name     string
	required bool
	read     func(*node)
}

func need(name string, read func(*node)) key { return key{name, true, read} }
func may(name string, read func(*node)) key  { return key{name, false, read} }

// mapping reads a mapping's values by their keys, in the order of keys. Keys that
// are not known, stand twice or are missing are mistakes.
//
// The keys offered for misspelt ones are given back: they are not told of as missing.
func (d *decoder) mapping(n *node, what string, keys ...key) (misspelt []string) {
	if n.form != mapping {
		d.at(n, "%s must be a mapping, this is %s", what, n.form)
		return nil
	}
	misspelt = d.known(n, what, keys)
	for _, k := range keys {
		if v := n.entry(k.name); v != nil {
			d.key = k.name
			k.read(v)
		} else if k.required && !slices.Contains(misspelt, k.name) {
			d.at(n, "%s lacks %s", what, k.name)
		}
	}
	return misspelt
}

// known tells of keys that are not known or stand twice, and gives the keys that it
// offered for misspelt ones.
func (d *decoder) known(n *node, what string, keys []key) (misspelt []string) {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	seen := make(map[string]int, len(n.entries))
	for _, e := range n.entries {
		if first, twice := seen[e.key]; twice {
			d.place(e.line, e.column, "%s stands twice in %s, first in line %d", show(e.key), what, first)
			continue
		}
		seen[e.key] = e.line
		if !slices.Contains(names, e.key) {
			d.place(e.line, e.column, "%s has no key %s%s", what, show(e.key), offer(e.key, names))
			if meant, ok := Nearest(e.key, names); ok {
				misspelt = append(misspelt, meant)
			}
		}
	}
	return misspelt
}

// show is a text of the file as it stands in a message: quoted and not endless.
func show(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return strconv.Quote(s)
}

// text reads a single value that is not empty.
func (d *decoder) text(n *node) string {
	if n.form != scalar {
		d.at(n, "%s must be a single value, this is %s", d.key, n.form)
		return ""
	}
	s := strings.TrimSpace(n.text)
	if s == "" {
		d.at(n, "%s must not be empty", d.key)
	}
	return s
}

func (d *decoder) into(s *string) func(*node) { return func(n *node) { *s = d.text(n) } }

// oneOf reads a single value that must be one of the names.
func (d *decoder) oneOf(n *node, what string, names ...string) string {
	s := d.text(n)
	if s != "" && !slices.Contains(names, s) {
		d.at(n, "no %s %s%s", what, show(s), offer(s, names))
		return ""
	}
	return s
}

// name reads an id: letters, digits, dot, hyphen and underscore.
func (d *decoder) name(n *node) string {
	s := d.text(n)
	if i := strings.IndexFunc(s, notInName); i >= 0 {
		d.at(n, "id %s: only letters, digits, '.', '-' and '_' may stand in an id", show(s))
	}
	return s
}

func notInName(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_')
}

// items reads a list of at least one item.
func (d *decoder) items(n *node, what string, read func(*node)) {
	if n.form != list {
		d.at(n, "%s must be a list, this is %s", what, n.form)
	} else if len(n.items) == 0 {
		d.at(n, "%s must have at least one item", what)
	}
	for _, i := range n.items {
		read(i)
	}
}

// set reads a list of different values, each one of the names when there are any.
func (d *decoder) set(n *node, what string, names ...string) []string {
	var out []string
	d.items(n, what, func(i *node) {
		s := ""
		if len(names) > 0 {
			s = d.oneOf(i, what, names...)
		} else {
			s = d.text(i)
		}
		if s != "" && slices.Contains(out, s) {
			d.at(i, "%s %s stands twice", what, show(s))
		} else if s != "" {
			out = append(out, s)
		}
	})
	return out
}

// words reads a text in both languages.
func (d *decoder) words(what string, t *Text) func(*node) {
	return func(n *node) { d.mapping(n, what, need("zh", d.into(&t.Zh)), need("en", d.into(&t.En))) }
}

func (d *decoder) date(day *unit.Date) func(*node) {
	return func(n *node) {
		s := d.text(n)
		v, ok := unit.ParseDate(s)
		if s != "" && !ok {
			d.at(n, "%s is not a date of the form 2015-11-02", show(s))
		}
		*day = v
	}
}

func (d *decoder) yes(b *bool) func(*node) {
	return func(n *node) { *b = d.oneOf(n, "answer", "true", "false") == "true" }
}

// whole reads an integer from low to high.
func (d *decoder) whole(n *node, low, high int) int {
	s := d.text(n)
	v, err := strconv.Atoi(s)
	if s != "" && (err != nil || v < low || v > high) {
		d.at(n, "%s is not a whole number from %d to %d", show(s), low, high)
		return low
	}
	return v
}

// number reads a decimal number from low to high.
func (d *decoder) number(n *node, low, high float64) float64 {
	s := d.text(n)
	v, err := strconv.ParseFloat(s, 64)
	if s != "" && (err != nil || math.IsNaN(v) || v < low || v > high || strings.ContainsAny(s, "xXpP_")) {
		d.at(n, "%s is not a number from %v to %v", show(s), low, high)
		return low
	}
	return v
}

// fraction reads a share above 0 and up to 1, written 1/3 or 0.25.
func (d *decoder) fraction(n *node) Fraction {
	s := d.text(n)
	if s == "" {
		return Fraction{}
	}
	r, ok := new(big.Rat), len(s) <= 20 && !strings.ContainsAny(s, "eExXpP_")
	if ok {
		_, ok = r.SetString(s)
	}
	if !ok || r.Sign() <= 0 || r.Cmp(big.NewRat(1, 1)) > 0 || !r.Num().IsInt64() || !r.Denom().IsInt64() {
		d.at(n, "%s is not a share above 0 and up to 1, such as 1/3 or 0.25", show(s))
		return Fraction{}
	}
	return Fraction{r.Num().Int64(), r.Denom().Int64()}
}
