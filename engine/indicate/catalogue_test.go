package indicate_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/table"
)

func TestTheCatalogueAndTheDictionaryListTheSameIndicators(t *testing.T) {
	words := fields.Indicators()
	if len(words) != len(indicate.Catalogue()) {
		t.Fatalf("%d indicators, %d in the dictionary", len(indicate.Catalogue()), len(words))
	}
	for k, i := range indicate.Catalogue() {
		if words[k].ID != i.ID {
			t.Errorf("number %d is %s, in the dictionary %s", k+1, i.ID, words[k].ID)
		}
		if found, ok := indicate.Find(i.ID); !ok || found != i {
			t.Errorf("%s is found as %+v %t", i.ID, found, ok)
		}
	}
	if _, ok := indicate.Find("tax"); ok {
		t.Error("tax is found, but is no indicator")
	}
}

// columns are the input columns that quantities are read from, and other words where
// there is no such column.
var columns = map[indicate.Quantity]struct{ table, column, zh, en string }{
	indicate.Land:        {zh: "用地面积", en: "land"},
	indicate.Tax:         {table.Tax, "tax", "", "tax"},
	indicate.Sales:       {table.Output, "sales", "", "sales"},
	indicate.Output:      {table.Output, "output", "", "output"},
	indicate.ValueAdded:  {table.Output, "value_added", "", "value added"},
	indicate.Investment:  {table.Parcels, "fixed_asset_investment", "", "fixed-asset investment"},
	indicate.RD:          {table.Output, "rd", "", "R&D"},
	indicate.Employees:   {table.Output, "employees", "", "employees"},
	indicate.Energy:      {table.Energy, "energy", "", "energy"},
	indicate.Electricity: {table.Energy, "electricity", "", "electricity"},
	indicate.Water:       {table.Energy, "water", "", "water"},
	indicate.Emissions:   {zh: "主要污染物排放量", en: "emissions"},
}

func TestFormulasNameTheQuantitiesThatAreDivided(t *testing.T) {
	for k, i := range indicate.Catalogue() {
		zh := strings.Split(fields.Indicators()[k].FormulaZh, " ÷ ")
		en := strings.Split(fields.Indicators()[k].FormulaEn, " ÷ ")
		for n, q := range []indicate.Quantity{i.Numerator, i.Denominator} {
			want := columns[q]
			word, _, _ := strings.Cut(zh[n], "（")
			if column, _, _ := fields.Header(want.table, word); want.table != "" && column != want.column || want.table == "" && word != want.zh {
				t.Errorf("%s: %q is not %s", i.ID, zh[n], q)
			}
			if word, _, _ := strings.Cut(en[n], " ("); word != want.en {
				t.Errorf("%s: %q is not %s", i.ID, en[n], q)
			}
		}
	}
}

// wanYuan is 万元 in fen.
func wanYuan(v float64) []float64 { return []float64{v * 1e6} }

// A firm with round figures on 3 mu.
func firm() *indicate.Quantities {
	return &indicate.Quantities{
		indicate.Land: {20_000_000}, indicate.Tax: wanYuan(30), indicate.Sales: wanYuan(600), indicate.Output: wanYuan(660),
		indicate.ValueAdded: wanYuan(150), indicate.Profit: wanYuan(40), indicate.Investment: wanYuan(900),
		indicate.RD: wanYuan(18.12), indicate.Employees: {12.5}, indicate.Energy: {75}, indicate.Electricity: {1_200_000},
		indicate.Water: {3000}, indicate.Emissions: {0.25},
	}
}

func TestIndicatorsOfAFirmInTheirUnits(t *testing.T) {
	want := []struct {
		id    string
		value float64
	}{
		{"tax_per_mu", 10}, {"sales_per_mu", 200}, {"output_per_mu", 220}, {"value_added_per_mu", 50},
		{"investment_per_mu", 300}, {"sales_per_tce", 8}, {"value_added_per_tce", 2}, {"tax_per_tce", 0.4},
		{"tax_per_kwh", 0.25}, {"sales_per_pollutant", 2400}, {"value_added_per_pollutant", 600},
		{"rd_intensity", 0.0302}, {"labour_productivity", 12}, {"energy_per_value_added", 0.5},
		{"water_per_value_added", 20},
	}
	q := firm()
	for k, i := range indicate.Catalogue() {
		if got := i.Values(q); len(got) != 1 || i.ID != want[k].id || got[0] != want[k].value || i.Why(q, 0) != "" {
			t.Errorf("%s: %v %q, want %s %v", i.ID, got, i.Why(q, 0), want[k].id, want[k].value)
		}
	}
}

func TestAMissingValueHasAReason(t *testing.T) {
	for _, c := range []struct {
		id     string
		change func(q *indicate.Quantities)
		why    string
	}{
		{"tax_per_mu", func(q *indicate.Quantities) { q[indicate.Tax][0] = nan }, "tax_missing"},
		{"tax_per_mu", func(q *indicate.Quantities) { q[indicate.Land][0] = 0 }, "land_not_positive"},
		{"tax_per_mu", func(q *indicate.Quantities) { q[indicate.Land][0] = -5 }, "land_not_positive"},
		{"tax_per_mu", func(q *indicate.Quantities) { q[indicate.Land][0] = nan }, "land_missing"},
		{"tax_per_mu", func(q *indicate.Quantities) { q[indicate.Land] = nil }, "land_missing"},
		{"tax_per_mu", func(q *indicate.Quantities) { q[indicate.Tax], q[indicate.Land] = nil, nil }, "tax_missing"},
		{"investment_per_mu", func(q *indicate.Quantities) { q[indicate.Investment] = nil }, "investment_missing"},
		{"output_per_mu", func(q *indicate.Quantities) { q[indicate.Output][0] = nan }, "output_missing"},
		{"rd_intensity", func(q *indicate.Quantities) { q[indicate.RD][0] = nan }, "rd_missing"},
		{"rd_intensity", func(q *indicate.Quantities) { q[indicate.Sales][0] = 0 }, "sales_zero"},
		{"sales_per_tce", func(q *indicate.Quantities) { q[indicate.Energy][0] = 0 }, "energy_zero"},
		{"sales_per_tce", func(q *indicate.Quantities) { q[indicate.Energy][0] = nan }, "energy_missing"},
		{"tax_per_kwh", func(q *indicate.Quantities) { q[indicate.Electricity][0] = 0 }, "electricity_zero"},
		{"sales_per_pollutant", func(q *indicate.Quantities) { q[indicate.Emissions][0] = 0 }, "emissions_zero"},
		{"labour_productivity", func(q *indicate.Quantities) { q[indicate.Employees][0] = 0 }, "employees_zero"},
		{"energy_per_value_added", func(q *indicate.Quantities) { q[indicate.ValueAdded][0] = -1 }, "value_added_negative"},
		{"water_per_value_added", func(q *indicate.Quantities) { q[indicate.Water][0] = nan }, "water_missing"},
		{"water_per_value_added", func(q *indicate.Quantities) { q[indicate.Water][0] = 1e308 }, "value_too_large"},
		{"sales_per_tce", func(q *indicate.Quantities) { q[indicate.Energy][0] = 1e308 }, "value_too_large"},
	} {
		i, _ := indicate.Find(c.id)
		q := firm()
		c.change(q)
		if v := i.Values(q)[0]; !math.IsNaN(v) || i.Why(q, 0) != c.why {
			t.Errorf("%s: %v because %q, want missing because %q", c.id, v, i.Why(q, 0), c.why)
		}
	}
}

func TestANumeratorOfZeroOrLessIsAValue(t *testing.T) {
	i, _ := indicate.Find("tax_per_mu")
	q := firm()
	for _, c := range []struct{ fen, want float64 }{{0, 0}, {-30e6, -10}} {
		q[indicate.Tax][0] = c.fen
		if got := i.Values(q)[0]; got != c.want || i.Why(q, 0) != "" {
			t.Errorf("a tax of %v fen is %v a mu (%q), want %v", c.fen, got, i.Why(q, 0), c.want)
		}
	}
}

// Of what a city has, money per mu is the nearest float64 to the exact ratio but one
// rounding.
func TestMoneyPerMuIsExactUpToOneRounding(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 1))
	i, _ := indicate.Find("tax_per_mu")
	for range 50_000 {
		fen, land := dice.Int64N(1e14), dice.Int64N(1e15)+1
		want, _ := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(fen), big.NewInt(20)), big.NewInt(3*land)).Float64()
		if got := i.Value(float64(fen), float64(land)); got != want {
			t.Fatalf("%d fen on %d: %v, want %v", fen, land, got, want)
		}
	}
}

func TestScalingQuantitiesScalesIndicators(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 2))
	for _, i := range indicate.Catalogue() {
		for range 2000 {
			a, b := float64(dice.Int64N(1e13)), float64(dice.Int64N(1e13)+1)
			v := i.Value(a, b)
			if got := i.Value(8*a, b); got != 8*v {
				t.Fatalf("%s: eight times %v ÷ %v is %v, want %v", i.ID, a, b, got, 8*v)
			}
			if got := i.Value(a, 8*b); got != v/8 {
				t.Fatalf("%s: %v ÷ eight times %v is %v, want %v", i.ID, a, b, got, v/8)
			}
			if got := i.Value(3*a, 3*b); math.Abs(got-v) > 1e-15*v {
				t.Fatalf("%s: three times %v ÷ %v is %v, want %v", i.ID, a, b, got, v)
			}
		}
	}
}

func TestMillionthsAreRoundedHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want int64
		ok   bool
	}{
		{0, 0, true}, {24.097, 24_097_000, true}, {0.0000005, 1, true}, {-0.0000005, -1, true},
		{0.0000004, 0, true}, {1.0 / 3, 333_333, true}, {-2.0 / 3, -666_667, true}, {9e9, 9e15, true},
		{-9e9, -9e15, true}, {9.000001e9, 0, false}, {-9.1e9, 0, false}, {nan, 0, false},
		{math.Inf(1), 0, false}, {math.Inf(-1), 0, false}, {1e308, 0, false}, {5e-324, 0, true},
	} {
		if got, ok := indicate.Millionths(c.v); got != c.want || ok != c.ok {
			t.Errorf("%v: %d %t, want %d %t", c.v, got, ok, c.want, c.ok)
		}
	}
}

func FuzzValue(f *testing.F) {
	f.Add(30e6, 20e6)
	f.Add(1e308, 5e-324)
	f.Add(-1e308, 1e308)
	f.Add(0.0, 0.0)
	f.Fuzz(func(t *testing.T, numerator, denominator float64) {
		for _, i := range indicate.Catalogue() {
			q := new(indicate.Quantities)
			q[i.Numerator], q[i.Denominator] = []float64{numerator}, []float64{denominator}
			v := i.Values(q)[0]
			if math.IsInf(v, 0) || v == 0 && numerator*i.Mul != 0 && denominator*i.Div > math.MaxFloat64 {
				t.Errorf("%s of %v and %v: %v", i.ID, numerator, denominator, v)
			}
			if !(denominator > 0) && !math.IsNaN(v) {
				t.Errorf("%s of %v and %v: %v without a positive denominator", i.ID, numerator, denominator, v)
			}
			if why := i.Why(q, 0); (why == "") == math.IsNaN(v) {
				t.Errorf("%s of %v and %v: %v because %q", i.ID, numerator, denominator, v, why)
			}
			if n, ok := indicate.Millionths(v); ok && math.Abs(float64(n)-v*1e6) > 0.5 {
				t.Errorf("%v is %d millionths", v, n)
			}
		}
	})
}
