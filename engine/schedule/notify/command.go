package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
	"unicode"

	"github.com/muscope-gis/muscope/engine/schedule"
)

// run starts the command with the message on its standard input, and what a script asks
// first in its environment. A command that cannot be started needs a person; one that
// ends with another code than 0 is tried again.
func (t *Target) run(ctx context.Context, m *Message) error {
	body, err := m.body()
	if err != nil {
		return err
	}
	d := &m.Data
	command := exec.CommandContext(ctx, t.Command[0], t.Command[1:]...) //nolint:gosec // the configuration's own command, no shell
	command.Env = append(command.Environ(), "MUSCOPE_MESSAGE_ID="+m.ID, "MUSCOPE_STATE="+string(d.State), "MUSCOPE_JOB="+d.Job,
		"MUSCOPE_PERIOD="+d.Period, "MUSCOPE_RUN_ID="+d.RunID, "MUSCOPE_PLACE="+d.Place)
	command.Stdin = bytes.NewReader(append(body, '\n'))
	said := &tail{}
	command.Stdout, command.Stderr = said, said
	command.WaitDelay = 5 * time.Second // what it started may hold its output open
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return nil
	case ctx.Err() != nil:
		return &schedule.Passing{Err: fmt.Errorf("command %s: stopped, it took too long; raise its timeout if it may", t.Command[0])}
	case errors.As(err, &exit):
		return &schedule.Passing{Err: fmt.Errorf("command %s: %s%s", t.Command[0], exit.Error(), said.line())}
	}
	return fmt.Errorf("command %s: cannot be started: %w; name a program by its whole path", t.Command[0], err)
}

// tail keeps the end of what is written.
type tail struct{ text []byte }

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	const most = 4 << 10
	t.text = append(t.text, b[max(0, len(b)-most):]...)
	t.text = t.text[max(0, len(t.text)-most):]
	return len(b), nil
}

// line is the last line that was written, after a colon; empty: there is none.
func (t *tail) line() string {
	lines := strings.FieldsFunc(strings.ToValidUTF8(string(t.text), "\uFFFD"), func(r rune) bool { return r == '\n' || r == '\r' })
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, lines[i]))
		if line == "" {
			continue
		}
		const most = 300
		if runes := []rune(line); len(runes) > most {
			line = string(runes[:most]) + "…"
		}
		return ": " + line
	}
	return ""
}
