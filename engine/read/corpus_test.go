package read

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/wkb"
)

var update = flag.Bool("update", false, "write what is expected of the corpus anew from what the program does now")

// corpus holds a folder for each thing that is wrong or peculiar with data as it is
// handed over, and beside it a text of what is expected of it: first, behind #, what it
// is about, which stays as it was written.
const corpus = "testdata/corpus"

func TestTheCorpusIsReadAsItIsExpectedToBe(t *testing.T) {
	all := t.TempDir()
	if err := os.CopyFS(all, os.DirFS(corpus)); err != nil { // nothing that reads may write into the tree
		t.Fatal(err)
	}
	names, expected := corpusNames(t)
	if len(names) < 100 {
		t.Fatalf("the corpus has only %d folders", len(names))
	}
	for _, name := range expected {
		if !slices.Contains(names, name) {
			t.Errorf("%s.txt expects something of a folder that is not there", name)
		}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			got := told(t, all, name, 1)
			if other := told(t, all, name, 3); other != got {
				t.Errorf("with three workers:\n%s\nwith one:\n%s", other, got)
			}
			about, want := expectationOf(t, name)
			if *update {
				if err := os.WriteFile(filepath.Join(corpus, name+".txt"), []byte(about+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("%sgot\n%s\nwant\n%s", about, got, want)
			}
		})
	}
}

// corpusNames are the folders of the corpus and the names of its expectations.
func corpusNames(t *testing.T) (names, expected []string) {
	t.Helper()
	entries, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name, text := strings.CutSuffix(e.Name(), ".txt"); text {
			expected = append(expected, name)
		} else if e.IsDir() && !strings.HasPrefix(e.Name(), "_") {
			names = append(names, e.Name())
		}
	}
	return names, expected
}

// expectationOf parts what a folder is about from what is expected of it.
func expectationOf(t *testing.T, name string) (about, want string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(corpus, name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	want = string(text)
	for strings.HasPrefix(want, "# ") {
		line, rest, _ := strings.Cut(want, "\n")
		about, want = about+line+"\n", rest
	}
	if about == "" {
		t.Fatalf("%s.txt does not begin with a line behind # that says what is peculiar", name)
	}
	return about, want
}

// told is all that reading tells of a folder.
func told(t *testing.T, all, name string, workers int) string {
	t.Helper()
	var out strings.Builder
	f, err := OpenFolder(filepath.Join(all, name))
	if err != nil {
		fmt.Fprintf(&out, "error: %v\n", err)
	} else {
		tellFolder(t, &out, f, workers)
	}
	text := out.String()
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if strings.Contains(line, "\r") || strings.TrimSpace(line) == "" {
			t.Errorf("%q is no line", line)
		}
	}
	return strings.NewReplacer(filepath.Join(all, name)+string(filepath.Separator), "", filepath.Join(all, name), ".", all+string(filepath.Separator), "../").Replace(text)
}

func tellFolder(t *testing.T, out *strings.Builder, f *Folder, workers int) {
	t.Helper()
	tables, err := f.CodeTables(context.Background())
	if err != nil {
		fmt.Fprintf(out, "codes: error: %v\n", err)
	}
	for _, c := range tables {
		for _, e := range c.Entries() {
			fmt.Fprintf(out, "code %s %s: %s, wide %s, %q\n", c.Standard, e.Code, e.Strict, e.Wide, e.Zh)
		}
	}
	for _, s := range table.Inputs() {
		if !f.Has(s.Name) {
			continue
		}
		got, err := All(context.Background(), f, s.Name, workers)
		if err != nil {
			fmt.Fprintf(out, "%s: error: %v\n", s.Name, err)
			continue
		}
		if used := int64(rowsOf(got)); used+int64(len(got.Account.Rejects)) != got.Account.Read {
			t.Errorf("%s: read %d, used %d, rejects %d", s.Name, got.Account.Read, used, len(got.Account.Rejects))
		}
		tellTable(out, got)
	}
	for _, name := range f.UnusedFiles() {
		fmt.Fprintf(out, "unused: %s\n", name)
	}
}

func tellTable(out *strings.Builder, got *Table) {
	a := got.Account
	fmt.Fprintf(out, "%s: read %d, used %d, rejected %d", a.Table, a.Read, rowsOf(got), len(a.Rejects))
	if a.Filtered > 0 {
		fmt.Fprintf(out, ", not wanted %d", a.Filtered)
	}
	out.WriteByte('\n')
	for _, f := range a.Files {
		fmt.Fprintf(out, "  file %s", strings.TrimSpace(f.Name+" "+f.Sheet))
		if f.Note != "" {
			fmt.Fprintf(out, ": %s", f.Note)
		}
		out.WriteByte('\n')
	}
	for _, c := range a.Columns {
		fmt.Fprintf(out, "  column %s\n", strings.Join(slices.DeleteFunc([]string{c.Column, "from", a.Files[c.File].Name, fmt.Sprintf("%q", c.Header), c.How, string(c.Unit)},
			func(s string) bool { return s == "" }), " "))
	}
	for _, h := range a.Ignored {
		fmt.Fprintf(out, "  ignored %q\n", h)
	}
	file := func(n int32) string { return a.Files[n].Name }
	for _, b := range got.Batches {
		tellRows(out, b, file)
	}
	for _, r := range a.Rejects {
		fmt.Fprintf(out, "  reject %s:%d %s %s %q, key %q\n", file(r.File), r.Row, r.Reason, r.Column, r.Value, r.Key)
	}
	for _, d := range a.Dropped {
		fmt.Fprintf(out, "  dropped %s:%d-%d %s %q\n", file(d.File), d.Row, d.To, d.Why, d.Text)
	}
}

// tellRows tells the rows with what their columns hold.
func tellRows(out *strings.Builder, b table.Batch, file func(int32) string) {
	one := &Table{Schema: b.Schema, Batches: []table.Batch{b}}
	row := 0
	values(one, func(cells []any, g *wkb.Geometry) {
		of, number := b.Place(row)
		fmt.Fprintf(out, "  row %s:%d", file(of), number)
		for i, v := range cells {
			if v != nil {
				fmt.Fprintf(out, " %s=%s", b.Schema.Fields[i].Name, strings.ReplaceAll(cellText(v), "\n", "␤"))
			}
		}
		if g != nil {
			out.WriteString(" " + shapeText(g))
		}
		out.WriteByte('\n')
		row++
	})
}

// shapeText is a shape by its corners, to a tenth of a metre or so, or one with many by
// their number and its box.
func shapeText(g *wkb.Geometry) string {
	text := g.Type.String()
	if n := len(g.XY) / 2; n > 30 {
		b := g.Bounds()
		return fmt.Sprintf("%s of %d corners in %d rings, %.6f %.6f to %.6f %.6f", text, n, g.NumRings(), b.MinX, b.MinY, b.MaxX, b.MaxY)
	}
	for i := range g.NumRings() {
		text += " ("
		for k, ring := 0, g.Ring(i); k < len(ring); k += 2 {
			text += fmt.Sprintf("%.6f %.6f,", ring[k], ring[k+1])
		}
		text = strings.TrimSuffix(text, ",") + ")"
	}
	return text
}
