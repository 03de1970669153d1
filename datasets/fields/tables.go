package fields

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed tables.csv
var tablesCSV string

//go:embed groups.csv
var groupsCSV string

type tableNames struct {
	labels map[string]label
	byName map[string]string // folded name, label or alias → table
}

var readTables = sync.OnceValue(func() tableNames {
	t := tableNames{labels: map[string]label{}, byName: map[string]string{}}
	for _, r := range rows("tables.csv", tablesCSV, 4) {
		t.labels[r[0]] = label{r[1], r[2]}
		for _, alias := range append([]string{r[0], r[1]}, strings.Split(r[3], "|")...) {
			if alias != "" {
				t.byName[fold(alias)] = r[0]
			}
		}
	}
	return t
})

// Table finds the input table that a file, layer or worksheet is named for: by the
// table's own name, its Chinese label or another of its known Chinese names. Space,
// case and full width make no difference.
func Table(name string) (table string, ok bool) {
	table, ok = readTables().byName[fold(name)]
	return table, ok
}

// TableLabel is the label of an input table; empty when there is none.
func TableLabel(table string) (zh, en string) {
	l := readTables().labels[table]
	return l.zh, l.en
}

// Beginning lists the columns of an input table that have a name, a label or a known
// Chinese name that is longer than a header and begins with it, sorted: what a header
// may mean that a file format cut short.
func Beginning(table, header string) []string {
	h := fold(header)
	var columns []string
	for full, column := range readInputs().headers {
		if full.of == table && len(full.id) > len(h) && strings.HasPrefix(full.id, h) {
			columns = append(columns, column)
		}
	}
	slices.Sort(columns)
	return slices.Compact(columns)
}

var readGroups = sync.OnceValue(func() map[string]bool {
	groups := map[string]bool{}
	for _, r := range rows("groups.csv", groupsCSV, 1) {
		groups[fold(r[0])] = true
	}
	return groups
})

// Group says whether a header over several others only says what they are about, as
// 基本情况 does, and changes nothing of what they mean. A header such as 规划 does.
func Group(header string) bool { return readGroups()[fold(header)] }
