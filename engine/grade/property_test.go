package grade_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/policy"
)

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func TestTheOrderOfEnterprisesChangesNoGrade(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 1))
	for round := range 60 {
		c := makeCity(dice, 1+dice.IntN(400), 5)
		scheme := randomScheme(dice, c.figures)
		to := make([]int32, len(c.e.Code))
		for i, p := range dice.Perm(len(to)) {
			to[i] = int32(p)
		}
		d := c.permuted(to)
		a, b := grade.All(&c.e, c.figures, scheme, 2024), grade.All(&d.e, d.figures, scheme, 2024)
		for i, j := range to {
			if a.Final[i] != b.Final[j] || a.Initial[i] != b.Initial[j] || a.Rank[i] != b.Rank[j] || a.Why[i] != b.Why[j] ||
				!same(a.Total[i], b.Total[j]) || a.Pool[i] != b.Pool[j] {
				t.Fatalf("round %d, %s: %s is %v %v %d, in another order %v %v %d", round, scheme.Lease, c.e.Code[i],
					a.Final[i], a.Total[i], a.Rank[i], b.Final[j], b.Total[j], b.Rank[j])
			}
			if x, y := string(a.AppendReasons(nil, i)), string(b.AppendReasons(nil, int(j))); x != y {
				t.Fatalf("round %d: reasons of %s: %q, in another order %q", round, c.e.Code[i], x, y)
			}
		}
	}
}

func TestTheOrderOfAdjustmentsChangesNothing(t *testing.T) {
	dice := rand.New(rand.NewPCG(2, 1))
	c := makeCity(dice, 300, 5)
	scheme := randomScheme(dice, c.figures)
	want := grade.All(&c.e, c.figures, scheme, 2024)
	for range 20 {
		dice.Shuffle(len(c.e.Adjustments), func(i, j int) {
			a := c.e.Adjustments
			a[i], a[j] = a[j], a[i]
		})
		slices.SortFunc(c.e.Adjustments, grade.Adjustment.Compare)
		got := grade.All(&c.e, c.figures, scheme, 2024)
		for i := range c.e.Code {
			if got.Final[i] != want.Final[i] || !same(got.Total[i], want.Total[i]) {
				t.Fatalf("%s: %v, want %v", c.e.Code[i], got.Final[i], want.Final[i])
			}
		}
	}
}

func TestAHigherTotalNeverHasAWorseGrade(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 1))
	for range 60 {
		c := makeCity(dice, 1+dice.IntN(300), 5)
		r := grade.All(&c.e, c.figures, randomScheme(dice, c.figures), 2024)
		for i := range c.e.Code {
			for j := range c.e.Code {
				if r.Rank[i] == 0 || r.Rank[j] == 0 || r.Pool[i] != r.Pool[j] {
					continue
				}
				if r.Total[i] > r.Total[j] && (r.Initial[i] > r.Initial[j] || r.Rank[i] >= r.Rank[j]) {
					t.Fatalf("%v is %v at rank %d, %v is %v at rank %d", r.Total[i], r.Initial[i], r.Rank[i], r.Total[j], r.Initial[j], r.Rank[j])
				}
				if r.Total[i] == r.Total[j] && (r.Initial[i] != r.Initial[j] || r.Rank[i] != r.Rank[j]) {
					t.Fatalf("equal totals %v have grades %v and %v", r.Total[i], r.Initial[i], r.Initial[j])
				}
			}
		}
	}
}

func TestScalingAMeanBenchmarkedIndicatorChangesNothing(t *testing.T) {
	dice := rand.New(rand.NewPCG(4, 1))
	for range 30 {
		c := makeCity(dice, 200, 5)
		scheme := randomScheme(dice, c.figures)
		for g := range scheme.Groups {
			scheme.Groups[g].Items[0].Method = policy.Linear
			scheme.Groups[g].Items[0].Benchmark = policy.Benchmark{Kind: policy.MeanBenchmark, Factor: 1, LastYear: g == 1}
		}
		want := grade.All(&c.e, c.figures, scheme, 2024)
		scaled := slices.Clone(c.figures)
		scaled[0].This, scaled[0].Last = times(scaled[0].This, 8), times(scaled[0].Last, 8)
		got := grade.All(&c.e, scaled, scheme, 2024)
		for i := range c.e.Code {
			if !same(got.Total[i], want.Total[i]) || got.Final[i] != want.Final[i] {
				t.Fatalf("%s: %v %v, before %v %v", c.e.Code[i], got.Total[i], got.Final[i], want.Total[i], want.Final[i])
			}
		}
	}
}

func times(r grade.Ratio, k float64) grade.Ratio {
	out := grade.Ratio{Denominator: r.Denominator}
	for i := range r.Value {
		out.Value, out.Numerator = append(out.Value, r.Value[i]*k), append(out.Numerator, r.Numerator[i]*k)
	}
	return out
}

func TestItemScoresBonusAndPenaltyAddToTheTotal(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 1))
	for range 40 {
		c := makeCity(dice, 200, 5)
		r := grade.All(&c.e, c.figures, randomScheme(dice, c.figures), 2024)
		for i := range c.e.Code {
			total, used := r.Bonus[i]-r.Penalty[i], false
			for f := range c.figures {
				score, ok := r.Score(i, f)
				total, used = total+score, used || ok
				if missing := r.Missing(i, f); ok && (missing != "") != math.IsNaN(r.Value(i, f)) {
					t.Fatalf("%s: missing is %q of a value %v", c.e.Code[i], missing, r.Value(i, f))
				}
			}
			if used != (r.Rank[i] > 0) || used && math.Abs(total-r.Total[i]) > 0.5001e-6 {
				t.Fatalf("%s: scores add to %v, the total is %v", c.e.Code[i], total, r.Total[i])
			}
			if !used && (!math.IsNaN(r.Total[i]) || r.Bonus[i] != 0 || r.Penalty[i] != 0) {
				t.Fatalf("%s is not ranked and has total %v, bonus %v", c.e.Code[i], r.Total[i], r.Bonus[i])
			}
		}
	}
}

func TestRanksAndGradesAgreeWithCountingByHand(t *testing.T) {
	dice := rand.New(rand.NewPCG(6, 1))
	for range 200 {
		n := 1 + dice.IntN(120)
		values := make([]float64, n)
		for i := range values {
			if values[i] = float64(dice.IntN(n)); dice.IntN(3) == 0 { // many ties, some far away
				values[i] = math.Floor(dice.NormFloat64()*1e4) / 64 * math.Pow(10, float64(dice.IntN(12)))
			}
		}
		shares := []int{dice.IntN(101), dice.IntN(101), dice.IntN(101)}
		slices.Sort(shares)
		r := gradeValues(values, policy.Cuts{A: float64(shares[0]) / 100, B: float64(shares[1]) / 100, C: float64(shares[2]) / 100})
		for i, v := range values {
			rank := 1
			for _, w := range values {
				if w > v {
					rank++
				}
			}
			want := grade.D
			for c := 2; c >= 0; c-- {
				if rank*100 <= n*shares[c] {
					want = grade.A + grade.Grade(c)
				}
			}
			if int(r.Rank[i]) != rank || r.Final[i] != want {
				t.Fatalf("%v of %v at %v: rank %d, %v; want %d, %v", v, values, shares, r.Rank[i], r.Final[i], rank, want)
			}
		}
	}
}

// gradeValues grades enterprises by one value that is their total.
func gradeValues(values []float64, cuts policy.Cuts) *grade.Result {
	var e grade.Enterprises
	one := make([]float64, len(values))
	for i := range values {
		k := addEnterprise(&e, string(rune('A'+i)))
		e.Land[k], one[i] = 1, 1
	}
	figure := grade.Figure{Indicator: "x", This: grade.Ratio{Value: values, Numerator: values, Denominator: one}, Mul: 1, Div: 1}
	return grade.All(&e, []grade.Figure{figure}, &policy.Grading{Groups: []policy.Group{{
		Items: []policy.Item{{Indicator: "x", Weight: 1, Floor: math.Inf(-1), Benchmark: policy.Benchmark{Kind: policy.FixedBenchmark, Value: 1}}},
		Cuts:  cuts,
	}}}, 2024)
}

func TestTheLeastTotalOfAGradeIsWhatItTakes(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 1))
	for range 300 {
		values := make([]float64, 2+dice.IntN(30))
		for i := range values {
			values[i] = float64(dice.IntN(20))
		}
		cuts := policy.Cuts{A: 0.2, B: 0.6, C: 0.95}
		if dice.IntN(3) == 0 {
			cuts = policy.Cuts{ByScore: true, A: 15, B: 10, C: 5}
		}
		r := gradeValues(values, cuts)
		who := dice.IntN(len(values))
		cut, ok := r.Cut(who)
		if !ok || cut.ByScore != cuts.ByScore {
			t.Fatalf("no cut of a ranked enterprise")
		}
		for g, least := range cut.Least {
			if grade.A+grade.Grade(g) >= r.Final[who] || math.IsNaN(least) {
				continue
			}
			moved := slices.Clone(values)
			if moved[who] = least; gradeValues(moved, cuts).Final[who] > grade.A+grade.Grade(g) {
				t.Fatalf("%v with %v is %v, not %v", values[who], least, gradeValues(moved, cuts).Final[who], grade.A+grade.Grade(g))
			}
			if moved[who] = least - 0.000001; gradeValues(moved, cuts).Final[who] <= grade.A+grade.Grade(g) {
				t.Fatalf("%v with less than %v is %v too", values[who], least, grade.A+grade.Grade(g))
			}
		}
	}
}

func TestSumsOfWholeNumbersAreExact(t *testing.T) {
	dice := rand.New(rand.NewPCG(8, 1))
	for range 50 {
		n := 1 << (3 + dice.IntN(8)) // the mean of a power of two is the sum but for its exponent
		num, den, exact := make([]float64, n), make([]float64, n), new(big.Int)
		for i := range num {
			v := dice.Int64N(1 << 53)
			num[i], den[i] = float64(v), 1
			exact.Add(exact, big.NewInt(v))
		}
		var e grade.Enterprises
		for i := range num {
			e.Land[addEnterprise(&e, string(rune('A'+i)))] = 1
		}
		f := grade.Figure{Indicator: "x", This: grade.Ratio{Value: num, Numerator: num, Denominator: den}, Mul: 1, Div: 1}
		r := grade.All(&e, []grade.Figure{f}, &policy.Grading{Groups: []policy.Group{{
			Items: []policy.Item{{Indicator: "x", Weight: 100, Benchmark: policy.Benchmark{Kind: policy.MeanBenchmark, Factor: 1}}},
		}}}, 2024)
		want, _ := new(big.Rat).SetFrac(exact, big.NewInt(int64(n))).Float64()
		if got := r.Pools[0].Items[0].Benchmark; got != want {
			t.Fatalf("mean of %d is %v, want %v", n, got, want)
		}
	}
}

func TestTotalsAreRoundedHalfAwayFromZero(t *testing.T) {
	for _, c := range [][2]float64{
		{0, 0}, {0.0000005, 0.000001}, {-0.0000005, -0.000001}, {0.00000049, 0}, {-0.00000049, 0}, {1.0000015, 1.000002},
		{-2.5, -2.5}, {1.0 / 3, 0.333333}, {-2.0 / 3, -0.666667}, {1e15 + 0.25, 1e15 + 0.25}, {1e300, 1e300}, {math.MaxFloat64, math.MaxFloat64},
	} {
		got := gradeValues([]float64{c[0]}, policy.Cuts{}).Total[0]
		if got != c[1] || got == 0 && math.Signbit(got) {
			t.Errorf("%v: %v, want %v", c[0], got, c[1])
		}
	}
}

func TestWildValuesAreRankedWithoutPanic(t *testing.T) {
	dice := rand.New(rand.NewPCG(9, 1))
	wild := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324, 0, math.Copysign(0, -1), 1e-300, 1}
	draw := func(of []float64) {
		for i := range of {
			if dice.IntN(2) == 0 {
				of[i] = wild[dice.IntN(len(wild))]
			}
		}
	}
	for range 300 {
		c := makeCity(dice, dice.IntN(40), 5)
		for k := range c.figures {
			draw(c.figures[k].This.Value)
			draw(c.figures[k].This.Numerator)
			draw(c.figures[k].Last.Denominator)
		}
		for i := range c.e.Adjustments {
			c.e.Adjustments[i].Grade = grade.Grade(dice.IntN(6))
			draw([]float64{c.e.Adjustments[i].Points})
			c.e.Adjustments[i].Points = wild[dice.IntN(len(wild))]
		}
		scheme := randomScheme(dice, c.figures)
		scheme.MinGroup = dice.IntN(3)
		r := grade.All(&c.e, c.figures, scheme, 2024)
		for i := range c.e.Code {
			if r.Rank[i] > 0 && (math.IsNaN(r.Total[i]) || math.IsInf(r.Total[i], 0)) {
				t.Fatalf("%s is ranked with %v", c.e.Code[i], r.Total[i])
			}
			if (r.Why[i] == grade.Graded) != (r.Final[i] >= grade.A && r.Final[i] <= grade.D) || r.Why[i].Exempt() != (r.Final[i] == grade.T) {
				t.Fatalf("%s: %v and %q", c.e.Code[i], r.Final[i], r.Why[i])
			}
			r.AppendReasons(nil, i)
		}
	}
}

func TestReasonsStayOnOneLine(t *testing.T) {
	r := gradeValues([]float64{1, 2}, policy.Cuts{})
	if got := string(r.AppendReasons(nil, 0)); got != "" {
		t.Errorf("nothing to say, said %q", got)
	}
	var e grade.Enterprises
	k := addEnterprise(&e, "A")
	e.Land[k] = 1
	e.Adjustments = []grade.Adjustment{{Kind: grade.Manual, Grade: grade.A, Reason: "two\nlines\u2028", Decided: grade.NoDate}}
	none := grade.All(&e, nil, &policy.Grading{}, 2024)
	if got := string(none.AppendReasons(nil, 0)); got != "no_group; manual A two lines : not applied" {
		t.Errorf("got %q", got)
	}
}
