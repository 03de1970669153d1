package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/datasets"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/trial"
)

func newPolicyTestCommand(streams Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "test ID|FILE…",
		Short: "Run the cases that sit beside policies",
		Long: `test runs the cases beside a policy, my-city.cases beside my-city.yaml: a line for each
says what is known of one zone, parcel, project or enterprise and which verdict a rule
must come to. Every rule wants a passing, a failing and a not-evaluated case. Lines
that come to another verdict are printed as file:line: message.

` + exitCodes,
		Example: "  muscope policy test my-city.yaml\n  muscope policy test suqian-2017",
		Args:    oneOrMore("test", 0, "at least one id of a policy or file"),
		RunE:    func(_ *cobra.Command, args []string) error { return runPolicyTest(streams, args) },
	}
}

func runPolicyTest(streams Streams, names []string) error {
	lib, err := library()
	if err != nil {
		return err
	}
	wrong := 0
	for _, name := range names {
		set, err := lib.Resolve([]string{name}, os.ReadFile)
		if err != nil {
			return err
		}
		if err := checkPack(set.Named[0]); err != nil {
			return err
		}
		file, text, err := casesOf(name)
		if err != nil {
			return fmt.Errorf("policy test %s: %w; the cases sit beside the policy, named as it is and ending in .cases", name, err)
		}
		cases, mistakes := trial.Run(file, text, set)
		for _, m := range mistakes {
			_, _ = fmt.Fprintln(streams.Err, m)
		}
		if wrong += len(mistakes); len(mistakes) == 0 {
			_, _ = fmt.Fprintf(streams.Out, "policy test: %d cases of %d rules hold in %s\n", cases, len(set.Named[0].Rules), file)
		}
	}
	switch wrong {
	case 0:
		return nil
	case 1:
		return errors.New("policy test: 1 mistake")
	}
	return fmt.Errorf("policy test: %d mistakes", wrong)
}

// casesOf reads the cases beside a policy.
func casesOf(name string) (file string, text []byte, err error) {
	if policy.IsFile(name) {
		file = name[:strings.LastIndexByte(name, '.')] + ".cases"
		text, err = os.ReadFile(file)
		return file, text, err
	}
	file = name + ".cases"
	text, err = fs.ReadFile(datasets.Policy, "policy/"+file)
	return file, text, err
}
