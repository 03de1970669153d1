package engine

import (
	"context"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/city"
	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/ledger"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// results are a city with its verdicts, ready to be written.
type results struct {
	*city.City
	o *Options

	joined    *city.Joined       // nil without a register of enterprises, like what follows
	facts     *assess.Facts      // of the enterprises
	assessed  *assess.Assessment // nil without a scheme, too
	shared    *shared
	unmatched []ledger.Unmatched
	accounts  []write.Account // of rows that were let go

	idle   []detect.Columns // by batch of the parcels
	marks  [][]mark         // by batch of the parcels
	listed []int32          // used parcels that are idle
	hits   []hit            // of spatial rules
	total  *totals
	mix    []check.MixRow // nil without land use
	spaces []check.Space  // of each piece

	found  map[string]map[policy.Scope][]score.Near // by spatial rules
	card   *score.Card                              // nil where no rule is for it
	zoneOf []int32                                  // of enterprises, as the scorecard counts them
	// answers of the register, and last year's tax on parcels, kept for the scorecard.
	answers   map[string][]grade.Answer
	lastTax   []float64
	underused []unit.Area // by zone; nil until it is asked for
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
	cardLayers, cardTables := r.cardOutputs()
	layers, tables = append(layers, cardLayers...), append(tables, cardTables...)
	always := len(tables)
	if r.joined != nil || r.Books.Joins() {
		tables = append(tables, ledger.UnmatchedTable(r.unmatched))
	}
	tables = append(tables, r.Books.Tables()...)
	tables = append(tables, dictionaryTable(layers, tables))
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
	for i, t := range tables {
		t.Always = i >= always
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
	for _, t := range archive.FactTables(r.facts) {
		if err := out.Facts(ctx, t); err != nil {
			return err
		}
	}
	return nil
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
	of := func(get func(fields.Entry) string) func(int) (string, bool) {
		return func(i int) (string, bool) {
			e, _ := fields.Explain(lines[i].table, lines[i].column)
			v := get(e)
			return v, v != ""
		}
	}
	t := write.Table{Name: "dictionary", Columns: []write.Column{
		write.Text("table", func(i int) (string, bool) { return lines[i].table, true }),
		write.Text("column", func(i int) (string, bool) { return lines[i].column, true }),
		write.Text("label_zh", of(func(e fields.Entry) string { return e.Zh })),
		write.Text("label_en", of(func(e fields.Entry) string { return e.En })),
		write.Text("unit", of(func(e fields.Entry) string { return unit.LabelOf(e.Unit) })),
		write.Text("formula", of(func(e fields.Entry) string { return e.Formula })),
		write.Text("clause", of(func(e fields.Entry) string { return e.Clause })),
	}}
	add("dictionary", t.Columns)
	t.Rows = len(lines)
	return t
}
