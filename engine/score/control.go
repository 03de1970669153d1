package score

import (
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
)

// held are the figures that control values bound.
type held struct {
	d               *demand.Demand
	scope           policy.Scope
	industry, class func(i int) (string, bool)
	figures         []heldFigure // the first is the plot ratio, whose bound is that of the industry
}

type heldFigure struct {
	name, op string
	of       func(i int) (float64, bool)
	bound    float64
}

func newControl(d *demand.Demand, scope policy.Scope, s *Subjects) *held {
	h := &held{d: d, scope: scope, industry: s.Text("main_industry"), class: s.Text("class")}
	h.figures = []heldFigure{{"plot_ratio", ">=", s.Number("plot_ratio"), 0}}
	add := func(name, op string, bound float64) {
		if bound > 0 {
			h.figures = append(h.figures, heldFigure{name, op, s.Number(name), bound})
		}
	}
	add("building_coverage", ">=", d.Coverage)
	if scope == policy.ScopeParcel {
		add("green_ratio", "<=", d.Green)
		add("ancillary_share", "<=", d.Ancillary)
	}
	return h
}

// holding looks at projects, and at industrial land.
func (h *held) holding() *holding {
	return &holding{
		verdict: func(i int) Verdict {
			if h.scope == policy.ScopeParcel {
				if class, ok := h.class(i); !ok || class != "industry" {
					return None
				}
			}
			return h.verdict(i)
		},
		lacks: h.lacks,
		tell:  h.tell,
	}
}

// least is the plot ratio that is asked of a subject's industry.
func (h *held) least(i int) (v float64, ok bool) {
	code, known := h.industry(i)
	if !known {
		return 0, false
	}
	return h.d.PlotRatio(code)
}

// verdict holds one parcel or project: one figure that misses its bound is a failure,
// whatever else is missing.
func (h *held) verdict(i int) Verdict {
	least, bounded := h.least(i)
	out := Pass
	if !bounded {
		out = NotEvaluated
	}
	for k := range h.figures {
		f := &h.figures[k]
		v, ok := f.of(i)
		switch bound := f.bound; {
		case !ok:
			out = NotEvaluated
		case k == 0 && !bounded:
		default:
			if k == 0 {
				bound = least
			}
			if !holds(f.op, v, bound, 0) {
				return Fail
			}
		}
	}
	return out
}

// lacks names what is missing of one.
func (h *held) lacks(i int, add func(what string)) {
	if code, ok := h.industry(i); !ok {
		add("industry")
	} else if _, known := h.d.PlotRatio(code); !known {
		add("control value of industry " + code)
	}
	for k := range h.figures {
		if _, ok := h.figures[k].of(i); !ok {
			add(h.figures[k].name)
		}
	}
}

// tell tells of figures and bounds: of parcels those that miss them, of projects all.
func (h *held) tell(i int, _ Verdict, p part) string {
	switch p {
	case theUnit:
		return "ratio"
	case theMissing:
		return listed(gathered(i, h.lacks))
	}
	var texts []string
	least, bounded := h.least(i)
	for k, f := range h.figures {
		v, ok := f.of(i)
		if k == 0 {
			f.bound = least
		}
		if !ok || k == 0 && !bounded || h.scope == policy.ScopeParcel && holds(f.op, v, f.bound, 0) {
			continue
		}
		if p == theValue {
			texts = append(texts, number(v))
		} else {
			texts = append(texts, f.op+" "+number(f.bound))
		}
	}
	return strings.Join(texts, ";")
}
