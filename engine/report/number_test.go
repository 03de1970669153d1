package report

import (
	"math"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/write"
)

func TestNumbersAreRoundedOnceAndReadByPeople(t *testing.T) {
	for _, c := range []struct {
		v              int64
		decimals, keep int
		want           string
	}{
		{0, 4, 2, "0.00"}, {123_450_050, 4, 2, "12,345.01"}, {123_450_049, 4, 2, "12,345.00"}, {-50, 4, 2, "−0.01"}, {-49, 4, 2, "0.00"},
		{999_999_999, 6, 2, "1,000.00"}, {math.MaxInt64, 0, 0, "9,223,372,036,854,775,807"}, {7, 4, 4, "0.0007"}, {-1_000_000, 0, 0, "−1,000,000"},
	} {
		if got := decimal(c.v, c.decimals, c.keep); got != c.want {
			t.Errorf("%d with %d of %d decimals: %s, want %s", c.v, c.keep, c.decimals, got, c.want)
		}
	}
}

func TestAmountsOfAccountsAreExact(t *testing.T) {
	for _, c := range []struct {
		v    int64
		unit string
		want string
	}{
		{20_000_000, write.UnitArea, "3.00000000"}, {1, write.UnitArea, "0.00000015"}, {-7, write.UnitArea, "−0.00000105"},
		{math.MaxInt64, write.UnitArea, "1,383,505,805,528.21637105"}, {1, write.UnitMoney, "0.000001"}, {12_500_000, write.UnitMoney, "12.500000"},
	} {
		if got := amount(c.v, c.unit); got != c.want {
			t.Errorf("%d %s: %s, want %s", c.v, c.unit, got, c.want)
		}
	}
}

func TestFiguresOfTheScorecardAreReadable(t *testing.T) {
	for _, c := range [][3]string{
		{"0.211247", "ratio", "21.1%"}, {">= 0.5", "ratio", "≥ 50.0%"}, {"1;0;349.540183", "yes;yes;wan_yuan_per_mu", "是；否；349.5402 万元/亩"},
		{"574447.9", "tce", "574,447.9 tce"}, {";0.4452", "ratio;ratio", "—；44.5%"}, {"A 11;B 62", "", "A 11；B 62"}, {"-1;2", "rank", "−1；2"}, {"", "ratio", ""},
	} {
		if got := figure(c[0], c[1]); got != c[2] {
			t.Errorf("%q %s: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestTheRegionIsWhatTheZonesNamesBeginWith(t *testing.T) {
	for want, names := range map[string][]string{
		"示例市": {"示例市东岭开发区", "示例市西坡开发区"}, "": {"东岭开发区", "西坡开发区"}, "某园": {"某园"}, "示例市南区": {"示例市南区甲园", "示例市南区乙园"},
	} {
		var zones []*zone
		for _, n := range names {
			zones = append(zones, &zone{Name: n})
		}
		if got := region(append(zones, &zone{Name: "园区外", Outside: true})); got != want {
			t.Errorf("%q: %q, want %q", names, got, want)
		}
	}
}

func TestAReportWhoseAccountsDoNotAddUpIsNotMade(t *testing.T) {
	make := func(spoil func(*write.Account)) error {
		a := write.Account{Unit: write.UnitArea, Entry: write.Entry{Name: "parcels", Rows: 2, Amount: 30, Splits: []write.Split{{By: "use", Parts: []write.Entry{
			{Name: "used", Rows: 2, Amount: 30, Splits: []write.Split{{By: "grade", Parts: []write.Entry{{Name: "A", Rows: 1, Amount: 10}, {Name: "no_occupant", Rows: 1, Amount: 20}}}}},
			{Name: "rejected"},
		}}}}}
		spoil(&a)
		run := &write.Whole{Manifest: &write.Manifest{Accounts: []write.Account{a}}, Layers: []write.Layer{{Name: "parcels", Rows: 2, Columns: []write.Column{
			write.Fixed("official_area", 4, func(i int) (int64, bool) { return []int64{10, 20}[i], true }),
			write.Text("grade", func(i int) (string, bool) { return "A", i == 0 }),
		}}}}
		_, err := Paper(Options{}).Make(t.Context(), run, new(strings.Builder))
		return err
	}
	if err := make(func(*write.Account) {}); err != nil {
		t.Fatal(err)
	}
	used := func(a *write.Account) *write.Entry { return &a.Splits[0].Parts[0] }
	for what, spoil := range map[string]func(*write.Account){
		"a part is missing": func(a *write.Account) { used(a).Splits[0].Parts[1].Amount-- },
		"the layer has more": func(a *write.Account) {
			a.Amount--
			used(a).Amount--
			used(a).Splits[0].Parts[1].Amount--
		},
		"the layer has another grade": func(a *write.Account) {
			used(a).Splits[0].Parts[0].Amount++
			used(a).Splits[0].Parts[1].Amount--
		},
	} {
		if err := make(spoil); err == nil || !strings.Contains(err.Error(), "account for parcels") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
