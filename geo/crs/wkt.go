package crs

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// FromWKT reads a system from well-known text: the .prj file of a shapefile (ESRI's
// dialect), WKT 1 of OGC and GDAL, WKT 2. It is recognised by its parameters; a name
// or code that contradicts them is an error. Of a compound system the horizontal
// part counts. Errors are those of [Find]: a system of other parameters, a local one
// for example, is [ErrNotTaken] with what it is; text that is not WKT, [ErrUnknown].
func FromWKT(text string) (System, error) {
	root, err := parseWKT(text)
	if err != nil {
		return System{}, err
	}
	var d definition
	d.read(root)
	return d.system()
}

// node is KEYWORD[values and nodes]: quoted texts, numbers and bare words are values.
type node struct {
	keyword string // upper case
	values  []string
	nodes   []node
}

// What WKT is read at most: the longest in the registry has some 10,000 bytes.
const (
	maxWKT   = 1 << 16
	maxDepth = 32
)

func parseWKT(text string) (*node, error) {
	if len(text) > maxWKT {
		return nil, fmt.Errorf("crs: WKT of %d bytes, more than %d: %w", len(text), maxWKT, ErrUnknown)
	}
	p := wktParser{text: strings.TrimPrefix(text, "\ufeff")}
	p.blanks()
	var root node
	word := p.word()
	if problem := p.node(&root, word, 0); problem != "" {
		return nil, fmt.Errorf("crs: %s is not WKT: byte %d: %s: %w", quote(text), p.at, problem, ErrUnknown)
	}
	// ESRI writes the vertical system behind the horizontal one. What else follows is
	// no part of a system.
	p.blanks()
	rest := strings.TrimRight(p.text[p.at:], "\x00")
	if rest != "" && rest[0] != ',' {
		return nil, fmt.Errorf("crs: %s is not WKT: byte %d: text after its end: %w", quote(text), p.at, ErrUnknown)
	}
	return &root, nil
}

// wktParser reads text from byte at on. Its methods return what is wrong, if anything.
type wktParser struct {
	text string
	at   int
}

func (p *wktParser) blanks() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// word takes the letters, digits and signs of a keyword, bare word or number.
func (p *wktParser) word() string {
	from := p.at
	for p.at < len(p.text) && strings.IndexByte("[](),\" \t\r\n", p.text[p.at]) < 0 {
		p.at++
	}
	return p.text[from:p.at]
}

// quoted takes a text from its opening quote to its closing one; a doubled quote in
// it stands for one.
func (p *wktParser) quoted() (s, problem string) {
	from := p.at + 1
	for i := from; i < len(p.text); i++ {
		if p.text[i] != '"' {
			continue
		}
		if i+1 < len(p.text) && p.text[i+1] == '"' {
			i++
			continue
		}
		p.at = i + 1
		return strings.ReplaceAll(p.text[from:i], `""`, `"`), ""
	}
	return "", "a quote is not closed"
}

// node reads what follows a keyword.
func (p *wktParser) node(n *node, keyword string, depth int) (problem string) {
	n.keyword = strings.ToUpper(keyword)
	p.blanks()
	if keyword == "" || p.at == len(p.text) || p.text[p.at] != '[' && p.text[p.at] != '(' {
		return "no keyword with a bracket"
	}
	if depth == maxDepth {
		return "brackets are too deep"
	}
	closing := byte(']')
	if p.text[p.at] == '(' {
		closing = ')'
	}
	for {
		p.at++ // the opening bracket or the comma
		if problem := p.argument(n, depth); problem != "" {
			return problem
		}
		p.blanks()
		switch {
		case p.at == len(p.text):
			return "a bracket is not closed"
		case p.text[p.at] == closing:
			p.at++
			return ""
		case p.text[p.at] != ',':
			return "neither a comma nor the closing bracket"
		}
	}
}

// argument reads a value or node into n.
func (p *wktParser) argument(n *node, depth int) (problem string) {
	p.blanks()
	if p.at < len(p.text) && p.text[p.at] == '"' {
		s, problem := p.quoted()
		n.values = append(n.values, s)
		return problem
	}
	word := p.word()
	if word == "" {
		return "nothing between commas"
	}
	p.blanks()
	if p.at == len(p.text) || p.text[p.at] != '[' && p.text[p.at] != '(' {
		n.values = append(n.values, word)
		return ""
	}
	n.nodes = append(n.nodes, node{})
	return p.node(&n.nodes[len(n.nodes)-1], word, depth+1)
}

// value is the i-th value, empty where there is none.
func (n *node) value(i int) string {
	if n == nil || i >= len(n.values) {
		return ""
	}
	return n.values[i]
}

// number is the i-th value as a number, NaN where there is none. A node that is
// absent counts as zero.
func (n *node) number(i int) float64 {
	if n == nil {
		return 0
	}
	v, err := strconv.ParseFloat(n.value(i), 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// child is the first node within of one of the keywords, nil without.
func (n *node) child(keywords ...string) *node {
	if n == nil {
		return nil
	}
	for i := range n.nodes {
		for _, k := range keywords {
			if n.nodes[i].keyword == k {
				return &n.nodes[i]
			}
		}
	}
	return nil
}
