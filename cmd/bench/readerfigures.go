package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// readerFigures are the readers' part of bench.json.
type readerFigures struct {
	Commit  string    `json:"commit"`
	Machine machine   `json:"machine"`
	Rows    int       `json:"rows"` // of each but the last, a workbook whose memory is watched
	Rounds  int       `json:"rounds"`
	Formats []reading `json:"formats"`
}

// reading is a file read whole, by a process of its own that keeps nothing of it.
// Seconds are wall time from the process's start to its end.
type reading struct {
	source
	Rows               int64   `json:"rows"`
	Bytes              int64   `json:"bytes"`
	Seconds            float64 `json:"seconds"`
	CPUSeconds         float64 `json:"cpu_seconds"`
	RowsPerSecond      float64 `json:"rows_per_second"`
	MegabytesPerSecond float64 `json:"megabytes_per_second"`
	PeakMemory         int64   `json:"peak_memory_bytes"`    // largest of the rounds
	PrivateMemory      int64   `json:"private_memory_bytes"` // of it without pages of files, as seen at every batch; 0 where the system does not tell

	Yardstick *readerYardstick `json:"yardstick"` // null without ogr2ogr
}

// readerYardstick is something else that read the same file in the same rounds.
// Ratio is the reader's seconds over its own: below 1, the reader was faster.
type readerYardstick struct {
	Name       string  `json:"name"`
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`
	Ratio      float64 `json:"ratio"`
	PeakMemory int64   `json:"peak_memory_bytes"`
	Version    string  `json:"version,omitempty"`
}

// middleOf takes the medians of a reader and of its yardstick, and the largest
// memory of each.
func middleOf(taken []reading) reading {
	byTime := slices.SortedFunc(slices.Values(taken), func(a, b reading) int { return cmp.Compare(a.Seconds, b.Seconds) })
	m := byTime[len(byTime)/2]
	m.Seconds, m.CPUSeconds = rounded(m.Seconds), rounded(m.CPUSeconds)
	m.RowsPerSecond, m.MegabytesPerSecond = per(float64(m.Rows), m.Seconds), per(float64(m.Bytes)/1e6, m.Seconds)
	var others, processor []float64
	var memory int64
	for _, r := range taken {
		m.PeakMemory, m.PrivateMemory = max(m.PeakMemory, r.PeakMemory), max(m.PrivateMemory, r.PrivateMemory)
		if r.Yardstick != nil {
			others, processor = append(others, r.Yardstick.Seconds), append(processor, r.Yardstick.CPUSeconds)
			memory = max(memory, r.Yardstick.PeakMemory)
		}
	}
	if len(others) > 0 {
		slices.Sort(others)
		slices.Sort(processor)
		y := *m.Yardstick
		y.Seconds, y.CPUSeconds, y.PeakMemory = rounded(others[len(others)/2]), rounded(processor[len(processor)/2]), memory
		y.Ratio = per(m.Seconds, y.Seconds)
		m.Yardstick = &y
	}
	return m
}

// cells are a reader's figures as tables show them.
func (one reading) cells() []string {
	cells := []string{
		one.Format, fmt.Sprint(one.Rows), fmt.Sprintf("%.2f", one.Seconds), fmt.Sprintf("%.2f", one.CPUSeconds), fmt.Sprintf("%.0f", one.RowsPerSecond),
		fmt.Sprintf("%.0f", one.MegabytesPerSecond), mebibytes(one.PeakMemory), mebibytes(one.PrivateMemory),
	}
	if one.Yardstick == nil {
		return append(cells, "ogr2ogr is not installed", "", "", "")
	}
	return append(cells, one.Yardstick.Name, fmt.Sprintf("%.2f", one.Yardstick.Seconds), fmt.Sprintf("%.2f", one.Yardstick.CPUSeconds), fmt.Sprintf("%.3f", one.Yardstick.Ratio))
}

func (f *readerFigures) print(w io.Writer) {
	fmt.Fprintf(w, "\nreaders, each in a process of its own; %s, %d cores, %s; commit %s; median of %d, largest memory\n\n",
		f.Machine.CPU, f.Machine.Cores, f.Machine.Go, f.Commit, f.Rounds)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "format\trows\tseconds\tcpu\trows/s\tMB/s\tMiB\tprivate\tbeside it\tseconds\tcpu\tratio\t")
	for _, r := range f.Formats {
		for _, c := range r.cells() {
			fmt.Fprintf(t, "%s\t", c)
		}
		fmt.Fprintln(t)
	}
	t.Flush()
}
