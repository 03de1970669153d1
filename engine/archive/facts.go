package archive

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// The tables of facts.
const (
	enterprises = "enterprises"
	uses        = "uses"
	useParcels  = "use_parcels"
	adjustments = "adjustments"
)

// areaColumn is a column of land, and where it stands among the facts.
type areaColumn struct {
	name string
	of   func(*assess.Facts) *[]unit.Area
}

var areaColumns = []areaColumn{
	{"land", func(f *assess.Facts) *[]unit.Area { return &f.Land }},
	{"own", func(f *assess.Facts) *[]unit.Area { return &f.Own }},
	{"owned", func(f *assess.Facts) *[]unit.Area { return &f.Owned }},
	{"occupied", func(f *assess.Facts) *[]unit.Area { return &f.Occupied }},
	{"leased_in", func(f *assess.Facts) *[]unit.Area { return &f.LeasedIn }},
	{"leased_out", func(f *assess.Facts) *[]unit.Area { return &f.LeasedOut }},
}

type textColumn struct {
	name string
	of   func(*assess.Facts) *[]string
}

var textColumns = []textColumn{
	{"credit_code", func(f *assess.Facts) *[]string { return &f.Code }},
	{"name", func(f *assess.Facts) *[]string { return &f.Name }},
	{"industry", func(f *assess.Facts) *[]string { return &f.Industry }},
	{"zone_code", func(f *assess.Facts) *[]string { return &f.Zone }},
	{"county", func(f *assess.Facts) *[]string { return &f.County }},
	{"tags", func(f *assess.Facts) *[]string { return &f.Tags }},
}

type dateColumn struct {
	name string
	of   func(*assess.Facts) *[]unit.Date
}

var dateColumns = []dateColumn{
	{"registered_on", func(f *assess.Facts) *[]unit.Date { return &f.Registered }},
	{"production_on", func(f *assess.Facts) *[]unit.Date { return &f.Production }},
	{"supplied_on", func(f *assess.Facts) *[]unit.Date { return &f.Supplied }},
}

// FactTables are the tables that keep facts: what Sink.Facts is given, and what
// [Run.Facts] reads back. Land is in 1e-4 m²; the quantities of this_ and last_ year
// are counted as engine/indicate counts them, and null where they are missing.
func FactTables(f *assess.Facts) []write.Table {
	return []write.Table{
		{Name: enterprises, Rows: len(f.Code), Columns: enterpriseColumns(f)},
		{Name: uses, Rows: len(f.Uses), Columns: []write.Column{
			write.Integer("enterprise", func(i int) (int64, bool) { return int64(f.Uses[i].Enterprise), true }),
			write.Integer("parcel", func(i int) (int64, bool) { return int64(f.Uses[i].Parcel), true }),
			write.Integer("net", func(i int) (int64, bool) { return int64(f.Uses[i].Net), true }),
			write.Integer("own", func(i int) (int64, bool) { return int64(f.Uses[i].Own), true }),
			write.Integer("leased_in", func(i int) (int64, bool) { return int64(f.Uses[i].LeasedIn), true }),
		}},
		{Name: useParcels, Rows: len(f.Parcels), Columns: []write.Column{
			write.Text("parcel_code", filled(f.Parcels)),
			write.Bool("stranger", func(i int) (bool, bool) { return i < len(f.Strange) && f.Strange[i], i < len(f.Strange) }),
		}},
		{Name: adjustments, Rows: len(f.Adjustments), Columns: adjustmentColumns(f.Adjustments)},
	}
}

func enterpriseColumns(f *assess.Facts) []write.Column {
	var out []write.Column
	for _, c := range textColumns {
		out = append(out, write.Text(c.name, filled(*c.of(f))))
	}
	out = append(out,
		write.Bool("above_scale", func(i int) (bool, bool) { return f.AboveScale[i] == grade.Yes, f.AboveScale[i] != grade.Unknown }),
		write.Bool("utility", func(i int) (bool, bool) { return f.Utility[i], true }),
		write.Bool("relocation", func(i int) (bool, bool) { return f.Relocation[i], true }))
	for _, c := range dateColumns {
		days := *c.of(f)
		out = append(out, write.Date(c.name, func(i int) (unit.Date, bool) { return days[i], days[i] != grade.NoDate }))
	}
	for _, c := range areaColumns {
		areas := *c.of(f)
		out = append(out, write.Integer(c.name, func(i int) (int64, bool) { return int64(areas[i]), true }))
	}
	for _, year := range years {
		for q, values := range year.of(f) {
			out = append(out, write.Float(year.prefix+indicate.Quantity(q).String(), func(i int) (float64, bool) {
				return known(values, i)
			}))
		}
	}
	return out
}

var years = []struct {
	prefix string
	of     func(*assess.Facts) *indicate.Quantities
}{
	{"this_", func(f *assess.Facts) *indicate.Quantities { return &f.This }},
	{"last_", func(f *assess.Facts) *indicate.Quantities { return &f.Last }},
}

// known is the i-th figure; a column that nobody has filled is missing throughout.
func known(values []float64, i int) (float64, bool) {
	if values == nil {
		return 0, false
	}
	return values[i], !math.IsNaN(values[i])
}

// filled is a column of text where empty is null.
func filled(values []string) func(int) (string, bool) {
	return func(i int) (string, bool) { return values[i], values[i] != "" }
}

func adjustmentColumns(all []grade.Adjustment) []write.Column {
	points := func(i int) bool { return all[i].Kind <= grade.PenaltyPoints }
	return []write.Column{
		write.Integer("enterprise", func(i int) (int64, bool) { return int64(all[i].Enterprise), true }),
		write.Text("kind", func(i int) (string, bool) { return all[i].Kind.String(), true }),
		write.Float("points", func(i int) (float64, bool) { return all[i].Points, points(i) }),
		write.Text("grade", func(i int) (string, bool) { return all[i].Grade.String(), !points(i) }),
		write.Text("reason", func(i int) (string, bool) { return all[i].Reason, true }),
		write.Text("actor", func(i int) (string, bool) { return all[i].Actor, true }),
		write.Date("decided_on", func(i int) (unit.Date, bool) { return all[i].Decided, all[i].Decided != grade.NoDate }),
	}
}

// Facts are the facts that the run graded, figure for figure as they were.
func (r *Run) Facts(ctx context.Context) (*assess.Facts, error) {
	f := &assess.Facts{Year: r.Manifest.Year}
	for _, part := range []struct {
		table string
		read  func(in *factFile, f *assess.Facts)
	}{{enterprises, readEnterprises}, {useParcels, readParcels}, {uses, readUses}, {adjustments, readAdjustments}} {
		in, err := r.openFacts(ctx, write.FactsFolder+"/"+part.table+".parquet")
		if err != nil {
			return nil, err
		}
		part.read(in, f)
		in.close()
		if in.err != nil {
			return nil, in.err
		}
	}
	return f, nil
}

func readEnterprises(in *factFile, f *assess.Facts) {
	for _, c := range textColumns {
		*c.of(f) = in.text(c.name)
	}
	for i := 1; i < len(f.Code); i++ {
		if f.Code[i-1] >= f.Code[i] {
			in.fail("row %d is out of order", i+1)
		}
	}
	f.AboveScale, f.Utility, f.Relocation = made[grade.Answer](in), made[bool](in), made[bool](in)
	in.bools("above_scale", func(row int, v bool) {
		f.AboveScale[row] = grade.No
		if v {
			f.AboveScale[row] = grade.Yes
		}
	})
	in.bools("utility", func(row int, v bool) { f.Utility[row] = v })
	in.bools("relocation", func(row int, v bool) { f.Relocation[row] = v })
	for _, c := range dateColumns {
		*c.of(f) = in.dates(c.name, grade.NoDate)
	}
	for _, c := range areaColumns {
		*c.of(f) = in.areas(c.name)
	}
	for _, year := range years {
		for q := range year.of(f) {
			year.of(f)[q] = in.numbers(year.prefix+indicate.Quantity(q).String(), math.NaN())
		}
	}
}

func readParcels(in *factFile, f *assess.Facts) {
	f.Parcels = in.text("parcel_code")
	strange, known := made[bool](in), false
	in.bools("stranger", func(row int, v bool) { strange[row], known = v, true })
	if known {
		f.Strange = strange
	}
}

func readUses(in *factFile, f *assess.Facts) {
	who, where := in.indexes("enterprise", len(f.Code)), in.indexes("parcel", len(f.Parcels))
	net, own, leasedIn := in.areas("net"), in.areas("own"), in.areas("leased_in")
	if in.err != nil {
		return
	}
	f.Uses = make([]grade.Use, in.rows)
	for i := range f.Uses {
		f.Uses[i] = grade.Use{Enterprise: who[i], Parcel: where[i], Net: net[i], Own: own[i], LeasedIn: leasedIn[i]}
	}
	if !slices.IsSortedFunc(f.Uses, func(a, b grade.Use) int { return int(a.Enterprise) - int(b.Enterprise) }) {
		in.fail("rows are out of order")
	}
}

func readAdjustments(in *factFile, f *assess.Facts) {
	who, kind, letter := in.indexes("enterprise", len(f.Code)), in.text("kind"), in.text("grade")
	points, decided := in.numbers("points", 0), in.dates("decided_on", grade.NoDate)
	reason, actor := in.text("reason"), in.text("actor")
	if in.err != nil {
		return
	}
	f.Adjustments = make([]grade.Adjustment, in.rows)
	for i := range f.Adjustments {
		k, ok := kindOf(kind[i])
		g := strings.Index("ABCDT", letter[i])
		if !ok || g < 0 || len(letter[i]) > 1 {
			in.fail("row %d is a %q of grade %q", i+1, kind[i], letter[i])
			return
		}
		a := grade.Adjustment{Enterprise: who[i], Kind: k, Points: points[i],
			Reason: reason[i], Actor: actor[i], Decided: decided[i]}
		if letter[i] != "" {
			a.Grade = grade.A + grade.Grade(g)
		}
		f.Adjustments[i] = a
	}
}

func kindOf(name string) (grade.AdjustmentKind, bool) {
	for k := grade.BonusPoints; k <= grade.Manual; k++ {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}
