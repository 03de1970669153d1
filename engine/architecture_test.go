package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/muscope-gis/muscope/"

// formats are the packages that turn one file format into columns and back.
var formats = []string{"geo/geojson", "geo/geoparquet"}

// data are the packages of what ships with the program and is looked up:
// classifications of land use, names and units of columns.
var data = []string{"datasets", "datasets/codes", "datasets/fields"}

// stages are what the spine strings together. They never import one another:
// they meet in engine/table.
var stages = []string{"engine/read", "engine/survey", "engine/join", "engine/indicate", "engine/grade", "engine/detect", "engine/check", "engine/score", "engine/write"}

// forTests are the packages that only _test.go files and one another may import.
var forTests = []string{"geo/referee", "geo/viewer", "engine/storetest", "engine/schedule/ledgertest"}

// everything stands for cmd/muscope, the one place that knows everybody.
var everything = []string{"*"}

// mayImport is the whole architecture: each package of this module and the
// packages of this module that its code, tests aside, may import.
var mayImport = map[string][]string{
	// Leaves: coordinates, codes and units that know of nothing else here.
	"engine/unit":        {},
	"engine/parallel":    {},
	"geo/crs":            {},
	"geo/wkb":            {},
	"geo/referee":        {}, // for tests: no package may list it
	"geo/viewer":         {}, // for tests: no package may list it
	"datasets":           {},
	"datasets/codes":     {},
	"datasets/fields":    {},
	"datasets/palette":   {},
	"datasets/sample":    {},
	"datasets/cambridge": {}, // for tests: no package may list it

	// Geometry and its formats: no policy, nothing of engine.
	"geo/hilbert":    {"geo/wkb"},
	"geo/measure":    {"geo/crs", "geo/hilbert", "geo/wkb"},
	"geo/overlay":    {"geo/hilbert", "geo/wkb", "geo/measure"},
	"geo/geojson":    {"geo/crs", "geo/wkb"},
	"geo/geoparquet": {"geo/crs", "geo/wkb"},
	"geo/gpkg":       {"geo/crs", "geo/wkb"},
	"geo/topojson":   {"geo/geojson", "geo/wkb"},
	"geo/shapefile":  {"geo/wkb"},
	"geo/qgis":       {"geo/crs"},

	// What flows, where it waits for its second pass, and the rules as data.
	"engine/table":  {"engine/unit"},
	"engine/spool":  {"engine/table"},
	"engine/policy": {"engine/policy/demand", "engine/policy/parse", "engine/unit"},

	// What scorecard rules demand: kinds of rules as policy has them.
	"engine/policy/demand": {"engine/policy/parse", "engine/unit"},

	// YAML with places, which only policies are read from.
	"engine/policy/parse": {"engine/unit"},

	// How a bureau's own files are to be understood.
	"engine/mapping": {"datasets/codes", "engine/policy/parse", "engine/table", "engine/unit"},

	// How cells and texts are written, what a folder holds, and the table in a
	// worksheet: what reading stands on.
	"engine/read/cell":    {"engine/unit"},
	"engine/read/charset": {},
	"engine/read/lines":   {},
	"engine/read/canon":   {"engine/table", "engine/unit"},
	"engine/read/plan":    {"engine/mapping", "engine/read/cell", "engine/table", "engine/unit"},
	"engine/read/tally":   {"engine/mapping", "engine/read/cell", "engine/table", "engine/unit"},
	"engine/read/dataset": {"datasets/fields", "engine/mapping", "engine/sheet", "engine/table", "geo/gpkg"},
	"engine/sheet":        {"engine/sheet/xlsx"},
	"engine/sheet/xlsx":   {},

	// The stages, in the order of the data's way.
	"engine/read": allow(formats, data, "engine/read/canon", "engine/read/cell", "engine/read/charset", "engine/read/dataset", "engine/read/lines", "engine/read/plan", "engine/read/tally", "engine/mapping", "engine/sheet", "geo/gpkg", "geo/shapefile", "geo/topojson",
		"engine/table", "engine/unit", "geo/crs", "geo/wkb"),
	"engine/survey":   {"engine/table", "engine/unit", "geo/crs", "geo/wkb", "geo/measure", "geo/overlay"},
	"engine/join":     {"engine/table", "engine/unit"},
	"engine/indicate": {"engine/table", "engine/unit"},
	"engine/grade":    {"engine/table", "engine/policy", "engine/unit"},
	"engine/detect":   {"engine/table", "engine/policy", "engine/unit"},
	"engine/check":    {"engine/table", "engine/policy", "engine/unit"},
	"engine/score":    {"engine/parallel", "engine/policy", "engine/policy/demand", "engine/unit"},
	"engine/write":    allow(formats, data, "engine/table", "engine/unit", "geo/crs", "geo/gpkg", "geo/hilbert", "geo/wkb"),

	// Grading from facts, which an evaluation and an explanation share; the tables
	// about enterprises; a run folder opened again; and why each got its verdicts.
	"engine/assess":  {"engine/indicate", "engine/grade", "engine/policy", "engine/unit"},
	"engine/ledger":  {"datasets/fields", "engine/assess", "engine/indicate", "engine/grade", "engine/unit", "engine/write"},
	"engine/archive": {"engine/assess", "engine/indicate", "engine/grade", "engine/policy", "engine/unit", "engine/write", "geo/geojson", "geo/geoparquet"},
	"engine/explain": allow(data, []string{"engine/archive", "engine/assess", "engine/indicate", "engine/grade", "engine/join", "engine/policy", "engine/unit", "engine/write"}),

	// Runs over the years, and what changed from one to the next.
	"engine/history": {"datasets/fields", "engine/archive", "engine/write"},
	// The printed report, made of a run's tables and layers.
	"engine/report":         {"datasets/fields", "datasets/palette", "engine/archive", "engine/policy", "engine/report/picture", "engine/table", "engine/unit", "engine/write", "geo/wkb"},
	"engine/report/picture": {"datasets/palette", "geo/wkb"},

	// How a run's layers are drawn.
	"engine/portray": {"datasets/codes", "datasets/fields", "datasets/palette", "engine/unit", "engine/write", "geo/qgis", "geo/wkb"},

	// A bureau's own form, filled.
	"engine/report/form": {"datasets/fields", "engine/sheet", "engine/unit", "engine/write"},
	// What a run comes to, for people: the workbook that departments exchange.
	"engine/report/workbook": {"datasets/fields", "datasets/palette", "engine/policy", "engine/policy/demand", "engine/report/phrase", "engine/report/stable", "engine/sheet", "engine/unit", "engine/write"},
	"engine/report/stable":   {},
	"engine/report/phrase":   {"datasets/fields", "engine/policy", "engine/policy/demand", "engine/unit"},

	// A dataset read, surveyed and joined, as far as facts: the spine's first half.
	"engine/city": allow(data, []string{"engine/read", "engine/survey", "engine/join", "engine/indicate", "engine/grade", "engine/assess", "engine/write",
		"engine/table", "engine/spool", "engine/parallel", "engine/unit"}),

	// What was found, brought in front of the rules: the scorecard's facts and tables.
	"engine/appraise": allow(data, []string{"engine/archive", "engine/assess", "engine/city", "engine/detect", "engine/grade", "engine/indicate", "engine/join",
		"engine/policy", "engine/policy/demand", "engine/score", "engine/survey", "engine/table", "engine/unit", "engine/write", "geo/wkb"}),

	// The cases beside a policy, run through the stages that decide them.
	"engine/trial": {"datasets/fields", "engine/check", "engine/detect", "engine/policy", "engine/policy/demand", "engine/score", "engine/table", "engine/unit"},

	// The made-up city: a writer of datasets that no stage knows.
	"engine/sample": allow(formats, data, "datasets/sample", "engine/table", "engine/unit", "geo/crs", "geo/wkb", "geo/measure"),

	// A dataset in a database: the only room that knows a server.
	"engine/postgis":       {"datasets/codes", "engine/mapping", "engine/policy/parse", "engine/read", "engine/read/dataset", "engine/table", "engine/unit", "engine/write", "geo/crs", "geo/wkb", "datasets/fields"},
	"engine/postgis/store": {"datasets/codes", "engine/postgis", "engine/read", "engine/table", "engine/unit", "engine/write", "geo/wkb", "datasets/fields"},

	// The schedule's memory in a database.
	"engine/postgis/ledger": {"engine/postgis", "engine/postgis/store", "engine/schedule", "engine/unit"},

	// What every ledger of the schedule must do: for tests, no package may list it.
	"engine/schedule/ledgertest": {"engine/schedule", "engine/unit"},

	// What every source and sink must do: for tests, no package may list it.
	"engine/storetest": {"datasets/fields", "engine/read", "engine/read/dataset", "engine/table", "engine/unit", "engine/write", "geo/referee", "geo/wkb"},

	// When to evaluate, and the memory of it; how a run is made is handed to it.
	"engine/schedule": {"engine/unit"},

	// The schedule's one file, and its memory in a file.
	"engine/schedule/config": {"engine/policy/parse", "engine/schedule"},
	"engine/schedule/sqlite": {"engine/schedule", "engine/unit"},
	// How what became of an occurrence reaches others.
	"engine/schedule/notify": {"engine/schedule", "engine/unit"},
	"engine/schedule/watch":  {"engine/schedule"},

	// The spine, and the programs.
	"engine":      allow(stages, data, "engine/appraise", "engine/city", "engine/assess", "engine/ledger", "engine/archive", "engine/table", "engine/parallel", "engine/policy", "engine/unit", "geo/wkb"),
	"cmd/muscope": everything,
	"cmd/bench":   {"engine/postgis", "engine/read", "engine/table", "engine/unit", "geo/crs", "geo/gpkg", "geo/shapefile", "geo/wkb"},
}

// confined lists packages from elsewhere that may be imported in a few rooms
// only, tests aside, and why.
var confined = []struct {
	prefix string
	rooms  []string
	why    string
}{
	{"github.com/jackc/pgx", []string{"engine/postgis", "geo/referee"}, "one room knows the database; the rest stays usable without it"},
	{"net/http", []string{"engine/serve", "engine/schedule"}, "an evaluation opens no connection"},
	{"github.com/prometheus", []string{"engine/schedule/watch"}, "metrics are the schedule's; an evaluation is measured in its manifest"},
	{"flag", []string{"cmd"}, "one configuration, parsed once, handed on as values"},
	{"github.com/spf13/cobra", []string{"cmd"}, "one configuration, parsed once, handed on as values"},
	{"github.com/spf13/pflag", []string{"cmd"}, "one configuration, parsed once, handed on as values"},
	{"testing", []string{"geo/referee", "geo/viewer", "engine/storetest", "engine/schedule/ledgertest"}, "test code stays out of the users' binary"},
	{"github.com/paulmach/orb/geojson", nil, "it pulls in a MongoDB driver; geo/geojson is ours"},
}

// confinedCalls lists functions that may be named in a few rooms only, tests
// aside, and why.
var confinedCalls = []struct {
	pkg   string
	names []string
	rooms []string
	why   string
}{
	{"os", []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, []string{"cmd", "geo/referee", "geo/viewer"}, "the environment is configuration"},
	{"time", []string{"Now", "Since", "Until"}, []string{"cmd", "engine/schedule"}, "time is an argument: the same input gives the same bytes"},
}

// The tail that is budgeted: what is longer asks for a reason.
const (
	fileBudget     = 500
	functionBudget = 80
	packageBudget  = 2500
)

// overBudget holds the argued exceptions, by file, file:function or package.
// One that is not needed any more fails the test.
var overBudget = map[string]string{
	"engine":         "the spine's columns read what every stage found; the scorecard's facts and tables already stand apart in appraise",
	"engine/explain": "steps and the words they are printed in share notes and their arguments; a printer apart would need every kind of step exported",
	"engine/policy":  "packs, kinds and how packs extend one another know each other's fields; what scorecard rules demand already stands apart",
	"engine/score":   "every kind of rule gives rows by the same figures, conditions and counts; what kinds there are and how they are written already stands apart",
	"engine/sample":  "one made-up story that fourteen tables tell alike; parted, the halves would share every plan and die",
	"cmd/muscope":    "a file for each command, which wires and prints: what could be shared is in the rooms",
	"engine/read":    "nine formats that set the same rows by one set of rules: what is written of a row is of no use without the other",
	"geo/overlay":    "overlay, validity and repair gate one another and share chains, index and scratch",
}

func TestImportsFollowTheArchitecture(t *testing.T) {
	for _, s := range sources(t) {
		allowed, known := mayImport[s.pkg]
		if !known && !s.test {
			t.Errorf("%s: package %s is not in the architecture table; add it with what it may import", s.path, s.pkg)
			continue
		}
		for _, name := range s.imports() {
			ours, isOurs := strings.CutPrefix(name, module)
			switch {
			case !isOurs:
			case s.test:
				if strings.HasPrefix(s.pkg, "geo/") && strings.HasPrefix(ours, "engine") {
					t.Errorf("%s imports %s: geo knows nothing of engine, not even in tests", s.path, ours)
				}
			case slices.Contains(forTests, ours) && !slices.Contains(forTests, s.pkg):
				t.Errorf("%s imports %s, which is for _test.go files only", s.path, ours)
			case !slices.Contains(allowed, ours) && !slices.Equal(allowed, everything):
				t.Errorf("%s imports %s, which the architecture does not allow", s.path, ours)
			}
		}
	}
}

func TestTheArchitectureTableNamesOnlyPackagesThatExist(t *testing.T) {
	exists := map[string]bool{}
	for _, s := range sources(t) {
		exists[s.pkg] = exists[s.pkg] || !s.test
	}
	for pkg, allowed := range mayImport {
		if !exists[pkg] {
			t.Errorf("the table lists %s, which holds no Go files; take it out until it does", pkg)
		}
		for _, name := range allowed {
			if _, listed := mayImport[name]; !listed && name != "*" {
				t.Errorf("%s may import %s, which the table does not list", pkg, name)
			}
		}
	}
}

func TestOutsidePackagesStayInTheirRooms(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, name := range s.imports() {
			for _, rule := range confined {
				if within(name, rule.prefix) && !inRooms(s.pkg, rule.rooms) {
					t.Errorf("%s imports %s: %s", s.path, name, rule.why)
				}
			}
		}
		for _, rule := range confinedCalls {
			if inRooms(s.pkg, rule.rooms) {
				continue
			}
			for _, place := range s.uses(rule.pkg, rule.names) {
				t.Errorf("%s: %s", place, rule.why)
			}
		}
	}
}

func TestFilesFunctionsAndPackagesStayWithinTheirBudget(t *testing.T) {
	needed := map[string]bool{}
	check := func(what string, lines, budget int) {
		if lines <= budget {
			return
		}
		needed[what] = true
		if overBudget[what] == "" {
			t.Errorf("%s has %d lines, over the budget of %d: split it, or argue in overBudget", what, lines, budget)
		}
	}
	packages := map[string]int{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		packages[s.pkg] += s.lines()
		check(s.path, s.lines(), fileBudget)
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				check(s.path+":"+f.Name.Name, s.line(f.End())-s.line(f.Pos())+1, functionBudget)
			}
		}
	}
	for pkg, lines := range packages {
		check(pkg, lines, packageBudget)
	}
	for what := range overBudget {
		if !needed[what] {
			t.Errorf("overBudget names %s, which is within its budget: take it out", what)
		}
	}
}

func TestEveryPackageOpensWithAComment(t *testing.T) {
	commented := map[string]bool{}
	for _, s := range sources(t) {
		if !s.test {
			commented[s.pkg] = commented[s.pkg] || s.file.Doc != nil
		}
	}
	for pkg, has := range commented {
		if !has {
			t.Errorf("%s: no package comment; say what it is for and what it will not do", pkg)
		}
	}
}

// source is one Go file of the module.
type source struct {
	path string // from the module's root, with slashes
	pkg  string // its folder
	test bool
	file *ast.File
	set  *token.FileSet
}

// sources parses every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != ".." && (name == "testdata" || name == "out" || strings.HasPrefix(name, ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(filepath.ToSlash(p), "../")
		all = append(all, source{rel, path.Dir(rel), strings.HasSuffix(name, "_test.go"), file, set})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (s source) line(p token.Pos) int { return s.set.Position(p).Line }
func (s source) lines() int           { return s.line(s.file.FileEnd) }

func (s source) imports() []string {
	var names []string
	for _, spec := range s.file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		names = append(names, name)
	}
	return names
}

// uses gives the places where the file names one of pkg's functions, under
// whatever name it imports pkg.
func (s source) uses(pkg string, functions []string) []string {
	local := ""
	for _, spec := range s.file.Imports {
		if name, _ := strconv.Unquote(spec.Path.Value); name == pkg {
			local = path.Base(pkg)
			if spec.Name != nil {
				local = spec.Name.Name
			}
		}
	}
	if local == "" {
		return nil
	}
	var places []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && slices.Contains(functions, sel.Sel.Name) {
			places = append(places, s.path+":"+strconv.Itoa(s.line(sel.Pos()))+" uses "+pkg+"."+sel.Sel.Name)
		}
		return true
	})
	return places
}

func within(name, prefix string) bool {
	return name == prefix || strings.HasPrefix(name, prefix+"/")
}

func inRooms(pkg string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool { return within(pkg, room) })
}

func allow(some, others []string, more ...string) []string { return slices.Concat(some, others, more) }
