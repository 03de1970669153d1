// Package report is the printed report of a run: one HTML file for the leadership, with
// figures, maps drawn from the layers, verdicts with their clauses, and pages that
// account for all that was read. It asks nothing of anybody: no script, no font, no
// picture from elsewhere, so that it opens where there is no network, prints on A4 and
// can be kept with the files.
//
// Bars and maps are drawn here as SVG: chart libraries measure text with fonts that
// know no Chinese, or want a script in the reader's browser.
//
// It finds no verdict and computes no figure that a table has; it counts, adds up and
// refuses to be made when what it counts does not add up to what was read.
package report

import (
	"bufio"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"sync"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/report/picture"
	"github.com/muscope-gis/muscope/engine/write"
)

// Name is the report's file in the run folder.
const Name = "report.html"

// Options are what a report says that is not in the run's tables.
type Options struct {
	Policies *policy.Set // titles and clauses of the rules
	Previous *Previous   // nil: no run of the year before was named
}

// Paper is the report of a run.
func Paper(o Options) write.Paper {
	return write.Paper{Name: Name, Make: func(ctx context.Context, run *write.Whole, out io.Writer) (rows int, err error) {
		p, err := newPage(ctx, run, &o)
		if err != nil {
			return 0, err
		}
		w := bufio.NewWriter(out)
		if err := layout().Execute(w, p); err != nil {
			return 0, err
		}
		return p.rows, w.Flush()
	}}
}

var (
	//go:embed report.css
	css string
	//go:embed report.html.tmpl
	markup string

	// layout is parsed when a report is made: no other command waits for it.
	layout = sync.OnceValue(func() *template.Template { return template.Must(template.New(Name).Funcs(functions).Parse(markup)) })
)

// guard is the content security policy: nothing but the one style sheet.
func guard() string {
	sum := sha256.Sum256([]byte(css))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

// page is all that the report shows.
type page struct {
	Guard    string
	CSS      template.CSS
	Patterns template.HTML
	Manifest *write.Manifest
	Region   string
	Policies []document

	Cards    []card
	City     *drawing
	Zones    []*zone // in the order of their rank by tax per mu, what lies outside last
	Pages    []*zone // those with a page of their own
	Ungraded bool    // no enterprise was graded
	HasFirms bool
	Grades   []share // firms and mu by grade, and why there is none
	Groups   *matrix
	Bins     []share
	Mix      []mixRow
	Idle     *idlePart
	Under    *underPart
	Before   *change
	Rules    []ruleGroup
	Near     []nearRow
	Quality  *qualityPart
	Accounts []accountPart

	rows    int
	section int
	run     *write.Whole
	o       *Options
}

var numerals = []string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三"}

// Next is the number of the next section: those that the run has nothing for are left out.
func (p *page) Next() string {
	p.section++
	return numerals[p.section-1]
}

func newPage(ctx context.Context, run *write.Whole, o *Options) (*page, error) {
	p := &page{Guard: guard(), CSS: template.CSS(css), Patterns: picture.Patterns(), Manifest: run.Manifest, run: run, o: o}
	for _, t := range run.Tables {
		p.rows += t.Rows
	}
	p.Policies = documents(o.Policies, run.Manifest)
	if err := p.conserve(); err != nil {
		return nil, err
	}
	lots, err := p.lots()
	if err != nil {
		return nil, err
	}
	for _, part := range []func() error{p.zones, p.firms, p.idle, p.underused, p.mix, p.rules, p.near, p.quality, p.compare} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	p.cards()
	return p, p.draw(ctx, lots)
}

// document is a policy as the report names it.
type document struct{ ID, Zh, En, Number, State, Version string }

func documents(set *policy.Set, m *write.Manifest) (out []document) {
	for _, note := range m.Policies {
		d := document{ID: note.ID, Version: note.Version, State: note.State}
		if set != nil {
			for _, pack := range set.Packs() {
				if pack.ID == note.ID {
					d.Zh, d.En, d.Number = pack.Title.Zh, pack.Title.En, pack.Number
				}
			}
		}
		out = append(out, d)
	}
	return out
}

// wrong is an error of a table that is not as the report needs it.
func wrong(table, column, what string) error {
	return fmt.Errorf("table %s, column %s: %s; this is a fault of the program", table, column, what)
}
