package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckExplainsWhereColumnsCameFrom(t *testing.T) {
	f := messyCity()
	f["来文.csv"] = "代码,税额,状态\n" + someone + ",120000,\n" + someone + ",5,注销\n"
	m := filepath.Join(t.TempDir(), "m.yaml")
	text := "version: 1\ntables:\n  tax:\n    from: 来文.csv\n    columns: {credit_code: 代码, year: {value: 2024}, tax: {header: 税额, unit: yuan}}\n    where: [{header: 状态, not: 注销}]\n"
	if err := os.WriteFile(m, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	data := f.in(t)
	o := command(checkArgs(data, "--mapping", m, "--explain-mapping")...)
	if o.code != exitDone {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	var lines []string
	for line := range strings.Lines(o.out) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	for _, want := range []string{
		"tax.tax 来文.csv 税额 yuan 1 0 0 12", "tax.year 来文.csv 2024 constant 1 0 0 2024",
		"parcels.signed_on parcels.geojson signed_on 0 2 1", "parcels.recorded_area parcels.geojson recorded_area m2 1 1 0 40000",
	} {
		if !strings.Contains(strings.Join(lines, "\n"), want) {
			t.Errorf("no %q in\n%s", want, o.out)
		}
	}
	o = command(checkArgs(data, "--mapping", m)...)
	if !strings.Contains(o.out, "filtered by the mapping: 1\n") || !strings.Contains(o.out, `unused files: ["notes.txt" "tax.csv"]`) {
		t.Errorf("%s%s", o.out, o.err)
	}
	if o = command(checkArgs(data, "--mapping", m+"x")...); o.code == exitDone || !strings.Contains(o.err, "m.yamlx: no such file") {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
}
