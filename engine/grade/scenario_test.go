package grade_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// A scenario is a text file: the scheme in simple words, a table of enterprises (mu,
// 万元, tce, t, persons; "-" is unknown; last_ is last year's), their uses of parcels
// and adjustments where they matter, then what must come out. Lines with # are for
// people.
type scenario struct {
	t       *testing.T
	file    string
	year    int
	scheme  policy.Grading
	e       grade.Enterprises
	mu      []float64
	numbers map[string][]float64 // the columns of quantities and given indicators
	figures []grade.Figure
	expect  map[string][][]string // tables by name, heads included
}

// parts are the indicators that scenarios may use, as numerator and denominator.
var parts = map[string][2]string{
	"tax_per_mu": {"tax", "land"}, "sales_per_mu": {"sales", "land"}, "value_added_per_mu": {"value_added", "land"},
	"sales_per_tce": {"sales", "energy"}, "value_added_per_tce": {"value_added", "energy"}, "tax_per_tce": {"tax", "energy"},
	"sales_per_pollutant": {"sales", "emissions"}, "rd_intensity": {"rd", "sales"},
	"labour_productivity": {"value_added", "employees"}, "energy_per_value_added": {"energy", "value_added"},
}

func TestEveryScenarioComesOutAsWritten(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 30 {
		t.Fatalf("found %d scenarios (%v), want the 30 and more that are written", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			s := readScenario(t, file)
			r := grade.All(&s.e, s.figures, &s.scheme, s.year)
			if len(s.expect) == 0 {
				t.Fatalf("%s expects nothing", file)
			}
			for _, name := range slices.Sorted(keys(s.expect)) {
				s.compare(r, name, s.expect[name])
			}
		})
	}
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func readScenario(t *testing.T, file string) *scenario {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return parseScenario(t, file, string(text))
}

func parseScenario(t *testing.T, file, text string) *scenario {
	t.Helper()
	s := &scenario{t: t, file: file, year: 2024, numbers: map[string][]float64{}, expect: map[string][][]string{}}
	s.scheme = policy.Grading{MinGroup: 5, Lease: policy.LeaseNet}
	section, head, heads := "", []string(nil), map[string][]string{}
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		words := strings.Fields(line)
		switch {
		case line == "enterprises", line == "uses", line == "adjustments", words[0] == "expect":
			section, head = line, nil
		case section == "":
			s.headLine(line, words)
		case section == "expect reasons", section == "expect counts":
			s.expect[section] = append(s.expect[section], []string{line})
		case head == nil:
			head, heads[section] = words, words
			if strings.HasPrefix(section, "expect") {
				s.expect[section] = [][]string{words}
			}
		case section == "enterprises":
			s.enterprise(head, words)
		case section == "uses":
			s.use(words)
		case section == "adjustments":
			s.adjustment(words)
		default:
			s.expect[section] = append(s.expect[section], words)
		}
	}
	s.fill(heads["enterprises"])
	slices.SortFunc(s.e.Adjustments, grade.Adjustment.Compare)
	slices.SortStableFunc(s.e.Uses, func(a, b grade.Use) int {
		return int(a.Enterprise-b.Enterprise)*1000 + int(a.Parcel-b.Parcel)
	})
	return s
}

func (s *scenario) fatal(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf(s.file+": "+format, args...)
}

func (s *scenario) headLine(line string, words []string) {
	key, rest, _ := strings.Cut(line, ":")
	rest = strings.TrimSpace(rest)
	switch {
	case key == "year":
		s.year = int(s.number(rest))
	case key == "minimum group":
		s.scheme.MinGroup = int(s.number(rest))
	case key == "lease":
		s.scheme.Lease = policy.Lease(rest)
	case key == "class T":
		for _, part := range strings.Split(rest, ";") {
			s.exempt(strings.TrimSpace(part))
		}
	case words[0] == "group":
		s.scheme.Groups = append(s.scheme.Groups, policy.Group{ID: strings.TrimPrefix(key, "group "), Filter: s.filter(rest)})
	case key == "item":
		g := s.group()
		g.Items = append(g.Items, s.item(rest))
	case key == "cuts", key == "cuts by score":
		g := s.group()
		g.Cuts = policy.Cuts{ByScore: key != "cuts"}
		scale := 1.0
		if !g.Cuts.ByScore {
			scale = 100
		}
		v := strings.Split(rest, "/")
		g.Cuts.A, g.Cuts.B, g.Cuts.C = s.number(v[0])/scale, s.number(v[1])/scale, s.number(v[2])/scale
	case key == "generated":
		n := int(s.number(rest)) // enterprises with 1, 2, 3 … of the first item
		for i := range n {
			s.enterprise([]string{"code", "tax_per_mu"}, []string{fmt.Sprintf("E%05d", i+1), strconv.Itoa(i + 1)})
		}
	default:
		s.fatal("%q is not understood", line)
	}
}

func (s *scenario) group() *policy.Group {
	if len(s.scheme.Groups) == 0 {
		s.fatal("an item or cuts before the first group")
	}
	return &s.scheme.Groups[len(s.scheme.Groups)-1]
}

func (s *scenario) exempt(part string) {
	x := &s.scheme.Exempt
	words := strings.Fields(part)
	switch {
	case part == "public utilities":
		x.Utility = true
	case part == "relocation":
		x.Relocation = true
	case part == "counts":
		x.Counts = true
	case words[0] == "tag":
		x.Tags = words[1:]
	case words[0] == "new": // new for 2 years from production_on else registered_on
		x.NewYears = int(s.number(words[2]))
		for _, w := range words[5:] {
			if w != "else" {
				x.NewFrom = append(x.NewFrom, w)
			}
		}
	case words[0] == "construction": // construction for 3 years
		x.ConstructionYears = int(s.number(words[2]))
	default:
		s.fatal("class T %q is not understood", part)
	}
}

func (s *scenario) filter(text string) (f policy.Filter) {
	yes, no := true, false
	if text == "all" {
		return f
	}
	if strings.Contains(text, " or ") {
		for _, part := range strings.Split(text, " or ") {
			f.Any = append(f.Any, s.filter(strings.TrimSpace(part)))
		}
		return f
	}
	for _, part := range strings.Split(text, ",") {
		switch words := strings.Fields(part); words[0] {
		case "above":
			f.AboveScale = &yes
		case "below":
			f.AboveScale = &no
		case "least":
			f.MinMu = s.number(words[1])
		case "industry":
			f.Industries = words[1:]
		case "zone":
			f.Zones = words[1:]
		case "county":
			f.Counties = words[1:]
		case "tag":
			f.Tags = words[1:]
		default:
			s.fatal("filter %q is not understood", part)
		}
	}
	return f
}

// item reads "tax_per_mu, weight 45, benchmark mean x 2 of last year, cap 2".
func (s *scenario) item(text string) policy.Item {
	part := strings.Split(text, ",")
	it := policy.Item{Indicator: part[0], Method: policy.Linear, Missing: policy.Missing{Policy: policy.MissingZero}}
	for _, p := range part[1:] {
		words := strings.Fields(p)
		switch words[0] {
		case "weight":
			it.Weight = s.number(words[1])
		case "minmax", "inverse":
			it.Method = policy.Method(words[0])
		case "floor":
			it.Floor = s.number(words[1])
		case "cap":
			it.Cap = s.number(words[1])
		case "missing":
			it.Missing.Policy = policy.MissingPolicy(words[1])
			if len(words) > 2 {
				it.Missing.Points = s.number(words[2])
			}
		case "benchmark":
			it.Benchmark.Kind, it.Benchmark.Factor = policy.BenchmarkKind(words[1]), 1
			it.Benchmark.LastYear = strings.HasSuffix(p, "of last year")
			if len(words) > 2 && words[2] == "x" {
				it.Benchmark.Factor = s.number(words[3])
			} else if len(words) == 3 {
				it.Benchmark.Value = s.number(words[2])
			}
		default:
			s.fatal("item %q is not understood", p)
		}
	}
	return it
}

func (s *scenario) number(text string) float64 {
	s.t.Helper()
	if text == "-" {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		s.fatal("%q is no number", text)
	}
	return v
}

func (s *scenario) date(text string) unit.Date {
	if text == "-" {
		return grade.NoDate
	}
	d, ok := unit.ParseDate(text)
	if !ok {
		s.fatal("%q is no date", text)
	}
	return d
}

func (s *scenario) code(code string) int32 {
	i := slices.Index(s.e.Code, code)
	if i < 0 {
		s.fatal("no enterprise %s", code)
	}
	return int32(i)
}

// enterprise adds an enterprise that has what the line says and nothing else; land is
// 10 mu of its own unless said.
func (s *scenario) enterprise(head, words []string) {
	if len(head) != len(words) {
		s.fatal("%q has %d columns, want %d", words, len(words), len(head))
	}
	e := &s.e
	if words[0] <= append([]string{""}, e.Code...)[len(e.Code)] {
		s.fatal("%s is not in the order of codes", words[0])
	}
	last := addEnterprise(e, words[0])
	mu, own, leased := 10.0, math.NaN(), 0.0
	for k, w := range words[1:] {
		text := strings.TrimPrefix(w, "-")
		switch name := head[k+1]; name {
		case "industry":
			e.Industry[last] = text
		case "zone":
			e.Zone[last] = text
		case "county":
			e.County[last] = text
		case "tags":
			e.Tags[last] = text
		case "above_scale":
			e.AboveScale[last] = map[string]grade.Answer{"yes": grade.Yes, "no": grade.No}[w]
		case "utility":
			e.Utility[last] = w == "yes"
		case "relocation":
			e.Relocation[last] = w == "yes"
		case "registered_on":
			e.Registered[last] = s.date(w)
		case "production_on":
			e.Production[last] = s.date(w)
		case "supplied_on":
			e.Supplied[last] = s.date(w)
		case "mu":
			mu = s.number(w)
		case "own_mu":
			own = s.number(w)
		case "leased_mu":
			leased = s.number(w)
		default:
			s.numbers[name] = append(s.numbers[name], s.number(w))
		}
	}
	if math.IsNaN(own) {
		own = mu - leased
	}
	s.mu = append(s.mu, mu)
	e.Land[last], e.Own[last], e.LeasedIn[last] = area(mu), area(own), area(leased)
}

func addEnterprise(e *grade.Enterprises, code string) int {
	e.Code = append(e.Code, code)
	e.Industry, e.Zone, e.County, e.Tags = append(e.Industry, ""), append(e.Zone, ""), append(e.County, ""), append(e.Tags, "")
	e.AboveScale = append(e.AboveScale, grade.Unknown)
	e.Utility, e.Relocation = append(e.Utility, false), append(e.Relocation, false)
	e.Registered, e.Production = append(e.Registered, grade.NoDate), append(e.Production, grade.NoDate)
	e.Supplied = append(e.Supplied, grade.NoDate)
	e.Land, e.Own, e.LeasedIn = append(e.Land, 0), append(e.Own, 0), append(e.LeasedIn, 0)
	return len(e.Code) - 1
}

func area(mu float64) unit.Area { return unit.Area(math.Round(mu * 2e7 / 3)) }

// use reads code, parcel, own, leased, net in mu.
func (s *scenario) use(words []string) {
	s.e.Uses = append(s.e.Uses, grade.Use{
		Enterprise: s.code(words[0]), Parcel: int32(s.number(strings.TrimPrefix(words[1], "P"))),
		Own: area(s.number(words[2])), LeasedIn: area(s.number(words[3])), Net: area(s.number(words[4])),
	})
}

// adjustment reads code, kind, value, day, actor, reason.
func (s *scenario) adjustment(words []string) {
	kind := slices.Index([]string{"bonus", "penalty", "veto", "floor", "fix", "manual"}, words[1])
	if kind < 0 || len(words) < 6 {
		s.fatal("adjustment %q is not understood", words)
	}
	a := grade.Adjustment{
		Enterprise: s.code(words[0]), Kind: grade.AdjustmentKind(kind), Decided: s.date(words[3]),
		Actor: strings.TrimPrefix(words[4], "-"), Reason: strings.Join(words[5:], " "),
	}
	if a.Kind < grade.Veto {
		a.Points = s.number(words[2])
	} else {
		a.Grade = grade.Grade(strings.Index(" ABCDT", words[2]))
	}
	s.e.Adjustments = append(s.e.Adjustments, a)
}
