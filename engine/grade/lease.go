package grade

import (
	"math"
	"slices"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// tenant is whether e leases and has no land of its own.
func (e *Enterprises) tenant(i int) bool { return e.LeasedIn[i] > 0 && e.Own[i] <= 0 }

// followers are the below-scale tenants, which take their owners' grades.
type followers struct {
	of     *Enterprises
	owners []int32 // of each parcel, −1 none
	first  []int32 // of each enterprise, its first use
}

// followers is nil unless the scheme has tenants take their owners' grades.
func (r *Result) followers() *followers {
	if r.scheme.Lease != policy.LeaseOwner {
		return nil
	}
	e := r.of
	r.Owner = make([]int32, len(e.Code))
	for i := range r.Owner {
		r.Owner[i] = -1
	}
	f := &followers{of: e, owners: make([]int32, parcels(e.Uses)), first: make([]int32, len(e.Code)+1)}
	most := make([]unit.Area, len(f.owners))
	for p := range f.owners {
		f.owners[p] = -1
	}
	for _, u := range e.Uses {
		f.first[u.Enterprise+1]++
		if u.Own > most[u.Parcel] { // uses come by enterprise: of equal ones the smaller code stays
			most[u.Parcel], f.owners[u.Parcel] = u.Own, u.Enterprise
		}
	}
	for i := range e.Code {
		f.first[i+1] += f.first[i]
	}
	return f
}

func parcels(uses []Use) int {
	n := int32(0)
	for _, u := range uses {
		n = max(n, u.Parcel+1)
	}
	return int(n)
}

func (f *followers) has(e int) bool { return f != nil && f.of.AboveScale[e] == No && f.of.tenant(e) }

// owner is the owner of the parcel of which e leases most, −1 none.
func (f *followers) owner(e int) int32 {
	most, owner := unit.Area(0), int32(-1)
	for _, u := range f.of.Uses[f.first[e]:f.first[e+1]] {
		if u.LeasedIn > most {
			most, owner = u.LeasedIn, f.owners[u.Parcel]
		}
	}
	return owner
}

// follow gives tenants the final grades of their owners.
func (r *Result) follow() {
	for i, o := range r.Owner {
		if r.Why[i] != OwnerNotGraded || o < 0 || r.Owner[o] >= 0 || r.Why[o] != Graded {
			continue
		}
		r.Why[i], r.Initial[i] = Graded, r.Final[o]
		r.Final[i] = last(r.Initial[i], r.own(i))
	}
}

// merge makes units of the enterprises that use common parcels.
func (r *Result) merge() {
	link := r.links()
	r.Unit = make([]int32, len(link))
	for i := range r.Unit {
		r.Unit[i] = int32(i)
	}
	largest := r.Unit // the enterprise with the most land, for now by the root of each unit, its smallest number
	for i := range link {
		if root := find(link, int32(i)); r.of.Land[i] > r.of.Land[largest[root]] {
			largest[root] = int32(i)
		}
	}
	of := make([]int32, len(link))
	for i := range of {
		of[i] = largest[find(link, int32(i))]
	}
	r.Unit, r.units = of, gather(of, len(of))
	r.land, r.scale = slices.Clone(r.of.Land), slices.Clone(r.of.AboveScale)
	r.graded = slices.Clone(r.figures)
	for k := range r.graded {
		f := &r.graded[k]
		f.This, f.Last = f.This.clone(), f.Last.clone()
	}
	for u := range link {
		if of := r.units.of(u); len(of) > 1 {
			r.mergeFacts(u, of)
		}
	}
}

func (r Ratio) clone() Ratio {
	return Ratio{slices.Clone(r.Value), slices.Clone(r.Numerator), slices.Clone(r.Denominator)}
}

// links joins the enterprises that have positive net land on a common parcel; the
// exempt stay alone.
func (r *Result) links() []int32 {
	link := make([]int32, len(r.of.Code))
	for i := range link {
		link[i] = int32(i)
	}
	first := make([]int32, parcels(r.of.Uses))
	for p := range first {
		first[p] = -1
	}
	for _, u := range r.of.Uses {
		if u.Net <= 0 || r.Why[u.Enterprise].Exempt() {
			continue
		}
		if f := first[u.Parcel]; f < 0 {
			first[u.Parcel] = u.Enterprise
		} else if a, b := find(link, f), find(link, u.Enterprise); a != b {
			link[max(a, b)] = min(a, b)
		}
	}
	return link
}

// find is the root of i, with the path to it halved.
func find(link []int32, i int32) int32 {
	for link[i] != i {
		link[i] = link[link[i]]
		i = link[i]
	}
	return i
}

// mergeFacts gives a unit of several its land, scale and figures. What stands in the
// places of the others is not asked again.
func (r *Result) mergeFacts(u int, of []int32) {
	var land unit.Area
	below, above := 0, 0
	for _, i := range of {
		land += r.of.Land[i]
		switch r.of.AboveScale[i] {
		case Yes:
			above++
		case No:
			below++
		}
	}
	r.land[u], r.scale[u] = land, Unknown
	if above > 0 {
		r.scale[u] = Yes
	} else if below == len(of) {
		r.scale[u] = No
	}
	for k := range r.graded {
		from, to := &r.figures[k], &r.graded[k]
		to.merge(&to.This, &from.This, u, of)
		to.merge(&to.Last, &from.Last, u, of)
	}
}

// merge sums numerators and denominators over the members that have the figure.
func (f *Figure) merge(to, from *Ratio, u int, of []int32) {
	if from.Value == nil || from.Numerator == nil || from.Denominator == nil { // nobody has it
		return
	}
	num, den, have := ratioSums(from, of)
	to.Numerator[u], to.Denominator[u], to.Value[u] = num, den, math.NaN()
	if have > 0 && den > 0 {
		to.Value[u] = f.ratio(num, den)
	}
}
