package xlsx

import (
	"math"
	"strconv"
	"strings"
)

// format is what a number format says about the number in a cell.
type format byte

const (
	plainFormat format = iota
	dateFormat         // a day, with or without a time of it
	percentFormat
)

// builtIn are the formats that have a number and no code. Those of 27 to 36 and 50 to
// 58 are the ones of Chinese, Japanese and Korean editions.
var builtIn = func() map[string]format {
	of := map[string]format{"9": percentFormat, "10": percentFormat}
	for _, span := range [][2]int{{14, 17}, {22, 22}, {27, 31}, {36, 36}, {50, 54}, {57, 58}} {
		for id := span[0]; id <= span[1]; id++ {
			of[strconv.Itoa(id)] = dateFormat
		}
	}
	return of
}()

// parseFormat tells a date's format code from a number's by the letters of its first
// section that are neither quoted nor escaped: year or day, or month where no hour or
// second says that it is the minute.
func parseFormat(code string) format {
	code = strings.ToLower(code)
	var day, month, clock, percent bool
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			i = skipTo(code, i, '"')
		case '[':
			end := skipTo(code, i, ']')
			switch strings.Trim(code[i+1:end], "hms") {
			case "": // time that has passed: [h]
				clock = clock || end > i+1
			}
			i = end
		case '\\', '_', '*':
			i++
		case ';':
			i = len(code)
		case 'y', 'd':
			day = true
		case 'e':
			day = day || i+1 == len(code) || code[i+1] != '+' && code[i+1] != '-'
		case 'g':
			if strings.HasPrefix(code[i:], "general") {
				i += len("general") - 1
			}
		case 'm':
			month = true
		case 'h', 's':
			clock = true
		case '%':
			percent = true
		}
	}
	switch {
	case day || month && !clock:
		return dateFormat
	case percent:
		return percentFormat
	}
	return plainFormat
}

// skipTo is where mark stands next behind i; the last place when it does not.
func skipTo(code string, i int, mark byte) int {
	if n := strings.IndexByte(code[i+1:], mark); n >= 0 {
		return i + 1 + n
	}
	return max(i+1, len(code)) // behind the code: the loop ends there
}

// appendDate appends the day of a serial number as 2006-01-02; its time of day is
// left out. ok is false where the number is no day: before the first one, behind the
// year 9999, and 29 February 1900, which spreadsheets count and no calendar has.
func appendDate(dst []byte, serial float64, from1904 bool) (text []byte, ok bool) {
	const (
		halfMilli    = 0.5 / 86400e3 // a time that was reckoned is off by less
		unixOf1900   = -25569        // 30 December 1899, of which day 61 and later count
		unixOf1904   = -24107
		dayBehindAll = 2932897 // 1 January 10000
	)
	day := math.Floor(serial + halfMilli)
	if !(day >= 0 && day < 4e6) {
		return dst, false
	}
	n := int(day)
	switch {
	case from1904:
		n += unixOf1904
	case n == 0 || n == 60:
		return dst, false
	case n < 60:
		n += unixOf1900 + 1
	default:
		n += unixOf1900
	}
	if n >= dayBehindAll {
		return dst, false
	}
	y, m, d := civil(n)
	return append(dst, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10), byte('0'+d%10)), true
}

// civil is the day of the calendar that is n days after 1 January 1970. Years are
// counted from March, so that a leap day is the last of its year.
func civil(n int) (year, month, day int) {
	n += 719468 // from 1 March of the year 0
	era := n / 146097
	inEra := n % 146097
	ofEra := (inEra - inEra/1460 + inEra/36524 - inEra/146096) / 365
	inYear := inEra - (365*ofEra + ofEra/4 - ofEra/100)
	march := (5*inYear + 2) / 153
	day = inYear - (153*march+2)/5 + 1
	month = march + 3
	year = era*400 + ofEra
	if march >= 10 {
		month, year = march-9, year+1
	}
	return year, month, day
}
