package sample

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// reported is a line of the list of indicators.
type reported struct {
	id, unit, kind, by string
	usual, growth      int64
	years              []int
}

func parseIndicators(text string) ([]reported, error) {
	var all []reported
	for i, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		if len(f) != 7 {
			return nil, fmt.Errorf("sample indicators:%d: %d fields, want 7", i+1, len(f))
		}
		r := reported{id: f[0], unit: f[1], kind: f[2], by: f[3]}
		var err error
		if r.usual, err = strconv.ParseInt(f[4], 10, 64); err == nil {
			r.growth, err = strconv.ParseInt(f[5], 10, 64)
		}
		for _, y := range strings.Split(f[6], ",") {
			n, wrong := strconv.Atoi(y)
			if wrong != nil {
				err = wrong
			}
			r.years = append(r.years, n)
		}
		if err != nil {
			return nil, fmt.Errorf("sample indicators:%d: %w", i+1, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// indicatorTable is what zones and the city report. A few figures are missing,
// and some of the monthly ones late.
func (p *plan) indicatorTable(list []reported) table.Batch {
	b := table.NewBuilder(table.MustInput(table.ZoneIndicators), len(list)*3*(len(p.zones)+1))
	for i := range list {
		r := &list[i]
		for k, y := range r.years {
			sum := int64(0)
			for z := range p.zones {
				v := r.value(newDice(p.seed, roomIndicator, uint64(i)<<32|uint64(z)), z, k)
				sum += v
				if r.by == "C" {
					continue
				}
				d := newDice(p.seed, roomIndicator, uint64(i)<<32|uint64(z)<<8|uint64(k)|1<<60)
				p.months(b, d, r, z, y, v)
				if !d.perMille(12) {
					indicate(b, r, p.zones[z].code, strconv.Itoa(y), v, 0)
				}
			}
			if r.by == "Z" {
				continue
			}
			switch r.kind {
			case "amount", "month":
				sum = sum * 100 / int64(62+2*(k+i%6))
			case "share":
				sum /= int64(len(p.zones))
			}
			indicate(b, r, "CITY", strconv.Itoa(y), sum, 0)
		}
	}
	return b.Batch()
}

// value is the k-th reported year's figure of a zone, in hundredths; d is the same
// for all its years.
func (r *reported) value(d *dice, z, k int) int64 {
	v := r.usual * 100
	switch r.kind {
	case "flag":
		if d.perMille(120) {
			return 0
		}
		return 100
	case "rank":
		return int64(3*z+1+d.below(3)+k*(d.below(3)-1)+k) * 100
	case "share":
		v = min(share(v, d.between(930, 1050)), max(r.usual*100, 10000))
	case "count":
		v = max(share(v, d.between(700, 1400))/100*100, 100)
	default:
		v = share(v, d.between(600, 1500))
		for range r.years[k] - r.years[0] {
			v = share(v, int(r.growth)+d.around(20))
		}
	}
	return v
}

// months are the last year's twelve reports, one twelfth of the year each, due on
// the tenth of the next month.
func (p *plan) months(b *table.Builder, d *dice, r *reported, z, y int, v int64) {
	if r.kind != "month" || y != lastYear {
		return
	}
	for m := 1; m <= 12; m++ {
		due, _ := unit.NewDate(y, m, 28)
		on := due + unit.Date(d.between(4, 11))
		switch k := d.below(100); {
		case k < 4:
			continue
		case k < 10:
			on += unit.Date(d.between(6, 40))
		}
		indicate(b, r, p.zones[z].code, strconv.Itoa(y)+"-"+pad(m, 2), share(v/12, d.between(900, 1100)), on)
	}
}

func indicate(b *table.Builder, r *reported, zone, period string, v int64, on unit.Date) {
	b.String(indicatorZone, zone)
	b.String(indicatorPeriod, period)
	b.String(indicatorID, r.id)
	hundredths(b, indicatorValue, v)
	if r.unit != "-" {
		b.String(indicatorUnit, r.unit)
	}
	if on != 0 {
		b.Date(indicatorReported, on)
	}
	end(b)
}
