package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// aRun writes the two layers of a run folder.
func aRun(t *testing.T, zones, parcels []string) string {
	t.Helper()
	run := t.TempDir()
	if err := os.Mkdir(filepath.Join(run, "layers"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, features := range map[string][]string{"zones": zones, "parcels": parcels} {
		text := `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
		if err := os.WriteFile(filepath.Join(run, "layers", name+".geojson"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return run
}

// square is a feature with a square of so many degrees at lon, lat.
func square(properties string, lon, lat, side float64) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{%s},"geometry":{"type":"Polygon","coordinates":[[[%v,%v],[%v,%v],[%v,%v],[%v,%v],[%v,%v]]]}}`,
		properties, lon, lat, lon+side, lat, lon+side, lat+side, lon, lat+side, lon, lat)
}

func drawn(t *testing.T, zones, parcels []string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "map.svg")
	if err := draw(aRun(t, zones, parcels), out, io.Discard); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(strings.NewReader(string(text)))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return string(text)
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
	}
}

func TestAParcelIsDrawnAsIdleBeforeItsSupplyState(t *testing.T) {
	for _, c := range []struct{ properties, class string }{
		{`"idle":"true","idle_kind":"stalled","supply_state":"under_construction"`, "stalled"},
		{`"idle":"false","at_risk_on":"2025-08-01","supply_state":"supplied_not_used"`, "at_risk"},
		{`"idle":"false","supply_state":"built"`, "built"},
		{`"idle":"false"`, "none"},
	} {
		properties := map[string]string{}
		for _, pair := range strings.Split(c.properties, ",") {
			key, value, _ := strings.Cut(pair, ":")
			properties[strings.Trim(key, `"`)] = strings.Trim(value, `"`)
		}
		if got := parcelOf(properties).class; got != c.class {
			t.Errorf("%s is drawn as %s, want %s", c.properties, got, c.class)
		}
	}
}

func TestTheLegendCountsEachClassAndLeavesOutTheEmptyOnes(t *testing.T) {
	text := drawn(t,
		[]string{square(`"name":"A & B"`, 114, 30, 0.1)},
		[]string{
			square(`"idle":true,"idle_kind":"not_started","supply_state":null`, 114.01, 30.01, 0.01),
			square(`"idle":true,"idle_kind":"not_started","supply_state":null`, 114.03, 30.01, 0.01),
			square(`"idle":false,"idle_kind":null,"at_risk_on":null,"supply_state":"built"`, 114.05, 30.01, 0.01),
		})
	for _, want := range []string{"(2)</text>", "(1)</text>", "A &amp; B", ">built<"} {
		if !strings.Contains(text, want) {
			t.Errorf("the picture lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, ">under construction<") {
		t.Error("the legend lists a class that no parcel has")
	}
}

func TestTheMapKeepsItsShapeAndAParcelFarAwayDoesNotShrinkIt(t *testing.T) {
	zone := []shape{{rings: [][]float64{{100, 60, 101, 60, 101, 61, 100, 61, 100, 60}}}}
	zone[0].box.MinX, zone[0].box.MaxX, zone[0].box.MinY, zone[0].box.MaxY = 100, 101, 60, 61
	s := newSheet(zone)
	if ratio := s.perLon / s.perLat; ratio < 0.48 || ratio > 0.51 {
		t.Errorf("at 60.5 degrees north a degree of longitude is drawn %.3f as long as one of latitude, want 0.492", ratio)
	}
	near := []string{square(`"idle":false`, 114.01, 30.01, 0.01)}
	far := append(near, square(`"idle":false`, 10, 10, 0.01))
	zones := []string{square(`"name":"Z"`, 114, 30, 0.1)}
	a, b := drawn(t, zones, near), drawn(t, zones, far)
	if strings.Replace(a, "(1)", "(2)", 1) != b {
		t.Error("a parcel outside the frame changed the map")
	}
}

func TestAZoneInPartsHasItsNameOnTheLargest(t *testing.T) {
	lon, lat := middleOfTheLargest([][]float64{
		{0, 0, 1, 0, 1, 1, 0, 1, 0, 0},
		{10, 10, 14, 10, 14, 12, 10, 12, 10, 10},
		{20, 20, 21, 20, 21, 21, 20, 21, 20, 20},
	})
	if lon != 12 || lat != 11 {
		t.Errorf("the name stands at %v, %v, want 12, 11", lon, lat)
	}
}

func TestTwoThousandParcelsStayUnderSixHundredKilobytes(t *testing.T) {
	var parcels []string
	for i := range 2000 {
		parcels = append(parcels, square(`"idle":false,"supply_state":"built"`, 114+float64(i%50)*0.002, 30+float64(i/50)*0.002, 0.0017))
	}
	if size := len(drawn(t, []string{square(`"name":"Z"`, 114, 30, 0.1)}, parcels)); size > 600_000 {
		t.Errorf("%d bytes, want at most 600000", size)
	}
}

func TestEveryClassOfALayerIsInTheLegend(t *testing.T) {
	classes, err := readLegend(legendCSV)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range classes {
		if c.zh == "" || c.en == "" {
			t.Errorf("%s is not named in both languages", c.name)
		}
		known[c.name] = true
	}
	for _, name := range []string{
		"none", "built", "under_construction", "approved_not_supplied", "supplied_not_used", "overdue",
		"at_risk", "stalled", "not_started", "zone", "title",
	} {
		if !known[name] {
			t.Errorf("the legend has no line for %s", name)
		}
	}
}

func TestAStateThatTheLegendDoesNotKnowIsAnErrorAndNoHole(t *testing.T) {
	run := aRun(t, []string{square(`"name":"Z"`, 114, 30, 0.1)}, []string{square(`"supply_state":"sold"`, 114, 30, 0.1)})
	err := draw(run, filepath.Join(t.TempDir(), "map.svg"), io.Discard)
	if err == nil || !strings.Contains(err.Error(), `"sold"`) {
		t.Errorf("error %v, want one that names the state", err)
	}
}

func TestARunWithoutLayersSaysWhatToDo(t *testing.T) {
	err := draw(t.TempDir(), filepath.Join(t.TempDir(), "map.svg"), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "make run") {
		t.Errorf("error %v, want one that names make run", err)
	}
}
