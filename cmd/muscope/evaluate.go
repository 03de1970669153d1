package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/datasets"
	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/appraise"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/portray"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/report"
	"github.com/muscope-gis/muscope/engine/report/workbook"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/write"
)

type evaluateFlags struct {
	data, out, asOf, period string
	policies, formats       []string
	year, threads           int
	memory, grading         string
	mapping, schema, to     string
	previous                string
	forms                   []string
	strict, overwrite       bool
	slips                   bool
}

func newEvaluateCommand(streams Streams, s *shared) *cobra.Command {
	f := &evaluateFlags{}
	cmd := &cobra.Command{
		Use:   "evaluate --data DIR|postgres://… --policy ID|FILE[,…] --year YYYY --as-of YYYY-MM-DD --out DIR",
		Short: "Evaluate a dataset and write layers and tables",
		Long: `evaluate reads a folder of layers and tables, or those in a PostGIS database, puts every parcel in its zone, joins
enterprises with their land and accounts, grades them by the policies' scheme, finds
idle land, underused land and what is too near to rivers, checks the land mix of the
zones, holds zones and the city against every rule of the policies, and writes GeoJSON
layers with a QGIS project over them, CSV tables and a manifest into a folder of
its own. Rows that cannot
be used are listed in tables/rejects.csv with their reason, rows without a partner in
tables/unmatched.csv with their money.

` + exitCodes,
		Example: `  muscope evaluate --data city --policy lianyungang-2022,chizhou-2015 \
      --year 2024 --as-of 2025-06-30 --out out/2024
  muscope evaluate --data postgres://reader@db.bureau/land --schema planning \
      --policy chizhou-2015 --year 2024 --out out/2024
  muscope evaluate --data city --policy chizhou-2015 --year 2024 --to postgres://writer@db.bureau/land`,
		Args: onlyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error { return evaluate(cmd.Context(), f, s, streams) },
	}
	flags := cmd.Flags()
	addData(cmd, &f.data, &f.schema)
	flags.StringVar(&f.out, "out", "", "folder to write; it must not exist (required without --to)")
	flags.StringVar(&f.to, "to", "", "database to write into, schema muscope: postgres://user@host/database (default: that of --data; none: no database)")
	addMapping(cmd, &f.mapping)
	flags.StringSliceVar(&f.policies, "policy", nil, "policy ids or files, separated by commas (required)")
	flags.StringVar(&f.grading, "grading", "", "policy whose grading scheme is used, when several of those named hold one")
	flags.IntVar(&f.year, "year", 0, "accounting year (default: the last full year ended by --as-of)")
	flags.StringVar(&f.asOf, "as-of", "", "day the law is applied to (default: the last day of --period)")
	flags.StringVar(&f.period, "period", "", "2024, 2024Q3 or 2024-09 (default: --year)")
	flags.StringSliceVar(&f.formats, "formats", nil, "what to write: geojson, geoparquet, gpkg, csv, qgis, xlsx, html (default geojson,csv,qgis,html,xlsx, and gpkg where a layer has over 20000 features)")
	flags.StringVar(&f.previous, "previous", "", "run folder of the year before, for rules on two years")
	flags.StringArrayVar(&f.forms, "form", nil, "empty workbook of the bureau's own, to be filled below its head into forms/ of the run folder; may be repeated")
	flags.BoolVar(&f.slips, "slips", false, "add a confirmation slip 一企一单 for each enterprise to report.xlsx")
	flags.BoolVar(&f.strict, "strict", false, "exit with 3 when rows were rejected")
	flags.BoolVar(&f.overwrite, "overwrite", false, "replace the run folder when it exists")
	addMachine(cmd, &f.threads, &f.memory)
	return cmd
}

func addMapping(cmd *cobra.Command, mapping *string) {
	cmd.Flags().StringVar(mapping, "mapping", "", "file that says how the dataset's files are to be understood (default: mapping.yaml in --data, if it is there)")
}

func addMachine(cmd *cobra.Command, threads *int, memory *string) {
	cmd.Flags().IntVar(threads, "threads", runtime.GOMAXPROCS(0), "goroutines that work at once")
	cmd.Flags().StringVar(memory, "memory", "1280MiB", "soft limit; half of it holds parcels, the others go to a temporary file")
}

func evaluate(ctx context.Context, f *evaluateFlags, s *shared, streams Streams) error {
	for _, one := range []struct{ flag, value string }{{"data", f.data}, {"out", f.places()}, {"policy", strings.Join(f.policies, "")}} {
		if one.value == "" {
			return usage(fmt.Errorf("evaluate: --%s is missing; see muscope evaluate --help", one.flag))
		}
	}
	bar := newProgress(s, streams.Err)
	sum, out, err := f.run(ctx, bar.note, nil)
	bar.done()
	if err != nil {
		return err
	}
	if !s.quiet {
		printSummary(streams.Out, s, &sum.Manifest)
		out.print(streams.Out, s, &sum.Manifest)
	}
	if f.strict && sum.Rejects > 0 {
		return &exitError{exitFound, fmt.Errorf("--strict: %d rows rejected, see %s",
			sum.Rejects, out.rejects())}
	}
	return nil
}

// run makes the evaluation that the flags ask for, and says where its results are. Before
// they are seen anywhere, before is asked, if there is any: its error leaves nothing.
func (f *evaluateFlags) run(ctx context.Context, note func(stage string, done, total int64), before func(*write.Manifest) error) (*engine.Summary, *places, error) {
	o, err := evaluateOptions(f)
	if err != nil {
		return nil, nil, err
	}
	src, err := openData(ctx, f.data, f.mapping, f.schema, f.threads)
	if err != nil {
		return nil, nil, err
	}
	defer src.Close()
	if f.out != "" {
		if err := keeps("evaluate", f.out, f.data, f.mapping, src.folder); err != nil {
			return nil, nil, err
		}
	}
	out, err := openPlaces(ctx, f, o)
	if err != nil {
		return nil, nil, err
	}
	defer out.Abort()
	o.Progress = func(stage string, done, total int64) {
		ease(2 * o.Memory)
		note(stage, done, total)
	}
	src.tell(note)
	sink := out.Sink
	if before != nil {
		sink = &asked{sink, before}
	}
	sum, err := engine.Evaluate(ctx, src.Source, sink, *o)
	return sum, out, err
}

// keeps refuses a folder for results that holds what they are made from: it would be
// replaced, or be in the way. No src is a database.
func keeps(command, out, data, mapping string, src *read.Folder) error {
	refused := func(what, path string) error {
		return usage(fmt.Errorf("%s: --out %s holds %s %s, which it would replace; name another folder", command, out, what, path))
	}
	switch {
	case src != nil && within(data, out):
		return refused("--data", data)
	case mapping != "" && within(mapping, out):
		return refused("--mapping", mapping)
	}
	if src == nil {
		return nil
	}
	for _, path := range src.Paths() {
		if within(path, out) {
			return refused("the input", path)
		}
	}
	return nil
}

// within says whether a path is a folder or lies in it, links followed.
func within(path, folder string) bool {
	real := func(p string) string {
		if r, err := filepath.EvalSymlinks(p); err == nil {
			p = r
		}
		if abs, err := filepath.Abs(p); err == nil {
			p = abs
		}
		return p
	}
	rel, err := filepath.Rel(real(folder), real(path))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func evaluateOptions(f *evaluateFlags) (*engine.Options, error) {
	period, err := resolvePeriod(f.year, f.period, f.asOf)
	if err != nil {
		return nil, usage(err)
	}
	o := &engine.Options{
		AsOf: period.asOf, Year: period.year, Period: period.name,
		Threads: f.threads, Version: version(), Now: time.Now,
	}
	if err := machine(o, f.memory); err != nil {
		return nil, err
	}
	if o.Rules, err = resolvePolicies(f.policies, f.grading); err != nil {
		return nil, err
	}
	if f.previous != "" {
		if within(f.previous, f.out) {
			return nil, usage(fmt.Errorf("evaluate: --out %s holds --previous %s, which it would replace; name another folder", f.out, f.previous))
		}
		if o.Before, err = appraise.ReadBefore(f.previous, o.Year); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// formatsOf are the formats by name; none asks for the default.
func formatsOf(names []string) (write.Formats, error) {
	var f write.Formats
	switch {
	case names == nil:
		return write.DefaultFormats, nil
	case len(names) == 0:
		return f, usage(errors.New("--formats: name at least one of geojson, geoparquet, gpkg, csv, qgis, xlsx and html"))
	}
	for _, name := range names {
		switch strings.TrimSpace(name) {
		case "geojson":
			f.GeoJSON = true
		case "geoparquet":
			f.GeoParquet = true
		case "gpkg":
			f.GeoPackage = true
		case "csv":
			f.CSV = true
		case "qgis":
			f.QGIS = true
		case "xlsx":
			f.XLSX = true
		case "html":
			f.HTML = true
		default:
			return f, usage(fmt.Errorf("--formats %s: this version writes geojson, geoparquet, gpkg, csv, qgis, xlsx and html", name))
		}
	}
	if f.QGIS && !f.GeoJSON && !f.GeoPackage {
		return f, usage(errors.New("--formats qgis: a project shows layers; name geojson or gpkg too"))
	}
	return f, nil
}

// documents are what maps call the policies.
func documents(set *policy.Set) []string {
	var names []string
	for _, p := range set.Packs() {
		names = append(names, portray.Document(p.Title.Zh, p.Number))
	}
	return names
}

// machine sets the limits of threads and memory.
func machine(o *engine.Options, memory string) error {
	if most := 16 * runtime.NumCPU(); o.Threads < 1 || o.Threads > most {
		return usage(fmt.Errorf("--threads %d: 1 to %d on this machine", o.Threads, most))
	}
	limit, err := parseBytes(memory)
	if err != nil {
		return usage(fmt.Errorf("--memory %s: %w", memory, err))
	}
	o.Memory = limit / 2 // the other half is for what is worked on
	debug.SetMemoryLimit(limit)
	return nil
}

// ease raises the collector's limit where what is in use comes near it: a soft
// limit is no reason to collect without end.
func ease(limit int64) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetMemoryLimit(max(limit, int64(live[0].Value.Uint64())*13/10))
}

func resolvePolicies(names []string, grading string) (engine.Rules, error) {
	lib, err := library()
	if err != nil {
		return engine.Rules{}, err
	}
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	set, err := lib.Resolve(names, os.ReadFile)
	if err != nil {
		return engine.Rules{}, err
	}
	for _, p := range set.Packs() {
		if err := checkPack(p); err != nil {
			return engine.Rules{}, err
		}
	}
	return engine.NewRules(set, grading)
}

func library() (*policy.Library, error) {
	sub, err := fs.Sub(datasets.Policy, "policy")
	if err != nil {
		return nil, err
	}
	return policy.Load(sub)
}

// knownNeed says whether a table, or a column of it, is one of the inputs.
func knownNeed(name, column string) bool {
	s, ok := table.Input(name)
	return ok && (column == "" || s.Index(column) >= 0)
}

// printSummary says what was read and found.
func printSummary(w io.Writer, s *shared, m *write.Manifest) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	p("%s %s · %s %s · %s %s", s.word("run"), m.RunID, s.word("as_of"), m.AsOf, s.word("policies"), policyNames(m))
	for _, name := range tableNames(m) {
		c := m.Counts[name]
		p("  %-16s %s %9d  %s %9d  %s %7d  %s %5d", name,
			s.word("read"), c.Read, s.word("used"), c.Used, s.word("rejected"), c.Rejected, s.word("repaired"), c.Repaired)
		if c.Filtered > 0 {
			p("  %-16s %s %9d", "", s.word("filtered"), c.Filtered)
		}
	}
	for _, group := range []string{"grades", "not_graded", "idle_land", "supply", "land_mix", "conflicts", "scorecard"} {
		if v := m.Verdicts[group]; len(v) > 0 {
			p("%s: %s", s.word("verdicts."+group), s.counted(v))
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(m.Unmatched)) {
		u := m.Unmatched[reason]
		p("%s: %s %d (%s)", s.word("unmatched"), s.found(reason), u.Rows, s.carried(u))
	}
	if len(m.Flags) > 0 {
		p("%s: %s", s.word("flags"), s.counted(m.Flags))
	}
	for _, n := range m.NotEvaluated {
		p("%s: %s (%s %s)", s.word("not_evaluated"), n.Rule, s.word("missing"), n.Missing)
	}
	for _, name := range tableNames(m) {
		if ignored := m.Ignored[name]; len(ignored) > 0 {
			p("%s: %s %q", s.word("ignored"), name, ignored)
		}
	}
	if len(m.Unused) > 0 {
		p("%s: %q", s.word("unused"), m.Unused)
	}
	for _, in := range m.Inputs {
		if in.Note != "" {
			p("%s: %s", in.Name, in.Note)
		}
	}
	for _, text := range m.Warnings {
		p("%s: %s", s.word("warning"), text)
	}
}

// printFolder says what was written into the run folder, and what to open.
func printFolder(w io.Writer, s *shared, dir string, m *write.Manifest) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	p("%s %s", s.word("wrote"), dir)
	printOutputs(p, s, dir, m)
}

// printOutputs lists the files of the run, those of a kind that nobody opens by
// themselves in one line, and says what to open.
func printOutputs(p func(format string, args ...any), s *shared, dir string, m *write.Manifest) {
	kinds := []struct {
		name, word string
		has        func(path string) bool
		files      int
		bytes      int64
	}{
		{name: portray.ProjectName + " layers/*.qml", word: "for_qgis", has: func(path string) bool {
			return path == portray.ProjectName || strings.HasSuffix(path, ".qml")
		}},
		{name: write.FactsFolder + "/ " + write.PoliciesFolder + "/", word: "for_explain", has: func(path string) bool {
			return strings.HasPrefix(path, write.FactsFolder+"/") || strings.HasPrefix(path, write.PoliciesFolder+"/")
		}},
	}
	for _, o := range m.Outputs {
		for i := range kinds {
			if k := &kinds[i]; k.has(o.Path) {
				k.files, k.bytes = k.files+1, k.bytes+o.Bytes
				o.Path = ""
			}
		}
		switch o.Path {
		case "":
		case workbook.Name:
			p("  %-31s %9d %s  %8.1f kB  %s", o.Path, o.Rows, s.word("rows"), float64(o.Bytes)/1000, s.word("for_departments"))
		default:
			p("  %-31s %9d %s  %8.1f kB", o.Path, o.Rows, s.word("rows"), float64(o.Bytes)/1000)
		}
	}
	for _, k := range kinds {
		if k.files > 0 {
			p("  %-31s %9d %s %8.1f kB  %s", k.name, k.files, s.word("files"), float64(k.bytes)/1000, s.word(k.word))
		}
	}
	if slices.ContainsFunc(m.Outputs, func(o write.Written) bool { return o.Path == report.Name }) {
		p("%s", fmt.Sprintf(s.word("open.report"), filepath.Join(dir, report.Name)))
	}
	for _, name := range []string{portray.ProjectName, write.GeoPackageName, "layers/parcels.geojson"} {
		if slices.ContainsFunc(m.Outputs, func(o write.Written) bool { return o.Path == name }) {
			p("%s", fmt.Sprintf(s.word("open"), filepath.Join(dir, filepath.FromSlash(name)), filepath.Join(dir, "tables", "dictionary.csv")))
			return
		}
	}
}

func policyNames(m *write.Manifest) string {
	var names []string
	for _, p := range m.Policies {
		names = append(names, p.ID)
	}
	return strings.Join(names, ", ")
}

// tableNames lists the tables that were read in the contract's order.
func tableNames(m *write.Manifest) []string {
	var out []string
	for _, s := range table.Inputs() {
		if _, ok := m.Counts[s.Name]; ok {
			out = append(out, s.Name)
		}
	}
	return out
}

// counted prints counts by name in the order of the names.
func (s *shared) counted(v map[string]int64) string {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", s.found(name), v[name])
	}
	return strings.Join(names, ", ")
}

// found is how people call what a run counts.
func (s *shared) found(name string) string {
	if word := "found." + name; s.word(word) != word { // a declared supply state is the dataset's own word
		return s.word(word)
	}
	return read.Shown([]byte(name))
}

// carried is the land and money of rows without a partner.
func (s *shared) carried(u write.Unmatched) string {
	var parts []string
	for _, one := range []struct {
		word  string
		value float64
	}{{"mu", u.Mu}, {"tax", u.Tax}, {"sales", u.Sales}, {"output", u.Output}} {
		if one.value != 0 {
			parts = append(parts, fmt.Sprintf("%s %s %s", s.word("carried."+one.word), strconv.FormatFloat(one.value, 'f', -1, 64), s.word("carried."+one.word+".unit")))
		}
	}
	if len(parts) == 0 {
		return s.word("carried.nothing")
	}
	return strings.Join(parts, ", ")
}
