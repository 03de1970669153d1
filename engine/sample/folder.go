package sample

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// folder has fill write into a temporary folder beside out and gives it out's
// name when it is whole. What is there already stays, unless overwrite is set and
// it is empty or a data folder.
func folder(out string, overwrite bool, fill func(dir string) error) (err error) {
	out = filepath.Clean(out)
	there, err := exists(out)
	if err != nil {
		return err
	}
	if there && !overwrite {
		return fmt.Errorf("sample: %s is there already: choose another folder or overwrite it", out)
	}
	if there && !replaceable(out) {
		return fmt.Errorf("sample: %s is no data folder (it has no zones or parcels): it is not overwritten", out)
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(out), filepath.Base(out)+".tmp-")
	if err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if err := os.Chmod(dir, 0o755); err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	if err := fill(dir); err != nil {
		return err
	}
	if there {
		old := dir + ".old"
		if err := os.Rename(out, old); err != nil {
			return fmt.Errorf("sample: %w", err)
		}
		if err := os.Rename(dir, out); err != nil {
			return errors.Join(fmt.Errorf("sample: %w", err), os.Rename(old, out))
		}
		return os.RemoveAll(old)
	}
	if err := os.Rename(dir, out); err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	return nil
}

func exists(out string) (bool, error) {
	_, err := os.Lstat(out)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("sample: %w", err)
	}
	return true, nil
}

// replaceable says whether a folder is empty or holds zones and parcels.
func replaceable(out string) bool {
	entries, err := os.ReadDir(out)
	if err != nil {
		return false
	}
	zones, _ := filepath.Glob(filepath.Join(out, "zones.*"))
	parcels, _ := filepath.Glob(filepath.Join(out, "parcels.*"))
	return len(entries) == 0 || len(zones) > 0 && len(parcels) > 0
}

// Unpack writes an embedded data folder out, as [Write] writes a made-up one.
func Unpack(ctx context.Context, from fs.FS, out string, overwrite bool) error {
	return folder(out, overwrite, func(dir string) error {
		return fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			text, err := fs.ReadFile(from, name)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o644)
		})
	})
}
