package fields

import (
	"regexp"
	"strings"
)

// Fact is what a fact that rules look at is called: by a word of its own, else as the
// indicator or the column of that name; empty when nothing is called so.
func Fact(name, lang string) string {
	if id := "fact." + name; Word(id, lang) != id {
		return Word(id, lang)
	}
	if one, ok := FindIndicator(name); ok {
		return one.Label(lang)
	}
	if one, ok := FindZoneIndicator(name); ok {
		return in(lang, one.Zh, one.En)
	}
	if table, column, dotted := strings.Cut(name, "."); dotted {
		zh, en := InputLabel(table, column)
		return in(lang, zh, en)
	}
	for _, table := range []string{"parcels", "projects", "enterprises"} {
		if zh, en := InputLabel(table, name); zh != "" {
			return in(lang, zh, en)
		}
	}
	for _, layer := range []string{"parcels", "supply"} {
		if zh, en := Label(layer, name); zh != "" {
			return in(lang, zh, en)
		}
	}
	return ""
}

func in(lang, zh, en string) string {
	if lang == "zh" {
		return zh
	}
	return en
}

// inExpression is a name or word of an expression, or the id of a rule.
var inExpression = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*([.-][A-Za-z0-9][A-Za-z0-9_]*)*`)

// Phrase is an expression of a rule as people read it: in Chinese facts and figures by
// what they are called, words and units in Chinese. In English it stays as it is.
func Phrase(expression, lang string) string {
	if lang != "zh" {
		return expression
	}
	expression = strings.ReplaceAll(expression, "count of projects where", Word("phrase.count_where", lang))
	return inExpression.ReplaceAllStringFunc(expression, func(one string) string {
		if id := "phrase." + one; Word(id, lang) != id {
			return Word(id, lang)
		}
		if label := Fact(one, lang); label != "" {
			return label
		}
		return one
	})
}

// Lack is what a rule lacks, as the scorecard names it, in words.
func Lack(what, lang string) string {
	if id := "lack." + strings.ReplaceAll(what, " ", "_"); Word(id, lang) != id {
		return Word(id, lang)
	}
	if of, why, two := strings.Cut(what, ": "); two {
		return Lack(of, lang) + " (" + Lack(why, lang) + ")"
	}
	if parts := strings.Split(what, "/"); len(parts) == 4 && parts[0] == "zone_indicators" {
		if one, ok := FindZoneIndicator(parts[3]); ok {
			return in(lang, one.Zh, one.En) + " " + parts[2] + " (" + parts[1] + " " + parts[3] + ")"
		}
	}
	head, rest, _ := strings.Cut(what, " ")
	if label := Fact(head, lang); label != "" {
		return strings.TrimSpace(label + " (" + head + ") " + rest)
	}
	if zh, en := TableLabel(head); zh != "" && rest == "" {
		return in(lang, zh, en) + " (" + head + ")"
	}
	return what
}
