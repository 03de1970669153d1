package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/write"
)

// manifest says what the run read and found; what it wrote the sink adds.
func (r *results) manifest(in read.Source) *write.Manifest {
	o, k := r.o, r.books
	m := &write.Manifest{
		Program: write.Program{Name: "muscope", Version: o.Version},
		AsOf:    o.AsOf.String(), Year: o.Year, Period: o.Period, Data: in.Name(),
		Policies: []write.PolicyNote{}, Inputs: []write.Input{}, Unused: []string{}, Ignored: map[string][]string{},
		Counts: map[string]write.Count{}, Flags: flagCounts(k), Verdicts: r.verdicts(),
		NotEvaluated: o.Rules.missing(k.has), Warnings: []string{},
	}
	for _, p := range o.Rules.Set.Packs() {
		m.Policies = append(m.Policies, write.PolicyNote{ID: p.ID, Version: p.Version, SHA256: p.SHA256, State: string(p.State)})
	}
	for _, w := range o.Rules.Set.Warnings(o.AsOf) {
		m.Warnings = append(m.Warnings, w.String())
	}
	if f, ok := in.(interface{ UnusedFiles() []string }); ok {
		m.Unused = append(m.Unused, f.UnusedFiles()...)
	}
	for _, name := range k.names() {
		a := k.accounts[name]
		for _, f := range a.Files {
			m.Inputs = append(m.Inputs, write.Input{Table: name, Name: f.Name, Rows: f.Rows, Bytes: f.Bytes, Note: f.Note, Path: f.Path})
		}
		if len(a.Ignored) > 0 {
			m.Ignored[name] = a.Ignored
		}
		used := int64(k.used[name].rows)
		m.Counts[name] = write.Count{Read: a.Read, Used: used, Rejected: a.Read - used}
	}
	for _, one := range k.repairs {
		c := m.Counts[one.table]
		c.Repaired++
		m.Counts[one.table] = c
	}
	return m
}

// verdicts counts what was found.
func (r *results) verdicts() map[string]map[string]int64 {
	idle, supply := map[string]int64{}, map[string]int64{}
	for _, ref := range r.parcels.order {
		d, row := &r.idle[ref.Batch], int(ref.Row)
		if d.Kind[row] != detect.NotIdle {
			idle[d.Kind[row].String()]++
			idle[d.Consequence[row].String()]++
		}
		if d.AtRiskOn[row] != detect.NoDate {
			idle["at_risk"]++
		}
		if s := detect.SupplyText(r.parcels.batches[ref.Batch], row, d.Supply[row]); s != "" {
			supply[s]++
		}
	}
	out := map[string]map[string]int64{"idle_land": idle, "supply": supply}
	r.countGrades(out)
	if r.near() {
		hits := map[string]int64{}
		for _, h := range r.hits {
			hits[h.Verdict.String()]++
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

// countGrades counts grades, why enterprises have none, and rows without a partner.
func (r *results) countGrades(out map[string]map[string]int64) {
	if r.joined == nil {
		return
	}
	unmatched := map[string]int64{}
	for _, row := range r.unmatched {
		unmatched[row.Reason]++
	}
	out["unmatched"] = unmatched
	a := r.joined.assessed
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

// name gives the run its id, a hash of the day, the period, the policies and the
// rows used and rejected whatever their order, and notes the checksums of the files.
func (r *results) name(ctx context.Context, m *write.Manifest) error {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "as_of %s\nyear %d\nperiod %s\n", m.AsOf, m.Year, m.Period)
	for _, p := range m.Policies {
		_, _ = fmt.Fprintf(h, "policy %s %s\n", p.ID, p.SHA256)
	}
	for _, name := range r.books.names() {
		d, err := r.books.digest(ctx, name, r.o.Threads)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(h, "table %s ", name)
		_ = binary.Write(h, binary.BigEndian, d)
	}
	for _, one := range r.books.rejects { // sorted; without place and value, which formats word differently
		_, _ = fmt.Fprintf(h, "reject %q %q %q %s\n", one.Table, one.Key, one.Column, one.Reason)
	}
	m.RunID = hex.EncodeToString(h.Sum(nil))[:16]
	return parallel(ctx, len(m.Inputs), r.o.Threads, func(i int) error {
		var err error
		m.Inputs[i].SHA256, err = fileSHA256(ctx, m.Inputs[i].Path)
		return err
	})
}

// digest sums the digests of a table's used rows.
func (k *books) digest(ctx context.Context, name string, workers int) (read.Digest, error) {
	u := k.used[name]
	if u.digest != nil {
		return *u.digest, nil
	}
	chosen := make([][]bool, len(u.batches))
	for i, b := range u.batches {
		chosen[i] = make([]bool, b.Rows())
	}
	for _, ref := range u.order {
		chosen[ref.Batch][ref.Row] = true
	}
	sums := make([]read.Digest, len(u.batches))
	err := parallel(ctx, len(u.batches), workers, func(i int) error {
		for row, d := range read.Rows(u.batches[i], nil) {
			if chosen[i][row] {
				sums[i].Add(d)
			}
		}
		return nil
	})
	var total read.Digest
	for _, s := range sums {
		total.Add(s)
	}
	return total, err
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
