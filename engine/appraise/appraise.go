// Package appraise brings what an evaluation found of a city in front of its rules:
// the facts of parcels, projects and enterprises, the figures of zones, reported and
// found, and the scorecard that comes of them as tables. It strings package score to
// the rest; it holds no rule and no bound.
package appraise

import (
	"strings"

	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/city"
	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Found is what the earlier stages found of a city.
type Found struct {
	*city.City
	Set     *policy.Set
	Threads int // goroutines that work at once
	Year    int
	AsOf    unit.Date

	Facts    *assess.Facts             // nil without a register, like what follows
	Answers  map[string][]grade.Answer // of the register, by column
	Final    []grade.Grade             // of enterprises; nil without a scheme
	Sums     map[indicate.Quantity][]float64
	LastTax  []float64 // by parcel, in fen
	InZones  map[indicate.Quantity]*join.ZoneSums
	Land     *join.Land
	Occupant func(parcel int) []grade.Use
	Grade    []grade.Grade // of parcels; nil without a scheme

	Idle   []detect.Columns // by batch of the parcels
	Hits   map[string]map[policy.Scope][]score.Near
	Texts  map[policy.Kind][]string
	Mix    []score.Mix
	Before *Before

	borders *survey.Lines // of the zones, once a place was looked for
	zone    []int32       // of enterprises, once asked for
}

// Before is what the run of the year before came to.
type Before struct {
	RunID  string
	Rows   map[[2]string]score.Before // by rule and code
	Grades map[string]string          // of parcels
	Final  map[string]string          // final grades of enterprises
}

// Wanted says whether any rule of a set is for the scorecard's kinds: they want
// projects, control lines and the figures of zones held.
func Wanted(set *policy.Set) bool {
	for _, a := range set.Rules() {
		if a.Rule.Demand != nil || a.Rule.Near != nil {
			return true
		}
	}
	return false
}

// Columns are the answers of the register that rules look at.
var Columns = []string{"high_tech", "zombie", "scattered_polluting", "unsafe", "listed_polluter", "env_failed", "env_unstable"}

// Scorecard holds the city against the rules of its policies.
func Scorecard(f *Found) *score.Card {
	rules := f.Set.Rules()
	c := &score.City{Workers: f.Threads, Year: f.Year, AsOf: f.AsOf, Has: f.Books.Has, Hits: f.Hits, Texts: f.Texts, Mix: f.Mix,
		Subjects: map[policy.Scope]*score.Subjects{}, Control: controlOf(rules)}
	if f.Before != nil {
		c.Previous = f.Before.Rows
	}
	_, _, _, c.Centre = f.Centre()
	c.Zones = f.zones()
	c.Subjects[policy.ScopeParcel] = f.parcels()
	if s := f.projects(); s != nil {
		c.Subjects[policy.ScopeProject] = s
	}
	if s := f.enterprises(); s != nil {
		c.Subjects[policy.ScopeEnterprise] = s
	}
	c.Series, c.Months = f.series(rules)
	c.Drawn = func(table string) int { return f.drawn(table, c.Series) }
	return score.Rules(c, rules)
}

// controlOf is the table of control values that applies: of the most local pack with
// one.
func controlOf(rules []policy.Applied) (d *demand.Demand) {
	level := policy.Level(0)
	for _, a := range rules {
		if a.Rule.Kind == demand.Control && (d == nil || a.Pack.Level > level) {
			d, level = a.Rule.Demand, a.Pack.Level
		}
	}
	return d
}

func (f *Found) zones() []score.Zone {
	out := make([]score.Zone, len(f.Zones.Codes))
	text := func(column string, z int) string {
		v, _ := f.Zones.Text(column, z)
		return v
	}
	for z, code := range f.Zones.Codes {
		out[z] = score.Zone{Code: code, Level: text("level", z), Kind: text("kind", z), County: text("county", z)}
		for _, role := range strings.FieldsFunc(text("role", z), func(r rune) bool { return r == ';' || r == '；' }) {
			out[z].Roles = append(out[z].Roles, strings.TrimSpace(role))
		}
	}
	return out
}

// zoneOf is the number of a zone by its code; score.Outside where there is none.
func (f *Found) zoneOf(code string) int32 {
	if n := f.Zones.Number(code); n >= 0 {
		return n
	}
	return score.Outside
}

// at is a parcel's facts, its row in its batch and what was found of idleness.
func (f *Found) at(parcel int) (facts *survey.Parcels, row int, idle *detect.Columns, batch table.Batch) {
	ref := f.Parcels.Order[parcel]
	return f.Parcels.Facts[ref.Batch], int(ref.Row), &f.Idle[ref.Batch], f.Parcels.Batches[ref.Batch]
}

type (
	numbers = func(i int) (float64, bool)
	texts   = func(i int) (string, bool)
)

func yes(v, ok bool) (float64, bool) {
	if v {
		return 1, ok
	}
	return 0, ok
}

func dated(of func(i int) (unit.Date, bool)) numbers {
	return func(i int) (float64, bool) {
		d, ok := of(i)
		return float64(d), ok
	}
}

func nothing(int) (float64, bool) { return 0, false }
func silent(int) (string, bool)   { return "", false }

// roles and levels of the zones that subjects lie in.
func (f *Found) zoneText(column string, zone []int32) texts {
	return func(i int) (string, bool) {
		if zone[i] < 0 {
			return "", false
		}
		return f.Zones.Text(column, int(zone[i]))
	}
}
