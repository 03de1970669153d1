package engine

import (
	"math"

	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// outsideCode is the row of the table zones that holds what lies in no zone.
const outsideCode = "outside"

// deciding is the land mix of each zone under the deciding profile, by zone; nil
// without land use.
func (r *results) deciding() []*check.MixRow {
	if r.mix == nil {
		return nil
	}
	out := make([]*check.MixRow, len(r.zones.Codes))
	for i := range r.mix {
		if m := &r.mix[i]; m.Deciding {
			out[m.Zone] = m
		}
	}
	return out
}

func (r *results) zoneColumns() []write.Column {
	n := len(r.zones.Codes)
	own := func(column string) func(int) (string, bool) {
		return func(i int) (string, bool) {
			if i >= n {
				return "", false
			}
			return r.zones.text(column, i)
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
			return r.zones.Codes[i], true
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
		write.Null("underused_mu"),
		write.Text("mix_verdict", func(i int) (string, bool) {
			if i >= n || mix == nil {
				return "", false
			}
			return mix[i].Verdict.String(), true
		}),
		write.Null("intensity_index"), write.Null("rank"),
		write.Integer("rules_pass", verdict(check.Pass)),
		write.Integer("rules_fail", verdict(check.Fail)),
		write.Integer("rules_not_evaluated", verdict(check.NotEvaluated)),
		write.Null("bottom_line"),
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
	if k, ok := r.zones.text("kind", i); ok {
		return k
	}
	return "existing"
}

func (r *results) zoneLayer() write.Layer {
	return write.Layer{Name: "zones", Rows: len(r.zones.Codes), Columns: r.zoneColumns(), Shape: r.zones.shape}
}

// zoneTable is the layer's rows, and a last one for what lies outside.
func (r *results) zoneTable() write.Table {
	return write.Table{Name: "zones", Rows: len(r.zones.Codes) + 1, Columns: r.zoneColumns()}
}

func (r *results) mixColumns(rows []*check.MixRow) []write.Column {
	area := func(name string, of func(*check.MixRow) unit.Area) write.Column {
		return write.Area(name, func(i int) unit.Area { return of(rows[i]) })
	}
	share := func(name string, of func(*check.MixRow) float64) write.Column {
		return write.Fixed(name, 6, func(i int) (int64, bool) {
			return int64(math.Round(of(rows[i]) * 1e6)), rows[i].Evaluated
		})
	}
	return []write.Column{
		write.Text("zone_code", func(i int) (string, bool) { return r.zones.Codes[rows[i].Zone], true }),
		write.Text("name", func(i int) (string, bool) { return r.zones.text("name", int(rows[i].Zone)) }),
		write.Text("kind", func(i int) (string, bool) { return r.kind(int(rows[i].Zone)), true }),
		write.Text("profile", func(i int) (string, bool) { return rows[i].Profile, true }),
		area("industry_mu", func(m *check.MixRow) unit.Area { return m.Industry }),
		area("residence_mu", func(m *check.MixRow) unit.Area { return m.Residence }),
		area("public_mu", func(m *check.MixRow) unit.Area { return m.Public }),
		area("other_mu", func(m *check.MixRow) unit.Area { return m.Other + m.Unknown }),
		area("nonconstruction_mu", func(m *check.MixRow) unit.Area { return m.NonConstruction }),
		area("uncovered_mu", func(m *check.MixRow) unit.Area { return m.Uncovered }),
		share("industry_share", func(m *check.MixRow) float64 { return m.Shares[0] }),
		share("residence_share", func(m *check.MixRow) float64 { return m.Shares[1] }),
		share("public_share", func(m *check.MixRow) float64 { return m.Shares[2] }),
		share("max_deviation", func(m *check.MixRow) float64 { return m.MaxDeviation }),
		write.Fixed("tolerance", 6, func(i int) (int64, bool) { return int64(math.Round(rows[i].Tolerance * 1e6)), true }),
		write.Text("verdict", func(i int) (string, bool) { return rows[i].Verdict.String(), true }),
		write.Bool("informational", func(i int) (bool, bool) { return rows[i].Informational, true }),
		write.Fixed("to_convert_mu", 4, func(i int) (int64, bool) {
			return rows[i].ToConvert.MuTenThousandths(), rows[i].Evaluated
		}),
	}
}

func (r *results) mixLayer() write.Layer {
	rows := r.deciding()
	return write.Layer{
		Name: "land_mix", Rows: len(rows), Columns: r.mixColumns(rows),
		Shape: func(i int) []byte { return r.zones.shape(int(rows[i].Zone)) },
	}
}

// mixTable has a row per zone and profile.
func (r *results) mixTable() write.Table {
	rows := make([]*check.MixRow, len(r.mix))
	for i := range r.mix {
		rows[i] = &r.mix[i]
	}
	return write.Table{Name: "land_mix", Rows: len(rows), Columns: r.mixColumns(rows)}
}

// pieceLayer shows each land-use polygon's ground in each zone.
func (r *results) pieceLayer() write.Layer {
	pieces, use := r.landUse.Pieces.Pieces, r.landUse.rows()
	of := func(column string) func(int) (string, bool) {
		value := use.Text(column)
		return func(i int) (string, bool) { return value(int(pieces[i].Feature)) }
	}
	return write.Layer{
		Name: "land_mix_pieces", Rows: len(pieces),
		Columns: []write.Column{
			write.Text("feature_id", of("feature_id")),
			write.Text("zone_code", func(i int) (string, bool) { return r.zones.Codes[pieces[i].Zone], true }),
			write.Text("code", of("code")),
			write.Text("standard", of("standard")),
			write.Text("mix_class", func(i int) (string, bool) {
				e := r.landUse.entries[pieces[i].Feature]
				if r.o.Rules.wide() {
					return e.Wide.String(), true
				}
				return e.Strict.String(), true
			}),
			write.Text("space", func(i int) (string, bool) { return r.spaces[i].String(), true }),
			write.Area("mu", func(i int) unit.Area { return pieces[i].Area }),
		},
		Shape: func(i int) []byte { return pieces[i].WKB },
	}
}
