package check

import (
	"math"
	"reflect"
	"testing"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

func someCodes() *policy.Spaces {
	return &policy.Spaces{Codes: []policy.SpaceCodes{
		{Standard: "GBT21010-2017", Production: []string{"05", "10"}, Living: []string{"0810", "1004"}},
		{Standard: "YDYH-2023", Production: []string{"09", "12"}, Living: []string{"14"}, Ecological: []string{"1402"}},
	}}
}

func TestTheSpaceOfALandUse(t *testing.T) {
	for _, c := range []struct {
		class          Class
		standard, code string
		want           Space
	}{
		{Industry, "GBT21010-2017", "0601", Production},
		{Industry, "GBT21010-2017", "0602", Production}, // mining
		{Residence, "GBT21010-2017", "0701", Living},
		{Public, "GBT21010-2017", "0803", Living},
		{NonConstruction, "GBT21010-2017", "1101", Ecological},
		{Other, "GBT21010-2017", "05", Production},
		{Other, "GBT21010-2017", "0501", Production},
		{Other, "GBT21010-2017", "0810", Living},
		{Other, "GBT21010-2017", "0809", Unassigned},
		{Other, "YDYH-2023", "0901", Production},
		{Other, "GBT21010-2017", "0901", Unassigned}, // the same digits of another standard
		{Other, "GBT21010-2017", "1001", Production},
		{Other, "GBT21010-2017", "1004", Living},   // the longer entry
		{Other, "YDYH-2023", "1402", Ecological},   // the longer entry, of another list
		{Other, "YDYH-2023", "140201", Ecological}, // and what lies under it
		{Other, "YDYH-2023", "1401", Living},
		{Other, "YDYH-2023", "1", Unassigned},            // shorter than any entry
		{Other, "", "09", Unassigned},                    // no standard
		{NonConstruction, "YDYH-2023", "12", Ecological}, // the lists are for class other only
		{Unknown, "YDYH-2023", "0901", Unassigned},
		{Class(77), "YDYH-2023", "0901", Unassigned},
	} {
		if got := SpaceOf(c.class, c.standard, c.code, someCodes()); got != c.want {
			t.Errorf("%v %s %s is %v, want %v", c.class, c.standard, c.code, got, c.want)
		}
	}
}

func TestSpacesAddUpPerZone(t *testing.T) {
	got := Spaces([]int32{2, 0, 0, 0, 0, -1, 9, 0}, []unit.Area{10, 50, 20, 10, 20, 99, 99, -5},
		[]Space{Production, Production, Living, Ecological, Unassigned, Living, Living, Living},
		[]unit.Area{150, 40, 10})
	want := []SpaceRow{
		{Zone: 0, Production: 50, Living: 20, Ecological: 10, Unassigned: 20, Uncovered: 50, Shares: [4]float64{.2, .5, .2, .1}, Evaluated: true},
		{Zone: 1, Uncovered: 40},
		{Zone: 2, Production: 10, Shares: [4]float64{0, 1, 0, 0}, Evaluated: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, r := range got {
		if sum := r.Shares[0] + r.Shares[1] + r.Shares[2] + r.Shares[3]; r.Evaluated && math.Abs(sum-1) > 1e-15 {
			t.Errorf("shares of zone %d add to %v", r.Zone, sum)
		}
	}
}

func TestClassesAndSpacesAreWrittenByName(t *testing.T) {
	for value, want := range map[interface{ String() string }]string{
		Unknown: "", Industry: "industry", NonConstruction: "nonconstruction", Class(9): "",
		Unassigned: "unassigned", Ecological: "ecological", Space(9): "unassigned",
		NotEvaluated: "not_evaluated", Pass: "pass", Fail: "fail",
	} {
		if got := value.String(); got != want {
			t.Errorf("%T %v is written %q, want %q", value, value, got, want)
		}
	}
}
