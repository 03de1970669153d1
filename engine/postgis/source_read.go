package postgis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/read/dataset"
	"github.com/muscope-gis/muscope/geo/crs"
)

// A batch has no more rows, and begins no row beyond so many bytes.
const (
	rowsPerBatch  = 1 << 16
	bytesPerBatch = 32 << 20
)

// blocksPerJob is how much of a table's file one statement reads. More rows than a batch
// holds do not fit there.
const blocksPerJob = 512

// query is how a relation is read.
type query struct {
	server   *server
	relation relation
	rel      *read.Relation
	text     string   // SELECT … FROM …, without a condition
	setters  []setter // of the cells before the shape and the number
	shape    bool     // a shape follows
	number   bool     // the row's number comes last
	declared bool     // the system of the shapes
	key      string   // quoted column that ranges may be of; empty: none
	ascii    bool
}

// read reads a relation: the way that package read asks for it.
func (s *Source) read(ctx context.Context, rel *read.Relation, part dataset.Part) error {
	r := s.by[part.Within]
	if s.server.gone.Load() {
		return fmt.Errorf("read %s: the source is closed", r)
	}
	err := s.server.read(ctx, rel, r, part)
	var unreachable *Unreachable
	explained := s.server.explain(ctx, err)
	if explained != err || errors.As(err, &unreachable) { //nolint:errorlint // whether it is another
		return fmt.Errorf("read %s: %w", r, explained)
	}
	return err
}

func (s *server) read(ctx context.Context, rel *read.Relation, r relation, part dataset.Part) error {
	if err := s.measure(ctx, &r); err != nil {
		return err
	}
	q := &query{server: s, relation: r, rel: rel, ascii: s.ascii}
	rel.System = func(srid uint32) (crs.System, error) { return s.system(ctx, srid) }
	if err := q.choose(ctx, part); err != nil {
		return err
	}
	rel.Expect(int64(r.rows))
	switch {
	case r.blocks > blocksPerJob && (r.kind == 'r' || r.kind == 'm') && !r.parent && s.version >= 14_00_00 && rel.Workers() > 1:
		return q.byBlocks(ctx)
	case r.blocks > 0 || rel.Workers() == 1:
	case q.key != "":
		return q.byKey(ctx)
	default:
		rel.Note("read over one connection: it is no table, and has no key column to part it by")
	}
	return q.stream(ctx, "", nil)
}

// byBlocks reads a table in runs of its file's blocks. The last has no end: the table may
// have grown.
func (q *query) byBlocks(ctx context.Context) error {
	jobs := int((q.relation.blocks + blocksPerJob - 1) / blocksPerJob)
	return q.rel.Jobs(ctx, jobs, func() func(int) error {
		return func(job int) error {
			block := func(n int) []byte { return fmt.Appendf(nil, "(%d,0)", n*blocksPerJob) }
			if job == jobs-1 {
				return q.stream(ctx, " WHERE ctid >= $1", []uint32{pgtype.TIDOID}, block(job))
			}
			return q.stream(ctx, " WHERE ctid >= $1 AND ctid < $2", []uint32{pgtype.TIDOID, pgtype.TIDOID}, block(job), block(job+1))
		}
	})
}

// byKey reads what is no table in ranges of its key, each about as long as the others.
func (q *query) byKey(ctx context.Context) error {
	bounds, err := q.bounds(ctx)
	if err != nil {
		return err
	}
	if len(bounds) == 0 {
		return q.stream(ctx, "", nil)
	}
	return q.rel.Jobs(ctx, len(bounds)+1, func() func(int) error {
		return func(job int) error {
			switch job {
			case 0:
				return q.stream(ctx, fmt.Sprintf(" WHERE %[1]s < $1 OR %[1]s IS NULL", q.key), nil, bounds[0])
			case len(bounds):
				return q.stream(ctx, fmt.Sprintf(" WHERE %s >= $1", q.key), nil, bounds[job-1])
			}
			return q.stream(ctx, fmt.Sprintf(" WHERE %[1]s >= $1 AND %[1]s < $2", q.key), nil, bounds[job-1], bounds[job])
		}
	})
}

// bounds are the keys, as texts, that part the rows into as many ranges as there are
// workers.
func (q *query) bounds(ctx context.Context) (bounds [][]byte, err error) {
	workers := q.rel.Workers()
	shares := make([]float64, workers-1)
	for i := range shares {
		shares[i] = float64(i+1) / float64(workers)
	}
	c, done, err := q.server.session(ctx)
	if err != nil {
		return nil, err
	}
	var texts []*string
	err = c.QueryRow(ctx, fmt.Sprintf("SELECT (percentile_disc($1::float8[]) WITHIN GROUP (ORDER BY %s))::text[] FROM %s", q.key, q.relation.quoted()), shares).Scan(&texts)
	done(err != nil)
	for _, t := range texts {
		if t != nil && (len(bounds) == 0 || string(bounds[len(bounds)-1]) != *t) {
			bounds = append(bounds, []byte(*t))
		}
	}
	return bounds, err
}

// stream reads the rows that a condition holds for, batch by batch.
func (q *query) stream(ctx context.Context, where string, types []uint32, values ...[]byte) error {
	c, done, err := q.server.session(ctx)
	if err != nil {
		return err
	}
	broken := true
	defer func() { done(broken) }() // whatever becomes of those who take the batches
	rows := c.Conn().PgConn().ExecParams(ctx, q.text+where, values, types, nil, binary)
	err = q.batches(ctx, rows)
	_, closed := rows.Close()
	if err == nil {
		err = closed
	}
	broken = err != nil
	return err
}

// binary asks for all columns as the server keeps them.
var binary = []int16{pgtype.BinaryFormatCode}

// batches turns rows into batches. None is handed on when the statement failed.
func (q *query) batches(ctx context.Context, rows *pgconn.ResultReader) error {
	capacity := 1024
	if q.relation.blocks > 0 && q.relation.rows > 0 {
		capacity = min(rowsPerBatch, int(float64(q.relation.rows)/float64(q.relation.blocks)*float64(min(blocksPerJob, q.relation.blocks))*1.05)+16)
	}
	for more := true; more; {
		cells := q.rel.Cells(capacity, q.declared)
		bytes := 0
		for more = rows.NextRow(); more; more = rows.NextRow() {
			bytes += q.row(cells, rows.Values())
			if bytes > bytesPerBatch || cells.Rows() >= rowsPerBatch {
				break
			}
		}
		if !more { // the statement may have failed: that is told by its end alone
			if _, err := rows.Close(); err != nil {
				return err
			}
		}
		if err := cells.Hand(); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// row sets a row from its cells, and tells their bytes.
func (q *query) row(cells *read.Cells, values [][]byte) (bytes int) {
	for i := range q.setters {
		if v := values[i]; v != nil {
			q.setters[i].set(cells, &q.setters[i], v)
			bytes += len(v)
		}
	}
	next := len(q.setters)
	if q.shape {
		if v := values[next]; v != nil {
			cells.EWKB(v)
			bytes += len(v)
		} else {
			cells.NoShape()
		}
		next++
	}
	number := int64(0)
	if q.number {
		number = wholeOf(values[next])
	}
	cells.End(number)
	return bytes
}

// choose chooses the columns to read, and where their cells go.
func (q *query) choose(ctx context.Context, part dataset.Part) error {
	columns, err := q.server.columns(ctx, q.relation)
	if err != nil {
		return err
	}
	shape := -1
	if q.rel.Layer() {
		geometry := ""
		if part.Of != nil {
			geometry = part.Of.Geometry
		}
		if shape, err = q.shapeOf(columns, geometry); err != nil {
			return err
		}
		if q.declared, err = q.rel.Declared(); err != nil {
			return err
		}
	}
	var names []string
	var of []int
	for i := range columns {
		if c := &columns[i]; i != shape && (!c.spatial() || !q.rel.Layer()) {
			names, of = append(names, c.name), append(of, i)
		}
	}
	targets, err := q.rel.Head(names, func(missing string) string { return offer(missing, names) })
	if err != nil {
		return err
	}
	var list []string
	for k := range targets {
		if !targets[k].Wanted() {
			continue
		}
		c := &columns[of[k]]
		set, expression, err := q.setterOf(c, targets[k])
		if err != nil {
			return err
		}
		q.setters, list = append(q.setters, set), append(list, expression)
	}
	if k := q.rel.Key(targets); k >= 0 && orderable(&columns[of[k]]) {
		q.key = quoted(names[k])
	}
	return q.compose(ctx, list, columns, shape)
}

// compose writes the statement.
func (q *query) compose(ctx context.Context, list []string, columns []column, shape int) error {
	if shape >= 0 {
		q.shape, list = true, append(list, quoted(columns[shape].name))
	}
	number, err := q.server.number(ctx, q.relation)
	if err != nil {
		return err
	}
	if number != "" {
		q.number, list = true, append(list, quoted(number)+"::int8")
	}
	q.text = "SELECT " + strings.Join(list, ", ") + " FROM " + q.relation.quoted()
	return nil
}

// Quoted is a name as an identifier of SQL.
func Quoted(name string) string { return quoted(name) }

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

// shapeOf is the column that the shapes are in: the one that is named, the only one, or
// the one that has a name such columns usually have.
func (q *query) shapeOf(columns []column, named string) (int, error) {
	var all []int
	var names []string
	for i := range columns {
		c := &columns[i]
		if c.spatial() || c.oid == pgtype.ByteaOID && slices.Contains(usualShapes, strings.ToLower(c.name)) {
			all, names = append(all, i), append(names, c.name)
			if c.name == named {
				return i, nil
			}
		}
	}
	switch {
	case named != "":
		return 0, fmt.Errorf("read %s: it has no geometry column %s%s", q.relation, oneLine(named), offer(named, names))
	case len(all) == 0:
		return 0, fmt.Errorf("read %s: it has no column of type geometry or geography, and %s is a layer; add one, or name another relation in a mapping", q.relation, q.rel.Table())
	case len(all) == 1:
		return all[0], nil
	}
	for _, usual := range usualShapes {
		for k, i := range all {
			if strings.EqualFold(names[k], usual) {
				q.rel.Note("shapes of the column " + read.Shown([]byte(names[k])))
				return i, nil
			}
		}
	}
	return 0, fmt.Errorf("read %s: it has the geometry columns %s; say which in mapping.yaml, as geometry: %s", q.relation, oneLine(strings.Join(names, ", ")), oneLine(names[0]))
}

// usualShapes are the names that columns of shapes usually have.
var usualShapes = []string{"geom", "geometry", "the_geom", "wkb_geometry", "shape", "geog", "way"}

// orderable says whether ranges of a column may be asked for by its text.
func orderable(c *column) bool {
	switch c.oid {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.UUIDOID:
		return true
	}
	return false
}

// wholeOf is a whole number as the server sends it.
func wholeOf(v []byte) (n int64) {
	for _, b := range v {
		n = n<<8 | int64(b)
	}
	return n
}
