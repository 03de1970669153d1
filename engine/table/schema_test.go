package table_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

func TestEverySchemaIsConsistent(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range table.Inputs() {
		if seen[s.Name] {
			t.Errorf("two tables are called %s", s.Name)
		}
		seen[s.Name] = true
		for i, f := range s.Fields {
			if s.Index(f.Name) != i {
				t.Errorf("%s: %s is at %d, not %d: the name stands there twice", s.Name, f.Name, s.Index(f.Name), i)
			}
			if f.Required && !f.Needed && f.Kind != table.Geometry {
				t.Errorf("%s.%s must not be empty, but the column may be missing", s.Name, f.Name)
			}
			if len(f.OneOf) > 0 && f.Kind != table.Text {
				t.Errorf("%s.%s lists its values but is no text", s.Name, f.Name)
			}
			if f.Unit != unit.None && f.Kind != table.Number {
				t.Errorf("%s.%s is no number but is counted in %s", s.Name, f.Name, f.Unit)
			}
			if !unit.Known(f.Unit) {
				t.Errorf("%s.%s is in %s, which is no unit", s.Name, f.Name, f.Unit)
			}
			if (f.Kind == table.Geometry) != (s.Shape != table.NoGeometry && i == len(s.Fields)-1) {
				t.Errorf("%s.%s: the geometry is the last column of a layer and nothing else", s.Name, f.Name)
			}
		}
		code, name, standsIn := s.StandIn()
		if n := slices.IndexFunc(s.Fields, func(f table.Field) bool { return f.OrNamed }); n != code || standsIn != (n >= 0) {
			t.Errorf("%s: the code a name stands for is at %d, not %d", s.Name, code, n)
		}
		if standsIn && (!s.Fields[code].Required || !s.Fields[code].Credit || name != len(s.Fields)-1 ||
			s.Fields[name].Name != "name" || s.Fields[name].Kind != table.Text || s.Fields[name].Needed) {
			t.Errorf("%s: %+v stands for %+v", s.Name, s.Fields[name], s.Fields[code])
		}
		for _, k := range s.Key {
			if i := s.Index(k); i < 0 || !s.Fields[i].Required {
				t.Errorf("%s: its key %s is no required column", s.Name, k)
			}
		}
		if s.Yearly != (slices.Equal(s.Key, []string{"credit_code", "year"})) {
			t.Errorf("%s: yearly %t, key %v", s.Name, s.Yearly, s.Key)
		}
	}
}

func TestANameMayStandForTheCodeInTablesOfTenanciesAccountsAndAdjustments(t *testing.T) {
	var got []string
	for _, s := range table.Inputs() {
		if _, _, ok := s.StandIn(); ok {
			got = append(got, s.Name)
		}
	}
	want := []string{table.Tenancies, table.Output, table.Tax, table.Energy, table.Emissions, table.Adjustments}
	if !slices.Equal(got, want) {
		t.Errorf("it may in %v, want %v", got, want)
	}
}

func TestOnlyZonesAndParcelsAreInEveryDataset(t *testing.T) {
	for _, s := range table.Inputs() {
		if want := s.Name == table.Zones || s.Name == table.Parcels; s.Always != want {
			t.Errorf("%s: always %t, want %t", s.Name, s.Always, want)
		}
	}
}

func TestUnitsStandInTheMetadataOfTheirColumn(t *testing.T) {
	s := table.MustInput(table.Parcels)
	for i, f := range s.Fields {
		got, _ := s.Arrow().Field(i).Metadata.GetValue("unit")
		if got != string(f.Unit) {
			t.Errorf("%s: the metadata says %q, the field %q", f.Name, got, f.Unit)
		}
	}
	n := len(s.Fields)
	if s.Arrow().NumFields() != n+2 || s.Arrow().Field(n).Name != table.FileColumn || s.Arrow().Field(n+1).Name != table.RowColumn {
		t.Errorf("the columns behind the table's own are %v", s.Arrow().Fields()[n:])
	}
}

func TestAColumnAskedForInTheWrongUnitIsAProgrammersFault(t *testing.T) {
	batch := build(parcels, nil, nil)
	batch.Numbers("recorded_area", unit.SquareMetre)
	for name, wrong := range map[string]func(){
		"mu for m2":             func() { batch.Numbers("recorded_area", unit.MuUnit) },
		"a column there is not": func() { batch.Text("parcel") },
		"a table there is not":  func() { table.MustInput("plots") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			wrong()
		}()
	}
	if _, ok := table.Input("plots"); ok || parcels.Index("parcel") != -1 {
		t.Error("a table or column that is not there is found")
	}
}

func TestRefsOrderAsTheRowsWereRead(t *testing.T) {
	refs := []table.Ref{{Batch: 1, Row: 0}, {Batch: 0, Row: 9}, {Batch: 0, Row: 2}, {Batch: 1, Row: 1}}
	slices.SortFunc(refs, table.Ref.Compare)
	if got := fmt.Sprint(refs); got != "[{0 2} {0 9} {1 0} {1 1}]" {
		t.Errorf("ordered as %s", got)
	}
}

func TestABatchOfNothingHasNoRows(t *testing.T) {
	if n := (table.Batch{}).Rows(); n != 0 {
		t.Errorf("%d rows", n)
	}
}
