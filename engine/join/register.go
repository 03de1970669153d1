package join

import "sync"

// Register is the enterprises of a city, numbered in the order of their codes, to be
// found by code or by name. Any number of goroutines may use it.
type Register struct {
	codes  *Codes
	names  []string
	byName func() *byName
}

// byName is the enterprises by their normalised names.
type byName struct {
	names names
	first []int32 // of each name its candidates' start; one longer than the names
	of    []int32 // enterprises, by name and then code
}

// NewRegister takes the codes of enterprises, sorted by bytes and distinct, and
// their names in the same order; an empty name is nobody's. The slices are kept and
// must not change.
func NewRegister(codes, names []string) *Register {
	r := &Register{codes: NewCodes(codes), names: names}
	r.byName = sync.OnceValue(r.sortByName) // most datasets never ask for a name
	return r
}

// Len is how many enterprises there are.
func (r *Register) Len() int { return r.codes.Len() }

// Codes are the credit codes in order. The slice is shared.
func (r *Register) Codes() []string { return r.codes.texts }

// Find is the number of a credit code.
func (r *Register) Find(code string) (int32, bool) { return r.codes.Find(code) }

// ByName are the enterprises whose name is the same once normalised, ascending. The
// slice is shared.
func (r *Register) ByName(name string) []int32 { return r.named(NormaliseName(name)) }

// named are the enterprises of a normalised name.
func (r *Register) named(name string) []int32 {
	b := r.byName()
	n, ok := b.names.find(name)
	if !ok {
		return nil
	}
	return b.of[b.first[n]:b.first[n+1]:b.first[n+1]]
}

func (r *Register) sortByName() *byName {
	end := make([]int, len(r.names))
	bytes := 0
	for _, name := range r.names {
		bytes += len(name)
	}
	text := make([]byte, 0, bytes+bytes/8)
	for i, name := range r.names {
		text = appendNormalised(text, name)
		end[i] = len(text)
	}
	all := string(text)
	b := &byName{names: names{texts: make([]string, 0, len(r.names)), index: newIndex(len(r.names))}}
	number := make([]int32, len(r.names)) // of each enterprise's name; -1: it has none
	start := 0
	for i := range r.names {
		number[i] = -1
		if name := all[start:end[i]]; name != "" {
			number[i], _ = b.names.number(name)
		}
		start = end[i]
	}
	b.first, b.of = group(number, len(b.names.texts))
	return b
}

// group sorts 0 … len(of)-1 by the group each is of, keeping their order within one;
// those of group -1 are left out. The members of group g are sorted[first[g]:first[g+1]].
func group(of []int32, groups int) (first, sorted []int32) {
	first = make([]int32, groups+1)
	for _, g := range of {
		if g >= 0 {
			first[g+1]++
		}
	}
	for g := range groups {
		first[g+1] += first[g]
	}
	sorted = make([]int32, first[groups])
	for i, g := range of {
		if g >= 0 {
			sorted[first[g]] = int32(i)
			first[g]++
		}
	}
	copy(first[1:], first[:groups]) // each has moved to its own end
	first[0] = 0
	return first, sorted
}
