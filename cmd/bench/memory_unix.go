//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory is the largest resident size that a finished process reached, in
// bytes; 0 where the system does not tell.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss) //nolint:unconvert // 32 bits wide on some systems
	}
	// Linux and the BSDs count in KiB.
	return int64(usage.Maxrss) * 1024 //nolint:unconvert // 32 bits wide on some systems
}
