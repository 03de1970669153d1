package detect

import (
	"math"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Evidence appends to dst what the verdict of row i rests on, as `name=value` parts
// with `; ` between: the deadline and the column it was taken from, the dates, for
// a stopped parcel both ratios with their bounds, and the source row. Names are
// those of columns, so the text is the same in every language. out is what Idle
// filled for the batch by the same rule on the same day.
//
//	start_deadline=2020-03-01 (agreed_start_on); started_on=null; as_of=2025-06-30;
//	idle_from=2021-03-02; idle_days=1581; delay_cause=enterprise (default);
//	take_back_from=2022-03-02; source=parcels/440305001001GB00001
func Evidence(dst []byte, b table.Batch, i int, rule policy.IdleLand, asOf unit.Date, out *Columns) []byte {
	e := evidence{dst: dst, land: landOf(b), rule: &rule, asOf: asOf, out: out, start: len(dst)}
	if out.Cause[i] == NoCause {
		e.put("land_use").text("nonconstruction")
	} else {
		e.looked(i)
	}
	e.put("source").text("parcels/")
	if l := e.land.code; !l.IsNull(i) {
		e.text(l.Value(i))
	}
	return e.dst
}

type evidence struct {
	dst   []byte
	start int
	land  land
	rule  *policy.IdleLand
	asOf  unit.Date
	out   *Columns
}

// looked gives the facts of a parcel that was looked at: first what decides between
// the two kinds, then what follows.
func (e *evidence) looked(i int) {
	l := &e.land
	started := happened(l.started, i, e.asOf)
	if started == NoDate {
		e.deadline(i)
	}
	e.put("started_on").actual(l.started, i)
	if started != NoDate || !l.suspended.IsNull(i) {
		e.put("suspended_on").actual(l.suspended, i)
	}
	if !l.finished.IsNull(i) {
		e.put("finished_on").actual(l.finished, i)
	}
	e.put("as_of").date(e.asOf)
	if happened(l.suspended, i, e.asOf) != NoDate && started != NoDate {
		e.ratio(i, "area_developed/area_to_develop", ratio{l.developed, l.toDevelop}, e.rule.DevelopedBelow)
		e.ratio(i, "investment_made/investment_total", ratio{l.invested, l.total}, e.rule.InvestedBelow)
	}
	if e.out.AtRiskOn[i] != NoDate {
		e.put("at_risk_on").date(e.out.AtRiskOn[i])
	}
	if e.out.Kind[i] != NotIdle {
		e.idle(i)
	}
}

func (e *evidence) deadline(i int) {
	d, from := e.land.deadlineAt(i, e.rule)
	e.put("start_deadline").date(d)
	if from != noBasis {
		e.text(" (").text(basisNames[from])
	}
	switch from {
	case delivery:
		e.years(e.rule.DeadlineAfterDelivery)
	case contract:
		e.years(e.rule.DeadlineAfterContract)
	}
	if from != noBasis {
		e.text(")")
	}
}

func (e *evidence) years(n int) {
	e.dst = strconv.AppendInt(append(e.dst, '+'), int64(n), 10)
	e.text("y")
}

// idle gives what follows from being idle.
func (e *evidence) idle(i int) {
	out := e.out
	e.put("idle_from").date(out.From[i])
	e.put("idle_days")
	e.dst = strconv.AppendInt(e.dst, int64(out.Days[i]), 10)
	e.put("delay_cause").text(out.Cause[i].String())
	if l := e.land.cause; l.IsNull(i) || l.Value(i) == "" {
		e.text(" (default)")
	}
	if out.TakeBackFrom[i] != NoDate {
		e.put("take_back_from").date(out.TakeBackFrom[i])
	}
	if out.Consequence[i] != Fee {
		return
	}
	e.put("land_price").number(e.land.price, i)
	e.put("fee")
	if out.Fee[i] == None {
		e.text("null")
		return
	}
	e.dst = strconv.AppendFloat(e.dst, float64(out.Fee[i])/1e4, 'f', -1, 64)
	e.text(" (land_price*").text(e.rule.FeeShare.String()).text(")")
}

// ratio gives the two parts, the ratio, its bound and whether it is below it:
// area_developed/area_to_develop=2000/9000=0.222222 (<1/3 met).
func (e *evidence) ratio(i int, name string, r ratio, bound policy.Fraction) {
	e.put(name).number(r.part, i)
	e.text("/").number(r.whole, i)
	if r.known(i) {
		v := r.part.Value(i) / r.whole.Value(i)
		e.dst = strconv.AppendFloat(append(e.dst, '='), math.Round(v*1e6)/1e6, 'f', -1, 64)
	}
	e.text(" (<").text(bound.String())
	if r.below(i, bound) {
		e.text(" met)")
		return
	}
	e.text(" not met)")
}

// put begins a part.
func (e *evidence) put(name string) *evidence {
	if len(e.dst) > e.start {
		e.dst = append(e.dst, "; "...)
	}
	e.dst = append(append(e.dst, name...), '=')
	return e
}

func (e *evidence) text(s string) *evidence {
	e.dst = append(e.dst, s...)
	return e
}

func (e *evidence) date(d unit.Date) *evidence {
	if d == NoDate {
		return e.text("null")
	}
	e.dst = d.Append(e.dst)
	return e
}

// actual is a date that counts only once its day has come.
func (e *evidence) actual(c *array.Date32, i int) {
	d := dateAt(c, i)
	e.date(d)
	if d > e.asOf {
		e.text(" (after as_of)")
	}
}

func (e *evidence) number(c *array.Float64, i int) *evidence {
	if c.IsNull(i) {
		return e.text("null")
	}
	e.dst = strconv.AppendFloat(e.dst, c.Value(i), 'f', -1, 64)
	return e
}
