package portray

import (
	"fmt"
	"strings"

	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/qgis"
)

// parcelLabel is a graded parcel's grade, and its tax per mu below.
var parcelLabel = `CASE WHEN "grade" IS NOT NULL THEN "grade" || coalesce('\n' || format_number("tax_per_mu", 1), '') END`

// named is an expression: the first of two columns that has a value.
func named(first, second string) string {
	return fmt.Sprintf("coalesce(%s, %s)", qgis.Field(first), qgis.Field(second))
}

// mixLabel is a zone's name and the shares of the three classes in per cent.
func mixLabel() string {
	parts := []string{named("name", "zone_code") + ` || '\n'`}
	for i, class := range []string{"industry", "residence", "public"} {
		lead := word("map.short."+class) + " "
		if i > 0 {
			lead = " : " + lead
		}
		parts = append(parts, fmt.Sprintf("%s || coalesce(format_number(%s * 100, 0), '—')", qgis.Text(lead), qgis.Field(class+"_share")))
	}
	return strings.Join(parts, " || ")
}

// html is an expression's text with what HTML would take for its own replaced.
func html(expression string) string {
	return "[% replace(replace(coalesce(" + expression + ", '—'), '&', '&amp;'), '<', '&lt;') %]"
}

// plain, worded and figure are a column's value in a tip.
func plain(name string) string  { return html("to_string(" + qgis.Field(name) + ")") }
func worded(name string) string { return html(represented(name)) }
func figure(name string, decimals int) string {
	return html(fmt.Sprintf("format_number(%s, %d)", qgis.Field(name), decimals))
}
func percent(name string) string {
	return html(fmt.Sprintf("format_number(%s * 100, 1) || ' %%'", qgis.Field(name)))
}

// tip is a tip: a head, and lines of a column's label and its value.
func tip(layer, head string, lines ...string) string {
	var b strings.Builder
	b.WriteString("<div style=\"max-width:420px\"><b>" + head + "</b>")
	for i := 0; i+1 < len(lines); i += 2 {
		b.WriteString("<br/>" + alias(layer, lines[i]) + "：" + lines[i+1])
	}
	b.WriteString("</div>")
	return b.String()
}

func parcelTip() string {
	return tip("parcels", html(named("holder_name", "parcel_code")), "parcel_code", plain("parcel_code"), "land_use", worded("land_use"),
		"mu", figure("mu", 2), "grade", worded("grade"), "tax_per_mu", figure("tax_per_mu", 2), "plot_ratio", figure("plot_ratio", 2),
		"supply_state", worded("supply_state"), "at_risk_on", plain("at_risk_on"), "flags", plain("flags"), "reasons", plain("reasons"))
}

func idleTip() string {
	return tip("idle_land", html(named("holder_name", "parcel_code")), "parcel_code", plain("parcel_code"), "mu", figure("mu", 2),
		"idle_kind", worded("idle_kind"), "idle_from", plain("idle_from"), "idle_days", figure("idle_days", 0), "delay_cause", worded("delay_cause"),
		"consequence", worded("consequence"), "fee", figure("fee", 2), "take_back_from", plain("take_back_from"),
		"clause", plain("clause"), "evidence", plain("evidence"))
}

func underusedTip() string {
	return tip("underused_land", html(named("holder_name", "parcel_code")), "parcel_code", plain("parcel_code"), "mu", figure("mu", 2),
		"rules", plain("rules"), "reasons", plain("reasons"), "suggested_way", plain("suggested_way"))
}

func mixTip() string {
	return tip("land_mix", html(named("name", "zone_code")), "industry_share", percent("industry_share"), "residence_share", percent("residence_share"),
		"public_share", percent("public_share"), "max_deviation", percent("max_deviation"), "tolerance", percent("tolerance"),
		"verdict", worded("verdict"), "informational", worded("informational"), "to_convert_mu", figure("to_convert_mu", 1))
}

func pieceTip() string {
	return tip("land_mix_pieces", worded("code"), "feature_id", plain("feature_id"), "mix_class", worded("mix_class"), "space", worded("space"), "mu", figure("mu", 2))
}

func conflictTip() string {
	return tip("conflicts", html(named("name", "code")), "subject", worded("subject"), "code", plain("code"), "feature", plain("feature"),
		"distance_m", figure("distance_m", 1), "verdict", worded("verdict"), "rule", plain("rule"), "clause", plain("clause"))
}

func zoneTip() string {
	return tip("zones", html(named("name", "zone_code")), "level", worded("level"), "mu", figure("mu", 1), "parcels", figure("parcels", 0),
		"tax_per_mu", figure("tax_per_mu", 2), "mu_a", figure("mu_a", 1), "mu_b", figure("mu_b", 1), "mu_c", figure("mu_c", 1),
		"mu_d", figure("mu_d", 1), "idle_mu", figure("idle_mu", 1), "mix_verdict", worded("mix_verdict"))
}

// verdictColumns are the columns that say what was found and why; those before are
// the figures, and the first ones who and where.
var verdictColumns = map[string]bool{
	"grade": true, "grades": true, "supply_state": true, "idle": true, "idle_kind": true, "underused": true, "at_risk_on": true, "flags": true,
	"reasons": true, "idle_since": true, "idle_from": true, "idle_days": true, "delay_cause": true, "consequence": true, "fee": true,
	"take_back_from": true, "clause": true, "evidence": true, "verdict": true, "rules": true, "suggested_way": true, "mix_verdict": true,
	"informational": true, "to_convert_mu": true, "rank": true, "rules_pass": true, "rules_fail": true, "rules_not_evaluated": true,
	"bottom_line": true, "rule": true, "max_deviation": true, "tolerance": true,
}

// tabs are the pages of a layer's form: who and where, figures, verdicts.
func tabs(l *write.Layer) []qgis.Tab {
	basic, figures, verdicts := qgis.Tab{Name: word("map.tab.basic")}, qgis.Tab{Name: word("map.tab.figures")}, qgis.Tab{Name: word("map.tab.verdict")}
	for i := range l.Columns {
		c := &l.Columns[i]
		switch {
		case verdictColumns[c.Name]:
			verdicts.Columns = append(verdicts.Columns, c.Name)
		case c.Kind() == write.KindNumber || c.Kind() == write.KindInteger:
			figures.Columns = append(figures.Columns, c.Name)
		default:
			basic.Columns = append(basic.Columns, c.Name)
		}
	}
	var out []qgis.Tab
	for _, t := range []qgis.Tab{basic, figures, verdicts} {
		if len(t.Columns) > 0 {
			out = append(out, t)
		}
	}
	return out
}
