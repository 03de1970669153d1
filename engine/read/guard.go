package read

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// guard compares the sizes of amounts between the files of a table and between its
// years: a year that was entered in 元 where the other is in 万元 would otherwise go
// through unseen.
type guard struct {
	schema  *table.Schema
	mu      sync.Mutex
	amounts map[amount]*spread
	spare   []counters
}

// amount is a column of a file, of a year when the table has rows by year.
type amount struct {
	field int
	file  int32
	year  int64
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

// counters count the sizes of a batch's values: those from 2^-64 on, below 2^64.
type counters []uint32

const leastPower, mostPower = -64, 64

// look counts the amounts of a batch.
func (g *guard) look(file int32, b table.Batch) {
	years := []int64{0}
	of := make([]int, 0) // of each row, the place of its year; empty: one year
	if g.schema.Yearly {
		years, of = yearsOf(b)
	}
	counts := g.take(len(years))
	defer g.give(counts)
	for i := range b.Schema.Fields {
		f := &b.Schema.Fields[i]
		if f.Kind != table.Number || slips[f.Unit] == nil {
			continue
		}
		values := b.Numbers(f.Name, f.Unit)
		if values.NullN() == b.Rows() {
			continue
		}
		for row := range b.Rows() {
			v := values.Value(row)
			if !(v > 0) || values.IsNull(row) {
				continue
			}
			if part, power := math.Frexp(v); power >= leastPower && power < mostPower {
				k := 0
				if len(of) > 0 {
					k = of[row]
				}
				counts[k][(power-leastPower)*64+int((part-0.5)*128)]++
			}
		}
		for k, year := range years {
			g.add(amount{i, file, year}, counts[k])
		}
	}
}

// yearsOf are the years of a batch's rows, and of each row which of them it has.
func yearsOf(b table.Batch) (years []int64, of []int) {
	column := b.Integers("year")
	places := map[int64]int{}
	of = make([]int, b.Rows())
	for row := range of {
		year := column.Value(row)
		if row > 0 && year == years[of[row-1]] {
			of[row] = of[row-1]
			continue
		}
		place, known := places[year]
		if !known {
			place = len(years)
			places[year] = place
			years = append(years, year)
		}
		of[row] = place
	}
	return years, of
}

// take are counters at nought, which give gives back.
func (g *guard) take(n int) []counters {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.spare) < n {
		g.spare = append(g.spare, make(counters, (mostPower-leastPower)*64))
	}
	taken := slices.Clone(g.spare[len(g.spare)-n:])
	g.spare = g.spare[:len(g.spare)-n]
	return taken
}

func (g *guard) give(counts []counters) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.spare = append(g.spare, counts...)
}

// add adds what was counted, and sets the counters to nought.
func (g *guard) add(of amount, counts counters) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.amounts[of]
	for i, n := range counts {
		if n == 0 {
			continue
		}
		if s == nil {
			s = &spread{counts: map[int32]int64{}}
			g.amounts[of] = s
		}
		s.counts[int32(i+leastPower*64)] += int64(n)
		s.n += int64(n)
		counts[i] = 0
	}
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

// verdict stops a table one of whose files, or years, looks as if it were in another
// unit.
func (g *guard) verdict(dir string, files []File) error {
	var all []amount
	for of, s := range g.amounts {
		if s.n >= leastValues {
			all = append(all, of)
		}
	}
	slices.SortFunc(all, func(a, b amount) int {
		return cmp.Or(cmp.Compare(a.field, b.field), cmp.Compare(a.file, b.file), cmp.Compare(a.year, b.year))
	})
	for i, first := 1, 0; i < len(all); i++ {
		if all[i].field != all[first].field {
			first = i
			continue
		}
		f := &g.schema.Fields[all[i].field]
		m, median := g.amounts[all[i]].median(), g.amounts[all[first]].median()
		for _, slip := range slips[f.Unit] {
			ratio := max(m/median, median/m) / slip.times
			if ratio > slip.within || ratio < 1/slip.within {
				continue
			}
			a, b := named(files, all[first], all[i]), named(files, all[i], all[first])
			return fmt.Errorf("read %s: table %s, column %s: the median of %s is about %s %s, that of %s about %s, some %.0f times apart: one of them is in another unit; put the unit into its header, as in %s（%s）, or declare it in mapping.yaml",
				dir, g.schema.Name, f.Name, a, rounded(median), f.Unit, b, rounded(m), slip.times, f.Name, f.Unit.Label())
		}
	}
	return nil
}

// named is what a message calls amounts that are compared with others: their file, and
// their year where both are of one.
func named(files []File, a, other amount) string {
	if a.file == other.file {
		return fmt.Sprintf("%d in %s", a.year, files[a.file].Name)
	}
	return files[a.file].Name
}

func rounded(v float64) string {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	return strconv.FormatFloat(short, 'f', -1, 64)
}
