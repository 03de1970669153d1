package grade

import (
	"math"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Result is the grades of all enterprises, an entry per enterprise in every column,
// and what they rest on. It keeps what it was found from, for explanations.
type Result struct {
	Pool    []int32 // number of its pool; −1: no group takes it
	Pools   []Pool
	Group   []int32   // in scheme.Groups, the first that takes it; −1 none
	Why     []Reason  // why it is not graded
	Bonus   []float64 // sum of its points; 0 when it is not ranked
	Penalty []float64
	Total   []float64 // NaN when it is not ranked
	Rank    []int32   // 0 when it is not ranked
	Initial []Grade   // by rank or total; NoGrade when it is not graded
	Final   []Grade   // after adjustments; T for the exempt
	// Unit is the enterprise that stands for each where tenants of a parcel are
	// graded as one; nil under other lease policies.
	Unit []int32
	// Owner is the enterprise whose grade each takes, −1 none, where below-scale
	// tenants take the owner's; nil under other lease policies. Such a tenant is
	// graded without pool, total and rank.
	Owner []int32

	of      *Enterprises
	figures []Figure // as given
	graded  []Figure // with those of units in the place of their representatives
	scheme  *policy.Grading
	sieves  []sieve // of the scheme's groups
	bounds  bounds
	land    []unit.Area // of units
	scale   []Answer    // of units
	units   members     // of units, by representative; empty unless merged
}

// Pool is the groups whose members are ranked together: one, or several small ones.
type Pool struct {
	Name    string // ids of the groups, + between; of lists of tenants, each with /tenants
	Groups  []int  // in scheme.Groups
	Tenants bool   // of tenants without land of their own
	N       int    // n, of which shares are taken
	Exempt  int    // of class T that the groups would take; in N only where T counts
	Items   []ItemFacts
	Last    [3]int32   // last rank of A, B, C; 0 where grades go by totals
	Least   [3]float64 // least total of A, B, C or better; NaN: nobody's
	Why     Reason     // why the pool is not graded
	Detail  string     // the figures of that
}

// ItemFacts is what the scores of one item of a pool rest on.
type ItemFacts struct {
	Item      policy.Item
	Figure    int     // number of its figure
	Have      int     // members that have a value
	Benchmark float64 // NaN for minmax
	// Of a mean, the members that have the year's value, and their sums of what the
	// figure is the ratio of; NaN for other benchmarks.
	InMean                 int
	Numerator, Denominator float64
	// Min and Max are of the members' values, where minmax or a benchmark of the
	// largest asks for them; MeanScore is of the members that have a value, where the
	// others score it. NaN elsewhere.
	Min, Max  float64
	MeanScore float64

	values []float64
	method method
	policy missing
	cap    float64
}

// members are the members of numbered sets, ascending within each.
type members struct {
	start []int32
	list  []int32
}

func (m members) of(set int) []int32 { return m.list[m.start[set]:m.start[set+1]] }

// gather sorts 0 … len(set)−1 by their set; those with a negative set are in none.
func gather(set []int32, sets int) members {
	m := members{start: make([]int32, sets+1)}
	for _, s := range set {
		if s >= 0 {
			m.start[s+1]++
		}
	}
	for s := range sets {
		m.start[s+1] += m.start[s]
	}
	m.list = make([]int32, m.start[sets])
	next := append([]int32(nil), m.start[:sets]...)
	for i, s := range set {
		if s >= 0 {
			m.list[next[s]] = int32(i)
			next[s]++
		}
	}
	return m
}

// All grades every enterprise by the scheme for the year. figures has one for each
// indicator that a group of the scheme uses.
func All(e *Enterprises, figures []Figure, scheme *policy.Grading, year int) *Result {
	r := newResult(e, figures, scheme, year)
	r.exempt()
	if scheme.Lease == policy.LeaseMerge {
		r.merge()
	}
	r.addPoints()
	pooled := gather(r.Pool, r.assign())
	var s sorter
	for p := range r.Pools {
		r.gradePool(p, pooled.of(p), &s)
	}
	r.adjust()
	r.spread()
	r.follow()
	r.dropPoints()
	return r
}

func newResult(e *Enterprises, figures []Figure, scheme *policy.Grading, year int) *Result {
	n := len(e.Code)
	r := &Result{
		Pool: make([]int32, n), Group: make([]int32, n), Why: make([]Reason, n),
		Bonus: make([]float64, n), Penalty: make([]float64, n), Total: make([]float64, n),
		Rank: make([]int32, n), Initial: make([]Grade, n), Final: make([]Grade, n),
		of: e, figures: figures, graded: figures, scheme: scheme, bounds: newBounds(e, scheme, year),
		land: e.Land, scale: e.AboveScale,
	}
	for g := range scheme.Groups {
		r.sieves = append(r.sieves, newSieve(&scheme.Groups[g].Filter))
	}
	none := math.NaN()
	for i := range n {
		r.Pool[i], r.Group[i], r.Total[i] = -1, -1, none
	}
	return r
}

// spread gives the verdict of a unit to all its members.
func (r *Result) spread() {
	for i, u := range r.Unit {
		if int(u) == i {
			continue
		}
		r.Pool[i], r.Group[i], r.Why[i] = r.Pool[u], r.Group[u], r.Why[u]
		r.Bonus[i], r.Penalty[i], r.Total[i] = r.Bonus[u], r.Penalty[u], r.Total[u]
		r.Rank[i], r.Initial[i], r.Final[i] = r.Rank[u], r.Initial[u], r.Final[u]
	}
}

// unitOf is the enterprise that stands for e.
func (r *Result) unitOf(e int) int {
	if r.Unit == nil {
		return e
	}
	return int(r.Unit[e])
}

// Representative is the enterprise that stands for e: e itself unless tenants of a
// parcel are graded as one. Filters ask for its industry, zone, county and tags.
func (r *Result) Representative(e int) int { return r.unitOf(e) }

// Together are the enterprises that are graded as one with e, e among them, in the
// order of their codes.
func (r *Result) Together(e int) []int32 { return r.together(e) }

// UnitLand is the net land of e, or of all that are graded as one with it.
func (r *Result) UnitLand(e int) unit.Area { return r.land[r.unitOf(e)] }

// UnitScale says whether e, or its unit, is above scale.
func (r *Result) UnitScale(e int) Answer { return r.scale[r.unitOf(e)] }

// NewSince is the day from which e is counted and its column, NoDate when none is known;
// after is the last day of those that are not new.
func (r *Result) NewSince(e int) (since unit.Date, column string, after unit.Date) {
	since, column = r.bounds.since(e)
	return since, column, r.bounds.new
}

// ranked is the pool in which e is ranked, nil when it is in none.
func (r *Result) ranked(e int) *Pool {
	if r.Rank[e] == 0 {
		return nil
	}
	return &r.Pools[r.Pool[e]]
}

// Value is the value of a figure that the score of e rests on: its own, or its
// unit's; NaN is missing.
func (r *Result) Value(e, figure int) float64 {
	return r.graded[figure].This.Value[r.unitOf(e)]
}

// Score is the item score of a figure; ok is false when e is not ranked or its group
// does not use the figure. The scores of an enterprise add to its total less bonus and
// plus penalty.
func (r *Result) Score(e, figure int) (score float64, ok bool) {
	p := r.ranked(e)
	if p == nil {
		return 0, false
	}
	u := r.unitOf(e)
	for k := range p.Items {
		if f := &p.Items[k]; f.Figure == figure {
			score += f.scaled(u, p.weightScale(u))
			ok = true
		}
	}
	return score, ok
}

// WeightScale is what the weights of e are multiplied by because items were dropped;
// 1 when none was, 0 when all were.
func (r *Result) WeightScale(e int) float64 {
	if p := r.ranked(e); p != nil {
		return p.weightScale(r.unitOf(e))
	}
	return 1
}

// Missing is how the missing value of a figure was scored; empty when it is not
// missing, not used by the group, or e is not ranked.
func (r *Result) Missing(e, figure int) policy.MissingPolicy {
	p := r.ranked(e)
	if p == nil || known(r.Value(e, figure)) {
		return ""
	}
	for k := range p.Items {
		if f := &p.Items[k]; f.Figure == figure {
			return f.missingPolicy()
		}
	}
	return ""
}

// Cut is where the grades A, B, C of a pool end.
type Cut struct {
	ByScore bool
	Last    [3]int32   // last rank; 0 by score
	Least   [3]float64 // least total of that grade or better; NaN: nobody's
}

// Cut is where the grades of the pool of e end: with the next better grade's least
// total e would have that grade, others' totals standing still. ok is false when e is
// not ranked.
func (r *Result) Cut(e int) (c Cut, ok bool) {
	p := r.ranked(e)
	if p == nil {
		return Cut{}, false
	}
	return Cut{r.scheme.Groups[p.Groups[0]].Cuts.ByScore, p.Last, p.Least}, true
}
