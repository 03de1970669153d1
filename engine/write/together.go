package write

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// Together is a sink that writes a run to two places at once. The second is made ready
// before the first is made visible: what can fail fails while there is nothing in
// either. Only its commit comes after; when that fails its error says so, and the
// first holds the run.
func Together(first Sink, second Prepared) Sink { return &together{first, second} }

// Prepared is a sink whose Finish has a part before which nothing is visible and after
// which hardly anything can go wrong.
type Prepared interface {
	Sink
	Prepare(ctx context.Context, m *Manifest) error
}

type together struct {
	first  Sink
	second Prepared
}

// each does a thing in both places at once.
func (t *together) each(ctx context.Context, do func(context.Context, Sink) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return do(ctx, t.first) })
	group.Go(func() error { return do(ctx, t.second) })
	return group.Wait()
}

// Layer implements [Sink]. Only one of the places tells how far it is.
func (t *together) Layer(ctx context.Context, l Layer) error {
	return t.each(ctx, func(ctx context.Context, s Sink) error {
		l := l
		if s == t.first {
			l.Tell = nil
		}
		return s.Layer(ctx, l)
	})
}

// Table implements [Sink].
func (t *together) Table(ctx context.Context, table Table) error {
	return t.each(ctx, func(ctx context.Context, s Sink) error { return s.Table(ctx, table) })
}

// Sources implements [Sink].
func (t *together) Sources(ctx context.Context, src Source) error {
	return t.each(ctx, func(ctx context.Context, s Sink) error { return s.Sources(ctx, src) })
}

// Facts implements [Sink].
func (t *together) Facts(ctx context.Context, table Table) error {
	return t.each(ctx, func(ctx context.Context, s Sink) error { return s.Facts(ctx, table) })
}

// Policy implements [Sink].
func (t *together) Policy(ctx context.Context, id string, yaml []byte) error {
	return t.each(ctx, func(ctx context.Context, s Sink) error { return s.Policy(ctx, id, yaml) })
}

// Finish implements [Sink]; the manifest keeps the outputs of the first.
func (t *together) Finish(ctx context.Context, m *Manifest) error {
	own := *m
	err := t.second.Prepare(ctx, &own)
	if err == nil {
		err = t.first.Finish(ctx, m)
	}
	if err == nil {
		err = t.second.Finish(ctx, &own)
	}
	if err != nil {
		t.Abort()
	}
	return err
}

// Abort implements [Sink].
func (t *together) Abort() {
	t.first.Abort()
	t.second.Abort()
}

// Steps are those of the first, where it has any.
func (t *together) Steps(m *Manifest) []Step {
	if s, ok := t.first.(interface{ Steps(*Manifest) []Step }); ok {
		return s.Steps(m)
	}
	return nil
}
