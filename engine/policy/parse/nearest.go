package parse

// Nearest is the name most like a misspelt one, if any is like enough to offer: at
// most a third of its letters differ. The first of equals is taken.
func Nearest(misspelt string, names []string) (string, bool) {
	best, found := len([]rune(misspelt))/3+1, ""
	for _, name := range names {
		if d := distance([]rune(misspelt), []rune(name), best); d < best {
			best, found = d, name
		}
	}
	return found, found != ""
}

// distance is how many letters must be put in, taken out, replaced or exchanged with
// the next to turn a into b; any number not below limit when it is not below limit.
func distance(a, b []rune, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) >= limit {
		return limit
	}
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i, x := range a {
		row[0] = i + 1
		for j, y := range b {
			replaced := above[j]
			if x != y {
				replaced++
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, replaced)
			if i > 0 && j > 0 && x == b[j-1] && y == a[i-1] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}

// Offer is "; did you mean x?" when there is a nearest name, else the list of what
// is allowed.
func Offer(misspelt string, names []string) string {
	if n, ok := Nearest(misspelt, names); ok {
		return "; did you mean " + n + "?"
	}
	return "; known are " + Joined(names)
}

// Joined lists names with commas, the first 30.
func Joined(names []string) string {
	const most = 30
	s := ""
	for i, n := range names {
		switch {
		case i == most:
			return s + ", …"
		case i > 0:
			s += ", "
		}
		s += n
	}
	return s
}
