package sample

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/peterstace/simplefeatures/geom"

	city "github.com/muscope-gis/muscope/datasets/sample"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/geojson"
	"github.com/muscope-gis/muscope/geo/geoparquet"
	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func TestColumnPositionsAreThoseOfTheTables(t *testing.T) {
	for _, c := range []struct {
		table string
		at    map[string]int
	}{
		{table.Zones, map[string]int{"zone_code": zoneCode, "approved_on": zoneApprovedOn, "geometry": zoneGeometry}},
		{table.Parcels, map[string]int{
			"signed_on": parcelSigned, "delivered_on": parcelDelivered, "agreed_start_on": parcelStart,
			"agreed_finish_on": parcelFinish, "extended_start_on": parcelExtended, "started_on": parcelStarted,
			"suspended_on": parcelSuspended, "finished_on": parcelFinished, "delay_cause": parcelCause,
			"ancillary_floor_area": parcelAncillaryFloor, "tags": parcelTags, "geometry": parcelGeometry,
		}},
		{table.LandUse, map[string]int{"structure_area": useStructure, "geometry": useGeometry}},
		{table.ControlLines, map[string]int{"geometry": lineGeometry}},
		{table.Enterprises, map[string]int{"relocation": firmRelocation, "env_unstable": firmEnvUnstable, "tags": firmTags}},
		{table.Tenancies, map[string]int{"counterpart": tenancyCounterpart, "to": tenancyTo}},
		{table.Output, map[string]int{"output": outputOutput, "employees": outputEmployees}},
		{table.Tax, map[string]int{"tax": taxTotal, "vat": taxVAT, "stamp": taxStamp}},
		{table.Energy, map[string]int{"energy": energyTotal, "water": energyWater}},
		{table.Emissions, map[string]int{"cod": emissionCOD, "waste_used": emissionWasteUsed}},
		{table.Projects, map[string]int{"registered_on": projectRegistered, "started_on": projectStarted, "lat": projectLat}},
		{table.ZoneIndicators, map[string]int{"indicator": indicatorID, "reported_on": indicatorReported}},
		{table.Adjustments, map[string]int{"year": accountYear, "kind": adjustmentKind, "decided_on": adjustmentOn}},
	} {
		for name, at := range c.at {
			if want := table.MustInput(c.table).Index(name); at != want {
				t.Errorf("%s.%s is column %d, not %d", c.table, name, want, at)
			}
		}
	}
}

func TestACityHasAsManyParcelsAsAskedFor(t *testing.T) {
	for _, n := range []int{1, 2, 17, 399, 5001} {
		dir := generate(t, Options{Parcels: n, Seed: 3, Layers: GeoJSON})
		read, err := os.ReadFile(filepath.Join(dir, "parcels.geojson"))
		if err != nil {
			t.Fatal(err)
		}
		l := readLayer(string(read))
		codes := map[string]bool{}
		for _, f := range l.features {
			codes[text(f, "parcel_code")] = true
		}
		if len(l.features) != n || len(codes) != n {
			t.Errorf("%d parcels with %d codes, want %d", len(l.features), len(codes), n)
		}
	}
}

// polygons are the shapes of a layer's rows.
func polygons(t *testing.T, b table.Batch) []geom.Geometry {
	t.Helper()
	var all []geom.Geometry
	for i := range b.Rows() {
		g, err := geom.UnmarshalWKB(b.Geometry().Value(i))
		if err != nil { // validates
			t.Fatalf("%s row %d: %v", b.Schema.Name, i+1, err)
		}
		all = append(all, g)
	}
	return all
}

// drawn is a made-up city's parcels and land use.
func drawn(t *testing.T, parcels int, seed uint64) (*plan, table.Batch, table.Batch) {
	t.Helper()
	p := newPlan(parcels, seed, vocabulary(t))
	d := newDrawer(p)
	d.harvest = newHarvest(parcels)
	p.waters(d.landUse)
	for at := range p.cells {
		d.cell(at)
	}
	return p, d.harvest.parcels.Batch(), d.landUse.Batch()
}

func TestParcelsAreValidAndDoNotOverlap(t *testing.T) {
	for seed := range uint64(3) {
		_, parcels, landUse := drawn(t, 2500, seed)
		overlaps(t, polygons(t, parcels), 0)
		overlaps(t, polygons(t, landUse), 1e-10) // a square metre: slivers where a river bends
	}
}

func overlaps(t *testing.T, shapes []geom.Geometry, allowed float64) {
	t.Helper()
	for i, a := range shapes {
		for k := max(0, i-60); k < i; k++ {
			if !boxesMeet(a, shapes[k]) {
				continue
			}
			both, err := geom.Intersection(a, shapes[k])
			if err != nil {
				t.Fatal(err)
			}
			if both.Area() > allowed {
				t.Fatalf("%d and %d overlap by %g square degrees: %s", k, i, both.Area(), both.AsText())
			}
		}
	}
}

func boxesMeet(a, b geom.Geometry) bool {
	p, q, _ := a.Envelope().MinMaxXYs()
	r, s, _ := b.Envelope().MinMaxXYs()
	return p.X <= s.X && r.X <= q.X && p.Y <= s.Y && r.Y <= q.Y
}

func TestZonesAreValidIrregularAndMeetExactly(t *testing.T) {
	p, _, _ := drawn(t, 2000, citySeed)
	shapes := polygons(t, p.zoneTable())
	holes, parts := 0, 0
	for i, a := range shapes {
		z := &p.zones[i]
		if n := len(z.shell); n < 40 || n > 500 {
			t.Errorf("zone %s has %d border points", z.code, n)
		}
		if box := a.Envelope().Area(); a.Area() > .92*box {
			t.Errorf("zone %s is nearly a box", z.code)
		}
		holes += min(len(z.hole), 1)
		parts += min(len(z.part), 1)
		for _, b := range shapes[:i] {
			both, err := geom.Intersection(a, b)
			if err != nil || both.Area() > 0 {
				t.Errorf("zone %s overlaps another by %g: %v", z.code, both.Area(), err)
			}
		}
	}
	if holes != 1 || parts != 1 {
		t.Errorf("%d zones with a hole and %d in two parts, want one of each", holes, parts)
	}
}

func TestRecordedAreasAreNearTheEllipsoidalOnes(t *testing.T) {
	_, parcels, _ := drawn(t, 4000, 1)
	recorded := parcels.Numbers("recorded_area", unit.SquareMetre)
	near, differ, wrong, missing := 0, 0, 0, 0
	var g wkb.Geometry
	for i := range parcels.Rows() {
		if err := g.Parse(parcels.Geometry().Value(i)); err != nil {
			t.Fatal(err)
		}
		switch off := math.Abs(recorded.Value(i)/measure.Ellipsoidal(&g) - 1); {
		case recorded.IsNull(i):
			missing++
		case off < .00081:
			near++
		case off > .01:
			wrong++
		case off > .003:
			differ++
		}
	}
	if near < 3800 || differ < 8 || wrong < 3 || missing < 10 || near+differ+wrong+missing != 4000 {
		t.Errorf("near %d, over 0.3 %% %d, over 1 %% %d, missing %d of 4000", near, differ, wrong, missing)
	}
}

func TestOwnAreaAgreesWithTheEllipsoidalOne(t *testing.T) {
	for _, y := range []int64{250_000_000, 314_000_000, 400_000_000} {
		ring := []point{{west, y}, {west + 30_000, y + 500}, {west + 31_000, y + 26_000}, {west - 900, y + 25_000}}
		var g wkb.Geometry
		if err := g.Parse(appendPolygon(nil, ring)); err != nil {
			t.Fatal(err)
		}
		want := measure.Ellipsoidal(&g)
		if got := float64(groundArea(twiceArea(ring), middle(ring).y)) / 100; math.Abs(got/want-1) > 1e-6 {
			t.Errorf("at %d: %.4f m², want %.4f", y, got, want)
		}
	}
}

// contents are a folder's files by name.
func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = b
	}
	return all
}

func TestSizeAndSeedDecideEveryByte(t *testing.T) {
	for _, o := range []Options{
		{Parcels: 12_000, Layers: GeoJSON, Tables: CSV}, {Parcels: 12_000, Layers: GeoParquet, Tables: Parquet},
	} {
		o.Seed = 5
		first := contents(t, generate(t, o))
		before := runtime.GOMAXPROCS(7)
		again := contents(t, generate(t, o))
		runtime.GOMAXPROCS(before)
		o.Seed = 6
		otherwise := contents(t, generate(t, o))
		if len(first) != len(table.Inputs()) {
			t.Errorf("%d files, want one a table", len(first))
		}
		for name := range first {
			if !bytes.Equal(first[name], again[name]) {
				t.Errorf("%s differs on another number of processors", name)
			}
			if bytes.Equal(first[name], otherwise[name]) {
				t.Errorf("%s is the same for another seed", name)
			}
		}
	}
}

func TestBothFormatsHoldTheSameParcels(t *testing.T) {
	o := Options{Parcels: 700, Seed: 9, Layers: GeoParquet}
	f, err := geoparquet.Open(filepath.Join(generate(t, o), "parcels.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	o.Layers = GeoJSON
	features := readLayer(string(contents(t, generate(t, o))["parcels.geojson"])).features
	if f.Rows() != 700 || len(features) != 700 {
		t.Fatalf("%d rows and %d features, want 700", f.Rows(), len(features))
	}
	rec, err := f.RowGroup(context.Background(), 0, []int{parcelCode, parcelGeometry})
	if err != nil {
		t.Fatal(err)
	}
	var g wkb.Geometry
	for i, feature := range features {
		if err := g.Parse(rec.Column(1).(*array.Binary).Value(i)); err != nil {
			t.Fatal(err)
		}
		code := rec.Column(0).(*array.String).Value(i)
		if text(feature, "parcel_code") != code || !strings.Contains(feature, string(geojson.AppendGeometry(nil, &g, nil))) {
			t.Fatalf("row %d: %s is not the feature's", i+1, code)
		}
	}
}

func TestMemoryDoesNotGrowWithTheCity(t *testing.T) {
	var most uint64
	generate(t, Options{Parcels: 300_000, Seed: 1, Progress: func(int) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	}})
	if most > 300<<20 {
		t.Errorf("%d MB in use for 300 000 parcels, want at most 300", most>>20)
	}
}

func TestACancelledRunLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o := Options{Out: filepath.Join(dir, "city"), Parcels: 60_000, Progress: func(int) { cancel() }}
	if err := Write(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want cancelled", err)
	}
	if left := contents(t, dir); len(left) != 0 {
		t.Errorf("left behind: %d files", len(left))
	}
}

func TestAFolderIsOnlyReplacedWhenAskedAndWhenItHoldsData(t *testing.T) {
	out := filepath.Join(t.TempDir(), "city")
	ctx := context.Background()
	if err := Unpack(ctx, city.Files, out, false); err != nil {
		t.Fatal(err)
	}
	if err := Unpack(ctx, city.Files, out, false); err == nil {
		t.Error("an existing folder was replaced without being asked")
	}
	o := Options{Out: out, Parcels: 10, Overwrite: true, Layers: GeoJSON}
	if err := Write(ctx, o); err != nil {
		t.Fatal(err)
	}
	if n := len(contents(t, out)); n != len(table.Inputs()) {
		t.Errorf("%d files after overwriting, want %d", n, len(table.Inputs()))
	}
	other := filepath.Join(t.TempDir(), "thesis")
	if err := os.MkdirAll(other, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other, "chapter.txt"), []byte("one"), 0o644); err != nil {
		t.Fatal(err)
	}
	if o.Out = other; Write(ctx, o) == nil {
		t.Error("a folder that holds no data was overwritten")
	}
	for _, bad := range []Options{{Parcels: 0}, {Parcels: MaxParcels + 1}, {Parcels: 5, Layers: "shp"}, {Parcels: 5, Tables: "xls"}} {
		bad.Out = filepath.Join(t.TempDir(), "no")
		if err := Write(ctx, bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}
