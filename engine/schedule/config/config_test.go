package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/schedule/config"
)

var update = flag.Bool("update", false, "write the mistakes found into the first line of each *.bad.yaml")

// fixtures are the paths of the good and the bad schedules.
func fixtures(t testing.TB) (good, bad []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".bad.yaml") {
			bad = append(bad, file)
		} else {
			good = append(good, file)
		}
	}
	return good, bad
}

func parsed(t testing.TB, file string) *config.Config {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse(file, text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestABureausScheduleIsReadWhole(t *testing.T) {
	c := parsed(t, "testdata/bureau.yaml")
	if c.Name != "规划局" || c.Data != "testdata/city" || c.Mapping != "testdata/city/mapping.yaml" || c.Out != "testdata/results" || c.To != "postgres://writer@db.bureau/land" ||
		c.Ledger != "testdata/results/.muscope/ledger.sqlite" || c.Zone.String() != "Asia/Urumqi" || c.Language != "zh" || c.Memory != "2GiB" || c.Threads != 2 ||
		c.Heartbeat != 5*time.Second || c.Lease != 20*time.Second || c.Listen != "127.0.0.1:9482" {
		t.Errorf("%+v", c)
	}
	if want := map[schedule.Kind]int{schedule.Monthly: 24, schedule.Quarterly: 12}; !reflect.DeepEqual(c.Keep, want) {
		t.Errorf("kept %v, want %v", c.Keep, want)
	}
	portal := config.Target{Name: "after/portal", Webhook: "https://portal.bureau/hooks/land", SecretEnv: "MUSCOPE_PORTAL_KEY", Timeout: time.Minute}
	mail := config.Target{Name: "on_failure/mail", Command: []string{"/usr/local/bin/notify", "--subject", "land evaluation failed"}, Timeout: 30 * time.Second}
	usual := config.Job{Policies: []string{"lianyungang-2022", "testdata/rules/our-city.yaml"}, Grading: "lianyungang-2022", Formats: []string{"geojson", "csv", "qgis"},
		Targets: []config.Target{portal}, Job: schedule.Job{AsOf: schedule.AtPeriodEnd, CatchUp: schedule.CatchUpAll, Tries: 5, Every: 5 * time.Minute,
			After: []string{"after/portal"}, OnFailure: []string{"on_failure/mail"}}}
	monthly, review, yearly, arrival := usual, usual, usual, usual
	monthly.Name, monthly.Period = "monthly", schedule.Monthly
	review.Name, review.Period, review.AsOf, review.CatchUp, review.Tries, review.Timeout = "review", schedule.Quarterly, schedule.AtOccurrence, schedule.CatchUpLast, 8, 6*time.Hour
	yearly.Name, yearly.Period, yearly.Policies, yearly.Grading, yearly.Formats, yearly.Before, yearly.CatchUp = "yearly", schedule.Yearly, []string{"chizhou-2015"}, "chizhou-2015", []string{"gpkg"}, true, schedule.CatchUpNone
	arrival.Name, arrival.Period, arrival.Every, arrival.After = "arrival", schedule.Yearly, 10*time.Minute, []string{"after/copy"}
	arrival.Targets = []config.Target{{Name: "after/copy", Command: []string{"rsync", "-a"}, Timeout: 30 * time.Second}}
	for i, want := range []config.Job{monthly, review, yearly, arrival} {
		got := c.Jobs[i]
		if expression := []string{"30 2 1 * *", "0 4 10 1,4,7,10 *", "0 3 20 5 *", ""}[i]; expression != "" && got.Cron.String() != expression || expression == "" && got.Cron != nil {
			t.Errorf("%s: cron %v, want %s", got.Name, got.Cron, expression)
		}
		got.Cron, got.Line = nil, 0
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v\nwant\n%+v", got, want)
		}
	}
	for name, want := range map[string]config.Target{"after/portal": portal, "on_failure/mail": mail} {
		if got, ok := c.Target("monthly", name); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWhatIsNotSaidIsAsUsual(t *testing.T) {
	c := parsed(t, "testdata/eight-lines.yaml")
	if c.Name != "eight-lines" || c.Zone.String() != "Asia/Shanghai" || c.Heartbeat != 10*time.Second || c.Lease != 30*time.Second || len(c.Keep) != 0 || c.Ledger != "" || len(c.Jobs) != 2 {
		t.Errorf("%+v", c)
	}
	if d := parsed(t, "testdata/database.yaml"); d.Data != "postgres://reader@db.bureau/land" || d.Schema != "planning" || d.Out != "" {
		t.Errorf("%+v", d)
	}
}

func TestEveryMistakeIsToldWithItsPlace(t *testing.T) {
	_, bad := fixtures(t)
	for _, file := range bad {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first, rest, _ := strings.Cut(string(text), "\n")
		_, err = config.Parse("", text)
		var mistakes config.Mistakes
		if !errors.As(err, &mistakes) {
			t.Errorf("%s is taken: %v", file, err)
			continue
		}
		got := "# " + strings.ReplaceAll(strings.ReplaceAll(mistakes.Error(), "\n:", " | "), ": ", ": ")
		got = strings.Replace(got, "# :", "# ", 1)
		if *update {
			if err := os.WriteFile(file, []byte(got+"\n"+rest), 0o600); err != nil {
				t.Fatal(err)
			}
		} else if got != first {
			t.Errorf("%s says\n%s\nwant\n%s", file, got, first)
		}
	}
}

func FuzzASchedule(f *testing.F) {
	good, bad := fixtures(f)
	for _, file := range append(good, bad...) {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := config.Parse("schedule.yaml", text)
		var mistakes config.Mistakes
		if (c == nil) == (err == nil) || err != nil && (!errors.As(err, &mistakes) || len(mistakes) == 0) {
			t.Fatalf("%+v, %v", c, err)
		}
		if err != nil {
			return
		}
		at := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
		for i := range c.Jobs {
			j := &c.Jobs[i]
			if j.Name == "" || filepath.Base(j.Name) != j.Name || len(j.Policies) == 0 || j.Tries < 1 {
				t.Fatalf("%+v", j)
			}
			next := j.Upcoming(at, 3, c.Zone)
			if j.Cron != nil && len(next) != 3 {
				t.Fatalf("%s comes %d times", j.Cron, len(next))
			}
			for k, e := range next {
				if !e.Due.After(at) || k > 0 && !e.Due.After(next[k-1].Due) {
					t.Fatalf("%s: %+v", j.Cron, next)
				}
			}
		}
	})
}
