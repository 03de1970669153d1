package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/city"
	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// mark is a remark on a parcel that neither the survey nor the search for idle land
// makes.
type mark uint8

const (
	codeInvalid    mark = 1 << iota // the holder's credit code fails its check character
	landUseUnknown                  // no land use, no standard, or a code the standard does not have
	overLet                         // its tenancies add to over 100.5 % of its official area
)

// mark fills the marks of every parcel.
func (r *results) mark() {
	p := &r.Parcels
	r.marks = make([][]mark, len(p.Batches))
	for i, b := range p.Batches {
		holder := b.Text("holder")
		r.marks[i] = make([]mark, b.Rows())
		for row := range r.marks[i] {
			if !holder.IsNull(row) && !read.ValidCreditCode(holder.Value(row)) {
				r.marks[i][row] |= codeInvalid
			}
			if p.Classes[i][row] == 0 {
				r.marks[i][row] |= landUseUnknown
			}
		}
	}
	if r.joined == nil {
		return
	}
	for i, is := range r.joined.Land.OverLet {
		if ref := p.Order[i]; is {
			r.marks[ref.Batch][ref.Row] |= overLet
		}
	}
}

// flagNames are the flags of parcels in the order people list them, each with who
// raises it.
var flagNames = []struct {
	survey survey.Flag
	detect detect.Flag
	mark   mark
	name   string
}{
	{survey: survey.AreaDiffers, name: "area_differs"},
	{survey: survey.AreaError, name: "area_error"},
	{survey: survey.ZoneDiffers, name: "zone_differs"},
	{detect: detect.DeadlineAssumed, name: "deadline_assumed"},
	{survey: survey.Mended, name: "repaired"},
	{mark: codeInvalid, name: "code_invalid"},
	{mark: landUseUnknown, name: "land_use_unknown"},
	{survey: survey.OutsideZones, name: "outside_zones"},
	{mark: overLet, name: "over_let"},
	{detect: detect.NoDeadline, name: "no_deadline"},
}

// flags are the names of a parcel's flags, in the order people list them.
func (p parcel) flags(i int) []string {
	f, row := p.facts(i)
	d, _ := p.idle(i)
	b, _ := p.At(i)
	marks := p.r.marks[b][row]
	if f.Flags[row] == 0 && d.Flags[row] == 0 && marks == 0 {
		return nil
	}
	var out []string
	for _, n := range flagNames {
		if f.Flags[row]&n.survey != 0 || d.Flags[row]&n.detect != 0 || marks&n.mark != 0 {
			out = append(out, n.name)
		}
	}
	return out
}

func (p parcel) flagText(i int) (string, bool) {
	f := p.flags(i)
	return strings.Join(f, ";"), len(f) > 0
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
				detail = "geometric_area=" + city.SquareMetres(f.Area[row])
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
				value = city.SquareMetres(r.joined.Land.NetOn[i])
				detail = "official_area=" + city.SquareMetres(p.official(i))
			case "deadline_assumed":
				d, row := p.idle(i)
				value = d.Deadline[row].String()
				detail = "from signed_on"
			}
			r.Books.Flag(table.Parcels, key, name, value, detail)
		}
	}
}
