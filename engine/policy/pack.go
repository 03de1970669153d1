package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Pack is one policy document: its head and the rules a machine can evaluate.
type Pack struct {
	File    string // the name it was read under
	ID      string
	Title   Text
	Number  string // 文号; empty where the document has none
	Issuer  string
	Region  string
	Source  string // where the text was read
	Version string // of the pack, not of the document

	Published unit.Date
	InForce   Period
	State     State
	Level     Level

	Extends []string // ids of the packs whose rules it takes over, first one first
	Rules   []Rule   // in the order of the file
	// Indicators are figures of zones that the pack defines itself.
	Indicators []Indicator
	SHA256     string // of the file, in hex
	YAML       []byte // the file as it was read

	idNode, levelNode *parse.Node
	extends           []*parse.Node
}

// Rule finds a rule of the pack's own by its id.
func (p *Pack) Rule(id string) (*Rule, bool) {
	for i := range p.Rules {
		if p.Rules[i].ID == id {
			return &p.Rules[i], true
		}
	}
	return nil, false
}

// Text is a text for people in Chinese and English.
type Text struct{ Zh, En string }

// In is the text in zh or else in English.
func (t Text) In(lang string) string {
	if lang == "zh" {
		return t.Zh
	}
	return t.En
}

// Period is the days a document is in force: from From on; when it Ends, no longer
// on To, the day of its repeal 废止日期.
type Period struct {
	From unit.Date
	To   unit.Date
	Ends bool
}

// Holds says whether day lies in the period.
func (p Period) Holds(day unit.Date) bool {
	return day >= p.From && (!p.Ends || day < p.To)
}

// State says what became of a document.
type State string

// The states of documents: 现行有效, 征求意见稿, 已废止.
const (
	InForce  State = "in_force"
	Draft    State = "draft"
	Repealed State = "repealed"
)

// Level is who made a document. A pack may extend only packs of its own level or
// above it.
type Level uint8

// The levels, the highest first.
const (
	National Level = iota
	Province
	City
	Zone
)

var levels = []string{"national", "province", "city", "zone"}

// String is the level as packs write it.
func (l Level) String() string { return levels[l] }

// Parse reads one policy pack. name stands in every mistake and in Pack.File. The
// error is a Mistakes with everything that is wrong in the file by itself; the
// rules and packs that it extends are looked at, and rules that extend others
// completed, when the pack is resolved in a Library.
func Parse(name string, data []byte) (*Pack, error) {
	root, mistakes := parse.Tree(name, data)
	if mistakes != nil {
		return nil, mistakes.AsError()
	}
	sum := sha256.Sum256(data)
	d := newDecoder(name)
	p := &Pack{File: name, SHA256: hex.EncodeToString(sum[:]), YAML: bytes.Clone(data)}
	d.pack(root, p)
	if err := d.Mistakes.AsError(); err != nil {
		return nil, err
	}
	return p, nil
}

// decoder reads what a policy says out of nodes.
type decoder struct{ parse.Decoder }

func newDecoder(file string) *decoder { return &decoder{parse.Decoder{File: file}} }

// Mistake is one thing wrong with a policy file, at its line and column.
type Mistake = parse.Mistake

// Mistakes is the error of a file that is not a valid policy: everything wrong with
// it, in the order of the file.
type Mistakes = parse.Mistakes

// Fraction is an exact share above 0 and up to 1 in lowest terms.
type Fraction = parse.Fraction

// Nearest is the name most like a misspelt one, if any is like enough to offer.
func Nearest(misspelt string, names []string) (string, bool) { return parse.Nearest(misspelt, names) }

// words reads a text in both languages.
func (d *decoder) words(what string, t *Text) func(*parse.Node) {
	return func(n *parse.Node) {
		d.Mapping(n, what, parse.Need("zh", d.Into(&t.Zh)), parse.Need("en", d.Into(&t.En)))
	}
}

func (d *decoder) pack(root *parse.Node, p *Pack) {
	d.Mapping(root, "a policy",
		parse.Need("id", func(n *parse.Node) { p.ID, p.idNode = d.Name(n), n }),
		parse.Need("title", d.words("title", &p.Title)),
		parse.May("number", d.Into(&p.Number)),
		parse.Need("issuer", d.Into(&p.Issuer)),
		parse.Need("published", d.Date(&p.Published)),
		parse.Need("in_force", func(n *parse.Node) { d.period(n, &p.InForce) }),
		parse.Need("state", func(n *parse.Node) {
			p.State = State(d.OneOf(n, "state", string(InForce), string(Draft), string(Repealed)))
		}),
		parse.Need("region", d.Into(&p.Region)),
		parse.Need("level", func(n *parse.Node) { p.Level, p.levelNode = d.level(n), n }),
		parse.Need("source", d.Into(&p.Source)),
		parse.Need("version", d.Into(&p.Version)),
		parse.May("extends", func(n *parse.Node) { d.extends(n, p) }),
		parse.May("indicators", func(n *parse.Node) { p.Indicators = d.indicators(n) }),
		parse.Need("rules", func(n *parse.Node) { d.rules(n, p) }),
	)
}

func (d *decoder) period(n *parse.Node, p *Period) {
	d.Mapping(n, "in_force",
		parse.Need("from", d.Date(&p.From)),
		parse.May("to", func(n *parse.Node) { d.Date(&p.To)(n); p.Ends = true }))
	if p.Ends && p.To <= p.From {
		d.At(n, "in_force ends on %s, which is not after %s", p.To, p.From)
	}
}

func (d *decoder) level(n *parse.Node) Level {
	s := d.OneOf(n, "level", levels...)
	for i, l := range levels {
		if s == l {
			return Level(i)
		}
	}
	return National
}

func (d *decoder) extends(n *parse.Node, p *Pack) {
	p.Extends = d.Set(n, "extended pack")
	for _, i := range n.Items {
		if strings.TrimSpace(i.Text) == p.ID {
			d.At(i, "a policy cannot extend itself")
		}
	}
	p.extends = n.Items
}

func (d *decoder) rules(n *parse.Node, p *Pack) {
	lines := map[string]int{}
	of := map[Kind]string{}
	d.Items(n, "rules", func(i *parse.Node) {
		r := d.rule(i)
		if first, twice := lines[r.ID]; twice && r.ID != "" {
			d.At(i, "rule %s stands twice, first in line %d", r.ID, first)
		}
		lines[r.ID] = i.Line
		if r.spec != nil && r.spec.single {
			if other, twice := of[r.Kind]; twice {
				d.At(i, "rule %s: a policy has at most one rule of kind %s, and %s is one", r.ID, r.Kind, other)
			}
			of[r.Kind] = r.ID
		}
		p.Rules = append(p.Rules, r)
	})
	d.references(p)
}

// references checks that what a rule extends is of a pack that its own pack extends.
func (d *decoder) references(p *Pack) {
	for i := range p.Rules {
		r := &p.Rules[i]
		if r.Extends.Pack == "" {
			continue
		}
		found := false
		for _, id := range p.Extends {
			found = found || id == r.Extends.Pack
		}
		if !found {
			d.At(r.extends, "rule %s extends a rule of %s, which the policy's own extends does not name", r.ID, parse.Show(r.Extends.Pack))
		}
	}
}
