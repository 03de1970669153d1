package main

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// seen is what a browser made of a page.
type seen struct {
	dom       string
	picture   image.Image
	pdf       string   // the file
	console   []string // what it complained of
	requested []string // what it asked the network for
}

// ownHosts are what a browser asks on its own account, whatever the page.
var ownHosts = []string{"clients2.google.com", "update.googleapis.com", "accounts.google.com", "optimizationguide-pa.googleapis.com",
	"android.clients.google.com", "redirector.gvt1.com", "content-autofill.googleapis.com", "safebrowsing.googleapis.com", "edgedl.me.gvt1.com"}

// browse opens a file in a real browser of a width, whose only way to the network is a
// proxy that answers nothing and remembers.
func browse(t *testing.T, file string, width, height int) *seen {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatal("no browser to look at the report with; .ci/chromium installs one")
	}
	s := &seen{}
	var mu sync.Mutex
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no network", http.StatusBadGateway)
		if slices.Contains(ownHosts, r.URL.Hostname()) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		s.requested = append(s.requested, r.Method+" "+r.URL.String())
	}))
	defer proxy.Close()
	dir := t.TempDir()
	shot := filepath.Join(dir, "page.png")
	s.pdf = filepath.Join(dir, "page.pdf")
	args := []string{
		"--headless", "--disable-gpu", "--hide-scrollbars", "--user-data-dir=" + filepath.Join(dir, "profile"), "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
		"--proxy-server=" + proxy.URL, "--proxy-bypass-list=<-loopback>", "--enable-logging=stderr", "--disable-dev-shm-usage",
		"--window-size=" + strconv.Itoa(width) + "," + strconv.Itoa(height), "--screenshot=" + shot,
		"--print-to-pdf=" + s.pdf, "--no-pdf-header-footer", "--dump-dom", "file://" + file,
	}
	if os.Geteuid() == 0 {
		args = append([]string{"--no-sandbox"}, args...)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "HOME="+dir)
	var dom, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &dom, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, log.String())
	}
	s.dom = dom.String()
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "CONSOLE") {
			s.console = append(s.console, strings.TrimSpace(line))
		}
	}
	text, err := os.ReadFile(shot)
	if err == nil {
		s.picture, err = png.Decode(bytes.NewReader(text))
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	return s
}

// colours is how many colours a picture has.
func (s *seen) colours() int {
	all := map[[3]uint32]bool{}
	b := s.picture.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 3 {
		for x := b.Min.X; x < b.Max.X; x += 3 {
			r, g, blue, _ := s.picture.At(x, y).RGBA()
			all[[3]uint32{r >> 8, g >> 8, blue >> 8}] = true
		}
	}
	return len(all)
}

// printed is the text of the PDF and its number of pages.
func (s *seen) printed(t *testing.T) (text string, pages int) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", s.pdf, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext: %v; .ci/chromium installs it", err)
	}
	return string(out), strings.Count(string(out), "\f")
}
