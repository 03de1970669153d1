package portray

import (
	"maps"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/qgis"
)

// column is a column of a layer by its name, an empty one when there is none.
func column(l *write.Layer, name string) *write.Column {
	for i := range l.Columns {
		if l.Columns[i].Name == name {
			return &l.Columns[i]
		}
	}
	none := write.Null(name, write.KindText)
	return &none
}

// textAt, numberAt and dateAt are a column's value in a row; ok false is null, or a
// column of another kind.
func textAt(c *write.Column, i int) (v string, ok bool) {
	if c.Kind() != write.KindText {
		return "", false
	}
	return c.Text(i)
}

func numberAt(c *write.Column, i int) (v float64, ok bool) {
	switch c.Kind() {
	case write.KindNumber:
		return c.Number(i)
	case write.KindInteger:
		n, ok := c.Integer(i)
		return float64(n), ok
	}
	return 0, false
}

func dateAt(c *write.Column, i int) (ok bool) {
	if c.Kind() == write.KindDate {
		_, ok = c.Date(i)
	}
	return ok
}

// wide are the columns that hold sentences.
var wide = map[string]int{"holder_name": 220, "name": 200, "reasons": 320, "evidence": 320, "clause": 200}

// columns are a layer's columns with their names and units, and the words for their
// codes.
func (d *draft) columns(l *write.Layer) []qgis.Column {
	out := make([]qgis.Column, len(l.Columns))
	for i := range l.Columns {
		c := &l.Columns[i]
		out[i] = qgis.Column{Name: c.Name, Alias: alias(l.Name, c.Name), Width: wide[c.Name], Values: d.values(l, c)}
	}
	return out
}

// alias is a column's label with its unit.
func alias(layer, column string) string {
	for _, e := range fields.Dictionary() {
		if e.Table != layer || e.Column != column {
			continue
		}
		if unit := unit.LabelOf(e.Unit); e.Unit != "ratio" && unit != "" {
			return e.Zh + "（" + unit + "）"
		}
		return e.Zh
	}
	return column
}

// values are what people read instead of a column's codes: a word for each that is
// in the data.
func (d *draft) values(l *write.Layer, c *write.Column) []qgis.Value {
	switch {
	case c.Kind() == write.KindBool:
		return []qgis.Value{{Code: "true", Label: word("answer.true")}, {Code: "false", Label: word("answer.false")}}
	case l.Name == "parcels" && c.Name == "land_use":
		return landUses(l, c, column(l, "land_use_standard"))
	case l.Name == "land_mix_pieces" && c.Name == "code":
		return landUses(l, c, column(l, "standard"))
	}
	if fields.Vocabulary(l.Name, c.Name) == "" {
		return nil
	}
	var out []qgis.Value
	for _, code := range distinct(l, c) {
		out = append(out, qgis.Value{Code: code, Label: fields.Meaning(l.Name, c.Name, code, "zh")})
	}
	return out
}

// wordOf is the word for a code; a code of the dataset's own stands for itself.
func wordOf(words, code string) string {
	if id := words + "." + code; known(id) {
		return word(id)
	}
	return code
}

// distinct are the texts of a column, sorted.
func distinct(l *write.Layer, c *write.Column) []string {
	seen, last := map[string]bool{}, ""
	for i := range l.Rows {
		if v, ok := textAt(c, i); ok && v != last {
			seen[v], last = true, v
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// landUses are the names of the codes of land use that are there. A code of two
// standards that name it differently has both names.
func landUses(l *write.Layer, code, standard *write.Column) []qgis.Value {
	type pair struct{ standard, code string }
	seen := map[pair]bool{}
	var last pair
	for i := range l.Rows {
		c, ok := textAt(code, i)
		s, _ := textAt(standard, i)
		if p := (pair{s, c}); ok && p != last {
			seen[p], last = true, p
		}
	}
	names := map[string][]string{}
	for p := range seen {
		e, ok := codes.LandUse(p.standard, p.code)
		if ok && !slices.Contains(names[p.code], e.Zh) {
			names[p.code] = append(names[p.code], e.Zh)
		} else if names[p.code] == nil {
			names[p.code] = []string{}
		}
	}
	var out []qgis.Value
	for _, c := range slices.Sorted(maps.Keys(names)) {
		label := c
		if n := names[c]; len(n) > 0 {
			slices.Sort(n)
			label = strings.Join(n, " / ") + "（" + c + "）"
		}
		out = append(out, qgis.Value{Code: c, Label: label})
	}
	return out
}
