// Package city is a dataset read, surveyed and joined: what every later stage works
// on, and the books that account for every row. It strings the first stages together
// and knows what is read when, what is held and for how long. It holds no rule of a
// policy and finds no verdict: what it needs to know of policies it is told.
package city

import (
	"context"
	"fmt"
	"sync"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/parallel"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/spool"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/write"
)

// City is a dataset that was read and surveyed.
type City struct {
	Zones   Zones
	Parcels Parcels
	LandUse LandUse
	// ControlLines and Projects are held for rules on nearness only; else, and
	// without the table, they are nil.
	ControlLines *Layer
	Projects     *Layer
	// Indicators are the reported figures of zones, held for scorecard rules only.
	Indicators *Layer
	Books      *Books

	o           Options
	codes       *codes.Tables // the shipped ones and the dataset's own
	own         []*codes.Table
	enterprises enterprises
}

// Options say how a dataset is read.
type Options struct {
	Threads int
	Memory  int64 // bytes of parcels kept in memory, beyond them in a file; 0: no limit
	Near    bool  // rules on nearness will ask for control lines and projects
	// Figures says that scorecard rules will ask for the figures of zones.
	Figures bool
	// Units are those of the figures of zones that policies define themselves, by id.
	Units   map[string]string
	Profile bool // the books describe the columns of every table
	// Stage runs a part of the reading; it may time it, and returns its error.
	Stage func(name string, do func() (rows int, err error)) error
	// Note is told, table by table, where the used rows were read; nil: nobody is.
	Note func(context.Context, write.Source) error
}

// Read reads a dataset and surveys it. The city is closed after use.
func Read(ctx context.Context, in read.Source, o Options) (*City, error) {
	c := &City{Books: newBooks(), o: o, codes: codes.Shipped()}
	if held, ok := in.(interface{ Release() }); ok { // a database is not kept waiting for what needs only its rows
		defer held.Release()
	}
	if own, ok := in.(interface {
		CodeTables(context.Context) ([]*codes.Table, error)
	}); ok {
		var err error
		if c.own, err = own.CodeTables(ctx); err != nil {
			return nil, err
		}
		c.codes = c.codes.With(c.own...)
	}
	if o.Profile {
		c.Books.profiler = &profiler{ctx: ctx, workers: o.Threads}
	}
	steps := []struct {
		name string
		do   func() (rows int, err error)
	}{
		{"zones", func() (int, error) { return c.readZones(ctx, in) }},
		{"parcels", func() (int, error) { return c.readParcels(ctx, in) }},
		{"order", func() (int, error) { return c.orderParcels() }},
		{"land_use", func() (int, error) { return c.readLandUse(ctx, in) }},
		{"tables", func() (int, error) { return c.readTables(ctx, in) }},
	}
	for _, s := range steps {
		if err := o.Stage(s.name, s.do); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// OwnCodes are the classifications of land use that the dataset brings itself.
func (c *City) OwnCodes() []*codes.Table { return c.own }

// Close gives up what the parcels keep outside memory.
func (c *City) Close() {
	if c.Parcels.store != nil {
		_ = c.Parcels.store.Close()
	}
}

// readLayer reads a polygon layer whole, puts it through the gate and orders it;
// refuse may reject further rows.
func (c *City) readLayer(ctx context.Context, in read.Source, name string, refuse refusal) (*Layer, error) {
	t, err := read.All(ctx, in, name, c.o.Threads)
	if err != nil || t == nil {
		return nil, err
	}
	return c.keep(ctx, t, refuse, nil)
}

func (c *City) readZones(ctx context.Context, in read.Source) (int, error) {
	l, err := c.readLayer(ctx, in, table.Zones, nil)
	if err != nil {
		return 0, err
	}
	if len(l.order) == 0 {
		return 0, fmt.Errorf("read %s: the layer zones has no usable zone (%d read); every dataset needs at least one",
			in.Name(), c.Books.accounts[table.Zones].Read)
	}
	zoneCodes := make([]string, len(l.order))
	for i := range l.order {
		zoneCodes[i], _ = l.Text("zone_code", i)
	}
	s, err := survey.NewZones(zoneCodes, l.shapes(), c.o.Threads)
	if err != nil {
		return 0, err
	}
	c.Zones = Zones{s, l}
	for _, v := range s.Overlaps {
		c.Books.Flag(table.Zones, zoneCodes[v.First], "zone_overlap", SquareMetres(v.Area), "counted here; "+zoneCodes[v.Second]+" claims it too")
		c.Books.Flag(table.Zones, zoneCodes[v.Second], "zone_overlap", SquareMetres(v.Area), "counted in "+zoneCodes[v.First])
	}
	return len(l.order), nil
}

// readParcels streams the parcels: each batch is surveyed as it comes and kept.
func (c *City) readParcels(ctx context.Context, in read.Source) (int, error) {
	s := table.MustInput(table.Parcels)
	if !in.Has(table.Parcels) {
		_, err := read.All(ctx, in, table.Parcels, c.o.Threads)
		return 0, err
	}
	c.Parcels.store = spool.New(s, c.o.Memory)
	surveyor := survey.NewSurveyor(c.Zones.Zones, survey.DefaultTolerance)
	var mu sync.Mutex
	account, err := in.Scan(ctx, s, c.o.Threads, func(number int, b table.Batch) error {
		facts := surveyor.Parcels(b)
		classes := classesOf(c.codes, b)
		mu.Lock()
		for len(c.Parcels.Facts) <= number {
			c.Parcels.Facts = append(c.Parcels.Facts, nil)
			c.Parcels.Classes = append(c.Parcels.Classes, nil)
		}
		c.Parcels.Facts[number], c.Parcels.Classes[number] = facts, classes
		mu.Unlock()
		return c.Parcels.store.Put(number, b)
	})
	if err != nil {
		return 0, err
	}
	c.Books.open(account)
	c.Parcels.Batches, err = c.Parcels.store.Batches()
	return int(account.Read), err
}

// classesOf looks the land use of each parcel up: code and standard together.
func classesOf(known *codes.Tables, b table.Batch) []codes.Class {
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
			if e, ok := known.LandUse(s, u); ok {
				last = e.Strict
			}
		}
		out[row] = last
	}
	return out
}

func (c *City) orderParcels() (int, error) {
	p := &c.Parcels
	gates := make([]*survey.Gate, len(p.Facts))
	for i, f := range p.Facts {
		gates[i] = f.Gate
	}
	alive := c.Books.gates(table.Parcels, p.Batches, gates)
	var twice []read.Reject
	p.Order, twice = read.Order(table.MustInput(table.Parcels), p.Batches, alive)
	c.Books.use(table.Parcels, p.Batches, p.Order, twice)
	return len(p.Order), nil
}

func (c *City) readLandUse(ctx context.Context, in read.Source) (int, error) {
	l, err := c.readLayer(ctx, in, table.LandUse, c.unknownLandUse)
	if err != nil || l == nil {
		return 0, err
	}
	c.LandUse.Layer = l
	c.LandUse.Entries = make([]codes.Entry, len(l.order))
	for i := range l.order {
		code, _ := l.Text("code", i)
		standard, _ := l.Text("standard", i)
		c.LandUse.Entries[i], _ = c.codes.LandUse(standard, code)
	}
	if c.LandUse.Pieces, err = survey.LandUse(l.shapes(), c.Zones.Zones, c.o.Threads); err != nil {
		return 0, err
	}
	for _, v := range c.LandUse.Overlaps {
		first, _ := l.Text("feature_id", int(v.First))
		second, _ := l.Text("feature_id", int(v.Second))
		c.Books.Flag(table.LandUse, second, "land_use_overlap", SquareMetres(v.Area), "counted for "+first)
	}
	return len(l.order), nil
}

// unknownLandUse rejects a polygon whose code its standard does not have: its
// class would be a guess.
func (c *City) unknownLandUse(b table.Batch) func(row int) *read.Reject {
	code, standard := b.Text("code"), b.Text("standard")
	return func(row int) *read.Reject {
		if _, ok := c.codes.LandUse(standard.Value(row), code.Value(row)); ok {
			return nil
		}
		return &read.Reject{Column: "code", Value: read.Shown([]byte(standard.Value(row) + " " + code.Value(row))), Reason: read.UnknownCode}
	}
}

// readTables reads what is left, several tables at a time: control lines and the
// tables without geometry.
func (c *City) readTables(ctx context.Context, in read.Source) (int, error) {
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
	err := parallel.Each(ctx, len(names), c.o.Threads, func(i int) error {
		t, err := read.All(ctx, in, names[i], c.o.Threads)
		select {
		case <-turn[i]:
		case <-ctx.Done():
			return ctx.Err()
		}
		defer close(turn[i+1])
		if err != nil {
			return err
		}
		n, err := c.settle(ctx, t)
		rows += n
		return err
	})
	return rows, err
}
