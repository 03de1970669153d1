package fields_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/unit"
)

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func TestEveryIndicatorIsNamedExplainedAndSourcedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, i := range fields.Indicators() {
		for _, name := range []string{i.ID, i.Zh, i.En} {
			if name == "" || seen[name] {
				t.Errorf("%s: %q is empty or stands twice", i.ID, name)
			}
			seen[name] = true
		}
		if !han(i.Zh) || !han(i.FormulaZh) || han(i.En) || han(i.FormulaEn) {
			t.Errorf("%s: a text is in the wrong language: %+v", i.ID, i)
		}
		if i.Source == "" {
			t.Errorf("%s has no source", i.ID)
		}
		for _, formula := range []string{i.FormulaZh, i.FormulaEn} {
			if parts := strings.Split(formula, " ÷ "); len(parts) != 2 || parts[0] == "" || parts[1] == "" {
				t.Errorf("%s: %q is not one thing ÷ another", i.ID, formula)
			}
		}
		if i.Label("zh") != i.Zh || i.Label("en") != i.En || i.Formula("zh") != i.FormulaZh || i.Formula("en") != i.FormulaEn {
			t.Errorf("%s: a language gives the other's text", i.ID)
		}
	}
}

func TestUnitsOfIndicatorsAreThoseOfColumns(t *testing.T) {
	for _, i := range fields.Indicators() {
		var labels []string
		for _, u := range strings.Split(i.Unit, "_per_") {
			if !unit.Known(unit.Unit(u)) || u == "" {
				t.Errorf("%s: no unit %q in %q", i.ID, u, i.Unit)
			}
			labels = append(labels, unit.Unit(u).Label())
		}
		if label := strings.Join(labels, "/"); label != i.UnitZh {
			t.Errorf("%s: %s is labelled %q, want %q", i.ID, i.Unit, i.UnitZh, label)
		}
	}
}

// What a layer has as a column of the same name is the same figure in the same unit.
func TestIndicatorsAgreeWithTheColumnsOfTheirName(t *testing.T) {
	shared := 0
	for _, e := range fields.Dictionary() {
		i, ok := fields.FindIndicator(e.Column)
		if !ok {
			continue
		}
		shared++
		if e.Unit != i.Unit || e.Zh != i.Zh || e.En != i.En {
			t.Errorf("%s.%s is %q %q in %q; the indicator %q %q in %q", e.Table, e.Column, e.Zh, e.En, e.Unit, i.Zh, i.En, i.Unit)
		}
	}
	if shared == 0 {
		t.Error("no layer has an indicator as a column")
	}
}

func FuzzFindIndicator(f *testing.F) {
	for _, i := range fields.Indicators() {
		f.Add(i.ID)
	}
	f.Add("")
	f.Add("Tax_per_mu")
	f.Fuzz(func(t *testing.T, id string) {
		found, ok := fields.FindIndicator(id)
		listed := false
		for _, i := range fields.Indicators() {
			listed = listed || i.ID == id
		}
		if ok != listed || found.ID != id && ok || !ok && found != (fields.Indicator{}) {
			t.Errorf("%q: %+v %t", id, found, ok)
		}
	})
}
