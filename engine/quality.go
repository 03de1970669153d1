package engine

import (
	"context"
	"math"

	"github.com/muscope-gis/muscope/engine/city"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// Quality is what a dataset is like: how its rows were used, what its columns hold,
// what is wrong with it. Its JSON is the summary; the rows behind it are in Lists. It
// is closed after use.
type Quality struct {
	AsOf         string                     `json:"as_of"`
	Year         int                        `json:"year"` // whose money is counted
	Tables       []TableQuality             `json:"tables"`
	Unused       []string                   `json:"unused_files"`
	Codes        []CodeForms                `json:"codes"`
	Overlaps     GroundTwice                `json:"overlaps"`
	OutsideZones Outside                    `json:"outside_zones"`
	Flags        map[string]int64           `json:"flags"`
	Unmatched    map[string]write.Unmatched `json:"unmatched"` // by reason
	Rejected     int64                      `json:"rejected"`  // rows, of all tables
	Pairs        []ParcelOverlap            `json:"-"`         // the ground that is claimed twice
	Manifest     write.Manifest             `json:"-"`

	found *results
}

// ParcelOverlap is a pair of parcels that claim the same ground: their codes in
// ascending order, the area, and its share of the smaller one in millionths.
type ParcelOverlap struct {
	First, Second string
	Area          unit.Area
	Share         int64
}

// TableQuality accounts for a table's rows and describes its columns.
type TableQuality struct {
	Table         string           `json:"table"`
	Files         []SourceFile     `json:"files"`
	Read          int64            `json:"read"`
	Used          int64            `json:"used"`
	Rejected      int64            `json:"rejected"`
	Repaired      int64            `json:"repaired"`
	Filtered      int64            `json:"filtered,omitempty"` // rows that the mapping does not want; not among those read
	Reasons       map[string]int64 `json:"rejected_by_reason"`
	Dropped       map[string]int64 `json:"dropped_by_reason"` // rows of worksheets that are no data: titles, totals; not among those read
	Duplicates    int64            `json:"duplicate_rows"`
	DuplicateKeys int64            `json:"duplicate_keys"`
	Columns       []ColumnQuality  `json:"columns"`
	Origins       []ColumnOrigin   `json:"-"` // where the columns came from
	Ignored       []string         `json:"ignored_columns"`
}

// SourceFile is a file rows came from; Note is what was understood of it.
type SourceFile struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
	Note string `json:"note,omitempty"`
}

// ColumnQuality is what the used rows have in a column that was understood. What does
// not go with its kind is left out.
type ColumnQuality struct {
	Column string    `json:"column"`
	Kind   string    `json:"kind"`           // number, integer, date, boolean, text
	Unit   unit.Unit `json:"unit,omitempty"` // the numbers are counted in
	Values int       `json:"values"`         // rows with a value
	Filled float64   `json:"filled"`         // their share of the used rows, cut to six decimals
	Least  *float64  `json:"min,omitempty"`
	Median *float64  `json:"median,omitempty"` // a value that stands there
	Most   *float64  `json:"max,omitempty"`
	First  string    `json:"first,omitempty"`
	Last   string    `json:"last,omitempty"`
	True   *int      `json:"true_values,omitempty"`
	// Distinct is the number of different texts, at most city.MostDistinct; More says
	// that there are more.
	Distinct int  `json:"distinct,omitempty"`
	More     bool `json:"more_distinct,omitempty"`
}

// ColumnOrigin says where a column's values came from, and what became of them.
type ColumnOrigin struct {
	Column   string    `json:"column"`
	File     string    `json:"file"`
	Header   string    `json:"header,omitempty"`
	How      string    `json:"how,omitempty"`  // constant, digest, name, or what was taken of joined rows
	Unit     unit.Unit `json:"unit,omitempty"` // below the header
	Used     int64     `json:"used"`           // used rows with a value, whichever file they are of
	Null     int64     `json:"null"`           // used rows without one
	Rejected int64     `json:"rejected"`       // rows that it made unusable
	Example  string    `json:"example,omitempty"`
}

// origins joins what reading noted of a table's columns with what they hold.
func (q *Quality) origins(t *TableQuality, profiles []city.Profile) {
	for _, o := range q.found.Books.Origins(t.Table) {
		one := ColumnOrigin{Column: o.Column, File: o.File, Header: o.Header, How: o.How, Unit: o.Unit, Null: t.Used,
			Rejected: q.found.Books.RejectedBy(t.Table, o.Column)}
		for i := range profiles {
			if p := &profiles[i]; p.Table == t.Table && p.Field.Name == o.Column {
				one.Used, one.Null, one.Example = int64(p.Values), t.Used-int64(p.Values), p.Example
			}
		}
		t.Origins = append(t.Origins, one)
	}
}

// CodeForms says how the codes of a column are built.
type CodeForms struct {
	Table   string              `json:"table"`
	Column  string              `json:"column"`
	Forms   map[city.Form]int64 `json:"forms"`
	Failing []string            `json:"check_failed"`
}

// GroundTwice is the ground that two parcels claim, over 1 m² a pair.
type GroundTwice struct {
	Pairs int     `json:"pairs"`
	Area  float64 `json:"area_m2"`
}

// Outside are the parcels that lie in no zone, with their official area.
type Outside struct {
	Parcels int     `json:"parcels"`
	Area    float64 `json:"area_m2"`
}

// Check reads a dataset and surveys it, and says what it is like and what is wrong
// with it. Nothing is written; verdicts are found only for the flags they give. The
// year whose money is counted is the latest that the accounts have up to o.Year.
func Check(ctx context.Context, in read.Source, o Options) (*Quality, error) {
	reading := o.reading(nil)
	reading.Profile = true
	c, err := city.Read(ctx, in, reading)
	if err != nil {
		return nil, err
	}
	o.Year = c.LatestYear(o.Year)
	q := &Quality{}
	if q.found, err = evaluate(ctx, c, &o); err == nil {
		err = o.stage("overlaps", func() (int, error) {
			return len(c.Parcels.Order), q.pair(ctx, c, o.Threads)
		})
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	m := q.found.manifest(in)
	m.Stages = o.stages
	q.summarise(m)
	return q, nil
}

// Books list what is behind the counts.
func (q *Quality) Books() *city.Books { return q.found.Books }

// Close gives up what the dataset keeps outside memory.
func (q *Quality) Close() { q.found.Close() }

// pair finds the parcels that claim the same ground.
func (q *Quality) pair(ctx context.Context, c *city.City, workers int) error {
	gates := make([]*survey.Gate, len(c.Parcels.Facts))
	for i, f := range c.Parcels.Facts {
		gates[i] = f.Gate
	}
	found, err := survey.Overlaps(ctx, c.Parcels.Rows(), gates, workers)
	p := q.found.parcel(nil)
	code := p.Text("parcel_code")
	area := func(i int32) unit.Area {
		f, row := p.facts(int(i))
		return f.Area[row]
	}
	for _, o := range found {
		first, _ := code(int(o.First))
		second, _ := code(int(o.Second))
		smaller := min(area(o.First), area(o.Second))
		q.Pairs = append(q.Pairs, ParcelOverlap{first, second, o.Area, int64(unit.Area(1_000_000).Scale(o.Area, smaller))})
	}
	return err
}

// summarise counts.
func (q *Quality) summarise(m *write.Manifest) {
	q.Manifest = *m
	q.AsOf, q.Year, q.Unused, q.Flags, q.Unmatched = m.AsOf, m.Year, m.Unused, m.Flags, m.Unmatched
	books := q.found.Books
	reasons := books.Reasons()
	twice, keys := books.Duplicates()
	for _, s := range table.Inputs() {
		n, ok := m.Counts[s.Name]
		if !ok {
			continue
		}
		t := TableQuality{
			Table: s.Name, Files: []SourceFile{}, Read: n.Read, Used: n.Used, Rejected: n.Rejected, Repaired: n.Repaired, Filtered: n.Filtered,
			Reasons: reasons[s.Name], Dropped: books.DroppedBy(s.Name), Duplicates: twice[s.Name], DuplicateKeys: keys[s.Name],
			Columns: []ColumnQuality{}, Ignored: append([]string{}, m.Ignored[s.Name]...),
		}
		if t.Reasons == nil {
			t.Reasons = map[string]int64{}
		}
		q.Rejected += n.Rejected
		q.Tables = append(q.Tables, t)
	}
	at := map[string]*TableQuality{}
	for i := range q.Tables {
		at[q.Tables[i].Table] = &q.Tables[i]
	}
	for _, in := range m.Inputs {
		if t := at[in.Table]; t != nil { // a mapping is no table's
			t.Files = append(t.Files, SourceFile{in.Name, in.Rows, in.Note})
		}
	}
	for _, p := range books.Profiles() {
		at[p.Table].Columns = append(at[p.Table].Columns, columnQuality(p))
	}
	for i := range q.Tables {
		q.origins(&q.Tables[i], books.Profiles())
	}
	q.Codes = []CodeForms{}
	for _, f := range books.Forms() {
		q.Codes = append(q.Codes, CodeForms{f.Table, f.Column, f.Counts, append([]string{}, f.Failing...)})
	}
	q.measure()
}

// measure adds up the ground that is claimed twice or lies in no zone.
func (q *Quality) measure() {
	var twice, outside unit.Area
	for _, o := range q.Pairs {
		twice += o.Area
	}
	p := q.found.parcel(nil)
	for i := range p.Order {
		if f, row := p.facts(i); f.Flags[row]&survey.OutsideZones != 0 {
			q.OutsideZones.Parcels++
			outside += p.official(i)
		}
	}
	q.Overlaps = GroundTwice{len(q.Pairs), twice.SquareMetres()}
	q.OutsideZones.Area = outside.SquareMetres()
}

func columnQuality(p city.Profile) ColumnQuality {
	c := ColumnQuality{Column: p.Field.Name, Kind: "text", Unit: p.Field.Unit, Values: p.Values,
		Filled: math.Floor(1e6*float64(p.Values)/float64(p.Rows)) / 1e6}
	switch p.Field.Kind {
	case table.Number, table.Integer:
		c.Kind = "number"
		if p.Field.Kind == table.Integer {
			c.Kind = "integer"
		}
		c.Least, c.Median, c.Most = &p.Least, &p.Median, &p.Largest
	case table.Date:
		c.Kind, c.First, c.Last = "date", p.First.String(), p.Last.String()
	case table.Bool:
		c.Kind, c.True = "boolean", &p.True
	default:
		c.Distinct, c.More = p.Distinct, p.More
	}
	return c
}
