package explain

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// head is a policy as far as its grading; schemes are the rest of it, each with other
// methods, benchmarks, cuts, leases and ways with missing values.
const head = `id: town
title: {zh: 某办法, en: measures}
number: 某发〔2024〕1号
issuer: x
published: 2020-01-01
in_force: {from: 2020-01-01}
state: in_force
region: x
level: city
source: x
version: "1"
extends: [national-idle-land-2012]
rules:
  - id: T-grade
    title: {zh: 评价, en: grading}
    clause: 第三条
    scope: [E]
    status: confirmed
    kind: grading
    needs: [enterprises, tax]
    grading:
      tax: {value: [tax], clause: 第四条, status: unconfirmed}
      energy: {electricity: calorific, coefficients: {electricity: 0.0001229}}
      pollutants: %s
      lease: %s
      by_months: false
      exempt: {utility: true, new_from: [production_on, registered_on], new_years: 2, construction_years: 3, relocation: true, tags: [spared], counts: true}
      min_group: 5
      groups:
%s`

const (
	meanGroups = `
        - id: above
          title: {zh: 规上, en: above scale}
          filter: {above_scale: true}
          items:
            - {indicator: tax_per_mu, weight: 50, benchmark: {kind: mean, factor: 2, last_year: true}, cap: 1.2, missing: cohort_mean_score}
            - {indicator: energy_per_value_added, weight: 30, method: inverse, benchmark: {kind: mean}, missing: {policy: penalty, points: 3}}
            - {indicator: rd_intensity, weight: 20, benchmark: {kind: quantile, q: 0.7}, floor: 0.1, clause: 附表, status: unconfirmed}
          cuts: {by: share, A: 0.2, B: 0.6, C: 0.95, clause: 第五条}
        - id: below
          title: {zh: 规下, en: below scale}
          filter: {above_scale: false, any: [{min_mu: 3}, {industries: ["39"], counties: [某县], tags: [kept], zones: [G2]}]}
          items:
            - {indicator: tax_per_mu, weight: 60, benchmark: {kind: fixed, value: 12}}
            - {indicator: tax_per_kwh, weight: 40, benchmark: {kind: max}, missing: drop}
          cuts: {by: share, A: 0.05, B: 0.75, C: 0.95}
`
	scoreGroups = `
        - id: all
          title: {zh: 全部, en: all}
          items:
            - {indicator: tax_per_mu, weight: 40, method: minmax, missing: drop}
            - {indicator: sales_per_mu, weight: 30, benchmark: {kind: fixed, value: 200}, cap: 1}
            - {indicator: labour_productivity, weight: 30, benchmark: {kind: mean}, missing: drop}
          cuts: {by: score, A: 80, B: 60, C: 30}
`
	landlessGroups = `
        - id: all
          title: {zh: 全部, en: all}
          items:
            - {indicator: sales_per_pollutant, weight: 70, benchmark: {kind: mean}, cap: 2}
            - {indicator: value_added_per_tce, weight: 30, benchmark: {kind: mean, factor: 2}}
          cuts: {by: share, A: 0.2, B: 0.6, C: 0.95}
`
)

// schemes are policies by what they try.
var schemes = map[string]string{
	"mean":  fmt.Sprintf(head, "tonnes", "net", meanGroups),
	"score": fmt.Sprintf(head, "equivalents", "net", scoreGroups),
	"merge": fmt.Sprintf(head, "tonnes", "merge_on_parcel", meanGroups),
	"owner": fmt.Sprintf(head, "tonnes", "owner", meanGroups),
	"apart": fmt.Sprintf(head, "tonnes", "separate", scoreGroups),
	"other": fmt.Sprintf(head, "equivalents", "net", landlessGroups),
}

// town makes the facts of n enterprises up, of every kind that the schemes know.
func town(n int, seed uint64) *assess.Facts {
	dice := rand.New(rand.NewPCG(seed, 3))
	f := &assess.Facts{Year: 2024, Parcels: []string{}}
	one := func(words ...string) string { return words[dice.IntN(len(words))] }
	day := func(rare int) unit.Date {
		if dice.IntN(rare) > 0 {
			return grade.NoDate
		}
		d, _ := unit.NewDate(2023, 6, 1)
		return d
	}
	for i := range n {
		f.Code = append(f.Code, fmt.Sprintf("9132%014d", i))
		f.Name, f.Industry = append(f.Name, fmt.Sprintf("示例%d有限公司", i/2)), append(f.Industry, one("3981", "2611", ""))
		f.Zone, f.County, f.Tags = append(f.Zone, one("G1", "G2", "")), append(f.County, one("某县", "")), append(f.Tags, one("", "", "", "kept;x", "spared"))
		f.AboveScale = append(f.AboveScale, grade.Answer(dice.IntN(9)%3))
		f.Utility, f.Relocation = append(f.Utility, dice.IntN(30) == 0), append(f.Relocation, dice.IntN(30) == 0)
		f.Registered, f.Production, f.Supplied = append(f.Registered, day(20)), append(f.Production, day(20)), append(f.Supplied, day(20))
		own, leased := unit.Area(dice.IntN(200_000_000)), unit.Area(0)
		if dice.IntN(5) == 0 {
			own, leased = 0, unit.Area(dice.IntN(50_000_000))
		}
		f.Owned, f.Own, f.Occupied = append(f.Owned, own), append(f.Own, own), append(f.Occupied, 0)
		f.LeasedIn, f.LeasedOut, f.Land = append(f.LeasedIn, leased), append(f.LeasedOut, 0), append(f.Land, own+leased)
		if i%3 > 0 {
			f.Parcels = append(f.Parcels, fmt.Sprintf("P%05d", len(f.Parcels)))
		}
		if len(f.Parcels) > 0 {
			f.Uses = append(f.Uses, grade.Use{Enterprise: int32(i), Parcel: int32(len(f.Parcels) - 1), Net: own + leased, Own: own, LeasedIn: leased})
		}
	}
	for _, year := range []*indicate.Quantities{&f.This, &f.Last} {
		for q := range year {
			year[q] = make([]float64, n)
			for i := range n {
				year[q][i] = math.Round(math.Exp(dice.NormFloat64()) * 1000)
				if inFen(indicate.Quantity(q)) {
					year[q][i] *= 1e5
				}
				switch dice.IntN(12) {
				case 0:
					year[q][i] = math.NaN()
				case 1:
					year[q][i] = 0
				}
			}
		}
		for i, a := range f.Land {
			year[indicate.Land][i] = float64(a)
		}
	}
	for i := 0; i < n; i += 1 + dice.IntN(4) {
		a := grade.Adjustment{Enterprise: int32(i), Kind: grade.AdjustmentKind(dice.IntN(6)), Reason: one("环保处罚", "申诉成立"), Actor: "亩均办", Decided: 20_000}
		if a.Kind <= grade.PenaltyPoints {
			a.Points = float64(dice.IntN(10))
		} else {
			a.Grade = grade.A + grade.Grade(dice.IntN(4))
		}
		f.Adjustments = append(f.Adjustments, a)
	}
	return f
}

// lot is the shape of all parcels.
func lot() []byte {
	g := &wkb.Geometry{Type: wkb.Polygon, XY: []float64{113, 31, 113.1, 31, 113.1, 31.1, 113, 31.1, 113, 31}}
	g.EndRing()
	g.EndPart()
	return g.Append(nil)
}

// kept writes a run of these facts under a policy; layers says whether its parcels
// and zones are written.
func kept(t testing.TB, f *assess.Facts, pack string, layers bool) *archive.Run {
	t.Helper()
	dir, ctx := filepath.Join(t.TempDir(), "run"), context.Background()
	out, err := write.Create(dir, false, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Abort()
	national, err := os.ReadFile("../../datasets/policy/national-idle-land-2012.yaml")
	if err != nil {
		t.Fatal(err)
	}
	note := func(id string, yaml []byte) write.PolicyNote {
		sum := sha256.Sum256(yaml)
		return write.PolicyNote{ID: id, SHA256: hex.EncodeToString(sum[:])}
	}
	m := &write.Manifest{RunID: "0123456789abcdef", Year: 2024, AsOf: "2025-06-30", Grading: "town/T-grade",
		Policies: []write.PolicyNote{note("town", []byte(pack)), note("national-idle-land-2012", national)}}
	var errs []error
	for _, facts := range archive.FactTables(f) {
		errs = append(errs, out.Facts(ctx, facts))
	}
	errs = append(errs, out.Policy(ctx, "town", []byte(pack)), out.Policy(ctx, "national-idle-land-2012", national),
		out.Sources(ctx, write.Source{Table: "tax", Files: []string{"tax.csv"}, Rows: len(f.Code),
			Place: func(dst []byte, i int) ([]byte, int32, int64) {
				return append(dst, f.Code[i]+"/2024"...), 0, int64(i + 2)
			}}),
		out.Sources(ctx, write.Source{Table: "tenancies", Files: []string{"tenancies.csv"}, Rows: len(f.Uses),
			Place: func(dst []byte, i int) ([]byte, int32, int64) {
				return append(dst, f.Code[f.Uses[i].Enterprise]+"/"+f.Parcels[f.Uses[i].Parcel]+"/owned"...), 0, int64(i + 2)
			}}),
		out.Sources(ctx, write.Source{Table: "adjustments", Files: []string{"adjustments.csv"}, Rows: len(f.Adjustments),
			Place: func(dst []byte, i int) ([]byte, int32, int64) {
				a := &f.Adjustments[i]
				return append(dst, f.Code[a.Enterprise]+"/2024/"+a.Kind.String()...), 0, int64(i + 2)
			}}),
		out.Sources(ctx, write.Source{Table: "parcels", Files: []string{"parcels.geojson"}, Rows: len(f.Parcels),
			Place: func(dst []byte, i int) ([]byte, int32, int64) { return append(dst, f.Parcels[i]...), 0, int64(i + 1) }}))
	if layers {
		text := func(name string, v func(i int) string) write.Column {
			return write.Text(name, func(i int) (string, bool) { return v(i), v(i) != "" })
		}
		errs = append(errs,
			out.Layer(ctx, write.Layer{Name: "parcels", Rows: len(f.Parcels), Shape: func(int) []byte { return lot() }, Columns: []write.Column{
				text("parcel_code", func(i int) string { return f.Parcels[i] }), text("zone_code", func(int) string { return "G1" }),
				text("holder_name", func(int) string { return "甲\x1b[31m\n乙" })}}),
			out.Layer(ctx, write.Layer{Name: "zones", Rows: 2, Shape: func(int) []byte { return lot() }, Columns: []write.Column{
				text("zone_code", func(i int) string { return []string{"G1", "P00000"}[i] })}}))
	}
	if err := errors.Join(append(errs, out.Finish(ctx, m))...); err != nil {
		t.Fatal(err)
	}
	run, err := archive.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func explainerOf(t testing.TB, run *archive.Run) *Explainer {
	t.Helper()
	x, err := New(context.Background(), run)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func explained(t testing.TB, x *Explainer, code string) *Explanation {
	t.Helper()
	e, err := x.Explain(context.Background(), code, "")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// printed is an explanation as text; every word of it must be in the dictionary.
func printed(t testing.TB, e *Explanation, lang string) string {
	t.Helper()
	var out bytes.Buffer
	if err := e.Write(&out, lang); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, sign := range []string{"explain.", "{", "}", "NaN", "Inf", "%!", "<nil>"} {
		if strings.Contains(text, sign) {
			t.Fatalf("%s of %s has %q:\n%s", lang, e.Code, sign, text)
		}
	}
	return text
}
