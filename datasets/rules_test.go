package datasets_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/policy/demand"
)

var update = flag.Bool("update", false, "write the documents anew from the packs")

// catalogue is RULES.md as the packs make it.
func catalogue(t *testing.T) string {
	t.Helper()
	cell := strings.NewReplacer("|", "\\|", "\n", " ").Replace
	var b strings.Builder
	b.WriteString("# Rules of the shipped policies 规则目录\n\nMade from the packs; `go test ./datasets -run Catalogue -update` writes it anew.\n")
	for _, p := range library(t).Packs() {
		b.WriteString("\n## " + p.ID + " · " + p.Title.Zh + "\n\n" + p.Title.En + ". " + p.Number + "\n\n| rule | 规则 | clause | scope | kind | status | demands | inputs |\n|---|---|---|---|---|---|---|---|\n")
		for _, r := range p.Rules {
			scopes := ""
			for _, s := range r.Scope {
				scopes += string(rune(s))
			}
			var figures []string
			for _, f := range r.Figures {
				if f.Name != "groups" && !strings.HasPrefix(f.Name, "clause_") {
					figures = append(figures, f.Name+": "+f.Value)
				}
			}
			var inputs []string
			for _, n := range r.Needs {
				inputs = append(inputs, n.String())
			}
			if r.Follows.Zh != "" {
				figures = append(figures, "→ "+r.Follows.Zh)
			}
			b.WriteString("| `" + r.ID + "` | " + cell(r.Title.Zh) + "<br>" + cell(r.Title.En) + " | " + r.Clause + " | " + scopes + " | " +
				fields.Word("kind."+string(r.Kind), "zh") + " " + string(r.Kind) + " | " + string(r.Status) + " | " + cell(strings.Join(figures, "<br>")) + " | " + strings.Join(inputs, ", ") + " |\n")
		}
	}
	b.WriteString("\n## Figures of zones 开发区指标\n\nReported in the table zone_indicators, or, where the id has a dot, found by a run.\n\n| id | 指标 | indicator | unit | formula |\n|---|---|---|---|---|\n")
	for _, i := range fields.ZoneIndicators() {
		b.WriteString("| `" + i.ID + "` | " + i.Zh + " | " + i.En + " | " + i.Unit + " | " + cell(i.Formula) + " |\n")
	}
	b.WriteString("\n## Facts 事实\n\nWhat conditions on parcels (P), projects (J) and enterprises (E) look at.\n\n| fact | 名称 | name | of | unit |\n|---|---|---|---|---|\n")
	for _, name := range demand.Facts() {
		of := ""
		for _, scope := range "PJE" {
			if demand.Has(byte(scope), name) {
				of += string(scope)
			}
		}
		b.WriteString("| `" + name + "` | " + fields.Fact(name, "zh") + " | " + fields.Fact(name, "en") + " | " + of + " | " + demand.FactUnit(name) + " |\n")
	}
	return b.String()
}

func TestTheCatalogueOfRulesIsMadeFromThePacks(t *testing.T) {
	want := catalogue(t)
	if *update {
		if err := os.WriteFile("policy/RULES.md", []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("policy/RULES.md")
	if err != nil || string(got) != want {
		t.Errorf("policy/RULES.md is not what the packs say (%v); go test ./datasets -run Catalogue -update writes it anew", err)
	}
}

// documents are the rules of the five documents, by pack.
var documents = map[string]string{
	"suqian-2017":       "SQ-6-invest SQ-6-tax SQ-6-exit-land SQ-6-exit-env SQ-7-far SQ-7-coverage SQ-7-intensity SQ-8-energy SQ-8-water SQ-8-waste SQ-4-staff SQ-10-smart SQ-10-ecommerce SQ-11-circular SQ-11-outside SQ-12-iso SQ-2-eco SQ-22-bottom SQ-2-parks SQ-11-zero SQ-15-platform SQ-16-rd SQ-18-incubator",
	"chizhou-2015":      "CZ-3-va CZ-3-hightech CZ-3-top3 CZ-4.3-industries CZ-4.5-mix CZ-4.5-spaces CZ-4.6-multistorey CZ-4.6-idle CZ-4.6-quota CZ-4.6-tax CZ-4.6-dual CZ-4.2-expand CZ-6.3-cadence CZ-3-steady CZ-4.4-platforms",
	"suizhou-2018":      "SZ-2.3-river SZ-2.3-chempark SZ-2.3-negative SZ-2.3-sewage SZ-2.5-standard SZ-2.5-services SZ-2.5-idle SZ-2.5-underused SZ-4.1-onemap SZ-2.3-eia SZ-2.5-catalogue",
	"shijiazhuang-2018": "SJZ-2-gdp SJZ-2-revenue SJZ-2-tax SJZ-2-va-share SJZ-2-fai SJZ-2-fdi SJZ-2-export SJZ-2-zone-revenue SJZ-2-rd SJZ-2-hightech SJZ-2-44 SJZ-2-sewage SJZ-2-energy SJZ-2-waste SJZ-3.2-signed SJZ-3.2-capital SJZ-3.2-starts SJZ-3.2-reserve SJZ-3.6-signing SJZ-3.7-polluters SJZ-4.1-500 SJZ-4.2-monthly SJZ-3.1-hall SJZ-3.2-bases SJZ-3.4-talent",
	"lianyungang-2022":  "LYG-1-gdp LYG-1-double LYG-1-share LYG-1-rank LYG-6-industries LYG-8-grade LYG-8-clear LYG-8-underused LYG-8-supply LYG-11-hightech LYG-7-smart LYG-9-rd LYG-13-projects LYG-17-fdi LYG-23-access LYG-24-safety LYG-27-standard LYG-2-bodies LYG-7-listed LYG-28-sewage",
}

func TestThePacksOfTheFiveDocumentsHoldTheir94Rules(t *testing.T) {
	total := 0
	for id, want := range documents {
		p, err := library(t).Pack(id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range p.Rules {
			got = append(got, r.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s holds %v", id, got)
		}
		total += len(got)
	}
	if total != 94 {
		t.Errorf("%d rules", total)
	}
}

func TestEveryFactThatRulesLookAtHasANameInBothLanguages(t *testing.T) {
	for _, name := range demand.Facts() {
		for _, lang := range []string{"zh", "en"} {
			if fields.Fact(name, lang) == "" {
				t.Errorf("%s has no name in %s", name, lang)
			}
		}
	}
}
