package city

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
)

// wrongAdjustment rejects an adjustment whose value its kind does not take: points
// from 0 for bonus and penalty, a grade for the others.
func wrongAdjustment(b table.Batch) func(row int) *read.Reject {
	kind, value := b.Text("kind"), b.Text("value")
	return func(row int) *read.Reject {
		_, points := adjustmentKind(kind.Value(row))
		why := read.UnknownValue
		if points {
			v, ok := read.ParseNumber(value.Value(row))
			switch {
			case !ok:
				why = read.NotANumber
			case v >= 0 && v <= mostPoints:
				return nil
			default:
				why = read.OutOfRange
			}
		} else if _, ok := gradeOf(value.Value(row)); ok {
			return nil
		}
		return &read.Reject{Column: "value", Value: read.Shown([]byte(value.Value(row))), Reason: why}
	}
}

// mostPoints is the largest bonus or penalty that is taken: beyond it is a slip.
const mostPoints = 1e6

// adjustmentKind is a kind as adjustments name it; points says that its value is
// points, not a grade.
func adjustmentKind(name string) (kind grade.AdjustmentKind, points bool) {
	switch name {
	case "bonus":
		return grade.BonusPoints, true
	case "penalty":
		return grade.PenaltyPoints, true
	case "veto":
		return grade.Veto, false
	case "floor":
		return grade.FloorGrade, false
	case "fix":
		return grade.Fix, false
	}
	return grade.Manual, false
}

// gradeOf reads a grade letter, full width and lower case too.
func gradeOf(text string) (grade.Grade, bool) {
	switch read.Capitals(text) {
	case "A":
		return grade.A, true
	case "B":
		return grade.B, true
	case "C":
		return grade.C, true
	case "D":
		return grade.D, true
	}
	return grade.NoGrade, false
}

// adjustments are the decisions of a year on enterprises of the register, sorted.
// enterprise is that of each row, -1 for none.
func adjustments(rows table.Rows, enterprise []int32, inYear int) []grade.Adjustment {
	year, kind, value := rows.Integer("year"), rows.Text("kind"), rows.Text("value")
	reason, actor, decided := rows.Text("reason"), rows.Text("actor"), rows.Date("decided_on")
	var out []grade.Adjustment
	for i, e := range enterprise {
		if y, _ := year(i); e < 0 || y != int64(inYear) {
			continue
		}
		a := grade.Adjustment{Enterprise: e}
		name, _ := kind(i)
		text, _ := value(i)
		var points bool
		if a.Kind, points = adjustmentKind(name); points {
			a.Points, _ = read.ParseNumber(text)
		} else {
			a.Grade, _ = gradeOf(text)
		}
		a.Reason, _ = reason(i)
		a.Actor, _ = actor(i)
		a.Decided = grade.NoDate
		if d, ok := decided(i); ok {
			a.Decided = d
		}
		out = append(out, a)
	}
	slices.SortFunc(out, grade.Adjustment.Compare)
	return out
}
