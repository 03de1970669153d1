package engine

import (
	"context"
	"fmt"
	"sync"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/spool"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/write"
)

// city is a dataset read and surveyed: what every later stage works on.
type city struct {
	zones   zones
	parcels parcels
	landUse landUse
	books   *books
	note    noter

	enterprises enterprises
}

// noter is told where the used rows of a table were read.
type noter func(context.Context, write.Source) error

// zones are the used zones in the order of their codes.
type zones struct {
	*survey.Zones
	*layer
}

// parcels are the parcels of a city: batches with their facts, and the order of
// the used rows. Rows that are not in the order are not used.
type parcels struct {
	store   *spool.Store
	batches []table.Batch
	facts   []*survey.Parcels
	marks   [][]mark
	classes [][]codes.Class // of each row's land use, strict; 0 where it says nothing
	order   []table.Ref
}

// landUse are the used land-use polygons in the order of their ids, with the
// pieces zones make of them.
type landUse struct {
	*layer
	*survey.Pieces
	entries []codes.Entry // of each used feature
}

// rows are the used parcels.
func (p *parcels) rows() table.Rows { return table.Rows{Batches: p.batches, Order: p.order} }

// layer is a layer that is read whole: its rows, what the gate made of their
// geometries, and the order of the used ones.
type layer struct {
	batches []table.Batch
	gates   []*survey.Gate
	order   []table.Ref
}

// rows are the used rows.
func (l *layer) rows() table.Rows { return table.Rows{Batches: l.batches, Order: l.order} }

// text is a text column's value of the i-th used row.
func (l *layer) text(column string, i int) (string, bool) {
	r := l.order[i]
	c := l.batches[r.Batch].Text(column)
	if c.IsNull(int(r.Row)) {
		return "", false
	}
	return c.Value(int(r.Row)), true
}

// shape is the WKB of the i-th used row.
func (l *layer) shape(i int) []byte {
	r := l.order[i]
	return l.gates[r.Batch].Geometry(l.batches[r.Batch], int(r.Row))
}

// shapes are the WKB of all used rows, in order.
func (l *layer) shapes() [][]byte {
	out := make([][]byte, len(l.order))
	for i := range out {
		out[i] = l.shape(i)
	}
	return out
}

// readCity reads a dataset and surveys it.
func readCity(ctx context.Context, in read.Source, o *Options, note noter) (*city, error) {
	c := &city{books: newBooks(), note: note}
	steps := []struct {
		name string
		do   func() (rows int, err error)
	}{
		{"zones", func() (int, error) { return c.readZones(ctx, in, o) }},
		{"parcels", func() (int, error) { return c.readParcels(ctx, in, o) }},
		{"order", func() (int, error) { return c.orderParcels() }},
		{"land_use", func() (int, error) { return c.readLandUse(ctx, in, o) }},
		{"tables", func() (int, error) { return c.readTables(ctx, in, o) }},
	}
	for _, s := range steps {
		if err := o.stage(s.name, s.do); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

func (c *city) close() {
	if c != nil && c.parcels.store != nil {
		_ = c.parcels.store.Close()
	}
}

// readLayer reads a polygon layer whole, puts it through the gate and orders it;
// refuse may reject further rows.
func (c *city) readLayer(ctx context.Context, in read.Source, name string, o *Options, refuse refusal) (*layer, error) {
	t, err := read.All(ctx, in, name, o.Threads)
	if err != nil || t == nil {
		return nil, err
	}
	return c.keep(ctx, t, o, refuse, nil)
}

// keep takes a table that was read into the books. refuse rejects rows one by one,
// review those that only the whole table shows to be wrong.
func (c *city) keep(ctx context.Context, t *read.Table, o *Options, refuse refusal, review review) (*layer, error) {
	name := t.Schema.Name
	l := &layer{batches: t.Batches}
	if t.Schema.Shape == table.Areal {
		l.gates = make([]*survey.Gate, len(t.Batches))
		if err := parallel(ctx, len(t.Batches), o.Threads, func(i int) error {
			l.gates[i] = survey.Geometries(t.Batches[i])
			return nil
		}); err != nil {
			return nil, err
		}
	}
	c.books.open(t.Account)
	alive := c.books.gates(name, l.batches, l.gates)
	for i, b := range l.batches {
		if refuse == nil {
			break
		}
		of := refuse(b)
		for row := range b.Rows() {
			ref := table.Ref{Batch: int32(i), Row: int32(row)}
			if !alive(ref) {
				continue
			}
			if r := of(row); r != nil {
				c.books.reject(name, b, ref, *r)
			}
		}
	}
	var twice []read.Reject
	l.order, twice = read.Order(t.Schema, l.batches, alive)
	if review != nil {
		c.drop(l, name, review(l.rows()))
	}
	c.books.use(name, l.batches, l.order, twice)
	return l, nil
}

// drop rejects used rows of a layer, given in ascending order.
func (c *city) drop(l *layer, name string, refused []join.Refused) {
	kept := l.order[:0]
	for i, ref := range l.order {
		if len(refused) > 0 && refused[0].Row == int32(i) {
			r := refused[0]
			c.books.reject(name, l.batches[ref.Batch], ref, read.Reject{
				Column: r.Column, Value: read.Shown([]byte(r.Value)), Reason: read.Reason(r.Reason)})
			refused = refused[1:]
			continue
		}
		kept = append(kept, ref)
	}
	l.order = kept
}

func (c *city) readZones(ctx context.Context, in read.Source, o *Options) (int, error) {
	l, err := c.readLayer(ctx, in, table.Zones, o, nil)
	if err != nil {
		return 0, err
	}
	if len(l.order) == 0 {
		return 0, fmt.Errorf("read %s: the layer zones has no usable zone (%d read); every dataset needs at least one",
			in.Name(), c.books.accounts[table.Zones].Read)
	}
	zoneCodes := make([]string, len(l.order))
	for i := range l.order {
		zoneCodes[i], _ = l.text("zone_code", i)
	}
	s, err := survey.NewZones(zoneCodes, l.shapes(), o.Threads)
	if err != nil {
		return 0, err
	}
	c.zones = zones{s, l}
	for _, v := range s.Overlaps {
		c.books.flag(table.Zones, zoneCodes[v.First], "zone_overlap", metres2(v.Area), "counted here; "+zoneCodes[v.Second]+" claims it too")
		c.books.flag(table.Zones, zoneCodes[v.Second], "zone_overlap", metres2(v.Area), "counted in "+zoneCodes[v.First])
	}
	return len(l.order), nil
}

// readParcels streams the parcels: each batch is surveyed as it comes and kept.
func (c *city) readParcels(ctx context.Context, in read.Source, o *Options) (int, error) {
	s := table.MustInput(table.Parcels)
	if !in.Has(table.Parcels) {
		_, err := read.All(ctx, in, table.Parcels, o.Threads)
		return 0, err
	}
	c.parcels.store = spool.New(s, o.Memory)
	surveyor := survey.NewSurveyor(c.zones.Zones, survey.DefaultTolerance)
	var mu sync.Mutex
	account, err := in.Scan(ctx, s, o.Threads, func(number int, b table.Batch) error {
		facts := surveyor.Parcels(b)
		classes := classesOf(b)
		mu.Lock()
		for len(c.parcels.facts) <= number {
			c.parcels.facts = append(c.parcels.facts, nil)
			c.parcels.classes = append(c.parcels.classes, nil)
		}
		c.parcels.facts[number], c.parcels.classes[number] = facts, classes
		mu.Unlock()
		return c.parcels.store.Put(number, b)
	})
	if err != nil {
		return 0, err
	}
	c.books.open(account)
	c.parcels.batches, err = c.parcels.store.Batches()
	return int(account.Read), err
}

// classesOf looks the land use of each parcel up: code and standard together.
func classesOf(b table.Batch) []codes.Class {
	use, standard := b.Text("land_use"), b.Text("land_use_standard")
	out := make([]codes.Class, b.Rows())
	var lastUse, lastStandard string
	var last codes.Class
	for row := range out {
		if use.IsNull(row) || standard.IsNull(row) {
			continue
		}
		u, s := use.Value(row), standard.Value(row)
		if u != lastUse || s != lastStandard {
			lastUse, lastStandard, last = u, s, 0
			if e, ok := codes.LandUse(s, u); ok {
				last = e.Strict
			}
		}
		out[row] = last
	}
	return out
}

func (c *city) orderParcels() (int, error) {
	p := &c.parcels
	gates := make([]*survey.Gate, len(p.facts))
	for i, f := range p.facts {
		gates[i] = f.Gate
	}
	alive := c.books.gates(table.Parcels, p.batches, gates)
	var twice []read.Reject
	p.order, twice = read.Order(table.MustInput(table.Parcels), p.batches, alive)
	c.books.use(table.Parcels, p.batches, p.order, twice)
	return len(p.order), nil
}

func (c *city) readLandUse(ctx context.Context, in read.Source, o *Options) (int, error) {
	l, err := c.readLayer(ctx, in, table.LandUse, o, unknownLandUse)
	if err != nil || l == nil {
		return 0, err
	}
	c.landUse.layer = l
	c.landUse.entries = make([]codes.Entry, len(l.order))
	for i := range l.order {
		code, _ := l.text("code", i)
		standard, _ := l.text("standard", i)
		c.landUse.entries[i], _ = codes.LandUse(standard, code)
	}
	if c.landUse.Pieces, err = survey.LandUse(l.shapes(), c.zones.Zones, o.Threads); err != nil {
		return 0, err
	}
	for _, v := range c.landUse.Overlaps {
		first, _ := l.text("feature_id", int(v.First))
		second, _ := l.text("feature_id", int(v.Second))
		c.books.flag(table.LandUse, second, "land_use_overlap", metres2(v.Area), "counted for "+first)
	}
	return len(l.order), nil
}

// refusal says of a batch's rows why they are rejected; nil keeps a row.
type refusal func(b table.Batch) func(row int) *read.Reject

// review says of a whole table's rows which are rejected, in ascending order.
type review func(rows table.Rows) []join.Refused

// unknownLandUse rejects a polygon whose code its standard does not have: its
// class would be a guess.
func unknownLandUse(b table.Batch) func(row int) *read.Reject {
	code, standard := b.Text("code"), b.Text("standard")
	return func(row int) *read.Reject {
		if _, ok := codes.LandUse(standard.Value(row), code.Value(row)); ok {
			return nil
		}
		return &read.Reject{Column: "code", Value: read.Shown([]byte(standard.Value(row) + " " + code.Value(row))), Reason: read.UnknownCode}
	}
}

// readTables reads what is left, several tables at a time: control lines and the
// tables without geometry.
func (c *city) readTables(ctx context.Context, in read.Source, o *Options) (int, error) {
	var names []string
	for _, s := range table.Inputs() {
		switch s.Name {
		case table.Zones, table.Parcels, table.LandUse:
		default:
			if in.Has(s.Name) {
				names = append(names, s.Name)
			}
		}
	}
	turn := make([]chan struct{}, len(names)+1) // accounted for one after the other
	for i := range turn {
		turn[i] = make(chan struct{})
	}
	close(turn[0])
	rows := 0
	err := parallel(ctx, len(names), o.Threads, func(i int) error {
		t, err := read.All(ctx, in, names[i], o.Threads)
		select {
		case <-turn[i]:
		case <-ctx.Done():
			return ctx.Err()
		}
		defer close(turn[i+1])
		if err != nil {
			return err
		}
		n, err := c.settle(ctx, t, o)
		rows += n
		return err
	})
	return rows, err
}

// settle accounts for a table. One that a stage asks for is held, of others the rows
// are let go.
func (c *city) settle(ctx context.Context, t *read.Table, o *Options) (rows int, err error) {
	name := t.Schema.Name
	if c.holds(name, o) {
		l, err := c.hold(ctx, t, o)
		if err != nil {
			return 0, err
		}
		return len(l.order), nil
	}
	l, err := c.keep(ctx, t, o, nil, nil)
	if err != nil {
		return 0, err
	}
	if err := c.note(ctx, c.books.source(name)); err != nil {
		return 0, err
	}
	return len(l.order), c.books.release(ctx, name, o.Threads)
}

// noteSources notes where the rows that are still held were read.
func (c *city) noteSources(ctx context.Context, note noter) (rows int, err error) {
	for _, name := range c.books.names() {
		s := c.books.source(name)
		if err := note(ctx, s); err != nil {
			return rows, err
		}
		rows += s.Rows
	}
	return rows, nil
}
