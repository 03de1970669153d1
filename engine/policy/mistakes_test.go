package policy_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
)

var update = flag.Bool("update", false, "write the mistakes found into the first line of each *.bad.yaml")

func library(t testing.TB) *policy.Library {
	t.Helper()
	l, err := policy.Load(datasets.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func inputColumn(name, column string) bool {
	s, ok := table.Input(name)
	return ok && (column == "" || s.Index(column) >= 0)
}

// mistakesOf is all that is wrong with a file, as muscope policy check tells it.
func mistakesOf(l *policy.Library, file string) error {
	s, err := l.Resolve([]string{file}, os.ReadFile)
	if err != nil {
		return err
	}
	p := s.Named[0]
	var found policy.Mistakes
	for _, err := range []error{p.CheckNeeds(inputColumn), p.CheckColumns(inputColumn), p.CheckIndicators(indicators)} {
		var m policy.Mistakes
		if errors.As(err, &m) {
			found = append(found, m...)
		}
	}
	if found == nil {
		return nil
	}
	return found
}

// indicators stands for the catalogue, which policies are told of.
var indicators = []string{"tax_per_mu", "sales_per_mu", "rd_intensity"}

// Every file holds one mistake, and its first line the message expected.
func TestEachBadFileIsToldItsOneMistake(t *testing.T) {
	l := library(t)
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) < 110 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, body, _ := bytes.Cut(data, []byte("\n"))
		var m policy.Mistakes
		if err := mistakesOf(l, file); !errors.As(err, &m) || len(m) != 1 {
			t.Errorf("%s: %d mistakes, want one: %v", file, len(m), err)
			continue
		}
		got := fmt.Sprintf("# %d:%d: %s", m[0].Line, m[0].Column, m[0].Message)
		if *update {
			if err := os.WriteFile(file, append([]byte(got+"\n"), body...), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != string(head) {
			t.Errorf("%s:\n got %s\nwant %s", file, got, head)
		}
		if !strings.HasPrefix(m[0].String(), file+":") {
			t.Errorf("%s: told of as %s", file, m[0])
		}
	}
}

func TestAllMistakesOfAFileAreToldAtOnceInItsOrder(t *testing.T) {
	data := []byte("id: a b\ntitle: {zh: a}\nissuer:\npublished: soon\nrules:\n  - {id: R-1, kind: land_mix, land_mix: {profile: thin}}\n")
	_, err := policy.Parse("x.yaml", data)
	var m policy.Mistakes
	if !errors.As(err, &m) {
		t.Fatalf("%v", err)
	}
	last := 0
	for _, one := range m {
		if one.File != "x.yaml" || one.Line < last || one.Column < 1 {
			t.Errorf("out of order: %s", one)
		}
		last = one.Line
	}
	for _, want := range []string{
		"x.yaml:1:1: a policy lacks in_force", "x.yaml:1:1: a policy lacks version", `x.yaml:1:5: id "a b"`,
		"x.yaml:2:9: title lacks en", "x.yaml:3:8: issuer must be", `x.yaml:4:12: "soon" is not a date`,
		"x.yaml:6:6: a rule lacks clause", "x.yaml:6:6: rule R-1 of kind land_mix lacks bound",
		`x.yaml:6:51: no profile "thin"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s\nin\n%v", want, err)
		}
	}
}

func TestLineEndsAndAByteOrderMarkChangeNothing(t *testing.T) {
	data, err := datasets.Policy.ReadFile("policy/chizhou-2015.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := policy.Parse("a.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	windows := append([]byte("\ufeff"), bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))...)
	other, err := policy.Parse("a.yaml", windows)
	if err != nil {
		t.Fatal(err)
	}
	if other.Title != plain.Title || other.Rules[0].Line != plain.Rules[0].Line || other.Rules[0].Figures[0] != plain.Rules[0].Figures[0] {
		t.Errorf("%+v is not %+v", other, plain)
	}
	if other.SHA256 == plain.SHA256 {
		t.Error("two files of different bytes have one digest")
	}
}

func TestFilesThatAreTooMuchAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"long":          {strings.Repeat("#\n", 1<<18), "a policy file has at most"},
		"many keys":     {strings.Repeat("a:\n", 1<<16), "a policy file has at most"},
		"flow":          {"a: " + strings.Repeat("[", 1<<14), "nested deeper"},
		"flow mappings": {"a: " + strings.Repeat("{b: ", 1<<12), "nested deeper"},
		"dashes":        {strings.Repeat("- ", 1<<14) + "a", "nested deeper"},
		"block":         {block(60), "nested deeper"},
		"not text":      {"a: \xff\xfe", "not UTF-8"},
		"nothing":       {"", "holds one document"},
		"a comment":     {"# nothing\n", "holds one document"},
		"a word":        {"hello", "must be a mapping"},
	} {
		if _, err := policy.Parse("x.yaml", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.200v, want %q", name, err, c.want)
		}
	}
}

func block(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func FuzzParse(f *testing.F) {
	for _, id := range []string{"chizhou-2015", policy.NationalIdleLand, "lianyungang-2022", "suizhou-2018", "zhejiang-huangyan-2022"} {
		data, err := datasets.Policy.ReadFile("policy/" + id + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	files, _ := filepath.Glob("testdata/*.bad.yaml")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	l := library(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := policy.Parse("f.yaml", data)
		var m policy.Mistakes
		if errors.As(err, &m) && len(m) == 0 || err != nil && m == nil || (p == nil) != (err != nil) {
			t.Fatalf("%v, %v", p, err)
		}
		if err != nil {
			return
		}
		_, _ = p.CheckColumns(inputColumn), p.CheckIndicators(indicators)
		read := func(string) ([]byte, error) { return data, nil }
		s, err := l.Resolve([]string{"f.yaml"}, read)
		if err != nil {
			return
		}
		if s.IdleLand().Rule.IdleLand == nil {
			t.Fatal("no idle-land rule")
		}
		a, ok, err := s.Grading("")
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			wellFormed(t, a.Rule)
		}
	})
}

// wellFormed holds what a scheme that was taken promises to those who grade by it.
func wellFormed(t *testing.T, r *policy.Rule) {
	t.Helper()
	g := r.Grading
	if len(g.Tax) == 0 || len(g.Energy.Coefficients) == 0 || g.MinGroup < 1 || len(g.Groups) == 0 {
		t.Fatalf("%+v", g)
	}
	for _, group := range g.Groups {
		sum := 0.0
		for _, i := range group.Items {
			sum += i.Weight
			divided := i.Method != policy.MinMax
			if i.Weight <= 0 || divided != (i.Benchmark.Kind != "") || i.Cap != 0 && i.Cap < i.Floor ||
				i.Benchmark.Kind == policy.MeanBenchmark && i.Benchmark.Factor <= 0 || i.Missing.Policy == "" {
				t.Fatalf("%+v", i)
			}
		}
		c := group.Cuts
		if c.ByScore && !(c.A >= c.B && c.B >= c.C) || !c.ByScore && !(0 < c.A && c.A <= c.B && c.B <= c.C && c.C <= 1) {
			t.Fatalf("%+v", c)
		}
		if sum < 99.999 || sum > 100.001 {
			t.Fatalf("weights add to %v", sum)
		}
	}
}
