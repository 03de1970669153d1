package notebooks_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

type row = map[string]string

// rows reads a table of a run.
func rows(t *testing.T, run, table string) []row {
	t.Helper()
	text := bytes.TrimPrefix(mustRead(t, filepath.Join(run, "tables", table+".csv")), []byte("\ufeff"))
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	var all []row
	for _, record := range records[1:] {
		one := row{}
		for i, name := range records[0] {
			one[name] = record[i]
		}
		all = append(all, one)
	}
	return all
}

func number(text string) float64 {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return value
}

// counted counts rows by a column, and added sums another; empty classes are left out.
func counted(all []row, by string) map[string]float64 {
	counts := map[string]float64{}
	for _, one := range all {
		if one[by] != "" {
			counts[one[by]]++
		}
	}
	return counts
}

func added(all []row, by, column string) map[string]float64 {
	sums := map[string]float64{}
	for _, one := range all {
		if one[by] != "" {
			sums[one[by]] += number(one[column])
		}
	}
	return sums
}

func picked(all []row, key, column string) map[string]float64 {
	values := map[string]float64{}
	for _, one := range all {
		if one[key] != "" && one[key] != "outside" {
			values[one[key]] = number(one[column])
		}
	}
	return values
}

func keyed(all []row, key string) map[string]row {
	by := map[string]row{}
	for _, one := range all {
		by[one[key]] = one
	}
	return by
}

// properties reads a layer's features, what is null left empty.
func properties(t *testing.T, run, layer string) []row {
	t.Helper()
	var collection struct {
		Features []struct {
			Properties map[string]any `json:"properties"`
		} `json:"features"`
	}
	if err := json.Unmarshal(mustRead(t, filepath.Join(run, "layers", layer+".geojson")), &collection); err != nil {
		t.Fatal(err)
	}
	var all []row
	for _, feature := range collection.Features {
		one := row{}
		for name, value := range feature.Properties {
			switch value := value.(type) {
			case string:
				one[name] = value
			case float64:
				one[name] = strconv.FormatFloat(value, 'g', -1, 64)
			}
		}
		all = append(all, one)
	}
	return all
}

type manifest struct {
	Flags    map[string]float64            `json:"flags"`
	Verdicts map[string]map[string]float64 `json:"verdicts"`
}

func readManifest(t *testing.T, run string) manifest {
	t.Helper()
	var m manifest
	if err := json.Unmarshal(mustRead(t, filepath.Join(run, "manifest.json")), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func sameFigures(t *testing.T, name string, got, want map[string]float64) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(want)) {
		value, ok := got[key]
		if !ok || math.Abs(value-want[key]) > 1e-9*math.Max(1, math.Abs(want[key])) {
			t.Errorf("%s: %s is drawn as %v, the tables have %v", name, key, value, want[key])
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: %s is drawn and not in the tables", name, key)
		}
	}
}

// sameDrawings holds every drawing of a notebook against the tables, so that none goes unchecked.
func sameDrawings(t *testing.T, name string, got, want figures) {
	t.Helper()
	if drawn, known := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(drawn, known) {
		t.Errorf("%s draws %v, want %v", name, drawn, known)
	}
	for drawing, values := range want {
		if len(values) == 0 {
			t.Errorf("%s: the tables have nothing for %s", name, drawing)
		}
		sameFigures(t, name+" "+drawing, got[drawing], values)
	}
}

func TestNotebooksShowTheFiguresOfTheTables(t *testing.T) {
	now, before, kept := shared.now, shared.before, listed(t)
	dir, said, err := execute(t, now, before)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for name, want := range map[string]figures{
		"01-first-look": firstLook(t, now), "03-idle-land": idleLand(t, now), "04-compare-runs": compared(t, now, before),
	} {
		got, _ := shown(t, dir, name)
		sameDrawings(t, name, got, want)
	}
	got, text := shown(t, dir, "02-why-this-grade")
	one := chosen(t, now)
	sameDrawings(t, "02-why-this-grade", got, whyThisGrade(t, now, one))
	holdsTheChain(t, one["credit_code"], text)
	if after := listed(t); !slices.Equal(kept, after) {
		t.Errorf("executing wrote beside the notebooks: before %v, after %v", kept, after)
	}
	stripsToWhatIsKept(t, dir)
}

// stripsToWhatIsKept takes the outputs out of executed notebooks and compares them with the committed ones.
func stripsToWhatIsKept(t *testing.T, dir string) {
	t.Helper()
	args := []string{"-B", "execute.py", "--strip"}
	for _, name := range names {
		path := filepath.Join(dir, name+".ipynb")
		if len(unstripped(readNotebook(t, path))) == 0 {
			t.Errorf("%s counts as stripped after it was executed", name)
		}
		args = append(args, path)
	}
	if out, err := exec.Command(os.Getenv("MUSCOPE_TEST_NOTEBOOKS"), args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range names {
		if !bytes.Equal(mustRead(t, filepath.Join(dir, name+".ipynb")), mustRead(t, name+".ipynb")) {
			t.Errorf("%s executed and stripped is not what is kept", name)
		}
	}
}

func firstLook(t *testing.T, run string) figures {
	mix, zones, grades, found := properties(t, run, "land_mix"), rows(t, run, "zones"), rows(t, run, "grades"), readManifest(t, run)
	want := figures{
		"map": counted(properties(t, run, "parcels"), "grade"), "enterprises": found.Verdicts["grades"],
		"mu": added(grades, "final_grade", "land_mu"), "tax_per_mu": picked(zones, "zone_code", "tax_per_mu"), "flags": found.Flags,
	}
	for _, kind := range []string{"industry", "residence", "public"} {
		shares := picked(mix, "zone_code", kind+"_share")
		for zone := range shares {
			shares[zone] *= 100
		}
		want["mix_"+kind] = shares
	}
	return want
}

// chosen is the enterprise that the notebook takes when none is named: the first graded C.
func chosen(t *testing.T, run string) row {
	for _, one := range rows(t, run, "grades") {
		if one["final_grade"] == "C" && one["rank"] != "" {
			return one
		}
	}
	t.Fatal("no enterprise is graded C")
	return nil
}

func whyThisGrade(t *testing.T, run string, one row) figures {
	land := keyed(rows(t, run, "land"), "credit_code")[one["credit_code"]]
	want := figures{
		"land": {}, "scores": {}, "cuts": {},
		"parcels": {"parcels": float64(len(strings.Split(land["parcels"], ";")))},
		"place":   {"rank": number(one["rank"]), "total": number(one["total"])},
	}
	for _, part := range []string{"owned_mu", "occupied_mu", "leased_in_mu", "leased_out_mu", "net_mu"} {
		want["land"][part] = number(land[part])
	}
	for column, value := range one {
		if strings.HasPrefix(column, "score_") {
			want["scores"][column] = number(value)
		}
	}
	for _, other := range rows(t, run, "grades") {
		if grade := other["initial_grade"]; other["group"] == one["group"] && grade != "" && other["rank"] != "" {
			least, ok := want["cuts"][grade]
			if total := number(other["total"]); !ok || total < least {
				want["cuts"][grade] = total
			}
		}
	}
	return want
}

// holdsTheChain checks that the notebook's table has every benchmark, value and score that explain gives.
func holdsTheChain(t *testing.T, code, text string) {
	t.Helper()
	type step struct {
		ID    string  `json:"id"`
		Value any     `json:"value"`
		Steps []*step `json:"steps"`
	}
	var answer step
	said, err := shared.program.run("explain", "--json", "--run", shared.now, code)
	if err == nil {
		err = json.Unmarshal(said, &answer)
	}
	if err != nil {
		t.Fatal(err)
	}
	text = strings.ReplaceAll(text, ",", "")
	found := 0
	for _, part := range answer.Steps {
		if part.ID != "indicators" {
			continue
		}
		for _, item := range part.Steps {
			for _, figure := range item.Steps {
				value, is := figure.Value.(float64)
				if !is || figure.ID != "benchmark" && figure.ID != "score" && figure.ID != "ratio" {
					continue
				}
				found++
				if cell := "<td>" + strconv.FormatFloat(value, 'f', -1, 64) + "</td>"; !strings.Contains(text, cell) {
					t.Errorf("the table has no %s for the %s of %s", cell, figure.ID, item.ID)
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("explain gave %d figures", found)
	}
}

func idleLand(t *testing.T, run string) figures {
	idle, zones := rows(t, run, "idle_land"), rows(t, run, "zones")
	fee := 0.0
	for _, one := range idle {
		fee += number(one["fee"])
	}
	want := figures{
		"map": counted(properties(t, run, "idle_land"), "idle_kind"), "parcels": counted(idle, "consequence"),
		"mu": added(idle, "consequence", "mu"), "fee": {"fee": fee}, "zones": added(zones, "zone_code", "idle_mu"),
		"at_risk": {"parcels": readManifest(t, run).Verdicts["idle_land"]["at_risk"]},
	}
	return want
}

func idleChanges(before, now []row) map[string]float64 {
	old, found := keyed(before, "parcel_code"), map[string]float64{"right_only": 0, "both": 0, "left_only": 0}
	for _, one := range now {
		if _, was := old[one["parcel_code"]]; was {
			found["both"]++
		} else {
			found["right_only"]++
		}
	}
	found["left_only"] = float64(len(before)) - found["both"]
	return found
}

func compared(t *testing.T, now, before string) figures {
	want := figures{
		"enterprises": {}, "mu": {}, "moved": {"up": 0, "down": 0}, "scorecard": {"worse": 0, "better": 0},
		"idle":       idleChanges(rows(t, before, "idle_land"), rows(t, now, "idle_land")),
		"tax_per_mu": picked(rows(t, now, "zones"), "zone_code", "tax_per_mu"),
	}
	old := keyed(rows(t, before, "grades"), "credit_code")
	for _, one := range rows(t, now, "grades") {
		was, is := old[one["credit_code"]]["final_grade"], one["final_grade"]
		if strings.Contains("ABCD", was) && strings.Contains("ABCD", is) && was != "" && is != "" {
			if is < was {
				want["moved"]["up"]++
			} else if is > was {
				want["moved"]["down"]++
			}
		}
		way := orNone(was) + ">" + orNone(is)
		want["enterprises"][way]++
		if mu := number(one["land_mu"]); mu != 0 {
			want["mu"][way] += mu
		}
	}
	card := map[string]string{}
	for _, one := range rows(t, before, "scorecard") {
		card[one["rule"]+one["scope"]+one["code"]] = one["verdict"]
	}
	for _, one := range rows(t, now, "scorecard") {
		switch card[one["rule"]+one["scope"]+one["code"]] + ">" + one["verdict"] {
		case "pass>fail":
			want["scorecard"]["worse"]++
		case "fail>pass":
			want["scorecard"]["better"]++
		}
	}
	return want
}

func orNone(grade string) string {
	if grade == "" {
		return "none"
	}
	return grade
}
