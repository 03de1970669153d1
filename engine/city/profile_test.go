package city

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// taxRows are rows of the table tax: code, and tax where it is not nil.
func taxRows(codes []string, tax []any) table.Rows {
	s := table.MustInput(table.Tax)
	r := table.Rows{Batches: []table.Batch{table.NewBuilder(s, 0).Batch()}}
	b := table.NewBuilder(s, 0)
	for i, code := range codes {
		b.String(s.Index("credit_code"), code)
		b.Integer(s.Index("year"), 2024)
		if v, ok := tax[i].(float64); ok {
			b.Number(s.Index("tax"), v)
		}
		b.EndRow(0, int64(i+1))
		r.Order = append(r.Order, table.Ref{Batch: 1, Row: int32(i)})
	}
	r.Batches = append(r.Batches, b.Batch())
	return r
}

func profiled(s string, r table.Rows) (map[string]Profile, []Forms) {
	p := &profiler{ctx: context.Background(), workers: 3}
	p.note(table.MustInput(s), r)
	out := map[string]Profile{}
	for _, one := range p.profiles {
		out[one.Field.Name] = one
	}
	return out, p.forms
}

func TestAColumnIsDescribedByItsUsedRowsOnly(t *testing.T) {
	r := taxRows([]string{"A", "B", "A", "C", "D"}, []any{4.0, nil, -1.5, 9.0, 3.0})
	r.Order = r.Order[:4] // D is not used
	got, forms := profiled(table.Tax, r)
	tax := got["tax"]
	if tax.Rows != 4 || tax.Values != 3 || tax.Least != -1.5 || tax.Median != 4 || tax.Largest != 9 || tax.Field.Unit != unit.WanYuan {
		t.Errorf("%+v", tax)
	}
	if code := got["credit_code"]; code.Values != 4 || code.Distinct != 3 || code.More {
		t.Errorf("%+v", code)
	}
	if year := got["year"]; year.Least != 2024 || year.Largest != 2024 || year.Values != 4 {
		t.Errorf("%+v", year)
	}
	if _, ok := got["vat"]; ok || len(got) != 3 {
		t.Errorf("%d columns, one without a value: %t", len(got), ok)
	}
	if len(forms) != 1 || forms[0].Counts[CreditFailing] != 4 || !slices.Equal(forms[0].Failing, []string{"A", "B", "C"}) {
		t.Errorf("%+v", forms)
	}
}

func TestTheMedianOfAnEvenNumberIsTheLowerOfTheMiddleTwo(t *testing.T) {
	got, _ := profiled(table.Tax, taxRows([]string{"A", "B", "C", "D"}, []any{4.0, 1.0, 3.0, 2.0}))
	if got["tax"].Median != 2 {
		t.Errorf("%v", got["tax"].Median)
	}
}

func TestDifferentTextsAreCountedUpToAThousand(t *testing.T) {
	for _, c := range []struct {
		n, distinct int
		more        bool
	}{{999, 999, false}, {1000, 1000, false}, {1001, 1000, true}, {3000, 1000, true}} {
		codes := make([]string, 2*c.n)
		for i := range codes {
			codes[i] = fmt.Sprint(i / 2)
		}
		got, _ := profiled(table.Tax, taxRows(codes, make([]any, len(codes))))
		if code := got["credit_code"]; code.Distinct != c.distinct || code.More != c.more || code.Values != 2*c.n {
			t.Errorf("of %d: %d, more %t, %d values", c.n, code.Distinct, code.More, code.Values)
		}
	}
}

func TestParcelCodesAreToldByTheirForm(t *testing.T) {
	for code, want := range map[string]Form{
		"330102001001GB00001": Parcel19, "330102001001GB00001F00010001": Unit28, "330102001001GB00001L00000001": Unit28,
		"330102001001JC99999Q12345678": Unit28, "330102001001GB00001W00000000": Unit28,
		"330102001001GB00001W00000001": OtherForm, "330102001001GB00001X00000001": OtherForm, "330102001001GB00001F0001000A": OtherForm,
		"330102001001G100001": OtherForm, "33010200100AGB00001": OtherForm, "330102001001GB0000A": OtherForm, "330102001001gb00001": OtherForm,
		"330102001001GB0001": OtherForm, "330102001001GB00001F": OtherForm, "P1": OtherForm, "": OtherForm, "宗地宗地宗地a": OtherForm,
	} {
		if got := parcelForm(code); got != want {
			t.Errorf("%q is %s, want %s", code, got, want)
		}
	}
}

func FuzzParcelForm(f *testing.F) {
	f.Add("330102001001GB00001W00000000")
	f.Fuzz(func(t *testing.T, code string) {
		if is := parcelForm(code); is == Unit28 && parcelForm(code[:19]) != Parcel19 {
			t.Errorf("%q is a unit of no parcel", code)
		}
	})
}
