package detect

import (
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

var dateColumns = []string{"signed_on", "delivered_on", "agreed_start_on", "agreed_finish_on",
	"extended_start_on", "started_on", "suspended_on", "finished_on"}

var numberColumns = []string{"area_to_develop", "area_developed", "investment_total", "investment_made", "land_price"}

var causes = []string{"enterprise", "government", "force_majeure", "preparatory"}

// parcels makes n parcels with dates around asOf, each column empty now and then.
func parcels(n int, asOf unit.Date, seed uint64) table.Batch {
	r := rand.New(rand.NewPCG(seed, 1))
	schema := table.MustInput(table.Parcels)
	b := table.NewBuilder(schema, n)
	for row := range n {
		for _, name := range dateColumns {
			if r.IntN(3) > 0 {
				b.Date(schema.Index(name), asOf+unit.Date(r.IntN(2000)-1600))
			}
		}
		for _, name := range numberColumns {
			if r.IntN(4) > 0 {
				b.Number(schema.Index(name), float64(r.IntN(20)*500))
			}
		}
		if r.IntN(2) > 0 {
			b.String(schema.Index("delay_cause"), causes[r.IntN(len(causes))])
		}
		b.String(schema.Index("parcel_code"), "P")
		b.EndRow(0, int64(row))
	}
	return b.Batch()
}

// broken names the first promise the columns do not keep.
func broken(l land, c *Columns, asOf unit.Date, i int) string {
	idle := c.Kind[i] != NotIdle
	switch {
	case idle && c.Days[i] < 0:
		return "idle for less than no days"
	case idle != (c.Days[i] != None) || idle != (c.Since[i] != NoDate) || idle != (c.From[i] != NoDate):
		return "idle without its dates, or dates without being idle"
	case idle != (c.Consequence[i] != NoConsequence):
		return "idle without a consequence, or one without being idle"
	case idle && c.AtRiskOn[i] != NoDate:
		return "idle and at risk of it"
	case idle && happened(l.finished, i, asOf) != NoDate:
		return "idle and finished"
	case c.Kind[i] == NotStarted && happened(l.started, i, asOf) != NoDate:
		return "not started and started"
	case c.Kind[i] == Stalled && c.Consequence[i] != Negotiate:
		return "stalled, and not negotiated"
	case c.Fee[i] != None && c.Consequence[i] != Fee:
		return "a fee that is not due"
	case c.AtRiskOn[i] != NoDate && (c.AtRiskOn[i] <= asOf || c.AtRiskOn[i] > asOf+180):
		return "at risk outside the next 180 days"
	case (c.AtRiskOn[i] != NoDate) != (c.RiskKind[i] != NotIdle):
		return "at risk of nothing"
	case c.StartOverdue[i] < None || c.FinishOverdue[i] < None:
		return "overdue by less than no days"
	case c.Flags[i]&NoDeadline != 0 && c.Deadline[i] != NoDate:
		return "flagged as without a deadline, and with one"
	}
	return ""
}

func TestEveryVerdictKeepsItsPromises(t *testing.T) {
	asOf := mustDate(t, "2025-06-30")
	b := parcels(20_000, asOf, 7)
	var c Columns
	Idle(b, nil, national(), asOf, &c)
	l := landOf(b)
	var kinds [3]int
	for i := range c.Rows() {
		kinds[c.Kind[i]]++
		if what := broken(l, &c, asOf, i); what != "" {
			t.Fatalf("row %d: %s: %s", i, what, Evidence(nil, b, i, national(), asOf, &c))
		}
	}
	if min(kinds[NotStarted], kinds[Stalled]) < 100 {
		t.Errorf("only %d not started and %d stalled among 20000: too few to prove anything", kinds[NotStarted], kinds[Stalled])
	}
}

func TestAParcelAtRiskIsIdleOnTheDayNamedWhenNothingChanges(t *testing.T) {
	asOf := mustDate(t, "2025-06-30")
	b := parcels(3000, asOf, 8)
	var now, then Columns
	Idle(b, nil, national(), asOf, &now)
	seen := 0
	for i := range now.Rows() {
		day := now.AtRiskOn[i]
		l := landOf(b)
		if day == NoDate || happened(l.started, i, day) != happened(l.started, i, asOf) ||
			happened(l.suspended, i, day) != happened(l.suspended, i, asOf) || happened(l.finished, i, day) != NoDate {
			continue
		}
		seen++
		Idle(b, nil, national(), day, &then)
		if then.Kind[i] != now.RiskKind[i] || then.Days[i] != 0 {
			t.Fatalf("row %d was to be %v on %v, and is %v for %d days", i, now.RiskKind[i], day, then.Kind[i], then.Days[i])
		}
		Idle(b, nil, national(), day-1, &then)
		if then.Kind[i] != NotIdle {
			t.Fatalf("row %d is idle already the day before %v", i, day)
		}
	}
	if seen < 20 {
		t.Errorf("only %d parcels at risk", seen)
	}
}

func TestResultsDoNotDependOnTheBatch(t *testing.T) {
	asOf := mustDate(t, "2025-06-30")
	b := parcels(1000, asOf, 9)
	var whole Columns
	Idle(b, nil, national(), asOf, &whole)
	var parts Columns
	parts.Resize(1000)
	for from := 0; from < 1000; from += 300 {
		to := min(from+300, 1000)
		part := parts.Slice(from, to)
		Idle(table.Batch{Schema: b.Schema, Record: b.Record.NewSlice(int64(from), int64(to))}, nil, national(), asOf, &part)
	}
	if !reflect.DeepEqual(whole, parts) {
		t.Error("four batches of 300 give other verdicts than one of 1000")
	}
}

func TestAUsedColumnSetIsFilledAgainWithoutAnyTrace(t *testing.T) {
	asOf := mustDate(t, "2025-06-30")
	var fresh, used Columns
	Idle(parcels(500, asOf, 3), nil, national(), asOf, &used)
	Idle(parcels(100, asOf, 4), nil, national(), asOf, &used)
	Idle(parcels(500, asOf, 5), nil, national(), asOf, &used)
	Idle(parcels(500, asOf, 5), nil, national(), asOf, &fresh)
	if !reflect.DeepEqual(fresh, used) {
		t.Error("a reused column set differs from a fresh one")
	}
}

func TestNothingIsAllocatedPerRow(t *testing.T) {
	asOf := mustDate(t, "2025-06-30")
	few, many := parcels(100, asOf, 3), parcels(10_000, asOf, 3)
	count := func(b table.Batch) float64 {
		var c Columns
		c.Resize(b.Rows())
		return testing.AllocsPerRun(5, func() { Idle(b, nil, national(), asOf, &c) })
	}
	if a, z := count(few), count(many); z > a {
		t.Errorf("%v allocations for 100 rows, %v for 10000", a, z)
	}
}

func TestAnEmptyBatchGivesNoRows(t *testing.T) {
	var c Columns
	c.Resize(5)
	Idle(table.Batch{Schema: table.MustInput(table.Parcels)}, nil, national(), 0, &c)
	if c.Rows() != 0 {
		t.Errorf("%d rows of an empty batch", c.Rows())
	}
}

func FuzzIdleNeverBreaksItsPromises(f *testing.F) {
	f.Add(int32(20000), int32(18000), int32(18100), int32(18200), int32(19000), 100.0, 900.0, 1000.0, uint8(0xff))
	f.Add(int32(math.MaxInt32), int32(math.MinInt32), int32(math.MaxInt32), int32(0), int32(-1), math.NaN(), math.Inf(1), -1.0, uint8(0x5a))
	f.Fuzz(func(t *testing.T, asOf, deadline, started, stopped, finished int32, part, whole, price float64, set uint8) {
		schema := table.MustInput(table.Parcels)
		b := table.NewBuilder(schema, 1)
		for bit, d := range []int32{deadline, started, stopped, finished} {
			if set&(1<<bit) != 0 {
				name := []string{"agreed_start_on", "started_on", "suspended_on", "finished_on"}[bit]
				if set&(1<<7) != 0 && bit == 0 {
					name = "signed_on"
				}
				b.Date(schema.Index(name), unit.Date(d))
			}
		}
		if set&(1<<4) != 0 {
			b.Number(schema.Index("area_developed"), part)
			b.Number(schema.Index("area_to_develop"), whole)
		}
		if set&(1<<5) != 0 {
			b.Number(schema.Index("land_price"), price)
		}
		b.EndRow(0, 1)
		batch := b.Batch()
		day := min(max(unit.Date(asOf), firstDate), lastDate)
		var c Columns
		Idle(batch, nil, national(), day, &c)
		if what := broken(landOf(batch), &c, day, 0); what != "" {
			t.Errorf("%s: %s", what, Evidence(nil, batch, 0, national(), day, &c))
		}
	})
}

func BenchmarkIdle(b *testing.B) {
	asOf := mustDate(b, "2025-06-30")
	batch := parcels(65536, asOf, 1)
	var c Columns
	b.ReportAllocs()
	for b.Loop() {
		Idle(batch, nil, national(), asOf, &c)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/65536, "ns/row")
}

func TestTheFeeIsExactForAnyShareAPolicyCanState(t *testing.T) {
	schema := table.MustInput(table.Parcels)
	r := rand.New(rand.NewPCG(11, 12))
	for range 2000 {
		fen := r.Int64N(int64(maxPrice) * 100)
		b := table.NewBuilder(schema, 1)
		b.Number(schema.Index("land_price"), float64(fen)/1e6)
		b.EndRow(0, 1)
		price := b.Batch().Numbers("land_price", unit.WanYuan)
		den := 1 + r.Int64N(1e18)
		share := policy.Fraction{Num: 1 + r.Int64N(den), Den: den}

		exact := new(big.Rat).Mul(big.NewRat(fen, 100), big.NewRat(share.Num, share.Den))
		half := exact.Add(exact, big.NewRat(1, 2))
		want := new(big.Int).Quo(half.Num(), half.Denom()).Int64()
		if got := feeOf(price, 0, share); got != want {
			t.Fatalf("%v of %d fen is %d yuan, want %d", share, fen, got, want)
		}
	}
}

func TestAnotherRuleMovesTheDays(t *testing.T) {
	b := parcels(5000, mustDate(t, "2025-06-30"), 21)
	rule := national()
	rule.YearsToIdle, rule.YearsToTakeBack, rule.AtRiskDays = 2, 3, 0
	asOf := mustDate(t, "2025-06-30")
	var one, two Columns
	Idle(b, nil, national(), asOf, &one)
	Idle(b, nil, rule, asOf, &two)
	seen := 0
	for i := range two.Rows() {
		if two.AtRiskOn[i] != NoDate {
			t.Fatal("warned although the rule warns 0 days ahead")
		}
		if two.Kind[i] == NotIdle {
			continue
		}
		seen++
		if two.From[i] != one.Since[i].FullYears(2) || one.Kind[i] != two.Kind[i] {
			t.Fatalf("idle from %v after two years since %v", two.From[i], one.Since[i])
		}
	}
	if seen < 100 {
		t.Errorf("only %d idle after two years", seen)
	}
}
