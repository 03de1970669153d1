package gpkg

import "time"

// parseDay reads the day of a date, YYYY-MM-DD, or of a date and time that begins
// with one and goes on with T or a blank, as days since 1970-01-01.
func parseDay(text []byte, andTime bool) (day int64, ok bool) {
	const length = len("2006-01-02")
	if len(text) > length && andTime && (text[length] == 'T' || text[length] == ' ') {
		text = text[:length]
	}
	if len(text) != length || text[4] != '-' || text[7] != '-' {
		return 0, false
	}
	year, ok1 := digits(text[:4])
	month, ok2 := digits(text[5:7])
	dayOfMonth, ok3 := digits(text[8:])
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), dayOfMonth, 0, 0, 0, 0, time.UTC)
	if dayOfMonth < 1 || t.Month() != time.Month(month) { // the 31st of June became July
		return 0, false
	}
	return t.Unix() / secondsPerDay, true
}

const secondsPerDay = 86_400

func digits(text []byte) (n int, ok bool) {
	for _, ch := range text {
		if ch < '0' || ch > '9' {
			return 0, false
		}
		n = 10*n + int(ch-'0')
	}
	return n, true
}

// appendDay writes a day since 1970-01-01; false outside the years 0 to 9999.
func appendDay(dst []byte, day int64) ([]byte, bool) {
	if day < -719_528 || day > 2_932_896 {
		return dst, false
	}
	return time.Unix(day*secondsPerDay, 0).UTC().AppendFormat(dst, time.DateOnly), true
}
