package read

import (
	"fmt"
	"math"
	"strconv"
	"sync"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// guard compares the sizes of amounts between the files of a table: a year that was
// entered in 元 where the other is in 万元 would otherwise go through unseen.
type guard struct {
	mu      sync.Mutex
	amounts map[amount]*spread
}

// amount is a column of a file.
type amount struct {
	file  int32
	field int
}

// leastValues is how many values a file needs for its median to say something.
const leastValues = 5

// slips are how many times too large or small amounts are when a unit is mistaken,
// and how far a ratio of medians may be from it: two years of the same enterprises, or
// two sets of parcels, are never that far apart by themselves.
var slips = map[unit.Unit][]struct{ times, within float64 }{
	unit.WanYuan:     {{1e4, 1.5}, {1e8, 1.5}},
	unit.WanDollar:   {{1e4, 1.5}, {1e8, 1.5}},
	unit.SquareMetre: {{15, 1.02}, {2000.0 / 3, 1.1}, {1500, 1.1}, {1e4, 1.1}},
}

// spread counts values by size, 64 classes for every doubling.
type spread struct {
	counts map[int32]int64
	n      int64
}

// look counts the amounts of a batch.
func (g *guard) look(file int32, b table.Batch) {
	for i := range b.Schema.Fields {
		f := &b.Schema.Fields[i]
		if f.Kind != table.Number || slips[f.Unit] == nil {
			continue
		}
		values := b.Numbers(f.Name, f.Unit)
		if values.NullN() == b.Rows() {
			continue
		}
		counts, n := map[int32]int64{}, int64(0)
		for row := range b.Rows() {
			if v := values.Value(row); values.IsValid(row) && v > 0 {
				part, power := math.Frexp(v)
				counts[int32(power*64)+int32((part-0.5)*128)]++
				n++
			}
		}
		g.add(amount{file, i}, counts, n)
	}
}

func (g *guard) add(of amount, counts map[int32]int64, n int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.amounts[of]
	if s == nil {
		s = &spread{counts: map[int32]int64{}}
		g.amounts[of] = s
	}
	for size, k := range counts {
		s.counts[size] += k
	}
	s.n += n
}

// median is the middle of the class that the median lies in, within 1 % of it.
func (s *spread) median() float64 {
	least, most := int32(math.MaxInt32), int32(math.MinInt32)
	for size := range s.counts {
		least, most = min(least, size), max(most, size)
	}
	seen := int64(0)
	for size := least; size <= most; size++ {
		if seen += s.counts[size]; 2*seen >= s.n {
			power := math.Floor(float64(size) / 64)
			return math.Ldexp(0.5+(float64(size)-64*power+0.5)/128, int(power))
		}
	}
	return 0
}

// verdict stops a table one of whose files looks as if it were in another unit.
func (g *guard) verdict(dir string, s *table.Schema, files []File) error {
	for i := range s.Fields {
		f := &s.Fields[i]
		first, median := -1, 0.0
		for k := range files {
			one := g.amounts[amount{int32(k), i}]
			if one == nil || one.n < leastValues {
				continue
			}
			m := one.median()
			if first < 0 {
				first, median = k, m
				continue
			}
			for _, slip := range slips[f.Unit] {
				ratio := max(m/median, median/m) / slip.times
				if ratio > slip.within || ratio < 1/slip.within {
					continue
				}
				return fmt.Errorf("read %s: table %s, column %s: the median of %s is about %s %s, that of %s about %s, some %.0f times apart: one of them is in another unit; put the unit into its header, as in %s（%s）, or declare it in mapping.yaml",
					dir, s.Name, f.Name, files[first].Name, rounded(median), f.Unit, files[k].Name, rounded(m), slip.times, f.Name, f.Unit.Label())
			}
		}
	}
	return nil
}

func rounded(v float64) string {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	return strconv.FormatFloat(short, 'f', -1, 64)
}
