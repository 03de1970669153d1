package indicate

import "math"

// Indicator is a ratio of two quantities of an enterprise and year:
// numerator × Mul ÷ (denominator × Div). The factors are whole numbers that turn fen
// and 1e-4 m² into the indicator's unit.
type Indicator struct {
	ID                     string
	Numerator, Denominator Quantity
	Mul, Div               float64
}

// fenPerWanYuan is the fen in 万元: 10 000 yuan.
const fenPerWanYuan = 1e6

// catalogue holds the indicators. A mu is 2000/3 m², or 2e7/3 of land's 1e-4 m², so
// fen × 20 ÷ (land × 3) is 万元/亩.
var catalogue = []Indicator{
	{"tax_per_mu", Tax, Land, 20, 3},                                       // 亩均税收, 万元/亩
	{"sales_per_mu", Sales, Land, 20, 3},                                   // 亩均销售, 万元/亩
	{"output_per_mu", Output, Land, 20, 3},                                 // 亩均产值, 万元/亩
	{"value_added_per_mu", ValueAdded, Land, 20, 3},                        // 亩均增加值, 万元/亩
	{"investment_per_mu", Investment, Land, 20, 3},                         // 投资强度, 万元/亩
	{"sales_per_tce", Sales, Energy, 1, fenPerWanYuan},                     // 单位能耗销售收入, 万元/tce
	{"value_added_per_tce", ValueAdded, Energy, 1, fenPerWanYuan},          // 单位能耗增加值, 万元/tce
	{"tax_per_tce", Tax, Energy, 1, fenPerWanYuan},                         // 单位能耗税收, 万元/tce
	{"tax_per_kwh", Tax, Electricity, 1, 100},                              // 单位用电税收, 元/kWh
	{"sales_per_pollutant", Sales, Emissions, 1, fenPerWanYuan},            // 单位污染物排放销售收入, 万元/t
	{"value_added_per_pollutant", ValueAdded, Emissions, 1, fenPerWanYuan}, // 单位排放增加值, 万元/t
	{"rd_intensity", RD, Sales, 1, 1},                                      // 研发经费投入强度, ratio
	{"labour_productivity", ValueAdded, Employees, 1, fenPerWanYuan},       // 全员劳动生产率, 万元/人
	{"energy_per_value_added", Energy, ValueAdded, fenPerWanYuan, 1},       // 单位增加值能耗, tce/万元
	{"water_per_value_added", Water, ValueAdded, fenPerWanYuan, 1},         // 单位增加值水耗, m³/万元
}

// Catalogue lists the indicators of enterprises. The slice is shared; it is not to be
// changed.
func Catalogue() []Indicator { return catalogue }

// Find is the indicator of an id; ok is false when there is none.
func Find(id string) (i Indicator, ok bool) {
	for _, i := range catalogue {
		if i.ID == id {
			return i, true
		}
	}
	return Indicator{}, false
}

var missing = math.NaN()

// mostValue is the largest value of an indicator, of either sign: what is beyond it
// cannot be printed with six decimals, and is no figure of this world.
const mostValue = 9e12

// Value is the indicator of one pair of quantities, or of a group's sums. It is NaN
// without both, without a positive denominator, or when it is beyond all measure: never
// a 0 for want of a figure, and never infinite.
func (i Indicator) Value(numerator, denominator float64) float64 {
	d := denominator * i.Div
	v := numerator * i.Mul / d
	if d <= 0 || d > math.MaxFloat64 || math.Abs(v) > mostValue {
		return missing
	}
	return v // NaN when one of them is
}

// Values is the indicator of every enterprise, in the unit of its catalogue; NaN
// where it is missing.
func (i Indicator) Values(q *Quantities) []float64 {
	values := make([]float64, q.Len())
	numerators, denominators := q[i.Numerator], q[i.Denominator]
	both := min(len(numerators), len(denominators))
	numerators, denominators = numerators[:both], denominators[:both]
	for e, numerator := range numerators {
		values[e] = i.Value(numerator, denominators[e])
	}
	for e := both; e < len(values); e++ {
		values[e] = missing
	}
	return values
}

// Why is the reason for which enterprise e has no value, one word for programs: a
// quantity's name and _missing, or the denominator's and _zero or _negative
// (land_not_positive for land); value_too_large when it is beyond all measure. The
// numerator is looked at first. Empty when there is a value.
func (i Indicator) Why(q *Quantities, e int) string {
	numerator, denominator := q.at(i.Numerator, e), q.at(i.Denominator, e)
	switch {
	case math.IsNaN(numerator):
		return i.Numerator.String() + "_missing"
	case math.IsNaN(denominator):
		return i.Denominator.String() + "_missing"
	case denominator <= 0 && i.Denominator == Land:
		return "land_not_positive"
	case denominator == 0:
		return i.Denominator.String() + "_zero"
	case denominator < 0:
		return i.Denominator.String() + "_negative"
	case math.IsNaN(i.Value(numerator, denominator)):
		return "value_too_large"
	}
	return ""
}

// maxMillionths is the largest figure that is written: every whole number up to it is
// a float64 too.
const maxMillionths = 9e15

// Millionths is v in 1e-6, rounded half away from zero: what layers and tables print
// with six decimals. ok is false for what is no number or beyond 9e18 millionths.
func Millionths(v float64) (millionths int64, ok bool) {
	rounded := math.Round(v * 1e6)
	if !(math.Abs(rounded) <= maxMillionths) {
		return 0, false
	}
	return int64(rounded), true
}
