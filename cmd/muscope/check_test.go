package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// messyCity has rejects, a repair, flags, a column and a file that nobody knows.
func messyCity() files {
	f := smallCity()
	f["parcels.geojson"] = layer(
		lot("P1", box(1, 1, 2, 2), `"recorded_area":40000`, `"zone_code":"Z2"`),
		lot("P2", polygon("[117.405,30.601]", "[117.407,30.601]", "[117.407,30.603]", "[117.405,30.603]")),
		lot("P2", box(5, 5, 2, 2)),
		lot("P3", `{"type":"Point","coordinates":[117.4,30.6]}`),
		lot("P4", box(60, 1, 2, 2), `"signed_on":"soon"`))
	f["tax.csv"] = "credit_code,year,tax,remarks\n" + someone + ",2024,many,x\n"
	f["notes.txt"] = "x"
	return f
}

func checkArgs(data string, more ...string) []string {
	return append([]string{"check", "--data", data, "--as-of", "2025-06-30", "--lang", "en"}, more...)
}

func TestCheckListsEveryRejectRepairAndFlag(t *testing.T) {
	o := command(checkArgs(messyCity().in(t))...)
	if o.code != exitDone || o.err != "" {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	for _, want := range []string{
		"parcels          read         5  used         2  rejected       3  repaired     1",
		"  rejected: duplicate_key 1, geometry_type 1, not_a_date 1",
		"tax              read         1  used         0  rejected       1  repaired     0",
		`  ignored columns: ["remarks"]`,
		`unused files: ["notes.txt"]`,
		`reject parcels.geojson:4 P3 geometry "Point": geometry_type`,
		`reject parcels.geojson:5 P4 signed_on "soon": not_a_date`,
		`reject tax.csv:2 ` + someone + `/2024 tax "many": not_a_number`,
		"repair parcels.geojson:2 P2: ring not closed, 42526.2952 -> 42526.2952 m2",
		"flag parcels/P1 area_error 40000 geometric_area=",
		"flag parcels/P1 zone_differs Z2 zone_code=Z1",
	} {
		if !strings.Contains(o.out, want+"\n") && !(strings.HasSuffix(want, "=") && strings.Contains(o.out, want)) {
			t.Errorf("no %q in\n%s", want, o.out)
		}
	}
}

func TestCheckSaysTheSameAsEvaluate(t *testing.T) {
	e := evaluated(t, messyCity())
	out := filepath.Join(t.TempDir(), "quality")
	if o := command(checkArgs(messyCity().in(t), "--out", out)...); o.code != exitDone {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	onlyRun(t, out)
	for _, name := range []string{"rejects", "repairs", "flags"} {
		want, err := os.ReadFile(filepath.Join(e.dir, "tables", name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(out, "tables", name+".csv"))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want)
		}
	}
}

func TestCheckOfASoundDatasetListsNothing(t *testing.T) {
	f := smallCity()
	o := command(checkArgs(f.in(t))...)
	if o.code != exitDone || strings.Contains(o.out, "reject ") || strings.Contains(o.out, "repair ") {
		t.Errorf("exit %d\n%s%s", o.code, o.out, o.err)
	}
	if n := strings.Count(o.out, "  rejected       0  repaired     0\n"); n != len(f) {
		t.Errorf("%d tables are counted as sound, want %d\n%s", n, len(f), o.out)
	}
}

func TestCheckWritesNothingUnlessAskedTo(t *testing.T) {
	data := messyCity().in(t)
	if o := command(checkArgs(data)...); o.code != exitDone {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	if left := beside(t, data); !slices.Equal(left, []string{filepath.Base(data)}) {
		t.Errorf("beside the data stand %q", left)
	}
	if entries, _ := os.ReadDir(data); len(entries) != len(messyCity()) {
		t.Errorf("%d files in the dataset, %d before", len(entries), len(messyCity()))
	}
}

func TestCheckExitsWithThreeWhenItIsStrictAndFindsRejects(t *testing.T) {
	out := filepath.Join(t.TempDir(), "quality")
	o := command(checkArgs(messyCity().in(t), "--strict", "--quiet", "--out", out)...)
	failed(t, o, exitFound, "--strict", "4 rows rejected")
	onlyRun(t, out)
	if o := command(checkArgs(smallCity().in(t), "--strict")...); o.code != exitDone {
		t.Errorf("exit %d without rejects: %s", o.code, o.err)
	}
}

func TestCheckSpeaksTheLanguageAskedFor(t *testing.T) {
	data := messyCity().in(t)
	if o := command("check", "--data", data, "--lang", "zh"); !strings.Contains(o.out, "剔除") || strings.Contains(o.out, "rejected") {
		t.Errorf("in zh it says\n%s", o.out)
	}
	if o := command("check", "--data", data, "--quiet"); o.out != "" || o.err != "" || o.code != exitDone {
		t.Errorf("quiet, it says %q %q", o.out, o.err)
	}
}

func TestHelpTellsTheExitCodesAndAnExample(t *testing.T) {
	for _, name := range []string{"evaluate", "check"} {
		o := command(name, "--help")
		for _, want := range []string{"Exit codes:", "0    done", "1    failed", "2    wrong usage", "3    done, but --strict", "10   source not reachable",
			"130  interrupted", "Examples:\n  muscope " + name + " --data"} {
			if o.code != exitDone || !strings.Contains(o.out, want) {
				t.Errorf("%s --help: exit %d, no %q in\n%s", name, o.code, want, o.out)
			}
		}
	}
	if o := command(); o.code != exitDone || !strings.Contains(o.out, "evaluate") || !strings.Contains(o.out, "check") {
		t.Errorf("alone: exit %d\n%s%s", o.code, o.out, o.err)
	}
	if o := command("--version"); o.code != exitDone || o.out == "" {
		t.Errorf("--version: exit %d %q", o.code, o.out)
	}
}
