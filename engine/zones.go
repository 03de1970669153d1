package engine

import (
	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// outsideCode is the row of the table zones that holds what lies in no zone.
const outsideCode = "outside"

func (r *results) zoneColumns() []write.Column {
	n := len(r.Zones.Codes)
	own := func(column string) func(int) (string, bool) {
		return func(i int) (string, bool) {
			if i >= n {
				return "", false
			}
			return r.Zones.Text(column, i)
		}
	}
	mix := r.deciding()
	verdict := func(v check.Verdict) func(int) (int64, bool) {
		return func(i int) (int64, bool) {
			if i >= n || r.o.Rules.Mix == nil {
				return 0, false
			}
			if mix == nil { // the rule's table is missing
				_, applies := r.o.Rules.Set.LandMix(r.kind(i))
				return b2i(applies && v == check.NotEvaluated), true
			}
			return b2i(!mix[i].Informational && mix[i].Verdict == v), true
		}
	}
	return []write.Column{
		write.Text("zone_code", func(i int) (string, bool) {
			if i >= n {
				return outsideCode, true
			}
			return r.Zones.Codes[i], true
		}),
		write.Text("name", own("name")),
		write.Text("level", own("level")),
		write.Text("kind", func(i int) (string, bool) {
			if i >= n {
				return "", false
			}
			return r.kind(i), true
		}),
		write.Area("mu", func(i int) unit.Area { return r.total.area[i] }),
		write.Integer("parcels", func(i int) (int64, bool) { return r.total.parcels[i], true }),
		r.muOf("mu_a", grade.A), r.muOf("mu_b", grade.B), r.muOf("mu_c", grade.C), r.muOf("mu_d", grade.D),
		write.Fixed("tax_per_mu", 6, func(i int) (int64, bool) { return r.zonePerMu(indicate.Tax, i) }),
		write.Fixed("sales_per_mu", 6, func(i int) (int64, bool) { return r.zonePerMu(indicate.Sales, i) }),
		write.Area("idle_mu", func(i int) unit.Area { return r.total.idle[i] }),
		write.Null("underused_mu", write.KindNumber),
		write.Text("mix_verdict", func(i int) (string, bool) {
			if i >= n || mix == nil {
				return "", false
			}
			return mix[i].Verdict.String(), true
		}),
		write.Null("intensity_index", write.KindNumber), write.Null("rank", write.KindInteger),
		write.Integer("rules_pass", verdict(check.Pass)),
		write.Integer("rules_fail", verdict(check.Fail)),
		write.Integer("rules_not_evaluated", verdict(check.NotEvaluated)),
		write.Null("bottom_line", write.KindText),
	}
}

// muOf is the land of parcels of a grade, by zone.
func (r *results) muOf(name string, g grade.Grade) write.Column {
	return write.Fixed(name, 4, func(i int) (int64, bool) {
		if r.shared == nil || r.shared.graded == nil {
			return 0, false
		}
		return r.shared.graded[i][g-grade.A].MuTenThousandths(), true
	})
}

func b2i(v bool) int64 {
	if v {
		return 1
	}
	return 0
}

// kind is a zone's kind; an empty one is existing.
func (r *results) kind(i int) string {
	if k, ok := r.Zones.Text("kind", i); ok {
		return k
	}
	return "existing"
}

func (r *results) zoneLayer() write.Layer {
	return write.Layer{Name: "zones", Geometry: wkb.MultiPolygon, Rows: len(r.Zones.Codes), Columns: r.zoneColumns(), Shape: r.Zones.Shape}
}

// zoneTable is the layer's rows, and a last one for what lies outside.
func (r *results) zoneTable() write.Table {
	return write.Table{Name: "zones", Rows: len(r.Zones.Codes) + 1, Columns: r.zoneColumns()}
}
