package explain

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// head is a policy as far as its grading; schemes are the rest of it, each with other
// methods, benchmarks, cuts, leases and ways with missing values.
const head = `id: town
title: {zh: 某办法, en: measures}
number: 某发〔2024〕1号
issuer: x
published: 2020-01-01
in_force: {from: 2020-01-01}
state: in_force
region: x
level: city
source: x
version: "1"
extends: [national-idle-land-2012]
rules:
  - id: T-grade
    title: {zh: 评价, en: grading}
    clause: 第三条
    scope: [E]
    status: confirmed
    kind: grading
    needs: [enterprises, tax]
    grading:
      tax: {value: [tax], clause: 第四条, status: unconfirmed}
      energy: {electricity: calorific, coefficients: {electricity: 0.0001229}}
      pollutants: %s
      lease: %s
      by_months: false
      exempt: {utility: true, new_from: [production_on, registered_on], new_years: 2, construction_years: 3, relocation: true, tags: [spared], counts: true}
      min_group: 5
      groups:
%s`

const (
	meanGroups = `
        - id: above
          title: {zh: 规上, en: above scale}
          filter: {above_scale: true}
          items:
            - {indicator: tax_per_mu, weight: 50, benchmark: {kind: mean, factor: 2, last_year: true}, cap: 1.2, missing: cohort_mean_score}
            - {indicator: energy_per_value_added, weight: 30, method: inverse, benchmark: {kind: mean}, missing: {policy: penalty, points: 3}}
            - {indicator: rd_intensity, weight: 20, benchmark: {kind: quantile, q: 0.7}, floor: 0.1, clause: 附表, status: unconfirmed}
          cuts: {by: share, A: 0.2, B: 0.6, C: 0.95, clause: 第五条}
        - id: below
          title: {zh: 规下, en: below scale}
          filter: {above_scale: false, any: [{min_mu: 3}, {industries: ["39"], counties: [某县], tags: [kept], zones: [G2]}]}
          items:
            - {indicator: tax_per_mu, weight: 60, benchmark: {kind: fixed, value: 12}}
            - {indicator: tax_per_kwh, weight: 40, benchmark: {kind: max}, missing: drop}
          cuts: {by: share, A: 0.05, B: 0.75, C: 0.95}
`
	scoreGroups = `
        - id: all
          title: {zh: 全部, en: all}
          items:
            - {indicator: tax_per_mu, weight: 40, method: minmax, missing: drop}
            - {indicator: sales_per_mu, weight: 30, benchmark: {kind: fixed, value: 200}, cap: 1}
            - {indicator: labour_productivity, weight: 30, benchmark: {kind: mean}, missing: drop}
          cuts: {by: score, A: 80, B: 60, C: 30}
`
	landlessGroups = `
        - id: all
          title: {zh: 全部, en: all}
          items:
            - {indicator: sales_per_pollutant, weight: 70, benchmark: {kind: mean}, cap: 2}
            - {indicator: value_added_per_tce, weight: 30, benchmark: {kind: mean, factor: 2}}
          cuts: {by: share, A: 0.2, B: 0.6, C: 0.95}
`
)

// schemes are policies by what they try.
var schemes = map[string]string{
	"mean":  fmt.Sprintf(head, "tonnes", "net", meanGroups),
	"score": fmt.Sprintf(head, "equivalents", "net", scoreGroups),
	"merge": fmt.Sprintf(head, "tonnes", "merge_on_parcel", meanGroups),
	"owner": fmt.Sprintf(head, "tonnes", "owner", meanGroups),
	"apart": fmt.Sprintf(head, "tonnes", "separate", scoreGroups),
	"other": fmt.Sprintf(head, "equivalents", "net", landlessGroups),
}

// town makes the facts of n enterprises up, of every kind that the schemes know.
func town(n int, seed uint64) *assess.Facts {
	dice := rand.New(rand.NewPCG(seed, 3))
	f := &assess.Facts{Year: 2024, Parcels: []string{}}
	one := func(words ...string) string { return words[dice.IntN(len(words))] }
	day := func(rare int) unit.Date {
		if dice.IntN(rare) > 0 {
			return grade.NoDate
		}
		d, _ := unit.NewDate(2023, 6, 1)
		return d
	}
	for i := range n {
		f.Code = append(f.Code, fmt.Sprintf("9132%014d", i))
		f.Name, f.Industry = append(f.Name, fmt.Sprintf("示例%d有限公司", i/2)), append(f.Industry, one("3981", "2611", ""))
		f.Zone, f.County, f.Tags = append(f.Zone, one("G1", "G2", "")), append(f.County, one("某县", "")), append(f.Tags, one("", "", "", "kept;x", "spared"))
		f.AboveScale = append(f.AboveScale, grade.Answer(dice.IntN(9)%3))
		f.Utility, f.Relocation = append(f.Utility, dice.IntN(30) == 0), append(f.Relocation, dice.IntN(30) == 0)
		f.Registered, f.Production, f.Supplied = append(f.Registered, day(20)), append(f.Production, day(20)), append(f.Supplied, day(20))
		own, leased := unit.Area(dice.IntN(200_000_000)), unit.Area(0)
		if dice.IntN(5) == 0 {
			own, leased = 0, unit.Area(dice.IntN(50_000_000))
		}
		f.Owned, f.Own, f.Occupied = append(f.Owned, own), append(f.Own, own), append(f.Occupied, 0)
		f.LeasedIn, f.LeasedOut, f.Land = append(f.LeasedIn, leased), append(f.LeasedOut, 0), append(f.Land, own+leased)
		if i%3 > 0 {
			f.Parcels = append(f.Parcels, fmt.Sprintf("P%05d", len(f.Parcels)))
		}
		if len(f.Parcels) > 0 {
			f.Uses = append(f.Uses, grade.Use{Enterprise: int32(i), Parcel: int32(len(f.Parcels) - 1), Net: own + leased, Own: own, LeasedIn: leased})
		}
	}
	for _, year := range []*indicate.Quantities{&f.This, &f.Last} {
		for q := range year {
			year[q] = make([]float64, n)
			for i := range n {
				year[q][i] = math.Round(math.Exp(dice.NormFloat64()) * 1000)
				if inFen(indicate.Quantity(q)) {
					year[q][i] *= 1e5
				}
				switch dice.IntN(12) {
				case 0:
					year[q][i] = math.NaN()
				case 1:
					year[q][i] = 0
				}
			}
		}
		for i, a := range f.Land {
			year[indicate.Land][i] = float64(a)
		}
	}
	for i := 0; i < n; i += 1 + dice.IntN(4) {
		a := grade.Adjustment{Enterprise: int32(i), Kind: grade.AdjustmentKind(dice.IntN(6)), Reason: one("环保处罚", "申诉成立"), Actor: "亩均办", Decided: 20_000}
		if a.Kind <= grade.PenaltyPoints {
			a.Points = float64(dice.IntN(10))
		} else {
			a.Grade = grade.A + grade.Grade(dice.IntN(4))
		}
		f.Adjustments = append(f.Adjustments, a)
	}
	return f
}

// lot is the shape of all parcels.
func lot() []byte {
	g := &wkb.Geometry{Type: wkb.Polygon, XY: []float64{113, 31, 113.1, 31, 113.1, 31.1, 113, 31.1, 113, 31}}
	g.EndRing()
	g.EndPart()
	return g.Append(nil)
}

// kept writes a run of these facts under a policy; layers says whether its parcels
// and zones are written.
func kept(t testing.TB, f *assess.Facts, pack string, layers bool) *archive.Run {
	t.Helper()
	dir, ctx := filepath.Join(t.TempDir(), "run"), context.Background()
	out, err := write.Create(dir, false, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Abort()
	national, err := os.ReadFile("../../datasets/policy/national-idle-land-2012.yaml")
	if err != nil {
		t.Fatal(err)
	}
	note := func(id string, yaml []byte) write.PolicyNote {
		sum := sha256.Sum256(yaml)
		return write.PolicyNote{ID: id, SHA256: hex.EncodeToString(sum[:])}
	}
	m := &write.Manifest{RunID: "0123456789abcdef", Year: 2024, AsOf: "2025-06-30", Grading: "town/T-grade",
		Policies: []write.PolicyNote{note("town", []byte(pack)), note("national-idle-land-2012", national)}}
	var errs []error
	for _, facts := range archive.FactTables(f) {
		errs = append(errs, out.Facts(ctx, facts))
	}
	errs = append(errs, out.Policy(ctx, "town", []byte(pack)), out.Policy(ctx, "national-idle-land-2012", national),
		out.Sources(ctx, write.Source{Table: "tax", Files: []string{"tax.csv"}, Rows: len(f.Code),
			Place: func(dst []byte, i int) ([]byte, int32, int64) {
				return append(dst, f.Code[i]+"/2024"...), 0, int64(i + 2)
			}}),
		out.Sources(ctx, write.Source{Table: "parcels", Files: []string{"parcels.geojson"}, Rows: len(f.Parcels),
			Place: func(dst []byte, i int) ([]byte, int32, int64) { return append(dst, f.Parcels[i]...), 0, int64(i + 1) }}))
	if layers {
		text := func(name string, v func(i int) string) write.Column {
			return write.Text(name, func(i int) (string, bool) { return v(i), v(i) != "" })
		}
		errs = append(errs,
			out.Layer(ctx, write.Layer{Name: "parcels", Rows: len(f.Parcels), Shape: func(int) []byte { return lot() }, Columns: []write.Column{
				text("parcel_code", func(i int) string { return f.Parcels[i] }), text("zone_code", func(int) string { return "G1" }),
				text("holder_name", func(int) string { return "甲\x1b[31m\n乙" })}}),
			out.Layer(ctx, write.Layer{Name: "zones", Rows: 2, Shape: func(int) []byte { return lot() }, Columns: []write.Column{
				text("zone_code", func(i int) string { return []string{"G1", "P00000"}[i] })}}))
	}
	if err := errors.Join(append(errs, out.Finish(ctx, m))...); err != nil {
		t.Fatal(err)
	}
	run, err := archive.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func explainerOf(t testing.TB, run *archive.Run) *Explainer {
	t.Helper()
	x, err := New(context.Background(), run)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func explained(t testing.TB, x *Explainer, code string) *Explanation {
	t.Helper()
	e, err := x.Explain(context.Background(), code, "")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// printed is an explanation as text; every word of it must be in the dictionary.
func printed(t testing.TB, e *Explanation, lang string) string {
	t.Helper()
	var out bytes.Buffer
	if err := e.Write(&out, lang); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, sign := range []string{"explain.", "{", "}", "NaN", "Inf", "%!", "<nil>"} {
		if strings.Contains(text, sign) {
			t.Fatalf("%s of %s has %q:\n%s", lang, e.Code, sign, text)
		}
	}
	return text
}

func TestEveryEnterpriseIsExplainedUnderEveryScheme(t *testing.T) {
	for name, pack := range schemes {
		t.Run(name, func(t *testing.T) {
			f := town(90, 5)
			x := explainerOf(t, kept(t, f, pack, true))
			seen := map[string]bool{}
			for n, code := range f.Code {
				e := explained(t, x, code)
				text := printed(t, e, "zh")
				printed(t, e, "en")
				if !json.Valid([]byte(asJSON(t, e))) {
					t.Fatal("no JSON")
				}
				x.tells(t, e, n)
				seen[x.graded.Final[n].String()] = true
				if strings.ContainsFunc(text, func(r rune) bool { return r == 0x1b || r == '\r' }) {
					t.Errorf("control characters in %q", text)
				}
			}
			if !seen["A"] || !seen["D"] || !seen["T"] || name != "score" && !seen["B"] {
				t.Errorf("the town has grades %v only", seen)
			}
		})
	}
}

func asJSON(t testing.TB, e *Explanation) string {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// tells holds an explanation against the grading it explains.
func (x *Explainer) tells(t *testing.T, e *Explanation, n int) {
	t.Helper()
	a := x.graded
	if got, want := e.Find("final_grade").Value, letterOf(a.Final[n]); got != want {
		t.Errorf("%s: final grade %v, want %v", e.Code, got, want)
	}
	if a.Rank[n] == 0 {
		if e.Find("indicators") != nil || (a.Why[n] == grade.Graded) != (e.Find("rule", "not_graded") == nil) {
			t.Errorf("%s is not ranked (%s), but explained as %s", e.Code, a.Why[n], asJSON(t, e))
		}
		return
	}
	sum, total := 0.0, value(t, e.Find("total"))
	p := &a.Pools[a.Pool[n]]
	for _, item := range p.Items {
		sum += value(t, e.Find("indicators", item.Item.Indicator, "score"))
	}
	for _, one := range e.Find("total").Steps {
		switch one.ID {
		case "bonus":
			sum += value(t, &one)
		case "penalty":
			sum -= value(t, &one)
		}
	}
	if math.Abs(sum-total) > 1e-5 || total != a.Total[n] {
		t.Errorf("%s: the scores and points add to %v, the total is %v, the table's %v", e.Code, sum, total, a.Total[n])
	}
	if got := value(t, e.Find("rank")); got != float64(a.Rank[n]) {
		t.Errorf("%s: rank %v, want %d", e.Code, got, a.Rank[n])
	}
	if got := e.Find("rank", "initial_grade").Value; got != letterOf(a.Initial[n]) {
		t.Errorf("%s: initial grade %v, want %v", e.Code, got, a.Initial[n])
	}
}

func value(t testing.TB, s *Step) float64 {
	t.Helper()
	if s == nil {
		t.Fatal("no such step")
	}
	n, ok := s.Value.(json.Number)
	if !ok {
		t.Fatalf("%s is %v", s.ID, s.Value)
	}
	v, err := n.Float64()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// changed is a copy of facts with another figure of one enterprise.
func changed(f *assess.Facts, e int, q indicate.Quantity, v float64) *assess.Facts {
	c := *f
	c.Land = append([]unit.Area(nil), f.Land...)
	c.This[q] = append([]float64(nil), f.This[q]...)
	c.This[q][e] = v
	if q == indicate.Land {
		c.Land[e] = unit.Area(v)
	}
	return &c
}

func TestATrialGradesAsTheFactsWould(t *testing.T) {
	dice := rand.New(rand.NewPCG(8, 8))
	for name, pack := range schemes {
		f := town(60, 9)
		x := explainerOf(t, kept(t, f, pack, false))
		for range 60 {
			e, q := dice.IntN(60), indicate.Quantity(dice.IntN(len(f.This)))
			v := math.Round(math.Exp(dice.NormFloat64()) * 1e8)
			tr := newTrial(x.facts, x.scheme(), e)
			got := tr.with(q, v)
			want := assess.Grade(changed(x.facts, e, q, v), x.scheme())
			same := got.rank == want.Rank[e] && got.final == want.Final[e] && got.initial == want.Initial[e] &&
				(got.total == want.Total[e] || math.IsNaN(got.total) && math.IsNaN(want.Total[e]))
			if !same {
				t.Fatalf("%s: %s of %d at %v: %+v, want rank %d total %v", name, q, e, v, got, want.Rank[e], want.Total[e])
			}
			if back := tr.grade(); back.rank != x.graded.Rank[e] || back.final != x.graded.Final[e] {
				t.Fatalf("%s: put back it is %+v", name, back)
			}
		}
	}
}

func TestTheDistanceReachesTheNextGradeAndAStepLessDoesNot(t *testing.T) {
	f := town(90, 5)
	reached, capped, by := 0, 0, map[string]int{}
	for _, name := range []string{"mean", "score", "owner", "apart"} {
		x := explainerOf(t, kept(t, f, schemes[name], false))
		for n, code := range f.Code {
			if x.graded.Rank[n] == 0 || x.graded.Initial[n] == grade.A {
				continue
			}
			e := explained(t, x, code)
			want := x.graded.Initial[n] - 1
			initial := func(q indicate.Quantity, v float64) grade.Grade {
				return assess.Grade(changed(x.facts, n, q, v), x.scheme()).Initial[n]
			}
			reaches := func(g grade.Grade) bool { return g != grade.NoGrade && g <= want }
			if s := e.Find("distance", "more_tax"); s.Value != nil {
				base := x.facts.This[indicate.Tax][n]
				if math.IsNaN(base) {
					base = 0
				}
				fen := math.Round(value(t, s) * 1e6)
				if !reaches(initial(indicate.Tax, base+fen)) || fen > 1e4 && reaches(initial(indicate.Tax, base+fen-1e4)) {
					t.Errorf("%s %s: %v more fen of tax are not the least for %s", name, code, fen, want)
				}
				reached++
			} else {
				by[s.Notes[len(s.Notes)-1].ID]++
				if s.Notes[len(s.Notes)-1].ID == "out_of_reach_capped" {
					capped++
				}
				if reaches(initial(indicate.Tax, 1e15)) {
					t.Errorf("%s %s: no tax is said to reach %s, but it does", name, code, want)
				}
			}
			if s := e.Find("distance", "less_land"); s.Value != nil {
				k := int64(math.Round(value(t, s) * 1e4))
				left := func(k int64) float64 { return float64(int64(x.facts.Land[n]) - (2000*k+1)/3) }
				if !reaches(initial(indicate.Land, left(k))) || k > 1 && reaches(initial(indicate.Land, left(k-1))) {
					t.Errorf("%s %s: %d less land is not the least for %s", name, code, k, want)
				}
				reached++
			}
		}
	}
	if reached < 100 || capped < 5 {
		t.Errorf("%d distances found, %d times a cap; others %v", reached, capped, by)
	}
}

func TestWithoutTheIndicatorTaxAndLandChangeNothing(t *testing.T) {
	f := town(60, 5)
	x := explainerOf(t, kept(t, f, schemes["other"], false))
	for n, code := range f.Code {
		if x.graded.Rank[n] > 0 && x.graded.Initial[n] > grade.A {
			for _, id := range []string{"more_tax", "less_land"} {
				if s := explained(t, x, code).Find("distance", id); s.Value != nil || s.Notes[0].ID != "not_asked" {
					t.Errorf("%s: %s is %+v", code, id, s)
				}
			}
		}
	}
}

func TestAFiguresRowIsNamed(t *testing.T) {
	f := town(60, 5)
	x := explainerOf(t, kept(t, f, schemes["mean"], true))
	for n, code := range f.Code {
		if x.graded.Rank[n] == 0 {
			continue
		}
		tax := explained(t, x, code).Find("indicators", "tax_per_mu", "tax")
		want := Source{Table: "tax", Key: code + "/2024", File: "tax.csv", Row: int64(n + 2)}
		if len(tax.Sources) != 1 || tax.Sources[0] != want || tax.Clause != "第四条" || tax.Status != string(policy.Unconfirmed) {
			t.Fatalf("%s: %+v, want %+v", code, tax, want)
		}
	}
}

func TestCodesAreFoundInAnyWidthAndCase(t *testing.T) {
	f := town(60, 5)
	f.Code[7] = "9132MA0000000000X7"
	f.Code[59] = "9132MA0000000000X8"
	for i := 8; i < 59; i++ { // keep the order of codes
		f.Code[i] = fmt.Sprintf("9132MA0000000000X7%03d", i)
	}
	x := explainerOf(t, kept(t, f, schemes["mean"], true))
	for _, form := range []string{"9132MA0000000000X7", " 9132ma0000000000x7\t", "９１３２ｍａ００００００００００Ｘ７", "9132 MA00 0000 0000 X7"} {
		if e, err := x.Explain(context.Background(), form, ""); err != nil || e.Code != f.Code[7] || e.Subject != Enterprise {
			t.Errorf("%q: %v", form, err)
		}
	}
	if e, err := x.Explain(context.Background(), "p00001", ""); err != nil || e.Code != "P00001" || e.Subject != Parcel {
		t.Errorf("a parcel in lower case: %v", err)
	}
	if e, err := x.Explain(context.Background(), "G1", ""); err != nil || e.Subject != Zone {
		t.Errorf("a zone: %v", err)
	}
}

func TestUnknownAndAmbiguousCodesAreErrorsThatOfferOthers(t *testing.T) {
	f := town(61, 5)
	x := explainerOf(t, kept(t, f, schemes["mean"], true))
	for code, want := range map[string]string{
		f.Code[9] + "9":  "nearest are " + f.Code[9],
		"P00O01":         "nearest are P0000",
		"P00000":         "say --as parcel or --as zone",
		"示例3有限公司":        "2 enterprises have this name: " + f.Code[6] + ", " + f.Code[7],
		"":               `explain ""`,
		" ":              `explain ""`,
		"nothing at all": `explain "nothing at all": no enterprise, parcel or zone of run`,
		"line\nend":      `explain "line\nend"`,
	} {
		_, err := x.Explain(context.Background(), code, "")
		var unknown *UnknownError
		if !errors.As(err, &unknown) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", code, err, want)
		}
	}
	if e, err := x.Explain(context.Background(), "P00000", Zone); err != nil || e.Subject != Zone {
		t.Errorf("--as zone: %v", err)
	}
	if e, err := x.Explain(context.Background(), "示例30有限公司", ""); err != nil || e.Code != f.Code[60] {
		t.Errorf("a name that one enterprise has: %v", err)
	}
}

func TestWithoutLayersAParcelIsStillExplainedAndWhatIsMissingIsSaid(t *testing.T) {
	f := town(60, 5)
	x := explainerOf(t, kept(t, f, schemes["mean"], false))
	e := explained(t, x, "P00001")
	if e.Find("occupants") == nil || e.Find("record").Sources[0].String() != "parcels.geojson:2" {
		t.Errorf("%s", asJSON(t, e))
	}
	if text := printed(t, e, "en"); !strings.Contains(text, "without layers/parcels.geojson") || !strings.Contains(text, "--formats geojson") {
		t.Errorf("%s", text)
	}
}

func (s Source) String() string { return s.place() }

func TestARunWithoutASchemeExplainsWhatItHas(t *testing.T) {
	f := town(20, 5)
	pack := strings.Replace(schemes["mean"], "kind: grading", "kind: land_mix", 1)
	pack = pack[:strings.Index(pack, "    needs:")] + "    needs: [zones]\n    bound: {op: \"<=\", value: 0.05, unit: ratio}\n" +
		"    land_mix: {profile: strict, target: {industry: 1/3, residence: 1/3, public: 1/3}, kinds: [new]}\n"
	run := kept(t, f, pack, true)
	run.Manifest.Grading = ""
	e := explained(t, explainerOf(t, run), f.Code[3])
	if text := printed(t, e, "en"); !strings.Contains(text, "no policy of the run grades enterprises") || e.Find("land") == nil || e.Find("indicators") != nil {
		t.Errorf("%s", text)
	}
	run = kept(t, f, schemes["mean"], true)
	run.Manifest.NotEvaluated = []write.Missing{{Rule: "town/T-grade", Missing: "tax"}}
	if text := printed(t, explained(t, explainerOf(t, run), f.Code[3]), "zh"); !strings.Contains(text, "缺数据表 tax") {
		t.Errorf("%s", text)
	}
}

func TestColumnsAreMeasuredInCells(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "亩均税收": 8, "tax 税": 6, "（）": 4, "ａ": 2, "e\u0301": 1, "\u200b": 0, "㎡": 2} {
		if got := cellsOf(text); got != want {
			t.Errorf("%q takes %d cells, want %d", text, got, want)
		}
	}
	if got := padded("税", 4) + "|"; got != "税  |" {
		t.Errorf("%q", got)
	}
}

func TestTextOfTheDataCannotMoveTheCursor(t *testing.T) {
	x := explainerOf(t, kept(t, town(20, 5), schemes["mean"], true))
	if text := printed(t, explained(t, x, "P00001"), "zh"); strings.ContainsRune(text, 0x1b) || !strings.Contains(text, "甲 [31m 乙") {
		t.Errorf("%q", text[:80])
	}
}

func BenchmarkExplain(b *testing.B) {
	x := explainerOf(b, kept(b, town(600, 5), schemes["mean"], true))
	for b.Loop() {
		explained(b, x, x.facts.Code[300])
	}
}
