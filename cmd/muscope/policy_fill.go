package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
)

// toReport is a figure that the table zone_indicators is to be filled with.
type toReport struct {
	id, label, unit string
	who             []string // zone, CITY
	periods         []string
	rules           []string
}

// toFill prints the figures of zones that the rules ask people for: who reports them,
// in which unit, for which periods (Y is the evaluated year), and for which rules.
func (s shown) toFill(set *policy.Set) {
	list := s.fills(set)
	if len(list) == 0 {
		return
	}
	s.line(0, "")
	s.line(0, "%s", s.word("policy.to_fill"))
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "  indicator\tunit\tzone_code\tperiod\t%s\t%s\n", s.word("policy.label"), s.word("policy.rules"))
	for _, f := range list {
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\n", f.id, f.unit, strings.Join(f.who, " "), strings.Join(f.periods, " "), f.label, strings.Join(f.rules, " "))
	}
	_ = w.Flush()
}

// fills are the figures that the rules of a set ask for, in the rules' order.
func (s shown) fills(set *policy.Set) (list []*toReport) {
	for _, a := range set.Rules() {
		if a.Rule.Demand == nil {
			continue
		}
		for _, id := range a.Rule.Demand.FigureIDs() {
			one, known := fields.FindZoneIndicator(id)
			if known && one.Found() {
				continue
			}
			at := slices.IndexFunc(list, func(f *toReport) bool { return f.id == id })
			if at < 0 {
				at = len(list)
				list = append(list, &toReport{id: id, label: policy.Text{Zh: one.Zh, En: one.En}.In(s.lang), unit: one.Unit})
				for _, p := range set.Packs() {
					for _, own := range p.Indicators {
						if own.ID == id && !known {
							list[at].label, list[at].unit = own.Title.In(s.lang), own.Unit
						}
					}
				}
			}
			list[at].add(a.Rule, id)
		}
	}
	return list
}

func (f *toReport) add(r *policy.Rule, id string) {
	note := func(to *[]string, what string) {
		if !slices.Contains(*to, what) {
			*to = append(*to, what)
		}
	}
	note(&f.rules, r.ID)
	if r.Kind == demand.Cadence {
		note(&f.who, "zone")
		note(&f.periods, "Y-01…Y-12")
		return
	}
	if len(r.Demand.Tests) == 0 {
		note(&f.who, "zone")
		note(&f.periods, "Y")
	}
	for i := range r.Demand.Tests {
		t := &r.Demand.Tests[i]
		named := t.Bound != nil && t.Bound.Of == id
		for _, one := range t.Figures {
			named = named || one.Of == id || one.Per == id
		}
		if !named {
			continue
		}
		ofCity := t.Scope == "C" || !r.Has(policy.ScopeZone)
		if one, known := fields.FindZoneIndicator(id); !ofCity || !known || one.Unit != "ratio" || one.Weight != "" {
			note(&f.who, "zone")
		} else { // shares that nothing weighs do not add up
			note(&f.who, "CITY")
		}
		if t.As == demand.Share {
			note(&f.who, "CITY")
		}
		note(&f.periods, "Y")
		if t.As == demand.Growth || t.As == demand.Rise || t.As == demand.Falls {
			note(&f.periods, "Y-1")
		}
		if t.Base > 0 && t.Start == nil && t.As != demand.Total {
			note(&f.periods, strconv.Itoa(t.Base))
		}
		if t.As == demand.Total {
			note(&f.periods, strconv.Itoa(t.From)+"…Y")
		}
		for _, g := range t.Targets {
			note(&f.periods, strconv.Itoa(g.Year))
		}
	}
}
