//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// childMark makes this test binary, started by a test, be the program.
const childMark = "MUSCOPE_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childMark) != "" {
		main()
	}
	os.Exit(m.Run())
}

// child is the program as a process of its own, not started yet. A wrapper runs it
// with the rest of its arguments.
func child(t *testing.T, wrapper []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args = slices.Concat(wrapper, []string{self}, args)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childMark+"=1")
	return cmd
}

// interrupted starts an evaluation as a process, sends it a signal when it logs a
// stage, and holds that it ends as it should. done says that it was too late.
func interrupted(t *testing.T, data, stage string, signal os.Signal) (done bool) {
	t.Helper()
	room := t.TempDir()
	out, temp := filepath.Join(room, "run"), filepath.Join(t.TempDir(), "temp")
	if err := os.Mkdir(temp, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := child(t, nil, evaluateArgs(data, out, "--log-format", "json", "--threads", "2", "--memory", "64MiB")...)
	cmd.Env = append(cmd.Env, "TMPDIR="+temp)
	var printed strings.Builder
	cmd.Stdout = &printed
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, said := bufio.NewScanner(errs), ""
	for lines.Scan() {
		if strings.Contains(lines.Text(), `"name":"`+stage+`"`) {
			if left, _ := filepath.Glob(out + ".tmp-*"); len(left) != 1 {
				t.Errorf("at the stage %s these are being written: %q", stage, left)
			}
			if left, _ := filepath.Glob(filepath.Join(temp, "*")); stage == "write" && len(left) != 1 {
				t.Errorf("parcels beyond the memory limit lie in %q", left)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
		} else if !strings.HasPrefix(lines.Text(), "{") {
			said += lines.Text() + "\n"
		}
	}
	_, _ = io.Copy(io.Discard, errs)
	_ = cmd.Wait()
	code := cmd.ProcessState.ExitCode()
	if code == exitDone {
		return true
	}
	if code != exitInterrupted || said != "muscope: interrupted; nothing was written\n" || printed.Len() != 0 {
		t.Errorf("%v at the stage %s: exit %d, said %q, printed %q", signal, stage, code, said, printed.String())
	}
	for _, dir := range []string{room, temp} {
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
			t.Errorf("%v at the stage %s left %q", signal, stage, left)
		}
	}
	return false
}

func TestCtrlCInTheMiddleLeavesNothing(t *testing.T) {
	n := 150_000
	data := bigCity(t, n)
	for _, stage := range []string{"parcels", "write"} {
		for interrupted(t, data, stage, os.Interrupt) {
			if n *= 3; n > 3_000_000 {
				t.Fatalf("at the stage %s no signal comes before the end", stage)
			}
			data = bigCity(t, n) // the machine was faster than the signal
		}
	}
}

func TestATerminatedRunLeavesNothing(t *testing.T) {
	if interrupted(t, bigCity(t, 100_000), "parcels", syscall.SIGTERM) {
		t.Error("the run went on to its end")
	}
}

func TestACancelledCommandEndsAsAnInterruptedOne(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, args := range [][]string{
		evaluateArgs(smallCity().in(t), filepath.Join(t.TempDir(), "run")), {"check", "--data", smallCity().in(t)},
	} {
		var out, errs strings.Builder
		code := run(ctx, args, Streams{strings.NewReader(""), &out, &errs})
		failed(t, outcome{code, out.String(), errs.String()}, exitInterrupted, "interrupted; nothing was written")
	}
}

// cancelAt is standard error that cancels the command when it logs a stage.
type cancelAt struct {
	stage  string
	cancel context.CancelFunc
	seen   bool
	rest   strings.Builder
}

func (c *cancelAt) Write(b []byte) (int, error) {
	switch {
	case bytes.Contains(b, []byte(`"name":"`+c.stage+`"`)):
		c.seen = true
		c.cancel()
	case !bytes.HasPrefix(b, []byte("{")):
		c.rest.Write(b)
	}
	return len(b), nil
}

func TestARunInterruptedAtAnyStageLeavesTheOneItWasToReplace(t *testing.T) {
	data, out := smallCity().in(t), filepath.Join(t.TempDir(), "run")
	if o := command(evaluateArgs(data, out)...); o.code != exitDone {
		t.Fatal(o.err)
	}
	before := bytesOf(t, out)
	for _, stage := range []string{"zones", "parcels", "order", "land_use", "tables", "detect", "check", "write", "sources", "digest"} {
		ctx, cancel := context.WithCancel(context.Background())
		errs := &cancelAt{stage: stage, cancel: cancel}
		var printed strings.Builder
		code := run(ctx, evaluateArgs(data, out, "--overwrite", "--log-format", "json"), Streams{strings.NewReader(""), &printed, errs})
		cancel()
		if !errs.seen || code != exitInterrupted || errs.rest.String() != "muscope: interrupted; nothing was written\n" || printed.Len() != 0 {
			t.Errorf("at the stage %s (seen %t): exit %d, said %q, printed %q", stage, errs.seen, code, errs.rest.String(), printed.String())
		}
		onlyRun(t, out)
		if !maps.Equal(bytesOf(t, out), before) {
			t.Errorf("at the stage %s the run that stood there has changed", stage)
		}
	}
}

// unprivileged runs f as a user whom file permissions bind.
func unprivileged(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	const nobody = 65534
	if err := syscall.Seteuid(nobody); err != nil {
		t.Fatalf("become another user than root: %v", err)
	}
	defer func() {
		if err := syscall.Seteuid(0); err != nil {
			t.Fatalf("become root again: %v", err)
		}
	}()
	f()
}

func TestAFileThatMayNotBeReadIsRefused(t *testing.T) {
	for _, name := range []string{"zones.geojson", "parcels.geojson", "tax.csv"} {
		data := smallCity().in(t)
		room := t.TempDir()
		for _, dir := range []string{filepath.Dir(filepath.Dir(data)), filepath.Dir(data), data, filepath.Dir(room), room} {
			if err := os.Chmod(dir, 0o777); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(filepath.Join(data, name), 0); err != nil {
			t.Fatal(err)
		}
		var o, c outcome
		out := filepath.Join(room, "run")
		unprivileged(t, func() {
			o = command(evaluateArgs(data, out)...)
			c = command(checkArgs(data)...)
		})
		failed(t, o, exitFailed, filepath.Join(data, name), "permission denied")
		failed(t, c, exitFailed, filepath.Join(data, name), "permission denied")
		if left := beside(t, out); len(left) != 0 {
			t.Errorf("%s: left %q", name, left)
		}
	}
}

func TestAFolderThatMayNotBeWrittenIsRefused(t *testing.T) {
	data := smallCity().in(t)
	room := t.TempDir()
	for _, dir := range []string{filepath.Dir(filepath.Dir(data)), filepath.Dir(data), data, filepath.Dir(room)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(room, 0o555); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(room, "run")
	var o outcome
	unprivileged(t, func() { o = command(evaluateArgs(data, out)...) })
	failed(t, o, exitFailed, out, "permission denied")
	if err := os.Chmod(room, 0o755); err != nil {
		t.Fatal(err)
	}
	if left := beside(t, out); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}
