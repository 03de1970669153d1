package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Holder is the scheduler that has a folder for itself.
type Holder struct {
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// Held is the error of a folder that another scheduler works in.
type Held struct {
	Folder string
	By     Holder
}

// Error implements error.
func (h *Held) Error() string {
	by := "another scheduler"
	if h.By.PID != 0 {
		by = fmt.Sprintf("the scheduler of process %d on %s, since %s,", h.By.PID, h.By.Host, h.By.Since.Format(time.RFC3339))
	}
	return fmt.Sprintf("%s has %s; only one may: end it, or give this one a folder of its own", by, h.Folder)
}

const (
	lockName   = "scheduler.lock"
	holderName = "scheduler.json" // beside it: what is locked cannot be read everywhere
)

// Lock takes a folder for one scheduler, until release or the end of the process, however
// it ends. The error is a [Held] where another has it.
func Lock(folder string, me Holder) (release func(), err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("lock %s: %w", folder, err)
	}
	lock := flock.New(filepath.Join(folder, lockName))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", folder, err)
	}
	if !got {
		held := &Held{Folder: folder}
		if text, err := os.ReadFile(filepath.Join(folder, holderName)); err == nil {
			_ = json.Unmarshal(text, &held.By) // it is being written: nobody is named
		}
		return nil, held
	}
	text, err := json.Marshal(me)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, holderName), append(text, '\n'), 0o644)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", folder, err), lock.Unlock())
	}
	return func() { _ = lock.Unlock() }, nil
}
