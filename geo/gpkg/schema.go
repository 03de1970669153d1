package gpkg

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// Plan is a layer to be written.
type Plan struct {
	Name        string // of the table
	Title       string // for people; Name where it is empty
	Description string
	Key         string   // the key's column; fid where it is empty
	Geometry    string   // the geometry's column; geom where it is empty
	Type        wkb.Type // of all geometries; 0 for any. Single ones are made multiple where that is it
	SRS         SRS      // see [SRSOf]; the zero value is undefined
	Fields      []Field
}

// version is that of the specification, 1.3.0, as the file's header has it. Readers
// of the years before do not know a later one and warn.
const version = 10300

// setUp makes the settings of a new file. There is no journal: a file that was not
// finished is removed.
var setUp = fmt.Sprintf("PRAGMA page_size=4096; PRAGMA encoding='UTF-8'; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "+
	"PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000; PRAGMA application_id=%d; PRAGMA user_version=%d",
	'G'<<24|'P'<<16|'K'<<8|'G', version)

// tables are those every file has.
const tables = `
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))`

// check refuses a plan that no file can hold, and fills in what was left empty.
func (p *Plan) check() error {
	if p.Key == "" {
		p.Key = "fid"
	}
	if p.Geometry == "" {
		p.Geometry = "geom"
	}
	if p.Title == "" {
		p.Title = p.Name
	}
	lower := strings.ToLower(p.Name)
	for _, reserved := range []string{"gpkg_", "rtree_", "sqlite_"} {
		if strings.HasPrefix(lower, reserved) {
			return fmt.Errorf("a layer's name cannot begin with %s", reserved)
		}
	}
	if p.Type != 0 && !p.Type.Readable() {
		return fmt.Errorf("layers of %s are not written", p.Type)
	}
	for _, text := range []string{p.Name, p.Title, p.Description, p.SRS.Name, p.SRS.Organization, p.SRS.Definition} {
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return fmt.Errorf("%q cannot be written: it is not UTF-8, or holds a NUL", text)
		}
	}
	if p.Name == "" {
		return errors.New("the layer has no name")
	}
	return p.checkColumns()
}

func (p *Plan) checkColumns() error {
	names := []string{p.Key, p.Geometry}
	for _, f := range p.Fields {
		if f.Kind == Null || int(f.Kind) >= len(kindNames) {
			return fmt.Errorf("column %q: no column can be of kind %s", f.Name, f.Kind)
		}
		names = append(names, f.Name)
	}
	seen := map[string]bool{}
	for _, name := range names {
		lower := asciiLower(name)
		switch {
		case name == "":
			return errors.New("a column has no name")
		case !utf8.ValidString(name) || strings.IndexByte(name, 0) >= 0:
			return fmt.Errorf("column %q: its name is not UTF-8, or holds a NUL", name)
		case seen[lower]:
			return fmt.Errorf("column %q: there are two of that name", name)
		}
		seen[lower] = true
	}
	return nil
}

// asciiLower folds as SQLite does: names that differ in é and É are two.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// columnTypes are the kinds as GeoPackage spells them.
var columnTypes = [...]string{"", "BOOLEAN", "INTEGER", "DOUBLE", "TEXT", "BLOB", "DATE", "DATETIME"}

// typeName is the type of the layer's geometries as GeoPackage spells it.
func (p *Plan) typeName() string {
	if p.Type == 0 {
		return "GEOMETRY"
	}
	return strings.ToUpper(p.Type.String())
}

// create is the SQL that makes the layer's table.
func (p *Plan) create() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (%s INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, %s %s",
		quoted(p.Name), quoted(p.Key), quoted(p.Geometry), p.typeName())
	for _, f := range p.Fields {
		fmt.Fprintf(&b, ", %s %s", quoted(f.Name), columnTypes[f.Kind])
	}
	return b.String() + ")"
}

// insert is the SQL that writes a row: the key, the geometry, the fields.
func (p *Plan) insert() string {
	return "INSERT INTO " + quoted(p.Name) + " VALUES (?, ?" + strings.Repeat(", ?", len(p.Fields)) + ")"
}

// register is the SQL that lists the layer; its bounds are SQL numbers or NULL.
func (p *Plan) register(changed string, bounds [4]string) string {
	return fmt.Sprintf(`INSERT INTO gpkg_contents VALUES (%s, 'features', %s, %s, %s, %s, %d);
INSERT INTO gpkg_geometry_columns VALUES (%s, %s, '%s', %d, 0, 0);
INSERT INTO gpkg_extensions VALUES (%s, %s, 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')`,
		literal(p.Name), literal(p.Title), literal(p.Description), literal(changed), strings.Join(bounds[:], ", "), p.SRS.ID,
		literal(p.Name), literal(p.Geometry), p.typeName(), p.SRS.ID,
		literal(p.Name), literal(p.Geometry))
}

// row is the SQL that lists the system.
func (s SRS) row() string {
	return fmt.Sprintf("INSERT INTO gpkg_spatial_ref_sys VALUES (%s, %d, %s, %d, %s, NULL)",
		literal(s.Name), s.ID, literal(s.Organization), s.Code, literal(s.Definition))
}

// index is the name of the layer's spatial index.
func (p *Plan) index() string { return "rtree_" + p.Name + "_" + p.Geometry }

// triggers is the SQL that keeps the spatial index true when a row is inserted,
// changed or deleted. The functions in it are those of GeoPackage's editors.
func (p *Plan) triggers() string {
	box := "ST_MinX(NEW.{g}), ST_MaxX(NEW.{g}), ST_MinY(NEW.{g}), ST_MaxY(NEW.{g})"
	drawn := func(row string) string { return "(" + row + ".{g} NOTNULL AND NOT ST_IsEmpty(" + row + ".{g}))" }
	void := func(row string) string { return "(" + row + ".{g} ISNULL OR ST_IsEmpty(" + row + ".{g}))" }
	same, moved := "OLD.{k} = NEW.{k} AND ", "OLD.{k} != NEW.{k} AND "
	list := []struct{ name, event, when, then string }{
		{"insert", "INSERT", drawn("NEW"), "INSERT OR REPLACE INTO {r} VALUES (NEW.{k}, " + box + ")"},
		{"update2", "UPDATE OF {g}", same + void("NEW"), "DELETE FROM {r} WHERE id = OLD.{k}"},
		{"update4", "UPDATE", moved + void("NEW"), "DELETE FROM {r} WHERE id IN (OLD.{k}, NEW.{k})"},
		{"update5", "UPDATE", moved + drawn("NEW"),
			"DELETE FROM {r} WHERE id = OLD.{k}; INSERT OR REPLACE INTO {r} VALUES (NEW.{k}, " + box + ")"},
		{"update6", "UPDATE OF {g}", same + drawn("NEW") + " AND " + drawn("OLD"),
			"UPDATE {r} SET minx = ST_MinX(NEW.{g}), maxx = ST_MaxX(NEW.{g}), miny = ST_MinY(NEW.{g}), maxy = ST_MaxY(NEW.{g}) WHERE id = NEW.{k}"},
		{"update7", "UPDATE OF {g}", same + drawn("NEW") + " AND " + void("OLD"), "INSERT INTO {r} VALUES (NEW.{k}, " + box + ")"},
		{"delete", "DELETE", "OLD.{g} NOTNULL", "DELETE FROM {r} WHERE id = OLD.{k}"},
	}
	var b strings.Builder
	for _, t := range list {
		names := strings.NewReplacer("{n}", quoted(p.index()+"_"+t.name), "{t}", quoted(p.Name),
			"{r}", quoted(p.index()), "{g}", quoted(p.Geometry), "{k}", quoted(p.Key))
		b.WriteString(names.Replace("CREATE TRIGGER {n} AFTER " + t.event + " ON {t} WHEN " + t.when + " BEGIN " + t.then + "; END;\n"))
	}
	return b.String()
}
