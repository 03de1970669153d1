package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
)

// figures is the content of bench.json.
type figures struct {
	Commit  string  `json:"commit"`
	Machine machine `json:"machine"`
	Parcels int     `json:"parcels"`
	Rounds  int     `json:"rounds"`

	InputBytes  int64   `json:"input_bytes"`
	OutputBytes int64   `json:"output_bytes"`
	Seconds     float64 `json:"seconds"`           // wall time of evaluate, median of the rounds
	CPUSeconds  float64 `json:"cpu_seconds"`       // of the median round: a loaded machine shows as far less than seconds times cores
	PeakMemory  int64   `json:"peak_memory_bytes"` // largest of the rounds
	Stages      []speed `json:"stages"`            // of the median round

	Plain   yardstick  `json:"plain"`
	OGR2OGR *yardstick `json:"ogr2ogr"` // null where it is not installed

	Layers   *layerFigures    `json:"layers,omitempty"`   // with ogr2ogr
	Database *databaseFigures `json:"database,omitempty"` // where one was named
	Expert   *expertFigures   `json:"expert,omitempty"`
	Sink     *sink            `json:"sink,omitempty"`
	Readers  *readerFigures   `json:"readers"` // null where they were left out
}

// speed is one stage's.
type speed struct {
	stage
	RowsPerSecond      float64 `json:"rows_per_second"`
	MegabytesPerSecond float64 `json:"megabytes_per_second,omitempty"`
}

// yardstick is something else measured in the same rounds. Ratio is the run's
// seconds over its own: below 1, the run was faster.
type yardstick struct {
	Seconds float64 `json:"seconds"`
	Ratio   float64 `json:"ratio"`
	Version string  `json:"version,omitempty"`
	From    string  `json:"from,omitempty"`
}

// figuresOf takes the medians of the rounds. With an even number the higher
// of the middle two stands, so that the figure is one that was measured.
func figuresOf(taken []round) figures {
	byTime := slices.SortedFunc(slices.Values(taken), func(a, b round) int { return cmp.Compare(a.evaluate, b.evaluate) })
	middle := byTime[len(byTime)/2]
	f := figures{
		Rounds:      len(taken),
		InputBytes:  middle.inBytes,
		OutputBytes: middle.outBytes,
		Seconds:     rounded(middle.evaluate),
		CPUSeconds:  rounded(middle.cpu),
	}
	for _, r := range taken {
		f.PeakMemory = max(f.PeakMemory, r.memory)
	}
	for _, s := range middle.stages {
		s.Seconds = rounded(s.Seconds)
		f.Stages = append(f.Stages, speed{s, per(float64(s.Rows), s.Seconds), per(float64(s.Bytes)/1e6, s.Seconds)})
	}
	f.Plain = f.against(taken, func(r round) float64 { return r.plain })
	if middle.ogr > 0 {
		ogr := f.against(taken, func(r round) float64 { return r.ogr })
		f.OGR2OGR = &ogr
	}
	return f
}

func (f figures) against(taken []round, seconds func(round) float64) yardstick {
	var all []float64
	for _, r := range taken {
		all = append(all, seconds(r))
	}
	slices.Sort(all)
	middle := all[len(all)/2]
	return yardstick{Seconds: rounded(middle), Ratio: per(f.Seconds, middle)}
}

// per divides, to three decimals, and gives 0 for what took no measurable
// time: JSON has no infinity.
func per(amount, by float64) float64 {
	if by <= 0 {
		return 0
	}
	return rounded(amount / by)
}

// rounded keeps milliseconds and thousandths: the rest is noise.
func rounded(x float64) float64 { return math.Round(x*1000) / 1000 }

func (f figures) print(w io.Writer) {
	fmt.Fprintf(w, "\n%d parcels, %.0f MB in, %.0f MB out; %s, %d cores, %s; commit %s; median of %d\n\n",
		f.Parcels, float64(f.InputBytes)/1e6, float64(f.OutputBytes)/1e6,
		f.Machine.CPU, f.Machine.Cores, f.Machine.Go, f.Commit, f.Rounds)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "stage\tseconds\trows\trows/s\tMB/s\t")
	for _, s := range f.Stages {
		megabytes := ""
		if s.Bytes > 0 {
			megabytes = fmt.Sprintf("%.0f", s.MegabytesPerSecond)
		}
		fmt.Fprintf(table, "%s\t%.3f\t%d\t%.0f\t%s\t\n", s.Name, s.Seconds, s.Rows, s.RowsPerSecond, megabytes)
	}
	fmt.Fprintf(table, "whole run\t%.3f\t%d\t%.0f\t%.0f\t\n", f.Seconds, f.Parcels,
		per(float64(f.Parcels), f.Seconds), per(float64(f.InputBytes+f.OutputBytes)/1e6, f.Seconds))
	table.Flush()
	fmt.Fprintf(w, "\npeak memory %.0f MiB; processor time %.3f s\n", float64(f.PeakMemory)/(1<<20), f.CPUSeconds)
	fmt.Fprintf(w, "plain reads and writes of the same bytes: %.3f s; the run takes %.1f times as long\n", f.Plain.Seconds, f.Plain.Ratio)
	if f.Readers != nil {
		defer f.Readers.print(w)
	}
	if f.OGR2OGR == nil {
		fmt.Fprintln(w, "ogr2ogr: not installed (apt-get install gdal-bin), not compared")
		return
	}
	fmt.Fprintf(w, "ogr2ogr -f GeoJSON of the parcels layer alone, from %s: %.3f s; the whole run is %.1f times faster (%s)\n",
		f.OGR2OGR.From, f.OGR2OGR.Seconds, per(f.OGR2OGR.Seconds, f.Seconds), f.OGR2OGR.Version)
}

func (f figures) save(path string) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
