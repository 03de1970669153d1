package store

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// Schema is the schema that holds results.
const Schema = "muscope"

// schemaLock is the advisory lock under which the schema is changed and runs become
// visible, one after the other: "muscope" in ASCII.
const schemaLock = 0x6d7573636f7065

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations are the schema's versions: the n-th file leads from version n−1 to n.
func migrations() ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	steps := make([]string, len(names))
	for i, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		steps[i] = string(text)
	}
	return steps, nil
}

// migrate brings the schema to the version that this program writes, all steps in one
// transaction. It takes no lock and needs no right where nothing is to be done.
func migrate(ctx context.Context, conn *pgx.Conn) error {
	steps, err := migrations()
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, conn)
	if err != nil || version == len(steps) {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("schema %s is at version %d, which a newer muscope made; this one knows version %d", Schema, version, len(steps))
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(schemaLock)); err != nil {
			return err
		}
		var there bool
		if err := tx.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL", Schema).Scan(&there); err != nil {
			return err
		}
		if !there { // IF NOT EXISTS would ask for the right to create one even where it is there
			if _, err := tx.Exec(ctx, "CREATE SCHEMA "+Schema); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS muscope.migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
			COMMENT ON TABLE muscope.migrations IS '结构版本 · versions of this schema';
			COMMENT ON COLUMN muscope.migrations.version IS '版本 · version';
			COMMENT ON COLUMN muscope.migrations.applied_at IS '升级时间 · when it was applied'`); err != nil {
			return err
		}
		version, err := schemaVersion(ctx, conn) // another may have been faster
		for ; err == nil && version < len(steps); version++ {
			if _, err = tx.Exec(ctx, steps[version]); err == nil {
				_, err = tx.Exec(ctx, "INSERT INTO muscope.migrations (version) VALUES ($1)", version+1)
			}
		}
		return err
	})
}

// schemaVersion is 0 where there is no schema.
func schemaVersion(ctx context.Context, conn *pgx.Conn) (version int, err error) {
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('muscope.migrations') IS NOT NULL").Scan(&there); err != nil || !there {
		return 0, err
	}
	err = conn.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM muscope.migrations").Scan(&version)
	return version, err
}

// field is a column of a table on the server.
type field struct {
	name, kind string // kind is its type
	label      string
}

// relation is a table of results. Every run has a part of its own of it.
type relation struct {
	name, label string
	key         string // column that tells a run's rows apart; empty: the row number
	fields      []field
	geometry    bool
	plain       bool // of no primary key: rows that are read by the table, if at all
}

// layers are the names of layers, each with the column that names a feature. A table
// of results that shares the name of one is called NAME_table.
var layers = map[string]string{
	"parcels": "parcel_code", "idle_land": "parcel_code", "underused_land": "parcel_code", "zones": "zone_code",
	"land_mix": "zone_code", "land_mix_pieces": "", "conflicts": "",
}

// tableKeys are the columns that name a row of a table.
var tableKeys = map[string]string{"idle_land": "parcel_code", "underused_land": "parcel_code", "zones": "zone_code", "supply": "parcel_code"}

func layerRelation(l *write.Layer) relation {
	r := relation{name: l.Name, label: both("relation." + l.Name), key: layers[l.Name], geometry: true}
	r.fields = fieldsOf(l.Name, l.Columns)
	kind := "geometry(MultiPolygon,4326)"
	if !areal(l.Name) {
		kind = "geometry(Geometry,4326)"
	}
	r.fields = append(r.fields, field{"geom", kind, both("relation.geometry") + " · EPSG:4326"})
	return r
}

// areal says whether all shapes of a layer are polygons; those of conflicts are what
// stands too near.
func areal(layer string) bool { return layer != "conflicts" }

func tableRelation(t *write.Table) relation {
	r := relation{name: t.Name, label: both("relation." + t.Name), key: tableKeys[t.Name], fields: fieldsOf(t.Name, t.Columns)}
	if _, taken := layers[t.Name]; taken {
		r.name += "_table"
		r.label += fields.Word("relation.table_only", "zh")
	}
	return r
}

func factRelation(t *write.Table) relation {
	return relation{name: "facts_" + t.Name, label: both("relation.facts"), fields: fieldsOf("", t.Columns)}
}

func sourceRelation() relation {
	text := func(name, label string) field { return field{name, "text", label} }
	return relation{name: "sources", label: both("relation.sources"), plain: true, fields: []field{
		text("table", "表 · table"), text("key", "主键 · key"), text("file", "文件或表 · file or table"),
		text("sheet", "工作表 · worksheet"), {"row", "bigint", "行 · row"}}}
}

func both(word string) string { return fields.Word(word, "zh") + " · " + fields.Word(word, "en") }

func fieldsOf(of string, columns []write.Column) []field {
	kinds := map[write.Kind]string{
		write.KindText: "text", write.KindNumber: "double precision", write.KindInteger: "bigint", write.KindBool: "boolean", write.KindDate: "date",
	}
	out := make([]field, len(columns))
	for i := range columns {
		name := columns[i].Name
		out[i] = field{name, kinds[columns[i].Kind()], columnLabel(of, name)}
	}
	return out
}

// columnLabel is 面积（亩）· area for a column of a run; its name where no dictionary
// has it.
func columnLabel(of, name string) string {
	e, ok := fields.Explain(of, name)
	if !ok || e.Zh == "" {
		return name
	}
	zh := e.Zh
	if u := unit.LabelOf(e.Unit); u != "" {
		zh += "（" + u + "）"
	}
	return zh + " · " + cmp.Or(e.En, name)
}

// quoted is a name as SQL takes it, whatever stands in it.
func quoted(name ...string) string { return pgx.Identifier(name).Sanitize() }

// literal is a text as SQL takes it where no parameter may stand.
func literal(v string) string {
	v = strings.ReplaceAll(storable(v), "'", "''")
	if strings.Contains(v, `\`) {
		return ` E'` + strings.ReplaceAll(v, `\`, `\\`) + `'`
	}
	return "'" + v + "'"
}
