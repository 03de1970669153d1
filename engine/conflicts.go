package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/parallel"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// hit is what a spatial rule found: a parcel, project or enterprise too near to a
// feature.
type hit struct {
	rule   policy.Applied
	sector bool // in a named sector of the city, not near to anything
	check.Hit
}

// word is the verdict as layers write it.
func (h *hit) word() string {
	if h.sector {
		return "in_sector"
	}
	return h.Verdict.String()
}

// banks are the control lines a rule keeps others away from, as those of a river.
type banks struct {
	rule  policy.Applied
	row   []int32 // of each line, in the table of control lines
	lines *survey.Lines
	areas *survey.Zones // of a rule that keeps others out of areas; nil: by distance
}

// near says whether any spatial rule is evaluated.
func (r *results) near() bool {
	if slices.ContainsFunc(r.hits, func(h hit) bool { return h.sector }) {
		return true
	}
	return slices.ContainsFunc(r.o.Rules.Near, r.isEvaluated)
}

// isEvaluated says whether a spatial rule has what it needs: its tables, and the
// register of enterprises, for it asks for their industries.
func (r *results) isEvaluated(a policy.Applied) bool {
	return r.joined != nil && !lacks(a.Rule, r.Books.Has)
}

// conflicts finds what the spatial rules forbid, by rule, subject and code.
func (r *results) conflicts(ctx context.Context) error {
	for _, a := range r.o.Rules.Near {
		if !r.isEvaluated(a) {
			continue
		}
		b, err := r.banks(a)
		if err != nil {
			return err
		}
		if len(b.row) == 0 { // no such feature is drawn: nobody can say what is near
			continue
		}
		hits, err := r.parcelsNear(ctx, b)
		if err != nil {
			return err
		}
		r.hits = append(r.hits, hits...)
		if a.Rule.Has(policy.ScopeProject) && r.Projects != nil {
			r.hits = append(r.hits, r.projects().near(b, r.looked(a, policy.ScopeProject, r.projects().count))...)
		}
		if a.Rule.Has(policy.ScopeEnterprise) {
			r.hits = append(r.hits, r.landless().near(b, r.looked(a, policy.ScopeEnterprise, len(r.facts.Code)))...)
		}
	}
	r.sortHits()
	return nil
}

// sortHits sorts the hits by rule.
func (r *results) sortHits() {
	slices.SortStableFunc(r.hits, func(a, b hit) int { return strings.Compare(a.rule.Rule.ID, b.rule.Rule.ID) })
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
	if b.lines, err = survey.NewLines(shapes); err != nil || near.Metres > 0 || len(shapes) == 0 {
		return b, err
	}
	codes := make([]string, len(shapes))
	for i := range codes {
		codes[i] = fmt.Sprintf("%09d", i)
	}
	b.areas, err = survey.NewZones(codes, shapes, r.o.Threads)
	return b, err
}

// looked makes room for what a spatial rule finds of each subject of a scope.
func (r *results) looked(a policy.Applied, scope policy.Scope, n int) []score.Near {
	id := a.Pack.ID + "/" + a.Rule.ID
	if r.found == nil {
		r.found = map[string]map[policy.Scope][]score.Near{}
	}
	if r.found[id] == nil {
		r.found[id] = map[policy.Scope][]score.Near{}
	}
	r.found[id][scope] = make([]score.Near, n)
	return r.found[id][scope]
}

// onCard is what a hit is on the scorecard.
func onCard(h *check.Hit) score.Near {
	n := score.Near{Verdict: score.NotEvaluated, Hit: true, Millimetres: h.Millimetres}
	switch h.Verdict {
	case check.Violation:
		n.Verdict = score.Fail
	case check.Existing:
		n.Verdict = score.Pass
	default:
		n.Missing = "date"
	}
	return n
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
		if slices.ContainsFunc(r.shared.occupants.of(i), func(u grade.Use) bool { return meant[u.Enterprise] }) {
			some = append(some, int32(i))
		}
	}
	seen := r.looked(b.rule, policy.ScopeParcel, len(r.Parcels.Order))
	for _, i := range some {
		seen[i].Verdict = score.Pass
	}
	if b.areas != nil {
		return r.parcelsInside(b, some, seen)
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
			hits = append(hits, hit{rule: b.rule, Hit: h})
			seen[h.Row] = onCard(&h)
		}
	}
	return hits, nil
}

// parcelsInside are those of some parcels that lie in an area by a thousandth and by a
// square metre, as parcels lie in zones.
func (r *results) parcelsInside(b *banks, some []int32, seen []score.Near) ([]hit, error) {
	p := r.parcel(some)
	shapes := make([][]byte, len(some))
	for i := range shapes {
		shapes[i] = p.shape(i)
	}
	pieces, err := survey.LandUse(shapes, b.areas, r.o.Threads)
	if err != nil {
		return nil, err
	}
	signed, delivered, agreed := p.Date("signed_on"), p.Date("delivered_on"), p.Date("agreed_start_on")
	var hits []hit
	for _, piece := range pieces.Pieces {
		i := int(piece.Feature)
		facts, row := p.facts(i)
		if piece.Area < 10_000 || unit.CompareShare(piece.Area, facts.Area[row], 1000) < 0 ||
			len(hits) > 0 && hits[len(hits)-1].Row == some[i] {
			continue
		}
		date, known := firstDate(i, signed, delivered, agreed)
		h := check.Hit{Subject: check.ParcelSubject, Row: some[i], Line: b.row[piece.Zone], Verdict: check.DateVerdict(date, known, b.rule.Rule.Near.From)}
		seen[some[i]] = onCard(&h)
		hits = append(hits, hit{rule: b.rule, Hit: h})
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

// places are subjects of a rule that are known by a point: projects, and enterprises
// that occupy no parcel of the city.
type places struct {
	subject  check.Subject
	count    int
	at       func(i int) (lon, lat float64, ok bool)
	parcels  func(i int) bool // seen by their parcels; nil: none is
	industry func(i int) string
	date     func(i int) (unit.Date, bool)
	code     func(i int) (string, bool)
	name     func(i int) (string, bool)
	zone     func(i int) (string, bool)
}

// near are the places of the rule's industries that lie too near, by code.
func (p *places) near(b *banks, seen []score.Near) []hit {
	rule := b.rule.Rule.Near
	limit := rule.Metres
	if b.areas != nil {
		limit = 1e-3 // inside
	}
	var hits []hit
	for i := range p.count {
		if !check.InIndustries(rule.Industries, p.industry(i)) || p.parcels != nil && p.parcels(i) {
			continue
		}
		x, y, ok := p.at(i)
		if !ok || !(math.Abs(x) <= 180) || !(math.Abs(y) <= 90) {
			seen[i] = score.Near{Verdict: score.NotEvaluated, Missing: "lon, lat"}
			continue
		}
		seen[i].Verdict = score.Pass
		if line, distance, ok := b.lines.NearestToPoint(x, y, limit); ok {
			date, known := p.date(i)
			h := check.Hit{Subject: p.subject, Row: int32(i), Line: b.row[line], Millimetres: distance, Verdict: check.DateVerdict(date, known, rule.From)}
			seen[i] = onCard(&h)
			hits = append(hits, hit{rule: b.rule, Hit: h})
		}
	}
	return hits
}

// shape is the place as WKB.
func (p *places) shape(i int) []byte {
	x, y, _ := p.at(i)
	var g wkb.Geometry
	g.Reset(wkb.Point)
	g.XY = append(g.XY, x, y)
	g.EndRing()
	g.EndPart()
	return g.Append(nil)
}

// projects are the planned projects. One is dated by its signing, else its
// registration.
func (r *results) projects() *places {
	rows := r.Projects.Rows()
	industry, signed, registered := rows.Text("industry"), rows.Date("signed_on"), rows.Date("registered_on")
	lon, lat := rows.Number("lon", unit.Degree), rows.Number("lat", unit.Degree)
	return &places{
		subject: check.ProjectSubject, count: rows.Len(),
		at: func(i int) (float64, float64, bool) {
			x, okX := lon(i)
			y, okY := lat(i)
			return x, y, okX && okY
		},
		industry: func(i int) string {
			code, _ := industry(i)
			return code
		},
		date: func(i int) (unit.Date, bool) { return firstDate(i, signed, registered) },
		code: rows.Text("project_code"), name: rows.Text("name"), zone: rows.Text("zone_code"),
	}
}

// landless are the enterprises that occupy no parcel of the city, at the place the
// register gives; those that do are seen by their parcels. One is dated by its
// registration, else by its first production.
func (r *results) landless() *places {
	f := r.facts
	occupies := make([]bool, len(f.Code))
	for _, u := range r.joined.Land.Uses {
		occupies[u.Enterprise] = occupies[u.Enterprise] || u.Net > 0 && int(u.Parcel) < len(r.Parcels.Order)
	}
	known := func(of []unit.Date) func(i int) (unit.Date, bool) {
		return func(i int) (unit.Date, bool) { return of[i], of[i] != grade.NoDate }
	}
	text := func(of []string) func(i int) (string, bool) {
		return func(i int) (string, bool) { return of[i], of[i] != "" }
	}
	return &places{
		subject: check.EnterpriseSubject, count: len(f.Code),
		at:       func(i int) (float64, float64, bool) { return f.Lon[i], f.Lat[i], true },
		parcels:  func(i int) bool { return occupies[i] },
		industry: func(i int) string { return f.Industry[i] },
		date:     func(i int) (unit.Date, bool) { return firstDate(i, known(f.Registered), known(f.Production)) },
		code:     text(f.Code), name: text(f.Name), zone: r.enterpriseZone,
	}
}

// enterpriseZone is the zone that the scorecard counts an enterprise in.
func (r *results) enterpriseZone(i int) (string, bool) {
	if i >= len(r.zoneOf) || r.zoneOf[i] < 0 {
		return "", false
	}
	return r.Zones.Codes[r.zoneOf[i]], true
}

// conflictColumns are the columns of the hits.
func (r *results) conflictColumns() []write.Column {
	parcels, projects, landless := r.parcel(nil), r.projects(), r.landless()
	text := func(of ...func(int) (string, bool)) func(i int) (string, bool) { // by subject
		return func(i int) (string, bool) { return of[r.hits[i].Subject](int(r.hits[i].Row)) }
	}
	feature := r.ControlLines.Rows().Text("feature_id")
	return []write.Column{
		write.Text("rule", func(i int) (string, bool) { return r.hits[i].rule.Rule.ID, true }),
		write.Text("clause", func(i int) (string, bool) { return r.hits[i].rule.Rule.Clause, true }),
		write.Text("subject", func(i int) (string, bool) { return r.hits[i].Subject.String(), true }),
		write.Text("code", text(parcels.Text("parcel_code"), projects.code, landless.code)),
		write.Text("name", text(parcels.Text("holder_name"), projects.name, landless.name)),
		write.Text("zone_code", text(parcels.zone, projects.zone, landless.zone)),
		write.Text("feature", func(i int) (string, bool) { return feature(int(r.hits[i].Line)) }),
		write.Fixed("distance_m", 3, func(i int) (int64, bool) { return r.hits[i].Millimetres, true }),
		write.Text("verdict", func(i int) (string, bool) { return r.hits[i].word(), true }),
	}
}

func (r *results) conflictTable() write.Table {
	return write.Table{Name: "conflicts", Rows: len(r.hits), Columns: r.conflictColumns()}
}

func (r *results) conflictLayer() write.Layer {
	shape := []func(int) []byte{r.parcel(nil).shape, r.projects().shape, r.landless().shape} // by subject
	return write.Layer{
		Name: "conflicts", Rows: len(r.hits), Columns: r.conflictColumns(),
		Shape: func(i int) []byte { return shape[r.hits[i].Subject](int(r.hits[i].Row)) },
	}
}
