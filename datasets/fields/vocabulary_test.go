package fields

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestCodesOfAColumnAreReadAsWords(t *testing.T) {
	for _, c := range []struct{ table, column, code, zh, en string }{
		{"idle_land", "idle_kind", "stalled", "中止开发", "stalled"},
		{"idle_land", "consequence", "fee", "征缴土地闲置费", "idle-land fee"},
		{"conflicts", "verdict", "violation", "违反", "violation"},
		{"land_mix", "verdict", "pass", "符合", "pass"},
		{"scorecard", "verdict", "reported", "列示", "reported"},
		{"parcels", "supply_state", "自定", "自定", "自定"}, // the dataset's own
		{"parcels", "parcel_code", "idle", "idle", "idle"},
	} {
		if zh, en := Meaning(c.table, c.column, c.code, "zh"), Meaning(c.table, c.column, c.code, "en"); zh != c.zh || en != c.en {
			t.Errorf("%s.%s %s: %q, %q; want %q, %q", c.table, c.column, c.code, zh, en, c.zh, c.en)
		}
	}
}

func TestEveryVocabularyHasWords(t *testing.T) {
	ids := slices.Collect(maps.Keys(readWords()))
	for column, words := range vocabulary {
		if !slices.ContainsFunc(ids, func(id string) bool { return strings.HasPrefix(id, words+".") }) {
			t.Errorf("%s: no word begins with %s.", column, words)
		}
	}
}
