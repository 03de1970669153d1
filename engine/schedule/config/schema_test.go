package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/muscope-gis/muscope/engine/schedule/config"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(config.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schedule.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schedule.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// refusal is what the schema says of a file; nil when it takes it.
func refusal(t *testing.T, s *jsonschema.Schema, file string) error {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.YAMLToJSON(data)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

func TestTheSchemaTakesEveryGoodSchedule(t *testing.T) {
	s := compiled(t)
	good, _ := fixtures(t)
	for _, file := range good {
		if err := refusal(t, s, file); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// beyond are the mistakes that a schema cannot see, and why.
var beyond = map[string]string{
	"unknown-zone":                     "the zones are the system's",
	"lease-shorter-than-the-heartbeat": "times are compared",
	"job-twice":                        "names are compared",
	"job-named-as-a-device":            "the names are those of an operating system",
	"target-twice":                     "names are compared",
	"cron-of-no-day":                   "the calendar decides",
	"cron-out-of-range":                "numbers in a text are compared",
	"no-policies":                      "keys are compared across levels",
}

func TestTheSchemaRefusesEveryBadScheduleThatASchemaCan(t *testing.T) {
	s := compiled(t)
	_, bad := fixtures(t)
	found := 0
	for _, file := range bad {
		name := strings.TrimSuffix(filepath.Base(file), ".bad.yaml")
		err := refusal(t, s, file)
		why, excused := beyond[name]
		switch {
		case err == nil && !excused:
			t.Errorf("%s is taken by the schema", name)
		case err != nil && excused:
			t.Errorf("%s is refused by the schema, though %s: take it off the list: %v", name, why, err)
		}
		if excused {
			found++
		}
	}
	if found != len(beyond) {
		t.Errorf("%d of the %d excused are there", found, len(beyond))
	}
}
