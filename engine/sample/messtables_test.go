package sample

import (
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/table"
)

// zoneBorders has one zone reach some 20 m into its neighbour, and another keep
// a hand's breadth away from its own.
func (m *mess) zoneBorders() {
	l := m.layers["zones"]
	reach := func(zone int, out int64, points int) {
		f := l.features[zone]
		_, rest, _ := strings.Cut(f, `"coordinates":[[[`)
		done := 0
		for _, pair := range strings.Split(rest, "],[") {
			others := 0
			for i, other := range l.features {
				if i != zone && strings.Contains(other, "["+pair+"]") {
					others++
				}
			}
			x, y, _ := strings.Cut(pair, ",")
			if others != 1 || strings.Contains(y, "]") {
				continue
			}
			p := point{parseUnits(x), parseUnits(y)}
			c := middle(m.shell(zone))
			dx, dy := p.x-c.x, p.y-c.y
			far := max(dx, -dx) + max(dy, -dy)
			p.x, p.y = p.x+dx*out/far, p.y+dy*out/far
			f = strings.ReplaceAll(f, "["+pair+"]", position(p))
			if done++; done == points {
				break
			}
		}
		l.features[zone] = f
	}
	reach(5, 2400, 4)
	reach(7, -6, 12)
}

func (m *mess) shell(zone int) []point {
	_, rest, _ := strings.Cut(m.layers["zones"].features[zone], `"coordinates":[[`)
	rest, _, _ = strings.Cut(strings.TrimLeft(rest, "["), "]]")
	var all []point
	for _, pair := range strings.Split(strings.TrimLeft(rest, "["), "],[") {
		x, y, _ := strings.Cut(pair, ",")
		all = append(all, point{parseUnits(x), parseUnits(y)})
	}
	return all
}

func (m *mess) landUse() {
	l := m.layers["land_use"]
	plain := func(from int) int {
		for i := from; ; i++ {
			if f := l.features[i]; strings.HasPrefix(text(f, "code"), "10010") && strings.Count(f, "]],[[") == 0 {
				return i
			}
		}
	}
	at := plain(100)
	copied := set("feature_id", `"LU90000001"`)(set("code", `"1101"`)(l.features[at]))
	at = plain(300)
	r := ring(l.features[at])
	for i := range r {
		r[i].x += 1500
	}
	moved := reshape(closed(r)...)(set("feature_id", `"LU90000002"`)(l.features[at]))
	for _, from := range []int{150, 350, 550} {
		i := plain(from)
		l.features[i] = set("standard", "null")(l.features[i])
	}
	for _, from := range []int{200, 400} {
		i := plain(from)
		l.features[i] = set("code", `"9999"`)(l.features[i])
	}
	l.features = append(l.features, copied, moved)
}

// creditCodes spoils check characters, everywhere or in one table only, and
// writes codes in small or in full-width letters.
func (m *mess) creditCodes() {
	firms := m.sheets["enterprises"]
	spoil := func(code string) string {
		i := strings.IndexByte(creditAlphabet, code[17])
		return code[:17] + string(creditAlphabet[(i+1)%31])
	}
	for _, i := range []int{40, 240} {
		from := firms.rows[i][0]
		to := spoil(from)
		for _, s := range m.sheets {
			for _, row := range s.rows {
				for k := range row {
					if row[k] == from {
						row[k] = to
					}
				}
			}
		}
		for i, f := range m.layers["parcels"].features {
			m.layers["parcels"].features[i] = strings.Replace(f, from, to, 1)
		}
	}
	tax, energy := m.sheets["tax"], m.sheets["energy"]
	for _, i := range []int{133, 533} {
		tax.rows[i][0] = spoil(tax.rows[i][0])
	}
	for _, i := range []int{201, 202, 603} {
		tax.rows[i][0] = strings.ToLower(tax.rows[i][0])
	}
	for _, i := range []int{301, 702} {
		energy.rows[i][0] = wide(energy.rows[i][0])
	}
}

// wide is ASCII in full-width characters.
func wide(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '\uff01' }, s)
}

// names gives enterprises a bracketed part, and their parcels' holder the same
// name with other brackets, a blank and a longer ending, without a code.
func (m *mess) names() {
	firms := m.sheets["enterprises"]
	name := firms.column(m.t, "name")
	brackets, short, long := m.words["brackets"], m.words.pick("company", 0), m.words.pick("company_long", 0)
	for i, at := range m.parcels(4, func(f string) bool {
		return has("holder")(f) && slices.ContainsFunc(firms.rows, func(row []string) bool { return row[0] == text(f, "holder") })
	}) {
		f := m.layers["parcels"].features[at]
		row := slices.IndexFunc(firms.rows, func(row []string) bool { return row[0] == text(f, "holder") })
		stem := strings.TrimSuffix(firms.rows[row][name], short)
		branch := m.words.pick("branch", i)
		firms.rows[row][name] = stem + brackets[0] + branch + brackets[1] + short
		variant := stem + "(" + branch + ") " + []string{long, short}[i%2]
		m.edit(at, without("holder"))
		m.edit(at, set("holder_name", `"`+variant+`"`))
	}
}

func (m *mess) leases() {
	s := m.sheets["tenancies"]
	kind, parcel, area := s.column(m.t, "kind"), s.column(m.t, "parcel_code"), s.column(m.t, "area")
	leased := func(from int) int {
		for i := from; ; i++ {
			if s.rows[i][kind] == "leased_in" {
				return i
			}
		}
	}
	for _, from := range []int{60, 160} {
		s.rows[leased(from)][area] = ""
	}
	for _, from := range []int{100, 200} {
		row := slices.Clone(s.rows[leased(from)])
		row[parcel] = "999904009001GB9999" + strconv.Itoa(len(s.rows)%10)
		s.rows = append(s.rows, row)
	}
	short := leased(20)
	s.rows[short] = s.rows[short][:area+1]
}

// cells writes dates, numbers and nothings the ways people do.
func (m *mess) cells() {
	firms, output, emissions := m.sheets["enterprises"], m.sheets["output"], m.sheets["emissions"]
	on := firms.column(m.t, "registered_on")
	for i := 10; i < 30; i++ {
		firms.rows[i][on] = slashed(firms.rows[i][on])
		firms.rows[i+100][on] = written(firms.rows[i+100][on], m.words["date"])
	}
	sales := output.column(m.t, "sales")
	for i, grouped := 0, 0; grouped < 15; i++ {
		if v := output.rows[i][sales]; len(v) > 6 && v[len(v)-3] == '.' {
			whole := v[:len(v)-3]
			output.rows[i][sales] = whole[:len(whole)-3] + "," + whole[len(whole)-3:] + v[len(v)-3:]
			grouped++
		}
	}
	for i := 500; i < 505; i++ {
		output.rows[i][sales] = wide(output.rows[i][sales])
	}
	for i := range 12 {
		emissions.rows[10+20*i][emissions.column(m.t, "voc")] = m.words.pick("nothing", i)
	}
	brackets := m.words["brackets"]
	for i, f := range fieldsOf(table.MustInput(table.Output)) {
		label, _ := fields.InputLabel(table.Output, f.Name)
		output.head[i] = label
		if u := f.Unit.Label(); u != "" && f.Name != "employees" {
			output.head[i] += brackets[0] + u + brackets[1]
		}
	}
	m.sheets["energy"].bom, m.sheets["energy"].crlf = true, true
	m.sheets["projects"].blank = 1
}

// split makes one file a year of the tax table, the year in the name only.
func (m *mess) split() {
	whole := m.sheets["tax"]
	delete(m.sheets, "tax")
	at := whole.column(m.t, "year")
	for y := firstYear; y <= lastYear; y++ {
		one := &sheet{head: slices.Delete(slices.Clone(whole.head), at, at+1)}
		for _, row := range whole.rows {
			if row[at] == strconv.Itoa(y) {
				one.rows = append(one.rows, slices.Delete(slices.Clone(row), at, at+1))
			}
		}
		m.sheets["tax_"+strconv.Itoa(y)] = one
	}
}
