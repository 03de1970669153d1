// Command muscope evaluates land use and its intensity: who yields what per 亩
// (mu), which land lies idle, how zones are mixed, as map layers and tables.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Streams are where a command reads and writes; tests give their own.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], Streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run runs one command line and returns its exit code.
func run(ctx context.Context, args []string, streams Streams) int {
	root := newRootCommand(streams)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	code := exitCode(err)
	var silent *exitError
	if errors.As(err, &silent) && silent.err == nil {
		return code
	}
	_, _ = fmt.Fprintln(streams.Err, "muscope:", oneLine(err))
	return code
}
