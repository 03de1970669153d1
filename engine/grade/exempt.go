package grade

import (
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Reason is why an enterprise is not graded; 0: it is.
type Reason uint8

// The reasons in the order in which they are asked.
const (
	Graded Reason = iota
	ExemptUtility
	ExemptNew
	ExemptConstruction
	ExemptRelocation
	ExemptTag
	LandNotPositive
	NoGroup
	GroupTooSmall
	BenchmarkMissing
	OwnerNotGraded
)

// String is the reason as tables have it; empty for the graded.
func (w Reason) String() string {
	return [...]string{
		"", "exempt_utility", "exempt_new", "exempt_construction", "exempt_relocation", "exempt_tag",
		"land_not_positive", "no_group", "group_too_small", "benchmark_missing", "owner_not_graded",
	}[w]
}

// Exempt is whether the reason is one of class T.
func (w Reason) Exempt() bool { return w >= ExemptUtility && w <= ExemptTag }

// bounds are the days after which an enterprise is new or under construction.
type bounds struct {
	from              []dated // columns of what is new
	new, construction unit.Date
}

// dated is a date column by its name.
type dated struct {
	name string
	days []unit.Date
}

func newBounds(e *Enterprises, scheme *policy.Grading, year int) bounds {
	var b bounds
	for _, name := range scheme.Exempt.NewFrom {
		switch name {
		case "registered_on":
			b.from = append(b.from, dated{name, e.Registered})
		case "production_on":
			b.from = append(b.from, dated{name, e.Production})
		}
	}
	b.new, _ = unit.NewDate(year-scheme.Exempt.NewYears, 12, 31)
	b.construction, _ = unit.NewDate(year-scheme.Exempt.ConstructionYears, 12, 31)
	return b
}

// since is the day from which e is counted as new, and its column.
func (b *bounds) since(e int) (unit.Date, string) {
	for _, c := range b.from {
		if d := c.days[e]; d != NoDate {
			return d, c.name
		}
	}
	return NoDate, ""
}

// exempt finds class T.
func (r *Result) exempt() {
	for i := range r.Why {
		if why := r.exemption(i); why != Graded {
			r.Why[i], r.Final[i] = why, T
		}
	}
}

func (r *Result) exemption(e int) Reason {
	x := &r.scheme.Exempt
	if x.Utility && r.of.Utility[e] {
		return ExemptUtility
	}
	if since, _ := r.bounds.since(e); since != NoDate && since > r.bounds.new {
		return ExemptNew
	}
	if x.ConstructionYears > 0 {
		if d := r.of.Supplied[e]; d != NoDate && d > r.bounds.construction {
			return ExemptConstruction
		}
	}
	if x.Relocation && r.of.Relocation[e] {
		return ExemptRelocation
	}
	if len(x.Tags) > 0 {
		if _, tagged := SharedTag(r.of.Tags[e], x.Tags); tagged {
			return ExemptTag
		}
	}
	return Graded
}

// SharedTag is the first of the wanted that is among tags, ; between.
func SharedTag(tags string, wanted []string) (string, bool) {
	if tags == "" {
		return "", false
	}
	for _, w := range wanted {
		for rest, more := tags, true; more; {
			var tag string
			tag, rest, more = strings.Cut(rest, ";")
			if strings.TrimSpace(tag) == w {
				return w, true
			}
		}
	}
	return "", false
}
