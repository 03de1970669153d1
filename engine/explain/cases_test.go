package explain

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/ledger"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// plain makes the facts of n enterprises (10 at most) up that a group takes: above scale, 10 亩 of a
// parcel of their own each, and growing tax.
func plain(n int) *assess.Facts {
	f := &assess.Facts{Year: 2024}
	land := unit.Area(66_666_667)
	for i := range n {
		f.Code, f.Name = append(f.Code, fmt.Sprintf("E%d", i)), append(f.Name, fmt.Sprintf("企业%d", i))
		f.Industry, f.Zone, f.County, f.Tags = append(f.Industry, ""), append(f.Zone, ""), append(f.County, ""), append(f.Tags, "")
		f.AboveScale = append(f.AboveScale, grade.Yes)
		f.Utility, f.Relocation = append(f.Utility, false), append(f.Relocation, false)
		f.Registered, f.Production, f.Supplied = append(f.Registered, grade.NoDate), append(f.Production, grade.NoDate), append(f.Supplied, grade.NoDate)
		f.Owned, f.Own, f.Land = append(f.Owned, land), append(f.Own, land), append(f.Land, land)
		f.Occupied, f.LeasedIn, f.LeasedOut = append(f.Occupied, 0), append(f.LeasedIn, 0), append(f.LeasedOut, 0)
		f.Parcels = append(f.Parcels, fmt.Sprintf("P%d", i))
		f.Uses = append(f.Uses, grade.Use{Enterprise: int32(i), Parcel: int32(i), Net: land, Own: land})
	}
	for _, year := range []*indicate.Quantities{&f.This, &f.Last} {
		for q := range year {
			for i := range n {
				year[q] = append(year[q], 1e8*float64(i+1))
			}
		}
		for i := range n {
			year[indicate.Land][i] = float64(f.Land[i])
		}
	}
	return f
}

// noteOf is the note of this id; nil when the step has none.
func noteOf(s *Step, id string) *Note {
	for i := range s.Notes {
		if s.Notes[i].ID == id {
			return &s.Notes[i]
		}
	}
	return nil
}

func TestAListThatIsTooShortForAGradeIsSaidToBe(t *testing.T) {
	pack := strings.Replace(schemes["mean"], "min_group: 5", "min_group: 1", 1)
	x := explainerOf(t, kept(t, plain(3), pack, false))
	e := explained(t, x, "E2") // the best of three: A of 20 per cent is nobody
	for _, id := range []string{"more_tax", "less_land"} {
		n := noteOf(e.Find("distance", id), "list_too_short")
		if n == nil || fmt.Sprintf("%v of %v", n.Args["last"], n.Args["of"]) != "0 of 3" {
			t.Errorf("%s: %+v", id, e.Find("distance", id))
		}
	}
	if text := printed(t, e, "en"); !strings.Contains(text, "too short for grade A, which goes to rank 0 of 3") {
		t.Error(text)
	}
}

func TestClassTHelpsNoGroupOverItsLeastSize(t *testing.T) {
	f := plain(7)
	f.Utility[0], f.Utility[1], f.Utility[2] = true, true, true
	e := explained(t, explainerOf(t, kept(t, f, schemes["mean"], false)), "E6")
	if got := value(t, e.Find("rule", "not_graded", "members")); got != 4 {
		t.Errorf("%v members of at least 5", got)
	}
}

func TestRefusalsAskAsGradingDoes(t *testing.T) {
	pack := strings.Replace(schemes["mean"], "filter: {above_scale: true}", `filter: {industries: ["26"], min_mu: 30, tags: [kept]}`, 1)
	f := plain(2)
	f.Industry[0], f.Tags[0] = "C2614", "x; kept"
	e := explained(t, explainerOf(t, kept(t, f, pack, false)), "E0")
	if above := e.Find("rule", "not_graded", "above"); above == nil || len(above.Steps) != 1 || above.Steps[0].ID != "land" {
		t.Errorf("%+v", above)
	}
}

func TestAUnitIsRefusedForWhatItsRepresentativeHas(t *testing.T) {
	pack := strings.Replace(schemes["merge"], "filter: {above_scale: true}", `filter: {industries: ["26"], min_mu: 30}`, 1)
	f := plain(2)
	f.Uses[1].Parcel = 0 // both on P0
	f.Industry[0], f.Industry[1] = "26", "39"
	f.AboveScale[0] = grade.No
	f.Land[1] += f.Land[1] / 2
	x := explainerOf(t, kept(t, f, pack, false))
	for _, code := range f.Code {
		rule := explained(t, x, code).Find("rule")
		find := func(ids ...string) *Step { return (&Explanation{Steps: rule.Steps}).Find(ids...) }
		if got := find("represented_by"); got == nil || got.Value != "E1" {
			t.Errorf("%s is represented by %+v", code, got)
		}
		above, below := find("not_graded", "above"), find("not_graded", "below")
		if len(above.Steps) != 2 || above.Steps[0].ID != "land" || value(t, &above.Steps[0]) != 25 || above.Steps[1].Value != "39" {
			t.Errorf("%s: above refuses it for %+v", code, above.Steps)
		}
		if len(below.Steps) != 1 || below.Steps[0].ID != "scale" || below.Steps[0].Value != (Word{"explain.scale", "above"}) {
			t.Errorf("%s: below refuses it for %+v", code, below.Steps)
		}
	}
}

func TestAPooledGroupHasItsOwnClauses(t *testing.T) {
	group := `
        - id: %s
          title: {zh: 组, en: group}
          clause: 附表%s
          filter: {industries: ["%s"]}
          items:
            - {indicator: tax_per_mu, weight: 100, benchmark: {kind: mean}}
          cuts: {by: share, A: 0.2, B: 0.6, C: 0.95}
`
	pack := fmt.Sprintf(head, "tonnes", "net", fmt.Sprintf(group, "one", "一", "26")+fmt.Sprintf(group, "two", "二", "39"))
	f := plain(6)
	for i := range f.Industry {
		f.Industry[i] = []string{"26", "39"}[i/3]
	}
	x := explainerOf(t, kept(t, f, pack, false))
	for code, want := range map[string]string{"E0": "附表一", "E5": "附表二"} {
		e := explained(t, x, code)
		if got := []string{e.Find("indicators", "tax_per_mu").Clause, e.Find("rank").Clause}; got[0] != want || got[1] != want {
			t.Errorf("%s: clauses %q, want %s", code, got, want)
		}
	}
}

func TestAMeanIsTheRatioOfTheSumsThatAreShown(t *testing.T) {
	x := explainerOf(t, kept(t, town(90, 5), schemes["mean"], false))
	for n, code := range x.facts.Code {
		if x.graded.Rank[n] == 0 || x.graded.Pools[x.graded.Pool[n]].Name != "above" {
			continue
		}
		e := explained(t, x, code)
		tax, land := e.Find("indicators", "tax_per_mu", "benchmark", "tax"), e.Find("indicators", "tax_per_mu", "benchmark", "land")
		got := 2 * value(t, tax) / value(t, land)
		if want := value(t, e.Find("indicators", "tax_per_mu", "benchmark")); math.Abs(got-want) > 1e-6*want {
			t.Errorf("twice %v / %v is %v, want %v", tax.Value, land.Value, got, want)
		}
		if n := noteOf(tax, "sum_of"); n == nil || fmt.Sprint(n.Args["year"]) != "2023" {
			t.Errorf("%+v", tax)
		}
		return
	}
	t.Error("nobody is ranked")
}

func TestPollutionEquivalentsAreTheUnitOfWhatIsDividedByThem(t *testing.T) {
	x := explainerOf(t, kept(t, plain(6), schemes["other"], false))
	s := explained(t, x, "E5").Find("indicators", "sales_per_pollutant")
	if s.Unit != "wan_yuan_per_equivalent" || s.Steps[1].Unit != "equivalents" || s.Steps[2].Unit != s.Unit {
		t.Errorf("%+v", s)
	}
	if got := x.indicatorUnit("value_added_per_tce"); got != "wan_yuan_per_tce" {
		t.Errorf("of energy it is %s", got)
	}
}

func TestAnOwnerKeepsItsCode(t *testing.T) {
	f := plain(6)
	f.AboveScale[5], f.Own[5], f.Owned[5], f.LeasedIn[5] = grade.No, 0, 0, f.Land[5]
	f.Uses[5] = grade.Use{Enterprise: 5, Parcel: 0, Net: f.Land[5], LeasedIn: f.Land[5]}
	owner := explained(t, explainerOf(t, kept(t, f, schemes["owner"], false)), "E5").Find("rule", "owner")
	if owner.Value != "E0" || noteOf(owner, "has_grade") == nil {
		t.Errorf("%+v", owner)
	}
}

func TestNothingFallsOnParcelsOfOneWithoutPositiveLand(t *testing.T) {
	f := plain(6)
	f.Land[0] = -1
	f.This[indicate.Land][0] = -1
	f.This[indicate.Tax][1] = math.NaN()
	x := explainerOf(t, kept(t, f, schemes["mean"], true))
	for code, want := range map[string][2]string{"P0": {"no_land_in_all", "falls_nowhere"}, "P1": {"figure_missing_of", "no_figure"}} {
		e := explained(t, x, code)
		s := e.Find("per_mu", "tax_per_mu")
		if noteOf(s, want[0]) == nil || noteOf(&s.Steps[0], want[1]) == nil || noteOf(&s.Steps[0], "falls_on") != nil {
			t.Errorf("%s: %+v", code, s)
		}
		printed(t, e, "zh")
		printed(t, e, "en")
	}
}

func TestWhoIsNotInTheRegisterIsSaidToBeThere(t *testing.T) {
	f := plain(6)
	f.Parcels = append(f.Parcels, "P6", "P7")
	f.Strange = make([]bool, 8)
	f.Strange[0], f.Strange[6] = true, true
	x := explainerOf(t, kept(t, f, schemes["mean"], true))
	e := explained(t, x, "P0")
	one := e.Find("occupants", "E0")
	if noteOf(e.Find("occupants"), "stranger") == nil || noteOf(one, "share_of_use") != nil || noteOf(e.Find("per_mu", "tax_per_mu"), "stranger_has_none") == nil {
		t.Error(printed(t, e, "en"))
	}
	if one = explained(t, x, "P1").Find("occupants", "E1"); noteOf(one, "share_of_use") == nil {
		t.Errorf("%+v", one)
	}
	for code, want := range map[string]string{"P6": "only_strangers", "P7": "no_occupant"} {
		if e := explained(t, x, code); noteOf(e.Find("occupants"), want) == nil {
			t.Error(printed(t, e, "en"))
		}
	}
}

func TestRowsThatNoKeyTellsApartAreSaidToBeSome(t *testing.T) {
	f := plain(6)
	for _, points := range []float64{1, 2} {
		f.Adjustments = append(f.Adjustments, grade.Adjustment{Kind: grade.BonusPoints, Points: points, Decided: grade.NoDate})
	}
	f.Adjustments = append(f.Adjustments, grade.Adjustment{Enterprise: 1, Kind: grade.BonusPoints, Points: 1, Decided: grade.NoDate})
	run := kept(t, f, schemes["mean"], false)
	x := explainerOf(t, run)
	for code, want := range map[string]bool{"E0": true, "E1": false} {
		e, err := x.Explain(context.Background(), code, "")
		if err != nil {
			t.Fatal(err)
		}
		bonus := e.Find("total", "bonus")
		if got := noteOf(bonus, "one_of_rows") != nil; got != want || len(bonus.Sources) != map[bool]int{true: 2, false: 1}[want] {
			t.Errorf("%s: %+v", code, bonus)
		}
		land := e.Find("land", "P0")
		if land == nil {
			land = e.Find("land", "P1")
		}
		if noteOf(land, "tenancy_rows") == nil {
			t.Errorf("%s: %+v", code, land)
		}
	}
}

func TestTheTableOfGradesShowsWhatAUnitIsGradedOn(t *testing.T) {
	f := plain(10)
	for i := range f.Uses {
		f.Uses[i].Parcel = int32(i / 2) // two on each parcel
	}
	x := explainerOf(t, kept(t, f, schemes["merge"], false))
	dir, ctx := filepath.Join(t.TempDir(), "run"), context.Background()
	out, err := write.Create(dir, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Abort()
	if err := errors.Join(out.Table(ctx, ledger.Grades(f, x.graded)), out.Finish(ctx, &write.Manifest{RunID: "1", Year: 2024})); err != nil {
		t.Fatal(err)
	}
	run, err := archive.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range f.Code {
		rows, err := run.Row("grades", "credit_code", code)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d rows of %s: %v", len(rows), code, err)
		}
		e := explained(t, x, code)
		figure, _ := rows[0].Number("tax_per_mu")
		if want := value(t, e.Find("indicators", "tax_per_mu")); figure != want {
			t.Errorf("%s: %v in the table, explained %v", code, figure, want)
		}
		if got := rows[0].Text("reasons"); !strings.HasSuffix(got, ": land 20 mu") || rows[0].Text("land_mu") != "10" {
			t.Errorf("%s: land %s mu; %s", code, rows[0].Text("land_mu"), got)
		}
	}
}
