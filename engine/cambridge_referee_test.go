package engine_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"math"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// The mapping of the whole city once more in SQL, over the city's own files: what a lot's
// assessments give it. A foot is 0.3048 m.
const cityLots = `
CREATE TEMP TABLE lots AS
WITH uses AS (
	SELECT DISTINCT ON (ml) ml, use FROM (SELECT ml, use COLLATE "C" AS use, count(*) AS n FROM tax WHERE use <> '' GROUP BY ml, use) AS counted
	ORDER BY ml, n DESC, use
), lands AS (
	SELECT ml, max(land) * 0.3048 * 0.3048 AS recorded FROM tax WHERE land > 0 GROUP BY ml
), tellings AS ( -- of the building and of its flats; one house told at one address for two owners is told once
	SELECT ml, sum(gross) AS gross
	FROM (SELECT DISTINCT ml, use = '199' AS building, location, gross FROM tax WHERE gross > 0) AS told GROUP BY ml, building
), floors AS (
	SELECT ml, max(gross) * 0.3048 * 0.3048 AS floor FROM tellings GROUP BY ml
)
SELECT ml, use, recorded, floor, rows
FROM (SELECT ml, count(*) AS rows FROM tax GROUP BY ml) AS keys
LEFT JOIN uses USING (ml) LEFT JOIN lands USING (ml) LEFT JOIN floors USING (ml)
WHERE ml <> '';
CREATE UNIQUE INDEX ON lots (ml);

INSERT INTO classes
SELECT DISTINCT 'Massachusetts use codes', use, CASE left(use, 1) WHEN '1' THEN 'residence' WHEN '4' THEN 'industry' WHEN '9' THEN 'public' ELSE 'other' END
FROM lots WHERE use IS NOT NULL;

-- A text with its length before it, seven bits a byte, the low ones first.
CREATE FUNCTION pg_temp.counted(b bytea) RETURNS bytea LANGUAGE sql AS $$
SELECT CASE WHEN length(b) < 1 << 7 THEN set_byte('\x00', 0, length(b))
	WHEN length(b) < 1 << 14 THEN set_byte(set_byte('\x0000', 0, length(b) & 127 | 128), 1, length(b) >> 7)
	ELSE set_byte(set_byte(set_byte('\x000000', 0, length(b) & 127 | 128), 1, length(b) >> 7 & 127 | 128), 2, length(b) >> 14) END || b $$;

CREATE TEMP TABLE shapes (n bigint, ml text, shape jsonb);
`

// cityLayers puts the city's layers among those of the law: parcels, and what is on them.
const cityLayers = `
INSERT INTO raw
SELECT 'parcels', n, jsonb_build_object('parcel_code', ml, 'land_use', use, 'land_use_standard', 'Massachusetts use codes',
	'recorded_area', recorded, 'floor_area', floor), pg_temp.shape(shape), pg_temp.open(shape)
FROM shapes LEFT JOIN lots USING (ml);

INSERT INTO raw
SELECT 'land_use', n, jsonb_build_object('feature_id', encode(substr(sha256(pg_temp.counted(convert_to(CASE WHEN ml IN ('-', '--', '/') THEN '' ELSE ml END, 'UTF8')) ||
	pg_temp.counted(ST_AsBinary(pg_temp.shape(shape), 'NDR'))), 1, 8), 'hex'), 'code', use, 'standard', 'Massachusetts use codes'),
	pg_temp.shape(shape), pg_temp.open(shape)
FROM shapes LEFT JOIN lots USING (ml);
`

// judgedCity puts the files that the city published to PostGIS.
func judgedCity(t *testing.T, dir string) *pgx.Conn {
	t.Helper()
	conn, run := court(t)
	run("CREATE TEMP TABLE tax (ml text, location text, use text, land numeric, gross numeric)")
	lines, err := csv.NewReader(bytes.NewReader(fileText(t, filepath.Join(dir, "tax_source.csv")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range lines[0] {
		at[name] = i
	}
	var rows [][]any
	for _, l := range lines[1:] {
		row := []any{l[at["ML"]], l[at["Location"]], l[at["UseCode"]], nil, nil}
		for i, name := range []string{"LandArea", "GrossArea"} {
			if l[at[name]] != "" {
				row[3+i] = numberOf(t, l[at[name]])
			}
		}
		rows = append(rows, row)
	}
	if _, err := conn.CopyFrom(context.Background(), pgx.Identifier{"tax"}, []string{"ml", "location", "use", "land", "gross"}, pgx.CopyFromRows(rows)); err != nil {
		t.Fatal(err)
	}
	run("UPDATE tax SET ml = btrim(ml), location = btrim(location), use = btrim(use)")
	run(cityLots)
	run(`INSERT INTO shapes SELECT n, btrim(coalesce(f->'properties'->>'ML', '')), f->'geometry'
		FROM jsonb_array_elements($1::jsonb->'features') WITH ORDINALITY AS x (f, n)`, string(fileText(t, filepath.Join(dir, "parcels_source.geojson"))))
	run(cityLayers)
	run(`INSERT INTO raw SELECT 'zones', n, jsonb_build_object('zone_code', 'N' || lpad(f->'properties'->>'N_HOOD', 2, '0'), 'name', f->'properties'->>'NAME',
			'level', 'other', 'kind', 'existing'), pg_temp.shape(f->'geometry'), pg_temp.open(f->'geometry')
		FROM jsonb_array_elements($1::jsonb->'features') WITH ORDINALITY AS x (f, n)`, string(fileText(t, filepath.Join(dir, "neighbourhoods_source.geojson"))))
	apply(run)
	return conn
}

func TestTheWholeCityAgreesWithPostGIS(t *testing.T) {
	c := towns[0]
	dir := ownFiles(t)
	conn := judgedCity(t, dir)
	got := results(t, evaluated(t, dir, c.options(t)))
	t.Run("rows used, repaired and refused", func(t *testing.T) { sameRows(t, conn, got) })
	t.Run("parcels", func(t *testing.T) { sameParcels(t, conn, got) })
	t.Run("zones", func(t *testing.T) { sameZones(t, conn, got) })
	t.Run("land use", func(t *testing.T) { sameLandUse(t, conn, got) })
	t.Run("parcels by use and neighbourhood", func(t *testing.T) { sameUses(t, conn, got) })
	t.Run("recorded area and floors", func(t *testing.T) { sameLots(t, conn, dir) })
	t.Run("assessments without a parcel", func(t *testing.T) { sameUnmatched(t, conn, got) })
}

// sameUses compares what the parcels of each class come to in each neighbourhood.
func sameUses(t *testing.T, conn *pgx.Conn, got map[string][]byte) {
	count, official, floor := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, f := range featuresOf(t, got["layers/parcels.geojson"]) {
		class, _ := f.text("mix_class")
		zone, _ := f.text("zone_code")
		in := class + " in " + zone
		area, _ := f.number(t, "official_area")
		count[in]++
		official[in] += area
		if ratio, ok := f.number(t, "plot_ratio"); ok {
			floor[in] += ratio * area
		}
	}
	const by = `
		WITH place AS (SELECT DISTINCT ON (parcel) parcel, zone FROM shares ORDER BY parcel, share DESC, zone), used AS (
			SELECT coalesce(class, '') || ' in ' || coalesce(zone, '') AS key, official, (p->>'floor_area')::float8 AS floor
			FROM plots LEFT JOIN place ON parcel = key
			LEFT JOIN classes ON standard = p->>'land_use_standard' AND code = p->>'land_use')
		SELECT key, `
	agree(t, "parcels", count, column(t, conn, by+"count(*)::float8 FROM used GROUP BY key"), 0, 0)
	agree(t, "official area", official, column(t, conn, by+"sum(official) FROM used GROUP BY key"), 1e-7, 1e-3)
	agree(t, "floor area", floor, column(t, conn, by+"sum(floor) FROM used WHERE floor IS NOT NULL GROUP BY key"), 1e-6, 1) // ratios have six decimals
}

// sameLots compares what each lot was given by its assessments, and what all come to.
func sameLots(t *testing.T, conn *pgx.Conn, dir string) {
	src, err := read.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	codes, _, rows := used(t, src, table.Parcels)
	uses, figures := map[string]float64{}, map[string]float64{}
	for i, r := range rows {
		if u := r.batch.Text("land_use"); !u.IsNull(r.row) {
			uses[codes[i]+" "+u.Value(r.row)] = 1
		}
		for _, name := range []string{"recorded_area", "floor_area"} {
			if v := r.batch.Numbers(name, unit.SquareMetre); !v.IsNull(r.row) {
				figures[name+" of "+codes[i]] = v.Value(r.row)
				figures["all "+name] += v.Value(r.row)
			}
		}
	}
	want := column(t, conn, `
		SELECT name || ' of ' || key, (p->>name)::float8 FROM plots, (VALUES ('recorded_area'), ('floor_area')) AS c (name) WHERE p->>name IS NOT NULL
		UNION ALL SELECT 'all ' || name, sum((p->>name)::numeric)::float8 FROM plots, (VALUES ('recorded_area'), ('floor_area')) AS c (name) GROUP BY 1`)
	agree(t, "area", figures, want, 1e-12, 1e-6)
	if all := figures["all floor_area"] / 0.09290304; math.Round(all) != cityFloor {
		t.Errorf("the lots' floors come to %.0f square feet, want %d", all, cityFloor)
	}
	agree(t, "use", uses, column(t, conn, "SELECT key || ' ' || (p->>'land_use'), 1 FROM plots WHERE p->>'land_use' IS NOT NULL"), 0, 0)
}

// cityFloor is what README.md of datasets/cambridge says of all floors, in square feet.
const cityFloor = 104_016_020

// sameUnmatched compares which assessments belong to no parcel, and what they carry: with
// those that do they are all.
func sameUnmatched(t *testing.T, conn *pgx.Conn, got map[string][]byte) {
	rows, area, all := map[string]float64{}, map[string]float64{}, 0.0
	for _, r := range tableOf(t, got["tables/unmatched.csv"]) {
		n := numberOf(t, r["rows"])
		rows[r["table"]+"/"+r["key"]] = n
		if r["area_mu"] != "" {
			area[r["key"]] = numberOf(t, r["area_mu"])
		}
		if all += n; r["reason"] != "unknown_key" && r["reason"] != "no_key" {
			t.Errorf("%v", r)
		}
	}
	agree(t, "rows", rows, column(t, conn, `
		SELECT layer || '/' || ml, count(*)::float8 FROM tax, (VALUES ('parcels'), ('land_use')) AS l (layer)
		WHERE ml NOT IN (SELECT ml FROM shapes WHERE ml <> '') GROUP BY 1`), 0, 0)
	agree(t, "mu", area, column(t, conn, "SELECT ml, recorded * 3 / 2000 FROM lots WHERE recorded IS NOT NULL AND ml NOT IN (SELECT ml FROM shapes)"), 0, muRounding)
	matched := column(t, conn, "SELECT 'matched', sum(rows)::float8 FROM lots WHERE ml IN (SELECT ml FROM shapes)")["matched"]
	if read := 27424.0; all+2*matched != 2*read {
		t.Errorf("%v rows of two tables unmatched and %v matched by each: not the %v of the file", all, matched, read)
	}
}
