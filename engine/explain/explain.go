// Package explain says why an enterprise, a parcel or a zone got its verdicts in a
// run: the whole chain from the rows that were read over figures, benchmarks, scores,
// rank and cuts to the grade, each step with its clause and the place of its source;
// how far the next better grade is, and what a few per cent more or less would do.
//
// An [Explanation] is a value: a tree of steps with stable ids, which prints as text
// in Chinese or English and marshals as JSON. It is made from the run folder alone:
// grades come from the kept facts by the same code that gave them, the rest from the
// layers. The package reads no dataset, decides nothing and writes nothing.
package explain

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Subject is what an explanation is about.
type Subject string

// The subjects.
const (
	Enterprise Subject = "enterprise"
	Parcel     Subject = "parcel"
	Zone       Subject = "zone"
	Rule       Subject = "rule"
)

// Subjects lists the subjects in the order in which codes are looked for.
var Subjects = []Subject{Enterprise, Parcel, Zone, Rule}

// Explanation is why a subject got its verdicts.
type Explanation struct {
	Subject Subject `json:"subject"`
	Code    string  `json:"code"`
	Name    string  `json:"name,omitempty"`
	RunID   string  `json:"run_id"`
	Year    int     `json:"year"`
	AsOf    string  `json:"as_of"`
	Steps   []Step  `json:"steps"`
	// Missing says which parts of the run were not there to explain from, and why.
	Missing []Note `json:"missing,omitempty"`
}

// Step is a link of the chain; those it rests on are below it.
type Step struct {
	ID string `json:"id"` // stable: a word, an indicator, a column of a layer
	// Name stands in place of the id's label: the code of a parcel, a grade.
	Name string `json:"name,omitempty"`
	// Value is a text, a number, a bool, a [Word], a [Share] or nil.
	Value   any      `json:"value,omitempty"`
	Unit    string   `json:"unit,omitempty"`
	Bound   *Bound   `json:"bound,omitempty"`
	Notes   []Note   `json:"notes,omitempty"`
	Clause  string   `json:"clause,omitempty"`
	Status  string   `json:"status,omitempty"` // confirmed, unconfirmed
	Sources []Source `json:"sources,omitempty"`
	Steps   []Step   `json:"steps,omitempty"`

	of     string        // where the label of the id is: empty is the words of explain
	inline bool          // the steps below it are printed in its line
	scope  string        // of a row of the scorecard
	keys   []archive.Key // of its sources
}

// Bound is what a value is held against: the step's Value Op Value.
type Bound struct {
	Op    string `json:"op"`
	Value any    `json:"value"`
	Unit  string `json:"unit,omitempty"`
}

// Note is a remark in words: the id of a sentence and what stands in its gaps.
type Note struct {
	ID   string
	Args map[string]any
}

// MarshalJSON gives the id and the arguments side by side.
func (n Note) MarshalJSON() ([]byte, error) {
	all := map[string]any{"id": n.ID}
	for k, v := range n.Args {
		all[k] = v
	}
	return json.Marshal(all)
}

// Source is a row that was read.
type Source struct {
	Table string `json:"table"`
	Key   string `json:"key"`
	File  string `json:"file"`
	Sheet string `json:"sheet,omitempty"`
	Row   int64  `json:"row"`
}

// Word is one word of a list of them, and in JSON its id.
type Word struct{ List, ID string }

// MarshalJSON is the id.
func (w Word) MarshalJSON() ([]byte, error) { return json.Marshal(w.ID) }

// Text is words in both languages.
type Text policy.Text

// MarshalJSON gives both languages.
func (t Text) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"zh": t.Zh, "en": t.En})
}

// Share is a plain ratio that people read as per cent.
type Share float64

// MarshalJSON is the ratio, to six decimals.
func (s Share) MarshalJSON() ([]byte, error) { return json.Marshal(number(float64(s), 6)) }

// number is v to so many decimals, halves away from zero; nil where it is none.
func number(v float64, decimals int) any {
	scale := math.Pow10(decimals)
	if r := math.Round(v*scale) / scale; !math.IsInf(r, 0) {
		v = r
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return json.Number(strconv.FormatFloat(v+0, 'f', -1, 64))
}

func whole[T ~int | ~int32 | ~int64](n T) json.Number {
	return json.Number(strconv.FormatInt(int64(n), 10))
}

// mu is an area in 亩 as tables show it.
func mu(a unit.Area) json.Number {
	return json.Number(strconv.FormatFloat(float64(a.MuTenThousandths())/1e4, 'f', -1, 64))
}

// Find is the first step that is reached by ids from the top; nil when there is none.
func (e *Explanation) Find(ids ...string) *Step {
	steps := e.Steps
	var found *Step
	for _, id := range ids {
		at := slices.IndexFunc(steps, func(s Step) bool { return s.ID == id || s.Name == id })
		if at < 0 {
			return nil
		}
		found, steps = &steps[at], steps[at].Steps
	}
	return found
}

// lacks notes a part of the run that is not there; any other error it gives back.
func (e *Explanation) lacks(err error) error {
	var missing *archive.MissingError
	if !errors.As(err, &missing) {
		return err
	}
	n := Note{"part_absent", map[string]any{"path": missing.Path}}
	switch {
	case missing.Listed:
		n.ID = "part_lost"
	case strings.HasPrefix(missing.Path, "layers/"), strings.HasPrefix(missing.Path, "tables/"):
		n.ID = "part_missing"
	}
	if !slices.ContainsFunc(e.Missing, func(m Note) bool { return m.Args["path"] == missing.Path }) {
		e.Missing = append(e.Missing, n)
	}
	return nil
}

// place looks up where the rows behind all steps were read, in one pass.
func (e *Explanation) place(ctx context.Context, run *archive.Run) error {
	var keys []archive.Key
	var gather func(steps []Step)
	gather = func(steps []Step) {
		for i := range steps {
			keys = append(keys, steps[i].keys...)
			gather(steps[i].Steps)
		}
	}
	gather(e.Steps)
	if len(keys) == 0 {
		return nil
	}
	places, err := run.Sources(ctx, keys)
	if err != nil {
		return e.lacks(err)
	}
	at := 0
	var give func(steps []Step)
	give = func(steps []Step) {
		for i := range steps {
			for range steps[i].keys {
				for _, p := range places[at] {
					s := Source(p)
					if !slices.Contains(steps[i].Sources, s) {
						steps[i].Sources = append(steps[i].Sources, s)
					}
				}
				at++
			}
			steps[i].ofRows()
			give(steps[i].Steps)
		}
	}
	give(e.Steps)
	return nil
}

// ofRows says of rows that no key tells apart that not all need have counted.
func (s *Step) ofRows() {
	in := map[string]int{}
	for _, source := range s.Sources {
		in[source.Table]++
	}
	if in["tenancies"] > 0 {
		s.Notes = append(s.Notes, Note{ID: "tenancy_rows"})
	}
	if in["adjustments"] > 1 {
		s.Notes = append(s.Notes, Note{ID: "one_of_rows"})
	}
}
