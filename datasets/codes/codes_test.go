package codes

import (
	"slices"
	"strings"
	"testing"
)

func TestTheSameCodeMeansDifferentThingsInDifferentStandards(t *testing.T) {
	for _, c := range []struct {
		standard, code string
		strict, wide   Class
	}{
		{"TDT1055-2019", "0601", Industry, Industry},
		{"YDYH-2023", "0601", NonConstruction, NonConstruction},
		{"YDYH-2023", "0702", Public, Public},
		{"TDT1055-2019", "0702", Residence, Residence},
		{"YDYH-2023", "1001", Industry, Industry},
		{"TDT1055-2019", "1001", Other, Other},
		{"YDYH-2023", "1207", Other, Public},
		{"YDYH-2023", "13", Other, Public},
		{"YDYH-2023", "1401", Other, Public},
		{"GB50137-2011", "R22", Public, Public},
		{"GB50137-2011", "R21", Residence, Residence},
		{"GB50137-2011", "B1", Other, Other},
		{"GBT21010-2007", "061", Industry, Industry},
		{"TDT1029-2014", "A2", Industry, Industry},
	} {
		e, ok := LandUse(c.standard, c.code)
		if !ok || e.Strict != c.strict || e.Wide != c.wide {
			t.Errorf("%s %s: %v %v %v, want %v %v", c.standard, c.code, e.Strict, e.Wide, ok, c.strict, c.wide)
		}
	}
}

func TestAFinerCodeCountsAsTheLongestCodeAboveIt(t *testing.T) {
	for _, c := range []struct{ standard, code, found string }{
		{"YDYH-2023", "10010109", "100101"},
		{"YDYH-2023", "070299", "0702"},
		{"TDT1055-2019", "0201K", "0201"},
		{"TDT1055-2019", "1104A", "1104"},
		{"TDT1055-2019", "0810A", "0810A"},
		{"TDT1055-2019", "08H2A", "08H2A"},
		{"GBT21010-2007", "0611", "061"},
		{"YDYH-2020", "1001", "1001"},
		{"YDYH-2020", "1311", "1311"},
	} {
		if e, ok := LandUse(c.standard, c.code); !ok || e.Code != c.found {
			t.Errorf("%s %s found %q %v, want %s", c.standard, c.code, e.Code, ok, c.found)
		}
	}
}

func TestACodeWithoutAKnownStandardOrPrefixIsNotFound(t *testing.T) {
	for _, c := range [][2]string{
		{"", "1001"}, {"YDYH", "1001"}, {"ydyh-2023", "1001"}, {"YDYH-2023", ""}, {"YDYH-2023", "1"},
		{"YDYH-2023", "601"}, {"YDYH-2023", "10-1"}, {"YDYH-2023", "M1"}, {"YDYH-2023", "工业"},
		{"GB50137-2011", "R99"}, {"GB50137-2011", "M11"}, {"TDT1055-2019", "08H9"}, {"GBT21010-2007", "06"},
	} {
		if e, ok := LandUse(c[0], c[1]); ok {
			t.Errorf("%q %q found %+v", c[0], c[1], e)
		}
	}
}

func TestTheTrialEditionOf2020KeepsItsOwnMeanings(t *testing.T) {
	e, _ := LandUse("YDYH-2020", "2302")
	if e.En != "Ridge" {
		t.Errorf("2302 of 2020 is %q", e.En)
	}
	if e, _ = LandUse("YDYH-2023", "2302"); e.En != "Reserve cultivated" {
		t.Errorf("2302 of 2023 is %q", e.En)
	}
}

func TestEveryStandardOfTheContractIsShipped(t *testing.T) {
	for _, s := range []string{"YDYH-2023", "YDYH-2020", "TDT1055-2019", "GBT21010-2017", "GBT21010-2007", "GB50137-2011", "TDT1029-2014"} {
		if !slices.Contains(Standards(), s) {
			t.Errorf("no %s", s)
		}
	}
}

// The wide profile differs from the strict one by exactly what it adds: what is
// other may become public, and nothing else moves.
func TestTheWideProfileOnlyTurnsOtherIntoPublic(t *testing.T) {
	moved := 0
	for _, s := range Standards() {
		table, _ := Shipped().Table(s)
		for code, e := range table.entries {
			if e.Strict == e.Wide {
				continue
			}
			moved++
			if e.Strict != Other || e.Wide != Public {
				t.Errorf("%s %s moves from %v to %v", s, code, e.Strict, e.Wide)
			}
		}
	}
	if moved < 50 {
		t.Errorf("only %d codes differ between the profiles", moved)
	}
}

func TestATableOfADatasetsOwnIsReadAndItsMistakesSayTheLine(t *testing.T) {
	own, err := Parse("own.csv", strings.NewReader("\ufeffcode,standard,mix_class\nX1,MINE,industry\nX2,MINE,other\n"))
	if err != nil {
		t.Fatal(err)
	}
	table, ok := own.Table("MINE")
	if e, found := table.Find("X1"); !ok || !found || e.Strict != Industry || e.Wide != Industry {
		t.Errorf("X1 is %+v", e)
	}
	for text, want := range map[string]string{
		"code,standard\n":                  "own.csv:1: no column mix_class",
		"":                                 "no header row",
		"standard,code,mix_class\nM,1,x\n": "own.csv:2: code 1: mix_class",
		"standard,code,mix_class\nM,1,other\nM,1,other\n": "own.csv:3: code 1 of M stands twice",
		"standard,code,mix_class\n,1,other\n":             "own.csv:2: a code needs its standard",
		"standard,code,mix_class\nM,1\n":                  "wrong number of fields",
	} {
		if _, err := Parse("own.csv", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestAClassReadsBackFromItsName(t *testing.T) {
	for c := Industry; c <= NonConstruction; c++ {
		if got, ok := ParseClass(c.String()); !ok || got != c {
			t.Errorf("%v reads back as %v", c, got)
		}
	}
	if _, ok := ParseClass(""); ok || Class(99).String() != "" {
		t.Error("no class has a name")
	}
}

func BenchmarkLandUse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		LandUse("YDYH-2023", "100101")
	}
}
