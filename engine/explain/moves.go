package explain

import (
	"math"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
)

// movedBy is how far each figure is moved to see whether the grade holds.
const movedBy = 0.05

// moves is the grade when each figure that the enterprise is graded on is 5 per cent
// less or more, alone, and when all move the favourable or the unfavourable way
// together.
func (t *trial) moves() Step {
	s := Step{ID: "moves", Notes: []Note{{"moved_by", map[string]any{"share": Share(movedBy)}}}}
	now := t.grade()
	good, bad := map[indicate.Quantity]float64{}, map[indicate.Quantity]float64{}
	inputs := t.inputs(now.items)
	for _, q := range inputs {
		step := Step{ID: q.String(), of: "explain.quantity", inline: true}
		if math.IsNaN(t.was[q]) {
			step.Notes = []Note{{ID: "no_figure"}}
			s.Steps = append(s.Steps, step)
			continue
		}
		less, more := moved(q, t.was[q], -movedBy), moved(q, t.was[q], movedBy)
		down, up := t.with(q, less), t.with(q, more)
		step.Steps = []Step{down.step("less_by"), up.step("more_by")}
		s.Steps = append(s.Steps, step)
		switch {
		case down.better(&up):
			good[q], bad[q] = less, more
		case up.better(&down):
			good[q], bad[q] = more, less
		}
	}
	for _, all := range []struct {
		id string
		to map[indicate.Quantity]float64
	}{{"all_favourable", good}, {"all_unfavourable", bad}} {
		for _, q := range inputs {
			if v, ok := all.to[q]; ok {
				t.set(q, v)
			}
		}
		o := t.grade()
		s.Steps = append(s.Steps, o.step(all.id))
		for _, q := range inputs {
			t.reset(q)
		}
	}
	return s
}

// with is the outcome with one quantity changed; it is put back.
func (t *trial) with(q indicate.Quantity, v float64) outcome {
	t.set(q, v)
	defer t.reset(q)
	return t.grade()
}

// moved is a figure changed by a share of its size; whole where it counts fen or land.
func moved(q indicate.Quantity, v, by float64) float64 {
	v += by * math.Abs(v)
	if inFen(q) || q == indicate.Land {
		v = math.Round(v)
	}
	return v
}

// step is the final grade of an outcome, with the rank.
func (o *outcome) step(id string) Step {
	s := Step{ID: id, Value: letterOf(o.final)}
	switch {
	case o.why != grade.Graded:
		s.Notes = []Note{{"has_no_grade", map[string]any{"why": Word{"explain.why", o.why.String()}}}}
	case o.rank > 0:
		s.Notes = []Note{{"of_rank", map[string]any{"rank": whole(o.rank), "of": whole(o.of)}}}
	}
	return s
}
