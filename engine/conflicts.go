package engine

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/parallel"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// hit is what a spatial rule found: a parcel or a project too near to a feature.
type hit struct {
	rule policy.Applied
	check.Hit
}

// banks are the control lines a rule keeps others away from, as those of a river.
type banks struct {
	rule  policy.Applied
	row   []int32 // of each line, in the table of control lines
	lines *survey.Lines
}

// near says whether any spatial rule is evaluated.
func (r *results) near() bool {
	return slices.ContainsFunc(r.o.Rules.Near, func(a policy.Applied) bool { return !lacks(a.Rule, r.Books.Has) })
}

// conflicts finds what the spatial rules forbid, by rule, subject and code.
func (r *results) conflicts(ctx context.Context) error {
	for _, a := range r.o.Rules.Near {
		if lacks(a.Rule, r.Books.Has) {
			continue
		}
		b, err := r.banks(a)
		if err != nil {
			return err
		}
		hits, err := r.parcelsNear(ctx, b)
		if err != nil {
			return err
		}
		r.hits = append(r.hits, hits...)
		if a.Rule.Has(policy.ScopeProject) {
			r.hits = append(r.hits, r.projectsNear(b)...)
		}
	}
	slices.SortStableFunc(r.hits, func(a, b hit) int { return strings.Compare(a.rule.Rule.ID, b.rule.Rule.ID) })
	return nil
}

// banks are the control lines of a rule's kind and names.
func (r *results) banks(a policy.Applied) (*banks, error) {
	b := &banks{rule: a}
	near, rows := a.Rule.Near, r.ControlLines.Rows()
	kind, name := rows.Text("kind"), rows.Text("name")
	var shapes [][]byte
	for i := range rows.Order {
		k, _ := kind(i)
		called, _ := name(i)
		if k == near.Layer && check.Matches(near.Names, called) {
			b.row = append(b.row, int32(i))
			shapes = append(shapes, r.ControlLines.Shape(i))
		}
	}
	var err error
	b.lines, err = survey.NewLines(shapes)
	return b, err
}

// parcelsNear are the parcels with an occupant of the rule's industries that lie too
// near, by code.
func (r *results) parcelsNear(ctx context.Context, b *banks) ([]hit, error) {
	near := b.rule.Rule.Near
	meant := make([]bool, len(r.facts.Code)) // by enterprise
	for e, industry := range r.facts.Industry {
		meant[e] = check.InIndustries(near.Industries, industry)
	}
	var some []int32
	for i := range r.Parcels.Order {
		if slices.ContainsFunc(r.shared.occupants.of(i), func(use int32) bool { return meant[r.joined.Land.Uses[use].Enterprise] }) {
			some = append(some, int32(i))
		}
	}
	p := r.parcel(some)
	signed, delivered, agreed := p.Date("signed_on"), p.Date("delivered_on"), p.Date("agreed_start_on")
	found := make([]check.Hit, len(some)) // Line -1: not near
	const chunk = 256
	err := parallel.Each(ctx, (len(some)+chunk-1)/chunk, r.o.Threads, func(n int) error {
		for i := n * chunk; i < min(len(some), (n+1)*chunk); i++ {
			found[i].Line = -1
			line, distance, ok, err := b.lines.Nearest(p.shape(i), near.Metres)
			if err != nil {
				return err
			}
			if ok {
				date, known := firstDate(i, signed, delivered, agreed)
				found[i] = check.Hit{Subject: check.ParcelSubject, Row: some[i], Line: b.row[line], Millimetres: distance,
					Verdict: check.DateVerdict(date, known, near.From)}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var hits []hit
	for _, h := range found {
		if h.Line >= 0 {
			hits = append(hits, hit{b.rule, h})
		}
	}
	return hits, nil
}

// firstDate is the first date that is known.
func firstDate(i int, dates ...func(int) (unit.Date, bool)) (unit.Date, bool) {
	for _, of := range dates {
		if d, ok := of(i); ok {
			return d, true
		}
	}
	return 0, false
}

// projectsNear are the projects of the rule's industries whose place lies too near,
// by code. A project is dated by its signing, else its registration.
func (r *results) projectsNear(b *banks) []hit {
	rows := r.Projects.Rows()
	near := b.rule.Rule.Near
	industry, signed, registered := rows.Text("industry"), rows.Date("signed_on"), rows.Date("registered_on")
	lon, lat := rows.Number("lon", unit.Degree), rows.Number("lat", unit.Degree)
	var hits []hit
	for i := range rows.Order {
		code, _ := industry(i)
		x, okX := lon(i)
		y, okY := lat(i)
		if !okX || !okY || math.Abs(x) > 180 || math.Abs(y) > 90 || !check.InIndustries(near.Industries, code) {
			continue
		}
		if line, distance, ok := b.lines.NearestToPoint(x, y, near.Metres); ok {
			date, known := firstDate(i, signed, registered)
			hits = append(hits, hit{b.rule, check.Hit{Subject: check.ProjectSubject, Row: int32(i), Line: b.row[line],
				Millimetres: distance, Verdict: check.DateVerdict(date, known, near.From)}})
		}
	}
	return hits
}

// conflictColumns are the columns of the hits.
func (r *results) conflictColumns() []write.Column {
	parcels, projects := r.parcel(nil), r.Projects.Rows()
	text := func(ofParcel, ofProject func(int) (string, bool)) func(int) (string, bool) {
		return func(i int) (string, bool) {
			h := &r.hits[i]
			if h.Subject == check.ProjectSubject {
				return ofProject(int(h.Row))
			}
			return ofParcel(int(h.Row))
		}
	}
	feature := r.ControlLines.Rows().Text("feature_id")
	return []write.Column{
		write.Text("rule", func(i int) (string, bool) { return r.hits[i].rule.Rule.ID, true }),
		write.Text("clause", func(i int) (string, bool) { return r.hits[i].rule.Rule.Clause, true }),
		write.Text("subject", func(i int) (string, bool) { return r.hits[i].Subject.String(), true }),
		write.Text("code", text(parcels.Text("parcel_code"), projects.Text("project_code"))),
		write.Text("name", text(parcels.Text("holder_name"), projects.Text("name"))),
		write.Text("zone_code", text(parcels.zone, projects.Text("zone_code"))),
		write.Text("feature", func(i int) (string, bool) { return feature(int(r.hits[i].Line)) }),
		write.Fixed("distance_m", 3, func(i int) (int64, bool) { return r.hits[i].Millimetres, true }),
		write.Text("verdict", func(i int) (string, bool) { return r.hits[i].Verdict.String(), true }),
	}
}

func (r *results) conflictTable() write.Table {
	return write.Table{Name: "conflicts", Rows: len(r.hits), Columns: r.conflictColumns()}
}

func (r *results) conflictLayer() write.Layer {
	parcels := r.parcel(nil)
	places := r.projectPlaces()
	return write.Layer{
		Name: "conflicts", Rows: len(r.hits), Columns: r.conflictColumns(),
		Shape: func(i int) []byte {
			h := &r.hits[i]
			if h.Subject == check.ProjectSubject {
				return places(int(h.Row))
			}
			return parcels.shape(int(h.Row))
		},
	}
}

// projectPlaces gives the place of a project as WKB.
func (r *results) projectPlaces() func(i int) []byte {
	rows := r.Projects.Rows()
	lon, lat := rows.Number("lon", unit.Degree), rows.Number("lat", unit.Degree)
	return func(i int) []byte {
		x, _ := lon(i)
		y, _ := lat(i)
		var g wkb.Geometry
		g.Reset(wkb.Point)
		g.XY = append(g.XY, x, y)
		g.EndRing()
		g.EndPart()
		return g.Append(nil)
	}
}
