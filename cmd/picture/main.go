// Command picture draws the layers of a run as one SVG: zones as outlines,
// parcels filled by supply state or by the way they are idle, a legend in
// Chinese and English with counts. It is made for a page about the program,
// so it is small and has no script; for work with the layers there is QGIS.
// It judges nothing: what is drawn is what the layers say.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	run := flag.String("run", "out/sample", "folder of a run")
	out := flag.String("out", "out/map.svg", "file to draw")
	flag.Parse()
	if err := draw(*run, *out, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

// draw reads the zones and parcels layers of a run folder and writes the
// picture.
func draw(run, out string, stdout io.Writer) error {
	zones, err := readLayer(filepath.Join(run, "layers", "zones.geojson"), zoneOf)
	if err != nil {
		return err
	}
	parcels, err := readLayer(filepath.Join(run, "layers", "parcels.geojson"), parcelOf)
	if err != nil {
		return err
	}
	classes, err := readLegend(legendCSV)
	if err != nil {
		return err
	}
	if len(zones) == 0 {
		return fmt.Errorf("%s: no zones to draw", run)
	}
	for _, p := range parcels {
		if !slices.ContainsFunc(classes, func(c class) bool { return c.name == p.class }) {
			return fmt.Errorf("%s: a parcel is %q, which legend.csv does not know; add a line for it", run, p.class)
		}
	}
	var picture bytes.Buffer
	newSheet(zones).draw(&picture, classes, zones, parcels)
	if err := os.WriteFile(out, picture.Bytes(), 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %d parcels in %d zones, %d kB\n", out, len(parcels), len(zones), (picture.Len()+999)/1000)
	return err
}
