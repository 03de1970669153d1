// Package score holds zones, the city, parcels, projects and enterprises against the
// rules of a set of policies, and says of each rule and subject which figure met which
// bound: pass, fail, reported where there is no bound, or not_evaluated with the name
// of what is missing. It takes figures and gives verdicts: it reads no table, knows
// no geometry, and writes nothing.
//
// Where the rules are silent: figures are compared after rounding to 1e-9. The city's
// figure is the sum over its zones, and of a ratio the ratio of the sums; one zone
// without the figure leaves the city without it. What the city alone reports, and no
// zone in any year, is the city's own, but never a share of itself. A target that lies
// ahead and names no base year is no path: a figure that is not there yet is reported,
// as is every figure from before the base year; in the base year, who is on the path
// passes. Of several targets the next one counts, its path from the base year; after
// the last year the last. A parcel counts in the zone that holds its largest share,
// its failing mu by share. A figure's zone rows are those of scopes Z, P and E.
package score

import (
	"math"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Verdict is what came of a rule on a subject.
type Verdict uint8

// The verdicts.
const (
	None Verdict = iota // not looked at
	Pass
	Fail
	NotEvaluated // something is missing
	Reported     // a figure without a bound
)

var verdictNames = [...]string{"", "pass", "fail", "not_evaluated", "reported"}

// String is the verdict in one word; empty for None.
func (v Verdict) String() string { return verdictNames[v] }

// Row is a rule on one subject, or for parcels and enterprises on those of one zone.
type Row struct {
	Pack      *policy.Pack
	Rule      *policy.Rule
	Scope     policy.Scope
	Code      string
	Zone      int32 // number of the zone the row is about; Outside; NoZone
	Value     string
	ValueYear int // 0: no year's figure
	Bound     string
	Unit      string
	Verdict   Verdict
	Missing   string
	Source    string
	Counts    *Counts // of scopes P and E
}

// Counts are the subjects of a row by verdict, and the land of those that fail.
type Counts struct {
	Subjects, Pass, Fail, NotEvaluated int64
	FailArea                           unit.Area
}

// Numbers of what is no zone.
const (
	NoZone  int32 = -3 // a row that is about no zone
	All     int32 = -2 // all zones together
	Outside int32 = -1 // no zone holds it; of a series: the city's own figure
)

// CityCode is the code of rows about the city, and of its figures in zone_indicators.
const CityCode = "CITY"

// OutsideCode is the code of rows about what lies in no zone.
const OutsideCode = "outside"

// Card is a scorecard.
type Card struct {
	Rows     []Row
	Findings Findings
	// BottomLine is by zone: empty, ok, notice or accountability.
	BottomLine []string
	Underused  Underused
	Hits       []SectorHit
	Index      []float64 // by zone, of the first rule with one; NaN: not evaluated
	Evaluated  bool      // whether any named rule finds underused land
}

// SectorHit is an enterprise in a sector of the city.
type SectorHit struct {
	Rule       policy.Applied
	Enterprise int32
}

// near rounds to 1e-9, so that what is equal on paper is equal here.
func near(v float64) float64 {
	if r := math.Round(v*1e9) / 1e9; !math.IsInf(r, 0) && math.Abs(v) < 1e6 {
		return r
	}
	return v
}

// number is a figure as the scorecard shows it: six decimals at most.
func number(v float64) string {
	var room [32]byte
	return string(appendNumber(room[:0], v))
}

func appendNumber(out []byte, v float64) []byte {
	if math.IsNaN(v) {
		return out
	}
	if r := math.Round(v*1e6) / 1e6; !math.IsInf(r, 0) && math.Abs(v) < 1e9 {
		v = r
	}
	return strconv.AppendFloat(out, v+0, 'f', -1, 64)
}

// holds says whether value op bound.
func holds(op string, value, bound, high float64) bool {
	return compares(op, near(value), near(bound), near(high))
}

// compares says whether value op bound, of figures that are rounded.
func compares(op string, value, bound, high float64) bool {
	switch op {
	case "<":
		return value < bound
	case "<=":
		return value <= bound
	case ">":
		return value > bound
	case ">=":
		return value >= bound
	case "!=":
		return value != bound
	case "in":
		return value >= bound && value <= high
	}
	return value == bound
}

// listed joins the names of what is missing, the first few of many.
func listed(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ";") + ";… (" + strconv.Itoa(len(names)) + ")"
	}
	return strings.Join(names, ";")
}

// joined joins parts that are not all empty.
func joined(parts []string) string {
	if strings.Join(parts, "") == "" {
		return ""
	}
	return strings.Join(parts, ";")
}
