package crs

import (
	"fmt"
	"strings"
)

// The keywords of systems, of WKT 1 and 2 and in long.
var (
	projectedWords  = []string{"PROJCS", "PROJCRS", "PROJECTEDCRS"}
	geographicWords = []string{"GEOGCS", "GEOGCRS", "GEOGRAPHICCRS", "BASEGEOGCRS", "GEODCRS", "GEODETICCRS", "BASEGEODCRS"}
)

func (n *node) is(keywords []string) bool {
	for _, k := range keywords {
		if n.keyword == k {
			return true
		}
	}
	return false
}

// read takes the definition from a system's node.
func (d *definition) read(n *node) {
	switch {
	case n.is(projectedWords):
		d.readProjected(n)
	case n.is(geographicWords):
		d.name = n.value(0)
		d.readIDs(n)
		d.readGeographic(n)
	case n.keyword == "COMPD_CS" || n.keyword == "COMPOUNDCRS":
		for i := range n.nodes {
			if part := &n.nodes[i]; part.is(projectedWords) || part.is(geographicWords) || part.keyword == "BOUNDCRS" {
				d.read(part)
				return
			}
		}
		d.name, d.problem = n.value(0), "it has no horizontal part"
	case n.keyword == "BOUNDCRS":
		d.readBound(n)
	default:
		d.name, d.problem = n.value(0), fmt.Sprintf("a system of the kind %s", quote(n.keyword))
	}
}

// readBound reads the source of a system that is bound to another by a
// transformation, which must change nothing.
func (d *definition) readBound(n *node) {
	source := n.child("SOURCECRS")
	if source == nil || len(source.nodes) == 0 {
		d.problem = "it has no source system"
		return
	}
	d.read(&source.nodes[0])
	if by := n.child("ABRIDGEDTRANSFORMATION"); by != nil {
		for i := range by.nodes {
			p := &by.nodes[i]
			still := 0.0
			if strings.Contains(bare(p.value(0)), "scale") {
				still = 1
			}
			if p.keyword == "PARAMETERFILE" || p.keyword == "PARAMETER" && p.number(1) != still {
				d.shift = true
			}
		}
	}
}

func (d *definition) readProjected(n *node) {
	d.name, d.projected = n.value(0), true
	d.readIDs(n)
	base := n.child(geographicWords...)
	if base == nil {
		d.problem = "it has no geographic base"
		return
	}
	d.readGeographic(base)
	d.lengths = d.readUnits(n, d.lengths, "UNIT", "LENGTHUNIT")
	d.method = n.child("PROJECTION").value(0)
	if extension := n.child("EXTENSION"); extension.value(0) == "PROJ4" {
		d.sphere = strings.Contains(extension.value(1), "+a=6378137 +b=6378137 ")
	}
	within := n
	if conversion := n.child("CONVERSION", "DERIVINGCONVERSION"); conversion != nil {
		within = conversion
		d.method = conversion.child("METHOD", "PROJECTION").value(0)
	}
	for i := range within.nodes {
		if p := &within.nodes[i]; p.keyword == "PARAMETER" {
			d.parameters = append(d.parameters, parameter{p.value(0), p.number(1)})
			switch name := bare(p.value(0)); {
			case strings.HasPrefix(name, "false"):
				d.lengths = d.readUnit(p, d.lengths, "LENGTHUNIT", "UNIT")
			case !strings.HasPrefix(name, "scale"):
				d.angles = d.readUnit(p, d.angles, "ANGLEUNIT", "UNIT")
			}
		}
	}
}

// readGeographic reads datum, ellipsoid and units.
func (d *definition) readGeographic(n *node) {
	if kind := n.child("CS").value(0); kind != "" && !strings.EqualFold(kind, "ellipsoidal") {
		d.problem = "its coordinates are not longitude and latitude"
		return
	}
	datum := n.child("DATUM", "GEODETICDATUM", "TRF", "ENSEMBLE")
	ellipsoid := datum.child("SPHEROID", "ELLIPSOID")
	d.datum, d.semiMajor, d.inverseFlattening = datum.value(0), ellipsoid.number(1), ellipsoid.number(2)
	if u := ellipsoid.child("LENGTHUNIT", "UNIT"); u != nil {
		d.semiMajor *= u.number(1)
	}
	d.primeMeridian = n.child("PRIMEM", "PRIMEMERIDIAN").number(1)
	if shift := datum.child("TOWGS84"); shift != nil {
		for i := range shift.values {
			d.shift = d.shift || shift.number(i) != 0
		}
	}
	d.angles = d.readUnits(n, d.angles, "UNIT", "ANGLEUNIT")
}

// readUnits adds the units of a system and of its axes, heights apart. Axes that
// point west or south are a problem.
func (d *definition) readUnits(n *node, units []unit, keywords ...string) []unit {
	units = d.readUnit(n, units, keywords...)
	for i := range n.nodes {
		axis := &n.nodes[i]
		if axis.keyword != "AXIS" {
			continue
		}
		if d.readDirection(axis.value(1)) {
			units = d.readUnit(axis, units, keywords...)
		}
	}
	return units
}

// readDirection says whether an axis is horizontal.
func (d *definition) readDirection(direction string) bool {
	switch strings.ToLower(direction) {
	case "west", "south":
		d.problem = fmt.Sprintf("an axis points %s", strings.ToLower(direction))
	case "up", "down":
		return false
	}
	return true
}

func (d *definition) readUnit(n *node, units []unit, keywords ...string) []unit {
	if u := n.child(keywords...); u != nil {
		units = append(units, unit{u.value(0), u.number(1)})
	}
	return units
}

func (d *definition) readIDs(n *node) {
	for i := range n.nodes {
		if id := &n.nodes[i]; id.keyword == "ID" || id.keyword == "AUTHORITY" {
			d.ids = append(d.ids, identifier{id.value(0), id.value(1)})
		}
	}
}
