package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/policy"
)

// shared are the flags every command has.
type shared struct {
	lang      string
	quiet     bool
	logFormat string
}

// language is that of text for people: as asked, else that of the environment.
func (s *shared) language() string {
	if s.lang != "" {
		return s.lang
	}
	for _, name := range []string{"LC_ALL", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

// word is a word or sentence in the language.
func (s *shared) word(id string) string { return fields.Word(id, s.language()) }

func newRootCommand(streams Streams) *cobra.Command {
	s := &shared{}
	root := &cobra.Command{
		Use:   "muscope",
		Short: "Evaluate land use and its intensity, parcel by parcel, with reasons",
		Long: `muscope evaluates land use and its intensity: enterprises graded by what they yield
per mu, parcels in their zones, idle land, the 1 : 1 : 1 land mix, as map layers and
tables whose every figure names its clause, and explains each verdict.

` + exitCodes,
		Version:       version(),
		Args:          noSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if s.lang != "" && s.lang != "zh" && s.lang != "en" {
				return usage(fmt.Errorf("--lang %s: zh or en", s.lang))
			}
			if s.logFormat != "text" && s.logFormat != "json" {
				return usage(fmt.Errorf("--log-format %s: text or json", s.logFormat))
			}
			return nil
		},
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	f := root.PersistentFlags()
	f.StringVar(&s.lang, "lang", "", "language of summaries: zh or en (default: that of LC_ALL or LANG)")
	f.BoolVar(&s.quiet, "quiet", false, "print errors only")
	f.StringVar(&s.logFormat, "log-format", "text", "how progress is logged when it is not drawn: text or json")
	root.AddCommand(
		newEvaluateCommand(streams, s),
		newCheckCommand(streams, s),
		newExplainCommand(streams, s),
		newPolicyCommand(streams, s.language),
		newSampleCommand(streams),
		newTemplateCommand(streams, s),
		newRunsCommand(streams, s),
		newHistoryCommand(streams, s),
		newLoadCommand(streams, s),
		newScheduleCommand(streams, s),
	)
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

// version is the module's version, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}

// noSuchCommand refuses a word that is no command, and offers the one that was meant.
func noSuchCommand(parent *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range parent.Commands() {
		names = append(names, c.Name())
	}
	meant := ""
	if n, ok := policy.Nearest(args[0], names); ok {
		meant = "; did you mean " + n + "?"
	}
	return usage(fmt.Errorf("%q is no command%s; see %s --help", strings.Join(append(strings.Fields(parent.CommandPath())[1:], args[0]), " "), meant, parent.CommandPath()))
}

// onlyFlags refuses words that stand alone: a path without its flag, most often.
func onlyFlags(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Errorf("%s: %q is no flag; see muscope %s --help", cmd.Name(), args[0], cmd.Name()))
	}
	return nil
}
