package join_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// row is a row of a table: values by column; absent is null.
type row map[string]any

// rowsOf makes a table of rows in the given order, in batches of a few rows.
func rowsOf(t testing.TB, name string, given []row) table.Rows {
	t.Helper()
	s := table.MustInput(name)
	var out table.Rows
	for part := range slices.Chunk(given, 7) {
		b := table.NewBuilder(s, len(part))
		for i, r := range part {
			for column, v := range r {
				at := s.Index(column)
				if at < 0 {
					t.Fatalf("%s has no column %s", name, column)
				}
				switch v := v.(type) {
				case string:
					b.String(at, v)
				case float64:
					b.Number(at, v)
				case int:
					b.Integer(at, int64(v))
				case unit.Date:
					b.Date(at, v)
				default:
					t.Fatalf("%s: a %T", column, v)
				}
			}
			b.EndRow(0, int64(i))
			out.Order = append(out.Order, table.Ref{Batch: int32(len(out.Batches)), Row: int32(i)})
		}
		out.Batches = append(out.Batches, b.Batch())
	}
	return out
}

func day(t testing.TB, s string) unit.Date {
	t.Helper()
	d, ok := unit.ParseDate(s)
	if !ok {
		t.Fatalf("%s is no date", s)
	}
	return d
}

// tenancy is a row of tenancies; an area below zero is left out, an empty date too.
func tenancy(t testing.TB, enterprise, parcel, kind string, area float64, from, to string) row {
	r := row{"credit_code": enterprise, "parcel_code": parcel, "kind": kind}
	if area >= 0 {
		r["area"] = area
	}
	if from != "" {
		r["from"] = day(t, from)
	}
	if to != "" {
		r["to"] = day(t, to)
	}
	return r
}

// town is enterprises E0 E1 … and parcels P0 P1 … of 1000 m² with their holders.
func town(t testing.TB, enterprises, parcels int, holders map[int]string) (*join.Register, *join.Parcels) {
	t.Helper()
	var codes, names, used []string
	for i := range enterprises {
		codes, names = append(codes, fmt.Sprintf("E%d", i)), append(names, fmt.Sprintf("name %d", i))
	}
	r := join.NewRegister(codes, names)
	p := &join.Parcels{Rejected: join.NewCodes([]string{"R0", "R1"})}
	var held []row
	for i := range parcels {
		used = append(used, fmt.Sprintf("P%d", i))
		p.Official = append(p.Official, metres(1000))
		h := row{"parcel_code": used[i]}
		if who, ok := holders[i]; ok {
			h["holder"] = who
		}
		held = append(held, h)
	}
	p.Used = join.NewCodes(used)
	p.Holders = join.Holders(rowsOf(t, table.Parcels, held), r)
	return r, p
}

// tenanciesOf takes rows that are all to be kept.
func tenanciesOf(t testing.TB, r *join.Register, p *join.Parcels, rows ...row) *join.Tenancies {
	t.Helper()
	got, refused := join.NewTenancies(rowsOf(t, table.Tenancies, rows), r, p)
	if len(refused) > 0 {
		t.Fatalf("refused: %+v", refused)
	}
	return got
}

// metres are whole square metres as an area.
func metres(v int64) unit.Area { return unit.Area(v * 10_000) }

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprintf("%v", got), fmt.Sprintf("%v", want); g != w {
		t.Errorf("%s: %s, want %s", what, g, w)
	}
}

func near(a, b, relative float64) bool {
	return a == b || math.Abs(a-b) <= relative*max(math.Abs(a), math.Abs(b)) || math.IsNaN(a) && math.IsNaN(b)
}
