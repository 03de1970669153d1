package sample

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// zoneTable is the layer of zones.
func (p *plan) zoneTable() table.Batch {
	b := table.NewBuilder(table.MustInput(table.Zones), len(p.zones))
	for i := range p.zones {
		z := &p.zones[i]
		d := newDice(p.seed, roomZone, uint64(i)+1)
		b.String(zoneCode, z.code)
		b.String(zoneName, z.name)
		b.String(zoneLevel, z.scheme.level)
		if z.scheme.kind != "" {
			b.String(zoneKind, z.scheme.kind)
		}
		if z.scheme.role != "" {
			b.String(zoneRole, z.scheme.role)
		}
		b.String(zoneCounty, z.county)
		b.Integer(zoneIndustries, int64(z.scheme.industries))
		hundredths(b, zoneApprovedArea, share(z.area, d.between(985, 1012)))
		b.Date(zoneApprovedOn, asOf-unit.Date(d.between(4*year, 25*year)))
		b.AppendText(zoneGeometry, func(dst []byte) []byte { return appendZone(dst, z) })
		end(b)
	}
	return b.Batch()
}

// chemicalZone is the zone that holds the chemical park.
const chemicalZone = 1

func (p *plan) chemicalPark() []point {
	z := &p.zones[chemicalZone]
	return blob(z.centre, z.radius/2, hash(p.seed, roomLines, 1, 0))
}

// inPark says whether a place is well inside the chemical park.
func (p *plan) inPark(c point) bool {
	z := &p.zones[chemicalZone]
	dx, dy, r := c.x-z.centre.x, c.y-z.centre.y, z.radius*4/10
	return dx*dx+dy*dy < r*r
}

// lineTable is the layer of control lines: rivers as water and as middle lines, a
// name of each by an alias; one river that no rule names.
func (p *plan) lineTable() table.Batch {
	b := table.NewBuilder(table.MustInput(table.ControlLines), 16)
	add := func(id, kind, name string, shape func([]byte) []byte) {
		b.String(lineID, id)
		b.String(lineKind, kind)
		b.String(lineName, name)
		b.AppendText(lineGeometry, shape)
		end(b)
	}
	names := p.words["river"]
	ring := func(ring []point) func([]byte) []byte {
		return func(dst []byte) []byte { return appendPolygon(dst, ring) }
	}
	line := func(line []point) func([]byte) []byte {
		return func(dst []byte) []byte { return appendLine(dst, line) }
	}
	first, second, third := p.rivers[0], p.rivers[1], p.rivers[2]
	add("CL001", "river", names[0], ring(first.water(p.lattice)))
	add("CL002", "river", names[1], line(first.line(p.lattice, 0, len(first.way)/2)))
	add("CL003", "river", names[2], line(second.line(p.lattice, 0, len(second.way))))
	half := len(third.way) / 2
	add("CL004", "river", names[3], line(third.line(p.lattice, 0, half+1)))
	add("CL005", "river", names[4], line(third.line(p.lattice, half, len(third.way))))
	add("CL006", "river", names[5], line(p.brook()))
	add("CL007", "chemical_park", p.words.pick("park", 0), ring(p.chemicalPark()))
	add("CL008", "city_centre", p.words.pick("centre", 0), func(dst []byte) []byte {
		return appendPlace(dst, p.node(p.nx*45/100, p.ny*55/100))
	})
	radius := p.zones[0].radius / 2
	add("CL009", "redline", p.words.pick("redline", 0), ring(blob(p.empty[len(p.empty)-1], radius, hash(p.seed, roomLines, 2, 0))))
	add("CL010", "boundary", p.words.pick("boundary", 0), ring(p.outline()))
	return b.Batch()
}

// brook runs along a street from the north edge half way down.
func (p *plan) brook() []point {
	var line []point
	for j := p.ny; j > p.ny*7/10; j-- {
		line = append(line, p.node(p.nx*85/100, j))
	}
	return line
}

// outline is the lattice's edge, counter-clockwise.
func (p *plan) outline() []point {
	var ring []point
	for i := 0; i < p.nx; i++ {
		ring = append(ring, p.node(i, 0))
	}
	for j := 0; j < p.ny; j++ {
		ring = append(ring, p.node(p.nx, j))
	}
	for i := p.nx; i > 0; i-- {
		ring = append(ring, p.node(i, p.ny))
	}
	for j := p.ny; j > 0; j-- {
		ring = append(ring, p.node(0, j))
	}
	return ring
}

// projectTable is the projects drawn in: two dozen a zone over four years, at
// every stage between signing and start.
func (p *plan) projectTable() table.Batch {
	const each = 24
	b := table.NewBuilder(table.MustInput(table.Projects), each*len(p.zones))
	trades := slices.Concat(p.words.trades("industry"), p.words.trades("chemical"))
	for z := range p.zones {
		d := newDice(p.seed, roomProject, uint64(z))
		for k := range each {
			p.project(b, d, z, k, trades)
		}
	}
	return b.Batch()
}

func (p *plan) project(b *table.Builder, d *dice, z, k int, trades []trade) {
	zone := &p.zones[z]
	t := trades[d.below(len(trades))]
	signed := asOf - unit.Date(d.between(30, 4*year))
	b.String(projectCode, "XM"+zone.code[1:]+pad(k+1, 3))
	b.String(projectZone, zone.code)
	b.String(projectName, p.words.pick("city", 0)+p.words.pick("project", d.below(64))+pad(z*24+k+1, 3))
	b.String(projectIndustry, t.code)
	b.String(projectCategory, p.words.pick("category", d.below(3)/2*d.below(4)))
	b.Date(projectSigned, signed)
	stage := signed
	for i := range 4 { // registered, approved, land supplied, started
		stage += unit.Date(d.between(20, 160))
		if stage > asOf || d.perMille(90) {
			break
		}
		b.Date(projectRegistered+i, stage)
	}
	land := int64(d.between(15, 240)) * 66_667 // 1e-2 m²
	money := perMu(land, d.between(150, 620))
	if d.perMille(60) {
		money *= 20
	}
	hundredths(b, projectContracted, money)
	hundredths(b, projectFunded, share(money, d.between(0, 900)))
	if d.perMille(200) {
		hundredths(b, projectForeign, share(money, d.between(20, 130)))
	}
	hundredths(b, projectLand, land)
	hundredths(b, projectInvestment, share(money, 850))
	hundredths(b, projectTax, perMu(land, d.between(4, 40)))
	hundredths(b, projectEnergy, share(money, d.between(20, 300)))
	hundredths(b, projectPlotRatio, int64(d.between(70, 220)))
	hundredths(b, projectCoverage, int64(d.between(28, 62)))
	b.Bool(projectMultistorey, d.perMille(180))
	b.Bool(projectEnvironment, !d.perMille(60))
	b.Bool(projectSafety, !d.perMille(40))
	b.Number(projectLon, degrees(zone.centre.x+spread(d.pcg.Uint64(), zone.radius*6/10)))
	b.Number(projectLat, degrees(zone.centre.y+spread(d.pcg.Uint64(), zone.radius*6/10)))
	end(b)
}
