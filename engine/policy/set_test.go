package policy_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/muscope-gis/muscope/engine/policy"
)

func resolve(t *testing.T, files map[string]string, names ...string) *policy.Set {
	t.Helper()
	s, err := library(t).Resolve(names, reader(files))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func reader(files map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, os.ErrNotExist
	}
}

// pack is a small valid pack with the given rules.
func pack(id, level, extends, rules string) string {
	s := "id: " + id + "\ntitle: {zh: Test, en: Test}\nissuer: Test\npublished: 2020-01-02\nin_force: {from: 2020-02-01}\n" +
		"state: in_force\nregion: Test\nlevel: " + level + "\nsource: made up\nversion: \"1\"\n"
	if extends != "" {
		s += "extends: [" + extends + "]\n"
	}
	return s + "rules:\n" + rules
}

func mix(id, kinds, tolerance string) string {
	return "  - {id: " + id + ", title: {zh: a, en: a}, clause: \"1\", scope: [Z], status: confirmed, kind: land_mix, needs: [zones], " +
		"bound: {op: \"<=\", value: " + tolerance + ", unit: ratio}, " +
		"land_mix: {profile: wide, target: {industry: 1/2, residence: 1/4, public: 1/4}, kinds: [" + kinds + "]}}\n"
}

func idle(id, extends, figures string) string {
	return "  - {id: " + id + ", title: {zh: a, en: a}, clause: \"1\", scope: [P], status: confirmed, kind: idle_land, " +
		"extends: " + extends + ", idle_land: {" + figures + "}}\n"
}

func TestALongerCodeWinsOverAShorterOneInSpaces(t *testing.T) {
	s := policy.Spaces{Codes: []policy.SpaceCodes{{Standard: "S", Production: []string{"12"}, Ecological: []string{"1207"}}}}
	if s.Other("S", "1206") != "production" || s.Other("S", "120701") != "ecological" {
		t.Errorf("%s %s", s.Other("S", "1206"), s.Other("S", "120701"))
	}
}

func TestEveryPackExtendsTheNationalIdleLandRuleUnlessItHasAnother(t *testing.T) {
	files := map[string]string{
		"plain.yaml":  pack("plain", "city", "", mix("P-1", "new", "0.1")),
		"own.yaml":    pack("own", "city", "national-idle-land-2012", idle("O-1", "national-idle-land-2012/NIL-idle", "at_risk_days: 90")),
		"below.yaml":  pack("below", "zone", "own", mix("B-1", "existing", "0.2")),
		"finer.yaml":  pack("finer", "zone", "own", idle("F-1", "own/O-1", "at_risk_days: 30, years_to_take_back: {value: 1, clause: \"3\"}")),
		"finest.yaml": pack("finest", "zone", "finer", mix("G-1", "new", "0.2")),
	}
	for _, c := range []struct {
		names     []string
		rule      string
		days      int
		inherited string
	}{
		{[]string{"plain.yaml"}, "NIL-idle", 180, "national-idle-land-2012"},
		{[]string{"own.yaml"}, "O-1", 90, "national-idle-land-2012"},
		{[]string{"plain.yaml", "own.yaml"}, "O-1", 90, "national-idle-land-2012"},
		{[]string{"own.yaml", "below.yaml"}, "O-1", 90, "national-idle-land-2012"},
		{[]string{"national-idle-land-2012", "chizhou-2015"}, "CZ-4.6-idle", 180, "national-control-2008"},
		{[]string{"own.yaml", "finer.yaml"}, "F-1", 30, "national-idle-land-2012"},
		{[]string{"own.yaml", "finer.yaml", "finest.yaml", "plain.yaml"}, "F-1", 30, "national-idle-land-2012"},
	} {
		s := resolve(t, files, c.names...)
		a := s.IdleLand()
		var inherited []string
		for _, p := range s.Inherited {
			inherited = append(inherited, p.ID)
		}
		if a.Rule.ID != c.rule || a.Rule.IdleLand.AtRiskDays != c.days || strings.Join(inherited, " ") != c.inherited {
			t.Errorf("%v: %s with %d days, inherited %v", c.names, a.Rule.ID, a.Rule.IdleLand.AtRiskDays, inherited)
		}
	}
}

func TestAFigureKeepsThePlaceItComesFrom(t *testing.T) {
	files := map[string]string{
		"own.yaml":   pack("own", "city", "national-idle-land-2012", idle("O-1", "national-idle-land-2012/NIL-idle", "at_risk_days: {value: 90, clause: \"9\"}")),
		"finer.yaml": pack("finer", "zone", "own", idle("F-1", "own/O-1", "years_to_take_back: {value: 1, clause: \"3\"}")),
	}
	s := resolve(t, files, "finer.yaml", "own.yaml")
	rule, national := s.IdleLand().Rule, resolve(t, nil, policy.NationalIdleLand).IdleLand().Rule
	years, _ := national.Figure("years_to_idle")
	for _, want := range []policy.Figure{
		years,
		{Name: "years_to_take_back", Value: "1", Clause: "3", Status: "confirmed", StricterOnly: true, Pack: "finer", Rule: "F-1"},
		{Name: "at_risk_days", Value: "90", Clause: "9", Status: "confirmed", Pack: "own", Rule: "O-1"},
	} {
		if got, ok := rule.Figure(want.Name); !ok || got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if len(rule.Figures) != len(national.Figures) {
		t.Errorf("%d figures", len(rule.Figures))
	}
}

func TestAFigureThatMayOnlyBeStricterStaysSoFurtherDown(t *testing.T) {
	files := map[string]string{
		"own.yaml":   pack("own", "city", "national-idle-land-2012", idle("O-1", "national-idle-land-2012/NIL-idle", "developed_below: 1/2")),
		"finer.yaml": pack("finer", "zone", "own", idle("F-1", "own/O-1", "developed_below: 2/5")),
	}
	_, err := library(t).Resolve([]string{"own.yaml", "finer.yaml"}, reader(files))
	if err == nil || !strings.Contains(err.Error(), "developed_below 2/5 is looser than the 1/2 of own/O-1") {
		t.Errorf("%v", err)
	}
}

func TestAWholeRuleMayBeFixedForThoseThatExtendIt(t *testing.T) {
	parent := strings.Replace(mix("M-1", "new, expansion", "0.05"), "kind: land_mix,", "kind: land_mix, stricter_only: true,", 1)
	child := func(figures string) map[string]string {
		return map[string]string{
			"up.yaml": pack("up", "province", "", parent),
			"down.yaml": pack("down", "city", "up", "  - {id: D-1, title: {zh: a, en: a}, clause: \"1\", scope: [Z], status: confirmed, "+
				"kind: land_mix, extends: up/M-1, "+figures+"}\n"),
		}
	}
	for figures, want := range map[string]string{
		`bound: {op: "<=", value: 0.04, unit: ratio}`:                                "",
		`bound: {op: "<=", value: 0.06, unit: ratio}`:                                "bound <= 0.06 is looser than the <= 0.05",
		"land_mix: {kinds: [new, expansion, existing]}":                              "",
		"land_mix: {kinds: [new]}":                                                   "kinds new is looser",
		"land_mix: {profile: wide}":                                                  "",
		"land_mix: {profile: strict}":                                                "profile is strict, but up/M-1 fixes it at wide",
		"land_mix: {target: {industry: 1/3, residence: 1/3, public: 1/3}}":           "target is 1/3 : 1/3 : 1/3, but up/M-1 fixes it",
		"land_mix: {target: {value: {industry: 0.5, residence: 0.25, public: 1/4}}}": "",
		"land_mix: {target: {value: {industry: 0.5, residence: 0.25, public: 1/3}}}": "do not add to 1",
	} {
		s, err := library(t).Resolve([]string{"up.yaml", "down.yaml"}, reader(child(figures)))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", figures, err, want)
		}
		if err == nil && !s.Named[1].Rules[0].StricterOnly {
			t.Errorf("%s: further down it may be looser again", figures)
		}
	}
}

func TestTheMostLocalLandMixRuleDecidesThenTheFirstNamed(t *testing.T) {
	files := map[string]string{
		"a.yaml": pack("a", "city", "", mix("A-1", "new", "0.1")),
		"b.yaml": pack("b", "city", "", mix("B-1", "new, existing", "0.2")),
		"z.yaml": pack("z", "zone", "", mix("Z-1", "existing", "0.3")),
	}
	s := resolve(t, files, "a.yaml", "b.yaml", "z.yaml")
	for kind, want := range map[string]string{"new": "A-1", "existing": "Z-1", "": "Z-1"} {
		if a, ok := s.LandMix(kind); !ok || a.Rule.ID != want {
			t.Errorf("%q: %v", kind, a.Rule)
		}
	}
	if len(s.Rules()) != 4 { // and the national one
		t.Errorf("%d rules", len(s.Rules()))
	}
}

func TestAPackIsTakenOnceHoweverOftenItIsNamed(t *testing.T) {
	files := map[string]string{"a.yaml": pack("a", "city", "", mix("R", "new", "0.1")), "b.yaml": pack("b", "city", "", mix("S", "new", "0.2"))}
	if s := resolve(t, files, "a.yaml", "b.yaml", "a.yaml", "chizhou-2015", "chizhou-2015"); len(s.Named) != 3 || len(s.Rules()) != 18 {
		t.Errorf("%d packs, %d rules", len(s.Named), len(s.Rules()))
	}
}

func TestTwoPacksWithARuleOfOneIDContradictUnlessOneExtendsTheOther(t *testing.T) {
	finer := func(id, of, days string) string { return idle(id, of, "at_risk_days: "+days) }
	files := map[string]string{
		"a.yaml":      pack("a", "city", "", mix("R", "new", "0.1")),
		"b.yaml":      pack("b", "city", "", mix("R", "new", "0.2")),
		"up.yaml":     pack("up", "province", "national-idle-land-2012", finer("NIL-idle", "national-idle-land-2012/NIL-idle", "90")),
		"down.yaml":   pack("down", "city", "up", finer("NIL-idle", "up/NIL-idle", "60")),
		"beside.yaml": pack("beside", "city", "up, national-idle-land-2012", finer("NIL-idle", "national-idle-land-2012/NIL-idle", "120")),
	}
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"a.yaml", "b.yaml"}, "rule R is also one of a (a.yaml:"},
		{[]string{"up.yaml", "beside.yaml"}, "rule NIL-idle is also one of up (up.yaml:"},
	} {
		_, err := library(t).Resolve(c.names, reader(files))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "neither extends the other") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v, want %q", c.names, err, c.want)
		}
	}
	s := resolve(t, files, "national-idle-land-2012", "up.yaml", "down.yaml")
	if rules := s.Rules(); len(rules) != 1 || rules[0].Pack.ID != "down" || s.IdleLand().Rule.IdleLand.AtRiskDays != 60 {
		t.Errorf("%v", rules)
	}
}

func TestAFileTakesThePlaceOfTheShippedPackOfItsID(t *testing.T) {
	data, err := os.ReadFile("../../datasets/policy/national-idle-land-2012.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "{value: 180,", "{value: 365,", 1)
	s := resolve(t, map[string]string{"mine.yaml": text}, "chizhou-2015", "mine.yaml")
	if got := s.IdleLand().Rule.IdleLand.AtRiskDays; got != 365 {
		t.Errorf("%d days", got)
	}
}

func TestNamesThatCannotBeResolvedAreErrorsThatSayWhatToDo(t *testing.T) {
	circle := map[string]string{
		"a.yaml": pack("a", "city", "b", mix("R", "new", "0.1")), "b.yaml": pack("b", "city", "c", mix("R", "new", "0.1")),
		"c.yaml": pack("c", "city", "a", mix("R", "new", "0.1")), "a2.yaml": pack("a", "city", "", mix("R", "new", "0.1")),
	}
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"chizou-2015"}, `policy "chizou-2015": no such policy; did you mean chizhou-2015?`},
		{[]string{"beijing"}, `policy "beijing": no such policy; known are chizhou-2015, jiangsu-huaian-2024, `},
		{nil, "no policy is named"},
		{[]string{"none.yaml"}, "read policy none.yaml: file does not exist"},
		{[]string{"a.yaml", "b.yaml", "c.yaml"}, "policies extend each other in a circle: a → b → c → a"},
		{[]string{"a.yaml", "a2.yaml"}, "a.yaml and a2.yaml both have this id"},
	} {
		_, err := library(t).Resolve(c.names, reader(circle))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.names, err, c.want)
		}
	}
	var unknown *policy.UnknownError
	if _, err := library(t).Pack("chizou-2015"); !errors.As(err, &unknown) || unknown.Name != "chizou-2015" {
		t.Errorf("%v", err)
	}
}

func TestALibraryTellsTheMistakesOfAllItsFiles(t *testing.T) {
	fsys := fstest.MapFS{
		"p/a.yaml":     {Data: []byte(pack("b", "city", "", mix("R", "new", "0.1")))},
		"p/c.yaml":     {Data: []byte("id: c")},
		"p/d.yaml":     {Data: []byte(pack("d", "city", "nobody", mix("R", "new", "0.1")))},
		"p/readme.txt": {Data: []byte("no policy")},
	}
	_, err := policy.Load(fsys)
	for _, want := range []string{"p/a.yaml:1:5: id b in a file named for a", "p/c.yaml:1:1: a policy lacks title", `p/d.yaml:11:11: extends "nobody"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s\nin %v", want, err)
		}
	}
}

func TestFractionsCompareExactly(t *testing.T) {
	big := int64(1) << 62
	for _, c := range []struct {
		f, g policy.Fraction
		want int
	}{
		{policy.Fraction{Num: 1, Den: 3}, policy.Fraction{Num: 1, Den: 4}, 1},
		{policy.Fraction{Num: 1, Den: 3}, policy.Fraction{Num: 1, Den: 3}, 0},
		{policy.Fraction{Num: big - 1, Den: big}, policy.Fraction{Num: big, Den: big + 1}, -1},
		{policy.Fraction{Num: big, Den: big + 1}, policy.Fraction{Num: big - 1, Den: big}, 1},
	} {
		if got := c.f.Cmp(c.g); got != c.want {
			t.Errorf("%s against %s: %d, want %d", c.f, c.g, got, c.want)
		}
	}
	if (policy.Fraction{Num: 1, Den: 4}).Float64() != 0.25 || (policy.Fraction{Num: 1, Den: 1}).String() != "1" {
		t.Error("a fraction reads wrong")
	}
}

func TestTheNearestNameIsOfferedOnlyWhenItIsNear(t *testing.T) {
	names := []string{"chizhou-2015", "suqian-2017", "lianyungang-2022"}
	for misspelt, want := range map[string]string{
		"chizou-2015": "chizhou-2015", "suqian2017": "suqian-2017", "lianyungang-2022": "lianyungang-2022",
		"beijing-2015": "", "x": "", "": "",
	} {
		if got, _ := policy.Nearest(misspelt, names); got != want {
			t.Errorf("%q: %q, want %q", misspelt, got, want)
		}
	}
}
