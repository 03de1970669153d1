//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A way to give a command a disk that is too small, as a script of the shell: $1 is
// the folder it writes into, $2 the disk's bytes, $3 the bytes of a file, the rest
// is the command. What is left in the folder is printed; 99 is "not this way".
type tightSpot struct {
	wrapper []string
	script  string
	says    string // what the system calls it
}

const onSmallDisk = `mount -t tmpfs -o size="$2" none "$1" || exit 99
dir=$1; shift 3; "$@"; code=$?; ls -A "$dir"; exit $code`

var tightSpots = []tightSpot{
	{[]string{"unshare", "-m"}, onSmallDisk, "no space left on device"},  // as root
	{[]string{"unshare", "-rm"}, onSmallDisk, "no space left on device"}, // where users may have namespaces
	// Where nothing may be mounted no file may grow: the same to a process that writes.
	{nil, `trap '' XFSZ; ulimit -f "$(($3 / 512))" || exit 99
dir=$1; shift 3; "$@"; code=$?; ls -A "$dir"; exit $code`, "file too large"},
}

// squeeze runs a command that writes into dir while there is room for only so many
// bytes, in the first way that works here.
func squeeze(t *testing.T, dir string, disk, file int64, args ...string) (o outcome, says string) {
	t.Helper()
	var tried []string
	for _, spot := range tightSpots {
		wrapper := append(spot.wrapper[:len(spot.wrapper):len(spot.wrapper)],
			"sh", "-c", spot.script, "sh", dir, fmt.Sprint(disk), fmt.Sprint(file))
		cmd := child(t, wrapper, args...)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		err := cmd.Run()
		if errs := errs.String(); strings.HasPrefix(errs, "muscope:") || err == nil {
			return outcome{cmd.ProcessState.ExitCode(), out.String(), errs}, spot.says
		}
		tried = append(tried, fmt.Sprintf("%q: %v: %s", spot.wrapper, err, errs.String()))
	}
	t.Fatalf("no way to fill a disk works here:\n%s", strings.Join(tried, "\n"))
	return outcome{}, ""
}

// sizes are what a run takes: bytes of disk in whole pages, and of its largest file.
func sizes(t *testing.T, dir string) (disk, largest int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			disk += (info.Size() + 4095) / 4096 * 4096
			largest = max(largest, info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return disk, largest
}

func TestAFullDiskEndsTheRunAndLeavesNothing(t *testing.T) {
	data := bigCity(t, 5000)
	roomy := filepath.Join(t.TempDir(), "run")
	if o := command(evaluateArgs(data, roomy, "--quiet")...); o.code != exitDone {
		t.Fatal(o.err)
	}
	disk, largest := sizes(t, roomy)
	for name, room := range map[string][2]int64{
		"hardly any room":        {16 << 10, 16 << 10},
		"room for half the run":  {disk / 2, largest / 2},
		"room but for a page":    {disk - 4096, largest - 512},
		"room but for two pages": {disk - 8192, largest - 1024},
		"room for three fourths": {disk * 3 / 4, largest * 3 / 4},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			out := filepath.Join(dir, "run")
			o, says := squeeze(t, dir, room[0], room[1], evaluateArgs(data, out, "--quiet")...)
			failed(t, o, exitFailed, "write "+out, says)
		})
	}
	dir := t.TempDir()
	o, _ := squeeze(t, dir, disk+64<<10, largest+4096, evaluateArgs(data, filepath.Join(dir, "run"), "--quiet")...)
	if o.code != exitDone || o.out != "run\n" {
		t.Errorf("with room enough: exit %d, left %q, said %q", o.code, o.out, o.err)
	}
}

func TestACheckOnAFullDiskLeavesNothing(t *testing.T) {
	f := smallCity()
	f["tax.csv"] = "credit_code,year,tax\n" + strings.Repeat("A,2024,many\n", 5000)
	dir := t.TempDir()
	out := filepath.Join(dir, "quality")
	o, says := squeeze(t, dir, 16<<10, 16<<10, checkArgs(f.in(t), "--out", out, "--quiet")...)
	failed(t, o, exitFailed, "write "+out+string(os.PathSeparator), says)
}
