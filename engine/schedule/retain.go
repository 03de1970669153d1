package schedule

import (
	"context"
	"slices"
)

// sweep takes away what is left of tries that were cut short: working folders of claims
// that are none any more.
func (s *Scheduler) sweep(ctx context.Context) error {
	if s.Results == nil {
		return nil
	}
	left, err := s.Results.leftovers() // before the ledger is asked: what is claimed later has no folder yet
	if err != nil || len(left) == 0 {
		return err
	}
	running, err := s.Ledger.Entries(ctx, Query{States: []State{Running}})
	if err != nil {
		return err
	}
	for _, e := range running {
		left = slices.DeleteFunc(left, func(token string) bool { return token == e.Token })
	}
	if len(left) > 0 {
		s.Log.Info("swept", "folders", len(left))
	}
	return s.Results.clear(left...)
}

// retain takes away the results of periods beyond those that are kept: the newest of
// the job's, by kind.
func (w *work) retain(ctx context.Context, j *Job) error {
	done, err := w.Ledger.Entries(ctx, Query{Job: j.Name, States: []State{Done}})
	if err != nil {
		return err
	}
	done = slices.DeleteFunc(done, func(e Entry) bool { return e.Target != "" || e.Removed })
	periods := map[Kind][]Period{}
	for _, e := range done {
		if p, err := ParsePeriod(e.Period); err == nil && !slices.Contains(periods[p.Kind], p) {
			periods[p.Kind] = append(periods[p.Kind], p)
		}
	}
	for kind, all := range periods {
		keep, limited := w.Keep[kind]
		if !limited || len(all) <= keep {
			continue
		}
		slices.SortFunc(all, func(a, b Period) int { return int(a.First() - b.First()) })
		for _, p := range all[:len(all)-keep] {
			if err := w.forget(ctx, done, p.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget takes away the results of a period.
func (w *work) forget(ctx context.Context, done []Entry, period string) error {
	for _, e := range done {
		if e.Period != period {
			continue
		}
		if w.Results != nil {
			if err := w.Results.discard(e.Place, w.e.Token); err != nil {
				return err
			}
		}
		if err := w.Evaluator.Remove(ctx, e.Result); err != nil {
			return err
		}
		if err := w.Ledger.Remove(ctx, e.Key); err != nil {
			return err
		}
		w.log.Info("removed", "place", e.Place, "kept", w.Keep)
	}
	return w.Results.clear(w.e.Token)
}
