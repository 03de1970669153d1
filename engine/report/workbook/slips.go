package workbook

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/sheet"
	"github.com/muscope-gis/muscope/engine/unit"
)

const (
	slipSheet     = "一企一单"
	slipColumns   = 8
	slipParcels   = 8    // shown on a slip; of more it says how many
	slipsPerSheet = 1000 // a sheet has up to 1026 page breaks
	slipRows      = 64   // more than any slip takes
)

// slips writes a confirmation slip for each enterprise, a page each, and says how many.
func (b *book) slips() (int, error) {
	n, e := b.land.rows, entry{about: "企业确认单，每家一页", rows: b.land.rows}
	room := max(1, min(slipsPerSheet, b.o.MostRows/slipRows))
	w := b.slipWriter()
	for from, number := 0, 1; from < n || number == 1; from, number = from+room, number+1 {
		name := slipSheet
		if n > room {
			name = fmt.Sprintf("%s(%d)", slipSheet, number)
		}
		if err := w.sheet(name, from, min(n, from+room)); err != nil {
			return 0, fmt.Errorf("sheet %s: %w", name, err)
		}
		e.sheets = append(e.sheets, name)
	}
	switch {
	case n == 0:
		e.said = cmp.Or(b.lacking("enterprises"), "无")
	case len(e.sheets) > 1:
		e.said = fmt.Sprintf("共 %d 家，一张工作表最多 %d 家，分为 %d 张", n, room, len(e.sheets))
	}
	b.sheets = append(b.sheets, e)
	return n, nil
}

// slipWriter writes slips.
type slipWriter struct {
	*book
	stream   *excelize.StreamWriter
	row      int
	identity []column
	land     []column
	sums     []column
	scores   []column // value and score of each indicator, in turn
	results  []column
	why      column
	moved    []column
	graded   func(i int) int
	uses     [][2]int // rows of the table of uses of each enterprise: from, to
}

func (b *book) slipWriter() *slipWriter {
	graded := b.land.beside(b.grades, "credit_code")
	w := &slipWriter{book: b, identity: b.identity(b.land), land: b.landColumns(nil), results: b.outcome(), why: b.reasons(), moved: b.moved(), graded: graded}
	sums := b.land.beside(b.indicators, "credit_code")
	for _, name := range []string{"tax", "sales", "output", "value_added", "profit", "rd", "employees", "energy", "electricity", "water", "emissions", "fixed_asset_investment"} {
		w.sums = append(w.sums, show(b.indicators, name, column{via: sums}))
	}
	for i := range b.grades.columns {
		if id, ok := strings.CutPrefix(b.grades.columns[i].Name, fields.ScorePrefix); ok {
			w.scores = append(w.scores, show(b.grades, id, column{}), show(b.grades, fields.ScorePrefix+id, column{}))
		}
	}
	w.uses = make([][2]int, b.land.rows)
	if who := b.uses.column("enterprise"); who != nil {
		for i := range b.uses.rows {
			if e, ok := who.Integer(i); ok && int(e) < len(w.uses) {
				if w.uses[e][1] == 0 {
					w.uses[e][0] = i
				}
				w.uses[e][1] = i + 1
			}
		}
	}
	return w
}

// sheet writes the slips of some enterprises.
func (w *slipWriter) sheet(name string, from, to int) error {
	if _, err := w.NewSheet(name); err != nil {
		return err
	}
	var err error
	if w.stream, err = w.NewStreamWriter(name); err != nil {
		return err
	}
	upright, scale := "portrait", uint(90) // not fit to a page's width, which would ignore the breaks
	if err := w.paper(name, &excelize.PageLayoutOptions{Orientation: &upright, AdjustTo: &scale}); err != nil {
		return err
	}
	if err := w.stream.SetColWidth(1, slipColumns, 10); err != nil {
		return err
	}
	w.row = 0
	for i := from; i < to; i++ {
		if i%256 == 0 && w.ctx.Err() != nil {
			return w.ctx.Err()
		}
		if i > from {
			if err := w.stream.InsertPageBreak(at(0, w.row+1)); err != nil {
				return err
			}
		}
		if err := w.slip(i); err != nil {
			return err
		}
	}
	if from == to {
		if err := w.line(20, span{boxNoteForm, cmp.Or(w.lacking("enterprises"), "无"), slipColumns}); err != nil {
			return err
		}
	}
	return w.stream.Flush()
}

// span is a cell over some columns.
type span struct {
	form  form
	value any
	wide  int
}

// line writes a row of cells.
func (w *slipWriter) line(height float64, spans ...span) error {
	w.row++
	cells := make([]any, 0, slipColumns)
	for _, s := range spans {
		first := len(cells)
		c := column{form: s.form}
		cells = append(cells, w.cell(&c, s.value))
		for len(cells) < first+s.wide {
			cells = append(cells, w.style(s.form, nil))
		}
		if s.wide > 1 {
			if err := w.stream.MergeCell(at(first, w.row), at(first+s.wide-1, w.row)); err != nil {
				return err
			}
		}
	}
	return w.stream.SetRow(at(0, w.row), cells, excelize.RowOpts{Height: height})
}

// box is the form in which a slip shows what a list shows in another.
func box(f form) form {
	switch f {
	case numberForm, preciseForm, wholeForm:
		return boxNumberForm
	case percentForm:
		return boxPercentForm
	}
	return boxTextForm
}

// shownOn is a column's value on a slip; what is missing is said.
func shownOn(c *column, i int, missing string) span {
	v := c.cell(i)
	if v == nil {
		return span{boxTextForm, missing, 1}
	}
	return span{box(c.form), v, 1}
}

func (w *slipWriter) slip(i int) error {
	m := w.run.Manifest
	steps := []func(i int) error{w.head, w.ground, w.figures, w.outcomes, w.confirm}
	if err := w.line(34, span{boxTitleForm, fmt.Sprintf("%d 年度企业用地与评价数据确认单", m.Year), slipColumns}); err != nil {
		return err
	}
	if err := w.line(18, span{boxNoteForm, fmt.Sprintf("第 %d 号　评价时点 %s　运行 %s", i+1, m.AsOf, m.RunID), slipColumns}); err != nil {
		return err
	}
	for _, step := range steps {
		if err := step(i); err != nil {
			return err
		}
	}
	return nil
}

// head says which enterprise it is.
func (w *slipWriter) head(i int) error {
	for k := 0; k+1 < len(w.identity); k += 2 {
		left, right := &w.identity[k], &w.identity[k+1]
		a, b := shownOn(left, i, "未填"), shownOn(right, i, "未填")
		a.wide, b.wide = 3, 3
		height := 22.0
		if s, ok := a.value.(string); ok && sheet.ShownWidth(s) > 30 || sheet.ShownWidth(right.head) > 12 {
			height = 36
		}
		if err := w.line(height, span{boxLabelForm, left.head, 1}, a, span{boxLabelForm, right.head, 1}, b); err != nil {
			return err
		}
	}
	return nil
}

// ground is the land it uses, and the parcels it lies on.
func (w *slipWriter) ground(i int) error {
	if err := w.line(20, span{boxHeadForm, "一、用地（亩）：自有 + 实际占用 + 租入 − 租出 = 实际用地", slipColumns}); err != nil {
		return err
	}
	var spans []span
	for k := range w.land[:4] {
		spans = append(spans, span{boxLabelForm, w.land[k].head, 1}, shownOn(&w.land[k], i, ""))
	}
	if err := w.line(22, spans...); err != nil {
		return err
	}
	net := shownOn(&w.land[4], i, "")
	net.wide = slipColumns - 1
	if err := w.line(22, span{boxLabelForm, w.land[4].head, 1}, net); err != nil {
		return err
	}
	return w.lots(i)
}

func (w *slipWriter) lots(i int) error {
	from, to := w.uses[i][0], w.uses[i][1]
	if from == to {
		return nil
	}
	heads := []span{{boxLabelForm, "宗地代码", 3}, {boxLabelForm, "净用地", 1}, {boxLabelForm, "宗地代码", 3}, {boxLabelForm, "净用地", 1}}
	if err := w.line(20, heads...); err != nil {
		return err
	}
	parcel, net, code := w.book.uses.column("parcel"), w.book.uses.column("net"), w.useParcels.texts("parcel_code")
	lot := func(k int) []span {
		if k >= to || k >= from+slipParcels {
			return []span{{boxTextForm, nil, 3}, {boxTextForm, nil, 1}}
		}
		p, _ := parcel.Integer(k)
		area, _ := net.Integer(k)
		return []span{{boxTextForm, code(int(p)), 3}, {boxNumberForm, decimal(unit.Area(area).MuTenThousandths(), 4), 1}}
	}
	for k := from; k < min(to, from+slipParcels); k += 2 {
		if err := w.line(20, append(lot(k), lot(k+1)...)...); err != nil {
			return err
		}
	}
	if more := to - from - slipParcels; more > 0 {
		return w.line(20, span{boxTextForm, fmt.Sprintf("另有 %d 宗，见“用地面积公示”", more), slipColumns})
	}
	return nil
}

// figures are what departments reported for the year.
func (w *slipWriter) figures(i int) error {
	if err := w.line(20, span{boxHeadForm, fmt.Sprintf("二、%d 年数据", w.run.Manifest.Year), slipColumns}); err != nil {
		return err
	}
	for k := 0; k < len(w.sums); k += 4 {
		var spans []span
		height := 32.0
		for n := k; n < min(k+4, len(w.sums)); n++ {
			height = max(height, 16*float64((sheet.ShownWidth(w.sums[n].title())+9)/10))
			spans = append(spans, span{boxLabelForm, w.sums[n].title(), 1}, shownOn(&w.sums[n], i, "未报"))
		}
		if err := w.line(height, spans...); err != nil {
			return err
		}
	}
	return nil
}

// outcomes are its scores and grade.
func (w *slipWriter) outcomes(i int) error {
	if err := w.line(20, span{boxHeadForm, "三、评价", slipColumns}); err != nil {
		return err
	}
	row := w.graded(i)
	if row < 0 {
		return w.line(24, span{boxTextForm, w.notGraded(), slipColumns})
	}
	for k := 0; k < len(w.scores); k += 4 {
		var spans []span
		for n := k; n < k+4; n += 2 {
			if n >= len(w.scores) {
				spans = append(spans, span{boxTextForm, nil, 4})
				continue
			}
			value := shownOn(&w.scores[n], row, "—")
			score := shownOn(&w.scores[n+1], row, "—")
			spans = append(spans, span{boxLabelForm, w.scores[n].title(), 2}, value, score)
		}
		if k == 0 {
			if err := w.line(20, span{boxLabelForm, "指标", 2}, span{boxLabelForm, "数值", 1}, span{boxLabelForm, "得分", 1},
				span{boxLabelForm, "指标", 2}, span{boxLabelForm, "数值", 1}, span{boxLabelForm, "得分", 1}); err != nil {
				return err
			}
		}
		if err := w.line(30, spans...); err != nil {
			return err
		}
	}
	return w.final(row)
}

// final is the total with the grade, and why.
func (w *slipWriter) final(row int) error {
	cell := func(c *column) span {
		s := shownOn(c, row, "—")
		if c.form == gradeForm || c.form == wholeForm {
			s.form = boxTextForm
			if v, ok := s.value.(int64); ok {
				s.value = fmt.Sprint(v)
			}
		}
		return s
	}
	r := w.results
	if err := w.line(22, span{boxLabelForm, "加减分", 1}, cell(&r[0]), span{boxLabelForm, "总分", 1}, cell(&r[1]),
		span{boxLabelForm, "名次", 1}, cell(&r[2]), span{boxLabelForm, "参评数", 1}, cell(&r[3])); err != nil {
		return err
	}
	before := span{boxTextForm, "—", 1}
	if len(w.moved) > 0 {
		before = cell(&w.moved[0])
	}
	before.wide = 3
	if err := w.line(22, span{boxLabelForm, "初评等级", 1}, cell(&r[4]), span{boxLabelForm, "最终等级", 1}, cell(&r[5]), span{boxLabelForm, "上年等级", 1}, before); err != nil {
		return err
	}
	why, _ := w.why.cell(row).(string)
	const perLine = 76 // characters over seven columns
	height := 22 + 14*float64(min(sheet.ShownWidth(why)/perLine, 8))
	return w.line(height, span{boxLabelForm, "备注", 1}, span{boxTextForm, why, slipColumns - 1})
}

// confirm is where the enterprise signs.
func (w *slipWriter) confirm(int) error {
	if err := w.line(20, span{boxHeadForm, "四、企业确认", slipColumns}); err != nil {
		return err
	}
	if err := w.line(48, span{boxTextForm, "经核对，以上数据　□ 属实　　□ 有异议，异议事项及证明材料：", slipColumns}); err != nil {
		return err
	}
	if err := w.line(24, span{boxLabelForm, "经办人", 1}, span{boxTextForm, nil, 3}, span{boxLabelForm, "联系电话", 1}, span{boxTextForm, nil, 3}); err != nil {
		return err
	}
	return w.line(48, span{boxLabelForm, "企业（盖章）", 1}, span{boxTextForm, "　　　　年　　月　　日", 3},
		span{boxLabelForm, "街道、开发区审核", 1}, span{boxTextForm, "　　　　年　　月　　日", 3})
}
