package fields

// vocabulary says which words the codes of a column stand for, by table.column or else
// by column: the ids of the words begin with it.
var vocabulary = map[string]string{
	"grade": "grade", "mix_class": "mix_class", "supply_state": "supply_state", "idle_kind": "idle_kind", "delay_cause": "delay_cause",
	"consequence": "consequence", "level": "explain.level", "kind": "zone_kind", "mix_verdict": "mix_verdict", "profile": "profile",
	"verdict": "mix_verdict", "space": "space", "subject": "subject", "conflicts.verdict": "conflict",
	"scorecard.verdict": "found", "findings.verdict": "found", "unmatched.reason": "found", "rejects.reason": "found", "flags.flag": "found",
}

// Vocabulary is what the ids of the words begin with that the codes of a column of a
// run's layer or table stand for; empty where they stand for themselves.
func Vocabulary(table, column string) string {
	if words := vocabulary[table+"."+column]; words != "" {
		return words
	}
	return vocabulary[column]
}

// Meaning is the word that a person reads for a code in a column of a run's layer or
// table, in zh or en; a code of the dataset's own stands for itself.
func Meaning(table, column, code, lang string) string {
	words := Vocabulary(table, column)
	if words == "" {
		return code
	}
	id := words + "." + code
	if word := Word(id, lang); word != id {
		return word
	}
	return code
}
