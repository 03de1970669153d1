package sample

import (
	"strconv"

	"github.com/muscope-gis/muscope/engine/table"
)

// harvest is what one run of cells brings in, table by table.
type harvest struct {
	parcels, landUse, enterprises, tenancies *table.Builder
	output, tax, energy, emissions           *table.Builder
	adjustments                              *table.Builder
}

func newHarvest(parcels int) *harvest {
	b := func(name string, n int) *table.Builder { return table.NewBuilder(table.MustInput(name), n) }
	return &harvest{
		parcels: b(table.Parcels, parcels), landUse: b(table.LandUse, parcels/2),
		enterprises: b(table.Enterprises, parcels/3), tenancies: b(table.Tenancies, parcels/3),
		output: b(table.Output, parcels*2/3), tax: b(table.Tax, parcels*2/3),
		energy: b(table.Energy, parcels*2/3), emissions: b(table.Emissions, parcels*2/3),
		adjustments: b(table.Adjustments, 16),
	}
}

// lot is a parcel being made up.
type lot struct {
	number   int
	from, to int // its points in the drawer's memory
	class    class
	landUse  string
	standard string
	story    *story
	area     int64 // 1e-2 m²
	centre   point
	zone     int16
	owner    int // position among the block's enterprises, or -1
	tenants  int
	let      int64
}

// drawer turns cells into rows. It is one goroutine's.
type drawer struct {
	*plan
	*harvest
	block  block
	dice   *dice
	points []point
	lots   []lot
	firms  []firm
	text   []byte
	inUse  trades
}

func newDrawer(p *plan) *drawer {
	d := &drawer{plan: p}
	d.dice = &d.block.dice
	d.inUse = trades{
		industry: p.words.trades("industry"), chemical: p.words.trades("chemical"),
		utility: p.words.trades("utility"), service: p.words.trades("service"),
	}
	return d
}

// cell draws one cell into the harvest.
func (d *drawer) cell(at int) {
	c := &d.cells[at]
	d.dice.seed(d.seed, roomBlock, uint64(at))
	first, n := int(d.firstParcel[at]), int(d.firstParcel[at+1]-d.firstParcel[at])
	low, high := c.rows(n, d.hashOf(at))
	d.block.draw(d.quad(at%d.nx, at/d.nx), c.wet, low, high)
	d.points, d.lots = d.points[:0], d.lots[:0]
	codes := d.codes(c, at)
	for i := range d.block.rows {
		r := &d.block.rows[i]
		count, class := low, c.low
		if r.north {
			count, class = high, c.high
		}
		for k := range min(count, len(r.at)-1) {
			d.lot(at, first, d.block.lots(r, k, k+1), class, codes.row(i, class), codes.standard.name)
			first++
		}
	}
	d.settle(at)
	for i := range d.lots {
		d.parcel(&d.lots[i])
	}
	for i := range d.firms {
		d.firm(&d.firms[i])
	}
	d.mapCell(at, codes)
}

// rows splits n lots between a block's two rows as they were wished for.
func (c *cell) rows(n int, h uint64) (low, high int) {
	if c.use != built || n < 2 {
		return n, 0
	}
	a, b := rowLots(c.low, h>>24), rowLots(c.high, h>>32)
	low = min(max((n*a+(a+b)/2)/(a+b), 1), n-1)
	return low, n - low
}

func (d *drawer) lot(at, number int, ring []point, k class, landUse, standard string) {
	l := lot{
		number: number, from: len(d.points), class: k, landUse: landUse, standard: standard,
		story: storyOf(number), owner: -1,
	}
	d.points = append(d.points, ring...)
	l.to = len(d.points)
	l.centre = middle(ring)
	l.area = groundArea(twiceArea(ring), l.centre.y)
	l.zone = d.zoneOf(at, l.centre)
	if k == nothing {
		l.story = &story{}
	}
	d.lots = append(d.lots, l)
}

// appendParcelCode is a 19-character code (宗地代码): county, cadastral district
// by zone, sub-district, kind of right, number.
func appendParcelCode(dst []byte, l *lot) []byte {
	dst = append(dst, "999904"...)
	dst = appendPadded(dst, (int(l.zone)+1)%1000, 3)
	dst = appendPadded(dst, l.number/100000+1, 3)
	if l.zone < 0 {
		dst = append(dst, "JC"...)
	} else {
		dst = append(dst, "GB"...)
	}
	return appendPadded(dst, l.number%100000, 5)
}

func appendPadded(dst []byte, n, width int) []byte {
	for ; width > 1; width-- {
		limit := 1
		for range width - 1 {
			limit *= 10
		}
		if n >= limit {
			break
		}
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(n), 10)
}

// hundredths sets a number column to v/100.
func hundredths(b *table.Builder, column int, v int64) { b.Number(column, float64(v)/100) }

// perMu is rate × the area in mu, in hundredths, for an area in 1e-2 m².
func perMu(area int64, rate int) int64 { return area * int64(rate) * 3 / 2000 }

func share(v int64, perMille int) int64 { return v * int64(perMille) / 1000 }

func (d *drawer) parcel(l *lot) {
	b, s := d.parcels, l.story
	d.text = appendParcelCode(d.text[:0], l)
	b.Text(parcelCode, d.text)
	b.String(parcelLandUse, l.landUse)
	b.String(parcelStandard, l.standard)
	if v := d.recorded(l.area); v > 0 {
		hundredths(b, parcelRecorded, v)
	}
	if z := d.declared(l.zone); z >= 0 {
		b.String(parcelZone, d.zones[z].code)
	}
	if l.class != nothing {
		d.holder(l)
		b.String(parcelMethod, d.words.pick("method", d.dice.below(20)/16))
		d.dates(s)
		d.money(l)
		if s.running() {
			d.buildings(l)
		}
	}
	if s.state != "" {
		b.String(parcelSupplyState, s.state)
	}
	b.AppendText(parcelGeometry, func(dst []byte) []byte { return appendPolygon(dst, d.points[l.from:l.to]) })
	b.EndRow(0, int64(l.number)+1)
}

// recorded is the area in the register: mostly within a thousandth of the drawn
// one, at times over the tolerances of 0.3 and of 1 per cent, at times missing.
func (d *drawer) recorded(area int64) int64 {
	off := d.dice.around(800)
	switch k := d.dice.below(1000); {
	case k < 6:
		off = d.dice.between(3500, 9000) * (2*d.dice.below(2) - 1)
	case k < 9:
		off = d.dice.between(12000, 60000) * (2*d.dice.below(2) - 1)
	case k < 15:
		return 0
	}
	return area + area*int64(off)/1_000_000
}

// declared is the zone the bureau's table says: at times none, seldom another one.
func (d *drawer) declared(z int16) int16 {
	switch k := d.dice.below(1000); {
	case k < 100:
		return -1
	case k < 103:
		return int16(d.dice.below(len(d.zones)))
	}
	return z
}

func (d *drawer) holder(l *lot) {
	b := d.parcels
	switch {
	case l.owner >= 0 && d.firms[l.owner].form == occupied:
	case l.owner >= 0:
		f := &d.firms[l.owner]
		d.text = appendCreditCode(d.text[:0], f.id)
		b.Text(parcelHolder, d.text)
		d.text = d.appendFirmName(d.text[:0], f)
		b.Text(parcelHolderName, d.text)
	default:
		b.String(parcelHolderName, d.words.pick("holder", d.dice.below(64)))
	}
}

// dates tells the story in the order of the columns.
func (d *drawer) dates(s *story) {
	spans := [8]span{s.signed, s.delivered, s.dueStart, s.dueFinish, s.extended, s.started, s.suspended, s.finished}
	for i, sp := range spans {
		if at, ok := d.dice.day(sp); ok {
			d.parcels.Date(parcelSigned+i, at)
		}
	}
	if s.cause != "" {
		d.parcels.String(parcelCause, s.cause)
	}
}

// money is investment in 1e-2 wan yuan, and the progress of the works.
func (d *drawer) money(l *lot) {
	b, s := d.parcels, l.story
	if s.signed == (span{}) {
		return
	}
	price := perMu(l.area, d.dice.between(12, 40))
	total := perMu(l.area, d.dice.between(120, 480))
	if s.price && !d.dice.perMille(20) {
		hundredths(b, parcelLandPrice, price)
	}
	hundredths(b, parcelInvestmentTotal, total)
	develop := share(l.area, d.dice.between(880, 1000))
	hundredths(b, parcelToDevelop, develop)
	if s.invested[1] > 0 {
		made := share(total, 10*d.dice.between(s.invested[0], s.invested[1]))
		hundredths(b, parcelInvestmentMade, made)
		if s.running() {
			hundredths(b, parcelFixedAssets, made+price)
		}
	}
	if s.developed[1] > 0 {
		hundredths(b, parcelDeveloped, share(develop, 10*d.dice.between(s.developed[0], s.developed[1])))
	}
}

// buildings of a finished parcel; the shares are ones a planner would expect of
// its use, now and then below the rules.
func (d *drawer) buildings(l *lot) {
	b := d.parcels
	floor, cover := d.dice.between(600, 1900), d.dice.between(300, 560)
	if l.class == residence {
		floor, cover = d.dice.between(1100, 2800), d.dice.between(180, 320)
	}
	hundredths(b, parcelFloor, share(l.area, floor))
	hundredths(b, parcelFootprint, share(l.area, cover))
	if l.class == industry {
		hundredths(b, parcelYard, share(l.area, d.dice.between(0, 120)))
		ancillary := d.dice.between(30, 90)
		if d.dice.perMille(700) {
			hundredths(b, parcelAncillaryLand, share(l.area, ancillary))
		}
		hundredths(b, parcelAncillaryFloor, share(share(l.area, floor), ancillary))
		b.Bool(parcelStandardLand, d.dice.perMille(150))
	}
	hundredths(b, parcelGreen, share(l.area, d.dice.between(50, 240)))
	if d.dice.perMille(8) {
		b.String(parcelTags, d.words.pick("tag", 3))
	}
}
