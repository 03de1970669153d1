package engine

import (
	"context"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/parallel"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// detect finds idle land among the parcels.
func (r *results) detect(ctx context.Context) (rows int, err error) {
	p := &r.Parcels
	r.idle = make([]detect.Columns, len(p.Batches))
	err = parallel.Each(ctx, len(p.Batches), r.o.Threads, func(i int) error {
		spared := make([]bool, p.Batches[i].Rows())
		for row, c := range p.Classes[i] {
			spared[row] = c == codes.NonConstruction
		}
		detect.Idle(p.Batches[i], spared, r.o.Rules.Idle, r.o.AsOf, &r.idle[i])
		return nil
	})
	if err != nil {
		return 0, err
	}
	r.mark()
	r.listed = []int32{}
	for i, ref := range p.Order {
		if r.idle[ref.Batch].Kind[ref.Row] != detect.NotIdle {
			r.listed = append(r.listed, int32(i))
		}
	}
	return len(p.Order), nil
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

// idleReason says in one line why a parcel is idle, or about to be.
func (p parcel) idleReason(i int) (string, bool) {
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
	return write.Layer{Name: "idle_land", Geometry: wkb.MultiPolygon, Rows: p.Len(), Columns: r.idleColumns(p), Shape: p.shape}
}

func (r *results) idleTable() write.Table {
	p := r.parcel(r.listed)
	return write.Table{Name: "idle_land", Rows: p.Len(), Columns: r.idleColumns(p)}
}

// supplyTable lists the milestones of every parcel that has any.
func (r *results) supplyTable() write.Table {
	some := []int32{}
	for i, ref := range r.Parcels.Order {
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
