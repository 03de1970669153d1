package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

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
	SHA256  string   // of the file, in hex

	idNode, levelNode *node
	extends           []*node
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
	root, mistakes := tree(name, data)
	if mistakes != nil {
		return nil, mistakes.asError()
	}
	sum := sha256.Sum256(data)
	d := &decoder{file: name}
	p := &Pack{File: name, SHA256: hex.EncodeToString(sum[:])}
	d.pack(root, p)
	if err := d.mistakes.asError(); err != nil {
		return nil, err
	}
	return p, nil
}

func (d *decoder) pack(root *node, p *Pack) {
	d.mapping(root, "a policy",
		need("id", func(n *node) { p.ID, p.idNode = d.name(n), n }),
		need("title", d.words("title", &p.Title)),
		may("number", d.into(&p.Number)),
		need("issuer", d.into(&p.Issuer)),
		need("published", d.date(&p.Published)),
		need("in_force", func(n *node) { d.period(n, &p.InForce) }),
		need("state", func(n *node) {
			p.State = State(d.oneOf(n, "state", string(InForce), string(Draft), string(Repealed)))
		}),
		need("region", d.into(&p.Region)),
		need("level", func(n *node) { p.Level, p.levelNode = d.level(n), n }),
		need("source", d.into(&p.Source)),
		need("version", d.into(&p.Version)),
		may("extends", func(n *node) { d.extends(n, p) }),
		need("rules", func(n *node) { d.rules(n, p) }),
	)
}

func (d *decoder) period(n *node, p *Period) {
	d.mapping(n, "in_force",
		need("from", d.date(&p.From)),
		may("to", func(n *node) { d.date(&p.To)(n); p.Ends = true }))
	if p.Ends && p.To <= p.From {
		d.at(n, "in_force ends on %s, which is not after %s", p.To, p.From)
	}
}

func (d *decoder) level(n *node) Level {
	s := d.oneOf(n, "level", levels...)
	for i, l := range levels {
		if s == l {
			return Level(i)
		}
	}
	return National
}

func (d *decoder) extends(n *node, p *Pack) {
	p.Extends = d.set(n, "extended pack")
	for _, i := range n.items {
		if strings.TrimSpace(i.text) == p.ID {
			d.at(i, "a policy cannot extend itself")
		}
	}
	p.extends = n.items
}

func (d *decoder) rules(n *node, p *Pack) {
	lines := map[string]int{}
	of := map[Kind]string{}
	d.items(n, "rules", func(i *node) {
		r := d.rule(i)
		if first, twice := lines[r.ID]; twice && r.ID != "" {
			d.at(i, "rule %s stands twice, first in line %d", r.ID, first)
		}
		lines[r.ID] = i.line
		if r.spec != nil && r.spec.single {
			if other, twice := of[r.Kind]; twice {
				d.at(i, "rule %s: a policy has at most one rule of kind %s, and %s is one", r.ID, r.Kind, other)
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
			d.at(r.extends, "rule %s extends a rule of %s, which the policy's own extends does not name", r.ID, show(r.Extends.Pack))
		}
	}
}
