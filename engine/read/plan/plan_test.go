package plan

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

func parsed(t testing.TB, text string) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Parse("m.yaml", []byte(text), mapping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAHeaderIsTheSameInAnotherWidthAndCaseUnlessTwoDifferOnlySo(t *testing.T) {
	m := parsed(t, "version: 1\ntables:\n  tax:\n    columns: {credit_code: Code, name: 名称（A）, year: 年, vat: {headers: [x, Ｘ], unit: yuan}}\n    ignore: [备注]\n")
	p := Of(m.Tables[0].Schema, &m.Tables[0], nil)
	for header, want := range map[string]string{"Code": "Code", "ＣＯＤＥ": "Code", "名称(a)": "名称（A）", "x": "x", "Ｘ": "Ｘ"} {
		if slot, ok := p.Slot(header); !ok || p.Headers[slot] != want {
			t.Errorf("%s is in slot %d, %t, want that of %s", header, slot, ok, want)
		}
	}
	if slot, ok := p.Slot("X"); ok {
		t.Errorf("X, which may be x or Ｘ, is in slot %d", slot)
	}
	if !p.Ignores("备注") || p.Ignores("Code") || !p.Claims(p.Columns[0].Field) {
		t.Error("what is ignored or claimed is not as the mapping says")
	}
}

func TestACodeIsPaddedWhenItIsOfDigitsAlone(t *testing.T) {
	c := Column{Spec: &mapping.Column{PadZeros: 4}}
	for cell, want := range map[string]string{"131": "0131", "0131": "0131", "20110": "20110", "C13": "C13", "１３": "１３", "1 3": "1 3", "0": "0000"} {
		if got, _ := c.Says([]byte(cell), nil); string(got) != want {
			t.Errorf("%s is padded to %s, want %s", cell, got, want)
		}
	}
}

// FuzzOf makes plans of whatever mapping the parser takes, and holds what those who read
// by a plan rely on.
func FuzzOf(f *testing.F) {
	files, err := filepath.Glob("../../mapping/testdata/*.yaml")
	if err != nil || len(files) < 100 {
		f.Fatalf("%d mappings, %v", len(files), err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && !strings.HasSuffix(file, ".bad.yaml") {
			f.Add(text, "ZDDM", "131")
		}
	}
	f.Add([]byte("version: 1\ntables: {tax: {columns: {vat: {headers: [a, A], unit: yuan}, income: a(元)}}}"), "ａ", "１")
	f.Fuzz(func(t *testing.T, text []byte, header, cell string) {
		m, err := mapping.Parse("m.yaml", text, mapping.Options{})
		if err != nil {
			return
		}
		for i := range m.Tables {
			of := &m.Tables[i]
			sound(t, Of(of.Schema, of, nil), of.Schema, header, cell)
			for k := range of.From {
				sound(t, Of(of.Schema, of, &of.From[k]), of.Schema, header, cell)
			}
			for k := range of.Joins {
				sound(t, Joined(of.Schema, &of.Joins[k]), of.Schema, header, cell)
			}
		}
		for i := range m.CodeTables {
			if m.CodeTables[i].File != nil {
				sound(t, Codes(&m.CodeTables[i]), nil, header, cell)
			}
		}
	})
}

// sound holds a plan: every slot is a header's, columns are in order and claimed once,
// factors are numbers.
func sound(t *testing.T, p *Plan, s *table.Schema, header, cell string) {
	t.Helper()
	slots := slices.Concat(append([][]int{p.Key, p.Distinct}, p.Keys...)...)
	for _, w := range p.Where {
		slots = append(slots, w.Slot)
	}
	last := -1
	for i := range p.Columns {
		c := &p.Columns[i]
		if s != nil && (c.Field <= last && !p.Raw || c.Field < 0 || c.Field >= len(s.Fields) || s.Fields[c.Field].Name != c.Spec.Name || !p.Claims(c.Field)) {
			t.Fatalf("column %s is of field %d behind field %d", c.Spec.Name, c.Field, last)
		}
		last = c.Field
		for _, src := range c.Cells {
			slots = append(slots, src.Slot)
			if !(src.Mul >= 1 && src.Div >= 1) || p.Owner(src.Slot) < 0 {
				t.Fatalf("column %s: %+v", c.Spec.Name, src)
			}
			if s != nil && s.Fields[c.Field].Unit == src.Unit && src.Mul != src.Div && src.Unit != unit.None {
				t.Fatalf("column %s changes its own unit: %+v", c.Spec.Name, src)
			}
		}
		for _, slot := range c.Digest {
			if slot != Geometry {
				slots = append(slots, slot)
			}
		}
		said, _ := c.Says([]byte(cell), nil)
		if again := c.padded(said, nil); string(again) != string(said) {
			t.Fatalf("column %s pads %q to %q", c.Spec.Name, said, again)
		}
	}
	for _, slot := range slots {
		if slot < 0 || slot >= len(p.Headers) {
			t.Fatalf("slot %d of %d", slot, len(p.Headers))
		}
	}
	for slot, h := range p.Headers {
		if got, ok := p.Slot(h); !ok || got != slot {
			t.Fatalf("header %q is in slot %d, %t, want %d", h, got, ok, slot)
		}
	}
	if slot, ok := p.Slot(header); ok && (slot < 0 || slot >= len(p.Headers)) {
		t.Fatalf("header %q is in slot %d of %d", header, slot, len(p.Headers))
	}
}
