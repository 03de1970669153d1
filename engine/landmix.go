package engine

import (
	"context"
	"math"

	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// check finds what spatial rules forbid, and holds the land mix of the zones against
// the rules for it.
func (r *results) check(ctx context.Context) (rows int, err error) {
	if err := r.conflicts(ctx); err != nil {
		return 0, err
	}
	if r.total, err = r.sum(); err != nil || r.LandUse.Layer == nil {
		return 0, err
	}
	r.mix = r.landMix()
	r.spaces = r.pieceSpaces()
	return len(r.spaces), nil
}

// landMix is the land mix of every zone, each under the rule for its kind.
func (r *results) landMix() []check.MixRow {
	n := len(r.LandUse.Pieces.Pieces)
	p := check.Pieces{
		Zone: make([]int32, n), Area: r.pieceAreas(), Strict: make([]check.Class, n), Wide: make([]check.Class, n),
	}
	for i, piece := range r.LandUse.Pieces.Pieces {
		e := r.LandUse.Entries[piece.Feature]
		p.Zone[i], p.Strict[i], p.Wide[i] = piece.Zone, check.Class(e.Strict), check.Class(e.Wide)
	}
	z := check.Zones{Area: r.Zones.Area, Kind: make([]string, len(r.Zones.Codes))}
	for i := range z.Kind {
		z.Kind[i] = r.kind(i)
	}
	by := map[*policy.LandMix][]check.MixRow{}
	var out []check.MixRow
	for i, kind := range z.Kind {
		rule := r.o.Rules.mixFor(kind)
		rows, done := by[rule]
		if !done {
			rows = check.Mix(p, z, rule)
			by[rule] = rows
		}
		out = append(out, rows[2*i], rows[2*i+1]) // by zone, strict before wide
	}
	return out
}

// deciding is the land mix of each zone under the deciding profile, by zone; nil
// without land use.
func (r *results) deciding() []*check.MixRow {
	if r.mix == nil {
		return nil
	}
	out := make([]*check.MixRow, len(r.Zones.Codes))
	for i := range r.mix {
		if m := &r.mix[i]; m.Deciding {
			out[m.Zone] = m
		}
	}
	return out
}

// pieceSpaces is the space of each piece: production, living or ecological.
func (r *results) pieceSpaces() []check.Space {
	pieces := r.LandUse.Pieces.Pieces
	out := make([]check.Space, len(pieces))
	for i, p := range pieces {
		code, _ := r.LandUse.Text("code", int(p.Feature))
		standard, _ := r.LandUse.Text("standard", int(p.Feature))
		out[i] = check.SpaceOf(check.Class(r.LandUse.Entries[p.Feature].Strict), standard, code, r.o.Rules.Spaces)
	}
	return out
}

func (r *results) pieceAreas() []unit.Area {
	out := make([]unit.Area, len(r.LandUse.Pieces.Pieces))
	for i, p := range r.LandUse.Pieces.Pieces {
		out[i] = p.Area
	}
	return out
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
		write.Text("zone_code", func(i int) (string, bool) { return r.Zones.Codes[rows[i].Zone], true }),
		write.Text("name", func(i int) (string, bool) { return r.Zones.Text("name", int(rows[i].Zone)) }),
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
		Name: "land_mix", Geometry: wkb.MultiPolygon, Rows: len(rows), Columns: r.mixColumns(rows),
		Shape: func(i int) []byte { return r.Zones.Shape(int(rows[i].Zone)) },
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
	pieces, use := r.LandUse.Pieces.Pieces, r.LandUse.Rows()
	of := func(column string) func(int) (string, bool) {
		value := use.Text(column)
		return func(i int) (string, bool) { return value(int(pieces[i].Feature)) }
	}
	return write.Layer{
		Name: "land_mix_pieces", Geometry: wkb.MultiPolygon, Rows: len(pieces),
		Columns: []write.Column{
			write.Text("feature_id", of("feature_id")),
			write.Text("zone_code", func(i int) (string, bool) { return r.Zones.Codes[pieces[i].Zone], true }),
			write.Text("code", of("code")),
			write.Text("standard", of("standard")),
			write.Text("mix_class", func(i int) (string, bool) {
				e := r.LandUse.Entries[pieces[i].Feature]
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
