package engine

import (
	"cmp"
	"context"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/ledger"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// results are a city with its verdicts, ready to be written.
type results struct {
	*city
	o      *Options
	idle   []detect.Columns // by batch of the parcels
	listed []int32          // used parcels that are idle
	total  *totals
	mix    []check.MixRow // nil without land use
	spaces []check.Space  // of each piece

	joined *joined // nil without a register of enterprises
	shared *shared
	hits   []hit // of spatial rules

	unmatched []ledger.Unmatched
}

// write gives everything to the sink, in an order that does not matter.
func (r *results) write(ctx context.Context, out write.Sink) error {
	layers := []write.Layer{r.parcelLayer(), r.idleLayer(), r.zoneLayer()}
	if r.mix != nil {
		layers = append(layers, r.mixLayer(), r.pieceLayer())
	}
	tables := []write.Table{r.idleTable(), r.zoneTable(), r.supplyTable()}
	if r.mix != nil {
		tables = append(tables, r.mixTable())
	}
	if r.near() {
		layers = append(layers, r.conflictLayer())
		tables = append(tables, r.conflictTable())
	}
	if r.joined != nil {
		tables = append(tables, r.enterpriseTables()...)
	}
	const quality = 3
	tables = append(tables, rejectTable(r.books), repairTable(r.books), flagTable(r.books))
	if r.o.Formats.GeoJSON {
		var done, total int64
		for _, l := range layers {
			total += int64(l.Rows)
		}
		for _, l := range layers {
			l.Tell = func(rows int) { r.o.progress(done+int64(rows), total) }
			if err := out.Layer(ctx, l); err != nil {
				return err
			}
			done += int64(l.Rows)
		}
	}
	always := len(tables) - quality // without these lists nobody could account for the rows
	for i, t := range append(tables, dictionaryTable(layers, tables)) {
		if !r.o.Formats.CSV && i < always {
			continue
		}
		if err := out.Table(ctx, t); err != nil {
			return err
		}
	}
	return r.keepFacts(ctx, out)
}

// keepFacts keeps what the verdicts on enterprises were found from, and the policies
// as they were read: a run can be explained without its data.
func (r *results) keepFacts(ctx context.Context, out write.Sink) error {
	for _, p := range r.o.Rules.Set.Packs() {
		if err := out.Policy(ctx, p.ID, p.YAML); err != nil {
			return err
		}
	}
	if r.joined == nil {
		return nil
	}
	for _, t := range archive.FactTables(r.joined.facts) {
		if err := out.Facts(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// zoneCode is the code of a zone by its number; null below 0.
func (r *results) zoneCode(zone int32) (string, bool) {
	if zone < 0 {
		return "", false
	}
	return r.zones.Codes[zone], true
}

// parcel is what the columns about parcels are made of: some of the used parcels.
type parcel struct {
	table.Rows
	r *results
}

func (r *results) parcel(of []int32) parcel {
	all := r.parcels.rows()
	if of != nil {
		all = all.Subset(of)
	}
	return parcel{all, r}
}

func (p parcel) facts(i int) (*survey.Parcels, int) {
	b, row := p.At(i)
	return p.r.parcels.facts[b], row
}

func (p parcel) idle(i int) (*detect.Columns, int) {
	b, row := p.At(i)
	return &p.r.idle[b], row
}

func (p parcel) official(i int) unit.Area {
	f, row := p.facts(i)
	return f.Official[row]
}

func (p parcel) zone(i int) (string, bool) {
	f, row := p.facts(i)
	return p.r.zoneCode(f.Zone[row])
}

func (p parcel) shape(i int) []byte {
	f, row := p.facts(i)
	b, _ := p.At(i)
	return f.Geometry(p.Batches[b], row)
}

func (p parcel) supply(i int) (string, bool) {
	d, row := p.idle(i)
	b, _ := p.At(i)
	s := detect.SupplyText(p.Batches[b], row, d.Supply[row])
	return s, s != ""
}

func (p parcel) isIdle(i int) bool {
	d, row := p.idle(i)
	return d.Kind[row] != detect.NotIdle
}

func (p parcel) kind(i int) (string, bool) {
	d, row := p.idle(i)
	return d.Kind[row].String(), d.Kind[row] != detect.NotIdle
}

// day is a date column of the verdicts on idleness.
func (p parcel) day(of func(*detect.Columns) []unit.Date) func(int) (unit.Date, bool) {
	return func(i int) (unit.Date, bool) {
		d, row := p.idle(i)
		v := of(d)[row]
		return v, v != detect.NoDate
	}
}

// days is a column of numbers of days.
func (p parcel) days(of func(*detect.Columns) []int32) func(int) (int64, bool) {
	return func(i int) (int64, bool) {
		d, row := p.idle(i)
		v := of(d)[row]
		return int64(v), v != detect.None
	}
}

func (p parcel) evidence(i int) (string, bool) {
	d, row := p.idle(i)
	b, _ := p.At(i)
	return string(detect.Evidence(nil, p.Batches[b], row, p.r.o.Rules.Idle, p.r.o.AsOf, d)), true
}

// clause names the clauses a verdict on idleness rests on.
func (p parcel) clause(i int) (string, bool) {
	d, row := p.idle(i)
	b, _ := p.At(i)
	c := detect.Clause(nil, p.Batches[b], row, p.r.o.Rules.Idle, d)
	return string(c), len(c) > 0
}

// reasons says in one line why a parcel is idle, or about to be.
func (p parcel) reasons(i int) (string, bool) {
	d, row := p.idle(i)
	kind, what := d.Kind[row], "idle "
	if kind == detect.NotIdle {
		if kind, what = d.RiskKind[row], "at risk of "; kind == detect.NotIdle {
			return "", false
		}
	}
	clause, _ := p.clause(i)
	evidence, _ := p.evidence(i)
	return what + kind.String() + " (" + clause + "): " + evidence, true
}

var flagNames = []struct {
	survey survey.Flag
	detect detect.Flag
	name   string
}{
	{survey: survey.AreaDiffers, name: "area_differs"},
	{survey: survey.AreaError, name: "area_error"},
	{survey: survey.ZoneDiffers, name: "zone_differs"},
	{detect: detect.DeadlineAssumed, name: "deadline_assumed"},
	{survey: survey.Mended, name: "repaired"},
	{name: "code_invalid"},
	{name: "land_use_unknown"},
	{survey: survey.OutsideZones, name: "outside_zones"},
	{name: "over_let"},
	{detect: detect.NoDeadline, name: "no_deadline"},
}

// flags are the names of a parcel's flags, in the order people list them.
func (p parcel) flags(i int) []string {
	f, row := p.facts(i)
	d, _ := p.idle(i)
	b, _ := p.At(i)
	marks := p.r.parcels.marks[b][row]
	if f.Flags[row] == 0 && d.Flags[row] == 0 && marks == 0 {
		return nil
	}
	var out []string
	for _, n := range flagNames {
		switch {
		case n.survey != 0 && f.Flags[row]&n.survey != 0,
			n.detect != 0 && d.Flags[row]&n.detect != 0,
			n.name == "code_invalid" && marks&codeInvalid != 0,
			n.name == "land_use_unknown" && marks&landUseUnknown != 0,
			n.name == "over_let" && marks&overLet != 0:
			out = append(out, n.name)
		}
	}
	return out
}

func (p parcel) flagText(i int) (string, bool) {
	f := p.flags(i)
	return strings.Join(f, ";"), len(f) > 0
}

func (r *results) parcelLayer() write.Layer {
	p := r.parcel(nil)
	floor := p.Number("floor_area", unit.SquareMetre)
	footprint, yard := p.Number("footprint_area", unit.SquareMetre), p.Number("yard_area", unit.SquareMetre)
	investment := p.Number("fixed_asset_investment", unit.WanYuan)
	columns := []write.Column{
		write.Text("parcel_code", p.Text("parcel_code")),
		write.Text("zone_code", p.zone),
		write.Fixed("zone_share", 6, func(i int) (int64, bool) {
			f, row := p.facts(i)
			return int64(f.Share[row]), f.Zone[row] >= 0
		}),
		write.Text("land_use", p.Text("land_use")),
		write.Text("land_use_standard", p.Text("land_use_standard")),
		write.Text("mix_class", func(i int) (string, bool) {
			b, row := p.At(i)
			c := r.parcels.classes[b][row]
			return c.String(), c != 0
		}),
		write.Fixed("official_area", 4, func(i int) (int64, bool) { return int64(p.official(i)), true }),
		write.Fixed("geometric_area", 4, func(i int) (int64, bool) {
			f, row := p.facts(i)
			return int64(f.Area[row]), true
		}),
		write.Area("mu", p.official),
		write.Text("holder", p.Text("holder")),
		write.Text("holder_name", p.Text("holder_name")),
		write.Text("grade", p.grade),
		write.Text("grades", p.grades),
		p.perMu("tax_per_mu", indicate.Tax), p.perMu("sales_per_mu", indicate.Sales), p.perMu("output_per_mu", indicate.Output),
		write.Fixed("investment_per_mu", 6, func(i int) (int64, bool) {
			v, have := investment(i)
			return indicate.InvestmentPerMu(v, have, p.official(i))
		}),
		write.Fixed("plot_ratio", 6, func(i int) (int64, bool) {
			v, have := floor(i)
			return indicate.PlotRatio(v, have, p.official(i))
		}),
		write.Fixed("building_coverage", 6, func(i int) (int64, bool) {
			f, haveF := footprint(i)
			y, haveY := yard(i)
			return indicate.BuildingCoverage(f, haveF, y, haveY, p.official(i))
		}),
		write.Text("supply_state", p.supply),
		write.Bool("idle", func(i int) (bool, bool) { return p.isIdle(i), true }),
		write.Text("idle_kind", p.kind),
		write.Null("underused"),
		write.Date("at_risk_on", p.day(func(d *detect.Columns) []unit.Date { return d.AtRiskOn })),
		write.Text("flags", p.flagText),
		write.Text("reasons", p.allReasons),
	}
	return write.Layer{Name: "parcels", Rows: p.Len(), Columns: columns, Shape: p.shape}
}

func (r *results) idleColumns(p parcel) []write.Column {
	return []write.Column{
		write.Text("parcel_code", p.Text("parcel_code")),
		write.Text("zone_code", p.zone),
		write.Area("mu", p.official),
		write.Text("idle_kind", p.kind),
		write.Date("idle_since", p.day(func(d *detect.Columns) []unit.Date { return d.Since })),
		write.Date("idle_from", p.day(func(d *detect.Columns) []unit.Date { return d.From })),
		write.Integer("idle_days", p.days(func(d *detect.Columns) []int32 { return d.Days })),
		write.Text("delay_cause", func(i int) (string, bool) {
			d, row := p.idle(i)
			return d.Cause[row].String(), d.Cause[row] != detect.NoCause
		}),
		write.Text("consequence", func(i int) (string, bool) {
			d, row := p.idle(i)
			return d.Consequence[row].String(), d.Consequence[row] != detect.NoConsequence
		}),
		write.Fixed("fee", 4, func(i int) (int64, bool) {
			d, row := p.idle(i)
			return d.Fee[row], d.Fee[row] != detect.None
		}),
		write.Date("take_back_from", p.day(func(d *detect.Columns) []unit.Date { return d.TakeBackFrom })),
		write.Text("holder", p.Text("holder")),
		write.Text("holder_name", p.Text("holder_name")),
		write.Text("clause", p.clause),
		write.Text("evidence", p.evidence),
	}
}

func (r *results) idleLayer() write.Layer {
	p := r.parcel(r.listed)
	return write.Layer{Name: "idle_land", Rows: p.Len(), Columns: r.idleColumns(p), Shape: p.shape}
}

func (r *results) idleTable() write.Table {
	p := r.parcel(r.listed)
	return write.Table{Name: "idle_land", Rows: p.Len(), Columns: r.idleColumns(p)}
}

// supplyTable lists the milestones of every parcel that has any.
func (r *results) supplyTable() write.Table {
	some := []int32{}
	for i, ref := range r.parcels.order {
		d, row := &r.idle[ref.Batch], ref.Row
		if d.Supply[row] != detect.SupplyUnknown || d.Deadline[row] != detect.NoDate || d.FinishOverdue[row] != detect.None {
			some = append(some, int32(i))
		}
	}
	p := r.parcel(some)
	return write.Table{Name: "supply", Rows: p.Len(), Columns: []write.Column{
		write.Text("parcel_code", p.Text("parcel_code")),
		write.Text("zone_code", p.zone),
		write.Text("supply_state", p.supply),
		write.Date("signed_on", p.Date("signed_on")),
		write.Date("delivered_on", p.Date("delivered_on")),
		write.Date("start_deadline", p.day(func(d *detect.Columns) []unit.Date { return d.Deadline })),
		write.Date("started_on", p.Date("started_on")),
		write.Integer("start_overdue_days", p.days(func(d *detect.Columns) []int32 { return d.StartOverdue })),
		write.Date("agreed_finish_on", p.Date("agreed_finish_on")),
		write.Date("finished_on", p.Date("finished_on")),
		write.Integer("finish_overdue_days", p.days(func(d *detect.Columns) []int32 { return d.FinishOverdue })),
		write.Text("idle_kind", p.kind),
		write.Date("at_risk_on", p.day(func(d *detect.Columns) []unit.Date { return d.AtRiskOn })),
	}}
}

// dictionaryTable explains every column of what is written, in its order.
func dictionaryTable(layers []write.Layer, tables []write.Table) write.Table {
	type line struct{ table, column string }
	var lines []line
	add := func(name string, columns []write.Column) {
		for _, c := range columns {
			lines = append(lines, line{name, c.Name})
		}
	}
	seen := map[string]bool{}
	for _, l := range layers {
		seen[l.Name] = true
		add(l.Name, l.Columns)
	}
	for _, t := range tables {
		if !seen[t.Name] {
			add(t.Name, t.Columns)
		}
	}
	known := map[line]fields.Entry{}
	for _, e := range fields.Dictionary() {
		known[line{e.Table, e.Column}] = e
	}
	of := func(get func(fields.Entry) string) func(int) (string, bool) {
		return func(i int) (string, bool) {
			v := get(known[lines[i]])
			return v, v != ""
		}
	}
	t := write.Table{Name: "dictionary", Columns: []write.Column{
		write.Text("table", func(i int) (string, bool) { return lines[i].table, true }),
		write.Text("column", func(i int) (string, bool) { return lines[i].column, true }),
		write.Text("label_zh", of(func(e fields.Entry) string { return e.Zh })),
		write.Text("label_en", of(func(e fields.Entry) string { return e.En })),
		write.Text("unit", of(func(e fields.Entry) string { return cmp.Or(unit.Unit(e.Unit).Label(), e.Unit) })),
		write.Text("formula", of(func(e fields.Entry) string { return e.Formula })),
		write.Text("clause", of(func(e fields.Entry) string { return e.Clause })),
	}}
	add("dictionary", t.Columns)
	t.Rows = len(lines)
	return t
}
