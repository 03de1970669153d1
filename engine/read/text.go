package read

import (
	"strconv"

	"github.com/muscope-gis/muscope/engine/read/cell"
)

// Capitals is a text in half-width capitals and without white space and marks
// that are not seen: the form in which credit codes and grades are compared.
func Capitals(text string) string { return string(cell.AppendCapitals(nil, []byte(text))) }

// ParseNumber reads a number from a text column as one of a number column is read:
// with spaces about it, separators of thousands, full-width digits. A cell that is
// empty, or says that nothing was entered, is not a number.
func ParseNumber(text string) (float64, bool) {
	v := cell.Trim([]byte(text))
	if cell.IsNull(v) {
		return 0, false
	}
	return cell.Number(v)
}

// pair is a position as messages show it.
func pair(x, y float64) []byte {
	b := strconv.AppendFloat(nil, x, 'f', -1, 64)
	return strconv.AppendFloat(append(b, ' '), y, 'f', -1, 64)
}
