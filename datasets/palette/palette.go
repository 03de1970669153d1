// Package palette holds the colours of every class that maps, reports and pages
// draw: one place, so that a grade has one colour wherever it is seen. The classes
// of a set differ in lightness too, so that they can be told apart in grey print
// and by the colour-blind; a hatch helps where that is not enough.
//
// It holds data and draws nothing.
package palette

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed palette.csv
var paletteCSV string

// Class is how a class of a set is drawn.
type Class struct {
	Set, Name string
	RGB       uint32
	Hatch     float64 // the angle of lines over it, in degrees; 0: none
}

var read = sync.OnceValue(func() []Class {
	rows, err := csv.NewReader(strings.NewReader(paletteCSV)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("datasets/palette/palette.csv: %v", err)) // the program's own file, held by a test
	}
	var all []Class
	for _, r := range rows[1:] {
		c := Class{Set: r[0], Name: r[1]}
		rgb, err := strconv.ParseUint(strings.TrimPrefix(r[2], "#"), 16, 24)
		if err == nil && r[3] != "" {
			c.Hatch, err = strconv.ParseFloat(r[3], 64)
		}
		if err != nil {
			panic(fmt.Sprintf("datasets/palette/palette.csv: %v", err))
		}
		c.RGB = uint32(rgb)
		all = append(all, c)
	}
	return all
})

// Set lists the classes of a set in their order.
func Set(set string) []Class {
	var out []Class
	for _, c := range read() {
		if c.Set == set {
			out = append(out, c)
		}
	}
	return out
}

// Sets lists the names of the sets.
func Sets() []string {
	var out []string
	for i, c := range read() {
		if i == 0 || c.Set != read()[i-1].Set {
			out = append(out, c.Set)
		}
	}
	return out
}

// Of finds a class of a set; one that is not there is drawn black, so that it is
// seen.
func Of(set, name string) Class {
	for _, c := range read() {
		if c.Set == set && c.Name == name {
			return c
		}
	}
	return Class{Set: set, Name: name}
}
