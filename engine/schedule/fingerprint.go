package schedule

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Fingerprints tells whether files are what they were, by their content. A file whose
// size and time of change are what they were is not read again.
type Fingerprints struct {
	mu    sync.Mutex
	known map[string]print
}

// coarse is more than a tick of the clock by which any disk notes changes.
const coarse = 3 * time.Second

type print struct {
	size    int64
	changed time.Time
	sum     [sha256.Size]byte
}

// Of is the fingerprint of files: of their names, relative to a folder, and content.
func (f *Fingerprints) Of(ctx context.Context, folder string, paths []string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		f.known = map[string]print{}
	}
	paths = slices.Clone(paths)
	slices.Sort(paths)
	h := sha256.New()
	for _, path := range slices.Compact(paths) {
		p, err := f.file(ctx, path)
		if err != nil {
			return "", fmt.Errorf("fingerprint %w", err)
		}
		name := path
		if rel, err := filepath.Rel(folder, path); err == nil {
			name = rel
		}
		_, _ = fmt.Fprintf(h, "%q %d %x\n", filepath.ToSlash(name), p.size, p.sum)
	}
	return hex.EncodeToString(h.Sum(nil))[:32], nil
}

func (f *Fingerprints) file(ctx context.Context, path string) (print, error) {
	info, err := os.Stat(path)
	if err != nil {
		return print{}, err
	}
	p := print{size: info.Size(), changed: info.ModTime()}
	if known, ok := f.known[path]; ok && known.size == p.size && known.changed.Equal(p.changed) {
		return known, nil
	}
	in, err := os.Open(path)
	if err != nil {
		return print{}, err
	}
	defer in.Close()
	h, buf := sha256.New(), make([]byte, 1<<20)
	for {
		n, err := in.Read(buf)
		h.Write(buf[:n])
		if errors.Is(err, io.EOF) {
			break
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return print{}, err
		}
	}
	h.Sum(p.sum[:0])
	if time.Since(p.changed) > coarse { // what is written again within a tick of the disk's clock looks the same
		f.known[path] = p
	}
	return p, nil
}
