package form

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/sheet"
	"github.com/muscope-gis/muscope/engine/unit"
)

// list is what a form may be about: the rows of a table or layer, to each of which those
// of others with the same key belong.
type list struct {
	name   string
	tables []string // the first has the rows
	layers bool     // layers go before tables of the same name: without the row outside
	key    string
	inputs []string // tables of the dataset whose names for columns are used as well
	about  []string // words of titles and names of sheets that speak of it
}

// lists are what forms are about; of two that understand as much the first is taken.
var lists = []list{
	{name: "grades", tables: []string{"grades", "land", "indicators"}, key: "credit_code", inputs: accounts, about: []string{"评价", "亩均", "亩产", "等级"}},
	{name: "land", tables: []string{"land", "indicators", "grades"}, key: "credit_code", inputs: accounts, about: []string{"用地面积", "租赁"}},
	{name: "idle_land", tables: []string{"idle_land", "supply", "parcels"}, key: "parcel_code", inputs: grounds, about: []string{"闲置"}},
	{name: "underused_land", tables: []string{"underused_land", "parcels", "supply"}, key: "parcel_code", inputs: grounds, about: []string{"低效"}},
	{name: "supply", tables: []string{"supply", "parcels"}, key: "parcel_code", inputs: grounds, about: []string{"供后", "批后", "供应", "供而未用"}},
	{name: "zones", tables: []string{"zones", "land_mix"}, layers: true, key: "zone_code", inputs: []string{"zones"}, about: []string{"开发区", "园区"}},
	{name: "parcels", tables: []string{"parcels", "supply"}, layers: true, key: "parcel_code", inputs: grounds, about: []string{"宗地", "地块"}},
}

var (
	accounts = []string{"enterprises", "output", "tax", "energy"}
	grounds  = []string{"parcels"}
)

// column is what a header of the form asks for.
type column struct {
	at            int    // of the sheet, from 0
	header        string // as it stands there
	table, column string // of the run; empty: it is own, or not understood
	own           string // what the list has beside its tables: serial, year, as_of, zone
	unit          string // that the form wants; empty: as it is
	mul, div      float64
}

// ours are what every list has beside its tables, by header.
var ours = map[string]string{
	"序号": "serial", "编号": "serial", "年度": "year", "年份": "year", "评价年度": "year", "核算年度": "year", "评价时点": "as_of", "基准日": "as_of", "数据截止日期": "as_of",
}

// zoned are headers that ask for the name of the zone where a row has its code only.
var zoned = []string{"所在开发区", "所属开发区", "开发区名称", "所在园区", "所属园区", "园区名称", "开发区", "园区"}

// understood is the list that a head asks for, with what each header means; nil: fewer
// than two are understood.
func understood(headers []string, about string) (best *list, columns []column) {
	most, hinted := 1, false
	for i := range lists {
		l := &lists[i]
		found, n := make([]column, 0, len(headers)), 0
		for at, h := range headers {
			if h == "" {
				continue
			}
			c := l.find(h)
			c.at = at
			if c.table != "" {
				n++
			}
			found = append(found, c)
		}
		hint := slices.ContainsFunc(l.about, func(word string) bool { return strings.Contains(about, word) })
		if n >= 2 && (hint && !hinted || n > most && hint == hinted) {
			best, columns, most, hinted = l, found, n, hint
		}
	}
	return best, columns
}

// find says what a header means in the list.
func (l *list) find(header string) column {
	c := column{header: header, mul: 1, div: 1}
	names, label := namesOf(header)
	for _, name := range names {
		if own := ours[name]; own != "" && label == "" {
			c.own = own
			return c
		}
		for _, table := range l.tables {
			if id, ok := fields.FormHeader(table, name); ok && c.takes(table, id, label) {
				return c
			}
		}
		for _, input := range l.inputs {
			id, _, ok := fields.Header(input, name)
			for _, table := range l.tables {
				if ok && id != "name" && c.has(table, id) && c.takes(table, id, label) {
					return c
				}
			}
		}
		if l.key == "parcel_code" && slices.Contains(zoned, name) && label == "" {
			c.own = "zone"
			return c
		}
	}
	return c
}

// has says whether the dictionary knows a column.
func (c *column) has(table, id string) bool {
	_, ok := fields.Explain(table, id)
	return ok && (slices.Contains([]string{"indicators", "grades"}, table) || inDictionary(table, id))
}

func inDictionary(table, id string) bool {
	return slices.ContainsFunc(fields.Dictionary(), func(e fields.Entry) bool { return e.Table == table && e.Column == id })
}

// takes makes the column that of a table, unless the form wants another unit than it can
// be given in.
func (c *column) takes(table, id, label string) bool {
	e, _ := fields.Explain(table, id)
	mul, div, ok := convert(e.Unit, label)
	if ok {
		c.table, c.column, c.unit, c.mul, c.div = table, id, label, mul, div
	}
	return ok
}

// convert says what numbers in a unit of the dictionary are multiplied with and divided
// by to be in that of a form, which may be of two parts: 万元/亩.
func convert(from, label string) (mul, div float64, ok bool) {
	if label == "" {
		return 1, 1, true
	}
	have, want := strings.Split(from, "_per_"), strings.FieldsFunc(label, func(r rune) bool { return r == '/' || r == '／' })
	if len(have) != len(want) || from == "" {
		return 0, 0, false
	}
	mul, div = 1, 1
	for i := range have {
		to, known := unit.Parse(strings.TrimSpace(want[i]))
		m, d, same := unit.Factor(unit.Unit(have[i]), to)
		if !known || !same {
			return 0, 0, false
		}
		if i > 0 { // what is below the stroke
			m, d = d, m
		}
		mul, div = mul*m, div*d
	}
	return mul, div, true
}

// namesOf are the ways to read a header of one or more rows, the unit apart: 税收 > 亩均
// （万元/亩） is 税收亩均 and 亩均税收, in 万元/亩. A part that changes nothing of what is below
// it, or is said there again, may be left out; one that says 上年 may not.
func namesOf(header string) (names []string, label string) {
	var parts []string
	for _, part := range strings.Split(header, sheet.Joint) {
		bare, of := fields.SplitUnit(part)
		if _, known := unit.Parse(of); of != "" && !known && !strings.Contains(of, "/") {
			bare, of = strings.TrimSpace(part), "" // a bracket that is part of the name
		}
		if of != "" {
			label = of
		}
		if bare != "" {
			parts = append(parts, bare)
		}
	}
	for from := range parts {
		rest := parts[from:]
		if joined := strings.Join(rest, ""); !slices.Contains(names, joined) {
			names = append(names, joined)
		}
		if len(rest) > 1 {
			back := slices.Clone(rest)
			slices.Reverse(back)
			names = append(names, strings.Join(back, ""))
		}
		if from+1 < len(parts) && !fields.Group(parts[from]) && !strings.Contains(parts[from+1], parts[from]) {
			break
		}
	}
	return names, label
}
