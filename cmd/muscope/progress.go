package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress draws a bar on a terminal for what takes longer than a second, and logs
// nothing but stages, as JSON, when that is asked for. Piped, it is quiet.
type progress struct {
	mu    sync.Mutex
	tty   io.Writer // nil: nothing is drawn
	bar   *progressbar.ProgressBar
	log   *slog.Logger
	stage string
	start time.Time
}

func newProgress(s *shared, w io.Writer) *progress {
	p := &progress{start: time.Now()}
	if s.quiet {
		return p
	}
	if s.logFormat == "json" {
		p.log = slog.New(slog.NewJSONHandler(w, nil))
	} else if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.tty = w
	}
	return p
}

// note takes the rows done in a stage, of a total that may be unknown.
func (p *progress) note(stage string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	begun := stage != p.stage
	p.stage = stage
	if begun && p.log != nil {
		p.log.Info("stage", "name", stage)
	}
	if p.tty == nil || time.Since(p.start) < time.Second {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(-1,
			progressbar.OptionSetWriter(p.tty), progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSpinnerType(14))
		begun = true
	}
	if begun {
		p.bar.Describe(fmt.Sprintf("%-9s", stage))
		p.bar.Reset()
	}
	if total < max(done, 1) {
		total = -1
	}
	p.bar.ChangeMax64(total)
	_ = p.bar.Set64(done)
}

// done clears the bar.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
