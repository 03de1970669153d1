package portray

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/muscope-gis/muscope/datasets/palette"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/qgis"
)

func colour(set, name string) qgis.Color { return qgis.RGB(palette.Of(set, name).RGB) }

var white = qgis.RGB(0xffffff)

// filled is a class as a filled polygon, with its hatch over it. Its outline thins out
// on maps of much ground, where outlines would hide what they enclose.
func filled(c palette.Class) qgis.Symbol {
	s := qgis.Symbol{Fill: qgis.RGB(c.RGB), Outline: colour("base", "edge"), Width: 0.12, Metres: 1.5}
	if c.Hatch != 0 {
		s.Hatch = &qgis.Hatch{Color: white, Angle: c.Hatch, Distance: 1.8, Width: 0.25}
	}
	return s
}

// marked is a class as an outline and a hatch through which what lies below is seen.
func marked(c palette.Class) qgis.Symbol {
	s := qgis.Symbol{Outline: qgis.RGB(c.RGB), Width: 0.7, Metres: 40}
	if c.Hatch != 0 {
		s.Hatch = &qgis.Hatch{Color: qgis.RGB(c.RGB), Angle: c.Hatch, Distance: 1.6, Width: 0.35}
	}
	return s
}

// outlined is a class as an outline alone.
func outlined(c palette.Class) qgis.Symbol {
	return qgis.Symbol{Outline: qgis.RGB(c.RGB), Width: 0.6, Metres: 30}
}

// classed is a renderer by a column of codes: the classes of a set, those of them
// that are in the data, in the set's order, then codes of the dataset's own, then
// what has no code.
func classed(l *write.Layer, by, set, words string, symbol func(palette.Class) qgis.Symbol, rest *qgis.Class) qgis.Renderer {
	there := distinct(l, column(l, by))
	r := qgis.Renderer{By: by}
	for _, c := range palette.Set(set) {
		if slices.Contains(there, c.Name) {
			r.Classes = append(r.Classes, qgis.Class{Value: c.Name, Label: wordOf(words, c.Name), Symbol: symbol(c)})
		}
	}
	further := 0
	for _, code := range there {
		if slices.ContainsFunc(r.Classes, func(c qgis.Class) bool { return c.Value == code }) {
			continue
		}
		extra := palette.Set("further")
		c := extra[further%len(extra)]
		further++
		r.Classes = append(r.Classes, qgis.Class{Value: code, Label: wordOf(words, code), Symbol: symbol(c)})
	}
	if rest != nil {
		r.Classes = append(r.Classes, *rest)
	}
	return r
}

// rest is the class of features without a code.
func rest(label string, c palette.Class, symbol func(palette.Class) qgis.Symbol) *qgis.Class {
	return &qgis.Class{Label: label, Symbol: symbol(c)}
}

// anyNumber and anyText say whether a column has a value at all.
func anyNumber(l *write.Layer, name string) bool {
	c := column(l, name)
	for i := range l.Rows {
		if _, ok := numberAt(c, i); ok {
			return true
		}
	}
	return false
}

func anyText(l *write.Layer, name string) bool {
	c := column(l, name)
	for i := range l.Rows {
		if _, ok := textAt(c, i); ok {
			return true
		}
	}
	return false
}

// mostLooked bounds how many rows breaks are found from.
const mostLooked = 20_000

// breaks are where a column's numbers are cut into so many classes of about as many
// rows each, rounded to two digits; fewer where they fall together.
func breaks(l *write.Layer, name string, classes int) []float64 {
	c := column(l, name)
	step := max(1, l.Rows/mostLooked)
	var values []float64
	for i := 0; i < l.Rows; i += step {
		if v, ok := numberAt(c, i); ok {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	var out []float64
	for k := 1; k < classes; k++ {
		at := rounded(values[k*len(values)/classes])
		if at > values[0] && at < values[len(values)-1] && (len(out) == 0 || at > out[len(out)-1]) {
			out = append(out, at)
		}
	}
	return out
}

// rounded is a number with two digits.
func rounded(v float64) float64 {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 2, 64), 64)
	return v
}

// farthest stands for no bound: QGIS knows no infinite one.
const farthest = 1e12

// graduated is a renderer by a column of numbers.
func graduated(l *write.Layer, by string) qgis.Renderer {
	colours := palette.Set("amount")
	cuts := append(breaks(l, by, len(colours)), farthest)
	r := qgis.Renderer{By: by, Numbers: true}
	low := -farthest
	for i, high := range cuts {
		shade := 0
		if len(cuts) > 1 {
			shade = int(math.Round(float64(i*(len(colours)-1)) / float64(len(cuts)-1)))
		}
		id := "map.legend.between"
		switch {
		case len(cuts) == 1:
			id = "map.legend.parcel"
		case i == 0:
			id = "map.legend.up_to"
		case high == farthest:
			id = "map.legend.over"
		}
		label := fill(word(id), "low", short(low), "high", short(high))
		r.Classes = append(r.Classes, qgis.Class{Low: low, High: high, Label: label, Symbol: filled(colours[shade])})
		low = high
	}
	return r
}

func short(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// nearness is a renderer by how near the day is from which idle land may be taken
// back without payment: two full years of idleness by the enterprise.
func (d *draft) nearness() qgis.Renderer {
	day := qgis.Field("take_back_from")
	days := fmt.Sprintf("to_date(%s) - to_date(%s)", day, qgis.Text(d.Manifest.AsOf))
	r := qgis.Renderer{By: fmt.Sprintf("CASE WHEN %s IS NULL THEN 'none' WHEN day(%s) <= 0 THEN 'passed' "+
		"WHEN day(%s) <= 183 THEN 'half_year' WHEN day(%s) <= 366 THEN 'year' ELSE 'later' END", day, days, days, days)}
	for _, c := range palette.Set("deadline") {
		r.Classes = append(r.Classes, qgis.Class{Value: c.Name, Label: word("deadline." + c.Name), Symbol: filled(c)})
	}
	return r
}
