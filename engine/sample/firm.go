package sample

import "github.com/muscope-gis/muscope/engine/unit"

// trades are the industries to choose from.
type trades struct{ industry, chemical, utility, service []trade }

// form is how an enterprise has its land.
type form uint8

const (
	landless form = iota
	held          // as the parcel's holder, without a tenancy
	owned         // a tenancy with its area
	ownedAll      // a tenancy without an area
	occupied      // without being the holder
	tenant
)

// firm is an enterprise being made up.
type firm struct {
	number int
	id     uint64 // of its credit code
	form   form
	lot    int // its parcel among the block's, or -1
	area   int64
	trade  trade
	above  bool
	since  unit.Date
	zone   int16
}

// settle puts the cell's enterprises on its parcels: the first comer to a running
// parcel owns it, the next ones are tenants, and one in ten has no land here.
func (d *drawer) settle(at int) {
	d.firms = d.firms[:0]
	first, n := int(d.firstFirm[at]), int(d.firstFirm[at+1])
	for e := first; e < n; e++ {
		f := firm{number: e, id: d.seed%1000*1_000_003 + uint64(e), lot: -1, zone: d.cells[at].zone}
		if len(d.lots) > 0 && !d.dice.perMille(60) {
			f.lot = d.workplace(e)
		}
		d.trade(&f, d.cells[at].near)
		f.above = d.dice.perMille(300)
		f.since = d.registered()
		if f.lot >= 0 {
			l := &d.lots[f.lot]
			f.zone = l.zone
			if l.owner < 0 {
				l.owner, f.area, f.form = len(d.firms), l.area, held
			} else {
				f.form, f.area = tenant, share(l.area, d.dice.between(60, 180))
				l.tenants++
				l.let += f.area
			}
		}
		d.firms = append(d.firms, f)
	}
	for i := range d.firms {
		d.title(&d.firms[i])
	}
	d.reserve()
}

// workplace is a running parcel for industry or commerce with room left, or -1.
func (d *drawer) workplace(e int) int {
	for k := range d.lots {
		i := (e + k) % len(d.lots)
		l := &d.lots[i]
		if l.story.running() && (l.class == industry || l.class == other) && l.let < l.area*6/10 {
			return i
		}
	}
	return -1
}

// title decides how an owner's land stands in the tenancies.
func (d *drawer) title(f *firm) {
	if f.form != held {
		return
	}
	l := &d.lots[f.lot]
	switch k := d.dice.below(100); {
	case k < 30:
		f.form = owned
	case k < 40 && l.tenants == 0:
		f.form = ownedAll
	case k < 45:
		f.form = occupied
	}
	f.area -= l.let
}

// reserve gives parcels nobody works on to enterprises of the block, two in five.
func (d *drawer) reserve() {
	for i := range d.lots {
		l := &d.lots[i]
		if l.owner < 0 && len(d.firms) > 0 && l.class == industry && d.dice.perMille(400) {
			l.owner = d.dice.below(len(d.firms))
			if d.firms[l.owner].form == occupied {
				l.owner = -1
			}
		}
	}
}

func (d *drawer) trade(f *firm, near bool) {
	list := d.inUse.industry
	switch {
	case f.lot >= 0 && d.lots[f.lot].class == other:
		list = d.inUse.service
	case d.dice.perMille(15):
		list = d.inUse.utility
	case near && d.dice.perMille(180), f.lot >= 0 && d.inPark(d.lots[f.lot].centre) && d.dice.perMille(500):
		list = d.inUse.chemical
	case d.dice.perMille(10):
		list = d.inUse.chemical
	}
	f.trade = list[d.dice.below(len(list))]
}

// registered is a day from 1996 on; three in a hundred are too new to be graded.
func (d *drawer) registered() unit.Date {
	if d.dice.perMille(30) {
		return asOf - unit.Date(d.dice.between(200, 900))
	}
	return asOf - unit.Date(d.dice.between(1000, 29*year))
}

// appendFirmName gives every number another name.
func (d *drawer) appendFirmName(dst []byte, f *firm) []byte {
	syllables := d.words["syllable"]
	base := len(syllables)
	dst = append(dst, d.words.pick("city", 0)...)
	a, rest := f.number%base, f.number/base
	dst = append(dst, syllables[a]...)
	dst = append(dst, syllables[(rest+a*7)%base]...)
	for rest /= base; rest > 0; rest /= base {
		dst = append(dst, syllables[rest%base]...)
	}
	dst = append(dst, f.trade.noun...)
	return append(dst, d.words.pick("company", 0)...)
}

func (d *drawer) firm(f *firm) {
	b := d.enterprises
	d.text = appendCreditCode(d.text[:0], f.id)
	b.Text(firmCode, d.text)
	d.text = d.appendFirmName(d.text[:0], f)
	b.Text(firmName, d.text)
	b.String(firmIndustry, f.trade.code)
	if !d.dice.perMille(10) {
		b.Bool(firmAboveScale, f.above)
	}
	b.Date(firmRegistered, f.since)
	if d.dice.perMille(500) {
		b.Date(firmProduction, f.since+unit.Date(d.dice.between(100, 700)))
	}
	if z := d.declared(f.zone); z >= 0 {
		b.String(firmZone, d.zones[z].code)
	}
	if f.lot >= 0 && !d.dice.perMille(100) {
		b.Number(firmLon, degrees(d.lots[f.lot].centre.x))
		b.Number(firmLat, degrees(d.lots[f.lot].centre.y))
	}
	d.flags(f)
	b.EndRow(0, int64(f.number)+2)
	d.tenancy(f)
	d.accounts(f)
	if d.dice.perMille(40) {
		d.adjust(f)
	}
}

func (d *drawer) flags(f *firm) {
	b := d.enterprises
	b.Bool(firmHighTech, d.dice.perMille(220))
	b.Bool(firmUtility, f.trade.code[:2] == "44" || f.trade.code[:2] == "45" || f.trade.code[:2] == "46")
	for i, often := range [...]int{6, 10, 8, 8, 14, 12, 10} { // relocation to env_unstable
		if !d.dice.perMille(50) {
			b.Bool(firmRelocation+i, d.dice.perMille(often))
		}
	}
	if d.dice.perMille(60) {
		b.String(firmTags, d.words.pick("tag", d.dice.below(3)))
	}
}

// tenancy writes what the enterprise owns, takes and lets. Leases end, begin
// within the year, or have not begun.
func (d *drawer) tenancy(f *firm) {
	if f.lot < 0 || f.form == held {
		return
	}
	l := &d.lots[f.lot]
	from := f.since + unit.Date(d.dice.between(10, 400))
	switch f.form {
	case owned:
		d.lease(f, l, "owned", l.area, nil, from, 0)
	case ownedAll:
		d.lease(f, l, "owned", 0, nil, from, 0)
	case occupied:
		d.lease(f, l, "occupied", share(l.area, 990), nil, from, 0)
	case tenant:
		var to unit.Date
		switch k := d.dice.below(100); {
		case k < 8:
			to = asOf - unit.Date(d.dice.between(230, 900))
			from = min(from, to-100)
		case k < 14:
			from = asOf - unit.Date(d.dice.between(220, 500))
		case k < 18:
			from = asOf - unit.Date(d.dice.between(-60, 150))
		case k < 50:
			to = asOf + unit.Date(d.dice.between(0, 2000))
		}
		owner := &d.firms[l.owner]
		d.lease(f, l, "leased_in", f.area, owner, from, to)
		d.lease(owner, l, "leased_out", f.area, f, from, to)
	}
}

func (d *drawer) lease(f *firm, l *lot, kind string, area int64, with *firm, from, to unit.Date) {
	b := d.tenancies
	d.text = appendCreditCode(d.text[:0], f.id)
	b.Text(tenancyFirm, d.text)
	d.text = appendParcelCode(d.text[:0], l)
	b.Text(tenancyParcel, d.text)
	b.String(tenancyKind, kind)
	if area > 0 {
		hundredths(b, tenancyArea, area)
		if kind == "leased_in" {
			hundredths(b, tenancyFloor, share(area, 1100))
		}
	}
	if with != nil {
		d.text = appendCreditCode(d.text[:0], with.id)
		b.Text(tenancyCounterpart, d.text)
	}
	b.Date(tenancyFrom, from)
	if to != 0 {
		b.Date(tenancyTo, to)
	}
	b.EndRow(0, int64(b.Rows())+2)
}
