package sample

import (
	"fmt"
	"strings"
)

// words is the vocabulary a city is named with, by key.
type words map[string][]string

// trade is an industry code and the noun its enterprises carry in their names.
type trade struct{ code, noun string }

func parseWords(text string) (words, error) {
	w := words{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, list, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("sample words:%d: %q: no colon", i+1, line)
		}
		w[key] = strings.Fields(list)
	}
	return w, nil
}

// pick is a word of the list under key; i wraps around.
func (w words) pick(key string, i int) string {
	list := w[key]
	return list[i%len(list)]
}

func (w words) trades(key string) []trade {
	list := w[key]
	var all []trade
	for i := 0; i+1 < len(list); i += 2 {
		all = append(all, trade{list[i], list[i+1]})
	}
	return all
}
