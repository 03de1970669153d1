package write_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/muscope-gis/muscope/engine/write"
)

func TestARowIsAnObjectWithTheNamesOfItsColumns(t *testing.T) {
	table := write.Table{Name: "t", Rows: 2, Columns: []write.Column{
		write.Text(`a "name"`, func(i int) (string, bool) { return "x\n", i == 0 }),
		write.Fixed("area", 4, func(i int) (int64, bool) { return 123400, true }),
		write.Integer("n", func(i int) (int64, bool) { return int64(i), true }),
	}}
	for i, want := range []string{`{"a \"name\"":"x\n","area":12.34,"n":0}`, `{"a \"name\"":null,"area":12.34,"n":1}`} {
		if got := string(table.AppendObject(nil, i)); got != want || !json.Valid([]byte(got)) {
			t.Errorf("row %d is %s, want %s", i, got, want)
		}
	}
}

func TestAnObjectStandsBesideTheManifest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	f, err := write.Create(dir, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Object("summary", map[string]int{"b": 2, "a": 1}); err != nil {
		t.Fatal(err)
	}
	var m write.Manifest
	if err := f.Finish(context.Background(), &m); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	if err != nil || string(text) != "{\n  \"a\": 1,\n  \"b\": 2\n}\n" {
		t.Errorf("%q, %v", text, err)
	}
	if len(m.Outputs) != 1 || m.Outputs[0].Path != "summary.json" || m.Outputs[0].Bytes != int64(len(text)) {
		t.Errorf("%v", m.Outputs)
	}
}

func TestWhatIsNoJSONIsNotWritten(t *testing.T) {
	f, err := write.Create(filepath.Join(t.TempDir(), "run"), false, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	var unsupported *json.UnsupportedTypeError
	if err := f.Object("summary", func() {}); !errors.As(err, &unsupported) {
		t.Errorf("%v", err)
	}
}
