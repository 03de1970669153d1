package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func init() {
	childTasks["full disk"] = onFullDisk
	childTasks["file limit"] = onFileLimit
}

// onFullDisk mounts a file system of a given size on a folder, in a mount namespace
// that ends with this process, runs the command, and lists what is left there.
func onFullDisk(args []string) int {
	dir, size := args[0], args[1]
	err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")
	if err == nil {
		err = syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mount:", err)
		return 99
	}
	return runAndList(dir, args[2:])
}

// onFileLimit lets no file of the command grow beyond a number of bytes: what a
// full disk is, as far as a process that may mount nothing can tell.
func onFileLimit(args []string) int {
	var size uint64
	if _, err := fmt.Sscan(args[1], &size); err != nil {
		return 99
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: size}); err != nil {
		fmt.Fprintln(os.Stderr, "setrlimit:", err)
		return 99
	}
	return runAndList(args[0], args[2:])
}

func runAndList(dir string, args []string) int {
	code := run(context.Background(), args, Streams{strings.NewReader(""), io.Discard, os.Stderr})
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		fmt.Println("left", e.Name())
	}
	if err != nil {
		fmt.Println("left", err)
	}
	return code
}

// full runs a command that writes into dir as a child for which there are only so
// many bytes: on a file system of its own, as root or in a user namespace, else
// under a limit of file size.
func full(t *testing.T, dir string, size int, args ...string) (o outcome, full string) {
	t.Helper()
	ways := []struct {
		task, says string
		attr       *syscall.SysProcAttr
	}{
		{"full disk", "no space left on device", &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}},
		{"full disk", "no space left on device", &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}},
		{"file limit", "file too large", nil},
	}
	var tried []error
	for _, way := range ways {
		cmd, out, errs := child(t, way.task, append([]string{dir, fmt.Sprint(size)}, args...)...)
		cmd.SysProcAttr = way.attr
		err := cmd.Run()
		if cmd.ProcessState != nil && cmd.ProcessState.ExitCode() != 99 {
			t.Logf("%s, %+v", way.task, way.attr)
			return outcome{cmd.ProcessState.ExitCode(), out.String(), errs.String()}, way.says
		}
		tried = append(tried, fmt.Errorf("%s: %w: %s", way.task, err, errs))
	}
	t.Fatalf("no way to fill a disk: %v", errors.Join(tried...))
	return outcome{}, ""
}

func TestAFullDiskEndsTheRunAndLeavesNothing(t *testing.T) {
	data := bigCity(t, 5000)
	written := 0 // by a run for which there is room
	sizes := map[string]int64{}
	roomy := filepath.Join(t.TempDir(), "run")
	if o := command(evaluateArgs(data, roomy)...); o.code != exitDone {
		t.Fatal(o.err)
	}
	for _, path := range []string{"layers/parcels.geojson", "tables/idle_land.csv", "sources.parquet"} {
		info, err := os.Stat(filepath.Join(roomy, path))
		if err != nil {
			t.Fatal(err)
		}
		sizes[path] = info.Size()
		written += int(info.Size())
	}
	for _, size := range []int{16 << 10, int(sizes["layers/parcels.geojson"]) / 2, written} {
		dir := t.TempDir()
		out := filepath.Join(dir, "run")
		o, says := full(t, dir, size, evaluateArgs(data, out)...)
		failed(t, o, exitFailed, "write "+out+string(filepath.Separator), says)
	}
}

func TestAFullDiskWhenTheRunIsNearlyWrittenLeavesNothing(t *testing.T) {
	data := bigCity(t, 5000)
	roomy := filepath.Join(t.TempDir(), "run")
	if o := command(evaluateArgs(data, roomy)...); o.code != exitDone {
		t.Fatal(o.err)
	}
	var pages int64
	err := filepath.Walk(roomy, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			pages += (info.Size() + 4095) / 4096
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for missing := int64(1); missing <= 3; missing++ {
		dir := t.TempDir()
		out := filepath.Join(dir, "run")
		o, says := full(t, dir, int(pages-missing)*4096, evaluateArgs(data, out)...)
		failed(t, o, exitFailed, out, says)
	}
}

func TestACheckOnAFullDiskLeavesNothing(t *testing.T) {
	f := smallCity()
	f["tax.csv"] = "credit_code,year,tax\n" + strings.Repeat("A,2024,many\n", 5000)
	dir := t.TempDir()
	out := filepath.Join(dir, "quality")
	o, says := full(t, dir, 16<<10, checkArgs(f.in(t), "--out", out)...)
	failed(t, o, exitFailed, "write "+out+string(filepath.Separator), says)
}
