package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/explain"
)

type explainFlags struct {
	run, as string
	json    bool
}

func newExplainCommand(streams Streams, s *shared) *cobra.Command {
	f := &explainFlags{}
	cmd := &cobra.Command{
		Use:   "explain --run DIR CODE",
		Short: "Say why an enterprise, a parcel or a zone got its verdicts, and what a rule found",
		Long: `explain prints how a run came to its verdicts on an enterprise (by credit code, or
by name when only one has it), a parcel or a zone: each figure with the row it was
read from, its benchmark and score, rank, cuts, vetoes and decisions, each with its
clause; how much more tax or less land the next better grade takes; and the grade when
a figure moves by 5 %. It reads the run folder alone.

` + exitCodes,
		Example: `  muscope explain --run out/2024 91320706MA1TESTX5K
  muscope explain --run out/2024 --lang zh 320706001001GB00012
  muscope explain --run out/2024 --json G32070001`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Errorf("explain: takes one code, of an enterprise, a parcel or a zone; see muscope explain --help"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runExplain(cmd.Context(), f, s, streams, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.run, "run", "", "run folder that muscope evaluate wrote (required)")
	flags.StringVar(&f.as, "as", "", "what the code is of: enterprise, parcel, zone or rule (default: whatever has it)")
	flags.BoolVar(&f.json, "json", false, "print JSON, with the same keys in every language")
	return cmd
}

func runExplain(ctx context.Context, f *explainFlags, s *shared, streams Streams, code string) error {
	if f.run == "" {
		return usage(fmt.Errorf("explain: --run is missing; see muscope explain --help"))
	}
	as := explain.Subject(f.as)
	if as != "" && as != explain.Enterprise && as != explain.Parcel && as != explain.Zone && as != explain.Rule {
		return usage(fmt.Errorf("--as %s: enterprise, parcel, zone or rule", f.as))
	}
	run, err := archive.Open(f.run)
	if err != nil {
		return err
	}
	explainer, err := explain.New(ctx, run)
	if err != nil {
		return err
	}
	e, err := explainer.Explain(ctx, code, as)
	if err != nil {
		return err
	}
	if f.json {
		out := json.NewEncoder(streams.Out)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(e)
	}
	return e.Write(streams.Out, s.language())
}
