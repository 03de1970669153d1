package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/report/form"
	"github.com/muscope-gis/muscope/engine/write"
)

// openForms reads the forms that are to be filled: what cannot be filled is said before
// the work, not after it.
func openForms(f *evaluateFlags) ([]*form.Form, error) {
	if len(f.forms) > 0 && f.out == "" {
		return nil, usage(errors.New("evaluate: --form fills a workbook in the run folder; name one with --out"))
	}
	var forms []*form.Form
	for _, path := range f.forms {
		one, err := form.Open(path)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(forms, func(other *form.Form) bool { return strings.EqualFold(other.Name(), one.Name()) }) {
			return nil, usage(fmt.Errorf("evaluate: --form %s: another form has the same file name; rename one", path))
		}
		forms = append(forms, one)
	}
	return forms, nil
}

// printForms says what was filled of each form, and what was not.
func printForms(w io.Writer, s *shared, m *write.Manifest) {
	for _, n := range m.Forms {
		_, _ = fmt.Fprintf(w, "%s %s › %s: "+s.word("form.filled")+"\n", s.word("form"), n.Form, shownText(n.Sheet), n.Rows, n.List, len(n.Filled))
		if len(n.Unfilled) > 0 {
			_, _ = fmt.Fprintf(w, "  %s %q\n", s.word("form.unfilled"), n.Unfilled)
		}
	}
}
