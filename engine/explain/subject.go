package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/policy"
)

// Explainer explains the verdicts of one run.
type Explainer struct {
	run    *archive.Run
	set    *policy.Set
	facts  *assess.Facts // nil when the run knew no enterprises
	rule   policy.Applied
	wants  string             // the table for want of which nobody was graded
	graded *assess.Assessment // nil when nobody was

	zoneNames map[string]string // by code; nil until they are asked for
}

// New reads what a run keeps of enterprises and policies, and grades the enterprises
// again, by the same facts and rules.
func New(ctx context.Context, run *archive.Run) (*Explainer, error) {
	x := &Explainer{run: run}
	var err error
	if x.set, err = run.Policies(); err != nil {
		return nil, err
	}
	x.facts, err = run.Facts(ctx)
	var missing *archive.MissingError
	if errors.As(err, &missing) && !missing.Listed {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	rule, wants, ok, err := run.Scheme()
	if err != nil {
		return nil, err
	}
	x.rule, x.wants = rule, wants
	if ok && x.facts != nil {
		x.graded = assess.Grade(x.facts, rule.Rule.Grading)
	}
	return x, nil
}

// UnknownError says that a run has nothing of a code, or several things.
type UnknownError struct {
	Code  string
	Run   string
	Found []Subject // several: say which is meant
	Names []string  // codes of enterprises that have the name
	Near  []string  // codes most like it
	// Rejected is the place and reason of a row of this code that was not used.
	Rejected string
}

// Error says what to do.
func (e *UnknownError) Error() string {
	s := fmt.Sprintf("explain %s: ", shown(e.Code))
	switch {
	case len(e.Found) > 1:
		return s + fmt.Sprintf("it is the code of several things: say --as %s", joined(e.Found, " or --as "))
	case len(e.Names) > 1:
		return s + fmt.Sprintf("%d enterprises have this name: %s; give the code of one", len(e.Names), joined(e.Names[:min(len(e.Names), 5)], ", "))
	case e.Rejected != "":
		return s + "its row was rejected: " + e.Rejected
	case len(e.Near) > 0:
		return s + fmt.Sprintf("no enterprise, parcel or zone of run %s has this code; nearest are %s", e.Run, joined(e.Near, ", "))
	}
	return s + fmt.Sprintf("no enterprise, parcel or zone of run %s has this code", e.Run)
}

// shown is a code as an error has it: quoted when it is not plain.
func shown(code string) string {
	if code == "" || strings.ContainsFunc(code, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return fmt.Sprintf("%q", code)
	}
	return code
}

func joined[S ~string](all []S, between string) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return strings.Join(out, between)
}

// Explain explains what has the code: an enterprise by its credit code, or by its name
// when only one has it, a parcel or a zone. Full width and lower case make no
// difference where no code is written so. as limits what is meant; empty is any. The
// error is an [UnknownError], or says what of the run cannot be read.
func (x *Explainer) Explain(ctx context.Context, code string, as Subject) (*Explanation, error) {
	subject, code, err := x.find(ctx, code, as)
	if err != nil {
		return nil, err
	}
	m := &x.run.Manifest
	e := &Explanation{Subject: subject, Code: code, RunID: m.RunID, Year: m.Year, AsOf: m.AsOf}
	switch subject {
	case Enterprise:
		x.enterprise(e)
	case Parcel:
		err = x.parcel(e)
	case Zone:
		err = x.zone(e)
	case Rule:
		err = x.ofRule(e)
	}
	if err == nil && (subject == Enterprise || subject == Parcel) {
		err = x.fails(e)
	}
	if err == nil {
		err = e.place(ctx, x.run)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// find is the subject of a code, and the code as the run has it.
func (x *Explainer) find(ctx context.Context, code string, as Subject) (Subject, string, error) {
	code = strings.TrimSpace(code)
	narrow := strings.ToUpper(strings.Join(strings.Fields(width.Narrow.String(code)), ""))
	for _, form := range []string{code, narrow} {
		if form == "" {
			continue
		}
		found, err := x.subjects(ctx, form)
		if err != nil {
			return "", "", err
		}
		if as != "" {
			found = slices.DeleteFunc(found, func(s Subject) bool { return s != as })
		}
		if len(found) == 1 {
			return found[0], form, nil
		}
		if len(found) > 1 {
			return "", "", &UnknownError{Code: form, Run: x.run.Dir, Found: found}
		}
	}
	named := x.named(code)
	if len(named) == 1 && (as == "" || as == Enterprise) {
		return Enterprise, named[0], nil
	}
	return "", "", x.unknown(code, narrow, named)
}

// subjects are the things that have a code.
func (x *Explainer) subjects(ctx context.Context, code string) ([]Subject, error) {
	var found []Subject
	if len(x.rules(code)) > 0 {
		found = append(found, Rule)
	}
	if x.facts != nil {
		if _, ok := slices.BinarySearch(x.facts.Code, code); ok {
			found = append(found, Enterprise)
		}
	}
	for _, one := range []struct {
		subject       Subject
		layer, column string
	}{{Parcel, "parcels", "parcel_code"}, {Zone, "zones", "zone_code"}} {
		f, _, err := x.run.Feature(one.layer, one.column, code)
		has := f != nil
		var missing *archive.MissingError
		if errors.As(err, &missing) { // without the layer the sources know what was used
			var places []archive.Place
			if places, err = x.run.Source(ctx, one.layer, code); errors.As(err, &missing) {
				err = nil
			}
			has = len(places) > 0
		}
		if err != nil {
			return nil, err
		}
		if has {
			found = append(found, one.subject)
		}
	}
	return found, nil
}

// named are the codes of the enterprises of a name.
func (x *Explainer) named(name string) []string {
	var codes []string
	if x.facts == nil || name == "" {
		return nil
	}
	for i, n := range x.facts.Name {
		if n == name {
			codes = append(codes, x.facts.Code[i])
		}
	}
	return codes
}

// unknown is the error for a code that nothing has: its row may have been rejected, or
// it is like another one.
func (x *Explainer) unknown(code, narrow string, named []string) error {
	e := &UnknownError{Code: code, Run: x.run.Dir, Names: named}
	if len(named) > 1 || narrow == "" {
		return e
	}
	for _, form := range []string{code, narrow} {
		rows, err := x.run.Row("rejects", "key", form)
		if err == nil && len(rows) > 0 {
			r := rows[0]
			e.Rejected = fmt.Sprintf("%s:%s, %s: %s", r.Text("file"), r.Text("row"), r.Text("column"), r.Text("reason"))
			return e
		}
	}
	if x.facts != nil {
		if near, ok := policy.Nearest(narrow, x.facts.Code); ok {
			e.Near = append(e.Near, near)
		}
	}
	for _, one := range [][2]string{{"parcels", "parcel_code"}, {"zones", "zone_code"}} {
		if _, beside, err := x.run.Feature(one[0], one[1], narrow); err == nil {
			if near, ok := policy.Nearest(narrow, beside); ok && !slices.Contains(e.Near, near) {
				e.Near = append(e.Near, near)
			}
		}
	}
	return e
}
