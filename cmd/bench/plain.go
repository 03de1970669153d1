package main

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// plainCopy reads every file below in and then writes files as long as those
// below like into a fresh folder out, which it deletes: the seconds that the
// bytes alone cost. The bytes written are random, so that no file system can
// make them fewer.
func plainCopy(in, like, out string) (seconds float64, read, wrote int64, err error) {
	sizes, err := sizesBelow(like)
	if err != nil {
		return 0, 0, 0, err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return 0, 0, 0, err
	}
	defer os.RemoveAll(out)
	buffer := make([]byte, 1<<20)
	began := time.Now()
	if read, err = readAll(in, buffer); err != nil {
		return 0, 0, 0, err
	}
	reading := time.Since(began)
	random := rand.NewChaCha8([32]byte{})
	if _, err := random.Read(buffer); err != nil {
		return 0, 0, 0, err
	}
	began = time.Now()
	for i, size := range sizes {
		if err := writeFile(filepath.Join(out, strconv.Itoa(i)), size, buffer); err != nil {
			return 0, 0, 0, err
		}
		wrote += size
	}
	return (reading + time.Since(began)).Seconds(), read, wrote, nil
}

func sizesBelow(folder string) ([]int64, error) {
	var sizes []int64
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sizes = append(sizes, info.Size())
		}
		return err
	})
	return sizes, err
}

func readAll(folder string, buffer []byte) (total int64, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		for {
			n, err := f.Read(buffer)
			total += int64(n)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
	return total, err
}

func writeFile(path string, size int64, buffer []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	for size > 0 && err == nil {
		n := min(size, int64(len(buffer)))
		_, err = f.Write(buffer[:n])
		size -= n
	}
	return errors.Join(err, f.Close())
}
