package engine

import (
	"slices"
	"strconv"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// mark is a remark on a parcel that its own columns give.
type mark uint8

const (
	codeInvalid    mark = 1 << iota // the holder's credit code fails its check character
	landUseUnknown                  // no land use, no standard, or a code the standard does not have
	overLet                         // its tenancies add to over 100.5 % of its official area
)

// mark fills the marks of every parcel.
func (p *parcels) mark(over []bool) {
	p.marks = make([][]mark, len(p.batches))
	for i, b := range p.batches {
		holder := b.Text("holder")
		p.marks[i] = make([]mark, b.Rows())
		for row := range p.marks[i] {
			if !holder.IsNull(row) && !read.ValidCreditCode(holder.Value(row)) {
				p.marks[i][row] |= codeInvalid
			}
			if p.classes[i][row] == 0 {
				p.marks[i][row] |= landUseUnknown
			}
		}
	}
	for i, is := range over {
		if ref := p.order[i]; is {
			p.marks[ref.Batch][ref.Row] |= overLet
		}
	}
}

// flagParcels lists the flags of the used parcels, each with the figures behind it.
func (r *results) flagParcels() {
	p := r.parcel(nil)
	code, declared, holder := p.Text("parcel_code"), p.Text("zone_code"), p.Text("holder")
	recorded := p.Number("recorded_area", unit.SquareMetre)
	use, standard := p.Text("land_use"), p.Text("land_use_standard")
	for i := range p.Order {
		names := p.flags(i)
		if len(names) == 0 {
			continue
		}
		slices.Sort(names)
		key, _ := code(i)
		for _, name := range names {
			value, detail := "", ""
			switch name {
			case "area_differs", "area_error":
				f, row := p.facts(i)
				v, _ := recorded(i)
				value = strconv.FormatFloat(v, 'f', -1, 64)
				detail = "geometric_area=" + metres2(f.Area[row])
			case "zone_differs":
				value, _ = declared(i)
				found, _ := p.zone(i)
				detail = "zone_code=" + found
			case "code_invalid":
				value, _ = holder(i)
				detail = "holder"
			case "land_use_unknown":
				value, _ = use(i)
				s, _ := standard(i)
				detail = "land_use_standard=" + s
			case "over_let":
				value = metres2(r.joined.land.NetOn[i])
				detail = "official_area=" + metres2(p.official(i))
			case "deadline_assumed":
				d, row := p.idle(i)
				value = d.Deadline[row].String()
				detail = "from signed_on"
			}
			r.books.flag(table.Parcels, key, name, value, detail)
		}
	}
}

// flagCodes flags the credit codes of enterprises that fail their check character.
func (c *city) flagCodes() {
	u, ok := c.books.used[table.Enterprises]
	if !ok {
		return
	}
	code := u.view().Text("credit_code")
	for i := range u.order {
		if v, _ := code(i); !read.ValidCreditCode(v) {
			c.books.flag(table.Enterprises, v, "code_invalid", v, "credit_code")
		}
	}
}

// metres2 is an area in m² as tables write it.
func metres2(a unit.Area) string {
	return strconv.FormatFloat(a.SquareMetres(), 'f', -1, 64)
}

// flagCounts counts flags by name.
func flagCounts(k *books) map[string]int64 {
	out := map[string]int64{}
	for _, flags := range k.flags {
		for _, f := range flags {
			out[f.flag]++
		}
	}
	return out
}
