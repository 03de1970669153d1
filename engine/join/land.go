package join

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Land is the land enterprises use in a year, in 1e-4 m². Areas beyond [unit.MaxArea]
// are held at it; up to there all sums are exact.
type Land struct {
	// Of each enterprise; Net is owned + occupied + leased in − leased out and may be
	// zero or less.
	Owned, Occupied, LeasedIn, LeasedOut, Net []unit.Area
	Uses                                      []Use // by enterprise, then parcel
	// Of each used parcel: NetOn, what its net areas come to; OverLet, that is over
	// 100.5 % of its official area; Stranger, one who is not in the register has
	// positive net land on it.
	NetOn             []unit.Area
	OverLet, Stranger []bool

	first    []int32   // of each enterprise its uses' start; one longer than the enterprises
	positive []float64 // of each enterprise the sum of its positive net areas
	occupied []float64 // of each used parcel the sum of positive net areas, strangers' too
}

// Use is an enterprise's land on a parcel; Net may be zero or less. What it leases
// out there is Own + LeasedIn − Net.
type Use struct {
	Enterprise, Parcel int32
	Net                unit.Area
	Own                unit.Area // owned and occupied
	LeasedIn           unit.Area
}

// overLet is the share of its official area, in millionths, over which a parcel is
// let twice.
const overLet = 1_005_000

// LandOn finds the land in use on 31 December of a year; by months, each tenancy's
// area counts by the months of the year in force ÷ 12, rounded once. A parcel without
// a tenancy in force that owns or occupies it is owned by its holder, whole. t may be
// nil.
func LandOn(t *Tenancies, p *Parcels, r *Register, year int, byMonths bool) *Land {
	if t == nil {
		t = &Tenancies{}
	}
	e := entriesOf(t, p, r, days(year, byMonths))
	n, parcels := r.Len(), p.Used.Len()
	l := &Land{
		Owned: make([]unit.Area, n), Occupied: make([]unit.Area, n), LeasedIn: make([]unit.Area, n),
		LeasedOut: make([]unit.Area, n), Net: make([]unit.Area, n), Uses: make([]Use, 0, len(e.all)),
		NetOn: make([]unit.Area, parcels), OverLet: make([]bool, parcels), Stranger: make([]bool, parcels),
		first: make([]int32, n+1), positive: make([]float64, n), occupied: make([]float64, parcels),
	}
	for party := range len(e.first) - 1 {
		mine := e.all[e.first[party]:e.first[party+1]]
		if party < n {
			l.total(party, mine)
			l.first[party+1] = l.first[party]
		}
		for len(mine) > 0 {
			var u Use
			u, mine = together(mine)
			u.Enterprise = int32(party)
			l.Uses = append(l.Uses, u)
			if party < n {
				l.first[party+1]++
				l.positive[party] += float64(max(u.Net, 0))
			}
		}
	}
	l.sumParcels(p)
	l.Uses = l.Uses[:l.first[n]:l.first[n]]
	return l
}

// sumParcels adds up what is on each parcel; Uses has those of strangers at its end.
func (l *Land) sumParcels(p *Parcels) {
	net := make([]sum, len(l.occupied))
	for i := range l.Uses { // parcels come in no order: nothing else here that memory would wait for
		if u := &l.Uses[i]; int(u.Parcel) < len(net) {
			net[u.Parcel].add(u.Net)
			l.occupied[u.Parcel] += float64(max(u.Net, 0))
		}
	}
	for _, u := range l.Uses[l.first[len(l.Net)]:] {
		if u.Net > 0 && int(u.Parcel) < len(net) {
			l.Stranger[u.Parcel] = true
		}
	}
	for i, s := range net {
		l.NetOn[i] = s.area()
		l.OverLet[i] = unit.CompareShare(l.NetOn[i], p.Official[i], overLet) > 0
	}
}

// Of are an enterprise's uses by parcel.
func (l *Land) Of(enterprise int32) []Use {
	return l.Uses[l.first[enterprise]:l.first[enterprise+1]]
}

// total adds an enterprise's tenancies up.
func (l *Land) total(enterprise int, mine []entry) {
	var by [4]sum
	for _, e := range mine {
		by[e.kind].add(e.area)
	}
	l.Owned[enterprise], l.Occupied[enterprise] = by[Owned].area(), by[Occupied].area()
	l.LeasedIn[enterprise], l.LeasedOut[enterprise] = by[LeasedIn].area(), by[LeasedOut].area()
	net := by[Owned]
	net.join(by[Occupied])
	net.join(by[LeasedIn])
	net.leave(by[LeasedOut])
	l.Net[enterprise] = net.area()
}

// entry is the land of one tenancy that counts, or of a holder.
type entry struct {
	area   unit.Area
	parcel int32
	kind   Kind
}

// together adds up the entries of the first parcel, and returns the others.
func together(mine []entry) (u Use, rest []entry) {
	var own, leasedIn, net sum
	n := 0
	for ; n < len(mine) && mine[n].parcel == mine[0].parcel; n++ {
		switch e := &mine[n]; e.kind {
		case Owned, Occupied:
			own.add(e.area)
		case LeasedIn:
			leasedIn.add(e.area)
		case LeasedOut:
			net.subtract(e.area)
		}
	}
	net.join(own)
	net.join(leasedIn)
	return Use{Parcel: mine[0].parcel, Net: net.area(), Own: own.area(), LeasedIn: leasedIn.area()}, mine[n:]
}

// entries are sorted by party and then parcel. Parties are the enterprises of the
// register, then those who are not in it.
type entries struct {
	first []int32 // of each party; one longer than the parties
	all   []entry
}

func entriesOf(t *Tenancies, p *Parcels, r *Register, days []unit.Date) entries {
	holder, parties := holders(t, p, r)
	first := make([]int32, parties+1)
	for i := range t.Row {
		if _, ok := t.on(i, days); !ok {
			continue
		}
		first[t.party(i, r)+1]++
		if parcel := int(t.Parcel[i]); parcel < len(holder) && t.Kind[i] <= Occupied {
			holder[parcel] = -1 // somebody else's
		}
	}
	for _, party := range holder {
		if party >= 0 {
			first[party+1]++
		}
	}
	for i := range parties {
		first[i+1] += first[i]
	}
	all := make([]entry, first[parties])
	put := func(party int32, e entry) {
		all[first[party]] = e
		first[party]++
	}
	for i := range t.Row {
		if area, ok := t.on(i, days); ok {
			put(t.party(i, r), entry{area, t.Parcel[i], t.Kind[i]})
		}
	}
	for parcel, party := range holder {
		if party >= 0 {
			put(party, entry{p.Official[parcel], int32(parcel), Owned})
		}
	}
	copy(first[1:], first[:parties]) // each has moved to its own end
	first[0] = 0
	e := entries{first, all}
	e.sort()
	return e
}

// sort brings each party's entries into the order of their parcels.
func (e entries) sort() {
	byParcel := func(a, b entry) int { return int(a.parcel) - int(b.parcel) }
	for party := range len(e.first) - 1 {
		if mine := e.all[e.first[party]:e.first[party+1]]; !slices.IsSortedFunc(mine, byParcel) {
			slices.SortFunc(mine, byParcel) // equal ones are added up: their order says nothing
		}
	}
}

// holders is the party that holds each used parcel, -1 for nobody, and the number of
// parties.
func holders(t *Tenancies, p *Parcels, r *Register) (holder []int32, parties int) {
	holder = make([]int32, p.Used.Len())
	parties = r.Len() + len(t.outsiders.texts)
	if p.Holders == nil {
		for i := range holder {
			holder[i] = -1
		}
		return holder, parties
	}
	copy(holder, p.Holders.Enterprise)
	if p.Holders.outsider == nil {
		return holder, parties
	}
	party := make([]int32, len(p.Holders.outsiders.texts))
	for i, who := range p.Holders.outsiders.texts {
		if n, ok := t.outsiders.find(who); ok { // one who has tenancies too
			party[i] = int32(r.Len()) + n
			continue
		}
		party[i] = int32(parties)
		parties++
	}
	for i, n := range p.Holders.outsider {
		if n >= 0 {
			holder[i] = party[n]
		}
	}
	return holder, parties
}

// party is whose a tenancy is: an enterprise, or behind them who is not in the
// register.
func (t *Tenancies) party(i int, r *Register) int32 {
	if e := t.Enterprise[i]; e >= 0 {
		return e
	}
	return int32(r.Len()) + t.outsider[i]
}

// on is a tenancy's area that counts when it counts on the given days; ok is false
// when it is in force on none of them.
func (t *Tenancies) on(i int, days []unit.Date) (area unit.Area, ok bool) {
	n := 0
	for _, day := range days {
		if t.From[i] <= day && day <= t.To[i] {
			n++
		}
	}
	return t.Area[i].Scale(unit.Area(n), unit.Area(len(days))), n > 0
}

// days are the days of a year on which tenancies are looked at: its last, or the last
// of each month.
func days(year int, byMonths bool) []unit.Date {
	year = max(1, min(year, 9999)) // the calendar's
	if !byMonths {
		last, _ := unit.NewDate(year, 12, 31)
		return []unit.Date{last}
	}
	var last []unit.Date
	for month := 1; month <= 12; month++ {
		for day := 31; ; day-- {
			if d, ok := unit.NewDate(year, month, day); ok {
				last = append(last, d)
				break
			}
		}
	}
	return last
}
