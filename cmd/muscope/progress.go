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
		return p
	}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions64(-1,
			progressbar.OptionSetWriter(w), progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetVisibility(true), progressbar.OptionSpinnerType(14))
	}
	return p
}

// note takes rows done in a stage.
func (p *progress) note(stage string, rows int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if stage != p.stage {
		p.stage = stage
		if p.log != nil {
			p.log.Info("stage", "name", stage)
		}
		if p.bar != nil {
			p.bar.Describe(fmt.Sprintf("%-9s", stage))
		}
	}
	if p.bar != nil && time.Since(p.start) > time.Second {
		_ = p.bar.Add64(rows)
	}
}

// done clears the bar.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
