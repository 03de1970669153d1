package schedule

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Results is a folder of results: JOB/PERIOD/RUN, each put there whole by one rename.
// What the schedule itself needs stands in .muscope.
type Results struct{ Root string }

// Own is the folder of what the schedule itself needs.
func (r *Results) Own() string { return filepath.Join(r.Root, ".muscope") }

func (r *Results) work() string { return filepath.Join(r.Own(), "work") }

// place is where a result goes, with slashes, under the folder of results.
func place(e Entry, runID string) string { return e.Job + "/" + e.Period + "/" + runID }

// path is the folder of a place; a ledger is no reason to leave the folder of results.
func (r *Results) path(place string) (string, error) {
	local := filepath.FromSlash(place)
	if len(strings.Split(place, "/")) != 3 || !filepath.IsLocal(local) || strings.HasPrefix(place, ".") {
		return "", fmt.Errorf("result %q: no place JOB/PERIOD/RUN under %s", place, r.Root)
	}
	return filepath.Join(r.Root, local), nil
}

// begin makes the working folder of a claim, empty.
func (r *Results) begin(token string) (string, error) {
	dir := filepath.Join(r.work(), token)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// Holds says whether a result is there.
func (r *Results) Holds(place string) bool {
	dir, err := r.path(place)
	if err != nil {
		return false
	}
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}

// publish puts a result that is whole in its place. That a result is there already is
// fine: it has the same id and hence is the same. made says whether it is this one.
func (r *Results) publish(from, place string) (made bool, err error) {
	to, err := r.path(place)
	if err != nil {
		return false, err
	}
	if err := syncTree(from); err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return false, err
	}
	if r.Holds(place) {
		return false, nil
	}
	if err := os.Rename(from, to); err != nil {
		if r.Holds(place) { // another was faster
			return false, nil
		}
		return false, err
	}
	for dir := filepath.Dir(to); ; dir = filepath.Dir(dir) {
		if err := syncFile(dir); err != nil {
			return true, err
		}
		if dir == filepath.Clean(r.Root) || dir == filepath.Dir(dir) {
			return true, nil
		}
	}
}

// discard takes a result away, by way of a working folder, so that nobody sees half of
// it; the folders above it go where they are empty.
func (r *Results) discard(place, token string) error {
	from, err := r.path(place)
	if err != nil {
		return err
	}
	to := filepath.Join(r.work(), token)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	err = os.Rename(from, filepath.Join(to, "removed-"+filepath.Base(from)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if os.Remove(filepath.Dir(from)) == nil {
		_ = os.Remove(filepath.Dir(filepath.Dir(from)))
	}
	return os.RemoveAll(filepath.Join(to, "removed-"+filepath.Base(from)))
}

// leftovers are the working folders that are there.
func (r *Results) leftovers() ([]string, error) {
	entries, err := os.ReadDir(r.work())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// clear takes working folders away.
func (r *Results) clear(tokens ...string) error {
	var errs []error
	for _, t := range tokens {
		errs = append(errs, os.RemoveAll(filepath.Join(r.work(), t)))
	}
	return errors.Join(errs...)
}

// syncTree has a folder and all in it on the disk, and not only on its way there.
func syncTree(dir string) error {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && (d.IsDir() || d.Type().IsRegular()) {
			paths = append(paths, path)
		}
		return err
	})
	for _, path := range slices.Backward(paths) { // files before the folders they are in
		if err == nil {
			err = syncFile(path)
		}
	}
	return err
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if runtime.GOOS == "windows" { // which syncs nothing that is open to be read
		return nil
	}
	return f.Sync()
}
