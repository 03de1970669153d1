package geojson

import (
	"fmt"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// Parser parses blocks. Its memory is used again from block to block; each
// goroutine needs its own. The zero value is ready.
type Parser struct {
	b      []byte // the block
	i      int    // next byte
	offset int64  // of b[0] in the file
	number int64  // of the feature being read; 0 outside features

	geometry  wkb.Geometry
	key, text []byte // unescaped strings
	keys      keySet
}

// Parse calls v for every feature of the block, in order. Bad JSON is an error
// that names the feature and the byte; the features before it have been passed on,
// and some properties of the bad one perhaps, without an EndFeature.
func (p *Parser) Parse(b Block, v Visitor) error {
	p.b, p.i, p.offset, p.number = b.Data, 0, b.Offset, b.First
	for {
		if err := p.feature(v); err != nil {
			return err
		}
		p.blanks()
		if p.i == len(p.b) {
			return nil
		}
		if p.b[p.i] != ',' {
			return p.unexpected("a comma")
		}
		p.i++
		p.number++
	}
}

func (p *Parser) errorf(at int, format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	if p.number > 0 {
		return fmt.Errorf("feature %d (byte %d): %s", p.number, p.offset+int64(at), what)
	}
	return fmt.Errorf("byte %d: %s", p.offset+int64(at), what)
}

func (p *Parser) unexpected(wanted string) error {
	if p.i >= len(p.b) {
		return p.errorf(len(p.b), "ends where %s belongs", wanted)
	}
	return p.errorf(p.i, "%s where %s belongs", shown(p.b[p.i]), wanted)
}

func (p *Parser) blanks() { p.i = skipBlanks(p.b, p.i) }

// peek is the next byte that is not white space; 0 at the end of the block.
func (p *Parser) peek() byte {
	p.blanks()
	if p.i < len(p.b) {
		return p.b[p.i]
	}
	return 0
}

// open takes the opening brace; false when the object is empty, which is then
// behind us.
func (p *Parser) open() (bool, error) {
	if p.peek() != '{' {
		return false, p.unexpected("{")
	}
	p.i++
	if p.peek() == '}' {
		p.i++
		return false, nil
	}
	return true, nil
}

// next takes what follows a member or element: a comma (true) or the closing
// bracket (false).
func (p *Parser) next(closing byte) (bool, error) {
	switch p.peek() {
	case ',':
		p.i++
		return true, nil
	case closing:
		p.i++
		return false, nil
	}
	return false, p.unexpected("a comma or " + string(rune(closing)))
}

// name takes a member's name and colon. The bytes are valid until the next name.
func (p *Parser) name() ([]byte, error) {
	if p.peek() != '"' {
		return nil, p.unexpected("a member's name")
	}
	name, err := p.str(&p.key)
	if err != nil {
		return nil, err
	}
	return name, p.colon()
}

func (p *Parser) colon() error {
	if p.peek() != ':' {
		return p.unexpected("a colon")
	}
	p.i++
	p.blanks()
	return nil
}

// feature reads the object at hand and closes it with EndFeature.
func (p *Parser) feature(v Visitor) error {
	var seen struct{ kind, geometry, properties bool }
	var g *wkb.Geometry
	var problem, wrong string
	more, err := p.open()
	for more && err == nil {
		var name []byte
		if name, err = p.name(); err != nil {
			return err
		}
		switch {
		case string(name) == "geometry" && !seen.geometry:
			seen.geometry = true
			g, problem, err = p.geometryMember()
		case string(name) == "properties" && !seen.properties:
			seen.properties = true
			wrong, err = p.properties(v, wrong)
		case string(name) == "type" && !seen.kind:
			seen.kind = true
			wrong, err = p.featureType(wrong)
		default:
			err = p.skip(0)
		}
		if err == nil {
			more, err = p.next('}')
		}
	}
	if err != nil {
		return err
	}
	if problem == "" {
		problem = wrong
	}
	if problem != "" {
		g = nil
	}
	v.EndFeature(p.number, g, problem)
	return nil
}

// featureType reads the feature's type, which is Feature; a feature without one
// is let through.
func (p *Parser) featureType(wrong string) (string, error) {
	if p.peek() != '"' {
		return "its type is not a string", p.skip(0)
	}
	kind, err := p.str(&p.text)
	if err == nil && string(kind) != "Feature" {
		wrong = fmt.Sprintf("its type is %.40q, not Feature", kind)
	}
	return wrong, err
}

// properties passes the members on, each key once.
func (p *Parser) properties(v Visitor, wrong string) (string, error) {
	switch p.peek() {
	case '{':
	case 'n':
		return wrong, p.skip(0)
	default:
		return "its properties are not an object", p.skip(0)
	}
	p.keys.begin()
	more, err := p.open()
	for more && err == nil {
		if err = p.property(v); err == nil {
			more, err = p.next('}')
		}
	}
	return wrong, err
}

func (p *Parser) property(v Visitor) error {
	key, err := p.propertyKey()
	if err != nil {
		return err
	}
	again := key == nil
	var value Value
	switch c := p.peek(); c {
	case '"':
		value.Kind = String
		value.Text, err = p.str(&p.text)
	case '{', '[':
		at := p.i
		err = p.skip(0)
		value = Value{Nested, p.b[at:p.i]}
	case 't', 'f', 'n':
		at := p.i
		err = p.literal()
		value = Value{Bool, p.b[at:p.i]}
		if c == 'n' {
			value.Kind = Null
		}
	default:
		at := p.i
		err = p.skipNumber()
		value = Value{Number, p.b[at:p.i]}
	}
	if err == nil && !again {
		v.Property(key, value)
	}
	return err
}

// propertyKey takes a name and its colon; nil when this feature had it before.
func (p *Parser) propertyKey() ([]byte, error) {
	if p.peek() != '"' {
		return nil, p.unexpected("a member's name")
	}
	if key := p.keys.expected(p.b[p.i+1:]); key != nil {
		p.i += len(key) + 2
		return key, p.colon()
	}
	key, err := p.str(&p.key)
	if err != nil {
		return nil, err
	}
	if !p.keys.add(key) {
		key = nil
	}
	return key, p.colon()
}

// skip reads over any value, checking it. depth is how many arrays and objects
// it lies in.
func (p *Parser) skip(depth int) error {
	if depth > maxDepth {
		return p.errorf(p.i, "over %d arrays and objects in one another", maxDepth)
	}
	switch p.peek() {
	case '"':
		return p.skipText()
	case '{':
		return p.skipObject(depth)
	case '[':
		return p.skipArray(depth)
	case 't', 'f', 'n':
		return p.literal()
	}
	return p.skipNumber()
}

func (p *Parser) skipObject(depth int) error {
	more, err := p.open()
	for more && err == nil {
		if p.peek() != '"' {
			return p.unexpected("a member's name")
		}
		if err = p.skipText(); err == nil {
			err = p.colon()
		}
		if err == nil {
			err = p.skip(depth + 1)
		}
		if err == nil {
			more, err = p.next('}')
		}
	}
	return err
}

func (p *Parser) skipArray(depth int) error {
	p.i++
	if p.peek() == ']' {
		p.i++
		return nil
	}
	var err error
	for more := true; more && err == nil; {
		if err = p.skip(depth + 1); err == nil {
			more, err = p.next(']')
		}
	}
	return err
}

// literal takes true, false or null.
func (p *Parser) literal() error {
	for _, word := range [...]string{"true", "false", "null"} {
		if p.has(word) {
			p.i += len(word)
			return nil
		}
	}
	return p.unexpected("a value")
}

func (p *Parser) has(word string) bool {
	return len(p.b)-p.i >= len(word) && string(p.b[p.i:p.i+len(word)]) == word
}
