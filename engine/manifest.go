package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/muscope-gis/muscope/engine/appraise"
	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/ledger"
	"github.com/muscope-gis/muscope/engine/parallel"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/write"
)

// manifest says what the run read and found; what it wrote the sink adds.
func (r *results) manifest(in read.Source) *write.Manifest {
	o := r.o
	m := &write.Manifest{
		Program: write.Program{Name: "muscope", Version: o.Version},
		AsOf:    o.AsOf.String(), Year: o.Year, Period: o.Period, Data: in.Name(),
		Policies: []write.PolicyNote{}, Unused: []string{}, Verdicts: r.verdicts(),
		Unmatched:    ledger.SumUnmatched(r.unmatched, o.Year),
		NotEvaluated: r.notEvaluated(), Warnings: []string{},
	}
	for _, p := range o.Rules.Set.Packs() {
		m.Policies = append(m.Policies, write.PolicyNote{ID: p.ID, Version: p.Version, SHA256: p.SHA256, State: string(p.State)})
	}
	if scheme := o.Rules.Grading; scheme.Rule != nil {
		m.Grading = policy.Reference{Pack: scheme.Pack.ID, Rule: scheme.Rule.ID}.String()
	}
	if o.Before != nil {
		m.Previous = o.Before.RunID
	}
	for _, w := range o.Rules.Set.Warnings(o.AsOf) {
		m.Warnings = append(m.Warnings, w.String())
	}
	if f, ok := in.(interface{ UnusedFiles() []string }); ok {
		m.Unused = append(m.Unused, f.UnusedFiles()...)
	}
	r.Books.Describe(m)
	if f, ok := in.(interface{ Declared() []read.File }); ok {
		for _, one := range f.Declared() {
			m.Inputs = append(m.Inputs, write.Input{Name: one.Name, Bytes: one.Bytes, Path: one.Path})
		}
	}
	return m
}

// notEvaluated lists the rules that want a table the dataset does not have. A scheme
// that grades some of its groups without it is not among them.
func (r *results) notEvaluated() []write.Missing {
	out := append(r.o.Rules.missing(r.Books.Has), appraise.NoSuchZone(r.card)...)
	if r.assessed == nil || !slices.ContainsFunc(r.assessed.Pools, func(p grade.Pool) bool { return p.Why == grade.Graded }) {
		return out
	}
	scheme := r.o.Rules.Grading
	return slices.DeleteFunc(out, func(m write.Missing) bool { return m.Rule == scheme.Pack.ID+"/"+scheme.Rule.ID })
}

// verdicts counts what was found.
func (r *results) verdicts() map[string]map[string]int64 {
	idle, supply := map[string]int64{}, map[string]int64{}
	for _, ref := range r.Parcels.Order {
		d, row := &r.idle[ref.Batch], int(ref.Row)
		if d.Kind[row] != detect.NotIdle {
			idle[d.Kind[row].String()]++
			idle[d.Consequence[row].String()]++
		}
		if d.AtRiskOn[row] != detect.NoDate {
			idle["at_risk"]++
		}
		if s := detect.SupplyText(r.Parcels.Batches[ref.Batch], row, d.Supply[row]); s != "" {
			supply[s]++
		}
	}
	out := map[string]map[string]int64{"idle_land": idle, "supply": supply}
	r.countGrades(out)
	out["scorecard"] = appraise.Verdicts(r.card)
	if r.near() {
		hits := map[string]int64{}
		for i := range r.hits {
			hits[r.hits[i].word()]++
		}
		out["conflicts"] = hits
	}
	if r.mix != nil {
		mix := map[string]int64{}
		for _, m := range r.deciding() {
			name := m.Verdict.String()
			if m.Informational {
				name = "informational_" + name
			}
			mix[name]++
		}
		out["land_mix"] = mix
	}
	return out
}

// countGrades counts grades, and why enterprises have none.
func (r *results) countGrades(out map[string]map[string]int64) {
	a := r.assessed
	if a == nil {
		return
	}
	grades, not := map[string]int64{}, map[string]int64{}
	for e, g := range a.Final {
		if g != grade.NoGrade {
			grades[g.String()]++
		}
		if why := a.Why[e]; why != grade.Graded {
			not[why.String()]++
		}
	}
	out["grades"], out["not_graded"] = grades, not
}

// identify gives the run its id, a hash of the day, the period, the policies and the
// rows used and rejected whatever their order, and notes the checksums of the files.
func (r *results) identify(ctx context.Context, m *write.Manifest) error {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "as_of %s\nyear %d\nperiod %s\n", m.AsOf, m.Year, m.Period)
	for _, p := range m.Policies {
		_, _ = fmt.Fprintf(h, "policy %s %s\n", p.ID, p.SHA256)
	}
	_, _ = fmt.Fprintf(h, "grading %s\n", m.Grading)
	if m.Previous != "" {
		_, _ = fmt.Fprintf(h, "previous %s\n", m.Previous)
	}
	for _, t := range r.OwnCodes() { // they change verdicts, and no row
		for _, e := range t.Entries() {
			_, _ = fmt.Fprintf(h, "code %q %q %s %s\n", t.Standard, e.Code, e.Strict, e.Wide)
		}
	}
	if err := r.Books.Digest(ctx, h, r.o.Threads); err != nil {
		return err
	}
	m.RunID = hex.EncodeToString(h.Sum(nil))[:16]
	return parallel.Each(ctx, len(m.Inputs), r.o.Threads, func(i int) error {
		var err error
		m.Inputs[i].SHA256, err = fileSHA256(ctx, m.Inputs[i].Path)
		return err
	})
}

// fileSHA256 is a file's checksum in hexadecimal; empty for what is no file.
func fileSHA256(ctx context.Context, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("checksum %w", err)
	}
	defer f.Close()
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for {
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return "", fmt.Errorf("checksum %w", err)
		}
	}
}
