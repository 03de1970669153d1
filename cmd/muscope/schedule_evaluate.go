package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/postgis/store"
	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/write"
)

// usualMemory is the limit where nothing is said of it.
const usualMemory = "1280MiB"

// evaluations makes the evaluations of a schedule.
type evaluations struct {
	*scheduled
	prints *schedule.Fingerprints
	stage  func(name string) // told of each stage of an evaluation
}

func newEvaluations(p *scheduled) *evaluations {
	return &evaluations{p, &schedule.Fingerprints{}, func(name string) { p.log.Debug("stage", "name", name) }}
}

// flags are what muscope evaluate would be asked for.
func (e *evaluations) flags(t schedule.Task) (*evaluateFlags, error) {
	j, ok := e.Job(t.Job)
	if !ok {
		return nil, fmt.Errorf("the configuration has no job %s", t.Job)
	}
	return &evaluateFlags{
		data: e.Data, mapping: e.Mapping, schema: e.Schema, out: t.Dir, to: e.To, asOf: t.AsOf.String(), period: t.Period, previous: t.Before,
		policies: slices.Clone(j.Policies), formats: j.Formats, grading: j.Grading, threads: e.threads(), memory: cmp.Or(e.Memory, usualMemory),
	}, nil
}

func (e *evaluations) threads() int { return cmp.Or(e.Threads, runtime.GOMAXPROCS(0)) }

// Inputs implements [schedule.Evaluator].
func (e *evaluations) Inputs(ctx context.Context) (string, error) {
	text, err := e.inputs(ctx)
	return text, e.judged(err)
}

func (e *evaluations) inputs(ctx context.Context) (string, error) {
	if postgis.IsAddress(e.Data) {
		rows, err := postgis.Fingerprint(ctx, e.Data, postgis.Options{Schema: e.Schema, Mapping: e.Mapping, Workers: 1})
		if err != nil || e.Mapping == "" {
			return rows, err
		}
		mapping, err := e.prints.Of(ctx, filepath.Dir(e.Mapping), []string{e.Mapping})
		return rows + mapping, err
	}
	src, err := openData(ctx, e.Data, e.Mapping, e.Schema, e.threads())
	if err != nil {
		return "", err
	}
	defer src.Close()
	paths := src.folder.Paths()
	mapping := cmp.Or(e.Mapping, filepath.Join(e.Data, "mapping.yaml"))
	if _, err := os.Stat(mapping); err == nil || e.Mapping != "" {
		paths = append(paths, mapping)
	}
	return e.prints.Of(ctx, e.Data, paths)
}

// Policies implements [schedule.Evaluator].
func (e *evaluations) Policies(_ context.Context, job string) (string, error) {
	f, err := e.flags(schedule.Task{Entry: schedule.Entry{Key: schedule.Key{Job: job}}})
	if err != nil {
		return "", err
	}
	rules, err := resolvePolicies(f.policies, f.grading)
	if err != nil {
		return "", e.judged(err)
	}
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "program %s\ngrading %s\nformats %q\nto %q\n", version(), f.grading, f.formats, postgis.Shown(cmp.Or(f.to, f.back())))
	for _, p := range rules.Set.Packs() {
		_, _ = fmt.Fprintf(h, "policy %s %s\n", p.ID, p.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil))[:32], nil
}

// errMoved is the error of data that did not hold still.
var errMoved = errors.New("the data changed while it was evaluated")

// Evaluate implements [schedule.Evaluator].
func (e *evaluations) Evaluate(ctx context.Context, t schedule.Task) error {
	f, err := e.flags(t)
	if err != nil {
		return err
	}
	if t.Dir != "" {
		defer temporary(filepath.Dir(t.Dir))()
	}
	still := func() error { return nil } // a database is read as it was at one instant
	if !postgis.IsAddress(e.Data) {
		before, err := e.inputs(ctx)
		if err != nil {
			return e.judged(err)
		}
		still = func() error {
			now, err := e.inputs(ctx)
			if err == nil && now != before {
				err = errMoved
			}
			return err
		}
	}
	_, _, err = f.run(ctx, e.told(), func(m *write.Manifest) error {
		if err := still(); err != nil {
			return err
		}
		return t.Announce(m.RunID, m.Verdicts)
	})
	return e.judged(err)
}

// told passes on the stages of an evaluation as each begins.
func (e *evaluations) told() func(stage string, done, total int64) {
	var mu sync.Mutex
	current := ""
	return func(stage string, _, _ int64) {
		mu.Lock()
		defer mu.Unlock()
		if stage != current {
			current = stage
			e.stage(stage)
		}
	}
}

// temporary has everything temporary be made in a folder, which is taken away whatever
// becomes of the program.
func temporary(folder string) (restore func()) {
	restore = func() {}
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		was, set := os.LookupEnv(name)
		if name != "TMPDIR" && !set && runtime.GOOS != "windows" {
			continue
		}
		if os.Setenv(name, folder) != nil {
			continue
		}
		next := restore
		restore = func() {
			if next(); set {
				_ = os.Setenv(name, was)
			} else {
				_ = os.Unsetenv(name)
			}
		}
	}
	return restore
}

// Holds implements [schedule.Evaluator].
func (e *evaluations) Holds(ctx context.Context, r schedule.Result) (bool, error) {
	runs, err := store.Runs(ctx, e.database())
	if err != nil {
		return false, e.judged(err)
	}
	return slices.ContainsFunc(runs, func(run store.Run) bool { return run.RunID == r.RunID }), nil
}

// Remove implements [schedule.Evaluator].
func (e *evaluations) Remove(ctx context.Context, r schedule.Result) error {
	if e.database() == "" {
		return nil
	}
	there, err := e.Holds(ctx, r)
	if err != nil || !there {
		return err
	}
	return e.judged(store.Delete(ctx, e.database(), r.RunID))
}

// Place implements [schedule.Evaluator].
func (e *evaluations) Place() string { return postgis.Shown(e.database()) }

// database is the address of that which results go to; empty: none.
func (e *evaluations) database() string {
	if e.To == noDatabase {
		return ""
	}
	f := evaluateFlags{to: e.To, data: e.Data}
	return cmp.Or(f.to, f.back())
}

// judged says of an error that may go away by itself that it may.
func (e *evaluations) judged(err error) error {
	var passing *schedule.Passing
	switch {
	case err == nil, errors.As(err, &passing), errors.Is(err, schedule.ErrLost), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, errMoved), postgis.MayPass(err), slices.ContainsFunc(passingCodes, func(code syscall.Errno) bool { return errors.Is(err, code) }):
		return &schedule.Passing{Err: err}
	case !postgis.IsAddress(e.Data) && errors.Is(missing(e.Data), fs.ErrNotExist): // a drive that is not there
		return &schedule.Passing{Err: err}
	}
	return err
}

// passingCodes are errors of the system that go away when somebody makes room, or waits.
var passingCodes = func() []syscall.Errno {
	codes := []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EIO, syscall.EAGAIN, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ETIMEDOUT}
	if runtime.GOOS == "windows" { // a full disk; a file that another program has open or locked
		codes = append(codes, 112, 39, 32, 33)
	}
	return codes
}()

func missing(path string) error {
	_, err := os.Stat(path)
	return err
}
