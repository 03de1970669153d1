// Package unit holds the quantities an evaluation counts in: areas as integers,
// civil dates, and the units that columns carry, with exact conversions.
//
// It converts and rounds; it does not read text with mixed units, know any
// indicator, or decide anything.
package unit

import (
	"cmp"
	"math/big"
	"strings"
)

// Unit names what a column's numbers count. The zero value is a plain number.
type Unit string

// The units of DATA's columns and of the headers people write.
const (
	None           Unit = ""
	SquareMetre    Unit = "m2"
	MuUnit         Unit = "mu"
	Hectare        Unit = "ha"
	SquareKM       Unit = "km2"
	SquareFoot     Unit = "sqft"
	Yuan           Unit = "yuan"
	QianYuan       Unit = "qian_yuan"
	WanYuan        Unit = "wan_yuan"
	YiYuan         Unit = "yi_yuan"
	WanDollar      Unit = "wan_usd"
	KWh            Unit = "kwh"
	WanKWh         Unit = "wan_kwh"
	TCE            Unit = "tce"
	Tonne          Unit = "t"
	Kilogram       Unit = "kg"
	CubicMetre     Unit = "m3"
	WanCubicMetre  Unit = "wan_m3"
	Gigajoule      Unit = "gj"
	Person         Unit = "person"
	Ratio          Unit = "ratio"
	Metre          Unit = "m"
	WanYuanPerMu   Unit = "wan_yuan_per_mu"
	Degree         Unit = "degree"
	Day            Unit = "day"
	WanSquareMetre Unit = "wan_m2"
	Percent        Unit = "percent"
)

// kind says which units measure the same thing and how many base units each is.
type kind struct {
	base Unit
	size *big.Rat
}

func rat(n, d int64) *big.Rat { return big.NewRat(n, d) }

var kinds = map[Unit]kind{
	SquareMetre:    {SquareMetre, rat(1, 1)},
	WanSquareMetre: {SquareMetre, rat(10_000, 1)},
	MuUnit:         {SquareMetre, rat(2000, 3)},
	Hectare:        {SquareMetre, rat(10_000, 1)},
	SquareKM:       {SquareMetre, rat(1_000_000, 1)},
	SquareFoot:     {SquareMetre, rat(9290304, 100_000_000)},
	Yuan:           {Yuan, rat(1, 1)},
	QianYuan:       {Yuan, rat(1000, 1)},
	WanYuan:        {Yuan, rat(10_000, 1)},
	YiYuan:         {Yuan, rat(100_000_000, 1)},
	WanDollar:      {WanDollar, rat(1, 1)},
	KWh:            {KWh, rat(1, 1)},
	WanKWh:         {KWh, rat(10_000, 1)},
	TCE:            {TCE, rat(1, 1)},
	Tonne:          {Kilogram, rat(1000, 1)},
	Kilogram:       {Kilogram, rat(1, 1)},
	CubicMetre:     {CubicMetre, rat(1, 1)},
	WanCubicMetre:  {CubicMetre, rat(10_000, 1)},
	Gigajoule:      {Gigajoule, rat(1, 1)},
	Person:         {Person, rat(1, 1)},
	Ratio:          {Ratio, rat(1, 1)},
	Percent:        {Ratio, rat(1, 100)},
	Metre:          {Metre, rat(1, 1)},
	WanYuanPerMu:   {WanYuanPerMu, rat(1, 1)},
	Degree:         {Degree, rat(1, 1)},
	Day:            {Day, rat(1, 1)},
}

// Known says whether u is one of the package's units.
func Known(u Unit) bool {
	_, ok := kinds[u]
	return ok || u == None
}

// Factor is what a number in from is multiplied with and then divided by to be in
// to: two exact integers, so that v·mul/div rounds once or twice and no more. ok
// is false when the two do not measure the same thing.
func Factor(from, to Unit) (mul, div float64, ok bool) {
	if from == to {
		return 1, 1, true
	}
	a, okA := kinds[from]
	b, okB := kinds[to]
	if !okA || !okB || a.base != b.base {
		return 0, 0, false
	}
	q := new(big.Rat).Quo(a.size, b.size)
	mul, _ = new(big.Float).SetInt(q.Num()).Float64()
	div, _ = new(big.Float).SetInt(q.Denom()).Float64()
	return mul, div, true
}

// Varies says whether amounts are also given in other units than u, so that a number
// without one may mean several things. A ratio does not: what is a percentage is shown
// as one.
func (u Unit) Varies() bool {
	of, known := kinds[u]
	if !known || u == Ratio {
		return false
	}
	for other, k := range kinds {
		if other != u && k.base == of.base {
			return true
		}
	}
	return false
}

// labels are the ways people write units in headers and reports.
var labels = []struct {
	u  Unit
	zh string
	as []string
}{
	{SquareMetre, "m²", []string{"㎡", "平方米", "平米", "m2"}},
	{WanSquareMetre, "万m²", []string{"万㎡", "万平方米"}},
	{MuUnit, "亩", []string{"mu"}},
	{Hectare, "公顷", []string{"ha", "hm²", "hm2"}},
	{SquareKM, "km²", []string{"平方公里", "平方千米", "km2"}},
	{SquareFoot, "平方英尺", []string{"sqft"}},
	{Yuan, "元", []string{"yuan"}},
	{QianYuan, "千元", []string{"qian_yuan"}},
	{WanYuan, "万元", []string{"wan_yuan"}},
	{YiYuan, "亿元", []string{"yi_yuan"}},
	{WanDollar, "万美元", []string{"wan_usd"}},
	{KWh, "kWh", []string{"千瓦时", "度", "kwh"}},
	{WanKWh, "万kWh", []string{"万千瓦时", "万度", "wan_kwh"}},
	{TCE, "tce", []string{"吨标准煤", "吨标煤"}},
	{Tonne, "t", []string{"吨"}},
	{Kilogram, "kg", []string{"千克", "公斤"}},
	{CubicMetre, "m³", []string{"立方米", "方", "m3", "吨水"}},
	{WanCubicMetre, "万m³", []string{"万立方米", "万方"}},
	{Gigajoule, "GJ", []string{"吉焦", "gj"}},
	{Person, "人", []string{"person"}},
	{Percent, "%", []string{"％"}},
	{Metre, "m", []string{"米"}},
	{WanYuanPerMu, "万元/亩", nil},
	{Degree, "°", nil},
	{Day, "天", []string{"日"}},
}

// Parse reads a unit as it stands in a header's bracket or in a mapping:
// 万元, ㎡, 亩, wan_yuan.
func Parse(s string) (Unit, bool) {
	for _, l := range labels {
		if s == l.zh || s == string(l.u) {
			return l.u, true
		}
		for _, a := range l.as {
			if s == a {
				return l.u, true
			}
		}
	}
	return None, false
}

// Spellings are the ways that Parse knows of writing the unit.
func (u Unit) Spellings() []string {
	for _, l := range labels {
		if l.u == u {
			return append([]string{string(u), l.zh}, l.as...)
		}
	}
	return nil
}

// Label is how reports, dictionaries and QGIS write the unit; empty for a plain
// number or a ratio.
func (u Unit) Label() string {
	for _, l := range labels {
		if l.u == u {
			return l.zh
		}
	}
	return ""
}

// LabelOf is the Chinese label of a unit by its name; one of two with _per_ between is
// written with a stroke. A name that is no unit's is its own label.
func LabelOf(name string) string {
	parts := strings.Split(name, "_per_")
	for i, p := range parts {
		parts[i] = cmp.Or(Unit(p).Label(), p)
	}
	return cmp.Or(Unit(name).Label(), strings.Join(parts, "/"))
}
