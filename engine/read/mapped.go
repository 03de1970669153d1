package read

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/read/cell"
	"github.com/muscope-gis/muscope/engine/read/plan"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// held says how a kept cell stood in its file.
type held uint8

const (
	absent     held = iota
	heldText        // and whatever was not one of the others
	heldNumber      // of JSON, a database: not as text
	heldShare       // shown as a percentage, held as a share
)

// keeping are the cells of the current row that a mapping asks for, by slot.
type keeping struct {
	*plan.Plan
	cells   [][]byte
	how     []held
	also    []target // what the dictionary says of headers that no column is read from
	joins   []*joined
	found   []int32       // of each join: the number of the row's key, or -1
	sink    func(r *rows) // takes the rows of a joined file
	scratch []byte
	key     []byte

	filtered int64
	faulty   int64 // raw rows that cannot be used
	astray   int64 // before the current row
}

func (sc *scan) keeping() *keeping {
	p := sc.settings.Plan
	return &keeping{
		Plan: p, cells: make([][]byte, len(p.Headers)), how: make([]held, len(p.Headers)), also: sc.also, joins: sc.joins,
		found: make([]int32, len(p.Keys)), sink: sc.sink,
	}
}

// keep keeps a cell for the end of its row.
func (r *rows) keep(slot int, v []byte, how held) {
	k := r.kept
	if k.how[slot] == absent {
		k.cells[slot], k.how[slot] = append(k.cells[slot][:0], cell.Trim(v)...), how
	}
}

// slotOf is the slot of a target that is no column's.
func (r *rows) slotOf(t target) (slot int, ok bool) {
	slot = t.field - len(r.schema.Fields)
	return slot, slot >= 0
}

// cellAt is a kept cell; nil when it means nothing.
func (r *rows) cellAt(slot int) []byte {
	if v := r.kept.cells[slot]; r.kept.how[slot] != absent && !r.none(v) {
		return v
	}
	return nil
}

// meets says whether all conditions hold of the row.
func (r *rows) meets(conditions []plan.Condition) bool {
	for i := range conditions {
		if !conditions[i].Holds(r.cellAt(conditions[i].Slot)) {
			return false
		}
	}
	return true
}

// mapped makes a row's columns of the cells that were kept; ok is false when it is no
// row of the table.
func (r *rows) mapped() (ok bool) {
	k := r.kept
	wanted := r.meets(k.Where)
	broken := r.at == wholeRow // its cells may have shifted, so none of them says anything
	switch {
	case !wanted && !broken:
		k.filtered++
		if r.b.DropRow(); r.astray > k.astray {
			if r.astray = k.astray; r.astray == 0 {
				r.first = stray{}
			}
		}
		return false
	case k.Raw && r.at <= len(r.schema.Fields):
		r.read++
		k.faulty++
		return false
	case k.Raw:
		r.read++
		k.sink(r)
		return false
	case broken:
		return true
	}
	for slot, t := range k.also {
		switch {
		case t.field < 0 || k.how[slot] == absent:
		case k.how[slot] == heldNumber:
			r.jsonNumber(t, k.cells[slot])
		default:
			r.text(t, k.cells[slot])
		}
	}
	for j := range k.joins {
		k.found[j] = k.joins[j].find(r, k.Keys[j])
	}
	for i := range k.Columns {
		r.assign(&k.Columns[i])
	}
	r.fillGiven()
	return true
}

// assign sets a column that the mapping speaks of.
func (r *rows) assign(c *plan.Column) {
	k := r.kept
	switch {
	case c.Join >= 0:
		r.taken(c)
	case len(c.Digest) > 0:
		r.put(target{c.Field, 1, 1}, r.digest(c))
	case c.Spec.Constant != "":
		r.put(target{c.Field, c.Constant.Mul, c.Constant.Div}, []byte(c.Spec.Constant))
	default:
		for _, src := range c.Cells {
			if k.how[src.Slot] != absent {
				r.said(c, target{c.Field, src.Mul, src.Div}, k.cells[src.Slot], k.how[src.Slot])
				return
			}
		}
		r.empty(c)
	}
}

// empty sets what an empty cell of a column stands for.
func (r *rows) empty(c *plan.Column) {
	if c.Spec.Empty != "" {
		r.put(target{c.Field, 1, 1}, []byte(c.Spec.Empty))
	}
}

// said sets a column from a cell.
func (r *rows) said(c *plan.Column, t target, v []byte, how held) {
	f := &r.schema.Fields[t.field]
	if r.none(v) || c.IsNull(v) {
		r.empty(c)
		return
	}
	if v[0] == '#' && cell.IsError(v) {
		r.fail(t.field, v, FormulaError)
		return
	}
	if f.Kind == table.Date {
		r.dated(c, v)
		return
	}
	means, plain := c.Says(v, r.kept.scratch[:0])
	switch {
	case plain:
		r.put(target{t.field, 1, 1}, means)
	case how == heldShare:
		r.percent(t, means)
	case how == heldNumber && f.Kind == table.Code && !c.TakesNumbers():
		r.fail(t.field, v, CodeIsNumber)
	default:
		r.put(t, means)
	}
}

// dated sets a date that is not empty.
func (r *rows) dated(c *plan.Column, v []byte) {
	d, why := dateOf(c, v)
	switch {
	case why != "":
		r.fail(c.Field, v, why)
	case slices.Contains(r.sentinels, d):
		r.empty(c)
	default:
		r.b.Date(c.Field, d)
	}
}

// dateOf reads a date in the column's format. What programs write as a date stands as
// 2015-11-02 whatever format people write.
func dateOf(c *plan.Column, v []byte) (d unit.Date, why Reason) {
	format := c.Spec.Dates
	ok := false
	if format != nil {
		d, ok = format.Date(v)
	}
	if !ok && (format == nil || !strings.HasPrefix(format.Text, "%Y-%d")) {
		if format == nil {
			d, ok = cell.Date(v)
		} else {
			day, _, _ := strings.Cut(string(v), " ")
			d, ok = unit.ParseDate(day)
		}
	}
	switch {
	case ok:
		return d, ""
	case format == nil && cell.IncompleteDate(v):
		return 0, DateIncomplete
	}
	return 0, NotADate
}

// digest is an id made of a row's cells and its shape: 16 hexadecimal digits, the same
// for the same cells.
func (r *rows) digest(c *plan.Column) []byte {
	k := r.kept
	k.scratch = k.scratch[:0]
	for _, slot := range c.Digest {
		v := r.b.Value(len(r.schema.Fields) - 1)
		if slot != plan.Geometry {
			v = r.cellAt(slot)
		}
		k.scratch = binary.AppendUvarint(k.scratch, uint64(len(v)))
		k.scratch = append(k.scratch, v...)
	}
	sum := sha256.Sum256(k.scratch)
	return hex.AppendEncode(nil, sum[:8])
}

// taken sets a column from the rows of a joined file that belong to this one.
func (r *rows) taken(c *plan.Column) {
	n := r.kept.found[c.Join]
	if n < 0 {
		r.empty(c)
		return
	}
	j := r.kept.joins[c.Join]
	v := j.value(n, c.Taken)
	kind := r.schema.Fields[c.Field].Kind
	switch {
	case v.Fault != nil:
		r.fail(c.Field, []byte(v.Fault.Value), Reason(v.Fault.Why))
	case !v.Some:
		r.empty(c)
	case v.Text != nil:
		src := j.sources[c.Taken]
		r.said(c, target{c.Field, src.Mul, src.Div}, v.Text, heldText)
	case kind == table.Date:
		r.b.Date(c.Field, v.Day)
	case kind == table.Integer:
		if v.Number != float64(int64(v.Number)) {
			r.fail(c.Field, fmt.Append(nil, v.Number), NotAnInteger)
			return
		}
		r.integer(c.Field, int64(v.Number))
	default:
		r.float(target{c.Field, 1, 1}, v.Number)
	}
}

// ownKey is the row's key of a join, or of a joined file; nil when a part is empty.
func (r *rows) ownKey(slots []int) []byte {
	k := r.kept
	k.key = k.key[:0]
	for i, slot := range slots {
		v := r.cellAt(slot)
		if v == nil {
			return nil
		}
		if i > 0 {
			k.key = append(k.key, 0)
		}
		k.key = append(k.key, v...)
	}
	return k.key
}

// present says what headers of the mapping a file must have and has not.
func (sc *scan) present(at string, has func(field int) bool) error {
	p := sc.settings.Plan
	if p == nil {
		return nil
	}
	there := func(slot int) bool { return has(len(sc.schema.Fields) + slot) }
	for i := range p.Columns {
		c := &p.Columns[i]
		var found, wanted []string
		for _, src := range c.Cells {
			wanted = append(wanted, fmt.Sprintf("%q", p.Headers[src.Slot]))
			if there(src.Slot) {
				found = append(found, fmt.Sprintf("%q", p.Headers[src.Slot]))
			}
		}
		switch {
		case len(wanted) > 0 && len(found) == 0 && !c.Spec.Optional:
			return fmt.Errorf("read %s: it has no header %s, which %s:%d reads %s from; correct it there, or say optional: true%s",
				at, strings.Join(wanted, " or "), sc.settings.mapping, c.Spec.Line, c.Spec.Name, sc.more(p.Headers[c.Cells[0].Slot]))
		case len(found) > 1:
			return fmt.Errorf("read %s: headers %s both mean %s by %s:%d; keep one of them there", at,
				strings.Join(found, " and "), c.Spec.Name, sc.settings.mapping, c.Spec.Line)
		}
	}
	for _, slot := range p.Needed() {
		if slot >= 0 && !there(slot) {
			return fmt.Errorf("read %s: it has no header %q, which %s asks for; correct it there%s", at, p.Headers[slot], sc.settings.mapping, sc.more(p.Headers[slot]))
		}
	}
	return nil
}

// nameOf is what messages call the field or the kept header of a target.
func (sc *scan) nameOf(field int) string {
	if slot := field - len(sc.schema.Fields); slot >= 0 {
		return fmt.Sprintf("header %q of the mapping", sc.settings.Plan.Headers[slot])
	}
	return sc.schema.Fields[field].Name
}

// nameOf is what messages of a row call a field or a kept header.
func (r *rows) nameOf(field int) string {
	if slot, kept := r.slotOf(target{field: field}); kept {
		return r.kept.Headers[slot]
	}
	return r.schema.Fields[field].Name
}

// takesCode says whether a target is a code whose cells must be text.
func (sc *scan) takesCode(t target) (name string, yes bool) {
	slot := t.field - len(sc.schema.Fields)
	if slot < 0 {
		f := &sc.schema.Fields[t.field]
		return f.Name, f.Kind == table.Code
	}
	p := sc.settings.Plan
	for i := range p.Columns {
		c := &p.Columns[i]
		if p.Raw || c.TakesNumbers() || sc.schema.Fields[c.Field].Kind != table.Code {
			continue
		}
		for _, src := range c.Cells {
			if src.Slot == slot {
				return c.Spec.Name, true
			}
		}
	}
	return "", false
}

// settingsOf is what the mapping declares of a part of a table.
func (f *Folder) settingsOf(s *table.Schema, of *mapping.File) fileSettings {
	m := f.mapping
	t, _ := m.Table(s.Name)
	set := fileSettings{
		ElseCRS: m.CRSOf(t, nil), NullWords: m.NullWords, Sentinels: m.SentinelDates,
		StrictCodes: m.StrictCodes, mapping: m.File,
	}
	if of != nil {
		set.CRS, set.Encoding, set.Delimiter, set.HeaderAt, set.HeaderRows = of.CRS, of.Encoding, of.Delimiter, of.HeaderAt, of.HeaderRows
	}
	if t != nil {
		if p := plan.Of(s, t, of); len(p.Columns)+len(p.Headers)+len(t.Ignore) > 0 {
			set.Plan = p
		}
	}
	return set
}

// parcelCode says whether a code has the form of 宗地代码 (six digits of the county,
// three and three, two letters, five digits), or of 不动产单元代码 (one of F, L, Q, W and
// eight digits behind it; W, bare land, with zeros only).
func parcelCode(v []byte) bool {
	digits := func(v []byte) bool { return len(bytes.Trim(v, "0123456789")) == 0 }
	if len(v) == 28 {
		if bytes.IndexByte([]byte("FLQW"), v[19]) < 0 || !digits(v[20:]) || v[19] == 'W' && string(v[20:]) != "00000000" {
			return false
		}
		v = v[:19]
	}
	return len(v) == 19 && digits(v[:12]) && digits(v[14:]) && len(bytes.Trim(v[12:14], "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) == 0
}
