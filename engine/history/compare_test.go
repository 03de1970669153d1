package history_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/history"
	"github.com/muscope-gis/muscope/engine/write"
)

// codes are the values of a column, those that keep wants.
func codes(rows []map[string]string, column string, keep func(map[string]string) bool) []string {
	var out []string
	for _, r := range rows {
		if keep == nil || keep(r) {
			out = append(out, r[column])
		}
	}
	return out
}

// off is what is in a and not in b, sorted.
func off(a, b []string) []string {
	out := []string{}
	for _, code := range a {
		if !slices.Contains(b, code) {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return out
}

// parcelsOf are the codes of a run's parcels, as its layer has them.
func parcelsOf(t testing.TB, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "layers", "parcels.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	var layer struct {
		Features []struct {
			Properties struct {
				Code string `json:"parcel_code"`
			} `json:"properties"`
		} `json:"features"`
	}
	if err := json.Unmarshal(text, &layer); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range layer.Features {
		out = append(out, f.Properties.Code)
	}
	return out
}

// sameList holds a list against what a join found.
func sameList(t *testing.T, what string, got history.List[string], want []string) {
	t.Helper()
	if got.Count != len(want) || !slices.Equal(got.Items, want) {
		t.Errorf("%s: %d %.5q, want %d %.5q", what, got.Count, got.Items, len(want), want)
	}
}

func TestFiguresOfTwoRunsAreThoseOfAJoinOfTheirTables(t *testing.T) {
	y := manyYears(t)
	for _, pair := range [][2]string{{y.before, y.after}, {y.after, y.again}, {y.before, y.again}} {
		c := compared(t, opened(t, pair[0]), opened(t, pair[1]))
		t.Logf("%s\n%s", c.Text("en"), c.Text("zh"))
		joinLand(t, c, pair)
		joinGrades(t, c, pair)
		joinRules(t, c, pair)
		joinReports(t, c, pair)
		if len(c.NotCompared) > 0 {
			t.Errorf("not compared: %v", c.NotCompared)
		}
	}
}

func joinLand(t *testing.T, c *history.Changes, pair [2]string) {
	t.Helper()
	var parcels [2][]string
	for i, dir := range pair {
		parcels[i] = parcelsOf(t, dir)
	}
	one := func(what string, got *history.Parcels, table string, keep func(map[string]string) bool) (a, b []string) {
		t.Helper()
		a, b = codes(rowsOf(t, pair[0], table), "parcel_code", keep), codes(rowsOf(t, pair[1], table), "parcel_code", keep)
		if got.Before != len(a) || got.After != len(b) {
			t.Errorf("%s: %d, %d; want %d, %d", what, got.Before, got.After, len(a), len(b))
		}
		newly, left := off(b, a), off(a, b)
		gone := off(left, parcels[1])
		sameList(t, what+" newly", got.Newly, newly)
		sameList(t, what+" resolved", got.Resolved, off(left, gone))
		sameList(t, what+" gone", *got.Gone, gone)
		sameList(t, what+" joined", *got.Joined, off(newly, parcels[0]))
		if got.Mu != nil {
			mu := func(dir string, of []string) float64 {
				sum := 0.0
				for _, r := range rowsOf(t, dir, table) {
					if slices.Contains(of, r["parcel_code"]) {
						v, err := strconv.ParseFloat(r["mu"], 64)
						if err != nil {
							t.Fatal(err)
						}
						sum += v
					}
				}
				return float64(int64(sum*1e4+0.5)) / 1e4
			}
			if want := (history.Mu{Before: mu(pair[0], a), After: mu(pair[1], b), Newly: mu(pair[1], newly), Resolved: mu(pair[0], off(left, gone))}); *got.Mu != want {
				t.Errorf("%s: %v mu, want %v", what, *got.Mu, want)
			}
		}
		return a, b
	}
	idleBefore, idle := one("idle", &c.Idle.Parcels, "idle_land", nil)
	risk := func(r map[string]string) bool { return r["at_risk_on"] != "" }
	one("at risk", &c.AtRisk.Parcels, "supply", risk)
	one("underused", c.Underused, "underused_land", nil)
	sameList(t, "became idle", *c.AtRisk.BecameIdle, off(c.AtRisk.Resolved.Items, off(c.AtRisk.Resolved.Items, idle)))
	back := func(r map[string]string) bool { return r["consequence"] == "take_back" }
	sameList(t, "take back", c.Idle.TakeBack, off(codes(rowsOf(t, pair[1], "idle_land"), "parcel_code", back), codes(rowsOf(t, pair[0], "idle_land"), "parcel_code", back)))
	if c.Idle.Mu == nil || c.Underused.Mu == nil || len(idleBefore) == 0 {
		t.Error("there is nothing to compare")
	}
}

func joinGrades(t *testing.T, c *history.Changes, pair [2]string) {
	t.Helper()
	was := map[string]map[string]string{}
	for _, r := range rowsOf(t, pair[0], "grades") {
		was[r["credit_code"]] = r
	}
	cells, lists := map[string]int{}, map[string][]string{}
	land := map[string]float64{}
	add := func(from, to, code, mu string) {
		v, err := strconv.ParseFloat(mu, 64)
		if mu != "" && err != nil {
			t.Fatal(err)
		}
		key := from + "→" + to
		cells[key]++
		land[key] += v
		lists[key] = append(lists[key], code)
	}
	letter := func(r map[string]string) string {
		if r["final_grade"] == "" {
			return "none"
		}
		return r["final_grade"]
	}
	var better, worse int
	for _, r := range rowsOf(t, pair[1], "grades") {
		from := "absent"
		if b := was[r["credit_code"]]; b != nil {
			from = letter(b)
		}
		delete(was, r["credit_code"])
		add(from, letter(r), r["credit_code"], r["land_mu"])
		if strings.Contains("ABCD", from) && strings.Contains("ABCD", letter(r)) {
			if letter(r) < from {
				better++
			} else if letter(r) > from {
				worse++
			}
		}
	}
	for code, r := range was {
		add(letter(r), "absent", code, r["land_mu"])
	}
	total := 0
	for _, cell := range c.Grades.Matrix {
		key := cell.From + "→" + cell.To
		if cells[key] != cell.Enterprises || land[key]-cell.Mu > 1e-6 || cell.Mu-land[key] > 1e-6 {
			t.Errorf("%s: %d of %v mu, want %d of %v", key, cell.Enterprises, cell.Mu, cells[key], land[key])
		}
		total++
	}
	if total != len(cells) || c.Grades.Better != better || c.Grades.Worse != worse {
		t.Errorf("%d cells, want %d; better %d, want %d; worse %d, want %d", total, len(cells), c.Grades.Better, better, c.Grades.Worse, worse)
	}
	for _, m := range c.Grades.Moved {
		want := lists[m.From+"→"+m.To]
		slices.Sort(want)
		sameList(t, m.From+"→"+m.To, m.List, want)
	}
	verdicts := func(dir string) map[string]int64 { return opened(t, dir).Verdicts["grades"] }
	for _, l := range []string{"A", "B", "C", "D", "T"} {
		if int64(c.Grades.Before[l]) != verdicts(pair[0])[l] || int64(c.Grades.After[l]) != verdicts(pair[1])[l] {
			t.Errorf("%s: %d, %d; the manifests count %d, %d", l, c.Grades.Before[l], c.Grades.After[l], verdicts(pair[0])[l], verdicts(pair[1])[l])
		}
	}
}

func joinRules(t *testing.T, c *history.Changes, pair [2]string) {
	t.Helper()
	read := func(dir string) map[string]string {
		out := map[string]string{}
		for _, r := range rowsOf(t, dir, "scorecard") {
			if r["code"] != "" {
				out[r["rule"]+" "+r["scope"]+" "+r["code"]] = r["verdict"]
			}
		}
		return out
	}
	before, after := read(pair[0]), read(pair[1])
	want, first := map[string]int{}, map[string]int{}
	for key, to := range after {
		from, there := before[key]
		if !there {
			from = "absent"
		}
		if from != to {
			want[to]++
			if from == "absent" || from == "not_evaluated" {
				first[to]++
			}
		}
	}
	r := c.Rules
	for _, list := range []struct {
		verdict string
		got     history.List[history.RuleMove]
	}{{"fail", r.NewlyFailing}, {"pass", r.NewlyPassing}, {"not_evaluated", r.NewlyNot}} {
		if list.got.Count != want[list.verdict] || len(list.got.Items) != list.got.Count {
			t.Errorf("newly %s: %d, want %d", list.verdict, list.got.Count, want[list.verdict])
		}
		for _, m := range list.got.Items {
			key := m.Rule + " " + m.Scope + " " + m.Code
			if m.To != list.verdict || after[key] != m.To || (m.From == "absent") != (before[key] == "") || m.From != "absent" && before[key] != m.From {
				t.Errorf("%+v: %q → %q", m, before[key], after[key])
			}
		}
	}
	if r.FailingFirst != first["fail"] || r.PassingFirst != first["pass"] {
		t.Errorf("without a verdict before: %d, %d; want %v", r.FailingFirst, r.PassingFirst, first)
	}
	sum := 0
	for _, z := range r.Zones {
		sum += z.Failing
	}
	zones := func(m history.RuleMove) bool { return strings.Contains("ZPE", m.Scope) }
	if want := len(slices.DeleteFunc(slices.Clone(r.NewlyFailing.Items), func(m history.RuleMove) bool { return !zones(m) })); sum != want {
		t.Errorf("zones count %d newly failing, want %d", sum, want)
	}
	joinLines(t, c, pair)
}

func joinLines(t *testing.T, c *history.Changes, pair [2]string) {
	t.Helper()
	worst := map[string]int{"notice": 1, "accountability": 2}
	line := func(dir string) (map[string]string, int) {
		out, n := map[string]string{}, 0
		for _, r := range rowsOf(t, dir, "zones") {
			out[r["zone_code"]] = r["bottom_line"]
			n += min(1, worst[r["bottom_line"]])
		}
		return out, n
	}
	before, a := line(pair[0])
	after, b := line(pair[1])
	var newly []history.LineMove
	for code, to := range after {
		if worst[to] > worst[before[code]] {
			newly = append(newly, history.LineMove{Zone: code, From: before[code], To: to})
		}
	}
	slices.SortFunc(newly, func(a, b history.LineMove) int { return strings.Compare(a.Zone, b.Zone) })
	if got := c.BottomLines; got.Before != a || got.After != b || a == 0 || got.Newly.Count != len(newly) || !slices.Equal(got.Newly.Items, newly) {
		t.Errorf("bottom lines %+v, want %d, %d, %v", got, a, b, newly)
	}
}

func joinReports(t *testing.T, c *history.Changes, pair [2]string) {
	t.Helper()
	read := func(dir, word string) []string {
		out := []string{}
		for _, r := range rowsOf(t, dir, "scorecard") {
			if r["rule"] != "CZ-6.3-cadence" {
				continue
			}
			for _, one := range strings.Split(r["missing"], ";") {
				if what, ok := strings.CutPrefix(one, word+" "); ok {
					out = append(out, r["code"]+" "+what)
				}
			}
		}
		return out
	}
	for word, got := range map[string]history.Items{"late": c.Reports.Late, "missing": c.Reports.Missing} {
		a, b := read(pair[0], word), read(pair[1], word)
		if got.Before != len(a) || got.After != len(b) || len(b) == 0 {
			t.Errorf("%s: %d, %d; want %d, %d", word, got.Before, got.After, len(a), len(b))
		}
		sameList(t, word, got.Newly, off(b, a))
		if c.Before.Year == c.After.Year {
			sameList(t, word+" resolved", got.Resolved, off(a, b))
		} else if got.Resolved.Count > 0 {
			t.Errorf("%s: figures of another year came, it says: %v", word, got.Resolved)
		}
	}
}

func TestABottomLineFailedTwoYearsRunningIsNew(t *testing.T) {
	y := manyYears(t)
	c := compared(t, opened(t, y.after), opened(t, y.again))
	if b := c.BottomLines; b.Newly.Count == 0 || b.Newly.Items[0].From != "notice" || b.Newly.Items[0].To != "accountability" {
		t.Errorf("%+v", b)
	}
	if text := c.Text("zh"); !strings.Contains(text, " 问责") {
		t.Errorf("%s", text)
	}
}

func TestRowsRejectedAndUnmatchedAreThoseOfTheManifests(t *testing.T) {
	y := manyYears(t)
	c := compared(t, opened(t, y.after), opened(t, y.again))
	manifest := func(dir string) (m write.Manifest) {
		text, err := os.ReadFile(filepath.Join(dir, write.ManifestName))
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	a, b := manifest(y.after), manifest(y.again)
	changed := map[string]bool{}
	for _, r := range c.Rows {
		changed[r.Table] = true
		if r.Before.Read != a.Counts[r.Table].Read || r.After.Read != b.Counts[r.Table].Read || r.Before.Rejected != a.Counts[r.Table].Rejected || r.After.Rejected != b.Counts[r.Table].Rejected {
			t.Errorf("%s: %v %v", r.Table, r.Before, r.After)
		}
	}
	for name := range a.Counts {
		if same := a.Counts[name].Read == b.Counts[name].Read && a.Counts[name].Rejected == b.Counts[name].Rejected; same == changed[name] {
			t.Errorf("%s: %v, %v", name, a.Counts[name], b.Counts[name])
		}
	}
	if !changed["tax"] || !changed["parcels"] || len(c.Unmatched) == 0 {
		t.Errorf("%v %v", c.Rows, c.Unmatched)
	}
	for _, u := range c.Unmatched {
		if u.Before != a.Unmatched[u.Reason].Rows || u.After != b.Unmatched[u.Reason].Rows || u.Before == u.After {
			t.Errorf("%+v", u)
		}
	}
}

func TestChangesAreTheSameBytesEveryTime(t *testing.T) {
	y := manyYears(t)
	var texts []string
	for range 5 {
		c := compared(t, opened(t, y.before), opened(t, y.again))
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text)+c.Text("zh")+c.Text("en"))
	}
	for _, text := range texts[1:] {
		if text != texts[0] {
			t.Error("the same runs give other bytes")
		}
	}
}

func TestWhatLayersSayIsWhatTablesSay(t *testing.T) {
	y := manyYears(t)
	layers := filepath.Join(t.TempDir(), "layers")
	e := ofYear(2024)
	e.formats = write.Formats{GeoJSON: true}
	e.into(t, layers)
	want, got := compared(t, opened(t, y.before), opened(t, y.after)), compared(t, opened(t, y.before), opened(t, layers))
	if !reflect.DeepEqual(got.Idle, want.Idle) || !reflect.DeepEqual(got.AtRisk, want.AtRisk) || !reflect.DeepEqual(got.Underused, want.Underused) ||
		!reflect.DeepEqual(got.BottomLines, want.BottomLines) {
		t.Errorf("%s\nwant\n%s", got.Text("en"), want.Text("en"))
	}
	// No layer says what enterprises and rules came to.
	if got.Grades != nil || got.Rules != nil || got.Reports != nil {
		t.Error("what was not written is compared")
	}
	id := opened(t, layers).RunID
	wanting := []history.NotCompared{{Part: "grades", Reason: "not_written", RunID: id}, {Part: "rules", Reason: "not_written", RunID: id}, {Part: "reports", Reason: "not_written", RunID: id}}
	if !reflect.DeepEqual(got.NotCompared, wanting) {
		t.Errorf("not compared: %v", got.NotCompared)
	}
	if text := got.Text("en"); !strings.Contains(text, "not compared: grades (not written, in run "+id+")") || strings.Contains(text, "grades: ") {
		t.Errorf("%s", text)
	}
}

func TestWithoutLayersItIsNotKnownWhetherAParcelIsGone(t *testing.T) {
	y := manyYears(t)
	tables := filepath.Join(t.TempDir(), "tables")
	e := ofYear(2024)
	e.data, e.previous, e.formats = lateCity(t), y.before, write.Formats{CSV: true}
	e.into(t, tables)
	whole, got := compared(t, opened(t, y.after), opened(t, y.again)), compared(t, opened(t, y.after), opened(t, tables))
	if whole.Idle.Gone.Count == 0 {
		t.Fatal("no idle parcel is gone")
	}
	if got.Idle.Gone != nil || got.Idle.Joined == nil || got.Idle.Resolved.Count != whole.Idle.Resolved.Count+whole.Idle.Gone.Count {
		t.Errorf("%+v", got.Idle)
	}
	if want := []history.NotCompared{{Part: "parcels", Reason: "not_written", RunID: got.After.RunID}}; !reflect.DeepEqual(got.NotCompared, want) {
		t.Errorf("not compared: %v", got.NotCompared)
	}
}

func TestWhatNoPolicyAsksForIsNoChange(t *testing.T) {
	root := t.TempDir()
	for _, year := range []int{2023, 2024} {
		e := ofYear(year)
		e.policies, e.grading = []string{"national-idle-land-2012"}, ""
		e.into(t, filepath.Join(root, fmt.Sprint(year)))
	}
	c := compared(t, opened(t, filepath.Join(root, "2023")), opened(t, filepath.Join(root, "2024")))
	if c.Idle == nil || c.Idle.Newly.Count == 0 || c.Grades != nil || c.Underused != nil || c.BottomLines != nil || c.Reports != nil {
		t.Errorf("%+v", c)
	}
	for _, n := range c.NotCompared {
		if n.Reason != history.NotEvaluated || n.RunID != "" {
			t.Errorf("%+v", n)
		}
	}
	if text := c.Text("en"); strings.Contains(text, "not compared") || strings.Contains(text, "grades") {
		t.Errorf("%s", text)
	}
}

func TestRunsOfOtherPoliciesAreNotCompared(t *testing.T) {
	root := t.TempDir()
	e := ofYear(2023)
	e.into(t, filepath.Join(root, "a"))
	e = ofYear(2024)
	e.policies = policies[1:]
	e.into(t, filepath.Join(root, "b"))
	a, b := opened(t, filepath.Join(root, "a")), opened(t, filepath.Join(root, "b"))
	_, err := history.Compare(context.Background(), a, b)
	if err == nil || !strings.Contains(err.Error(), "policies are not the same") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	runs := found(t, root)
	for i := range runs {
		if before, _, ok := history.Last(runs, &runs[i]); ok {
			t.Errorf("%s is compared with %s", runs[i].RunID, before.RunID)
		}
	}
}

func TestRunsOfOtherPlacesAreNotCompared(t *testing.T) {
	root := t.TempDir()
	ofYear(2023).into(t, filepath.Join(root, "a"))
	e := ofYear(2024)
	e.data = cityFolder(t, func(name, text string) string {
		for _, code := range []string{"G9999", "Q9999", "S9999"} {
			text = strings.ReplaceAll(text, code, "X"+code)
		}
		return text
	})
	e.into(t, filepath.Join(root, "b"))
	_, err := history.Compare(context.Background(), opened(t, filepath.Join(root, "a")), opened(t, filepath.Join(root, "b")))
	if err == nil || !strings.Contains(err.Error(), "no zone in common") {
		t.Errorf("%v", err)
	}
}

func TestATableThatWasCutOffIsAnErrorAndNoResolvedLand(t *testing.T) {
	y := manyYears(t)
	for _, name := range []string{"idle_land", "grades", "scorecard", "supply", "zones"} {
		path := filepath.Join(y.after, "tables", name+".csv")
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(whole), "\n")
		if err := os.WriteFile(path, []byte(strings.Join(lines[:len(lines)-2], "")), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = history.Compare(context.Background(), opened(t, y.before), opened(t, y.after))
		if err == nil || !strings.Contains(err.Error(), name+".csv") || !strings.Contains(err.Error(), "evaluate again") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestATextHasFifteenLinesAtMostAndSteersNoTerminal(t *testing.T) {
	y := manyYears(t)
	c := compared(t, opened(t, y.after), opened(t, y.again))
	c.PoliciesChanged = []string{"a\x1b[31m\u202eb"}
	c.NotEvaluated.Newly = history.List[string]{Count: 1, Items: []string{"x\r\ny"}}
	c.NotEvaluated.After++
	c.NotCompared = append(c.NotCompared, history.NotCompared{Part: "parcels", Reason: "not_written"})
	for _, lang := range []string{"zh", "en"} {
		text := c.Text(lang)
		if n := strings.Count(text, "\n"); n > 15 || n < 10 {
			t.Errorf("%d lines", n)
		}
		if strings.ContainsAny(text, "\x1b\r\u202e") || strings.Contains(text, "%!") || strings.Contains(text, "history.") {
			t.Errorf("%q", text)
		}
	}
}

func TestCappedListsKeepTheirCounts(t *testing.T) {
	y := manyYears(t)
	c := compared(t, opened(t, y.before), opened(t, y.again))
	whole, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	short := c.Capped(2)
	if short.Idle.Newly.Count != c.Idle.Newly.Count || len(short.Idle.Newly.Items) != 2 || len(short.Rules.NewlyFailing.Items) != 2 || len(short.Grades.Moved[0].Items) > 2 {
		t.Errorf("%+v", short.Idle)
	}
	if again, err := json.Marshal(c); err != nil || string(again) != string(whole) {
		t.Error("the changes themselves were cut")
	}
}
