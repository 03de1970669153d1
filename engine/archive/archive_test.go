package archive_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/write"
)

func TestFactsComeBackAsTheyWere(t *testing.T) {
	for _, n := range []int{0, 1, 3, 500} {
		want := made(n, uint64(n))
		got, err := opened(t, kept(t, want, 1)).Facts(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 { // an empty table and none are the same
			if len(got.Code)+len(got.Uses)+len(got.Adjustments)+len(got.Parcels) != 0 {
				t.Errorf("facts of nobody come back as %+v", got)
			}
			continue
		}
		if len(want.Uses) == 0 {
			want.Uses = []grade.Use{}
		}
		if len(want.Parcels) == 0 {
			want.Parcels = []string{}
		}
		if len(want.Adjustments) == 0 {
			want.Adjustments = []grade.Adjustment{}
		}
		sameFacts(t, got, want)
	}
}

func TestAFigureThatNobodyHasFilledIsMissing(t *testing.T) {
	f := made(5, 9)
	f.This[indicate.Water] = nil
	f.Strange = nil
	got, err := opened(t, kept(t, f, 1)).Facts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if column := got.This[indicate.Water]; len(column) != 5 || !math.IsNaN(column[0]) || !math.IsNaN(column[4]) {
		t.Errorf("it comes back as %v", column)
	}
	if got.Strange != nil {
		t.Errorf("strangers that nobody knows of come back as %v", got.Strange)
	}
}

func TestEveryFeatureIsFoundByItsCode(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 1000} {
		r := opened(t, kept(t, made(1, 1), n))
		for i := range n {
			f, near, err := r.Feature("parcels", "parcel_code", parcelCode(i))
			if err != nil || f.Text("parcel_code") != parcelCode(i) || near != nil {
				t.Fatalf("%d of %d: %v, near %q, %v", i, n, f, near, err)
			}
			if mu, ok := f.Number("mu"); ok != (i%2 == 0) || ok && mu != float64(i) {
				t.Fatalf("%d of %d: mu %v %t", i, n, mu, ok)
			}
		}
		for _, code := range []string{"", "A", "P", parcelCode(n), parcelCode(n/2) + "x", "Z"} {
			f, near, err := r.Feature("parcels", "parcel_code", code)
			if err != nil || f != nil || n > 0 && len(near) == 0 {
				t.Errorf("%q among %d: %v, near %q, %v", code, n, f, near, err)
			}
		}
	}
}

func TestTheCodesBesideAMissingOneAreOffered(t *testing.T) {
	_, near, err := opened(t, kept(t, made(1, 1), 50)).Feature("parcels", "parcel_code", "P0000020x")
	if want := []string{parcelCode(20), parcelCode(21), parcelCode(22), parcelCode(23)}; err != nil || !slices.Equal(near, want) {
		t.Errorf("near %q, want %q (%v)", near, want, err)
	}
}

func TestFeaturesOfACodeAreFoundWhereverTheyStand(t *testing.T) {
	r := opened(t, kept(t, made(1, 1), 500))
	for _, i := range []int{0, 250, 499} {
		f, err := r.Features("parcels", "parcel_code", parcelCode(i))
		if err != nil || len(f) != 1 || f[0].Text("parcel_code") != parcelCode(i) {
			t.Errorf("%d: %v %v", i, f, err)
		}
	}
	if f, err := r.Features("parcels", "parcel_code", "none"); err != nil || f != nil {
		t.Errorf("none: %v %v", f, err)
	}
}

func TestARowOfATableIsFoundByItsCode(t *testing.T) {
	r := opened(t, kept(t, made(1, 1), 30))
	rows, err := r.Row("grades", "parcel_code", parcelCode(7))
	if err != nil || len(rows) != 1 || rows[0].Text("parcel_code") != parcelCode(7) || rows[0].Value("mu") != nil {
		t.Errorf("%v %v", rows, err)
	}
	if rows, err = r.Row("grades", "parcel_code", "none"); err != nil || rows != nil {
		t.Errorf("%v %v", rows, err)
	}
}

func TestSourcesNameEveryPlaceOfAKey(t *testing.T) {
	r := opened(t, kept(t, made(1, 1), 1))
	places, err := r.Sources(context.Background(), []archive.Key{
		{Table: "tenancies", Key: "E1/P1/owned"}, {Table: "parcels", Key: parcelCode(69_999)}, {Table: "tax", Key: "none"},
		{Table: "tenancies", Key: "E1/", Prefix: true}, {Table: "tenancies", Key: "E", Prefix: false},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, some := range places {
		var all []string
		for _, p := range some {
			all = append(all, p.String())
		}
		got = append(got, strings.Join(all, " "))
	}
	tenancies := "a.csv:2 b.csv:3 a.csv:4 b.csv:5"
	if want := []string{tenancies, "parcels.geojson:70000", "", tenancies, ""}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	one, err := r.Source(context.Background(), "parcels", parcelCode(3))
	if err != nil || len(one) != 1 || one[0] != (archive.Place{Table: "parcels", Key: parcelCode(3), File: "parcels.geojson", Row: 4}) {
		t.Errorf("%+v %v", one, err)
	}
	if s := (archive.Place{File: "a.xlsx", Sheet: "税收", Row: 7}).String(); s != "a.xlsx!税收:7" {
		t.Errorf("a sheet's row is named %s", s)
	}
}

func TestThePoliciesAreThoseOfTheRun(t *testing.T) {
	dir := kept(t, made(1, 1), 1)
	set, err := opened(t, dir).Policies()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range set.Packs() {
		ids = append(ids, p.ID)
	}
	if !slices.Equal(ids, []string{"my-city", "national-idle-land-2012"}) {
		t.Errorf("packs %q", ids)
	}
	path := filepath.Join(dir, "policies", "my-city.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(pack, "0.05", "0.06", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = opened(t, dir).Policies()
	says(t, err, "policies/my-city.yaml", "not the policy the run was made under")
	if err := os.WriteFile(path, []byte("id: ["), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = opened(t, dir).Policies()
	says(t, err, "my-city.yaml", "evaluate again")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, err = opened(t, dir).Policies()
	says(t, err, "no policies/my-city.yaml", "evaluate again")
}

// says holds that an error is one line that says all it should.
func says(t *testing.T, err error, wants ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %q", wants)
		return
	}
	if strings.Contains(strings.TrimSpace(err.Error()), "\n") {
		t.Errorf("more than one line: %q", err)
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %q", want, err)
		}
	}
}

func TestWhatIsNoRunFolderIsRefusedWithWhatToDo(t *testing.T) {
	dir := t.TempDir()
	_, err := archive.Open(filepath.Join(dir, "nothing"))
	says(t, err, "open run", "no such folder", "evaluate")
	_, err = archive.Open(dir)
	says(t, err, "open run", "no manifest.json; is it a run folder?")
	path := filepath.Join(dir, "manifest.json")
	for text, want := range map[string]string{
		"":           "evaluate again",
		"{":          "evaluate again",
		"[]":         "evaluate again",
		`{"name":1}`: "not that of a run",
		"{}":         "not that of a run",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err = archive.Open(dir)
		says(t, err, "open run", "manifest.json", want)
	}
	_, err = archive.Open(path)
	says(t, err, "it is a file")
}

func TestAPartThatIsNotThereIsNamedWithWhatWouldWriteIt(t *testing.T) {
	dir, ctx := filepath.Join(t.TempDir(), "run"), context.Background()
	out, err := write.Create(dir, false, 1)
	if err == nil {
		err = out.Finish(ctx, &write.Manifest{RunID: "x", Year: 2024})
	}
	if err != nil {
		t.Fatal(err)
	}
	r := opened(t, dir)
	_, err = r.Facts(ctx)
	says(t, err, "no facts/enterprises.parquet", "the table enterprises")
	_, _, err = r.Feature("parcels", "parcel_code", "P")
	says(t, err, "no layers/parcels.geojson", "--formats")
	_, err = r.Features("conflicts", "code", "P")
	says(t, err, "no layers/conflicts.geojson")
	_, err = r.Row("grades", "credit_code", "E")
	says(t, err, "no tables/grades.csv", "--formats")
	_, err = r.Source(ctx, "tax", "E")
	says(t, err, "no sources.parquet", "evaluate again")
	_, err = r.Policies()
	says(t, err, "no policies")
	var missing *archive.MissingError
	if !errors.As(err, &missing) {
		t.Errorf("%T", err)
	}
}

// everything asks a run for all that it keeps; it may fail, but in one line.
func everything(t *testing.T, dir string) {
	t.Helper()
	ctx := context.Background()
	r, err := archive.Open(dir)
	errs := []error{err}
	if err == nil {
		_, facts := r.Facts(ctx)
		_, places := r.Sources(ctx, []archive.Key{{Table: "tenancies", Key: "E1/", Prefix: true}, {Table: "parcels", Key: parcelCode(5)}})
		_, _, feature := r.Feature("parcels", "parcel_code", parcelCode(11))
		_, features := r.Features("parcels", "parcel_code", parcelCode(3))
		_, row := r.Row("grades", "parcel_code", parcelCode(3))
		_, policies := r.Policies()
		errs = append(errs, facts, places, feature, features, row, policies)
	}
	for _, err := range errs {
		if err != nil && (strings.Contains(err.Error(), "\n") && !strings.Contains(err.Error(), "policies") || !strings.Contains(err.Error(), "read") && !strings.Contains(err.Error(), "open run")) {
			t.Errorf("error %q", err)
		}
	}
}

func TestDamagedBytesAreErrorsAndNeverPanic(t *testing.T) {
	dir := kept(t, made(40, 3), 20)
	dice := rand.New(rand.NewPCG(7, 7))
	var files []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for round := range 9 {
			text := bytes.Clone(whole)
			switch {
			case round < 3:
				text = text[:dice.IntN(len(text))]
			case round < 5:
				at := dice.IntN(len(text))
				text = append(text[:at], text[min(len(text), at+1+dice.IntN(50)):]...)
			default:
				for range 1 + dice.IntN(8) {
					text[dice.IntN(len(text))] = byte(dice.IntN(256))
				}
			}
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
			everything(t, dir)
		}
		if err := os.WriteFile(path, whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	everything(t, dir)
}

func TestFactsThatContradictOneAnotherAreRefused(t *testing.T) {
	spoil := map[string]func(f *assess.Facts){
		"enterprise of row 1 is 99": func(f *assess.Facts) { f.Uses[0].Enterprise = 99 },
		"parcel of row 1 is -1":     func(f *assess.Facts) { f.Uses[0].Parcel = -1 },
		"out of order":              func(f *assess.Facts) { f.Code[3] = f.Code[2] },
		"rows are out of order":     func(f *assess.Facts) { f.Uses[0].Enterprise = 39 },
	}
	for want, do := range spoil {
		f := made(40, 3)
		do(f)
		_, err := opened(t, kept(t, f, 1)).Facts(context.Background())
		says(t, err, "facts", want, "evaluate again")
	}
}
