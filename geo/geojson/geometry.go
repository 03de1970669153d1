package geojson

import (
	"fmt"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// nestingOf is how many arrays lie around a number in the type's coordinates.
var nestingOf = [...]int{
	wkb.Point: 1, wkb.LineString: 2, wkb.Polygon: 3, wkb.MultiPoint: 2, wkb.MultiLineString: 3, wkb.MultiPolygon: 4,
}

// What can be wrong with a geometry; each makes the row's problem.
const (
	faultNesting = "coordinates are nested wrongly for their type"
	faultNumber  = "a coordinate is not a number"
	faultShort   = "a position has under two numbers"
)

// shape is what a geometry object has shown so far.
type shape struct {
	kind        wkb.Type
	foreign     wkb.Type // a type that is only known by name
	kindSeen    bool
	kindProblem string
	coordinates int    // where they begin; -1 before they are seen
	nesting     int    // as read
	fault       string // of the coordinates
}

// geometryMember reads the value of "geometry". Coordinates are read by how deep
// they are nested, so that "type" may stand behind them.
func (p *Parser) geometryMember() (g *wkb.Geometry, problem string, err error) {
	switch p.peek() {
	case '{':
	case 'n':
		return nil, "", p.skip(0)
	default:
		return nil, "geometry is not an object", p.skip(0)
	}
	s := shape{coordinates: -1}
	more, err := p.open()
	for more && err == nil {
		var name []byte
		if name, err = p.name(); err != nil {
			break
		}
		switch {
		case string(name) == "type" && !s.kindSeen:
			err = p.geometryType(&s)
		case string(name) == "coordinates" && s.coordinates < 0:
			err = p.coordinates(&s)
		default:
			err = p.skip(1)
		}
		if err == nil {
			more, err = p.next('}')
		}
	}
	if err != nil {
		return nil, "", err
	}
	problem = p.finish(&s)
	return &p.geometry, problem, nil
}

func (p *Parser) geometryType(s *shape) error {
	s.kindSeen = true
	if p.peek() != '"' {
		s.kindProblem = "geometry type is not a string"
		return p.skip(1)
	}
	name, err := p.str(&p.text)
	if err != nil {
		return err
	}
	switch t, known := wkb.Named(string(name)); {
	case !known:
		s.kindProblem = fmt.Sprintf("geometry type %.40q is not supported", name)
	case t.Readable():
		s.kind = t
	default:
		s.foreign = t
	}
	return nil
}

// coordinates reads them as deep as the type says or, before it is known, as the
// first position lies. When they can't be, they are read over as plain JSON.
func (p *Parser) coordinates(s *shape) error {
	s.coordinates = p.i
	s.nesting = nestingOf[s.kind]
	if s.nesting == 0 {
		s.nesting = p.leading()
	}
	if s.fault = p.nested(s.nesting); s.fault == "" {
		return nil
	}
	p.i = s.coordinates
	return p.skip(1)
}

// leading counts the brackets in front of the first number, 1 to 4.
func (p *Parser) leading() int {
	n := 0
	for i := p.i; i < len(p.b) && n < 4; i = skipBlanks(p.b, i+1) {
		if p.b[i] != '[' {
			break
		}
		n++
	}
	return max(n, 1)
}

// finish gives the coordinates the shape their type asks for, reading them again
// where empty arrays hid how deep they are nested.
func (p *Parser) finish(s *shape) (problem string) {
	switch {
	case !s.kindSeen:
		return "geometry has no type"
	case s.kindProblem != "":
		return s.kindProblem
	case s.foreign != 0:
		p.geometry.Reset(s.foreign)
		return ""
	case s.coordinates < 0:
		return "geometry has no coordinates"
	}
	if want := nestingOf[s.kind]; want != s.nesting {
		end := p.i
		p.i = s.coordinates
		s.fault = p.nested(want)
		p.i = end
	}
	g := &p.geometry
	g.Type = s.kind
	switch s.kind {
	case wkb.MultiPoint:
		n := int32(len(g.XY) / 2)
		g.Rings, g.Parts = g.Rings[:0], g.Parts[:0]
		for i := int32(1); i <= n; i++ {
			g.Rings, g.Parts = append(g.Rings, i), append(g.Parts, i)
		}
	case wkb.MultiLineString:
		g.Parts = g.Parts[:0]
		for i := range g.Rings {
			g.Parts = append(g.Parts, int32(i+1))
		}
	}
	return s.fault
}

// nested reads coordinates: a position (1), an array of positions (2), of those
// (3), of those again (4), as the geometry of one part each that has this nesting.
func (p *Parser) nested(nesting int) (fault string) {
	g := &p.geometry
	g.Reset(0)
	switch nesting {
	case 1:
		if fault = p.position(); fault == "" {
			g.EndRing()
			g.EndPart()
		}
	case 2:
		if fault = p.line(); fault == "" {
			g.EndPart()
		}
	case 3:
		fault = p.polygon()
	default:
		fault = p.list((*Parser).polygon)
	}
	return fault
}

func (p *Parser) polygon() (fault string) {
	if fault = p.list((*Parser).line); fault == "" {
		p.geometry.EndPart()
	}
	return fault
}

// list reads an array of what element reads.
func (p *Parser) list(element func(*Parser) string) (fault string) {
	if p.peek() != '[' {
		return faultNesting
	}
	p.i++
	if p.peek() == ']' {
		p.i++
		return ""
	}
	for {
		if fault = element(p); fault != "" {
			return fault
		}
		switch p.peek() {
		case ',':
			p.i++
			p.blanks()
		case ']':
			p.i++
			return ""
		default:
			return faultNesting
		}
	}
}

// line reads an array of positions: the innermost loop of the whole reader.
func (p *Parser) line() (fault string) {
	if p.peek() != '[' {
		return faultNesting
	}
	p.i++
	if p.peek() == ']' {
		p.i++
		p.geometry.EndRing()
		return ""
	}
	for {
		if fault = p.position(); fault != "" {
			return fault
		}
		b, i := p.b, p.i
		if i < len(b) && b[i] == ',' && i+1 < len(b) && b[i+1] == '[' {
			p.i++
			continue
		}
		switch p.peek() {
		case ',':
			p.i++
			p.blanks()
		case ']':
			p.i++
			p.geometry.EndRing()
			return ""
		default:
			return faultNesting
		}
	}
}

// position reads [x, y, …] and keeps the first two numbers.
func (p *Parser) position() (fault string) {
	b, i := p.b, p.i
	if i >= len(b) || b[i] != '[' {
		if i < len(b) && (b[i] == '-' || b[i]-'0' < 10) {
			return faultNesting
		}
		return faultNumber
	}
	x, i, ok := number(b, skipBlanks(b, i+1))
	if !ok {
		return p.badNumber(i, 0)
	}
	if i = skipBlanks(b, i); i >= len(b) || b[i] != ',' {
		return faultShort
	}
	y, i, ok := number(b, skipBlanks(b, i+1))
	if !ok {
		return p.badNumber(i, 1)
	}
	for {
		if i = skipBlanks(b, i); i >= len(b) {
			return faultNesting
		}
		if b[i] == ']' {
			break
		}
		if b[i] != ',' {
			return faultNesting
		}
		if _, i, ok = number(b, skipBlanks(b, i+1)); !ok {
			return faultNumber
		}
	}
	p.i = i + 1
	p.geometry.XY = append(p.geometry.XY, x, y)
	return ""
}

// badNumber says why no number stands at i, behind so many in its position.
func (p *Parser) badNumber(i, behind int) string {
	switch {
	case i < len(p.b) && p.b[i] == '[':
		return faultNesting
	case i < len(p.b) && p.b[i] == ']' && behind == 0:
		return faultShort
	}
	return faultNumber
}
