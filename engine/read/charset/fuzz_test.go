package charset

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// FuzzOpen reads arbitrary bytes in every encoding. What comes out is UTF-8 whatever went
// in, the same in small pieces as in one, and what is UTF-8 comes out as it went in.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{
		"", "a,b\n1,2\n", "\uFEFF亩,万元\n", "\xc4\xb6\xcd\xf2", "\xff\xfe-N\x87e", "\xfe\xffN-", "\xa4\xa4\xa4\xe5", "\x81\x30\x81\x30", "\xff", "a\x00b\x00", "\xef\xbf\xbd", "\xef\xbb",
	} {
		for e := range len(declarations) {
			f.Add([]byte(s), uint8(e))
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte, which uint8) {
		declared := declarations[int(which)%len(declarations)]
		path := filepath.Join(dir, "x.csv")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		read := func(through func(io.Reader) io.Reader) (text []byte, note string, lossy, ok bool) {
			in, err := Open(path, declared)
			if err != nil {
				if declared != "" || strings.Contains(err.Error(), "\n") {
					t.Fatalf("%s: %v", declared, err)
				}
				return nil, "", false, false
			}
			defer in.Close()
			if text, err = io.ReadAll(through(in)); err != nil {
				t.Fatal(err)
			}
			return text, in.Note(), in.Lossy(), true
		}
		text, note, lossy, ok := read(func(r io.Reader) io.Reader { return r })
		if !ok {
			return
		}
		if !utf8.Valid(text) {
			t.Fatalf("%q as %q is %q, no UTF-8", b, declared, text)
		}
		if again, n, l, _ := read(iotest.OneByteReader); !bytes.Equal(text, again) || n != note || l != lossy {
			t.Fatalf("%q as %q is %q (%s) in one and %q (%s) in pieces", b, declared, text, note, again, n)
		}
		if lossy != strings.Contains(note, "could not be read") || lossy && !bytes.Contains(text, []byte("\uFFFD")) {
			t.Fatalf("%q as %q: lossy is %t, note %q, text %q", b, declared, lossy, note, text)
		}
		if plain := bytes.TrimPrefix(b, []byte("\uFEFF")); note == "" && !bytes.Equal(text, plain) {
			t.Fatalf("%q is read as %q without a word", b, text)
		}
	})
}

var declarations = []string{"", "UTF-8", "GBK", "gb18030", "Big5", "UTF-16", "utf-16be"}
