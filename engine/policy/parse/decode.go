package parse

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Decoder takes values out of nodes and collects what is wrong with them. A value
// that is wrong is read as its zero value.
type Decoder struct {
	File     string
	Mistakes Mistakes
	key      string // whose value is read
}

// At tells of a mistake at a node.
func (d *Decoder) At(n *Node, format string, args ...any) {
	d.Place(n.Line, n.Column, format, args...)
}

// Place tells of a mistake at a line and column.
func (d *Decoder) Place(line, column int, format string, args ...any) {
	d.Mistakes = append(d.Mistakes, Mistake{d.File, line, column, fmt.Sprintf(format, args...)})
}

// Key is one key that a mapping may have.
type Key struct {
	name     string
	required bool
	read     func(*Node)
}

// Need is a key that must stand in its mapping.
func Need(name string, read func(*Node)) Key { return Key{name, true, read} }

// May is a key that may be left out.
func May(name string, read func(*Node)) Key { return Key{name, false, read} }

// Mapping reads a mapping's values by their keys, in the order of keys. Keys that
// are not known, stand twice or are missing are mistakes.
//
// The keys offered for misspelt ones are given back: they are not told of as missing.
func (d *Decoder) Mapping(n *Node, what string, keys ...Key) (misspelt []string) {
	if n.Form != Mapping {
		d.At(n, "%s must be a mapping, this is %s", what, n.Form)
		return nil
	}
	misspelt = d.known(n, what, keys)
	for _, k := range keys {
		if v := n.Entry(k.name); v != nil {
			d.key = k.name
			k.read(v)
		} else if k.required && !slices.Contains(misspelt, k.name) {
			d.At(n, "%s lacks %s", what, k.name)
		}
	}
	return misspelt
}

// Each reads a mapping with keys of any name, at least one.
func (d *Decoder) Each(n *Node, what string, read func(key string, value *Node)) {
	if n.Form == Mapping && len(n.Entries) == 0 {
		d.At(n, "%s must have at least one key", what)
	}
	var keys []Key
	for _, e := range n.Entries {
		if n.Entry(e.Key) == e.Value { // the first of its name
			keys = append(keys, May(e.Key, func(v *Node) { read(e.Key, v) }))
		}
	}
	d.Mapping(n, what, keys...)
}

// known tells of keys that are not known or stand twice, and gives the keys that it
// offered for misspelt ones.
func (d *Decoder) known(n *Node, what string, keys []Key) (misspelt []string) {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	seen := make(map[string]int, len(n.Entries))
	for _, e := range n.Entries {
		if first, twice := seen[e.Key]; twice {
			d.Place(e.Line, e.Column, "%s stands twice in %s, first in line %d", Show(e.Key), what, first)
			continue
		}
		seen[e.Key] = e.Line
		if !slices.Contains(names, e.Key) {
			d.Place(e.Line, e.Column, "%s has no key %s%s", what, Show(e.Key), Offer(e.Key, names))
			if meant, ok := Nearest(e.Key, names); ok {
				misspelt = append(misspelt, meant)
			}
		}
	}
	return misspelt
}

// Show is a text of the file as it stands in a message: quoted and not endless.
func Show(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return strconv.Quote(s)
}

// Plain is a number without an exponent.
func Plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// Text reads a single value that is not empty.
func (d *Decoder) Text(n *Node) string {
	if n.Form != Scalar {
		d.At(n, "%s must be a single value, this is %s", d.key, n.Form)
		return ""
	}
	s := strings.TrimSpace(n.Text)
	if s == "" {
		d.At(n, "%s must not be empty", d.key)
	}
	return s
}

// Into reads a single value that is not empty into s.
func (d *Decoder) Into(s *string) func(*Node) { return func(n *Node) { *s = d.Text(n) } }

// OneOf reads a single value that must be one of the names.
func (d *Decoder) OneOf(n *Node, what string, names ...string) string {
	s := d.Text(n)
	if s != "" && !slices.Contains(names, s) {
		d.At(n, "no %s %s%s", what, Show(s), Offer(s, names))
		return ""
	}
	return s
}

// Name reads an id: letters, digits, dot, hyphen and underscore.
func (d *Decoder) Name(n *Node) string {
	s := d.Text(n)
	if i := strings.IndexFunc(s, NotInName); i >= 0 {
		d.At(n, "id %s: only letters, digits, '.', '-' and '_' may stand in an id", Show(s))
	}
	return s
}

// NotInName says whether a letter may not stand in an id.
func NotInName(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_')
}

// Items reads a list of at least one item.
func (d *Decoder) Items(n *Node, what string, read func(*Node)) {
	if n.Form != List {
		d.At(n, "%s must be a list, this is %s", what, n.Form)
	} else if len(n.Items) == 0 {
		d.At(n, "%s must have at least one item", what)
	}
	for _, i := range n.Items {
		read(i)
	}
}

// Set reads a list of different values, each one of the names when there are any.
func (d *Decoder) Set(n *Node, what string, names ...string) []string {
	var out []string
	d.Items(n, what, func(i *Node) {
		s := ""
		if len(names) > 0 {
			s = d.OneOf(i, what, names...)
		} else {
			s = d.Text(i)
		}
		if s != "" && slices.Contains(out, s) {
			d.At(i, "%s %s stands twice", what, Show(s))
		} else if s != "" {
			out = append(out, s)
		}
	})
	return out
}

// Date reads a civil date.
func (d *Decoder) Date(day *unit.Date) func(*Node) {
	return func(n *Node) {
		s := d.Text(n)
		v, ok := unit.ParseDate(s)
		if s != "" && !ok {
			d.At(n, "%s is not a date of the form 2015-11-02", Show(s))
		}
		*day = v
	}
}

// Yes reads true or false.
func (d *Decoder) Yes(b *bool) func(*Node) {
	return func(n *Node) { *b = d.OneOf(n, "answer", "true", "false") == "true" }
}

// Whole reads an integer from low to high.
func (d *Decoder) Whole(n *Node, low, high int) int {
	s := d.Text(n)
	v, err := strconv.Atoi(s)
	if s != "" && (err != nil || v < low || v > high) {
		d.At(n, "%s is not a whole number from %d to %d", Show(s), low, high)
		return low
	}
	return v
}

// Number reads a decimal number from low to high.
func (d *Decoder) Number(n *Node, low, high float64) float64 {
	s := d.Text(n)
	v, err := strconv.ParseFloat(s, 64)
	if s != "" && (err != nil || math.IsNaN(v) || v < low || v > high || strings.ContainsAny(s, "xXpP_")) {
		d.At(n, "%s is not a number from %s to %s", Show(s), Plain(low), Plain(high))
		return low
	}
	return v
}

// Positive reads a decimal number above 0 and up to high.
func (d *Decoder) Positive(n *Node, high float64) float64 {
	s := d.Text(n)
	v, err := strconv.ParseFloat(s, 64)
	if s != "" && (err != nil || !(v > 0 && v <= high) || strings.ContainsAny(s, "xXpP_")) {
		d.At(n, "%s is not a number above 0 and up to %s", Show(s), Plain(high))
		return 0
	}
	return v
}
