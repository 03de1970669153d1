package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/muscope-gis/muscope/engine/schedule"
)

// client follows no redirection: what is signed for one place is sent to no other.
var client = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// call posts a message, with the heads of Standard Webhooks 1.0: webhook-id,
// webhook-timestamp and, where there is a secret, webhook-signature, which is
// "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body".
func (t *Target) call(ctx context.Context, m *Message) error {
	body, err := m.body()
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("its url cannot be understood; write https://host/path")
	}
	stamp := strconv.FormatInt(m.Time.Unix(), 10)
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "muscope")
	request.Header.Set("webhook-id", m.ID)
	request.Header.Set("webhook-timestamp", stamp)
	if len(t.Secret) > 0 {
		mac := hmac.New(sha256.New, t.Secret)
		mac.Write([]byte(m.ID + "." + stamp + "."))
		mac.Write(body)
		request.Header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	answer, err := client.Do(request)
	if err != nil {
		var wrapped *url.Error // its text may hold what the URL keeps secret
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return &schedule.Passing{Err: fmt.Errorf("post to %s: %w", t.shown(), err)}
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
	return t.answered(answer.StatusCode)
}

// answered is what an answer means: 2xx is heard, what a server may get over is tried
// again, the rest needs a person.
func (t *Target) answered(status int) error {
	err := fmt.Errorf("post to %s: it answered %d %s", t.shown(), status, http.StatusText(status))
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return &schedule.Passing{Err: err}
	case status >= 300 && status < 400:
		return fmt.Errorf("%w; name the place it leads to", err)
	}
	return err
}

// shown is the URL without what may be secret: user, query.
func (t *Target) shown() string {
	u, err := url.Parse(t.URL)
	if err != nil {
		return "its url"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
