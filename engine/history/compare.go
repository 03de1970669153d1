package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/write"
)

// Compare says what changed from one run to another, which need not be its next. Runs
// under other policies, or of no common zone, are an error, as are tables that are
// damaged.
func Compare(ctx context.Context, before, after *Run) (*Changes, error) {
	wrong := func(err error) (*Changes, error) {
		return nil, fmt.Errorf("compare %s with %s: %w", before.name(), after.name(), err)
	}
	for _, r := range []*Run{before, after} {
		if r.Problem != "" {
			return wrong(fmt.Errorf("%s cannot be read: %s", r.name(), r.Problem))
		}
	}
	if before.rules() != after.rules() {
		return wrong(fmt.Errorf("the policies are not the same: %s; %s", strings.Join(before.Policies, ","), strings.Join(after.Policies, ",")))
	}
	c := &comparison{ctx: ctx, before: before, after: after, out: &Changes{
		Before: before.side(), After: after.side(), As: how(before, after), PoliciesChanged: changedPolicies(before, after), NotCompared: []NotCompared{},
	}}
	for _, part := range []func() error{c.zones, c.idle, c.atRisk, c.underused, c.grades, c.scorecard} {
		if err := part(); err != nil {
			return wrong(err)
		}
	}
	c.out.NotEvaluated = items(missingRules(before.manifest), missingRules(after.manifest))
	c.out.Rows, c.out.Unmatched = rowsOf(before.manifest, after.manifest), unmatchedOf(before.manifest, after.manifest)
	return c.out, nil
}

// name is a run as errors have it.
func (r *Run) name() string {
	if r.RunID == "" {
		return r.Place
	}
	return "run " + r.RunID
}

func (r *Run) side() Side { return Side{r.RunID, r.Period, r.Year, r.AsOf, r.Place} }

// changedPolicies are the policies of the same id and another text.
func changedPolicies(before, after *Run) []string {
	texts, out := map[string]string{}, []string{}
	for _, p := range before.manifest.Policies {
		texts[p.ID] = p.SHA256
	}
	for _, p := range after.manifest.Policies {
		if texts[p.ID] != p.SHA256 {
			out = append(out, p.ID)
		}
	}
	slices.Sort(out)
	return out
}

// comparison is two runs being compared.
type comparison struct {
	ctx           context.Context
	before, after *Run
	out           *Changes
	idleNow       map[string]int64 // parcels idle in the run after; nil: not known
}

// without notes that a part cannot be compared.
func (c *comparison) without(part, reason string, of ...*Run) {
	n := NotCompared{Part: part, Reason: reason}
	if len(of) == 1 {
		n.RunID = of[0].RunID
	}
	c.out.NotCompared = append(c.out.NotCompared, n)
}

// both reads a table of both runs; ok is false where one has none, which is noted for
// each of the parts.
func (c *comparison) both(table string, columns []string, take func(side int, cells []string), parts ...string) (ok bool, err error) {
	var reasons []string
	var lacking []*Run
	for side, r := range []*Run{c.before, c.after} {
		missing, err := r.tables.Rows(c.ctx, table, columns, func(cells []string) error {
			take(side, cells)
			return nil
		})
		if err != nil {
			return false, err
		}
		if missing != "" {
			reasons, lacking = append(reasons, missing), append(lacking, r)
		}
	}
	for _, part := range parts {
		if len(reasons) == 2 && reasons[0] == reasons[1] {
			c.without(part, reasons[0])
			continue
		}
		for i, reason := range reasons {
			c.without(part, reason, lacking[i])
		}
	}
	return len(reasons) == 0, nil
}

// zones compares bottom lines, and refuses runs of other places.
func (c *comparison) zones() error {
	lines := [2]map[string]string{{}, {}}
	known := [2]bool{}
	ok, err := c.both("zones", []string{"zone_code", "bottom_line"}, func(side int, cells []string) {
		code, line := strings.Clone(cells[0]), strings.Clone(cells[1])
		if code != outside {
			lines[side][code] = line
			known[side] = known[side] || line != ""
		}
	}, "bottom_lines")
	if err != nil || !ok {
		return err
	}
	common := len(lines[0]) == 0 || len(lines[1]) == 0
	for code := range lines[0] {
		_, there := lines[1][code]
		common = common || there
	}
	if !common {
		return errors.New("they have no zone in common: they are of other places")
	}
	c.sided("bottom_lines", known, func() { c.out.BottomLines = bottomLines(lines) })
	return nil
}

// sided compares a part that both runs evaluated; of others it notes which did not.
func (c *comparison) sided(part string, evaluated [2]bool, compare func()) {
	switch {
	case evaluated[0] && evaluated[1]:
		compare()
	case evaluated[0]:
		c.without(part, NotEvaluated, c.after)
	case evaluated[1]:
		c.without(part, NotEvaluated, c.before)
	default:
		c.without(part, NotEvaluated)
	}
}

// outside is the row of a table of zones for what lies in none.
const outside = "outside"

func bottomLines(lines [2]map[string]string) *BottomLines {
	rank := map[string]int{"notice": 1, "accountability": 2}
	out := &BottomLines{}
	var newly, resolved []LineMove
	for _, code := range union(lines[0], lines[1]) {
		from, to := lines[0][code], lines[1][code]
		out.Before += min(1, rank[from])
		out.After += min(1, rank[to])
		switch move := (LineMove{code, from, to}); {
		case rank[to] > rank[from]:
			newly = append(newly, move)
		case rank[from] > 0 && to == "ok":
			resolved = append(resolved, move)
		}
	}
	out.Newly, out.Resolved = listOf(newly), listOf(resolved)
	return out
}

// parcels compares two lists of parcels with their land.
func (c *comparison) parcels(lists [2]map[string]int64) (Parcels, error) {
	newly, off := minus(lists[1], lists[0]), minus(lists[0], lists[1])
	out := Parcels{Before: len(lists[0]), After: len(lists[1]), Newly: listOf(newly)}
	there, err := c.before.tables.Parcels(c.ctx, newly)
	if err != nil {
		return out, err
	}
	if there != nil {
		joined := listOf(slices.DeleteFunc(slices.Clone(newly), func(code string) bool { return there[code] }))
		out.Joined = &joined
	}
	if there, err = c.after.tables.Parcels(c.ctx, off); err != nil {
		return out, err
	}
	if there != nil {
		gone := listOf(slices.DeleteFunc(slices.Clone(off), func(code string) bool { return there[code] }))
		out.Gone = &gone
		off = slices.DeleteFunc(off, func(code string) bool { return !there[code] })
	}
	out.Resolved = listOf(off)
	return out, nil
}

// measured is the land of compared lists.
func measured(p Parcels, lists [2]map[string]int64) *Mu {
	sum := func(codes []string, of map[string]int64) float64 {
		land := int64(0)
		for _, code := range codes {
			land += of[code]
		}
		return float64(land) / 1e4
	}
	return &Mu{sum(keys(lists[0]), lists[0]), sum(keys(lists[1]), lists[1]), sum(p.Newly.Items, lists[1]), sum(p.Resolved.Items, lists[0])}
}

// landOf reads mu as 1e-4 mu; nothing is none.
func landOf(table, code, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	mu, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(mu) || math.Abs(mu) > 1e12 {
		return 0, fmt.Errorf("%s: mu %q of %s is no area; the run is damaged, evaluate again", table, text, code)
	}
	return int64(math.Round(mu * 1e4)), nil
}

func (c *comparison) idle() error {
	idle, back := [2]map[string]int64{{}, {}}, [2]map[string]bool{{}, {}}
	var wrong error
	ok, err := c.both("idle_land", []string{"parcel_code", "mu", "consequence"}, func(side int, cells []string) {
		code := strings.Clone(cells[0])
		land, err := landOf("idle_land", code, cells[1])
		idle[side][code], wrong = land, cmp.Or(wrong, err)
		if cells[2] == "take_back" {
			back[side][code] = true
		}
	}, "idle")
	if err = cmp.Or(wrong, err); err != nil || !ok {
		return err
	}
	p, err := c.parcels(idle)
	if err != nil {
		return err
	}
	p.Mu, c.idleNow = measured(p, idle), idle[1]
	c.out.Idle = &Idle{Parcels: p, TakeBack: listOf(minus(back[1], back[0]))}
	c.unlisted()
	return nil
}

// unlisted notes runs that kept no list of their parcels.
func (c *comparison) unlisted() {
	p := c.out.Idle
	switch {
	case p.Joined == nil && p.Gone == nil:
		c.without("parcels", NotWritten)
	case p.Joined == nil:
		c.without("parcels", NotWritten, c.before)
	case p.Gone == nil:
		c.without("parcels", NotWritten, c.after)
	}
}

func (c *comparison) atRisk() error {
	lists := [2]map[string]int64{{}, {}}
	ok, err := c.both("supply", []string{"parcel_code", "at_risk_on"}, func(side int, cells []string) {
		if cells[1] != "" {
			lists[side][strings.Clone(cells[0])] = 0
		}
	}, "at_risk")
	if err != nil || !ok {
		return err
	}
	p, err := c.parcels(lists)
	if err != nil {
		return err
	}
	c.out.AtRisk = &AtRisk{Parcels: p}
	if c.idleNow != nil {
		became := listOf(slices.DeleteFunc(slices.Clone(p.Resolved.Items), func(code string) bool {
			_, idle := c.idleNow[code]
			return !idle
		}))
		c.out.AtRisk.BecameIdle = &became
	}
	return nil
}

func (c *comparison) underused() error {
	lists := [2]map[string]int64{{}, {}}
	var wrong error
	ok, err := c.both("underused_land", []string{"parcel_code", "mu"}, func(side int, cells []string) {
		code := strings.Clone(cells[0])
		land, err := landOf("underused_land", code, cells[1])
		lists[side][code], wrong = land, cmp.Or(wrong, err)
	}, "underused")
	if err = cmp.Or(wrong, err); err != nil || !ok {
		return err
	}
	p, err := c.parcels(lists)
	if err != nil {
		return err
	}
	p.Mu = measured(p, lists)
	c.out.Underused = &p
	return nil
}

// minus is what a holds and b does not, sorted.
func minus[V any](a, b map[string]V) []string {
	var out []string
	for code := range a {
		if _, there := b[code]; !there {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return out
}

func keys[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }

// union is the keys of both, sorted.
func union[V any](a, b map[string]V) []string {
	all := maps.Clone(a)
	if all == nil {
		return keys(b)
	}
	maps.Copy(all, b)
	return keys(all)
}

func items(before, after map[string]bool) Items {
	return Items{Before: len(before), After: len(after), Newly: listOf(minus(after, before)), Resolved: listOf(minus(before, after))}
}

func missingRules(m *write.Manifest) map[string]bool {
	out := map[string]bool{}
	for _, n := range m.NotEvaluated {
		out[n.Rule+" ("+n.Missing+")"] = true
	}
	return out
}

// rowsOf are the tables of which other numbers of rows were read or rejected.
func rowsOf(before, after *write.Manifest) []Rows {
	out := []Rows{}
	for _, name := range union(before.Counts, after.Counts) {
		count := func(m *write.Manifest) *Count {
			c, ok := m.Counts[name]
			if !ok {
				return nil
			}
			return &Count{c.Read, c.Rejected}
		}
		a, b := count(before), count(after)
		if a == nil || b == nil || *a != *b {
			out = append(out, Rows{name, a, b})
		}
	}
	return out
}

func unmatchedOf(before, after *write.Manifest) []Unmatched {
	out := []Unmatched{}
	for _, reason := range union(before.Unmatched, after.Unmatched) {
		if a, b := before.Unmatched[reason].Rows, after.Unmatched[reason].Rows; a != b {
			out = append(out, Unmatched{reason, a, b})
		}
	}
	return out
}
