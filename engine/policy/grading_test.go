package policy_test

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/muscope-gis/muscope/datasets"
	"github.com/muscope-gis/muscope/engine/policy"
)

const schemeHead = ", title: {zh: a, en: a}, clause: \"1\", scope: [E], status: unconfirmed, kind: grading"

// scheme is a grading rule with groups of the given YAML; figures come before them.
func scheme(id, exempt, groups string) string {
	return "  - {id: " + id + schemeHead + ", needs: [enterprises], grading: {tax: [tax, -refund], " +
		"energy: {electricity: equivalent, coefficients: {electricity: 0.0003, coal: 0.7143}}, pollutants: equivalents, " +
		"lease: merge_on_parcel, by_months: true, exempt: " + exempt + ", min_group: 7, groups: [" + groups + "]}}\n"
}

func group(id, filter, items, cuts string) string {
	return "{id: " + id + ", title: {zh: a, en: b}, filter: " + filter + ", items: [" + items + "], cuts: " + cuts + "}"
}

const (
	whole = "{indicator: tax_per_mu, weight: 100, benchmark: {kind: max}}"
	fifth = "{by: share, A: 0.2, B: 0.6, C: 0.95}"
)

// shippedWith is the shipped packs and others by id.
func shippedWith(t *testing.T, packs map[string]string) *policy.Library {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, p := range library(t).Packs() {
		data, err := datasets.Policy.ReadFile(p.File)
		if err != nil {
			t.Fatal(err)
		}
		fsys[p.File] = &fstest.MapFile{Data: data}
	}
	for id, text := range packs {
		fsys[id+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	l, err := policy.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func gradingOf(t *testing.T, s *policy.Set, id string) *policy.Rule {
	t.Helper()
	a, ok, err := s.Grading(id)
	if !ok || err != nil {
		t.Fatalf("grading %q: %v, %v", id, ok, err)
	}
	return a.Rule
}

func TestASchemeIsReadAsItIsWritten(t *testing.T) {
	items := "{indicator: tax_per_mu, weight: 30.5, benchmark: {kind: fixed, value: 24.097}, floor: 0.5, cap: 2}, " +
		"{indicator: sales_per_mu, weight: 19.5, benchmark: {kind: mean}, missing: cohort_mean_score}, " +
		"{indicator: rd_intensity, weight: 20, benchmark: {kind: mean, factor: 2, last_year: true}, missing: {policy: penalty, points: 3}}, " +
		"{indicator: output_per_mu, weight: 10, benchmark: {kind: quantile, q: 0.9}, missing: {policy: drop}}, " +
		"{indicator: tax_per_tce, weight: 10, method: minmax}, " +
		"{indicator: energy_per_value_added, weight: 10, method: inverse, benchmark: {kind: max}}"
	filter := "{above_scale: false, min_mu: 3, industries: [\"06\", 261], zones: [Z1], counties: [甲县], tags: [a, b], any: [{}, {above_scale: true}]}"
	s := resolve(t, map[string]string{"p.yaml": pack("p", "city", "", scheme("P-1",
		"{utility: true, new_from: [production_on, registered_on], construction_years: 3, relocation: true, tags: [x], counts: true, as: B}",
		group("a", filter, items, fifth)+", "+group("b", "{}", whole, "{by: score, A: 90, B: 60, C: 60}")))}, "p.yaml")
	yes, no := true, false
	want := policy.Grading{
		Tax: []policy.TaxHead{{Column: "tax"}, {Column: "refund", Minus: true}},
		Energy: policy.Energy{Electricity: "equivalent", Coefficients: []policy.Coefficient{
			{Column: "electricity", TCE: 0.0003}, {Column: "coal", TCE: 0.7143}}},
		Pollutants: policy.PollutionEquivalents, Lease: policy.LeaseMerge, ByMonths: true,
		Exempt: policy.Exempt{Utility: true, NewFrom: []string{"production_on", "registered_on"}, NewYears: 2,
			ConstructionYears: 3, Relocation: true, Tags: []string{"x"}, Counts: true, As: "B"},
		MinGroup: 7,
		Groups: []policy.Group{
			{
				ID: "a", Title: policy.Text{Zh: "a", En: "b"},
				Filter: policy.Filter{AboveScale: &no, MinMu: 3, Industries: []string{"06", "261"}, Zones: []string{"Z1"},
					Counties: []string{"甲县"}, Tags: []string{"a", "b"}, Any: []policy.Filter{{}, {AboveScale: &yes}}},
				Items: []policy.Item{
					{Indicator: "tax_per_mu", Weight: 30.5, Method: policy.Linear, Floor: 0.5, Cap: 2,
						Benchmark: policy.Benchmark{Kind: policy.FixedBenchmark, Value: 24.097}, Missing: policy.Missing{Policy: policy.MissingZero}},
					{Indicator: "sales_per_mu", Weight: 19.5, Method: policy.Linear,
						Benchmark: policy.Benchmark{Kind: policy.MeanBenchmark, Factor: 1}, Missing: policy.Missing{Policy: policy.MissingMean}},
					{Indicator: "rd_intensity", Weight: 20, Method: policy.Linear,
						Benchmark: policy.Benchmark{Kind: policy.MeanBenchmark, Factor: 2, LastYear: true},
						Missing:   policy.Missing{Policy: policy.MissingPenalty, Points: 3}},
					{Indicator: "output_per_mu", Weight: 10, Method: policy.Linear,
						Benchmark: policy.Benchmark{Kind: policy.QuantileBenchmark, Value: 0.9}, Missing: policy.Missing{Policy: policy.MissingDrop}},
					{Indicator: "tax_per_tce", Weight: 10, Method: policy.MinMax, Missing: policy.Missing{Policy: policy.MissingZero}},
					{Indicator: "energy_per_value_added", Weight: 10, Method: policy.Inverse,
						Benchmark: policy.Benchmark{Kind: policy.MaxBenchmark}, Missing: policy.Missing{Policy: policy.MissingZero}},
				},
				Cuts: policy.Cuts{A: 0.2, B: 0.6, C: 0.95},
			},
			{
				ID: "b", Title: policy.Text{Zh: "a", En: "b"},
				Items: []policy.Item{{Indicator: "tax_per_mu", Weight: 100, Method: policy.Linear,
					Benchmark: policy.Benchmark{Kind: policy.MaxBenchmark}, Missing: policy.Missing{Policy: policy.MissingZero}}},
				Cuts: policy.Cuts{ByScore: true, A: 90, B: 60, C: 60},
			},
		},
	}
	r := gradingOf(t, s, "")
	if !reflect.DeepEqual(*r.Grading, want) {
		t.Errorf("\n%+v\nwant\n%+v", *r.Grading, want)
	}
	for name, value := range map[string]string{
		"tax":    "tax, -refund",
		"energy": "equivalent: electricity 0.0003, coal 0.7143",
		"lease":  "merge_on_parcel", "pollutants": "equivalents", "by_months": "true", "min_group": "7",
		"exempt": "utility; new_from production_on, registered_on, 2 years; construction 3 years; relocation; tags x; counts; as B",
		"groups": "a (above_scale false, min_mu 3, industries [06, 261], zones [Z1], counties [甲县], tags [a, b], any () or (above_scale true)); " +
			"tax_per_mu 30.5 linear, benchmark fixed 24.097, floor 0.5, cap 2, missing zero; " +
			"sales_per_mu 19.5 linear, benchmark mean 1, missing cohort_mean_score; " +
			"rd_intensity 20 linear, benchmark mean 2 last_year, missing penalty 3; " +
			"output_per_mu 10 linear, benchmark quantile 0.9, missing drop; tax_per_tce 10 minmax, missing zero; " +
			"energy_per_value_added 10 inverse, benchmark max, missing zero; cuts share A 0.2 B 0.6 C 0.95 | " +
			"b; tax_per_mu 100 linear, benchmark max, missing zero; cuts score A 90 B 60 C 60",
	} {
		if f, ok := r.Figure(name); !ok || f.Value != value {
			t.Errorf("%s is shown as\n%s\nwant\n%s", name, f.Value, value)
		}
	}
}

func TestWithoutDatesOrClassesNobodyIsExempt(t *testing.T) {
	s := resolve(t, map[string]string{"p.yaml": pack("p", "city", "", scheme("P-1", "{}", group("a", "{}", whole, fifth)))}, "p.yaml")
	r := gradingOf(t, s, "")
	if f, _ := r.Figure("exempt"); !reflect.DeepEqual(r.Grading.Exempt, policy.Exempt{}) || f.Value != "{}" {
		t.Errorf("%+v, shown as %s", r.Grading.Exempt, f.Value)
	}
}

func TestWeightsThatAddToAHundredButForTheLastBitAreTaken(t *testing.T) {
	var items []string
	for _, id := range []string{"a", "b", "c"} {
		items = append(items, "{indicator: "+id+", weight: 33.3, benchmark: {kind: max}}")
	}
	rest := ", {indicator: d, weight: 0.1, benchmark: {kind: max}}"
	text := pack("p", "city", "", scheme("P-1", "{}", group("a", "{}", strings.Join(items, ", ")+rest, fifth)))
	if _, err := policy.Parse("p.yaml", []byte(text)); err != nil {
		t.Error(err)
	}
	text = strings.Replace(text, "weight: 0.1", "weight: 0.1000001", 1)
	if _, err := policy.Parse("p.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), "add to 100, these to 100.0000001") {
		t.Errorf("%v", err)
	}
}

func TestASchemeTakesWhatItDoesNotStateFromTheOneItExtends(t *testing.T) {
	files := map[string]string{
		"a.yaml": pack("a", "city", "", scheme("A-1", "{utility: true}", group("a", "{}", whole, fifth))),
		"b.yaml": pack("b", "zone", "a", "  - {id: B-1"+schemeHead+", extends: a/A-1, grading: {min_group: 3, groups: ["+
			group("x", "{above_scale: true}", whole, "{by: share, A: 0.1, B: 0.6, C: 0.95, clause: \"9\"}")+"]}}\n"),
	}
	s := resolve(t, files, "b.yaml", "a.yaml")
	parent, child := gradingOf(t, s, "a"), gradingOf(t, s, "b/B-1")
	want := *parent.Grading
	want.MinGroup, want.Groups = 3, child.Grading.Groups
	if !reflect.DeepEqual(*child.Grading, want) || parent.Grading.MinGroup != 7 || parent.Grading.Groups[0].ID != "a" {
		t.Errorf("%+v\nof\n%+v", *child.Grading, *parent.Grading)
	}
	if g := child.Grading.Groups; len(g) != 1 || g[0].ID != "x" || g[0].Cuts.A != 0.1 {
		t.Errorf("%+v", g)
	}
	tax, _ := child.Figure("tax")
	groups, _ := child.Figure("groups")
	if tax.Pack != "a" || groups.Pack != "b" || groups.Rule != "B-1" || len(child.Needs) != 1 {
		t.Errorf("%+v %+v, needs %v", tax, groups, child.Needs)
	}
	if clause, status := child.Origin("x", policy.CutsOrigin); clause != "9" || status != policy.Unconfirmed {
		t.Errorf("cuts: %s %s", clause, status)
	}
}

func TestTheClauseAndStatusOfAPartAreItsOwnThenItsGroupsThenTheFigures(t *testing.T) {
	groups := `[{id: a, title: {zh: a, en: a}, clause: "2", status: confirmed, items: [` +
		`{indicator: x, weight: 50, benchmark: {kind: max}, clause: "3"}, {indicator: y, weight: 50, benchmark: {kind: max}, status: unconfirmed}], ` +
		`cuts: {by: share, A: 0.2, B: 0.6, C: 0.95, clause: "4", status: unconfirmed}}, ` + group("b", "{}", whole, fifth) + "]"
	text := scheme("P-1", "{}", "")
	text = strings.Replace(text, "groups: []", "groups: {value: "+groups+", clause: \"7\"}", 1)
	r := gradingOf(t, resolve(t, map[string]string{"p.yaml": pack("p", "city", "", text)}, "p.yaml"), "")
	for _, c := range []struct {
		group, part, clause string
		status              policy.Status
	}{
		{"a", "x", "3", "confirmed"}, {"a", "y", "2", "unconfirmed"}, {"a", "cuts", "4", "unconfirmed"}, {"a", "", "2", "confirmed"},
		{"b", "tax_per_mu", "7", "unconfirmed"}, {"b", "cuts", "7", "unconfirmed"}, {"none", "", "7", "unconfirmed"},
	} {
		if clause, status := r.Origin(c.group, c.part); clause != c.clause || status != c.status {
			t.Errorf("%s %s: %s %s", c.group, c.part, clause, status)
		}
	}
}

func TestAFixedSchemeMayNotBeChanged(t *testing.T) {
	fixed := strings.Replace(scheme("A-1", "{}", group("a", "{}", whole, fifth)), "kind: grading", "kind: grading, stricter_only: true", 1)
	child := func(figures string) string {
		return pack("b", "zone", "a", "  - {id: B-1"+schemeHead+", extends: a/A-1, grading: {"+figures+"}}\n")
	}
	for figures, want := range map[string]string{
		"min_group: 7": "",
		"min_group: 6": "min_group is 6, but a/A-1 fixes it at 7",
		"lease: net":   "lease is net, but a/A-1 fixes it at merge_on_parcel",
		"groups: [" + group("a", "{}", whole, "{by: share, A: 0.21, B: 0.6, C: 0.95}") + "]": "groups is a; tax_per_mu 100",
	} {
		files := map[string]string{"a.yaml": pack("a", "city", "", fixed), "b.yaml": child(figures)}
		_, err := library(t).Resolve([]string{"a.yaml", "b.yaml"}, reader(files))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", figures, err, want)
		}
	}
}

func TestTheSchemeOfARunIsTheOnlyOneOrTheOneNamed(t *testing.T) {
	one := group("a", "{}", whole, fifth)
	files := map[string]string{
		"a":     pack("a", "city", "", scheme("A-1", "{}", one)),
		"b":     pack("b", "city", "", scheme("B-1", "{}", one)),
		"heir":  pack("heir", "zone", "a", mix("H-1", "new", "0.1")),
		"last":  pack("last", "zone", "heir", mix("L-1", "new", "0.1")),
		"finer": pack("finer", "zone", "a", "  - {id: F-1"+schemeHead+", extends: a/A-1, grading: {min_group: 3}}\n"),
	}
	lib := shippedWith(t, files)
	for _, c := range []struct {
		names    []string
		id, want string // pack/rule, or what the error says; empty: none
	}{
		{[]string{"national-idle-land-2012", "chizhou-2015"}, "", ""},
		{[]string{"a", "chizhou-2015"}, "", "a/A-1"},
		{[]string{"heir", "a"}, "", "a/A-1"},
		{[]string{"heir"}, "", "a/A-1"},
		{[]string{"a", "last"}, "last", "a/A-1"},
		{[]string{"finer"}, "", "finer/F-1"},
		{[]string{"b", "heir"}, "heir", "a/A-1"},
		{[]string{"b", "heir"}, "b", "b/B-1"},
		{[]string{"b", "heir"}, "A-1", "a/A-1"},
		{[]string{"b", "a"}, "b/B-1", "b/B-1"},
		{[]string{"finer", "a"}, "", "2 grading schemes, finer/F-1, a/A-1: say which with --grading ID"},
		{[]string{"b", "a"}, "", "2 grading schemes, b/B-1, a/A-1: say which with --grading ID"},
		{[]string{"last"}, "lst", "--grading lst: no such grading scheme; did you mean last?"},
		{[]string{"b"}, "whatever", "--grading whatever: no such grading scheme; known are b, B-1, b/B-1"},
		{[]string{"chizhou-2015"}, "chizhou-2015", "--grading chizhou-2015: no named policy has a grading scheme"},
	} {
		s, err := lib.Resolve(c.names, nil)
		if err != nil {
			t.Fatal(err)
		}
		a, ok, err := s.Grading(c.id)
		got := ""
		if ok {
			got = a.Pack.ID + "/" + a.Rule.ID
		}
		if err != nil {
			if got = err.Error(); ok || !strings.Contains(got, c.want) || c.want == "" {
				t.Errorf("%v %q: %v, want %s", c.names, c.id, err, c.want)
			}
		} else if got != c.want {
			t.Errorf("%v %q: %s, want %s", c.names, c.id, got, c.want)
		}
	}
}

const river = "  - {id: %, title: {zh: a, en: a}, clause: \"1\", scope: [P], status: confirmed, kind: near, needs: [parcels], " +
	"stricter_only: true, bound: {op: \">=\", value: 1000, unit: m}, near: {layer: river, names: [a, b], industries: [\"261\", \"25\"], from: 2018-02-07}}\n"

func near(id, parent, bound, figures string) string {
	s := "  - {id: " + id + ", title: {zh: a, en: a}, clause: \"1\", scope: [P], status: confirmed, kind: near, extends: " + parent
	if bound != "" {
		s += ", bound: {op: \">=\", value: " + bound + ", unit: m}"
	}
	return s + ", near: {" + figures + "}}\n"
}

func TestADistanceRuleMayBeMadeStricterOnly(t *testing.T) {
	for _, c := range []struct{ bound, figures, want string }{
		{"", "", ""},
		{"1500", "", ""},
		{"900", "", "bound >= 900 is looser than the >= 1000 of a/A-1"},
		{"", "names: [b, c, a]", ""},
		{"", "names: []", ""},
		{"", "names: [b]", "names b is looser than the a, b of a/A-1"},
		{"", "industries: [\"26\", \"25\"]", ""},
		{"", "industries: [\"261\", \"2511\"]", "industries 261, 2511 is looser than the 261, 25"},
		{"", "from: 2017-12-31", ""},
		{"", "from: 2018-02-08", "from 2018-02-08 is looser than the 2018-02-07"},
		{"", "layer: lake", "layer is lake, but a/A-1 fixes it at river"},
	} {
		files := map[string]string{
			"a.yaml": pack("a", "city", "", strings.Replace(river, "%", "A-1", 1)),
			"b.yaml": pack("b", "zone", "a", near("B-1", "a/A-1", c.bound, c.figures)),
		}
		_, err := library(t).Resolve([]string{"b.yaml", "a.yaml"}, reader(files))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want %q", c.bound, c.figures, err, c.want)
		}
	}
}

func TestNearRulesApplyUnlessAnotherRefinesThem(t *testing.T) {
	files := map[string]string{
		"a": pack("a", "city", "", strings.Replace(river, "%", "A-1", 1)+strings.Replace(river, "%", "A-2", 1)),
		"b": pack("b", "zone", "a", near("B-1", "a/A-1", "1500", "")+mix("B-2", "new", "0.1")),
	}
	s, err := shippedWith(t, files).Resolve([]string{"b"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range s.Near() {
		got = append(got, a.Pack.ID+"/"+a.Rule.ID)
		if a.Rule.ID == "B-1" && (a.Rule.Near.Metres != 1500 || a.Rule.Bound.Value != 1500 || a.Rule.Near.Layer != "river" || len(a.Rule.Near.Names) != 2) {
			t.Errorf("%+v", a.Rule.Near)
		}
	}
	if rules := strings.Join(got, " "); rules != "b/B-1 a/A-2" {
		t.Errorf("%s", rules)
	}
	if n := resolve(t, nil, "chizhou-2015").Near(); len(n) != 0 {
		t.Errorf("%v", n)
	}
}
