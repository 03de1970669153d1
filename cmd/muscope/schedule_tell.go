package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/history"
	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/schedule/notify"
	"github.com/muscope-gis/muscope/engine/schedule/watch"
)

// notifier hands results on to the targets of the schedule.
func (p *scheduled) notifier() *notify.Notifier {
	return &notify.Notifier{Schedule: p.Name, Target: p.target, Now: time.Now, Word: fields.Word, Changes: p.changes}
}

// mostNamed is how many of each list a message names; it counts the others.
const mostNamed = 20

// changes compares a result with the run before of its kind, in the place that it is in;
// nil: there is none.
func (p *scheduled) changes(ctx context.Context, of schedule.Entry) (any, notify.Text, error) {
	results := newEvaluations(p)
	from := p.Out
	if p.results == nil {
		from = results.database()
	}
	place, runs, done, err := historyOf(ctx, from)
	if err != nil {
		return nil, notify.Text{}, results.judged(err)
	}
	defer done()
	for i := range runs {
		r := &runs[i]
		if r.RunID != of.RunID || p.results != nil && r.Place != of.Place {
			continue
		}
		before, _, ok := history.Last(runs, r)
		if !ok {
			return nil, notify.Text{}, nil
		}
		c, err := history.Compare(ctx, before, r)
		if err != nil {
			return nil, notify.Text{}, results.judged(err)
		}
		return c.Capped(mostNamed), notify.Text{Zh: c.Text("zh"), En: c.Text("en")}, nil
	}
	return nil, notify.Text{}, fmt.Errorf("run %s is not in %s", of.RunID, place)
}

// target is a target with its secret, which only the environment knows.
func (p *scheduled) target(job, name string) (notify.Target, error) {
	t, ok := p.Target(job, name)
	if !ok {
		return notify.Target{}, fmt.Errorf("the configuration has no target %s any more", name)
	}
	to := notify.Target{Name: t.Name, URL: t.Webhook, Command: t.Command, Timeout: t.Timeout}
	if t.SecretEnv != "" {
		if to.Secret = []byte(os.Getenv(t.SecretEnv)); len(to.Secret) == 0 {
			return to, fmt.Errorf("target %s: the environment has no %s, the key that its body is signed with", name, t.SecretEnv)
		}
	}
	return to, nil
}

// secrets says at the start what a delivery would say later.
func (p *scheduled) secrets() error {
	for _, j := range p.Jobs {
		for _, t := range append(j.Targets, p.OnFailure...) {
			if _, err := p.target(j.Name, t.Name); err != nil {
				return fmt.Errorf("schedule %s: %w", p.File, err)
			}
		}
	}
	return nil
}

// watch serves how the schedule is until ctx ends, where the configuration asks for it.
func (p *scheduled) watch(ctx context.Context) error {
	if p.Listen == "" {
		return nil
	}
	w := &watch.Watch{
		Ledger: p.ledger, Jobs: p.jobs, Zone: p.Zone, Now: time.Now, Version: version(),
		Alive: p.scheduler.Alive, Patience: max(3*p.Lease, 2*time.Minute),
	}
	at, _, err := w.Listen(ctx, p.Listen)
	if err != nil {
		return fmt.Errorf("schedule %s: %w", p.File, err)
	}
	p.log.Info("listening", "address", at.String())
	return nil
}
