package sample

import (
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Years is the first and the last year the accounts are kept for.
const (
	firstYear = 2023
	lastYear  = 2024
)

// books are an enterprise's figures of a year, in hundredths.
type books struct{ tax, sales, valueAdded int64 }

// accounts writes the enterprise's rows of the four account tables. A year is the
// one before it, better or worse; rows are missing now and then.
func (d *drawer) accounts(f *firm) {
	area := f.area
	if area <= 0 {
		area = int64(d.dice.between(100_000, 400_000)) // as if on 1.5 to 6 mu
	}
	rate := d.dice.between(10, 200) * d.dice.between(10, 200) / 100 // 1 to 400, most small
	scale := 6
	if f.above {
		scale = 16
	}
	y := books{tax: perMu(area, rate*scale) / 100}
	y.sales = y.tax * int64(d.dice.between(1400, 4800)) / 100
	y.valueAdded = share(y.sales, d.dice.between(160, 360))
	for year := firstYear; year <= lastYear; year++ {
		if d.dice.perMille(970) && f.since.Year() <= year {
			d.outputRow(f, year, &y)
		}
		if d.dice.perMille(970) && f.since.Year() <= year {
			d.taxRow(f, year, &y)
		}
		if d.dice.perMille(960) {
			d.energyRow(f, year, &y)
		}
		if d.dice.perMille(620) {
			d.emissionRow(f, year, &y)
		}
		change := d.dice.between(820, 1260)
		y.tax, y.sales, y.valueAdded = share(y.tax, change), share(y.sales, change+d.dice.around(60)), share(y.valueAdded, change+d.dice.around(80))
	}
}

func (d *drawer) begin(b *table.Builder, f *firm, year int) {
	d.text = appendCreditCode(d.text[:0], f.id)
	b.Text(accountFirm, d.text)
	b.Integer(accountYear, int64(year))
}

func end(b *table.Builder) { b.EndRow(0, int64(b.Rows())+2) }

func (d *drawer) outputRow(f *firm, year int, y *books) {
	b := d.output
	d.begin(b, f, year)
	hundredths(b, outputOutput, share(y.sales, d.dice.between(930, 1090)))
	hundredths(b, outputSales, y.sales)
	hundredths(b, outputValueAdded, y.valueAdded)
	hundredths(b, outputProfit, share(y.sales, d.dice.between(-60, 160)))
	switch {
	case d.dice.perMille(80): // not reported
	case d.dice.perMille(250):
		hundredths(b, outputRD, 0)
	default:
		hundredths(b, outputRD, share(y.sales, d.dice.between(2, 70)))
	}
	hundredths(b, outputFixedAssets, share(y.sales, d.dice.between(0, 150)))
	if !d.dice.perMille(20) {
		b.Number(outputEmployees, float64(max(2, y.valueAdded/int64(d.dice.between(800, 4200)))))
	}
	end(b)
}

// taxRow gives the total, its heads, or both; the heads add up to it.
func (d *drawer) taxRow(f *firm, year int, y *books) {
	b, total := d.tax, y.tax
	d.begin(b, f, year)
	switch k := d.dice.below(1000); {
	case k < 30:
		total = 0
	case k < 37:
		total = -share(total, 200) // refunded more than paid
	}
	form := d.dice.below(10)
	if form < 9 {
		hundredths(b, taxTotal, total)
	}
	if form > 2 {
		rest := total
		for i, part := range [...]int{0, 240, 50, 60, 0, 45, 20, 8} {
			if v := share(total, part); v != 0 {
				hundredths(b, taxVAT+i, v)
				rest -= v
			}
		}
		hundredths(b, taxVAT, rest)
	}
	end(b)
}

func (d *drawer) energyRow(f *firm, year int, y *books) {
	b := d.energy
	d.begin(b, f, year)
	kwh := y.sales * int64(d.dice.between(150, 1500)) / 100
	coal, gas := int64(0), int64(0)
	if d.dice.perMille(150) {
		coal = kwh / 5000
	}
	if d.dice.perMille(350) {
		gas = kwh / 40
	}
	if d.dice.perMille(600) { // by the equivalent value, 0.3 kgce a kWh
		b.Number(energyTotal, float64(kwh*3/100+coal*71+gas*133/1000)/100)
	}
	b.Number(energyElectricity, float64(kwh))
	if coal > 0 {
		b.Number(energyCoal, float64(coal))
	}
	if gas > 0 {
		b.Number(energyGas, float64(gas))
	}
	b.Number(energyWater, float64(y.sales*int64(d.dice.between(20, 400))/10000))
	end(b)
}

func (d *drawer) emissionRow(f *firm, year int, y *books) {
	b := d.emissions
	d.begin(b, f, year)
	for i, rate := range [...]int64{1, 5, 4, 3} {
		switch {
		case d.dice.perMille(60): // not measured
		case d.dice.perMille(80):
			hundredths(b, emissionCOD+i, 0)
		default:
			hundredths(b, emissionCOD+i, y.sales*int64(d.dice.between(1, 40))/400_000/rate)
		}
	}
	if d.dice.perMille(400) {
		hundredths(b, emissionVOC, y.sales*int64(d.dice.between(1, 30))/800_000)
	}
	made := y.sales * int64(d.dice.between(1, 80)) / 1000
	hundredths(b, emissionWasteMade, made)
	hundredths(b, emissionWasteUsed, share(made, d.dice.between(820, 1000)))
	end(b)
}

// adjust is what the grading office decided on an enterprise.
func (d *drawer) adjust(f *firm) {
	kinds := [...]struct{ kind, value string }{
		{"bonus", "5"}, {"veto", "D"}, {"veto", "C"}, {"floor", "B"}, {"bonus", "3"}, {"manual", "B"},
		{"penalty", "10"}, {"fix", "A"},
	}
	k := d.dice.below(len(kinds))
	b := d.adjustments
	d.begin(b, f, lastYear)
	b.String(adjustmentKind, kinds[k].kind)
	b.String(adjustmentValue, kinds[k].value)
	b.String(adjustmentReason, d.words.pick("reason", k))
	b.String(adjustmentActor, d.words.pick("actor", 0))
	b.Date(adjustmentOn, asOf-unit.Date(d.dice.between(5, 120)))
	end(b)
}
