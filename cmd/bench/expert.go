package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed expert/evaluate.sql
var expertSQL string

// expertFigures are those of what an expert would run instead: the evaluation as SQL in
// PostGIS, then ogr2ogr for the layers. Compared counts the values that both came to.
type expertFigures struct {
	SQL      float64 `json:"sql_seconds"`
	OGR2OGR  float64 `json:"ogr2ogr_seconds"` // 0 where it is not installed
	Times    float64 `json:"times_slower"`    // than evaluate from the same database
	Compared int     `json:"values_compared"`
}

// expertLayers are the tables of schema expert that are layers.
var expertLayers = []string{"parcels_layer", "idle_land", "zones_layer", "land_mix", "land_mix_pieces", "conflicts"}

// measureExpert runs it once: it takes many times what the rounds take. The results must
// be those of the run from the same database.
func (p program) measureExpert(ctx context.Context, d database, evaluate float64) (*expertFigures, error) {
	classes, err := landUseClasses("datasets/codes/landuse_codes.csv")
	if err != nil {
		return nil, err
	}
	if err := psql(ctx, d.address, classes); err != nil {
		return nil, err
	}
	var f expertFigures
	began := time.Now()
	if err := psql(ctx, d.address, `\set data '`+strings.ReplaceAll(d.schema, "'", "''")+"'\n"+expertSQL); err != nil {
		return nil, err
	}
	f.SQL = rounded(time.Since(began).Seconds())
	if f.OGR2OGR, err = p.exported(ctx, d); err != nil {
		return nil, err
	}
	f.Times = per(f.SQL+f.OGR2OGR, evaluate)
	f.Compared, err = p.sameAsExpert(ctx, d)
	return &f, err
}

// landUseClasses is the SQL that makes the table of classes.
func landUseClasses(path string) (string, error) {
	rows, err := tableOf(path)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("DROP TABLE IF EXISTS public.land_use_classes;\n" +
		"CREATE TABLE public.land_use_classes (standard text, code text, mix_class text, mix_class_wide text, PRIMARY KEY (standard, code));\n")
	for _, r := range rows {
		text := func(name string) string { return "'" + strings.ReplaceAll(r[name], "'", "''") + "'" }
		fmt.Fprintf(&b, "INSERT INTO public.land_use_classes VALUES (%s, %s, %s, %s);\n", text("standard"), text("code"), text("mix_class"), text("mix_class_wide"))
	}
	return b.String(), nil
}

// exported has ogr2ogr write the layers as GeoJSON.
func (p program) exported(ctx context.Context, d database) (float64, error) {
	bare, password, err := withoutPassword(d.address)
	if err != nil {
		return 0, err
	}
	u, err := url.Parse(bare)
	if err != nil {
		return 0, err
	}
	source := fmt.Sprintf("PG:host=%s port=%s user=%s dbname=%s", u.Hostname(), u.Port(), u.User.Username(), strings.TrimPrefix(u.Path, "/"))
	began := time.Now()
	for _, layer := range expertLayers {
		to := p.at("expert-" + layer + ".geojson")
		cmd := exec.CommandContext(ctx, "ogr2ogr", "-f", "GeoJSON", "-lco", "RFC7946=YES", "-lco", "COORDINATE_PRECISION=7", to, source, "expert."+layer)
		cmd.Env = append(os.Environ(), "PGPASSWORD="+password) // which the process list does not show
		if said, err := cmd.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("ogr2ogr of expert.%s: %w\n%s", layer, err, said)
		}
		defer os.Remove(to)
	}
	return rounded(time.Since(began).Seconds()), nil
}

// compared is a result of both: a table of the run, the SQL's, what tells rows apart, and
// the columns to compare.
type compared struct {
	file    string // tables/NAME.csv or layers/NAME.geojson of the run
	sql     string // the table of schema expert
	keys    []string
	columns []string
	least   float64 // that figures may be apart
	rule    string  // of the run's rows, where the SQL knows one rule only; empty: all
}

// mostApart is how far figures may be apart, relatively: edges of PostGIS's geography are
// geodesics, muscope's are straight in longitude and latitude.
const mostApart = 5e-6

var results = []compared{
	{"tables/grades.csv", "grades", []string{"credit_code"}, []string{"land_mu", "total", "initial_grade", "final_grade"}, 2e-4, ""},
	{"tables/idle_land.csv", "idle_land", []string{"parcel_code"}, []string{"zone_code", "mu", "idle_kind", "idle_since", "idle_from", "idle_days", "delay_cause", "consequence", "fee", "take_back_from"}, 2e-4, ""},
	{"tables/zones.csv", "zones_layer", []string{"zone_code"}, []string{"mu", "parcels", "mu_a", "mu_b", "mu_c", "mu_d", "tax_per_mu", "sales_per_mu", "idle_mu"}, 2e-3, ""},
	{"tables/land_mix.csv", "land_mix", []string{"zone_code", "profile"}, []string{"industry_mu", "residence_mu", "public_mu", "other_mu", "nonconstruction_mu", "verdict"}, 2e-3, ""},
	{"tables/conflicts.csv", "conflicts", []string{"subject", "code"}, []string{"feature", "verdict"}, 0, "SZ-2.3-river"},
	{"layers/parcels.geojson", "parcels_layer", []string{"parcel_code"}, []string{"zone_code", "mix_class", "mu", "grade", "tax_per_mu", "sales_per_mu", "plot_ratio", "idle", "idle_kind", "at_risk_on"}, 2e-3, ""},
}

// sameAsExpert compares the run with the SQL's results, and counts the values.
func (p program) sameAsExpert(ctx context.Context, d database) (values int, err error) {
	for _, c := range results {
		columns := slices.Concat(c.keys, c.columns)
		text, err := asked(ctx, d.address, fmt.Sprintf("COPY (SELECT %s FROM expert.%s) TO STDOUT (FORMAT csv, HEADER)", strings.Join(columns, ", "), c.sql))
		if err != nil {
			return 0, err
		}
		theirs, err := rowsOf(strings.NewReader(text))
		if err != nil {
			return 0, err
		}
		ours, err := tableOf(p.at(filepath.Join("run-database", filepath.FromSlash(c.file))))
		if err != nil {
			return 0, err
		}
		n, err := c.compare(ours, theirs)
		if err != nil {
			return 0, fmt.Errorf("muscope and the SQL differ: %s: %w", c.file, err)
		}
		values += n
	}
	return values, nil
}

func (c compared) compare(ours, theirs []map[string]string) (values int, err error) {
	keyOf := func(r map[string]string) string {
		var key []string
		for _, k := range c.keys {
			key = append(key, r[k])
		}
		return strings.Join(key, "/")
	}
	by := map[string]map[string]string{}
	for _, r := range ours {
		outside := keyOf(r) == "outside" // what lies in no zone is no zone of the SQL's
		if !outside && (c.rule == "" || r["rule"] == c.rule) {
			by[keyOf(r)] = r
		}
	}
	if len(by) != len(theirs) {
		return 0, fmt.Errorf("%d rows and %d", len(by), len(theirs))
	}
	for _, r := range theirs {
		mine := by[keyOf(r)]
		for _, column := range c.columns {
			if !near(mine[column], r[column], c.least) {
				return 0, fmt.Errorf("%s of %s is %q and %q", column, keyOf(r), mine[column], r[column])
			}
			values++
		}
	}
	return values, nil
}

// near says whether two values are the same, or numbers that are nearly so.
func near(a, b string, least float64) bool {
	if a == b || strings.HasPrefix(a, b) && (a == "true" || a == "false") && b != "" {
		return true
	}
	x, badX := strconv.ParseFloat(a, 64)
	y, badY := strconv.ParseFloat(b, 64)
	return badX == nil && badY == nil && math.Abs(x-y) <= max(mostApart*math.Abs(y), least)
}

// tableOf reads a CSV table with a head, or the properties of a GeoJSON layer that has a
// feature a line.
func tableOf(path string) ([]map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if filepath.Ext(path) != ".geojson" {
		return rowsOf(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF"))))
	}
	var rows []map[string]string
	for line := range bytes.Lines(text) {
		if !bytes.HasPrefix(line, []byte(`{"type":"Feature",`)) {
			continue
		}
		var f struct{ Properties map[string]any }
		if err := json.Unmarshal(bytes.TrimRight(line, ",\r\n"), &f); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		row := map[string]string{}
		for name, v := range f.Properties {
			if v != nil {
				row[name] = strings.TrimSuffix(fmt.Sprint(v), ".0")
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func rowsOf(r io.Reader) ([]map[string]string, error) {
	lines, err := csv.NewReader(r).ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, fmt.Errorf("no table: %w", err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := maps.Collect(func(yield func(string, string) bool) {
			for i, name := range lines[0] {
				if !yield(name, line[i]) {
					return
				}
			}
		})
		rows = append(rows, row)
	}
	return rows, nil
}

func (f *expertFigures) print(w io.Writer) {
	fmt.Fprintf(w, "the same as SQL in PostGIS %.3f s, its layers through ogr2ogr %.3f s: muscope is %.1f times faster; %d values agree\n",
		f.SQL, f.OGR2OGR, f.Times, f.Compared)
}
