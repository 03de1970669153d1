package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/policy"
)

func newPolicyCommand(streams Streams, lang func() string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "List, show, check and try policies",
		Long: `policy looks at policies: documents as YAML packs of rules, each with its clause.

` + exitCodes,
		Example: "  muscope policy list\n  muscope policy show chizhou-2015\n  muscope policy check my-city.yaml\n  muscope policy test my-city.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("policy %s: no such command; there are list, show, check and test", args[0]))
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newPolicyListCommand(streams, lang), newPolicyShowCommand(streams, lang), newPolicyCheckCommand(streams), newPolicyTestCommand(streams))
	return cmd
}

func newPolicyListCommand(streams Streams, lang func() string) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the policies that come with the program",
		Long:    "list prints a line for every policy that --policy takes by its id.\n\n" + exitCodes,
		Example: "  muscope policy list --lang zh",
		Args:    onlyFlags,
		RunE:    func(*cobra.Command, []string) error { return runPolicyList(streams.Out, lang()) },
	}
}

func newPolicyShowCommand(streams Streams, lang func() string) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID|FILE",
		Short: "Print a policy's head, rules and figures with their clauses",
		Long: `show prints a policy as people read it: its head, for every rule what it demands, the
clause that says so, and the tables it needs, and at the end the figures of zones that
the table zone_indicators is to be filled with.

` + exitCodes,
		Example: "  muscope policy show chizhou-2015\n  muscope policy show my-city.yaml --lang zh",
		Args:    oneOrMore("show", 1, "the id of a policy or a file"),
		RunE:    func(_ *cobra.Command, args []string) error { return runPolicyShow(streams.Out, lang(), args[0]) },
	}
}

func newPolicyCheckCommand(streams Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE…",
		Short: "Say all that is wrong with policy files",
		Long: `check reads policy files and prints every mistake as file:line:column: message. The
files may extend one another and the policies that come with the program.

` + exitCodes,
		Example: "  muscope policy check my-city.yaml my-zone.yaml",
		Args:    oneOrMore("check", 0, "at least one file"),
		RunE:    func(_ *cobra.Command, args []string) error { return runPolicyCheck(streams, args) },
	}
}

// oneOrMore wants at least one argument, and no more than most unless that is 0.
func oneOrMore(name string, most int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 || most > 0 && len(args) > most {
			return usage(fmt.Errorf("policy %s: takes %s; see muscope policy %s --help", name, what, name))
		}
		return nil
	}
}

func runPolicyList(out io.Writer, lang string) error {
	lib, err := library()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range lib.Packs() {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d %s\t%s\n", p.ID, fields.Word("state."+string(p.State), lang), len(p.Rules),
			fields.Word("policy.rules", lang), p.Title.In(lang))
	}
	return w.Flush()
}

func runPolicyShow(out io.Writer, lang, name string) error {
	lib, err := library()
	if err != nil {
		return err
	}
	set, err := lib.Resolve([]string{name}, os.ReadFile)
	if err != nil {
		return err
	}
	s := shown{out, lang}
	p := set.Named[0]
	s.head(p)
	for _, a := range set.Rules() {
		s.rule(p, a)
	}
	s.toFill(set)
	return nil
}

// shown prints policies in a language.
type shown struct {
	out  io.Writer
	lang string
}

func (s shown) word(id string) string { return fields.Word(id, s.lang) }

func (s shown) line(indent int, format string, args ...any) {
	_, _ = fmt.Fprintf(s.out, strings.Repeat(" ", indent)+format+"\n", args...)
}

func (s shown) entry(id, value string) {
	if value != "" {
		s.line(2, "%s: %s", s.word("policy."+id), value)
	}
}

func (s shown) head(p *policy.Pack) {
	s.line(0, "%s  %s", p.ID, p.Title.In(s.lang))
	s.entry("number", p.Number)
	s.entry("issuer", p.Issuer)
	s.entry("region", p.Region)
	s.entry("level", s.word("level."+p.Level.String()))
	s.entry("published", p.Published.String())
	in := p.InForce.From.String() + " –"
	if p.InForce.Ends {
		in += " " + p.InForce.To.String()
	}
	s.entry("in_force", in)
	s.entry("state", s.word("state."+string(p.State)))
	s.entry("extends", strings.Join(p.Extends, ", "))
	s.entry("source", p.Source)
	s.entry("version", p.Version+"  SHA-256 "+p.SHA256)
}

// rule prints a rule of p, or one it takes over from another pack.
func (s shown) rule(p *policy.Pack, a policy.Applied) {
	r := a.Rule
	s.line(0, "")
	s.line(0, "%s  %s", r.ID, r.Title.In(s.lang))
	if a.Pack != p {
		s.entry("inherited", a.Pack.ID)
	} else if r.Extends != (policy.Reference{}) {
		s.entry("inherited", r.Extends.String())
	}
	var scopes, needs []string
	for _, scope := range r.Scope {
		scopes = append(scopes, s.word("scope."+string(rune(scope))))
	}
	for _, n := range r.Needs {
		needs = append(needs, s.need(n))
	}
	s.entry("clause", r.Clause)
	s.entry("kind", s.word("kind."+string(r.Kind)))
	s.entry("scope", strings.Join(scopes, ", "))
	s.entry("status", s.word("status."+string(r.Status)))
	s.entry("needs", strings.Join(needs, ", "))
	s.entry("follows", r.Follows.In(s.lang))
	s.line(2, "%s:", s.word("policy.figures"))
	for _, f := range r.Figures {
		s.figure(a, f)
	}
}

// need is a table, or a column with its label.
func (s shown) need(n policy.Need) string {
	zh, en := fields.InputLabel(n.Table, n.Column)
	if label := (policy.Text{Zh: zh, En: en}).In(s.lang); label != "" {
		return n.String() + " (" + label + ")"
	}
	return n.String()
}

// figure prints a figure, and of its clause, status and origin what the rule has not
// said already.
func (s shown) figure(a policy.Applied, f policy.Figure) {
	notes := ""
	if f.Clause != f.Value && (f.Clause != a.Rule.Clause || f.Pack != a.Pack.ID) {
		notes += " · " + f.Clause
	}
	if f.Status != a.Rule.Status {
		notes += " · " + s.word("status."+string(f.Status))
	}
	if f.StricterOnly || a.Rule.StricterOnly {
		notes += " · " + s.word("policy.stricter_only")
	}
	if f.Pack != a.Pack.ID {
		notes += " · " + f.Pack
	}
	s.line(4, "%s (%s): %s%s", s.word("figure."+f.Name), f.Name, s.value(a.Rule, f), notes)
	if f.Name == "groups" && a.Rule.Grading != nil {
		s.groups(a)
	}
}

// runPolicyCheck prints the mistakes of all files, then what came of it.
func runPolicyCheck(streams Streams, files []string) error {
	mistakes, err := policyMistakes(files)
	if err != nil {
		return err
	}
	for _, m := range mistakes {
		_, _ = fmt.Fprintln(streams.Err, m)
	}
	switch len(mistakes) {
	case 0:
		_, _ = fmt.Fprintf(streams.Out, "policy check: no mistakes in %s\n", strings.Join(files, ", "))
		return nil
	case 1:
		return errors.New("policy check: 1 mistake")
	default:
		return fmt.Errorf("policy check: %d mistakes", len(mistakes))
	}
}

// policyMistakes is all that is wrong with the files, by themselves and, of those
// that are right by themselves, with what they extend and need.
func policyMistakes(files []string) (policy.Mistakes, error) {
	lib, err := library()
	if err != nil {
		return nil, err
	}
	var found policy.Mistakes
	var whole []string
	for _, file := range files {
		if !policy.IsFile(file) {
			return nil, usage(fmt.Errorf("policy check %s: a policy file ends in .yaml; policy show looks at ids", file))
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("policy check: %w", err)
		}
		if _, err = policy.Parse(file, data); err == nil {
			whole = append(whole, file)
		} else if err = collect(&found, err); err != nil {
			return nil, err
		}
	}
	if len(whole) == 0 {
		return found, nil
	}
	set, err := lib.Resolve(whole, os.ReadFile)
	if err != nil {
		return found, collect(&found, err)
	}
	for _, p := range set.Named {
		if err := collect(&found, checkPack(p)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// checkPack is what a pack names that the program does not know: tables, columns and
// indicators.
func checkPack(p *policy.Pack) error {
	ids := make([]string, 0, len(indicate.Catalogue()))
	for _, i := range indicate.Catalogue() {
		ids = append(ids, i.ID)
	}
	var figures []string
	for _, i := range fields.ZoneIndicators() {
		figures = append(figures, i.ID)
	}
	var found policy.Mistakes
	for _, err := range []error{p.CheckNeeds(knownNeed), p.CheckColumns(knownNeed), p.CheckIndicators(ids), p.CheckFigures(figures)} {
		if err = collect(&found, err); err != nil {
			return err
		}
	}
	if found == nil {
		return nil
	}
	return found
}

// collect adds the mistakes that err holds; any other error it gives back.
func collect(found *policy.Mistakes, err error) error {
	var m policy.Mistakes
	if !errors.As(err, &m) {
		return err
	}
	*found = append(*found, m...)
	return nil
}
