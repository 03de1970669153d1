package grade_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/grade"
)

// fill makes the figures of the scheme's indicators from the table of enterprises.
func (s *scenario) fill(head []string) {
	last := slices.ContainsFunc(head, func(h string) bool { return strings.HasPrefix(h, "last_") })
	for g := range s.scheme.Groups {
		for _, it := range s.scheme.Groups[g].Items {
			if slices.ContainsFunc(s.figures, func(f grade.Figure) bool { return f.Indicator == it.Indicator }) {
				continue
			}
			f := grade.Figure{Indicator: it.Indicator, Mul: 1, Div: 1}
			part, named := parts[it.Indicator]
			if _, given := s.numbers[it.Indicator]; !given && named {
				f.Of, f.Per = part[0], part[1]
				if f.Per == "land" { // money in fen, land in 1e-4 mu
					f.Mul, f.Div = 1e4, 1e6
				}
			}
			f.This = s.ratio(&f, "")
			if last {
				f.Last = s.ratio(&f, "last_")
			}
			s.figures = append(s.figures, f)
		}
	}
}

func (s *scenario) ratio(f *grade.Figure, year string) (r grade.Ratio) {
	at := func(name string, i int) float64 {
		if column := s.numbers[year+name]; column != nil {
			return column[i]
		}
		return math.NaN()
	}
	for i := range s.e.Code {
		num, den := at(f.Indicator, i), 1.0
		if f.Of != "" {
			num, den = at(f.Of, i), at(f.Per, i)
			if f.Per == "land" {
				if den = s.mu[i]; year != "" && s.numbers["last_mu"] != nil {
					den = at("mu", i)
				}
				num, den = math.Round(num*1e6), math.Round(den*1e4)
			}
		}
		value := math.NaN()
		if den > 0 {
			value = num * f.Mul / (den * f.Div)
		}
		r.Value, r.Numerator, r.Denominator = append(r.Value, value), append(r.Numerator, num), append(r.Denominator, den)
	}
	return r
}

// compare holds a result against one expected table.
func (s *scenario) compare(r *grade.Result, name string, want [][]string) {
	s.t.Helper()
	switch name {
	case "expect":
		for _, row := range want[1:] {
			for k, column := range want[0] {
				if got := s.cell(r, int(s.code(row[0])), column); got != row[k] {
					s.t.Errorf("%s: %s: %s is %s, want %s", s.file, row[0], column, got, row[k])
				}
			}
		}
	case "expect pools":
		if len(want)-1 != len(r.Pools) {
			s.t.Errorf("%s: %d pools, want %d: %v", s.file, len(r.Pools), len(want)-1, r.Pools)
			return
		}
		for p, row := range want[1:] {
			for k, column := range want[0] {
				value := row[k]
				if k == len(want[0])-1 { // text with spaces
					value = strings.Join(row[k:], " ")
				}
				if got := poolCell(&r.Pools[p], column); got != value {
					s.t.Errorf("%s: pool %d: %s is %s, want %s", s.file, p, column, got, value)
				}
			}
		}
	case "expect reasons":
		for _, line := range want {
			code, text, _ := strings.Cut(line[0], ":")
			if got := string(r.AppendReasons(nil, int(s.code(code)))); got != strings.TrimSpace(text) {
				s.t.Errorf("%s: reasons of %s:\n got %s\nwant%s", s.file, code, got, text)
			}
		}
	case "expect counts":
		var n [6]int
		for _, g := range r.Final {
			n[g]++
		}
		if got := fmt.Sprintf("A %d, B %d, C %d, D %d", n[grade.A], n[grade.B], n[grade.C], n[grade.D]); got != want[0][0] {
			s.t.Errorf("%s: %s, want %s", s.file, got, want[0][0])
		}
	default:
		s.fatal("%q is not something to expect", name)
	}
}

// cell is a column of the result of an enterprise as text, "-" for nothing.
func (s *scenario) cell(r *grade.Result, e int, column string) string {
	pool := grade.Pool{}
	if p := r.Pool[e]; p >= 0 {
		pool = r.Pools[p]
	}
	figure := func(prefix string) int {
		name := strings.TrimPrefix(column, prefix)
		i := slices.IndexFunc(s.figures, func(f grade.Figure) bool { return f.Indicator == name })
		if i < 0 {
			s.fatal("no figure %s", name)
		}
		return i
	}
	switch {
	case column == "code":
		return s.e.Code[e]
	case column == "pool":
		return dash(pool.Name)
	case column == "of":
		return strconv.Itoa(pool.N)
	case column == "why":
		return dash(r.Why[e].String())
	case column == "bonus":
		return decimal(r.Bonus[e])
	case column == "penalty":
		return decimal(r.Penalty[e])
	case column == "total":
		return decimal(r.Total[e])
	case column == "rank":
		return strconv.Itoa(int(r.Rank[e]))
	case column == "initial":
		return dash(r.Initial[e].String())
	case column == "grade":
		return dash(r.Final[e].String())
	case column == "unit":
		return s.e.Code[r.Unit[e]]
	case strings.HasPrefix(column, "score_"):
		v, ok := r.Score(e, figure("score_"))
		if !ok {
			return "-"
		}
		return decimal(math.Round(v*1e6) / 1e6)
	case strings.HasPrefix(column, "missing_"):
		return dash(string(r.Missing(e, figure("missing_"))))
	case strings.HasPrefix(column, "value_"):
		return decimal(math.Round(r.Value(e, figure("value_"))*1e6) / 1e6)
	}
	s.fatal("no result is called %s", column)
	return ""
}

func poolCell(p *grade.Pool, column string) string {
	fact, indicator, _ := strings.Cut(column, ":")
	if i := slices.IndexFunc(p.Items, func(f grade.ItemFacts) bool { return f.Item.Indicator == indicator }); i >= 0 {
		f := &p.Items[i]
		v := map[string]float64{"benchmark": f.Benchmark, "min": f.Min, "max": f.Max, "mean_score": f.MeanScore, "have": float64(f.Have)}[fact]
		return decimal(math.Round(v*1e6) / 1e6)
	}
	switch column {
	case "name":
		return p.Name
	case "n":
		return strconv.Itoa(p.N)
	case "exempt":
		return strconv.Itoa(p.Exempt)
	case "last":
		return fmt.Sprintf("%d/%d/%d", p.Last[0], p.Last[1], p.Last[2])
	case "least":
		return decimal(p.Least[0]) + "/" + decimal(p.Least[1]) + "/" + decimal(p.Least[2])
	case "why":
		return dash(p.Why.String())
	case "detail":
		return dash(p.Detail)
	}
	return "no fact is called " + column
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func decimal(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
