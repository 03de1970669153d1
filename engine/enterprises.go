package engine

import (
	"context"

	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/ledger"
	"github.com/muscope-gis/muscope/engine/write"
)

// join brings parcels, enterprises, tenancies and accounts together.
func (r *results) join(context.Context) (rows int, err error) {
	scheme := r.o.Rules.Scheme
	r.joined, rows = r.Join(r.o.Year, scheme != nil && scheme.ByMonths)
	return rows, nil
}

// indicate makes the facts that indicators and grades are found from.
func (r *results) indicate(context.Context) (rows int, err error) {
	if r.joined == nil {
		return 0, nil
	}
	r.facts = r.joined.Facts(assess.Accounting(r.o.Rules.Scheme))
	return r.joined.Accounts(), nil
}

// grade grades the enterprises by the scheme of the run. For want of a table of
// accounts only those groups are not graded that ask for it.
func (r *results) grade(context.Context) (rows int, err error) {
	if r.joined == nil || r.o.Rules.Scheme == nil {
		return 0, nil
	}
	r.assessed = assess.Grade(r.facts, r.o.Rules.Scheme)
	return len(r.facts.Code), nil
}

// release lists the rows that found no partner, and lets those go that were held for
// the join, so that memory is there for writing.
func (r *results) release(ctx context.Context) (rows int, err error) {
	r.listUnmatched()
	r.openAccounts()
	if r.joined == nil {
		return 0, nil
	}
	return r.joined.Release(ctx)
}

// enterpriseTables are the tables about enterprises.
func (r *results) enterpriseTables() []write.Table {
	tables := []write.Table{ledger.Land(r.facts), ledger.Indicators(r.facts)}
	if r.assessed != nil {
		tables = append(tables, ledger.Grades(r.facts, r.assessed))
	}
	return tables
}
