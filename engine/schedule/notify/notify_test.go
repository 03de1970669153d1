package notify_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/schedule/notify"
	"github.com/muscope-gis/muscope/engine/unit"
)

var (
	secret = []byte("a secret of the tests, no other")
	due    = time.Date(2024, 3, 1, 18, 30, 0, 0, time.UTC)
)

// evaluated is an evaluation that came to a state.
func evaluated(state schedule.State) schedule.Entry {
	day, _ := unit.NewDate(2024, 2, 29)
	return schedule.Entry{
		Key: schedule.Key{Job: "月报", Due: due}, Cause: schedule.OnTime, Period: "2024-02", AsOf: day, State: state, Attempt: 1,
		Result: schedule.Result{RunID: "6f1d0c2b9a8e7d54", Place: "月报/2024-02/6f1d0c2b9a8e7d54", Counts: map[string]map[string]int64{"grades": {"A": 55}}},
	}
}

func notifier(t notify.Target) *notify.Notifier {
	t.Name = "bureau"
	return &notify.Notifier{
		Schedule: "城区", Target: func(string, string) (notify.Target, error) { return t, nil }, Now: time.Now,
		Word: func(id, language string) string { return id + "/" + language },
		Changes: func(context.Context, schedule.Entry) (any, notify.Text, error) {
			return map[string]int{"newly_idle": 3}, notify.Text{Zh: "新增闲置 3 宗\n", En: "newly idle 3"}, nil
		},
	}
}

func deliver(t testing.TB, n *notify.Notifier, of schedule.Entry) error {
	t.Helper()
	d := of
	d.Target, d.State = "bureau", schedule.Running
	return n.Deliver(t.Context(), d, of)
}

// received is what a webhook got.
type received struct {
	mu     sync.Mutex
	bodies []string
	heads  []http.Header
	answer int
}

func (r *received) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies, r.heads = append(r.bodies, string(body)), append(r.heads, q.Header)
	if r.answer/100 == 3 {
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(r.answer)
}

func listening(t testing.TB, answer int) (*received, string) {
	t.Helper()
	r := &received{answer: answer}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return r, server.URL
}

func TestAWebhookCanCheckWhoSentItsMessage(t *testing.T) {
	r, url := listening(t, http.StatusNoContent)
	if err := deliver(t, notifier(notify.Target{URL: url + "/hook", Secret: secret}), evaluated(schedule.Done)); err != nil {
		t.Fatal(err)
	}
	theirs, err := webhooks.NewWebhook(base64.StdEncoding.EncodeToString(secret))
	if err != nil {
		t.Fatal(err)
	}
	if err := theirs.Verify([]byte(r.bodies[0]), r.heads[0]); err != nil {
		t.Errorf("the reference library refuses the signature: %v", err)
	}
	if err := theirs.Verify([]byte(strings.Replace(r.bodies[0], `"A":55`, `"A":56`, 1)), r.heads[0]); err == nil {
		t.Error("it takes a body that was changed")
	}
}

func TestAMessageSaysWhatTheEvaluationCameToInBothLanguages(t *testing.T) {
	r, url := listening(t, http.StatusOK)
	if err := deliver(t, notifier(notify.Target{URL: url}), evaluated(schedule.Done)); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Type string
		Data struct {
			Schedule, Job, Period, State string
			AsOf                         string `json:"as_of"`
			RunID                        string `json:"run_id"`
			Place                        string
			Counts                       map[string]map[string]int
			Text                         struct{ Zh, En string }
			Changes                      map[string]int
		}
	}
	if err := json.Unmarshal([]byte(r.bodies[0]), &got); err != nil {
		t.Fatal(err)
	}
	d := got.Data
	if got.Type != "evaluation.done" || d.Schedule != "城区" || d.Job != "月报" || d.Period != "2024-02" || d.AsOf != "2024-02-29" || d.State != "done" ||
		d.RunID != "6f1d0c2b9a8e7d54" || d.Place != "月报/2024-02/6f1d0c2b9a8e7d54" || d.Counts["grades"]["A"] != 55 || d.Changes["newly_idle"] != 3 {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(d.Text.Zh, "schedule.state.done/zh") || !strings.HasSuffix(d.Text.Zh, "\n新增闲置 3 宗") || !strings.HasSuffix(d.Text.En, "\nnewly idle 3") {
		t.Errorf("%q", d.Text)
	}
	if r.heads[0].Get("webhook-signature") != "" {
		t.Error("signed without a secret")
	}
}

func TestAFailureIsToldWithItsReasonAndWithoutChanges(t *testing.T) {
	r, url := listening(t, http.StatusOK)
	of := evaluated(schedule.Failed)
	of.Reason = `read tax.csv: column "tax" is missing`
	if err := deliver(t, notifier(notify.Target{URL: url}), of); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"type":"evaluation.failed"`, `column \"tax\" is missing`, `"changes":null`} {
		if !strings.Contains(r.bodies[0], want) {
			t.Errorf("%s lacks %s", r.bodies[0], want)
		}
	}
}

func TestAMessageSentAgainHasTheSameIdAndAnotherMessageAnother(t *testing.T) {
	r, url := listening(t, http.StatusOK)
	n := notifier(notify.Target{URL: url})
	later := evaluated(schedule.Done)
	later.Due = due.AddDate(0, 1, 0)
	for _, of := range []schedule.Entry{evaluated(schedule.Done), evaluated(schedule.Done), later, evaluated(schedule.Failed)} {
		if err := deliver(t, n, of); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, h := range r.heads {
		ids = append(ids, h.Get("webhook-id"))
	}
	if ids[0] != ids[1] || ids[0] == ids[2] || ids[0] == ids[3] || ids[2] == ids[3] || ids[0] == "" {
		t.Errorf("ids %q", ids)
	}
}

func TestOnlyWhatAServerMayGetOverIsSentAgain(t *testing.T) {
	for status, want := range map[int]bool{500: true, 502: true, 503: true, 429: true, 408: true, 400: false, 401: false, 404: false, 410: false, 302: false, 307: false} {
		r, url := listening(t, status)
		err := deliver(t, notifier(notify.Target{URL: url + "/hook?token=hidden"}), evaluated(schedule.Done))
		var passing *schedule.Passing
		if err == nil || errors.As(err, &passing) != want {
			t.Errorf("%d: %v, may pass: want %t", status, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hidden") {
			t.Errorf("%d: the error tells the query: %v", status, err)
		}
		if len(r.bodies) != 1 {
			t.Errorf("%d: sent %d times", status, len(r.bodies))
		}
	}
}

func TestAServerThatDoesNotAnswerMayComeBackAndItsPasswordIsNotTold(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	err := deliver(t, notifier(notify.Target{URL: strings.Replace(server.URL, "://", "://user:hidden@", 1) + "/hook"}), evaluated(schedule.Done))
	var passing *schedule.Passing
	if !errors.As(err, &passing) || strings.Contains(err.Error(), "hidden") || !strings.Contains(err.Error(), "/hook") {
		t.Errorf("%v", err)
	}
}

func TestAServerThatHangsIsGivenUpInTime(t *testing.T) {
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer server.Close()
	defer close(hang)
	err := deliver(t, notifier(notify.Target{URL: server.URL, Timeout: 50 * time.Millisecond}), evaluated(schedule.Done))
	var passing *schedule.Passing
	if !errors.As(err, &passing) {
		t.Errorf("%v", err)
	}
}

// script is a program that runs lines of a shell.
func script(t testing.TB, lines string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hand on")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+lines+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{path, `a "quoted" $HOME`}
}

func TestACommandGetsTheMessageOnItsInputAndItsArgumentsAsTheyAre(t *testing.T) {
	got := filepath.Join(t.TempDir(), "got")
	command := append(script(t, `{ echo "$1|$2|$MUSCOPE_STATE|$MUSCOPE_PERIOD|$MUSCOPE_RUN_ID"; cat; } > "$2"`), got)
	if err := deliver(t, notifier(notify.Target{Command: command}), evaluated(schedule.Done)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(got)
	if err != nil {
		t.Fatal(err)
	}
	first, body, _ := strings.Cut(string(text), "\n")
	if want := `a "quoted" $HOME|` + got + "|done|2024-02|6f1d0c2b9a8e7d54"; first != want {
		t.Errorf("%q, want %q", first, want)
	}
	if !json.Valid([]byte(body)) || !strings.Contains(body, `"job":"月报"`) {
		t.Errorf("body %s", body)
	}
}

func TestACommandThatFailsIsTriedAgainAndItsLastWordsAreKept(t *testing.T) {
	err := deliver(t, notifier(notify.Target{Command: script(t, `echo begun; printf 'share \033[31mnot mounted\n\n' >&2; exit 6`)}), evaluated(schedule.Done))
	var passing *schedule.Passing
	if !errors.As(err, &passing) || !strings.Contains(err.Error(), "exit status 6: share  [31mnot mounted") {
		t.Errorf("%q", err)
	}
}

func TestACommandThatIsNotThereNeedsAPerson(t *testing.T) {
	err := deliver(t, notifier(notify.Target{Command: []string{filepath.Join(t.TempDir(), "none")}}), evaluated(schedule.Done))
	var passing *schedule.Passing
	if err == nil || errors.As(err, &passing) {
		t.Errorf("%v", err)
	}
}

func TestACommandThatHangsIsStopped(t *testing.T) {
	err := deliver(t, notifier(notify.Target{Command: script(t, "exec sleep 600"), Timeout: 50 * time.Millisecond}), evaluated(schedule.Done))
	var passing *schedule.Passing
	if !errors.As(err, &passing) || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("%v", err)
	}
}

func TestATargetThatTheConfigurationNoLongerHasIsNamed(t *testing.T) {
	n := notifier(notify.Target{URL: "http://127.0.0.1:1"})
	gone := errors.New("the configuration has no target bureau")
	n.Target = func(string, string) (notify.Target, error) { return notify.Target{}, gone }
	if err := deliver(t, n, evaluated(schedule.Done)); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
}

func TestAGoodResultIsToldOfThoughItCannotBeCompared(t *testing.T) {
	r, url := listening(t, http.StatusOK)
	n := notifier(notify.Target{URL: url})
	n.Changes = func(context.Context, schedule.Entry) (any, notify.Text, error) {
		return nil, notify.Text{}, errors.New("read idle_land.csv: it ends in the midst of a row")
	}
	if err := deliver(t, n, evaluated(schedule.Done)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.bodies[0], `"changes":null,"not_compared":"read idle_land.csv`) {
		t.Errorf("%s", r.bodies[0])
	}
	n.Changes = func(context.Context, schedule.Entry) (any, notify.Text, error) {
		return nil, notify.Text{}, &schedule.Passing{Err: errors.New("no server answers")}
	}
	var passing *schedule.Passing
	if err := deliver(t, n, evaluated(schedule.Done)); !errors.As(err, &passing) || len(r.bodies) != 1 {
		t.Errorf("%v, sent %d times; want it to be tried again", err, len(r.bodies))
	}
}
