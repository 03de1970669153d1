package geojson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// This file reads what lies around the list of features: the collection's own
// members, before and behind it.

// head reads up to the bracket that opens the list of features.
func (s *Splitter) head() error {
	if err := s.open(); err != nil {
		return err
	}
	found, err := s.members(true)
	if err == nil && !found {
		err = s.foreign()
	}
	s.step = atFirst
	return err
}

// open reads the byte order mark and the first brace.
func (s *Splitter) open() error {
	for s.n < 4 {
		if err := s.more(); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
	}
	start := s.buf[:s.n]
	switch {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		s.pos = 3
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return errors.New("text is UTF-16: save the file as UTF-8")
	case bytes.HasPrefix(start, []byte("\x1f\x8b")), bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return errors.New("file is compressed: unpack it first")
	}
	c, err := s.peek()
	switch {
	case err == io.EOF:
		return errors.New("file is empty")
	case err != nil:
		return err
	case c == '[':
		return errors.New("a JSON array, not a FeatureCollection")
	case c == 0x1e:
		return errors.New("a GeoJSON text sequence, not a FeatureCollection")
	case c != '{':
		return s.errorf(s.pos, "%s where { belongs: not GeoJSON", shown(c))
	}
	s.pos++
	return nil
}

// tail reads what follows the list of features, to the end of the file.
func (s *Splitter) tail() error {
	found, err := s.members(false)
	switch {
	case err != nil:
		return err
	case found:
		return s.errorf(s.pos, "a second \"features\" member")
	case s.kind != collection:
		return s.foreign()
	}
	c, err := s.peek()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return err
	}
	return s.errorf(s.pos, "%s after the end of the FeatureCollection", shown(c))
}

// members reads members of the collection up to the bracket that opens
// "features" (true) or the collection's closing brace (false).
func (s *Splitter) members(first bool) (features bool, err error) {
	for ; ; first = false {
		c, err := s.need()
		if err != nil {
			return false, err
		}
		if c == '}' {
			s.pos++
			return false, nil
		}
		if !first {
			if c != ',' {
				return false, s.errorf(s.pos, "%s where a comma or } belongs", shown(c))
			}
			s.pos++
			if c, err = s.need(); err != nil {
				return false, err
			}
		}
		if c != '"' {
			return false, s.errorf(s.pos, "%s where a member's name belongs", shown(c))
		}
		if features, err = s.member(); features || err != nil {
			return features, err
		}
	}
}

// member reads one member, its value too unless it is the list of features.
func (s *Splitter) member() (features bool, err error) {
	raw, err := s.value()
	if err != nil {
		return false, err
	}
	name, err := s.text(raw)
	if err != nil {
		return false, err
	}
	c, err := s.need()
	if err != nil {
		return false, err
	}
	if c != ':' {
		return false, s.errorf(s.pos, "%s where a colon belongs", shown(c))
	}
	s.pos++
	if c, err = s.need(); err != nil {
		return false, err
	}
	if name == "features" {
		if c != '[' {
			return false, s.errorf(s.pos, "\"features\" is not an array")
		}
		s.pos++
		return true, nil
	}
	if raw, err = s.value(); err != nil {
		return false, err
	}
	return false, s.keep(name, raw)
}

// keep takes what is of use from a member's value.
func (s *Splitter) keep(name string, raw []byte) error {
	switch name {
	case "type":
		if s.kindSeen {
			return nil
		}
		if raw[0] != '"' {
			return errors.New("\"type\" is not a string: not a FeatureCollection")
		}
		s.kindSeen = true
		s.kind, _ = s.text(raw) // checked by value
		if s.kind != collection {
			return s.foreign()
		}
	case "crs":
		if !s.crsGiven && !bytes.Equal(raw, []byte("null")) {
			s.crs, s.crsGiven = crsName(raw), true
		}
	case "geometryType", "spatialReference", "displayFieldName":
		s.esri = true
	}
	return nil
}

const collection = "FeatureCollection"

// foreign says what the file is, as it is no FeatureCollection.
func (s *Splitter) foreign() error {
	const not = ", not a FeatureCollection"
	switch _, geometry := wkb.Named(s.kind); {
	case s.kind == collection:
		return errors.New("a FeatureCollection without \"features\"")
	case s.kind == "Feature":
		return errors.New("a single Feature" + not)
	case geometry:
		return fmt.Errorf("a bare %s geometry%s", s.kind, not)
	case s.kind == "Topology":
		return errors.New("TopoJSON" + not + ": export it as GeoJSON")
	case s.kindSeen:
		return fmt.Errorf("JSON of type %.40q%s", s.kind, not)
	case s.esri:
		return errors.New("Esri JSON" + not + ": export it as GeoJSON")
	}
	return errors.New("a JSON object without a type" + not)
}

// crsName takes the name out of a crs member: {"type":"name","properties":
// {"name":…}}, or the older {"type":"EPSG","properties":{"code":…}}.
func crsName(raw []byte) string {
	var crs struct {
		Properties struct {
			Name string      `json:"name"`
			Code json.Number `json:"code"`
		} `json:"properties"`
	}
	err := json.Unmarshal(raw, &crs)
	switch p := crs.Properties; {
	case err == nil && p.Name != "":
		return p.Name
	case err == nil && p.Code != "":
		return "EPSG:" + p.Code.String()
	}
	return string(bytes.ToValidUTF8(raw[:min(len(raw), 200)], []byte("\uFFFD")))
}

// peek returns the next byte that is not white space, without taking it; io.EOF
// when none follows. Nothing that was read before is kept.
func (s *Splitter) peek() (byte, error) {
	for {
		s.pos = skipBlanks(s.buf[:s.n], s.pos)
		s.mark = s.pos
		if s.pos < s.n {
			return s.buf[s.pos], nil
		}
		if err := s.more(); err != nil {
			return 0, err
		}
	}
}

// need is peek where the file must not end.
func (s *Splitter) need() (byte, error) {
	c, err := s.peek()
	return c, s.short(err)
}

func (s *Splitter) short(err error) error {
	if err == io.EOF {
		return fmt.Errorf("file ends inside the FeatureCollection (byte %d): it was cut short", s.base+int64(s.n))
	}
	return err
}

// value takes the JSON value that begins at the mark, whole. The bytes are valid
// until the next read.
func (s *Splitter) value() ([]byte, error) {
	s.at = s.base + int64(s.mark)
	if err := s.short(s.scanValue()); err != nil {
		return nil, err
	}
	raw := s.buf[s.mark:s.pos]
	if len(raw) > s.limit {
		return nil, s.tooLong()
	}
	p := Parser{b: raw, offset: s.at}
	err := p.skip(0)
	if err == nil && p.i != len(raw) {
		err = p.errorf(p.i, "%s inside a value", shown(raw[p.i]))
	}
	return raw, err
}

// scanValue moves behind the value at the mark by counting brackets and braces.
func (s *Splitter) scanValue() error {
	depth, inText, escaped := 0, false, false
	for ; ; s.pos++ {
		if s.pos == s.n {
			if err := s.more(); err != nil {
				return err
			}
		}
		c := s.buf[s.pos]
		switch {
		case escaped:
			escaped = false
		case inText:
			escaped, inText = c == '\\', c != '"'
		case c == '"':
			inText = true
		case c == '{', c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth > 0:
			continue
		case c == '}', c == ']', c == ',', c == ':', blank(c):
			return nil // behind a number or literal
		default:
			continue
		}
		if depth == 0 && !inText {
			s.pos++
			return nil
		}
	}
}

// text unquotes a string.
func (s *Splitter) text(raw []byte) (string, error) {
	p := Parser{b: raw, offset: s.at}
	t, err := p.str(&p.text)
	return string(t), err
}
