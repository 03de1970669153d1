package grade_test

import (
	"math"
	"testing"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/policy"
)

func TestAnIndustryBeginsWithAPrefixWithOrWithoutItsSection(t *testing.T) {
	for _, c := range []struct {
		prefix, code string
		want         bool
	}{
		{"26", "2614", true}, {"26", "C2614", true}, {"C26", "2614", true}, {"C26", "C2614", true}, {"2614", "C2614", true},
		{"C", "C2614", true}, {"C", "2614", false}, {"D", "C2614", false}, {"27", "C2614", false}, {"26145", "2614", false},
		{"61", "C2614", false}, {"26", "", false}, {"", "2614", false}, {"", "", false}, {"C26", "C", false},
	} {
		if got := grade.InIndustry([]string{"99", c.prefix}, c.code); got != c.want {
			t.Errorf("%q begins with %q: %t, want %t", c.code, c.prefix, got, c.want)
		}
	}
}

func TestAParcelHasTheGradeOfItsLargestGradedOccupant(t *testing.T) {
	final := []grade.Grade{grade.B, grade.C, grade.T, grade.NoGrade, grade.T}
	on := func(nets ...int64) (uses []grade.Use) {
		for e, net := range nets {
			uses = append(uses, grade.Use{Enterprise: int32(e), Net: area(float64(net))})
		}
		return uses
	}
	for _, c := range []struct {
		name string
		uses []grade.Use
		g    grade.Grade
		of   int32
	}{
		{"nobody", nil, grade.NoGrade, -1},
		{"the larger of two", on(2, 1), grade.B, 0},
		{"the worse of two alike", on(2, 2), grade.C, 1},
		{"a graded one before a larger exempt one", on(1, 0, 5), grade.B, 0},
		{"an exempt one that is the largest", on(0, 0, 5, 4), grade.T, 2},
		{"an exempt one as large as one without a grade", on(0, 0, 0, 5, 5), grade.T, 4},
		{"an exempt one smaller than one without a grade", on(0, 0, 4, 5), grade.NoGrade, -1},
		{"land that was let on", on(-3, 0), grade.NoGrade, -1},
	} {
		if g, of := grade.OfParcel(c.uses, final); g != c.g || of != c.of {
			t.Errorf("%s: %s of %d, want %s of %d", c.name, g, of, c.g, c.of)
		}
	}
}

// twoOnAParcel are enterprises that use one parcel, the second with more land, and
// figures of which nobody has the second.
func twoOnAParcel() (*grade.Enterprises, []grade.Figure) {
	e := &grade.Enterprises{}
	for i, code := range []string{"A", "B"} {
		k := addEnterprise(e, code)
		e.Land[k], e.AboveScale[k] = area(float64(i+1)), grade.No
		e.Uses = append(e.Uses, grade.Use{Enterprise: int32(k), Net: e.Land[k]})
	}
	e.Industry[1] = "2614"
	none := []float64{math.NaN(), math.NaN()}
	return e, []grade.Figure{
		{Indicator: "x", This: grade.Ratio{Value: []float64{4, 1}, Numerator: []float64{4, 2}, Denominator: []float64{1, 2}}, Mul: 1, Div: 1},
		{Indicator: "y", This: grade.Ratio{Value: none}, Last: grade.Ratio{Value: none}, Mul: 1, Div: 1},
	}
}

func TestAUnitIsAskedAsOne(t *testing.T) {
	e, figures := twoOnAParcel()
	s := &policy.Grading{Lease: policy.LeaseMerge, Groups: []policy.Group{{
		Filter: policy.Filter{Industries: []string{"26"}, MinMu: 3},
		Items: []policy.Item{
			{Indicator: "x", Weight: 100, Benchmark: policy.Benchmark{Kind: policy.MeanBenchmark}},
		},
	}}}
	r := grade.All(e, figures, s, 2024)
	for i := range e.Code {
		if r.Representative(i) != 1 || r.UnitLand(i) != area(3) || r.UnitScale(i) != grade.No || r.Value(i, 0) != 2 || len(r.Together(i)) != 2 {
			t.Errorf("%s: represented by %d, land %v, scale %v, value %v", e.Code[i], r.Representative(i), r.UnitLand(i), r.UnitScale(i), r.Value(i, 0))
		}
		if got, want := string(r.AppendReasons(nil, i)), "graded as one with 1 more on common parcels, represented by B: land 3 mu"; got != want {
			t.Errorf("%s: %s, want %s", e.Code[i], got, want)
		}
	}
	f := &r.Pools[0].Items[0]
	if f.InMean != 1 || f.Numerator != 6 || f.Denominator != 3 || f.Benchmark != 2 {
		t.Errorf("the mean of %d is %v of %v: %v", f.InMean, f.Numerator, f.Denominator, f.Benchmark)
	}
	s.Groups[0].Filter.MinMu = 4
	r = grade.All(e, figures, s, 2024)
	if got, want := string(r.AppendReasons(nil, 0)), "no_group: industry 2614, 3 mu; graded as one with 1 more on common parcels, represented by B: land 3 mu"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestNewIsCountedFromTheFirstKnownDate(t *testing.T) {
	e := &grade.Enterprises{}
	k := addEnterprise(e, "A")
	e.Registered[k] = parseDay("2022-01-01")
	s := &policy.Grading{Exempt: policy.Exempt{NewFrom: []string{"production_on", "registered_on"}, NewYears: 2}}
	r := grade.All(e, nil, s, 2024)
	if day, column, after := r.NewSince(0); day != parseDay("2022-01-01") || column != "registered_on" || after != parseDay("2022-12-31") {
		t.Errorf("new since %s by %s, after %s", day, column, after)
	}
}
