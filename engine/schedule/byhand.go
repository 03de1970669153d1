package schedule

import (
	"context"
	"fmt"
	"time"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Manual is the entry of an evaluation of a period that somebody asks for now.
func (j *Job) Manual(p Period, now time.Time, zone *time.Location) Entry {
	year, month, day := now.In(zone).Date()
	today, _ := unit.NewDate(year, int(month), day)
	return j.entry(now, p, today, ByHand)
}

// Backfilled are the entries of the periods from one to another, each due when the job's
// cron expression first made it due: the schedule's own, where it knows them.
func (j *Job) Backfilled(from, to Period, now time.Time, zone *time.Location) ([]Entry, error) {
	switch {
	case j.Cron == nil:
		return nil, fmt.Errorf("job %s waits for data, and no times of it were missed; evaluate a period with muscope schedule run %s --period …", j.Name, j.Name)
	case from.Kind != j.Period || to.Kind != j.Period:
		return nil, fmt.Errorf("job %s is %s: name periods like %s", j.Name, j.Period, LastBefore(0, j.Period))
	case to.before(from):
		return nil, fmt.Errorf("backfill from %s to %s: the last is before the first", from, to)
	}
	var entries []Entry
	for p := from; !to.before(p); p = p.add(1) {
		e, ok := j.due(p, zone)
		switch {
		case !ok:
			return nil, fmt.Errorf("job %s (%s) never evaluates %s; evaluate it with muscope schedule run %s --period %s", j.Name, j.Cron, p, j.Name, p)
		case e.Due.After(now):
			return nil, fmt.Errorf("job %s: %s is not due before %s", j.Name, p, e.Due.In(zone).Format("2006-01-02 15:04"))
		case len(entries) == mostMissed:
			return nil, fmt.Errorf("backfill from %s to %s: more than %d periods; name fewer", from, to, mostMissed)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// Anew plans entries that are asked for. One that the ledger knows is left as it is, but
// where it is skipped, failed or removed another is planned a second after it.
func Anew(ctx context.Context, l Ledger, entries []Entry) (planned []Entry, fresh int, err error) {
	for _, e := range entries {
		known, err := l.Entries(ctx, Query{Job: e.Job})
		if err != nil {
			return nil, 0, err
		}
		for _, k := range known { // by Due
			if k.Key == e.Key && (k.State == Skipped || k.State == Failed || k.Removed) {
				e.Due = e.Due.Add(time.Second)
			}
		}
		planned = append(planned, e)
	}
	fresh, err = l.Plan(ctx, planned)
	return planned, fresh, err
}

// due is the first occurrence that evaluates a period.
func (j *Job) due(p Period, zone *time.Location) (Entry, bool) {
	year, month, day := p.add(1).First().Civil()
	begin := instant(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC), zone)
	at := j.Cron.Next(begin.Add(-time.Second))
	if at.IsZero() {
		return Entry{}, false
	}
	e := j.occurrence(at, zone, Backfill)
	return e, e.Period == p.String()
}

func (p Period) before(q Period) bool { return p.First() < q.First() }
