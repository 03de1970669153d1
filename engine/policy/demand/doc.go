// Package demand is the vocabulary of scorecard rules: what a figure of zones or of
// the city is held against, which conditions a parcel, a project or an enterprise
// must meet, how monthly reports are due, which rules are bottom lines. It reads
// them from a pack's YAML, shows them, and says which of two is the stricter. It
// evaluates nothing and knows no input table.
package demand

import "github.com/muscope-gis/muscope/engine/policy/parse"

// Demand is what a rule of one of the kinds here demands; which fields are set is
// the kind's.
type Demand struct {
	Tests []Test // compare

	Where   *Tree  // conditions, underused: the subjects looked at; nil: all
	Require *Tree  // conditions: must hold
	List    *Tree  // conditions, underused: must not hold
	Ways    []Way  // underused: the suggested way, the first that holds
	Shown   string // conditions: the fact that stands as the value of a finding
	// Informational are the scopes whose verdicts are reported, not given.
	Informational []string

	Indicators []string // cadence: due every month
	DueDay     int      // cadence: of the next month

	Rules []string // bottom_line: of the same pack
	Few   int      // bottom_line: so many failed are too many

	Lists []IndustryList // industry_list
	Table []ControlRow   // control
	// Bounds of control rules that hold for all industries; 0: none.
	Coverage, Green, Ancillary float64
	Unknown                    []string // control: figures that no confirmed table bounds

	Cut float64 // quota: mu of quota cut per mu that misses the standard

	Producer, Consumer []string // services: land-use codes
	Standard           string   // services: of these codes
	Tables             []string // layers: loaded together
	Sectors            []string // sector: N, NE, E, SE, S, SW, W, NW
	Parts              []Part   // index
	// Industry and Residence are the shares of built land that part zones led by industry
	// from those of industry and city: zone_type.
	Industry, Residence float64
}

// Way is a suggested way to deal with a parcel that meets a condition.
type Way struct {
	If     *Tree // nil: in any case
	Zh, En string
}

// IndustryList is what may not settle in the zones it names.
type IndustryList struct {
	Zones, Roles []string // codes and roles; none of both: every zone
	Industries   []string // GB/T 4754 codes, and all that begin so
}

// ControlRow is the least plot ratio of an industry 容积率控制值.
type ControlRow struct {
	Industry  string
	PlotRatio float64
}

// Part is a part of an index: 100 · value ÷ ideal, or ÷ the best zone's where no
// ideal is stated, times its weight.
type Part struct {
	Figure  Figure
	Weight  float64
	Ideal   float64 // 0: the best zone's value
	Inverse bool    // less is better: best ÷ value
	Rest    bool    // (1 − value) · 100
}

// Kind is a kind of rules: its parameters in the order they are shown.
type Kind struct {
	Name   string
	Params []Param
	Check  func(*Demand) string // what is wrong with a complete rule; empty: nothing
}

// Param is one parameter of a kind.
type Param struct {
	Name     string
	Optional bool
	Read     func(*parse.Decoder, *parse.Node, *Demand)
	Show     func(*Demand) string
	// Strict says that the child is at least as strict as the parent; nil where no
	// direction is the stricter one.
	Strict func(child, parent *Demand) bool
}

// The kinds.
const (
	Compare      = "compare"
	Conditions   = "conditions"
	Underused    = "underused"
	Cadence      = "cadence"
	BottomLine   = "bottom_line"
	Lists        = "industry_list"
	Control      = "control"
	Quota        = "quota"
	Services     = "services"
	Layers       = "layers"
	Outside      = "outside"
	Sector       = "sector"
	ByGrade      = "by_grade"
	StandardLand = "standard_land"
	Index        = "index"
	ZoneType     = "zone_type"
)
