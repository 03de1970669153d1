package fields_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/fields"
)

var update = flag.Bool("update", false, "write the documents anew from the dictionary")

// catalogue is INDICATORS.md as the list of indicators makes it.
func catalogue() string {
	var b strings.Builder
	b.WriteString("# Indicators of enterprises 企业评价指标\n\n" +
		"Made from `indicators.csv`; `go test ./datasets/fields -update` writes it anew. A zero, negative or missing\n" +
		"denominator gives no value and a reason, never 0. Land is the net land in use on 31 December of the year.\n\n" +
		"| id | 指标 | indicator | formula | 单位 | source |\n|---|---|---|---|---|---|\n")
	for _, i := range fields.Indicators() {
		b.WriteString("| `" + i.ID + "` | " + i.Zh + " | " + i.En + " | " + i.FormulaZh + "<br>" + i.FormulaEn + " | " + i.UnitZh + " | " + i.Source + " |\n")
	}
	return b.String()
}

func TestTheDocumentOfIndicatorsIsMadeFromTheirList(t *testing.T) {
	want := catalogue()
	if *update {
		if err := os.WriteFile("INDICATORS.md", []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("INDICATORS.md")
	if err != nil || string(got) != want {
		t.Errorf("INDICATORS.md is not what indicators.csv says (%v); go test ./datasets/fields -update writes it anew", err)
	}
}
