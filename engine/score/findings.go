package score

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
)

// Findings are the failing parcels and enterprises, by rule. There may be many: what
// is told of one is made when it is asked for.
type Findings struct {
	groups []finding
	end    []int // by group the number of findings up to its last
}

// finding are those of one rule and scope.
type finding struct {
	policy.Applied
	scope  policy.Scope
	s      *Subjects
	h      *holding
	failed []int32 // by code
}

func (f *Findings) add(a policy.Applied, scope policy.Scope, s *Subjects, h *holding, failed []int32) {
	byCode := func(a, b int32) int { return strings.Compare(s.Code(int(a)), s.Code(int(b))) }
	if !slices.IsSortedFunc(failed, byCode) {
		failed = slices.Clone(failed)
		slices.SortStableFunc(failed, byCode)
	}
	f.groups = append(f.groups, finding{a, scope, s, h, failed})
}

// order puts them in the order of the scorecard.
func (f *Findings) order() {
	slices.SortStableFunc(f.groups, func(a, b finding) int {
		return cmp.Or(byRule(a.Applied, b.Applied), byScope(a.scope, b.scope))
	})
	n := 0
	f.end = make([]int, len(f.groups))
	for k := range f.groups {
		n += len(f.groups[k].failed)
		f.end[k] = n
	}
}

// Len is how many there are.
func (f *Findings) Len() int {
	if len(f.end) == 0 {
		return 0
	}
	return f.end[len(f.end)-1]
}

// at is the group of a finding and its subject.
func (f *Findings) at(i int) (of *finding, subject int) {
	k := sort.SearchInts(f.end, i+1)
	of = &f.groups[k]
	return of, int(of.failed[i-f.end[k]+len(of.failed)])
}

// Rule is the rule that the i-th fails, and the scope it is looked at in.
func (f *Findings) Rule(i int) (*policy.Rule, policy.Scope) {
	of, _ := f.at(i)
	return of.Rule, of.scope
}

// Code is the code of the parcel or enterprise.
func (f *Findings) Code(i int) string {
	of, subject := f.at(i)
	return of.s.Code(subject)
}

// Source is the row that it comes from.
func (f *Findings) Source(i int) string {
	of, subject := f.at(i)
	return of.s.Table + "/" + of.s.Code(subject)
}

// Value is what failed.
func (f *Findings) Value(i int) string { return f.told(i, theValue) }

// Bound is the bound that it misses.
func (f *Findings) Bound(i int) string { return f.told(i, theBound) }

// Unit is the unit of both.
func (f *Findings) Unit(i int) string { return realUnit(f.told(i, theUnit)) }

// Missing is what else of it is not known.
func (f *Findings) Missing(i int) string { return f.told(i, theMissing) }

func (f *Findings) told(i int, p part) string {
	of, subject := f.at(i)
	if of.h.tell == nil {
		return ""
	}
	return of.h.tell(subject, Fail, p)
}
