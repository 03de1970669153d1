package write

import "fmt"

// Account says where all that was read of one kind went: the land of parcels, the tax
// of a year. Amounts are whole numbers of the account's unit, so that sums are exact.
type Account struct {
	Unit string `json:"unit"` // UnitArea or UnitMoney
	Entry
}

// The units of accounts.
const (
	UnitArea  = "1e-4 m2" // 6 666 667 of them are 1 亩
	UnitMoney = "fen"     // 1 000 000 of them are 1 万元
)

// Entry is a part of an account: so many rows with so much in all. Of some rows the
// amount is not known, as of those that could not be read.
type Entry struct {
	Name    string  `json:"name"`
	Rows    int64   `json:"rows"`
	Amount  int64   `json:"amount"`
	Unknown int64   `json:"unknown,omitempty"` // of the rows
	Splits  []Split `json:"splits,omitempty"`
}

// Split parts an entry by one property: the parts add up to it.
type Split struct {
	By    string  `json:"by"`
	Parts []Entry `json:"parts"`
	// Apart says that a row may stand in several parts, so that only amounts add up.
	Apart bool `json:"apart,omitempty"`
}

// Add counts a row with its amount; known false is a row whose amount is not known.
func (e *Entry) Add(amount int64, known bool) {
	e.Rows++
	if known {
		e.Amount += amount
	} else {
		e.Unknown++
	}
}

// Part is the part of a split by name, which is made when there is none.
func (s *Split) Part(name string) *Entry {
	for i := range s.Parts {
		if s.Parts[i].Name == name {
			return &s.Parts[i]
		}
	}
	s.Parts = append(s.Parts, Entry{Name: name})
	return &s.Parts[len(s.Parts)-1]
}

// Split is a split of the entry by name; ok false where it has none.
func (e *Entry) Split(by string) (s *Split, ok bool) {
	for i := range e.Splits {
		if e.Splits[i].By == by {
			return &e.Splits[i], true
		}
	}
	return nil, false
}

// Check adds up: an error names the first split whose parts do not come to the whole.
func (e *Entry) Check() error {
	for i := range e.Splits {
		s := &e.Splits[i]
		var sum Entry
		for k := range s.Parts {
			p := &s.Parts[k]
			if err := p.Check(); err != nil {
				return fmt.Errorf("%s: %w", e.Name, err)
			}
			sum.Rows, sum.Amount, sum.Unknown = sum.Rows+p.Rows, sum.Amount+p.Amount, sum.Unknown+p.Unknown
		}
		if sum.Amount != e.Amount || !s.Apart && (sum.Rows != e.Rows || sum.Unknown != e.Unknown) {
			return fmt.Errorf("%s: its parts by %s come to %d in %d rows (%d unknown), the whole is %d in %d (%d unknown); this is a fault of the program",
				e.Name, s.By, sum.Amount, sum.Rows, sum.Unknown, e.Amount, e.Rows, e.Unknown)
		}
	}
	return nil
}
