package mapping

import (
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// kindName is what a column's values are, for messages.
func kindName(f table.Field) string {
	switch f.Kind {
	case table.Text:
		return "a text"
	case table.Code:
		if f.Credit {
			return "a credit code"
		}
		return "a code"
	case table.ID:
		return "an id"
	case table.Number:
		return "a number"
	case table.Integer:
		return "a whole number"
	case table.Date:
		return "a date"
	case table.Bool:
		return "true or false"
	}
	return "a geometry"
}

// plural are the kinds of columns as messages name many of them.
var plural = map[table.Kind]string{
	table.Text: "texts", table.Code: "codes", table.ID: "ids", table.Number: "numbers", table.Date: "dates", table.Bool: "true or false",
}

// kindOf tells of a key that is for columns of other kinds.
func (d *decoder) kindOf(n *parse.Node, f table.Field, key string, kinds ...table.Kind) bool {
	if slices.Contains(kinds, f.Kind) {
		return true
	}
	var names []string
	for _, k := range kinds {
		if name := plural[k]; name != "" { // whole numbers are numbers
			names = append(names, name)
		}
	}
	d.At(n, "%s is for %s, and %s is %s", key, strings.Join(names, ", "), f.Name, kindName(f))
	return false
}

// cell reads a value that stands for a column's cells. What is taken here is a cell
// that every reader of the column takes, in the plainest form.
func (d *decoder) cell(n *parse.Node, f table.Field) string {
	s := d.Text(n)
	if s == "" {
		return ""
	}
	if len(f.OneOf) > 0 {
		return d.OneOf(n, f.Name, f.OneOf...)
	}
	wrong := false
	switch f.Kind {
	case table.Number:
		wrong = !isNumber(s)
	case table.Integer:
		v, err := strconv.Atoi(s)
		wrong = err != nil || f.Name == "year" && (v < firstYear || v > lastYear)
	case table.Date:
		_, ok := unit.ParseDate(s)
		wrong = !ok
	case table.Bool:
		wrong = s != "true" && s != "false"
	}
	if !wrong {
		return s
	}
	form := ""
	switch {
	case f.Name == "year":
		form = " from 1900 to 2999"
	case f.Kind == table.Date:
		form = " of the form 2015-11-02"
	}
	d.At(n, "%s is not %s%s, and %s is one", parse.Show(s), kindName(f), form, f.Name)
	return ""
}

// isNumber says whether a text is a decimal number: -12.5, 1e3.
func isNumber(s string) bool {
	if strings.Trim(s, "0123456789.+-eE") != "" {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}
