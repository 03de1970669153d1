// Package viewer opens map projects in QGIS itself, without a display, and says what
// became of them: which layers are valid, what is drawn in which colour, what the
// printed sheets read.
//
// It is for tests only: it imports testing, and the architecture test lets nothing
// but _test.go files import it. It never skips: without QGIS the test fails and says
// how to get it, so that a green run always means that the projects were opened.
package viewer

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

//go:embed check.py
var script []byte

// python is the one that sees QGIS.
const python = "/usr/bin/python3"

// Job is a project to open. Pictures of its themes and of the first pages of its
// sheets are drawn into a folder; without one they are drawn and thrown away.
type Job struct {
	Project  string `json:"project"`
	Pictures string `json:"pictures"`
	DPI      int    `json:"dpi"`
	Pages    int    `json:"pages"`
	Features int    `json:"features"` // of each layer that are looked at one by one; 0: all
	// Alone are layers to open by themselves, as QGIS names sources.
	Alone []string `json:"alone"`
}

// Report is what QGIS found in a project.
type Report struct {
	Project   string            `json:"project"`
	Read      bool              `json:"read"`
	Errors    []string          `json:"errors"`
	Title     string            `json:"title"`
	CRS       string            `json:"crs"`
	CRSValid  bool              `json:"crs_valid"`
	Ellipsoid string            `json:"ellipsoid"`
	Absolute  bool              `json:"absolute"`
	Variables map[string]string `json:"variables"`
	Groups    []string          `json:"groups"`
	Bookmarks []string          `json:"bookmarks"`
	Lineage   []string          `json:"lineage"`
	Layers    []Layer           `json:"layers"`
	Themes    map[string]Theme  `json:"themes"`
	Layouts   []Layout          `json:"layouts"`
	Alone     []Alone           `json:"alone"`
	Seconds   float64           `json:"seconds"`
}

// Layer is a layer as QGIS has it.
type Layer struct {
	ID, Name, Group, CRS string
	Valid                bool
	CRSValid             bool `json:"crs_valid"`
	ReadOnly             bool `json:"read_only"`
	Visible              bool
	Count                int64
	Source               string
	Styles               map[string]Style
	Aliases              map[string]string
	ValueMaps            map[string]map[string]string `json:"value_maps"`
	Unmapped             map[string][]string          // values that a map of values lacks
	Title                string                       // of the metadata
	Lineage              int                          // lines of it
	Tip                  string                       // of the first feature
	Display              string                       // of the first feature
	Tabs                 []string
}

// Alone is a layer that was opened by itself, with the style that came with it.
type Alone struct {
	Source   string
	Valid    bool
	Renderer string
	Aliases  map[string]string
}

// Style is a way a layer is drawn.
type Style struct {
	Renderer    string
	By          string
	Classes     []Class
	DrawnNot    int  `json:"drawn_not"` // features of no class
	AliasesKept bool `json:"aliases_kept"`
	TipKept     bool `json:"tip_kept"`
	Diagram     bool
	Labels      int // of the first 500 features
}

// Class is a class of a style, the features it has and the pixels of its colour on a
// map of the layer alone.
type Class struct {
	Label    string
	Features int64
	Pixels   int
	Colour   string
}

// Theme is what a theme shows: style by layer, and how its picture looks.
type Theme struct {
	Layers map[string]string
	Picture
}

// Picture is how a picture looks: how many colours, which share is background.
type Picture struct {
	Colours    int
	Background float64
}

// Layout is a sheet: its pages, what labels read, what the lists list.
type Layout struct {
	Name   string
	Theme  string
	Pages  int
	Labels []string
	Rows   [][][]string // of each list of each page
	Files  []Picture
}

// Layer finds a layer by its id; a missing one fails the test.
func (r *Report) Layer(t testing.TB, id string) *Layer {
	t.Helper()
	for i := range r.Layers {
		if r.Layers[i].ID == id {
			return &r.Layers[i]
		}
	}
	t.Fatalf("%s has no layer %s", r.Project, id)
	return nil
}

// Layout finds a sheet by its name; a missing one fails the test.
func (r *Report) Layout(t testing.TB, name string) *Layout {
	t.Helper()
	for i := range r.Layouts {
		if r.Layouts[i].Name == name {
			return &r.Layouts[i]
		}
	}
	t.Fatalf("%s has no sheet %s", r.Project, name)
	return nil
}

// Open opens projects, one after the other, in one QGIS.
func Open(t testing.TB, jobs ...Job) []Report {
	t.Helper()
	for i := range jobs {
		if jobs[i].Pictures == "" {
			jobs[i].Pictures = t.TempDir()
		}
		jobs[i].DPI = max(jobs[i].DPI, 40)
	}
	asked, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", string(script))
	cmd.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen", "TMPDIR="+t.TempDir(), "LC_ALL=C.UTF-8")
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(asked), &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("viewer: %v; .ci/qgis installs QGIS where it is missing\n%s", err, &errs)
	}
	var answer struct{ Reports []Report }
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		t.Fatalf("viewer: %v\n%s", err, &out)
	}
	if len(answer.Reports) != len(jobs) {
		t.Fatalf("viewer: %d reports of %d projects", len(answer.Reports), len(jobs))
	}
	return answer.Reports
}
