package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

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
