//go:build unix

package main

import (
	"bufio"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
)

// killed starts a command and kills it: a while after its start, or after it logs that a
// result is about to be published. done says that it ended before.
func killed(t *testing.T, at string, wait time.Duration, args ...string) (done bool) {
	t.Helper()
	cmd := child(t, nil, append(args, "--log-format", "json")...)
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reached, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		lines, seen := bufio.NewScanner(errs), false
		for lines.Scan() {
			if !seen && strings.Contains(lines.Text(), `"msg":"`+at+`"`) {
				seen = true
				close(reached)
			}
		}
		_, _ = io.Copy(io.Discard, errs)
	}()
	select {
	case <-reached:
		select {
		case <-time.After(wait):
		case <-ended:
		}
	case <-ended:
	}
	_ = cmd.Process.Kill()
	<-ended
	_ = cmd.Wait()
	return cmd.ProcessState.Exited()
}

func TestASchedulerKilledFiftyTimesLeavesOneWholeResultForEachOccurrence(t *testing.T) {
	path, out := planned(t, smallCity().in(t), "formats: [csv]", monthlyJob)
	args := []string{"schedule", "backfill", "monthly", "--config", path, "--from", "2022-01", "--to", "2024-12"}
	dice := rand.New(rand.NewPCG(2024, 9)) // where a kill falls depends on the machine anyway
	kills := 0
	for range 200 {
		at, within := "began", 120*time.Millisecond
		switch dice.IntN(3) {
		case 0:
			at, within = "publishing", 12*time.Millisecond
		case 1:
			at, within = "started", 60*time.Millisecond
		}
		if !killed(t, at, time.Duration(dice.Int64N(int64(within))), args...) {
			kills++
		}
		if kills == 50 {
			break
		}
	}
	if kills < 30 { // the machine is too fast to be caught in the midst more often
		t.Errorf("killed %d times", kills)
	}
	ran(t, args...)
	if done := tellsTheSame(t, out); done != 36 {
		t.Errorf("%d occurrences are done, want 36", done)
	}
	tries := 0
	for _, e := range remembered(t, out) {
		tries += e.Attempt
	}
	t.Logf("%d kills, %d tries for 36 occurrences", kills, tries)
}

// running is a scheduler as a process of its own.
type running struct {
	*exec.Cmd
	lines chan string
}

func startSchedule(t *testing.T, path string) *running {
	t.Helper()
	r := &running{child(t, nil, "schedule", "--config", path, "--log-format", "json"), make(chan string, 1000)}
	errs, err := r.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Process.Kill() })
	go func() {
		defer close(r.lines)
		for lines := bufio.NewScanner(errs); lines.Scan(); {
			r.lines <- lines.Text()
		}
	}()
	r.until(t, "started")
	return r
}

// until waits for an event in the log.
func (r *running) until(t *testing.T, event string) string {
	t.Helper()
	for line := range r.lines {
		if strings.Contains(line, `"msg":"`+event+`"`) {
			return line
		}
	}
	t.Fatalf("the scheduler ended before it logged %q", event)
	return ""
}

// ends tells a scheduler to end, and waits for it.
func (r *running) ends(t *testing.T) {
	t.Helper()
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for range r.lines {
	}
	if err := r.Wait(); err != nil {
		t.Errorf("the scheduler was told to end: %v", err)
	}
}

func TestASecondSchedulerOnAFolderIsRefusedAndTheFirstTakesWhatIsAskedFor(t *testing.T) {
	data := smallCity().in(t)
	path, out := planned(t, data, monthlyJob)
	first := startSchedule(t, path)
	failed(t, command("schedule", "--config", path), exitFailed, "the scheduler of process ", "only one may")
	elsewhere := scheduleIn(t, t.TempDir(), data, out, "ledger: elsewhere.sqlite", monthlyJob)
	failed(t, command("schedule", "--config", elsewhere, "--once"), exitFailed, "the scheduler of process ")
	o := ran(t, "schedule", "run", "monthly", "--config", path, "--period", "2024-06", "--lang", "en")
	if !strings.Contains(o.out, "the scheduler that runs takes it") {
		t.Errorf("%s", o.out)
	}
	first.until(t, "done")
	if status := ran(t, "schedule", "status", "--config", path, "--json"); !strings.Contains(status.out, `"monthly"`) {
		t.Error(status.out)
	}
	first.ends(t)
	if done := tellsTheSame(t, out); done != 1 {
		t.Errorf("%d done", done)
	}
	ran(t, "schedule", "--config", path, "--once")
}

func TestASchedulerThatIsToldToEndGivesBackWhatItWasDoing(t *testing.T) {
	data := bigCity(t, 40_000)
	path, out := planned(t, data, monthlyJob)
	first := startSchedule(t, path)
	ran(t, "schedule", "run", "monthly", "--config", path, "--period", "2024-06")
	first.until(t, "began")
	first.ends(t)
	all := remembered(t, out)
	if e := all[len(all)-1]; e.State != schedule.Planned || e.Attempt != 0 || e.Reason != "the program was stopped" {
		t.Errorf("%+v", e)
	}
	if left, _ := filepath.Glob(filepath.Join(out, ".muscope", "work", "*")); len(left) > 0 {
		t.Errorf("left in the working folder: %q", left)
	}
	second := startSchedule(t, path)
	second.until(t, "done")
	second.ends(t)
	if done := tellsTheSame(t, out); done != 1 {
		t.Errorf("%d done", done)
	}
}

func TestAFullDiskIsWaitedForAndLeavesNothing(t *testing.T) {
	data := bigCity(t, 3000)
	roomy := filepath.Join(t.TempDir(), "run")
	if o := command(evaluateArgs(data, roomy, "--quiet")...); o.code != exitDone {
		t.Fatal(o.err)
	}
	disk, largest := sizes(t, roomy)
	out := t.TempDir()
	path := scheduleIn(t, t.TempDir(), data, out, monthlyJob)
	o, _ := squeeze(t, out, disk/2+100<<10, largest/2, "schedule", "run", "monthly", "--config", path, "--period", "2024", "--quiet")
	if o.code != exitFailed || o.out != ".muscope\n" || !strings.Contains(o.err, "2024 will be tried again: write ") {
		t.Errorf("exit %d, left %q, said %q", o.code, o.out, o.err)
	}
}
