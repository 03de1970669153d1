package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// shared is what enterprises' figures and grades come to on parcels and zones. The
// parcels are numbered as they are used; the last zone is what lies outside all.
type shared struct {
	onParcels map[indicate.Quantity]onParcels
	inZones   map[indicate.Quantity]*join.ZoneSums
	occupants occupants
	grade     []grade.Grade  // of each parcel; nil without a scheme
	graded    [][5]unit.Area // by zone, official area of parcels by grade A to D and T
}

// onParcels is a figure's sum on each parcel, and why it is missing.
type onParcels struct {
	sum []float64 // fen
	why []join.Why
}

// occupants are the uses of each parcel with positive net land.
type occupants struct {
	first []int32     // of each parcel, one longer than the parcels
	use   []grade.Use // by parcel and then enterprise
}

// of are the uses of a parcel.
func (o *occupants) of(parcel int) []grade.Use { return o.use[o.first[parcel]:o.first[parcel+1]] }

// sharedQuantities are the figures that are shown per mu of parcels and zones.
var sharedQuantities = []indicate.Quantity{indicate.Tax, indicate.Sales, indicate.Output}

// share brings figures and grades onto parcels and zones.
func (r *results) share(context.Context) (rows int, err error) {
	j := r.joined
	if j == nil {
		return 0, nil
	}
	n := len(r.Parcels.Order)
	s := &shared{onParcels: map[indicate.Quantity]onParcels{}, inZones: map[indicate.Quantity]*join.ZoneSums{}}
	r.shared = s
	for _, q := range sharedQuantities {
		sum, why := j.Land.ToParcels(r.facts.This[q], n)
		s.onParcels[q] = onParcels{sum, why}
		s.inZones[q] = j.Land.ToZones(r.facts.This[q], n, len(r.Zones.Codes), func(parcel int32) ([]int32, []unit.Area, unit.Area) {
			ref := r.Parcels.Order[parcel]
			facts := r.Parcels.Facts[ref.Batch]
			zones, areas := facts.Shares(int(ref.Row))
			return zones, areas, facts.Official[ref.Row]
		})
	}
	r.keepForCard(n)
	s.occupants = occupantsOf(r.facts.Uses, n)
	if r.assessed != nil {
		s.grade = make([]grade.Grade, n)
		for parcel := range s.grade {
			s.grade[parcel], _ = grade.OfParcel(s.occupants.of(parcel), r.assessed.Final)
		}
		r.sumGrades()
	}
	return n, nil
}

// occupantsOf sorts the uses with positive net land by parcel; those of parcels whose
// row is not used are left out.
func occupantsOf(uses []grade.Use, parcels int) occupants {
	o := occupants{first: make([]int32, parcels+1)}
	occupies := func(u grade.Use) bool { return u.Net > 0 && int(u.Parcel) < parcels }
	for _, u := range uses {
		if occupies(u) {
			o.first[u.Parcel+1]++
		}
	}
	for i := range parcels {
		o.first[i+1] += o.first[i]
	}
	o.use = make([]grade.Use, o.first[parcels])
	next := slices.Clone(o.first)
	for _, u := range uses {
		if occupies(u) {
			o.use[next[u.Parcel]] = u
			next[u.Parcel]++
		}
	}
	return o
}

// gradesText is every grade on a parcel with its share of the occupants' net land,
// better first: A 0.7500;C 0.2500.
func (r *results) gradesText(parcel int) (string, bool) {
	var by [grade.T + 1]unit.Area
	var all unit.Area
	for _, u := range r.shared.occupants.of(parcel) {
		by[r.assessed.Final[u.Enterprise]] += u.Net
		all += u.Net
	}
	var parts []string
	for g := grade.A; g <= grade.T; g++ {
		if by[g] > 0 {
			share := unit.Area(10_000).Scale(by[g], all)
			parts = append(parts, fmt.Sprintf("%s %d.%04d", g, share/10_000, share%10_000))
		}
	}
	return strings.Join(parts, ";"), len(parts) > 0
}

// sumGrades adds the parcels' land up by zone and grade.
func (r *results) sumGrades() {
	s, n := r.shared, len(r.Zones.Codes)+1
	s.graded = make([][5]unit.Area, n)
	for parcel, ref := range r.Parcels.Order {
		g := s.grade[parcel]
		if g == grade.NoGrade {
			continue
		}
		facts, row := r.Parcels.Facts[ref.Batch], int(ref.Row)
		left := facts.Official[row]
		zones, areas := facts.Shares(row)
		for k, zone := range zones {
			left -= areas[k]
			s.graded[zone][g-grade.A] += areas[k]
		}
		s.graded[n-1][g-grade.A] += max(left, 0)
	}
}

// perMu is a figure's sum on a parcel per mu of it, in millionths of 万元/亩.
func (r *results) perMu(q indicate.Quantity, parcel int, official unit.Area) (int64, bool) {
	if r.shared == nil {
		return 0, false
	}
	return indicate.Millionths(indicate.PerMu(r.shared.onParcels[q].sum[parcel], float64(official)))
}

// zonePerMu is a figure per mu of its occupants' net land in a zone.
func (r *results) zonePerMu(q indicate.Quantity, zone int) (int64, bool) {
	if r.shared == nil {
		return 0, false
	}
	z := r.shared.inZones[q]
	return indicate.Millionths(indicate.PerMu(z.Sum[zone], z.Land[zone]))
}

// grade is a parcel's grade.
func (p parcel) grade(i int) (string, bool) {
	if p.r.shared == nil || p.r.shared.grade == nil {
		return "", false
	}
	g := p.r.shared.grade[i]
	return g.String(), g != grade.NoGrade
}

// grades is every grade on a parcel.
func (p parcel) grades(i int) (string, bool) {
	if p.r.shared == nil || p.r.shared.grade == nil {
		return "", false
	}
	return p.r.gradesText(i)
}

// perMu is a column of figures per mu of a parcel.
func (p parcel) perMu(name string, q indicate.Quantity) write.Column {
	return write.Fixed(name, 6, func(i int) (int64, bool) { return p.r.perMu(q, i, p.official(i)) })
}

// reasons says why a parcel is idle or about to be, why it has its grade, and why its
// occupants' tax is missing.
func (p parcel) reasons(i int) (string, bool) {
	var parts []string
	if why, ok := p.idleReason(i); ok {
		parts = append(parts, why)
	}
	if why, ok := p.gradeReason(i); ok {
		parts = append(parts, why)
	}
	if p.r.shared != nil && (len(p.r.shared.occupants.of(i)) > 0 || p.industrial(i)) {
		if why := p.r.shared.onParcels[indicate.Tax].why[i]; why != join.Known && why != join.NoOccupant {
			parts = append(parts, "tax_per_mu missing: "+why.String())
		}
	}
	return strings.Join(parts, " | "), len(parts) > 0
}

// industrial says whether a parcel's land is for industry, where enterprises are
// expected.
func (p parcel) industrial(i int) bool {
	b, row := p.At(i)
	return p.r.Parcels.Classes[b][row] == codes.Industry
}

// gradeReason names the occupant whose grade the parcel has.
func (p parcel) gradeReason(i int) (string, bool) {
	g, ok := p.grade(i)
	if !ok {
		return "", false
	}
	a, f := p.r.assessed, p.r.facts
	_, of := grade.OfParcel(p.r.shared.occupants.of(i), a.Final)
	text := fmt.Sprintf("grade %s (%s): %s", g, p.r.o.Rules.Grading.Rule.Clause, f.Code[of])
	if a.Rank[of] > 0 {
		pool := a.Pools[a.Pool[of]]
		text += fmt.Sprintf(" total=%s rank=%d of=%d group=%s", strconv.FormatFloat(a.Total[of], 'f', -1, 64), a.Rank[of], pool.N, pool.Name)
	}
	return text, true
}
