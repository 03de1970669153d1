package mapping

import (
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

func TestEveryNumberOfATableMayBeSaidToCountInItsOwnUnit(t *testing.T) {
	for _, s := range table.Inputs() {
		for _, f := range s.Fields {
			if f.Unit != unit.None && !slices.Contains(unitsFor(f.Unit), string(f.Unit)) {
				t.Errorf("%s.%s: %s is not offered", s.Name, f.Name, f.Unit)
			}
		}
	}
}

func TestTheUnitInAHeadersLastBracketIsFound(t *testing.T) {
	for header, want := range map[string]string{
		"税收（万元）": "万元", "面积(亩)": "亩", "面积 ( 亩 )": "亩", "税收 > 亩均（万元/亩）": "万元/亩", "面积（亩)": "亩", "A [mu]": "mu",
		"税收（2024）（万元）": "万元", "（万元）": "", "税收": "", "税收（万元）合计": "", "": "",
	} {
		if got := bracket(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}
