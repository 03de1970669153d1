package parse

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one thing wrong with a policy file. Line and Column count from 1, the
// column in characters; both are 0 when the mistake is not at one place.
type Mistake struct {
	File         string
	Line, Column int
	Message      string
}

// String is file:line:column: message.
func (m Mistake) String() string {
	if m.Line == 0 {
		return m.File + ": " + m.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.Message)
}

// Mistakes is the error of a file that is not a valid policy: everything wrong with
// it, in the order of the file.
type Mistakes []Mistake

// Error is every mistake, one a line.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// AsError sorts the mistakes by place; nil when there are none.
func (m Mistakes) AsError() error {
	if len(m) == 0 {
		return nil
	}
	slices.SortStableFunc(m, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(m)
}
