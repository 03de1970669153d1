package engine_test

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/referee"
)

// What the law of areas says, once more in SQL: which geometries are used, which
// row of a key, whose ground an overlap is, how much of what lies where. Areas are
// those of PostGIS's geography with edges cut to 0.0001°, short enough to be
// straight in lon/lat.
const lawTools = `
-- A ring left open is closed first: PostGIS's reader would refuse it.
CREATE FUNCTION pg_temp.shape(f jsonb) RETURNS geometry LANGUAGE plpgsql AS $$
BEGIN
	IF f->>'type' = 'Polygon' THEN
		f := jsonb_set(f, '{coordinates}', (
			SELECT jsonb_agg(CASE WHEN r->0 = r->-1 THEN r ELSE r || jsonb_build_array(r->0) END)
			FROM jsonb_array_elements(f->'coordinates') AS r));
	END IF;
	RETURN ST_SetSRID(ST_GeomFromGeoJSON(f), 4490);
EXCEPTION WHEN OTHERS THEN RETURN NULL;
END $$;

CREATE FUNCTION pg_temp.ground(g geometry) RETURNS float8 LANGUAGE sql AS $$
SELECT coalesce(ST_Area(ST_Segmentize(ST_CollectionExtract(g, 3), 0.0001)::geography), 0) $$;

CREATE FUNCTION pg_temp.cell(p jsonb, name text) RETURNS text LANGUAGE sql AS $$
SELECT CASE WHEN btrim(p->>name) IN ('', '-', '--', '/', 'null', '<Null>') THEN NULL ELSE btrim(p->>name) END $$;

CREATE FUNCTION pg_temp.open(f jsonb) RETURNS boolean LANGUAGE sql AS $$
SELECT f->>'type' = 'Polygon' AND EXISTS (SELECT FROM jsonb_array_elements(f->'coordinates') AS r WHERE r->0 <> r->-1) $$;

-- What lies within the other wholly is not cut.
CREATE FUNCTION pg_temp.common(a geometry, b geometry) RETURNS geometry LANGUAGE sql AS $$
SELECT CASE WHEN ST_Covers(b, a) THEN a ELSE ST_Intersection(a, b) END $$;

CREATE TEMP TABLE raw (layer text, n bigint, p jsonb, g geometry, open boolean);
CREATE TEMP TABLE classes (standard text, code text, class text);
`

// lawGate makes the table sound: the rows whose geometry is valid or mended with
// less than a thousandth of the area changed.
const lawGate = `
CREATE TEMP TABLE sound AS
SELECT layer, n, p, ST_AsBinary(g, 'NDR') AS was, CASE WHEN ok THEN g ELSE mended END AS g, open OR NOT ok AS repaired
FROM (SELECT *, ST_IsValid(g) AS ok, ST_CollectionExtract(ST_MakeValid(g, 'method=linework'), 3) AS mended
	FROM raw WHERE NOT ST_IsEmpty(g) OFFSET 0) AS shapes
WHERE ok OR (ST_Area(mended) > 0 AND abs(ST_Area(mended) - ST_Area(g)) < 0.001 * ST_Area(g))
`

// lawUsed makes the table of a layer's used rows, as used_LAYER; %[2]s is its key,
// %[3]s the order of rows that share one, %[4]s what else a row must fulfil.
const lawUsed = `
CREATE TEMP TABLE used_%[1]s AS
SELECT key, p, g, repaired FROM (
	SELECT *, pg_temp.cell(p, '%[2]s') COLLATE "C" AS key,
		row_number() OVER (PARTITION BY pg_temp.cell(p, '%[2]s') ORDER BY %[3]s, was) AS place
	FROM sound WHERE layer = '%[1]s' AND pg_temp.cell(p, '%[2]s') IS NOT NULL AND %[4]s) AS rows
WHERE place = 1;
CREATE INDEX ON used_%[1]s USING gist (g);
ANALYZE used_%[1]s;
`

// lawCut makes the table cut_LAYER: each row's ground less that of rows whose key
// comes first.
const lawCut = `
CREATE TEMP TABLE cut_%[1]s AS
SELECT key, p, CASE WHEN earlier IS NULL THEN g ELSE ST_CollectionExtract(ST_Difference(g, earlier), 3) END AS g
FROM used_%[1]s AS later, LATERAL (
	SELECT ST_Union(first.g) AS earlier FROM used_%[1]s AS first
	WHERE first.key < later.key AND first.g && later.g AND ST_Relate(first.g, later.g, 'T********')) AS before;
CREATE INDEX ON cut_%[1]s USING gist (g);
ANALYZE cut_%[1]s;
`

const lawFacts = `
CREATE TEMP TABLE plots AS
SELECT key, p, g, pg_temp.ground(g) AS drawn, repaired FROM used_parcels;

ALTER TABLE plots ADD official float8;
UPDATE plots SET official = CASE WHEN pg_temp.cell(p, 'recorded_area')::float8 > 0
	THEN pg_temp.cell(p, 'recorded_area')::float8 ELSE drawn END;

CREATE TEMP TABLE shares AS
SELECT parcel, zone, share, official FROM (
	SELECT p.key AS parcel, z.key AS zone, pg_temp.ground(pg_temp.common(p.g, z.g)) / p.drawn AS share, official
	FROM plots AS p JOIN cut_zones AS z ON p.g && z.g) AS found
WHERE share >= 0.001 AND share * official >= 1;

CREATE TEMP TABLE ground AS
SELECT key AS zone, pg_temp.ground(g) AS m2 FROM cut_zones;

CREATE TEMP TABLE pieces AS
SELECT feature, zone, class, m2 FROM (
	SELECT l.key AS feature, z.key AS zone, class, pg_temp.ground(pg_temp.common(l.g, z.g)) AS m2
	FROM cut_land_use AS l JOIN cut_zones AS z ON l.g && z.g
	JOIN classes ON standard = pg_temp.cell(l.p, 'standard') AND code = pg_temp.cell(l.p, 'code')) AS found
WHERE m2 > 0;
`

// judged puts a town's layers to PostGIS and applies the law there.
func judged(t *testing.T, c town) *pgx.Conn {
	t.Helper()
	conn, run := court(t)
	texts := c.texts(t)
	for _, layer := range []string{table.Zones, table.Parcels, table.LandUse} {
		run(`INSERT INTO raw SELECT $1, n, f->'properties', pg_temp.shape(f->'geometry'), pg_temp.open(f->'geometry')
			FROM jsonb_array_elements($2::jsonb->'features') WITH ORDINALITY AS x (f, n)`, layer, string(texts[layer+".geojson"]))
	}
	seen := map[[2]string]bool{}
	for _, f := range featuresOf(t, texts["land_use.geojson"]) {
		standard, _ := f.text("standard")
		code, _ := f.text("code")
		if e, ok := codes.LandUse(standard, code); ok && !seen[[2]string{standard, code}] {
			seen[[2]string{standard, code}] = true
			run("INSERT INTO classes VALUES ($1, $2, $3)", standard, code, e.Strict.String())
		}
	}
	apply(run)
	return conn
}

// court is a connection with the tools of the law, and a way to run statements there.
func court(t *testing.T) (conn *pgx.Conn, run func(sql string, args ...any)) {
	t.Helper()
	conn = referee.Open(t)
	run = func(sql string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(context.Background(), sql, args...); err != nil {
			t.Fatalf("%v in %s", err, sql)
		}
	}
	run("SET client_min_messages = error")
	run(lawTools)
	return conn, run
}

// apply applies the law to the tables raw and classes.
func apply(run func(sql string, args ...any)) {
	run(lawGate)
	for _, layer := range []struct{ name, more string }{
		{table.Zones, "pg_temp.cell(p, 'name') IS NOT NULL"},
		{table.Parcels, "true"},
		{table.LandUse, "EXISTS (SELECT FROM classes WHERE standard = pg_temp.cell(p, 'standard') AND code = pg_temp.cell(p, 'code'))"},
	} {
		s := table.MustInput(layer.name)
		var order []string
		for _, f := range s.Fields {
			switch cell := "pg_temp.cell(p, '" + f.Name + "')"; f.Kind {
			case table.Geometry:
			case table.Number:
				order = append(order, cell+`::float8::text COLLATE "C"`)
			default:
				order = append(order, cell+` COLLATE "C"`)
			}
		}
		run(fmt.Sprintf(lawUsed, s.Name, s.Key[0], strings.Join(order, ", "), layer.more))
	}
	run(fmt.Sprintf(lawCut, table.Zones))
	run(fmt.Sprintf(lawCut, table.LandUse))
	run(lawFacts)
}

// column asks for a text and a number a row.
func column(t *testing.T, conn *pgx.Conn, sql string) map[string]float64 {
	t.Helper()
	rows, err := conn.Query(context.Background(), sql)
	if err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
	out := map[string]float64{}
	var key string
	var value float64
	if _, err := pgx.ForEachRow(rows, []any{&key, &value}, func() error {
		out[key] = value
		return nil
	}); err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
	return out
}

// agree compares figures by key: each may be off by far of it, or by least.
func agree(t *testing.T, what string, got, want map[string]float64, far, least float64) {
	t.Helper()
	worst, widest, ratio := 0.0, "", 0.0
	for key, w := range want {
		g, ok := got[key]
		if off := math.Abs(g - w); !ok || !(off <= max(far*math.Abs(w), least)) {
			t.Errorf("%s of %s: %v (there: %t), PostGIS %v", what, key, g, ok, w)
		} else {
			if off > worst {
				worst, widest = off, key
			}
			ratio = max(ratio, off/max(math.Abs(w), least, math.SmallestNonzeroFloat64))
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s of %s: %v, PostGIS has none", what, key, got[key])
		}
	}
	t.Logf("%s: %d compared, most apart by %.3g (%s), relative %.3g", what, len(want), worst, widest, ratio)
}

// muRounding is what rounding mu to 4 decimals may hide.
const muRounding = 0.501e-4

func TestFactsAgreeWithPostGIS(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		conn := judged(t, c)
		got := results(t, evaluated(t, c.folder(t, nil), c.options(t)))
		t.Run("rows used, repaired and refused", func(t *testing.T) { sameRows(t, conn, got) })
		t.Run("parcels", func(t *testing.T) { sameParcels(t, conn, got) })
		t.Run("zones", func(t *testing.T) { sameZones(t, conn, got) })
		t.Run("land use", func(t *testing.T) { sameLandUse(t, conn, got) })
		t.Run("facts", func(t *testing.T) { sameFacts(t, conn, c) })
	})
}

func sameRows(t *testing.T, conn *pgx.Conn, got map[string][]byte) {
	repaired := map[string]float64{}
	for _, r := range tableOf(t, got["tables/repairs.csv"]) {
		repaired[r["table"]+"/"+r["key"]] = 1
	}
	agree(t, "repairs", repaired, column(t, conn, `
		SELECT 'zones/' || key, 1 FROM used_zones WHERE repaired
		UNION ALL SELECT 'parcels/' || key, 1 FROM used_parcels WHERE repaired
		UNION ALL SELECT 'land_use/' || key, 1 FROM used_land_use WHERE repaired`), 0, 0)
	rejected := map[string]float64{}
	for _, r := range tableOf(t, got["tables/rejects.csv"]) {
		rejected[r["table"]]++
	}
	want := column(t, conn, `SELECT layer, count(*)::float8 FROM raw GROUP BY layer`)
	for layer, used := range column(t, conn, `
		SELECT 'zones', count(*)::float8 FROM used_zones
		UNION ALL SELECT 'parcels', count(*) FROM used_parcels
		UNION ALL SELECT 'land_use', count(*) FROM used_land_use`) {
		if n := want[layer] - used; n != rejected[layer] {
			t.Errorf("%s: %v rows rejected, by PostGIS %v", layer, rejected[layer], n)
		}
	}
}

func sameParcels(t *testing.T, conn *pgx.Conn, got map[string][]byte) {
	drawn, official, share := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, f := range featuresOf(t, got["layers/parcels.geojson"]) {
		code, _ := f.text("parcel_code")
		drawn[code], _ = f.number(t, "geometric_area")
		official[code], _ = f.number(t, "official_area")
		if zone, ok := f.text("zone_code"); ok {
			share[code+" in "+zone], _ = f.number(t, "zone_share")
		}
	}
	agree(t, "geometric area", drawn, column(t, conn, "SELECT key, drawn FROM plots"), 1e-7, 1e-3)
	agree(t, "official area", official, column(t, conn, "SELECT key, official FROM plots"), 1e-7, 1e-3)
	// Facts are whole 1e-4 m²: a share of a parcel of 5 m² cannot be told to better than 2e-5.
	small := "(SELECT key FROM plots WHERE drawn < 100)"
	for sql, least := range map[string]float64{" WHERE parcel NOT IN " + small: 1e-6, "": 2e-5} {
		want := column(t, conn, "SELECT DISTINCT ON (parcel) parcel || ' in ' || zone, share FROM shares"+sql+" ORDER BY parcel, share DESC, zone")
		found := map[string]float64{}
		for key, v := range share {
			if _, ok := want[key]; ok || sql == "" {
				found[key] = v
			}
		}
		agree(t, "zone share", found, want, 0, least)
	}
}

// sameFacts compares the survey's own facts, which are finer than what is printed:
// all zones of a parcel, and the ground of a class in a zone.
func sameFacts(t *testing.T, conn *pgx.Conn, c town) {
	src, err := read.OpenFolder(c.folder(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	zoneCodes, shapes, _ := used(t, src, table.Zones)
	zones, err := survey.NewZones(zoneCodes, shapes, 2)
	if err != nil {
		t.Fatal(err)
	}
	ground := map[string]float64{}
	for i, code := range zoneCodes {
		ground[code] = zones.Area[i].SquareMetres()
	}
	agree(t, "m² of a zone", ground, column(t, conn, "SELECT zone, m2 FROM ground"), 1e-7, 1e-3)

	ids, shapes, rows := used(t, src, table.LandUse)
	found, err := survey.LandUse(shapes, zones, 2)
	if err != nil {
		t.Fatal(err)
	}
	pieces, classes := map[string]float64{}, map[string]float64{}
	for _, p := range found.Pieces {
		in := " in " + zoneCodes[p.Zone]
		e, _ := codes.LandUse(cellText(rows[p.Feature], "standard"), cellText(rows[p.Feature], "code"))
		classes[e.Strict.String()+in] += p.Area.SquareMetres()
		if a := p.Area.SquareMetres(); a > 1e-3 {
			pieces[ids[p.Feature]+in] = a
		}
	}
	agree(t, "m² of a class", classes, column(t, conn, "SELECT class || ' in ' || zone, sum(m2) FROM pieces GROUP BY 1 HAVING sum(m2) > 1e-3"), 2e-6, 1e-3)
	agree(t, "m² of a piece", pieces, column(t, conn, "SELECT feature || ' in ' || zone, m2 FROM pieces WHERE m2 > 1e-3"), 1e-7, 1e-3)

	shares := map[string]float64{}
	parcels, _, rows := used(t, src, table.Parcels)
	surveyor := survey.NewSurveyor(zones, survey.DefaultTolerance)
	facts := map[table.Batch]*survey.Parcels{}
	for i, r := range rows {
		if facts[r.batch] == nil {
			facts[r.batch] = surveyor.Parcels(r.batch)
		}
		in, areas := facts[r.batch].Shares(r.row)
		for k, zone := range in {
			shares[parcels[i]+" in "+zoneCodes[zone]] = areas[k].SquareMetres()
		}
	}
	agree(t, "m² of a share", shares, column(t, conn, "SELECT parcel || ' in ' || zone, share * official FROM shares"), 1e-6, 1e-3)
}

// rowOf is a row of a batch.
type rowOf struct {
	batch table.Batch
	row   int
}

func cellText(r rowOf, column string) string { return r.batch.Text(column).Value(r.row) }

// used reads a layer as the engine does: what the gate lets pass, a row a key.
func used(t *testing.T, src read.Source, layer string) (keys []string, shapes [][]byte, rows []rowOf) {
	t.Helper()
	got, err := read.All(context.Background(), src, layer, 2)
	if err != nil {
		t.Fatal(err)
	}
	gates := make([]*survey.Gate, len(got.Batches))
	for i, b := range got.Batches {
		gates[i] = survey.Geometries(b)
	}
	order, _ := read.Order(got.Schema, got.Batches, func(r table.Ref) bool {
		if gates[r.Batch].State[r.Row] == survey.Refused {
			return false
		}
		at := rowOf{got.Batches[r.Batch], int(r.Row)}
		if layer != table.LandUse {
			return true
		}
		_, ok := codes.LandUse(cellText(at, "standard"), cellText(at, "code"))
		return ok
	})
	for _, r := range order {
		b := got.Batches[r.Batch]
		keys = append(keys, read.KeyOf(b, int(r.Row)))
		shapes = append(shapes, gates[r.Batch].Geometry(b, int(r.Row)))
		rows = append(rows, rowOf{b, int(r.Row)})
	}
	return keys, shapes, rows
}

func sameZones(t *testing.T, conn *pgx.Conn, got map[string][]byte) {
	total, parcels := map[string]float64{}, map[string]float64{}
	for _, r := range tableOf(t, got["tables/zones.csv"]) {
		total[r["zone_code"]], parcels[r["zone_code"]] = numberOf(t, r["mu"]), numberOf(t, r["parcels"])
	}
	agree(t, "mu by share", total, column(t, conn, `
		SELECT z.key, coalesce(sum(share * official), 0) * 3 / 2000
		FROM cut_zones AS z LEFT JOIN shares ON zone = z.key GROUP BY z.key
		UNION ALL
		SELECT 'outside', ((SELECT sum(official) FROM plots) - (SELECT sum(share * official) FROM shares)) * 3 / 2000`), 2e-7, 2*muRounding)
	agree(t, "parcels", parcels, column(t, conn, `
		WITH place AS (SELECT DISTINCT ON (parcel) parcel, zone FROM shares ORDER BY parcel, share DESC, zone)
		SELECT z.key, count(zone)::float8 FROM cut_zones AS z LEFT JOIN place ON zone = z.key GROUP BY z.key
		UNION ALL
		SELECT 'outside', (SELECT count(*) FROM plots) - (SELECT count(*) FROM place)`), 0, 0)
}

func sameLandUse(t *testing.T, conn *pgx.Conn, got map[string][]byte) {
	piece := map[string]float64{}
	for _, f := range featuresOf(t, got["layers/land_mix_pieces.geojson"]) {
		id, _ := f.text("feature_id")
		zone, _ := f.text("zone_code")
		piece[id+" in "+zone], _ = f.number(t, "mu")
	}
	// What both call nothing is not compared: slivers along borders.
	want := column(t, conn, fmt.Sprintf(`SELECT feature || ' in ' || zone, m2 * 3 / 2000 FROM pieces WHERE m2 * 3 / 2000 > %g`, muRounding))
	for key, v := range piece {
		if _, ok := want[key]; !ok && v <= 2*muRounding {
			delete(piece, key)
		}
	}
	agree(t, "mu of a piece", piece, want, 2e-7, 2*muRounding)
	mix := map[string]float64{}
	for _, r := range tableOf(t, got["tables/land_mix.csv"]) {
		if r["profile"] == "strict" {
			for _, class := range []string{"industry", "residence", "public", "other", "nonconstruction", "uncovered"} {
				mix[r["zone_code"]+" "+class] = numberOf(t, r[class+"_mu"])
			}
		}
	}
	agree(t, "mu of a class", mix, column(t, conn, `
		SELECT z.zone || ' ' || c.class, coalesce(sum(pieces.m2), 0) * 3 / 2000
		FROM ground AS z CROSS JOIN (VALUES ('industry'), ('residence'), ('public'), ('other'), ('nonconstruction')) AS c (class)
		LEFT JOIN pieces ON pieces.zone = z.zone AND pieces.class = c.class GROUP BY 1
		UNION ALL
		SELECT z.zone || ' uncovered', (z.m2 - coalesce(sum(pieces.m2), 0)) * 3 / 2000
		FROM ground AS z LEFT JOIN pieces USING (zone) GROUP BY z.zone, z.m2`), 2e-6, muRounding)
}

func numberOf(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
