// Package phrase puts into Chinese words what tables say in a form that programs read:
// why an enterprise has its grade, what makes land underused, figures with their units
// and bounds, what is missing. What no pattern knows stands as it is.
//
// It decides and computes nothing, and reads no table.
package phrase

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/unit"
)

// named is what a column, indicator or fact is called.
func named(id string) string {
	for _, table := range []string{"indicators", "land", "parcels", "zones"} {
		if zh, _ := fields.Label(table, id); zh != "" {
			return zh
		}
	}
	for _, table := range []string{"parcels", "enterprises", "projects", "output", "tax", "energy", "emissions"} {
		if zh, _ := fields.InputLabel(table, id); zh != "" {
			return zh
		}
	}
	if zh, ok := factNames[id]; ok {
		return zh
	}
	return id
}

// factNames are the facts of conditions that are no column.
var factNames = map[string]string{
	"grade_before": "上年等级", "class": "三类用地归类", "new_on": "新增日期", "built": "已建成", "tax_this_year": "当年税收", "tax_last_year": "上年税收",
	"years_past_finish": "超约定竣工年数", "investment_done": "投资完成比例", "zone_role": "开发区角色", "zone_level": "开发区级别",
	"own_land": "单独用地", "signed_year": "签约年度", "energy_per_mu": "亩均能耗", "registered_in_time": "按期登记", "started_in_time": "按期开工",
	"newly_started": "当年新开工", "producing": "已投产", "above_scale": "规上",
}

// GradeReasons puts the reasons of a grade into words.
func GradeReasons(s string) string {
	parts := strings.Split(s, "; ")
	for i, p := range parts {
		parts[i] = gradeReason(p)
	}
	return strings.Join(parts, "；")
}

var (
	missingPart = regexp.MustCompile(`^(missing|missing ([a-z_0-9]+)|missing ([a-z_0-9]+) and ([a-z_0-9]+)|([a-z_0-9]+) not positive): ([a-z_0-9]+) (scored (-?[0-9.]+)|left out, other weights x ([0-9.]+)) \(([a-z_]+)\)$`)
	newPart     = regexp.MustCompile(`^([a-z_]+) (\d{4}-\d\d-\d\d) after (\d{4}-\d\d-\d\d)$`)
	adjusted    = regexp.MustCompile(`^(bonus|penalty|veto|floor|fix|manual) (.*)$`)
	ownerPart   = regexp.MustCompile(`^owner (\S+): ([A-DT])$`)
)

func gradeReason(p string) string {
	if m := missingPart.FindStringSubmatch(p); m != nil {
		return missingScored(m)
	}
	if m := adjusted.FindStringSubmatch(p); m != nil {
		return Word("template.choice.adjustments.kind", m[1]) + " " + effects().Replace(m[2])
	}
	if m := ownerPart.FindStringSubmatch(p); m != nil {
		return "随出租方 " + m[1] + " 评为 " + m[2]
	}
	why, detail, _ := strings.Cut(p, ": ")
	label := Word("explain.why", why)
	if label == why {
		return p
	}
	if detail == "" {
		return label
	}
	if m := newPart.FindStringSubmatch(detail); m != nil {
		return label + "（" + named(m[1]) + " " + m[2] + "，晚于 " + m[3] + "）"
	}
	asked := strings.Split(detail, ", ")
	for i, a := range asked {
		asked[i] = askedPart(a)
	}
	return label + "（" + strings.Join(asked, "，") + "）"
}

// effects puts what an adjustment did into words.
var effects = sync.OnceValue(func() *strings.Replacer {
	pairs := []string{": no effect", "：不改变等级", ": not applied", "：不适用"}
	for _, kind := range []string{"veto", "floor", "fix", "manual"} {
		name := Word("template.choice.adjustments.kind", kind)
		for _, lead := range [][2]string{{", held by ", "，受限于"}, {", overrides ", "，推翻"}, {" and ", "和"}} {
			pairs = append(pairs, lead[0]+kind+" ", lead[1]+name+" ")
		}
	}
	return strings.NewReplacer(append(pairs, " -> ", " → ", ": ", "：")...)
})

// askedPart is what a group asks, as the enterprise has it.
func askedPart(a string) string {
	if mu, ok := strings.CutSuffix(a, " mu"); ok {
		return "用地 " + mu + " 亩"
	}
	name, v, ok := strings.Cut(a, " ")
	if !ok {
		return a
	}
	label := map[string]string{"above_scale": "规上", "industry": "行业代码", "zone": "开发区", "county": "县区", "tags": "标签"}[name]
	if label == "" {
		return a
	}
	if found := map[string]string{"empty": "未填", "yes": "是", "no": "否"}[v]; found != "" {
		v = found
	}
	return label + " " + v
}

func missingScored(m []string) string {
	var what string
	switch {
	case m[3] != "":
		what = "缺" + named(m[3]) + "、" + named(m[4])
	case m[2] != "":
		what = "缺" + named(m[2])
	case m[5] != "":
		what = named(m[5]) + "不为正"
	default:
		what = "缺数"
	}
	if m[9] != "" {
		return what + "，" + named(m[6]) + "不计，其余权重 × " + m[9]
	}
	return what + "，" + named(m[6]) + "计 " + m[8] + " 分"
}

// plain is a value of a condition: a number to two decimals, yes and no.
func plain(v string) string {
	switch v {
	case "true", "false":
		return YesNo(v == "true")
	case "missing":
		return "缺数"
	}
	if f, err := strconv.ParseFloat(v, 64); err == nil {
		return short(f)
	}
	return v
}

// short is a number to two decimals, or to three digits where it is small.
func short(f float64) string {
	if f > -1 && f < 1 && f != 0 {
		return strconv.FormatFloat(f, 'g', 3, 64)
	}
	s := strconv.FormatFloat(f, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

var comparisons = map[string]string{"<=": "≤", ">=": "≥", "!=": "≠", "in": "属于", "not_in": "不属于"}

func comparison(op string) string {
	if s, ok := comparisons[op]; ok {
		return s
	}
	return op
}

// Figures are several values of the scorecard in words, each by its unit.
func Figures(values, units string) string { return eachOf(values, units, figureText) }

// eachOf puts each of several figures into words, by its unit.
func eachOf(values, units string, say func(v, unit string) string) string {
	parts, by := strings.Split(values, ";"), strings.Split(units, ";")
	for i, p := range parts {
		u := by[0]
		if len(by) > 1 {
			u = ""
			if i < len(by) {
				u = by[i]
			}
		}
		parts[i] = say(p, u)
	}
	return strings.Join(parts, "；")
}

func figureText(v, u string) string {
	if name, rest, ok := strings.Cut(v, " "); ok && Word("space", name) != name {
		return Word("space", name) + " " + plain(rest)
	}
	if Word("idle_kind", v) != v {
		return Word("idle_kind", v)
	}
	f, err := strconv.ParseFloat(v, 64)
	switch {
	case err != nil:
		return plain(v)
	case u == "yes":
		return YesNo(f == 1)
	case u == string(unit.Ratio):
		return short(f*100) + "%"
	}
	return short(f)
}

// Bound is a bound of the scorecard in words: ≥ 63%.
func Bound(bound, units string) string {
	if bound == "" {
		return ""
	}
	return eachOf(bound, units, func(v, u string) string {
		if op, rest, ok := strings.Cut(v, " "); ok {
			if u == "yes" || rest == "true" || rest == "false" {
				return "应为" + figureText(rest, u)
			}
			return comparison(op) + " " + figureText(rest, u)
		}
		if from, to, ok := strings.Cut(v, ".."); ok {
			return figureText(from, u) + "–" + figureText(to, u)
		}
		return figureText(v, u)
	})
}

// Units are the units of figures; those that are told by their values are left out.
func Units(units string) string {
	var out []string
	for u := range strings.SplitSeq(units, ";") {
		if u == "" || u == "yes" || u == string(unit.Ratio) {
			continue
		}
		out = append(out, strings.Trim(Unit(u), "（）"))
	}
	return strings.Join(out, "；")
}

// Missing says what is missing: table/code/year/figure is named by its figure, a rule by
// what it is called.
func Missing(s string, rule func(id string) (title string, ok bool)) string {
	if s == "" {
		return ""
	}
	parts := strings.Split(s, ";")
	for i, p := range parts {
		if p == "previous run" {
			parts[i] = "上年运行"
			continue
		}
		if title, ok := rule(p); ok {
			parts[i] = title
			continue
		}
		at := strings.Split(p, "/")
		if len(at) == 1 {
			parts[i] = Wanting(p)
			continue
		}
		label, _ := fields.TableLabel(at[0])
		if label == "" {
			continue
		}
		id := at[len(at)-1]
		var name string
		if z, ok := fields.FindZoneIndicator(id); ok {
			name = z.Zh
		} else {
			name = named(id)
		}
		parts[i] = strings.TrimSpace(label + " " + name)
		if len(at) == 4 {
			parts[i] += "（" + at[2] + "）"
		}
	}
	return strings.Join(parts, "；")
}

// Wanting is a table, a column of it, or a value in it that a rule wants: table.column
// value.
func Wanting(s string) string {
	place, value, _ := strings.Cut(s, " ")
	table, field, _ := strings.Cut(place, ".")
	label, _ := fields.TableLabel(table)
	if label == "" {
		return s
	}
	if field != "" {
		zh, _ := fields.InputLabel(table, field)
		label += "的" + cmp.Or(zh, field)
	}
	return strings.TrimSpace(label + " " + value)
}

// Evidence reads the figures that an idle parcel's evidence gives: name=value, "; "
// between.
type Evidence func(i int) string

func (e Evidence) find(i int, name string) (string, bool) {
	for p := range strings.SplitSeq(e(i), "; ") {
		if v, ok := strings.CutPrefix(p, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

// Number is a figure of its own.
func (e Evidence) Number(name string) func(i int) any {
	return func(i int) any {
		if v, ok := e.find(i, name); ok {
			if f, err := strconv.ParseFloat(v, 64); err == nil {
				return f
			}
		}
		return nil
	}
}

// Ratio is a figure that stands behind its two parts: 2000/9000=0.222222 (<1/3 met).
func (e Evidence) Ratio(name string) func(i int) any {
	return func(i int) any {
		v, ok := e.find(i, name)
		if !ok {
			return nil
		}
		_, v, _ = strings.Cut(v, "=")
		v, _, _ = strings.Cut(v, " ")
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return f
		}
		return nil
	}
}

// Unit is a unit as heads show it: ratios are shown as percentages.
func Unit(name string) string {
	switch name {
	case "":
		return ""
	case string(unit.Ratio):
		return "%"
	}
	if id := "explain.unit." + name; fields.Word(id, "zh") != id {
		return fields.Word(id, "zh")
	}
	return unit.LabelOf(name)
}

// YesNo is yes or no.
func YesNo(v bool) string {
	if v {
		return fields.Word("answer.true", "zh")
	}
	return fields.Word("answer.false", "zh")
}

// Word is what a value is called; the value itself where nobody named it.
func Word(of, value string) string {
	if of == "" || value == "" {
		return value
	}
	if id := of + "." + value; fields.Word(id, "zh") != id {
		return fields.Word(id, "zh")
	}
	return value
}
