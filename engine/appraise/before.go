package appraise

import (
	"errors"
	"fmt"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/score"
)

// ReadBefore reads what the run of the year before came to: its scorecard and the
// grades of its parcels and enterprises. A run of another year is an error.
func ReadBefore(dir string, year int) (*Before, error) {
	run, err := archive.Open(dir)
	if err != nil {
		return nil, err
	}
	if run.Manifest.Year != year-1 {
		return nil, fmt.Errorf("--previous %s: it is the run of %d; rules on two years want that of %d", dir, run.Manifest.Year, year-1)
	}
	b := &Before{RunID: run.Manifest.RunID, Rows: map[[2]string]score.Before{}, Grades: map[string]string{}, Final: map[string]string{}}
	rows, err := run.Rows("scorecard")
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if scope := r.Text("scope"); scope == "Z" || scope == "C" {
			b.Rows[[2]string{r.Text("rule"), r.Text("code")}] = score.Before{Verdict: r.Text("verdict"), Value: r.Text("value")}
		}
	}
	if err := b.readFinal(run); err != nil {
		return nil, err
	}
	err = run.Each("parcels", func(f archive.Feature) {
		if g := f.Text("grade"); g != "" {
			b.Grades[f.Text("parcel_code")] = g
		}
	})
	var missing *archive.MissingError
	if errors.As(err, &missing) && !missing.Listed { // written without layers: no grades of parcels
		err = nil
	}
	return b, err
}

// readFinal reads the final grades of enterprises, where the run graded any.
func (b *Before) readFinal(run *archive.Run) error {
	if !run.Has("tables/grades.csv") {
		return nil
	}
	rows, err := run.Rows("grades")
	for _, r := range rows {
		if g := r.Text("final_grade"); g != "" {
			b.Final[r.Text("credit_code")] = g
		}
	}
	return err
}
