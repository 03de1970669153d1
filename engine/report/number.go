package report

import (
	"html/template"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/unit"
)

// functions are what the template prints with.
var functions = template.FuncMap{
	"mu":      func(v int64) string { return decimal(v, 4, 2) },
	"money":   func(v int64) string { return decimal(v, 4, 2) },
	"count":   func(v any) string { return grouped(whole(v)) },
	"percent": percent,
	"word":    word,
	"ratio":   func(n number) string { return n.show(6, 2) },
	"area":    func(n number) string { return n.show(4, 2) },
	"sum":     func(a, b int64) int64 { return a + b },
}

// number is a figure that may be missing.
type number struct {
	V  int64
	OK bool
}

// show prints a number with so many decimals, cut to fewer; a dash when it is missing.
func (n number) show(decimals, keep int) string {
	if !n.OK {
		return "—"
	}
	return decimal(n.V, decimals, keep)
}

// Or is the number, or a dash.
func (n number) String() string { return n.show(0, 0) }

func whole(v any) string {
	switch n := v.(type) {
	case int:
		return strconv.Itoa(n)
	case int64:
		return strconv.FormatInt(n, 10)
	}
	return ""
}

// decimal is v ÷ 10^decimals with so many decimals kept, half away from zero, and a
// comma between thousands.
func decimal(v int64, decimals, keep int) string {
	half := int64(1)
	for range decimals - keep {
		half *= 10
	}
	if half > 1 {
		up := half / 2
		if v < 0 {
			up = -up
		}
		v = (v + up) / half
	}
	return exact(big.NewInt(v), min(keep, decimals))
}

// exact is v ÷ 10^decimals with all of them.
func exact(v *big.Int, decimals int) string {
	digits := new(big.Int).Abs(v).String()
	if n := decimals + 1 - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	text := grouped(digits[:len(digits)-decimals])
	if decimals > 0 {
		text += "." + digits[len(digits)-decimals:]
	}
	if v.Sign() < 0 && strings.Trim(digits, "0") != "" {
		return "−" + text
	}
	return text
}

// grouped puts a comma between thousands.
func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// percent is a part of a whole.
func percent(part, of int64) string {
	if of == 0 {
		return "—"
	}
	v := math.Round(float64(part)/float64(of)*1000) / 10
	return strings.Replace(strconv.FormatFloat(v+0, 'f', 1, 64), "-", "−", 1) + "%"
}

// perMu is money (1e-4 万元) ÷ land (1e-4 亩) in millionths.
func perMu(money, land int64) number {
	if land <= 0 {
		return number{}
	}
	v := math.Round(float64(money) / float64(land) * 1e6)
	return number{int64(v), math.Abs(v) < 1<<62}
}

// term is a word in both languages.
type term struct{ Zh, En string }

// wordSets are where words are looked for, in this order.
var wordSets = []string{"found.", "account.", "verdict.", "idle_kind.", "delay_cause.", "mix_class.", "scope.", "kind.", "state.", "supply_state."}

// word is how people call what the tables name: of a set, or of the first that has it.
func word(set, name string) term {
	sets := wordSets
	if set != "" {
		sets = append([]string{set + "."}, wordSets...)
	}
	if own, ok := words[name]; ok && set == "" {
		return own
	}
	for _, s := range sets {
		if zh := fields.Word(s+name, "zh"); zh != s+name {
			return term{zh, strings.ReplaceAll(fields.Word(s+name, "en"), "_", " ")}
		}
	}
	if own, ok := words[name]; ok {
		return own
	}
	return term{name, ""}
}

// tableName is what an input table is called.
func tableName(name string) term {
	if zh, en := fields.TableLabel(name); zh != "" {
		return term{zh, en}
	}
	return term{name, ""}
}

// words are those that only the report uses.
var words = map[string]term{
	"read": {"读入", "read"}, "used": {"采用", "used"}, "rejected": {"剔除", "rejected"}, "matched": {"对应到企业", "found their enterprise"},
	"code_matched": {"按信用代码对应", "by credit code"}, "on_parcels": {"落在宗地上", "on parcels"},
	"no_occupant": {"无用地企业", "no enterprise on it"}, "no_scheme": {"本次未分级", "no grading in this run"},
	"no_register": {"无企业名录", "no register of enterprises"}, "at_risk": {"即将闲置", "about to become idle"},
	"underused": {"低效（未闲置）", "underused, not idle"}, "other": {"其他", "neither"},
	"outside": {"园区外", "outside all zones"}, "share_rounding": {"跨区宗地分摊舍入", "rounding of shares in several zones"},
	"owned": {"自有", "owned"}, "occupied": {"占用", "occupied"}, "leased_in": {"租入", "leased in"}, "leased_out": {"租出（扣除）", "leased out, taken off"},
	"parcels": {"宗地面积", "land of parcels"}, "land": {"企业实际用地", "land in use by enterprises"}, "tenancies": {"用地关系面积", "area of tenancies"},
	"tax": {"税收", "tax"}, "sales": {"主营业务收入", "sales"}, "output": {"产值", "output"},
	"use": {"是否采用", "used or not"}, "reason": {"剔除原因", "reason"}, "grade": {"等级或未评原因", "grade, or why none"},
	"zone": {"所在园区（跨区按面积分摊）", "zone, by share"}, "state": {"利用状态", "state"}, "mix_class": {"用途", "class of use"},
	"kind": {"用地方式", "how it is had"}, "partner": {"是否对应到企业", "whether its enterprise was found"},
	"how": {"如何对应", "how it was found"}, "year": {"年度", "year"},
	"unknown": {"用途不明", "unknown"}, "parcel_rejected": {"部分落在被剔除宗地", "partly on rejected parcels"},
	"A": {"A 类", "grade A"}, "B": {"B 类", "grade B"}, "C": {"C 类", "grade C"}, "D": {"D 类", "grade D"}, "T": {"T 类（不参评）", "class T, not graded"},
}

// unitLabel is a unit as people write it, in Chinese.
func unitLabel(id string) string {
	switch id {
	case "", "ratio", "yes", "count", "rank":
		return ""
	case "month":
		return "个月"
	}
	return unit.LabelOf(id)
}
