package fields_test

import (
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/table"
)

func TestEveryInputTableHasALabelAndIsFoundByIt(t *testing.T) {
	for _, s := range table.Inputs() {
		zh, en := fields.TableLabel(s.Name)
		if zh == "" || en == "" {
			t.Errorf("%s has no label", s.Name)
		}
		for _, name := range []string{s.Name, zh, " " + zh + "\u3000"} {
			if found, ok := fields.Table(name); !ok || found != s.Name {
				t.Errorf("%q is %q, want %q", name, found, s.Name)
			}
		}
	}
	for _, name := range []string{"", "Sheet1", "tax_2024", "税"} {
		if found, ok := fields.Table(name); ok {
			t.Errorf("%q is %q", name, found)
		}
	}
}

func TestColumnsAreFoundByWhatTheirNamesBeginWith(t *testing.T) {
	for _, c := range []struct {
		table, header string
		columns       []string
	}{
		{"parcels", "investment", []string{"investment_made", "investment_total"}}, {"parcels", "LAND_USE_S", []string{"land_use_standard"}},
		{"parcels", "合同签订日", []string{"signed_on"}}, {"parcels", "land_use_standard", nil}, {"tax", "统一社会信", []string{"credit_code"}}, {"nothing", "a", nil},
	} {
		if got := fields.Beginning(c.table, c.header); !slices.Equal(got, c.columns) {
			t.Errorf("%s %q: %q, want %q", c.table, c.header, got, c.columns)
		}
	}
}

func TestOnlyHeadersThatChangeNothingAreGroups(t *testing.T) {
	if !fields.Group(" 基本情况") || fields.Group("规划") || fields.Group("2023年") || fields.Group("") || fields.Group("税收") {
		t.Error("a group is taken for another")
	}
}
