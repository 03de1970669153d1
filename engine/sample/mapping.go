package sample

import "github.com/muscope-gis/muscope/engine/table"

// codes are a cell's land-use codes in the standard of its zone.
type codes struct {
	standard *standard
	h        uint64
	rural    bool
}

// standard is the part of a land-use standard the made-up city uses.
type standard struct {
	name                   string
	by                     map[class][]string
	road, green, pond, way string
	fields                 []string
	village                string
}

var standards = map[string]*standard{
	ydyh2023: {
		name: ydyh2023,
		by: map[class][]string{
			industry:  {"1001", "100101", "100102", "100101", "100103", "1001", "1101", "110101"},
			residence: {"0701", "070102", "070101", "0701"},
			public:    {"080403", "0801", "080601", "0802", "0805", "0803", "0806"},
			other:     {"0901", "0902", "1303", "120803", "090104"},
			nothing:   {"0101"},
		},
		road: "1207", green: "1401", pond: "1704", way: "1701", fields: []string{"0101", "0103", "0301"}, village: "0703",
	},
	tdt1055: {
		name: tdt1055,
		by: map[class][]string{
			industry:  {"0601", "0601", "0601", "0508"},
			residence: {"0701"},
			public:    {"08H1", "08H2"},
			other:     {"05H1", "0809"},
			nothing:   {"0101"},
		},
		road: "1004", green: "0810", pond: "1104", way: "1101", fields: []string{"0101", "0103", "0301"}, village: "0702",
	},
}

func (d *drawer) standard(zone int16) string {
	if zone < 0 {
		return ydyh2023
	}
	return d.zones[zone].scheme.standard
}

func (d *drawer) codes(c *cell, at int) codes {
	return codes{standards[d.standard(c.zone)], d.hashOf(at) >> 44, c.zone < 0}
}

// row is the code of a row of lots.
func (c codes) row(i int, k class) string {
	if c.rural && k == residence {
		return c.standard.village
	}
	list := c.standard.by[k]
	return list[(c.h>>(4*i))%uint64(len(list))]
}

// mapCell writes the cell's land use: streets about the block, and the block by
// rows, as a park, a pond or fields; a fifth of the streets is not mapped.
func (d *drawer) mapCell(at int, k codes) {
	c := &d.cells[at]
	ring := d.block.streets()
	switch c.use {
	case bare:
		return
	case farmland:
		fields := k.standard.fields
		d.use(at, 0, fields[k.h%uint64(len(fields))], "unbuilt", "not_to_supply", ring)
		return
	case park:
		d.use(at, 1, k.standard.green, "built", "supplied", d.block.outline())
	case pond:
		d.use(at, 1, k.standard.pond, "not_buildable", "not_to_supply", d.block.outline())
	default:
		d.mapRows(at, c, k)
	}
	if k.h>>8%5 != 0 {
		d.use(at, 0, k.standard.road, "built", "supplied", ring, reversed(d.block.outline()))
	}
}

func (d *drawer) mapRows(at int, c *cell, k codes) {
	build, supply := "built", "supplied"
	if len(d.lots) == 0 {
		build, supply = "ready", "to_supply"
	} else if k.h>>12%20 == 0 {
		build, supply = "unbuilt", "idle"
	}
	rows := d.block.rows
	low, high := k.row(0, c.low), k.row(len(rows)-1, c.high)
	if len(rows) == 1 || low == high {
		d.use(at, 1, low, build, supply, d.block.outline())
		return
	}
	d.use(at, 1, low, build, supply, d.block.lots(&rows[0], 0, len(rows[0].at)-1))
	d.use(at, 2, high, build, supply, d.block.lots(&rows[1], 0, len(rows[1].at)-1))
}

func (d *drawer) use(at, part int, code, build, supply string, shell []point, holes ...[]point) {
	b := d.landUse
	d.text = appendPadded(append(d.text[:0], "LU"...), at*4+part, 8)
	b.Text(useID, d.text)
	b.String(useCode, code)
	z := d.cells[at].zone
	b.String(useStandard, d.standard(z))
	if z >= 0 && !d.dice.perMille(100) {
		b.String(useZone, d.zones[z].code)
	}
	b.String(useBuildState, build)
	b.String(useSupplyState, supply)
	if build == "built" && len(holes) == 0 && part > 0 && d.cells[at].use == built {
		area := groundArea(twiceArea(shell), shell[0].y)
		hundredths(b, useFloor, share(area, d.dice.between(700, 1600)))
		hundredths(b, useBase, share(area, d.dice.between(250, 480)))
		hundredths(b, useStructure, share(area, d.dice.between(10, 90)))
	}
	b.AppendText(useGeometry, func(dst []byte) []byte { return appendPolygon(dst, shell, holes...) })
	end(b)
}

// waters writes the rivers' land use.
func (p *plan) waters(b *table.Builder) {
	for i, r := range p.rivers {
		b.String(useID, "LUW"+pad(i+1, 5))
		b.String(useCode, standards[ydyh2023].way)
		b.String(useStandard, ydyh2023)
		b.String(useBuildState, "not_buildable")
		b.String(useSupplyState, "not_to_supply")
		b.AppendText(useGeometry, func(dst []byte) []byte { return appendPolygon(dst, r.water(p.lattice)) })
		end(b)
	}
}
