package charset

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCharactersThatCannotBeReadAreCountedHoweverTheBytesAreCut(t *testing.T) {
	const text = "\uFFFDab\uFFFD\uFFFD\xef\xef\xbf\xbd\xef\xbf"
	for size := range 5 {
		l := &lossy{r: strings.NewReader(text)}
		for buf := make([]byte, size+1); ; {
			if _, err := l.Read(buf); err != nil {
				break
			}
		}
		if l.lost != 4 {
			t.Errorf("%d characters counted in steps of %d, want 4", l.lost, size+1)
		}
	}
}

func TestACutRuneAtTheEdgeOfABlockIsStillUTF8(t *testing.T) {
	dir := t.TempDir()
	for pad := range 4 {
		path := filepath.Join(dir, "x")
		body := strings.Repeat("a", 1<<20-pad) + strings.Repeat("亩", 10) + "𠮷"
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
		if ok, err := isUTF8(path); !ok || err != nil {
			t.Errorf("%d bytes before the edge: %t %v", pad, ok, err)
		}
		if err := os.WriteFile(path, []byte(body[:len(body)-1]), 0o644); err != nil {
			t.Fatal(err)
		}
		if ok, err := isUTF8(path); ok || err != nil {
			t.Errorf("cut at the end: %t %v", ok, err)
		}
	}
}

func TestADeclaredEncodingIsTakenAtItsWord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	for _, c := range []struct{ declared, bytes, text, note string }{
		{"Big5", "\xa4\xa4\xa4\xe5", "中文", "read as Big5"},
		{"GBK", "\xd6\xd0\xce\xc4", "中文", "read as GBK"},
		{"gb_2312", "abc", "abc", "read as gb_2312"},
		{"UTF-8", "\uFEFF中\xff", "中\uFFFD", "read as UTF-8; characters that could not be read: 1"},
		{"utf-16le", "-N\x87e", "中文", "read as utf-16le"},
		{"UTF-16BE", "\xfe\xffN-e\x87", "中文", "read as UTF-16BE"},
		{"", "中文", "中文", ""},
		{"", "", "", ""},
		{"", "\xff\xfe", "", "read as UTF-16"},
		{"", "\xff\xfe-N\x00\xd8", "中\uFFFD", "read as UTF-16; characters that could not be read: 1"},
	} {
		if err := os.WriteFile(path, []byte(c.bytes), 0o600); err != nil {
			t.Fatal(err)
		}
		in, err := Open(path, c.declared)
		if err != nil {
			t.Errorf("%s: %v", c.declared, err)
			continue
		}
		text, err := io.ReadAll(in)
		if string(text) != c.text || in.Note() != c.note || err != nil {
			t.Errorf("%q as %q is %q (%s) %v, want %q (%s)", c.bytes, c.declared, text, in.Note(), err, c.text, c.note)
		}
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(path, "EBCDIC"); err == nil || !strings.Contains(err.Error(), `encoding "EBCDIC" is not known; use UTF-8`) {
		t.Errorf("%v", err)
	}
}
