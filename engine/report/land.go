package report

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/palette"
	"github.com/muscope-gis/muscope/engine/report/picture"
)

// mostListed is how many rows of a list the report shows; the tables have them all.
const mostListed = 36

// idlePart is idle land and land about to become idle.
type idlePart struct {
	Parcels   int
	Mu, Fee   int64
	Kinds     []kindRow
	Causes    []kindRow
	List      []idleRow
	AtRisk    []riskRow
	AtRiskAll int
	AtRiskMu  int64
}

type kindRow struct {
	Label   term
	Parcels int
	Mu, Fee int64
}

type idleRow struct {
	Code, Zone, Holder, Clause string
	Mu                         int64
	Kind, Cause, Consequence   term
	Since, From, TakeBack      string
	Days                       int64
	Fee                        number
}

type riskRow struct {
	Code, Zone, Holder, On string
	Mu                     int64
}

// sums adds rows up by a name.
type sums struct {
	at   map[string]int
	rows []kindRow
	name []string
}

func (s *sums) add(name string, label term, mu, fee int64) {
	if s.at == nil {
		s.at = map[string]int{}
	}
	k, ok := s.at[name]
	if !ok {
		k = len(s.rows)
		s.at[name] = k
		s.rows, s.name = append(s.rows, kindRow{Label: label}), append(s.name, name)
	}
	s.rows[k].Parcels++
	s.rows[k].Mu += mu
	s.rows[k].Fee += fee
}

// list is the rows, those of most land first.
func (s *sums) list() []kindRow {
	slices.SortStableFunc(s.rows, func(a, b kindRow) int { return cmp.Or(cmp.Compare(b.Mu, a.Mu), cmp.Compare(a.Label.Zh, b.Label.Zh)) })
	return s.rows
}

func (p *page) idle() error {
	p.Idle = &idlePart{}
	g := p.table("idle_land")
	mu, err := g.fixed("mu", 4)
	if err != nil {
		return err
	}
	days, err := g.fixed("idle_days", 0)
	if err != nil {
		return err
	}
	fee, err := g.fixed("fee", 4)
	if err != nil {
		return err
	}
	code, zoneCode, holder, clause := g.text("parcel_code"), g.text("zone_code"), g.text("holder_name"), g.text("clause")
	kind, cause, what := g.text("idle_kind"), g.text("delay_cause"), g.text("consequence")
	since, from, take := g.text("idle_since"), g.text("idle_from"), g.text("take_back_from")
	var kinds, causes sums
	byZone := map[string]int{}
	for i := range g.rows {
		r := idleRow{Code: code(i), Zone: zoneCode(i), Holder: holder(i), Clause: clause(i), Since: since(i), From: from(i), TakeBack: take(i),
			Kind: word("idle_kind", kind(i)), Cause: word("delay_cause", cause(i)), Consequence: word("consequence", what(i))}
		r.Mu, _ = mu(i)
		r.Days, _ = days(i)
		r.Fee.V, r.Fee.OK = fee(i)
		p.Idle.Parcels++
		p.Idle.Mu += r.Mu
		p.Idle.Fee += r.Fee.V
		kinds.add(kind(i)+what(i), term{r.Kind.Zh + "，" + r.Consequence.Zh, r.Kind.En + ", " + r.Consequence.En}, r.Mu, r.Fee.V)
		causes.add(cause(i), r.Cause, r.Mu, r.Fee.V)
		byZone[cmp.Or(r.Zone, outsideCode)]++
		p.Idle.List = append(p.Idle.List, r)
	}
	p.Idle.Kinds, p.Idle.Causes = kinds.list(), causes.list()
	for _, z := range p.Zones {
		z.IdleParcels = byZone[z.Code]
	}
	slices.SortStableFunc(p.Idle.List, func(a, b idleRow) int { return cmp.Or(cmp.Compare(b.Days, a.Days), cmp.Compare(a.Code, b.Code)) })
	p.Idle.List = p.Idle.List[:min(len(p.Idle.List), mostListed)]
	return p.atRisk()
}

// atRisk lists the parcels about to become idle, the next one first.
func (p *page) atRisk() error {
	g := p.layer("parcels")
	mu, err := g.fixed("mu", 4)
	if err != nil {
		return err
	}
	code, zoneCode, holder, on := g.text("parcel_code"), g.text("zone_code"), g.text("holder_name"), g.text("at_risk_on")
	for i := range g.rows {
		day := on(i)
		if day == "" {
			continue
		}
		area, _ := mu(i)
		p.Idle.AtRisk = append(p.Idle.AtRisk, riskRow{Code: code(i), Zone: zoneCode(i), Holder: holder(i), On: day, Mu: area})
		p.Idle.AtRiskMu += area
	}
	p.Idle.AtRiskAll = len(p.Idle.AtRisk)
	slices.SortStableFunc(p.Idle.AtRisk, func(a, b riskRow) int { return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.Code, b.Code)) })
	p.Idle.AtRisk = p.Idle.AtRisk[:min(p.Idle.AtRiskAll, mostListed)]
	return nil
}

// underPart is underused land.
type underPart struct {
	Parcels int
	Mu      int64
	Rules   []kindRow
	Ways    []kindRow
	List    []underRow
}

type underRow struct {
	Code, Zone, Holder, Rules, Way string
	Mu                             int64
}

func (p *page) underused() error {
	if _, ok := p.run.Table("underused_land"); !ok {
		return nil
	}
	g := p.table("underused_land")
	mu, err := g.fixed("mu", 4)
	if err != nil {
		return err
	}
	code, zoneCode, holder, rules, way := g.text("parcel_code"), g.text("zone_code"), g.text("holder_name"), g.text("rules"), g.text("suggested_way")
	u := &underPart{Parcels: g.rows}
	var byRule, byWay sums
	for i := range g.rows {
		r := underRow{Code: code(i), Zone: zoneCode(i), Holder: holder(i), Rules: rules(i), Way: way(i)}
		r.Mu, _ = mu(i)
		u.Mu += r.Mu
		for rule := range strings.SplitSeq(r.Rules, ";") {
			byRule.add(rule, term{rule, ""}, r.Mu, 0)
		}
		byWay.add(r.Way, term{cmp.Or(r.Way, "未建议"), ""}, r.Mu, 0)
		u.List = append(u.List, r)
	}
	u.Rules, u.Ways = byRule.list(), byWay.list()
	slices.SortStableFunc(u.List, func(a, b underRow) int { return cmp.Or(cmp.Compare(b.Mu, a.Mu), cmp.Compare(a.Code, b.Code)) })
	u.List = u.List[:min(len(u.List), mostListed)]
	p.Under = u
	return nil
}

// mixRow is the land mix of a zone by the profile that decides.
type mixRow struct {
	Code, Name, Verdict, Profile string
	Shares                       [3]number // millionths
	Mu                           [3]int64
	Deviation, Tolerance         number
	Convert                      number
	Informational                bool
	Bar                          template.HTML
}

func (p *page) mix() error {
	g := p.layer("land_mix")
	shares, err := g.numbers(6, "industry_share", "residence_share", "public_share", "max_deviation", "tolerance")
	if err != nil {
		return err
	}
	mus, err := g.numbers(4, "industry_mu", "residence_mu", "public_mu", "to_convert_mu")
	if err != nil {
		return err
	}
	code, name, verdict, profile, only := g.text("zone_code"), g.text("name"), g.text("verdict"), g.text("profile"), g.text("informational")
	for i := range g.rows {
		r := mixRow{Code: code(i), Name: name(i), Verdict: verdict(i), Profile: profile(i), Informational: only(i) == "true"}
		get := func(of func(int) (int64, bool)) number {
			v, ok := of(i)
			return number{v, ok}
		}
		var parts []picture.Part
		for k, class := range []string{"industry", "residence", "public"} {
			r.Shares[k], r.Mu[k] = get(shares[k]), get(mus[k]).V
			parts = append(parts, picture.Part{Value: max(r.Shares[k].V, 0), Class: palette.Of("mix_class", class)})
		}
		r.Deviation, r.Tolerance, r.Convert = get(shares[3]), get(shares[4]), get(mus[3])
		r.Bar = picture.Thirds(parts)
		p.Mix = append(p.Mix, r)
	}
	slices.SortStableFunc(p.Mix, func(a, b mixRow) int {
		return cmp.Or(cmp.Compare(distance(a), distance(b)), cmp.Compare(a.Code, b.Code))
	})
	for i := range p.Mix {
		for _, z := range p.Zones {
			if z.Code == p.Mix[i].Code {
				z.MixBar = &p.Mix[i]
			}
		}
	}
	return nil
}

// distance is how far a zone is from the target; one that was not evaluated is farthest.
func distance(r mixRow) int64 {
	if !r.Deviation.OK {
		return math.MaxInt64
	}
	return r.Deviation.V
}

// Share is a share in percent.
func (n number) Share() string {
	if !n.OK {
		return "—"
	}
	return percent(n.V, 1_000_000)
}
