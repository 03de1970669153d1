package main

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
)

//go:embed legend.csv
var legendCSV string

// class is one way to draw a parcel, with its line in the legend. The order
// in legend.csv is the order of drawing: what matters most lies on top.
type class struct {
	name, colour string
	zh, en       string
}

func readLegend(text string) ([]class, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("legend.csv: %w", err)
	}
	var classes []class
	for _, row := range rows[1:] {
		classes = append(classes, class{row[0], row[1], row[2], row[3]})
	}
	return classes, nil
}
