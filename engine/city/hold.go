package city

import (
	"context"
	"slices"

	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/parallel"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/write"
)

// refusal says of a batch's rows why they are rejected; nil keeps a row.
type refusal func(b table.Batch) func(row int) *read.Reject

// review says of a whole table's rows which are rejected, in ascending order.
type review func(rows table.Rows) []join.Refused

// keep takes a table that was read into the books. refuse rejects rows one by one,
// review those that only the whole table shows to be wrong.
func (c *City) keep(ctx context.Context, t *read.Table, refuse refusal, review review) (*Layer, error) {
	name := t.Schema.Name
	l := &Layer{batches: t.Batches}
	if t.Schema.Shape == table.Areal {
		l.gates = make([]*survey.Gate, len(t.Batches))
		if err := parallel.Each(ctx, len(t.Batches), c.o.Threads, func(i int) error {
			l.gates[i] = survey.Geometries(t.Batches[i])
			return nil
		}); err != nil {
			return nil, err
		}
	}
	c.Books.open(t.Account)
	alive := c.Books.gates(name, l.batches, l.gates)
	if refuse != nil {
		c.refuse(l, name, alive, refuse)
	}
	var twice []read.Reject
	l.order, twice = read.Order(t.Schema, l.batches, alive)
	if review != nil {
		c.drop(l, name, review(l.Rows()))
	}
	c.Books.use(name, l.batches, l.order, twice)
	return l, nil
}

// refuse rejects rows of a layer one by one; those that are no longer alive are not
// asked about.
func (c *City) refuse(l *Layer, name string, alive func(table.Ref) bool, why refusal) {
	for i, b := range l.batches {
		of := why(b)
		for row := range b.Rows() {
			ref := table.Ref{Batch: int32(i), Row: int32(row)}
			if !alive(ref) {
				continue
			}
			if r := of(row); r != nil {
				c.Books.reject(name, b, ref, *r)
			}
		}
	}
}

// drop rejects used rows of a layer, given in ascending order.
func (c *City) drop(l *Layer, name string, refused []join.Refused) {
	kept := l.order[:0]
	for i, ref := range l.order {
		if len(refused) > 0 && refused[0].Row == int32(i) {
			r := refused[0]
			c.Books.reject(name, l.batches[ref.Batch], ref, read.Reject{
				Column: r.Column, Value: read.Shown([]byte(r.Value)), Reason: read.Reason(r.Reason)})
			refused = refused[1:]
			continue
		}
		kept = append(kept, ref)
	}
	l.order = kept
}

// holds says whether a table's rows are held for the join or for a rule.
func (c *City) holds(name string) bool {
	switch name {
	case table.ControlLines, table.Projects:
		return c.o.Near || c.o.Figures && name == table.Projects
	case table.ZoneIndicators:
		return c.o.Figures
	case table.Enterprises:
		return true
	}
	return c.enterprises.register != nil && slices.Contains(joinedTables, name)
}

// demands are what the rows of a table must meet beside what its schema asks.
func (c *City) demands(name string) (refusal, review) {
	switch name {
	case table.Tenancies:
		return nil, c.reviewTenancies
	case table.Adjustments:
		return wrongAdjustment, nil
	case table.ZoneIndicators:
		return c.wrongIndicator, nil
	}
	return nil, nil
}

// settle accounts for a table. One that a later stage asks for is held, of others the
// rows are let go.
func (c *City) settle(ctx context.Context, t *read.Table) (rows int, err error) {
	name := t.Schema.Name
	refuse, review := c.demands(name)
	l, err := c.keep(ctx, t, refuse, review)
	if err != nil {
		return 0, err
	}
	if !c.holds(name) {
		return len(l.order), c.letGo(ctx, name)
	}
	switch name {
	case table.ControlLines:
		c.ControlLines = l
	case table.Projects:
		c.Projects = l
	case table.ZoneIndicators:
		c.Indicators = l
	case table.Enterprises:
		c.flagCodes(l.Rows())
		c.enrol(l.Rows())
		fallthrough
	default:
		c.enterprises.hold(name, l)
	}
	return len(l.order), nil
}

// letGo notes where the used rows of a table were read, and lets them go.
func (c *City) letGo(ctx context.Context, name string) error {
	if err := c.note(ctx, c.Books.source(name)); err != nil {
		return err
	}
	return c.Books.release(ctx, name, c.o.Threads)
}

func (c *City) note(ctx context.Context, s write.Source) error {
	if c.o.Note == nil {
		return nil
	}
	return c.o.Note(ctx, s)
}

// NoteSources notes where the rows that are still held were read.
func (c *City) NoteSources(ctx context.Context) (rows int, err error) {
	for _, name := range c.Books.names() {
		if c.Books.released(name) {
			continue
		}
		s := c.Books.source(name)
		if err := c.note(ctx, s); err != nil {
			return rows, err
		}
		rows += s.Rows
	}
	return rows, nil
}
