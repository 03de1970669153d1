//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// childTask makes this test binary, started by a test, do one thing as a process of
// its own: "run" is main itself.
const childTask = "MUSCOPE_TEST_CHILD"

// childTasks are what a child may be asked to do; they return its exit code.
var childTasks = map[string]func(args []string) int{
	"run": func(args []string) int {
		os.Args = append([]string{"muscope"}, args...)
		main()
		return exitDone
	},
}

func TestMain(m *testing.M) {
	if task := childTasks[os.Getenv(childTask)]; task != nil {
		os.Exit(task(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// child is the program as a process of its own, not started yet.
func child(t *testing.T, task string, args ...string) (cmd *exec.Cmd, out, errs *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(self, args...)
	cmd.Env = append(os.Environ(), childTask+"="+task)
	out, errs = &bytes.Buffer{}, &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, errs
	return cmd, out, errs
}
