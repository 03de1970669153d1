package mapping

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaFile = "../../datasets/fields/mapping.schema.json"

// published is the schema as the parser's own lists make it, a definition a line.
func published(t *testing.T) []byte {
	t.Helper()
	whole := schema()
	definitions := whole["$defs"].(object)
	delete(whole, "$defs")
	var b bytes.Buffer
	b.WriteString("{")
	members := func(o object, indent, end string) {
		for i, key := range slices.Sorted(maps.Keys(o)) {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString("\n" + indent + strconv.Quote(key) + ": ")
			line, err := compact(o[key])
			if err != nil {
				t.Fatal(err)
			}
			b.Write(line)
		}
		b.WriteString(end)
	}
	members(whole, "  ", ",\n  \"$defs\": {")
	members(definitions, "    ", "\n  }\n}\n")
	return b.Bytes()
}

// compact is a value as JSON on one line, < and & as they are.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func TestThePublishedSchemaIsMadeFromTheParsersLists(t *testing.T) {
	want := published(t)
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the parser takes (%v); go test ./engine/mapping -update writes it anew", schemaFile, err)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("mapping.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mapping.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// refusal is what the schema says of a YAML file; nil when it takes it.
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

func TestTheSchemaTakesEveryGoodMapping(t *testing.T) {
	s := compiled(t)
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, file := range append(files, "../../datasets/cambridge/source/mapping.yaml") {
		if strings.HasSuffix(file, ".bad.yaml") {
			continue
		}
		if err := refusal(t, s, file); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// beyond are the mistakes that a schema cannot see, and why.
var beyond = map[string]string{
	"anchor":                            "is gone when YAML is read",
	"unknown-crs":                       "the systems are the program's",
	"unknown-crs-of-a-table":            "the systems are the program's",
	"constant-of-an-unknown-standard":   "the dataset's own standards are named elsewhere in the file",
	"translated-to-an-unknown-standard": "the dataset's own standards are named elsewhere in the file",
	"otherwise-an-unknown-standard":     "the dataset's own standards are named elsewhere in the file",
	"code-table-twice":                  "items that differ have one name",
	"file-and-its-pattern":              "names are compared",
	"file-twice":                        "paths are compared",
	"relation-twice":                    "names are compared",
	"sheet-twice":                       "entries are compared",
	"ignored-and-used":                  "headers are compared across keys",
	"ignored-and-used-by-a-file":        "headers are compared across keys",
	"join-of-a-column-that-is-there":    "columns are compared across keys",
	"join-of-a-column-joined-before":    "columns are compared across items",
	"join-on-one-header-twice":          "values of a mapping are compared",
	"year-twice":                        "columns are compared across keys",
	"bracket-in-another-unit":           "a header's bracket is read",
	"brackets-in-another-unit":          "a header's bracket is read",
	"unit-that-nothing-says":            "a header's bracket is read",
}

func TestTheSchemaRefusesEveryBadMappingThatASchemaCan(t *testing.T) {
	s := compiled(t)
	files, _ := filepath.Glob("testdata/*.bad.yaml")
	found := 0
	for _, file := range files {
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
