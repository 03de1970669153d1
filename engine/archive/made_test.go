package archive_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// dice make the facts of n enterprises up: every answer, missing dates and figures,
// negative land, numbers that no decimal holds.
func made(n int, seed uint64) *assess.Facts {
	dice := rand.New(rand.NewPCG(seed, 1))
	f := &assess.Facts{Year: 2024}
	text := func(s string) string {
		if dice.IntN(4) == 0 {
			return ""
		}
		return s
	}
	date := func() unit.Date {
		if dice.IntN(3) == 0 {
			return grade.NoDate
		}
		return unit.Date(dice.IntN(40_000) - 20_000)
	}
	area := func() unit.Area { return unit.Area(dice.Int64N(1<<40) - 1<<38) }
	for i := range n {
		f.Code = append(f.Code, fmt.Sprintf("91%016d", i))
		f.Name, f.Industry = append(f.Name, text("示例有限公司")), append(f.Industry, text("3981"))
		f.Zone, f.County = append(f.Zone, text("G1")), append(f.County, text("某县"))
		f.Tags = append(f.Tags, text("a;b"))
		f.AboveScale = append(f.AboveScale, grade.Answer(dice.IntN(3)))
		f.Utility, f.Relocation = append(f.Utility, dice.IntN(2) == 0), append(f.Relocation, dice.IntN(2) == 0)
		f.Registered, f.Production, f.Supplied = append(f.Registered, date()), append(f.Production, date()), append(f.Supplied, date())
		f.Land, f.Own, f.Owned = append(f.Land, area()), append(f.Own, area()), append(f.Owned, area())
		f.Occupied, f.LeasedIn, f.LeasedOut = append(f.Occupied, area()), append(f.LeasedIn, area()), append(f.LeasedOut, area())
	}
	for _, q := range []*indicate.Quantities{&f.This, &f.Last} {
		for k := range q {
			for range n {
				v := dice.NormFloat64() * math.Pow(10, float64(dice.IntN(15)))
				if dice.IntN(5) == 0 {
					v = math.NaN()
				}
				q[k] = append(q[k], v)
			}
		}
	}
	for i := range n / 2 {
		f.Parcels = append(f.Parcels, fmt.Sprintf("P%05d", i))
		f.Strange = append(f.Strange, i%3 == 0)
	}
	for i := 0; i < n && len(f.Parcels) > 0; i += 2 {
		for range dice.IntN(3) {
			f.Uses = append(f.Uses, grade.Use{Enterprise: int32(i), Parcel: int32(dice.IntN(len(f.Parcels))), Net: area(), Own: area(), LeasedIn: area()})
		}
		a := grade.Adjustment{Enterprise: int32(i), Kind: grade.AdjustmentKind(dice.IntN(6)), Reason: "原因", Actor: text("经信局"), Decided: date()}
		if a.Kind <= grade.PenaltyPoints {
			a.Points = float64(dice.IntN(100)) / 7
		} else {
			a.Grade = grade.A + grade.Grade(dice.IntN(4))
		}
		f.Adjustments = append(f.Adjustments, a)
	}
	return f
}

// bits has facts compare by their bits: NaN as itself.
func bits(q indicate.Quantities) [][]uint64 {
	var out [][]uint64
	for _, column := range q {
		words := make([]uint64, len(column))
		for i, v := range column {
			words[i] = math.Float64bits(v)
			if math.IsNaN(v) {
				words[i] = math.MaxUint64
			}
		}
		out = append(out, words)
	}
	return out
}

func sameFacts(t *testing.T, got, want *assess.Facts) {
	t.Helper()
	for i, q := range [][2]*indicate.Quantities{{&got.This, &want.This}, {&got.Last, &want.Last}} {
		if !reflect.DeepEqual(bits(*q[0]), bits(*q[1])) {
			t.Errorf("the figures of year %d have changed", i)
		}
	}
	a, b := *got, *want
	a.This, a.Last, b.This, b.Last = indicate.Quantities{}, indicate.Quantities{}, indicate.Quantities{}, indicate.Quantities{}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("got  %+v\nwant %+v", a, b)
	}
}

const pack = `id: my-city
title: {zh: 市, en: city}
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
  - id: M-mix
    title: {zh: 比例, en: mix}
    clause: 一
    scope: [Z]
    status: unconfirmed
    kind: land_mix
    needs: [land_use]
    bound: {op: "<=", value: 0.05, unit: ratio}
    land_mix:
      profile: strict
      target: {industry: 1/3, residence: 1/3, public: 1/3}
      kinds: [new]
`

// square is a polygon whose WKB takes about so many bytes.
func square(bytes int) []byte {
	g := &wkb.Geometry{Type: wkb.Polygon}
	n := max(4, bytes/16)
	for i := range n {
		at := 2 * math.Pi * float64(i) / float64(n)
		g.XY = append(g.XY, 113+math.Cos(at)/100, 31+math.Sin(at)/100)
	}
	g.XY = append(g.XY, g.XY[0], g.XY[1])
	g.EndRing()
	g.EndPart()
	return g.Append(nil)
}

// kept writes a run of these facts, with a layer of parcels, a table and sources.
func kept(t testing.TB, f *assess.Facts, parcels int) string {
	t.Helper()
	dir, ctx := filepath.Join(t.TempDir(), "run"), context.Background()
	out, err := write.Create(dir, false, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Abort()
	code := write.Text("parcel_code", func(i int) (string, bool) { return parcelCode(i), true })
	mu := write.Fixed("mu", 4, func(i int) (int64, bool) { return int64(i) * 10_000, i%2 == 0 })
	shapes := [][]byte{square(64), square(64), square(1000), square(20_000)}
	national, err := os.ReadFile("../../datasets/policy/national-idle-land-2012.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m := &write.Manifest{RunID: "0123456789abcdef", Year: 2024, AsOf: "2025-06-30", Policies: []write.PolicyNote{note("my-city", pack), note("national-idle-land-2012", string(national))}}
	for _, facts := range archive.FactTables(f) {
		if err := out.Facts(ctx, facts); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{
		out.Layer(ctx, write.Layer{Name: "parcels", Rows: parcels, Columns: []write.Column{code, mu},
			Shape: func(i int) []byte { return shapes[i%len(shapes)] }}),
		out.Table(ctx, write.Table{Name: "grades", Rows: parcels, Columns: []write.Column{code, mu}}),
		out.Sources(ctx, write.Source{Table: "parcels", Files: []string{"parcels.geojson"}, Rows: 70_000,
			Place: func(dst []byte, i int) ([]byte, int32, int64) { return append(dst, parcelCode(i)...), 0, int64(i + 1) }}),
		out.Sources(ctx, write.Source{Table: "tenancies", Files: []string{"a.csv", "b.csv"}, Rows: 4,
			Place: func(dst []byte, i int) ([]byte, int32, int64) {
				return append(dst, "E1/P1/owned"...), int32(i % 2), int64(i + 2)
			}}),
		out.Policy(ctx, "my-city", []byte(pack)),
		out.Policy(ctx, "national-idle-land-2012", national),
		out.Finish(ctx, m),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func note(id, yaml string) write.PolicyNote {
	sum := sha256.Sum256([]byte(yaml))
	return write.PolicyNote{ID: id, Version: "1", SHA256: hex.EncodeToString(sum[:])}
}

// parcelCode is the code of the i-th parcel: they sort as they are numbered, and some
// need escapes.
func parcelCode(i int) string { return fmt.Sprintf("P%07d\"<&宗", i) }

func opened(t testing.TB, dir string) *archive.Run {
	t.Helper()
	r, err := archive.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
