package engine

import (
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
	pass, fail, not := r.zoneVerdicts()
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
		write.Fixed("underused_mu", 4, r.underusedMu),
		write.Text("mix_verdict", func(i int) (string, bool) {
			if i >= n || mix == nil {
				return "", false
			}
			return mix[i].Verdict.String(), true
		}),
		write.Fixed("intensity_index", 6, r.intensity), write.Integer("rank", r.rank),
		write.Integer("rules_pass", pass), write.Integer("rules_fail", fail), write.Integer("rules_not_evaluated", not),
		write.Text("bottom_line", r.bottomLine),
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
