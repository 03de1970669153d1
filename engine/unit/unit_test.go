package unit_test

import (
	"testing"

	"github.com/muscope-gis/muscope/engine/unit"
)

func TestUnitsConvertByExactFactors(t *testing.T) {
	for _, c := range []struct {
		from, to unit.Unit
		mul, div float64
	}{
		{unit.MuUnit, unit.SquareMetre, 2000, 3},
		{unit.SquareMetre, unit.MuUnit, 3, 2000},
		{unit.Hectare, unit.MuUnit, 15, 1},
		{unit.SquareKM, unit.MuUnit, 1500, 1},
		{unit.Hectare, unit.SquareMetre, 10_000, 1},
		{unit.WanSquareMetre, unit.Hectare, 1, 1},
		{unit.Yuan, unit.WanYuan, 1, 10_000},
		{unit.YiYuan, unit.WanYuan, 10_000, 1},
		{unit.WanKWh, unit.KWh, 10_000, 1},
		{unit.Kilogram, unit.Tonne, 1, 1000},
		{unit.Percent, unit.Ratio, 1, 100},
		{unit.SquareFoot, unit.SquareMetre, 145161, 1_562_500}, // 0.09290304
		{unit.WanYuan, unit.WanYuan, 1, 1},
	} {
		mul, div, ok := unit.Factor(c.from, c.to)
		if !ok || mul != c.mul || div != c.div {
			t.Errorf("%s to %s: %v ÷ %v %t, want %v ÷ %v", c.from, c.to, mul, div, ok, c.mul, c.div)
		}
	}
}

func TestUnitsOfDifferentThingsDoNotConvert(t *testing.T) {
	for _, c := range [][2]unit.Unit{
		{unit.MuUnit, unit.WanYuan}, {unit.WanYuan, unit.WanDollar}, {unit.KWh, unit.TCE}, {unit.CubicMetre, unit.Tonne},
		{unit.SquareMetre, unit.None}, {"furlong", unit.Metre}, {unit.Ratio, unit.None},
	} {
		if mul, div, ok := unit.Factor(c[0], c[1]); ok {
			t.Errorf("%s to %s: %v ÷ %v", c[0], c[1], mul, div)
		}
	}
}

func TestUnitsAreReadAsDepartmentsWriteThem(t *testing.T) {
	for text, want := range map[string]unit.Unit{
		"万元": unit.WanYuan, "元": unit.Yuan, "亿元": unit.YiYuan, "亩": unit.MuUnit, "㎡": unit.SquareMetre, "m²": unit.SquareMetre,
		"平方米": unit.SquareMetre, "公顷": unit.Hectare, "hm²": unit.Hectare, "平方公里": unit.SquareKM, "万千瓦时": unit.WanKWh,
		"度": unit.KWh, "吨标准煤": unit.TCE, "吨": unit.Tonne, "立方米": unit.CubicMetre, "人": unit.Person, "%": unit.Percent,
		"wan_yuan": unit.WanYuan, "mu": unit.MuUnit, "m2": unit.SquareMetre, "sqft": unit.SquareFoot, "万美元": unit.WanDollar,
	} {
		if got, ok := unit.Parse(text); !ok || got != want {
			t.Errorf("%s: %q %t, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "斤", "万", "万亩元"} {
		if got, ok := unit.Parse(text); ok {
			t.Errorf("%q passes as %s", text, got)
		}
	}
}

func TestEveryLabelReadsBackAsItsUnit(t *testing.T) {
	for _, u := range []unit.Unit{
		unit.SquareMetre, unit.MuUnit, unit.Hectare, unit.SquareKM, unit.SquareFoot, unit.Yuan, unit.WanYuan, unit.YiYuan,
		unit.WanDollar, unit.KWh, unit.WanKWh, unit.TCE, unit.Tonne, unit.Kilogram, unit.CubicMetre, unit.WanCubicMetre,
		unit.Gigajoule, unit.Person, unit.Metre, unit.WanYuanPerMu, unit.Degree, unit.Day, unit.WanSquareMetre, unit.Percent,
	} {
		if got, ok := unit.Parse(u.Label()); !ok || got != u || !unit.Known(u) {
			t.Errorf("%s is labelled %q, which reads as %q", u, u.Label(), got)
		}
	}
	if unit.None.Label() != "" || unit.Ratio.Label() != "" || unit.Known("furlong") {
		t.Error("a plain number or a ratio has a label, or a furlong is known")
	}
}

func TestEverySpellingOfAUnitIsRead(t *testing.T) {
	for _, u := range []unit.Unit{unit.MuUnit, unit.SquareMetre, unit.WanYuan, unit.KWh, unit.WanYuanPerMu, unit.Percent} {
		spellings := u.Spellings()
		if len(spellings) < 2 {
			t.Errorf("%s: %q", u, spellings)
		}
		for _, s := range spellings {
			if got, ok := unit.Parse(s); !ok || got != u {
				t.Errorf("%q is %s %v, want %s", s, got, ok, u)
			}
		}
	}
	if unit.Unit("furlong").Spellings() != nil {
		t.Error("a furlong is spelt")
	}
}
