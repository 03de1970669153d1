package engine_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/muscope-gis/muscope/engine/write"
)

// The scorecard's rules on parcels, enterprises and projects once more, in Python
// (testdata/scorecard_parcels.py), with the bounds typed in from the documents.

var rulesCompared = []string{"suqian-2017", "chizhou-2015", "suizhou-2018", "shijiazhuang-2018", "lianyungang-2022"}

func python(t *testing.T, script string, args ...string) (out string, err error) {
	t.Helper()
	bin := os.Getenv("MUSCOPE_TEST_PYTHON")
	if bin == "" {
		t.Fatal("MUSCOPE_TEST_PYTHON is not set: run make test, or set it to a Python that has GeoPandas and pyarrow")
	}
	cmd := exec.Command(bin, append([]string{filepath.Join("testdata", script)}, args...)...)
	var said, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &errs
	if err = cmd.Run(); err != nil && said.Len() == 0 {
		t.Fatalf("%s: %v: %s", script, err, &errs)
	}
	return said.String(), err
}

func TestTheScorecardOfParcelsEnterprisesAndProjectsIsWhatARefereeFinds(t *testing.T) {
	c := theSample(t)
	c.policies = rulesCompared
	whole := c.folder(t, nil)
	for _, one := range []struct {
		name string
		seed int
	}{
		{name: "as it is"},
		{name: "muddled", seed: 4},
	} {
		t.Run(one.name, func(t *testing.T) {
			data := whole
			if one.seed > 0 {
				data = filepath.Join(t.TempDir(), "muddled")
				if _, err := python(t, "scorecard_muddle.py", whole, data, strconv.Itoa(one.seed)); err != nil {
					t.Fatal(err)
				}
			}
			run := evaluatedAs(t, data, c.options(t), write.Formats{GeoJSON: true, CSV: true})
			if said, err := python(t, "scorecard_parcels.py", data, run, strconv.Itoa(c.year), c.asOf); err != nil {
				t.Errorf("engine and referee differ:\n%s", said)
			}
		})
	}
}
