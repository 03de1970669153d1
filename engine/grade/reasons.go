package grade

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/muscope-gis/muscope/engine/policy"
)

func tooSmall(n, least int) string { return strconv.Itoa(n) + " of at least " + strconv.Itoa(least) }

// AppendReasons appends what made the grade of e other than its figures, or why it has
// none: parts of one line, "; " between; nothing when there is nothing to say.
func (r *Result) AppendReasons(dst []byte, e int) []byte {
	w := line{dst: dst}
	if r.Why[e] != Graded {
		r.notGraded(&w, e)
		r.unitPart(&w, e)
		for _, a := range r.adjustments(e) {
			w.part().adjustment(&a).text(": not applied")
		}
		return w.dst
	}
	r.unitPart(&w, e)
	if r.Rank[e] == 0 { // takes the owner's grade
		o := r.Owner[e]
		w.part().text("owner ").text(r.of.Code[o]).text(": ").text(r.Final[o].String())
	} else {
		r.missingItems(&w, e)
	}
	for _, a := range r.adjustments(e) {
		if a.Kind < Veto {
			w.part().adjustment(&a)
			if r.Rank[e] == 0 || a.points() == 0 && a.Points != 0 {
				w.text(": not applied")
			}
		}
	}
	steps := r.Steps(e)
	for i := range steps {
		w.step(steps, i)
	}
	return w.dst
}

// unitPart says that e is graded as one with others, and the land that is graded; the
// figures and scores are the unit's too.
func (r *Result) unitPart(w *line, e int) {
	all := r.together(e)
	if len(all) < 2 {
		return
	}
	w.part().text("graded as one with ").number(float64(len(all) - 1)).text(" more on common parcels, represented by ")
	w.text(r.of.Code[r.unitOf(e)]).text(": land ").mu(r, e)
}

// missingItems says how missing values were scored.
func (r *Result) missingItems(w *line, e int) {
	p, u := r.ranked(e), r.unitOf(e)
	for k := range p.Items {
		f := &p.Items[k]
		if known(f.values[u]) {
			continue
		}
		w.part().text(r.missingPart(e, f.Figure)).text(": ").text(f.Item.Indicator)
		if f.policy == scoreDrop {
			w.text(" left out, other weights x ").number(rounded(p.weightScale(u)))
		} else {
			w.text(" scored ").number(rounded(f.scaled(u, p.weightScale(u))))
		}
		w.text(" (").text(string(f.missingPolicy())).text(")")
	}
}

// missingPart says what is missing of a figure.
func (r *Result) missingPart(e, figure int) string {
	f := &r.figures[figure]
	if f.Of == "" || f.Per == "" {
		return "missing"
	}
	of, per, positive := false, false, false
	for _, i := range r.together(e) {
		d := f.This.Denominator[i]
		of, per, positive = of || known(f.This.Numerator[i]), per || known(d), positive || known(d) && d > 0
	}
	switch {
	case !of && !per:
		return "missing " + f.Of + " and " + f.Per
	case !of:
		return "missing " + f.Of
	case !per:
		return "missing " + f.Per
	case !positive:
		return f.Per + " not positive"
	}
	return "missing"
}

// notGraded is the reason with its figures.
func (r *Result) notGraded(w *line, e int) {
	w.part().text(r.Why[e].String())
	switch r.Why[e] {
	case ExemptNew:
		since, column := r.bounds.since(e)
		w.text(": ").text(column).text(" ").text(since.String()).text(" after ").text(r.bounds.new.String())
	case ExemptConstruction:
		w.text(": land supplied ").text(r.of.Supplied[e].String()).text(" after ").text(r.bounds.construction.String())
	case ExemptTag:
		tag, _ := SharedTag(r.of.Tags[e], r.scheme.Exempt.Tags)
		w.text(": ").text(tag)
	case LandNotPositive:
		w.text(": ").mu(r, e)
	case NoGroup:
		r.asked(w, e)
	case GroupTooSmall, BenchmarkMissing:
		w.text(": ").text(r.Pools[r.Pool[e]].Detail)
	case OwnerNotGraded:
		o := r.Owner[e]
		if o < 0 {
			w.text(": no owner of the parcel that it leases")
			return
		}
		w.text(": ").text(r.of.Code[o])
		if r.Why[o] != Graded {
			w.text(" ").text(r.Why[o].String())
		}
	}
}

// asked is what the filters of the scheme ask, as e has it.
func (r *Result) asked(w *line, e int) {
	var q policy.Filter
	for g := range r.scheme.Groups {
		collect(&q, &r.scheme.Groups[g].Filter)
	}
	u, lead := r.unitOf(e), ": "
	say := func(asked bool, name, value string) {
		if asked {
			if value == "" {
				value = "empty"
			}
			w.text(lead).text(name).text(" ").text(value)
			lead = ", "
		}
	}
	say(q.AboveScale != nil, "above_scale", [...]string{"", "no", "yes"}[r.scale[u]])
	say(len(q.Industries) > 0, "industry", r.of.Industry[u])
	say(len(q.Zones) > 0, "zone", r.of.Zone[u])
	say(len(q.Counties) > 0, "county", r.of.County[u])
	say(len(q.Tags) > 0, "tags", strings.ReplaceAll(r.of.Tags[u], ";", " "))
	if q.MinMu > 0 {
		w.text(lead).mu(r, e)
	}
}

// collect notes in q what f asks.
func collect(q, f *policy.Filter) {
	if f.AboveScale != nil {
		q.AboveScale = f.AboveScale
	}
	q.MinMu = max(q.MinMu, f.MinMu)
	q.Industries = append(q.Industries, f.Industries...)
	q.Zones = append(q.Zones, f.Zones...)
	q.Counties = append(q.Counties, f.Counties...)
	q.Tags = append(q.Tags, f.Tags...)
	for k := range f.Any {
		collect(q, &f.Any[k])
	}
}

// line writes parts of a line.
type line struct {
	dst   []byte
	parts int
}

func (w *line) part() *line {
	if w.parts++; w.parts > 1 {
		w.dst = append(w.dst, "; "...)
	}
	return w
}

// text writes s without line ends and other control characters.
func (w *line) text(s string) *line {
	for _, c := range s {
		if unicode.IsControl(c) || c == '\u2028' || c == '\u2029' {
			c = ' '
		}
		w.dst = append(w.dst, string(c)...)
	}
	return w
}

func (w *line) number(v float64) *line {
	w.dst = strconv.AppendFloat(w.dst, v, 'f', -1, 64)
	return w
}

func (w *line) mu(r *Result, e int) *line {
	return w.number(float64(r.land[r.unitOf(e)].MuTenThousandths()) / 1e4).text(" mu")
}

// adjustment writes what an adjustment is: kind, value, reason (actor, day).
func (w *line) adjustment(a *Adjustment) *line {
	w.text(a.Kind.String()).text(" ")
	if a.Kind < Veto {
		w.number(a.Points)
	} else {
		w.text(a.Grade.String())
	}
	if a.Reason != "" {
		w.text(" ").text(a.Reason)
	}
	var by []string
	if a.Actor != "" {
		by = append(by, a.Actor)
	}
	if a.Decided != NoDate {
		by = append(by, a.Decided.String())
	}
	if by != nil {
		w.text(" (").text(strings.Join(by, ", ")).text(")")
	}
	return w
}

func (w *line) step(steps []Step, i int) {
	s := &steps[i]
	w.part().adjustment(&s.Adjustment).text(": ")
	if s.Effect() {
		w.text(s.From.String()).text(" -> ").text(s.To.String())
	} else {
		w.text("no effect")
	}
	if s.HeldBy >= 0 {
		w.text(", held by ").adjustment(&steps[s.HeldBy].Adjustment)
	}
	for k, o := range s.Overrode {
		w.text([]string{", overrides ", " and "}[min(k, 1)]).adjustment(&steps[o].Adjustment)
	}
}
