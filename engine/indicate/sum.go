package indicate

// sum is a total that a row states, or else the sum over the row's terms, empty ones
// counting as none when any is given.
type sum struct {
	book   *book
	read   reader
	total  column // nil: never stated
	terms  []term
	stated run // scratch: the totals,
	single run // a term,
	added  run // and the sum over the terms
}

// term is a column that enters a sum, times a factor.
type term struct {
	column column
	factor float64
}

func newSum(b *book, read reader, total column) *sum {
	return &sum{book: b, read: read, total: total, stated: newRun(), single: newRun(), added: newRun()}
}

// add puts a column into the sum, unless nothing is in it.
func (s *sum) add(c column, factor float64) {
	if c != nil {
		s.terms = append(s.terms, term{c, factor})
	}
}

// fill fills out with the stretch's sums; NaN where nothing is given. Terms are added
// in their order, each product rounded before, so that every machine adds alike.
func (s *sum) fill(out []float64) {
	n := len(out)
	stated, single, added := s.stated.of(n), s.single.of(n), s.added.of(n)
	s.read(stated, s.total)
	clear(added.cells)
	clear(added.given)
	if s.wants(stated.given) {
		for _, t := range s.terms {
			s.read(single, t.column)
			accumulate(added, single, t.factor)
		}
	}
	for i, v := range stated.cells {
		given := stated.given[i]
		added.given[i] |= given
		out[i] = orMissing(v+only(added.cells[i], ^given), added.given[i])
	}
}

// accumulate adds factor × a run to a sum.
func accumulate(sum, r run, factor float64) {
	n := len(sum.cells)
	cells, given, from, has := sum.cells[:n], sum.given[:n], r.cells[:n], r.given[:n]
	for i := range cells {
		cells[i] += float64(from[i] * factor)
		given[i] |= has[i]
	}
}

// known says which of the rows that fill was last asked for have a sum.
func (s *sum) known(n int) []mask { return s.added.given[:n] }

// wants says whether a row of the stretch states no total.
func (s *sum) wants(stated []mask) bool {
	var open mask
	if !s.book.gone {
		for i, has := range s.book.have {
			open |= has &^ stated[i]
		}
	}
	return open != 0
}
