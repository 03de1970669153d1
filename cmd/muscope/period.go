package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/muscope-gis/muscope/engine/unit"
)

// period is what an evaluation is about: a year, quarter or month, and the day the
// law is applied to.
type period struct {
	name string
	year int
	asOf unit.Date
}

// resolvePeriod fills in what was not given: the day is the last of the period, the
// period is the year, the year is the last full one ended by the day. With nothing
// given the day is today's.
func resolvePeriod(year int, name, asOf string) (period, error) {
	p := period{name: name, year: year}
	if year != 0 && (year < 1900 || year > 9998) {
		return p, fmt.Errorf("--year %d: a year like 2024", year)
	}
	day := unit.Date(math.MinInt32)
	if asOf != "" {
		d, ok := unit.ParseDate(asOf)
		if !ok {
			return p, fmt.Errorf("--as-of %s: a date like 2025-06-30", asOf)
		}
		day = d
	}
	if name != "" {
		last, err := lastDay(name)
		if err != nil {
			return p, err
		}
		if asOf == "" {
			day = last
		}
	}
	if asOf == "" && name == "" {
		if year != 0 {
			last, err := lastDay(strconv.Itoa(year))
			if err != nil {
				return p, err
			}
			day = last
		} else {
			y, m, d := time.Now().Date()
			day, _ = unit.NewDate(y, int(m), d)
		}
	}
	p.asOf = day
	if p.year == 0 {
		p.year = lastFullYear(day)
	}
	if p.year < 1900 || p.year > 9999 {
		return p, fmt.Errorf("--year %d: a year like 2024", p.year)
	}
	if p.name == "" {
		p.name = strconv.Itoa(p.year)
	}
	return p, nil
}

// lastFullYear is the last year that has ended by a day, 31 December included.
func lastFullYear(day unit.Date) int {
	y, m, d := day.Civil()
	if m == 12 && d == 31 {
		return y
	}
	return y - 1
}

// lastDay is the last day of 2024, 2024Q3 or 2024-09.
func lastDay(name string) (unit.Date, error) {
	bad := fmt.Errorf("--period %s: 2024, 2024Q3 or 2024-09", name)
	if len(name) < 4 {
		return 0, bad
	}
	year, err := number(name[:4])
	month := 12
	rest := name[4:]
	switch {
	case rest == "":
	case len(rest) == 2 && (rest[0] == 'Q' || rest[0] == 'q') && rest[1] >= '1' && rest[1] <= '4':
		month = 3 * int(rest[1]-'0')
	case len(rest) == 3 && strings.HasPrefix(rest, "-"):
		var bad2 error
		month, bad2 = number(rest[1:])
		err = errors.Join(err, bad2)
	default:
		return 0, bad
	}
	if err != nil || month < 1 || month > 12 || year < 1900 {
		return 0, bad
	}
	first, ok := unit.NewDate(year+month/12, month%12+1, 1)
	if !ok {
		return 0, bad
	}
	return first - 1, nil
}

// number reads digits, without a sign.
func number(digits string) (int, error) {
	n, err := strconv.ParseUint(digits, 10, 16)
	return int(n), err
}

// parseBytes reads 4GiB, 512MB, 1e9 or plain bytes.
func parseBytes(s string) (int64, error) {
	units := []struct {
		name string
		size float64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
		{"k", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"B", 1}}
	size := 1.0
	for _, u := range units {
		if cut, ok := strings.CutSuffix(s, u.name); ok {
			s, size = cut, u.size
			break
		}
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || !(v*size >= 64<<20 && v*size < 1<<60) {
		return 0, errors.New("a size of at least 64MiB, like 4GiB")
	}
	return int64(v * size), nil
}
