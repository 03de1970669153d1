package cambridge

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// assessment is a row of the city's assessments.
type assessment struct {
	lot, address, use string
	land, floors      float64
	written           string // the floors
}

// assessments are the rows that have a lot, by lot, and how many have none.
func assessments(t *testing.T) (lots map[string][]assessment, lotless int) {
	t.Helper()
	f, err := Source.Open("source/tax_source.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range lines[0] {
		at[name] = i
	}
	lots = map[string][]assessment{}
	for _, l := range lines[1:] {
		cell := func(name string) string { return strings.TrimSpace(l[at[name]]) }
		a := assessment{lot: cell("ML"), address: cell("Location"), use: cell("UseCode"), written: cell("GrossArea")}
		a.land, _ = strconv.ParseFloat(cell("LandArea"), 64) // empty is 0
		a.floors, _ = strconv.ParseFloat(a.written, 64)
		if a.lot == "" {
			lotless++
			continue
		}
		lots[a.lot] = append(lots[a.lot], a)
	}
	return lots, lotless
}

// lot is what a lot's rows come to.
type lot struct {
	land, building, flats, once float64
	units, repeated             int
}

func sum(rows []assessment) (l lot) {
	seen := map[string]bool{}
	for _, a := range rows {
		if a.use == "199" {
			l.land, l.building = a.land, l.building+max(a.floors, 0)
			continue
		}
		l.units++
		if a.floors <= 0 {
			continue
		}
		l.flats += a.floors
		if key := a.address + "\x00" + a.written; !seen[key] {
			seen[key] = true
			l.once += a.floors
		} else {
			l.repeated++
		}
	}
	return l
}

func median(v []float64) string {
	slices.Sort(v)
	return fmt.Sprintf("%.2f", v[len(v)/2])
}

func TestTheReadmeSaysHowFloorsWereToldAndHowMuchTheyAre(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(readme)), " ")
	lots, lotless := assessments(t)
	var all, ruled, taken float64
	var both, building, flats, twice, repeated int
	ratios := map[string][]float64{}
	for _, rows := range lots {
		l := sum(rows)
		all, ruled = all+l.building+l.flats, ruled+max(l.building, l.once)
		taken, repeated = taken+l.flats-l.once, repeated+l.repeated
		switch {
		case l.building > 0 && l.once > l.building:
			both, flats = both+1, flats+1
		case l.building > 0 && l.once > 0:
			both, building = both+1, building+1
		case l.repeated > 0:
			twice++
		}
		if a := rows[0]; len(rows) == 1 && a.land > 0 {
			ratios[a.use] = append(ratios[a.use], a.floors/a.land)
		}
		if kind := fmt.Sprint(l.units, " flats"); l.land > 0 {
			for name, v := range map[string]float64{"building": l.building, "flats": l.flats, "both": l.building + l.flats} {
				ratios[kind+" "+name] = append(ratios[kind+" "+name], v/l.land)
			}
		}
	}
	three := func(kind string) []any {
		return []any{median(ratios[kind+" building"]), median(ratios[kind+" flats"]), median(ratios[kind+" both"])}
	}
	zero, none := 0, 0
	for _, rows := range lots {
		for _, a := range rows {
			if a.written == "" {
				none++
			} else if a.floors == 0 {
				zero++
			}
		}
	}
	for _, want := range []string{
		fmt.Sprintf("median of %s times their land as floors, three-family houses %s.", median(ratios["104"]), median(ratios["105"])),
		fmt.Sprintf("%s by the building's row, %s by the flats' and %s by both", three("2 flats")...),
		fmt.Sprintf("those of three %s, %s and %s.", three("3 flats")...),
		fmt.Sprintf("%d lots have both: on %d the building's row", both, building),
		fmt.Sprintf("on %d it has less", flats),
		fmt.Sprintf("lot 1A-109: %.0f square feet, and %d flats with %.0f", sum(lots["1A-109"]).building, sum(lots["1A-109"]).units, sum(lots["1A-109"]).flats),
		fmt.Sprintf("%d lots more have one house", twice),
		fmt.Sprintf("takes away %d rows with %.0f square feet", repeated, taken),
		fmt.Sprintf("Floors of 0 (%d rows) and none (%d)", zero, none+1), // one of them has no lot either
		fmt.Sprintf("All rows together have %.0f square feet, by this rule %.0f;", all, ruled),
		fmt.Sprintf("and %d rows have no key", lotless),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("README.md does not say: %s", want)
		}
	}
}
