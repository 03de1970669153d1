package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
)

// LoadOptions say where a dataset is loaded to.
type LoadOptions struct {
	Schema  string // made when it is not there; empty: public
	Workers int
	// Progress is told of each table as it begins.
	Progress func(table string)
}

// Loaded is what loading a dataset came to.
type Loaded struct {
	Schema  string
	Tables  []LoadedTable // in the contract's order
	Codes   int           // of the dataset's own code tables
	Dropped []string      // tables of an earlier load that the dataset no longer has
}

// LoadedTable is what became of a table's rows: those read are loaded or rejected.
type LoadedTable struct {
	Name       string
	Rows       int64
	Account    *read.Account
	Rejects    []read.Reject // those of the account, and rows that no server can hold
	Duplicates []read.Reject // rows with the key of an earlier one, loaded all the same: see [Load]

	long bool        // a key is too long for an index
	open []openShape // shapes whose rings had to be closed to be stored
}

// Load puts a dataset into a schema of a database, as it was understood: columns have
// their types, amounts the units that evaluation counts in, coordinates are degrees of
// longitude and latitude.
//
// What a later evaluation decides, it decides there too, so that it comes to the same:
// rows with a key that another row has are all loaded, and so are shapes that are
// invalid. Which of them counts, and what can be mended, depends on the whole table.
// The key is a unique index where the data allows one, else an index; gid numbers the
// rows. Rows that cannot be read have no types to be loaded as; they are kept in
// muscope_rejects, where evaluation from the database finds them, and the classes of the
// dataset's own land-use codes in muscope_codes. A server stores no ring that is not
// closed: it is closed, and how it was stands in muscope_shapes, so that the repair is
// noted as it would be of the files, until somebody changes the shape.
//
// All is one transaction. A dataset that was loaded before is replaced: its rows are
// deleted and not its tables, so that grants and views stay and readers see the old rows
// until they see the new. A table that was not made by loading is never touched.
func Load(ctx context.Context, address string, src read.Source, o LoadOptions) (*Loaded, error) {
	if o.Schema == "" {
		o.Schema = "public"
	}
	for _, s := range table.Inputs() {
		if s.Always && !src.Has(s.Name) {
			_, err := read.All(ctx, src, s.Name, 1) // says what is missing
			return nil, err
		}
	}
	pool, err := postgis.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, postgis.Explain(ctx, err, address)
	}
	defer conn.Release()
	l := &loader{o: o, src: src, address: address, conn: conn.Conn(), out: &Loaded{Schema: o.Schema}}
	if err := l.load(ctx); err != nil {
		l.end()
		told := postgis.Explain(ctx, err, address)
		if ctx.Err() != nil || l.doing == "" || errors.Is(told, err) && !isServers(err) {
			return nil, told
		}
		return nil, fmt.Errorf("load %s: %w", l.doing, told)
	}
	return l.out, nil
}

func isServers(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said)
}

// loader is a dataset being loaded.
type loader struct {
	o       LoadOptions
	src     read.Source
	address string
	conn    *pgx.Conn
	tx      pgx.Tx
	doing   string // the table
	out     *Loaded
}

// end rolls back what was not committed.
func (l *loader) end() {
	if l.tx != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = l.tx.Rollback(ctx)
	}
}

func (l *loader) in(name string) string { return quoted(l.o.Schema, name) }

func (l *loader) load(ctx context.Context) (err error) {
	if err := writable(ctx, l.conn); err != nil {
		return err
	}
	if l.tx, err = l.conn.Begin(ctx); err != nil {
		return err
	}
	// One load of a schema at a time: each deletes what it finds.
	if _, err := l.tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, hashtext($2))", int32(schemaLock>>24), l.o.Schema); err != nil {
		return err
	}
	earlier, err := l.begin(ctx)
	if err != nil {
		return err
	}
	for _, s := range table.Inputs() {
		if !l.src.Has(s.Name) {
			continue
		}
		l.doing = s.Name
		if l.o.Progress != nil {
			l.o.Progress(s.Name)
		}
		one, err := l.table(ctx, s, slices.Contains(earlier, s.Name))
		if err != nil {
			return err
		}
		l.out.Tables = append(l.out.Tables, *one)
	}
	l.doing = ""
	if err := l.keepLists(ctx); err != nil {
		return err
	}
	if err := l.dropRest(ctx, earlier); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return l.tx.Commit(ctx)
}

// begin makes the schema and the lists that loading keeps, and refuses a schema whose
// tables are somebody's own. Earlier are the tables of an earlier load.
func (l *loader) begin(ctx context.Context) (earlier []string, err error) {
	var there bool
	if err := l.tx.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL", quoted(l.o.Schema)).Scan(&there); err != nil {
		return nil, err
	}
	if !there {
		if _, err := l.tx.Exec(ctx, "CREATE SCHEMA "+quoted(l.o.Schema)); err != nil {
			return nil, err
		}
	}
	if _, err := l.tx.Exec(ctx, loadLists(l.o.Schema)); err != nil {
		return nil, err
	}
	if earlier, err = l.names(ctx, "SELECT table_name FROM "+l.in(postgis.LoadedTables)+" ORDER BY 1"); err != nil {
		return nil, err
	}
	all, err := l.names(ctx, "SELECT relname::text FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'p', 'v', 'm', 'f')", quoted(l.o.Schema))
	if err != nil {
		return nil, err
	}
	for _, s := range table.Inputs() {
		if slices.Contains(all, s.Name) && !slices.Contains(earlier, s.Name) {
			return nil, fmt.Errorf("load into schema %s: it has a table %s that was not loaded; name another with --schema, or drop it", quoted(l.o.Schema), s.Name)
		}
	}
	return slices.DeleteFunc(earlier, func(name string) bool { return !slices.Contains(all, name) }), nil
}

func (l *loader) names(ctx context.Context, sql string, args ...any) ([]string, error) {
	rows, err := l.tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// loadLists makes what loading keeps beside the tables.
func loadLists(schema string) string {
	tables, rejects := quoted(schema, postgis.LoadedTables), quoted(schema, postgis.LoadedRejects)
	own, shapes := quoted(schema, postgis.LoadedCodes), quoted(schema, postgis.LoadedShapes)
	return `CREATE TABLE IF NOT EXISTS ` + tables + ` (table_name text PRIMARY KEY, rows bigint NOT NULL, rejected bigint NOT NULL,
			duplicates bigint NOT NULL, data text NOT NULL, loaded_at timestamptz NOT NULL DEFAULT now());
		COMMENT ON TABLE ` + tables + ` IS '由 muscope load 装入的表 · tables that muscope load made and replaces';
		COMMENT ON COLUMN ` + tables + `.table_name IS '表 · table';
		COMMENT ON COLUMN ` + tables + `.rows IS '装入行数 · rows loaded';
		COMMENT ON COLUMN ` + tables + `.rejected IS '不能使用的行数 · rows that could not be read';
		COMMENT ON COLUMN ` + tables + `.duplicates IS '主键重复的行数 · rows whose key another row has';
		COMMENT ON COLUMN ` + tables + `.data IS '数据来源 · data that was loaded';
		COMMENT ON COLUMN ` + tables + `.loaded_at IS '装入时间 · when it was loaded';
		CREATE TABLE IF NOT EXISTS ` + rejects + ` (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, "table" text NOT NULL, key text NOT NULL,
			"column" text NOT NULL, value text NOT NULL, reason text NOT NULL, file text NOT NULL, row bigint NOT NULL);
		COMMENT ON TABLE ` + rejects + ` IS '不能装入的数据行，改正后请从此表删除 · rows that could not be loaded; delete those that were put right';
		COMMENT ON COLUMN ` + rejects + `.id IS '序号 · number';
		COMMENT ON COLUMN ` + rejects + `."table" IS '表 · table';
		COMMENT ON COLUMN ` + rejects + `.key IS '主键 · key';
		COMMENT ON COLUMN ` + rejects + `."column" IS '列 · column';
		COMMENT ON COLUMN ` + rejects + `.value IS '原值 · value';
		COMMENT ON COLUMN ` + rejects + `.reason IS '原因 · reason';
		COMMENT ON COLUMN ` + rejects + `.file IS '文件 · file';
		COMMENT ON COLUMN ` + rejects + `.row IS '行 · row';
		ALTER TABLE ` + rejects + ` ADD COLUMN IF NOT EXISTS amounts text NOT NULL DEFAULT '[]';
		COMMENT ON COLUMN ` + rejects + `.amounts IS '能读出的面积和金额 · land and money that could be read';
		CREATE TABLE IF NOT EXISTS ` + own + ` (standard text, code text, mix_class text NOT NULL, mix_class_wide text NOT NULL, name_zh text NOT NULL, name_en text NOT NULL,
			PRIMARY KEY (standard, code));
		COMMENT ON TABLE ` + own + ` IS '数据集自带的用地分类 · land-use codes of the dataset''s own';
		COMMENT ON COLUMN ` + own + `.standard IS '分类标准 · standard';
		COMMENT ON COLUMN ` + own + `.code IS '代码 · code';
		COMMENT ON COLUMN ` + own + `.mix_class IS '三类用地归类 · class in the land mix';
		COMMENT ON COLUMN ` + own + `.mix_class_wide IS '三类用地归类（宽口径） · class under the wide profile';
		COMMENT ON COLUMN ` + own + `.name_zh IS '名称 · Chinese name';
		COMMENT ON COLUMN ` + own + `.name_en IS '英文名称 · English name';
		CREATE TABLE IF NOT EXISTS ` + shapes + ` ("table" text, gid bigint, stored bytea NOT NULL, original bytea NOT NULL, PRIMARY KEY ("table", gid));
		COMMENT ON TABLE ` + shapes + ` IS '为能入库而闭合的图形 · shapes that were closed to be stored';
		COMMENT ON COLUMN ` + shapes + `."table" IS '表 · table';
		COMMENT ON COLUMN ` + shapes + `.gid IS '行号 · row number';
		COMMENT ON COLUMN ` + shapes + `.stored IS '入库图形（WKB） · shape as stored, WKB';
		COMMENT ON COLUMN ` + shapes + `.original IS '原图形（WKB） · shape as it was, WKB'`
}

// keepLists keeps what was loaded, the rows that could not be, and the dataset's own
// codes.
func (l *loader) keepLists(ctx context.Context) error {
	for _, list := range []string{postgis.LoadedTables, postgis.LoadedRejects, postgis.LoadedCodes, postgis.LoadedShapes} {
		if _, err := l.tx.Exec(ctx, "DELETE FROM "+l.in(list)); err != nil {
			return err
		}
	}
	var rejects, shapes [][]any
	for _, t := range l.out.Tables {
		if _, err := l.tx.Exec(ctx, "INSERT INTO "+l.in(postgis.LoadedTables)+" (table_name, rows, rejected, duplicates, data) VALUES ($1, $2, $3, $4, $5)",
			t.Name, t.Rows, len(t.Rejects), len(t.Duplicates), storable(l.src.Name())); err != nil {
			return err
		}
		for _, r := range t.Rejects {
			amounts, err := json.Marshal(r.Amounts)
			if err != nil {
				return err
			}
			rejects = append(rejects, []any{r.Table, storable(r.Key), r.Column, storable(r.Value), string(r.Reason), storable(t.Account.Files[r.File].Name), r.Row, string(amounts)})
		}
		for _, o := range t.open {
			shapes = append(shapes, []any{t.Name, o.row, o.stored, o.original})
		}
	}
	if _, err := l.tx.CopyFrom(ctx, pgx.Identifier{l.o.Schema, postgis.LoadedRejects},
		[]string{"table", "key", "column", "value", "reason", "file", "row", "amounts"}, pgx.CopyFromRows(rejects)); err != nil {
		return err
	}
	if _, err := l.tx.CopyFrom(ctx, pgx.Identifier{l.o.Schema, postgis.LoadedShapes}, []string{"table", "gid", "stored", "original"}, pgx.CopyFromRows(shapes)); err != nil {
		return err
	}
	return l.keepCodes(ctx)
}

func (l *loader) keepCodes(ctx context.Context) error {
	own, ok := l.src.(interface {
		CodeTables(context.Context) ([]*codes.Table, error)
	})
	if !ok {
		return nil
	}
	tables, err := own.CodeTables(ctx)
	if err != nil {
		return err
	}
	var entries [][]any
	for _, t := range tables {
		for _, e := range t.Entries() {
			entries = append(entries, []any{storable(t.Standard), storable(e.Code), e.Strict.String(), e.Wide.String(), storable(e.Zh), storable(e.En)})
		}
	}
	l.out.Codes = len(entries)
	_, err = l.tx.CopyFrom(ctx, pgx.Identifier{l.o.Schema, postgis.LoadedCodes},
		[]string{"standard", "code", "mix_class", "mix_class_wide", "name_zh", "name_en"}, pgx.CopyFromRows(entries))
	return err
}

// dropRest drops the tables of an earlier load that the dataset does not have: rows of
// another year beside those of this would be a mixture nobody asked for.
func (l *loader) dropRest(ctx context.Context, earlier []string) error {
	for _, name := range earlier {
		if l.src.Has(name) {
			continue
		}
		if _, err := l.tx.Exec(ctx, lockTimeout); err != nil {
			return err
		}
		if _, err := l.tx.Exec(ctx, "DROP TABLE "+l.in(name)); err != nil {
			return err
		}
		l.out.Dropped = append(l.out.Dropped, name)
	}
	return nil
}

// Closed is how many shapes had to be closed to be stored.
func (t *LoadedTable) Closed() int { return len(t.open) }
