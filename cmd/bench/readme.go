package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"strings"
	"text/template"
)

//go:embed speed.md
var speedText string

// speedTemplate is the README's section on speed, but for the figures.
var speedTemplate = template.Must(template.New("speed.md").Funcs(template.FuncMap{
	"megabytes": func(bytes int64) string { return fmt.Sprintf("%.0f", float64(bytes)/1e6) },
	"mebibytes": mebibytes,
	"times":     func(ratio float64) string { return fmt.Sprintf("%.1f", 1/ratio) },
	"join":      func(r reading) string { return strings.Join(r.cells(), " | ") },
}).Parse(speedText))

func mebibytes(bytes int64) string { return fmt.Sprintf("%.0f", float64(bytes)/(1<<20)) }

// section is the README's section with these figures.
func (f figures) section() (string, error) {
	var text bytes.Buffer
	if err := speedTemplate.Execute(&text, f); err != nil {
		return "", err
	}
	return text.String(), nil
}

// sectionOf finds the section on speed in a README, up to the next heading.
func sectionOf(readme string) (from, to int, err error) {
	const heading = "\n## "
	from = strings.Index(readme, heading+"Speed\n") + 1
	if from == 0 {
		return 0, 0, fmt.Errorf("it has no section Speed")
	}
	to = strings.Index(readme[from:], heading)
	if to < 0 {
		return 0, 0, fmt.Errorf("no section comes behind its section Speed")
	}
	return from, from + to + 1, nil
}

// quote puts the figures into a README.
func (f figures) quote(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	from, to, err := sectionOf(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	section, err := f.section()
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(string(text[:from])+section+string(text[to:])), 0o644)
}
