package main

import (
	"context"
	"errors"
	"strings"

	"github.com/muscope-gis/muscope/engine/postgis"
)

// The exit codes, as every command's help lists them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitFound       = 3
	exitUnreachable = 10
	exitInterrupted = 130
)

const exitCodes = `Exit codes:
  0    done
  1    failed: one line says where and what to do
  2    wrong usage
  3    done, but --strict found rejects
  10   source not reachable
  130  interrupted, nothing is left half-written`

// exitError carries an exit code; a nil err has been told already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return "exit"
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func usage(err error) error { return &exitError{exitUsage, err} }

func exitCode(err error) int {
	var e *exitError
	var unreachable *postgis.Unreachable
	switch {
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &unreachable):
		return exitUnreachable
	case errors.As(err, &e):
		return e.code
	}
	return exitFailed
}

// oneLine is an error as people see it.
func oneLine(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted; nothing was written"
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
}
