package detect

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// A scenario is a file of `column: value` lines: the day and what is known of a
// parcel, then, after a line `expect`, what must come out. Columns left out of the
// first part are empty, those left out of the second are not looked at.
type scenario struct {
	asOf            unit.Date
	nonConstruction bool
	given, expected [][2]string
}

func TestEveryScenarioComesOutAsWritten(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 40 {
		t.Fatalf("found %d scenarios (%v), want the 40 and more that are written", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			s := readScenario(t, file)
			got := s.run(t)
			for _, e := range s.expected {
				value, known := got[e[0]]
				if !known {
					t.Errorf("%s: no result is called %s", file, e[0])
				} else if value != e[1] {
					t.Errorf("%s: %s is %s, want %s", file, e[0], value, e[1])
				}
			}
		})
	}
}

func readScenario(t *testing.T, file string) (s scenario) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	into := &s.given
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		name, value, found := strings.Cut(line, ": ")
		switch {
		case line == "" || line[0] == '#':
		case line == "expect":
			into = &s.expected
		case !found:
			t.Fatalf("%s: %q is not `column: value`", file, line)
		case name == "as_of":
			s.asOf = mustDate(t, value)
		case name == "land_use":
			s.nonConstruction = value == "nonconstruction"
		default:
			*into = append(*into, [2]string{name, value})
		}
	}
	if len(s.expected) == 0 || s.asOf == 0 {
		t.Fatalf("%s: a scenario has an as_of and expects something", file)
	}
	return s
}

func mustDate(t testing.TB, s string) unit.Date {
	d, ok := unit.ParseDate(s)
	if !ok {
		t.Fatalf("%q is not a date", s)
	}
	return d
}

func (s scenario) batch(t *testing.T) table.Batch {
	schema := table.MustInput(table.Parcels)
	b := table.NewBuilder(schema, 1)
	b.String(schema.Index("parcel_code"), "P1")
	for _, g := range s.given {
		i := schema.Index(g[0])
		if i < 0 {
			t.Fatalf("parcels have no column %s", g[0])
		}
		switch schema.Fields[i].Kind {
		case table.Date:
			b.Date(i, mustDate(t, g[1]))
		case table.Number:
			b.Number(i, mustNumber(t, g[1]))
		default:
			b.String(i, g[1])
		}
	}
	b.EndRow(0, 1)
	return b.Batch()
}

// mustNumber reads a number, or one in mu as reading turns it into m².
func mustNumber(t *testing.T, s string) float64 {
	s, inMu := strings.CutSuffix(s, " mu")
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	if inMu {
		mul, div, _ := unit.Factor(unit.MuUnit, unit.SquareMetre)
		v = v * mul / div
	}
	return v
}

func (s scenario) run(t *testing.T) map[string]string {
	b, rule := s.batch(t), national()
	var out Columns
	Idle(b, []bool{s.nonConstruction}, rule, s.asOf, &out)
	supply := SupplyText(b, 0, out.Supply[0])
	return map[string]string{
		"idle_kind": orNull(out.Kind[0].String()), "idle_since": dateText(out.Since[0]), "idle_from": dateText(out.From[0]),
		"idle_days": countText(out.Days[0]), "delay_cause": orNull(out.Cause[0].String()),
		"consequence": orNull(out.Consequence[0].String()), "fee": feeText(out.Fee[0]),
		"take_back_from": dateText(out.TakeBackFrom[0]), "risk_kind": orNull(out.RiskKind[0].String()),
		"at_risk_on": dateText(out.AtRiskOn[0]), "deadline": dateText(out.Deadline[0]),
		"flags": flagText(out.Flags[0]), "supply_state": orNull(supply),
		"start_overdue": countText(out.StartOverdue[0]), "finish_overdue": countText(out.FinishOverdue[0]),
		"clause":   orNull(string(Clause(nil, b, 0, rule, &out))),
		"evidence": string(Evidence(nil, b, 0, rule, s.asOf, &out)),
	}
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}

func dateText(d unit.Date) string {
	if d == NoDate {
		return "null"
	}
	return d.String()
}

func countText(n int32) string {
	if n == None {
		return "null"
	}
	return fmt.Sprint(n)
}

func feeText(yuan int64) string {
	if yuan == None {
		return "null"
	}
	return strconv.FormatFloat(float64(yuan)/1e4, 'f', -1, 64)
}

func flagText(f Flag) string {
	var names []string
	if f&DeadlineAssumed != 0 {
		names = append(names, "deadline_assumed")
	}
	if f&NoDeadline != 0 {
		names = append(names, "no_deadline")
	}
	if slices.Sort(names); names == nil {
		return "none"
	}
	return strings.Join(names, ";")
}

// national is the rule of Order 53 of 2012.
func national() policy.IdleLand {
	return policy.IdleLand{
		YearsToIdle: 1, YearsToTakeBack: 2, FeeShare: policy.Fraction{Num: 1, Den: 5},
		DevelopedBelow: policy.Fraction{Num: 1, Den: 3}, InvestedBelow: policy.Fraction{Num: 1, Den: 4},
		DeadlineAfterDelivery: 1, DeadlineAfterContract: 1, AtRiskDays: 180,
		Clauses: policy.IdleClauses{
			NotStarted: "art. 2 (1)", Stalled: "art. 2 (2)", Deadline: "art. 22 (2)", Supplement: "art. 12 (2)",
			Started: "art. 30", Cause: "art. 8", Preparatory: "law art. 26", Fee: "art. 14 (1)",
			TakeBack: "art. 14 (2)", Negotiate: "art. 12 (1)", NegotiateStalled: "art. 12 (3)",
		},
	}
}
