package geojson

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// AppendHead begins a FeatureCollection; features follow, joined by ",\n".
func AppendHead(dst []byte, name string) []byte {
	dst = append(dst, `{"type":"FeatureCollection","name":`...)
	dst = AppendString(dst, name)
	return append(dst, ",\"features\":[\n"...)
}

// AppendTail ends a FeatureCollection; of an empty box no bbox is written.
func AppendTail(dst []byte, box wkb.Box) []byte {
	dst = append(dst, "\n]"...)
	if !box.Empty() {
		dst = append(dst, `,"bbox":[`...)
		for i, v := range [...]float64{box.MinX, box.MinY, box.MaxX, box.MaxY} {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendCoordinate(dst, v)
		}
		dst = append(dst, ']')
	}
	return append(dst, "}\n"...)
}

// AppendFloat writes the shortest decimal that reads back as v, always with a
// decimal point (12350.0), and without an exponent below 1e15. Minus zero is zero; what is not
// finite becomes null.
func AppendFloat(dst []byte, v float64) []byte {
	if v-v != 0 {
		return append(dst, "null"...)
	}
	// Most numbers were rounded to a few places. If such a decimal of at most 15
	// digits reads back as v it is the only one, so it is the shortest.
	if a := math.Abs(v); a < 1e9 {
		n := uint64(float64(a*1e6) + 0.5)
		if float64(n)/1e6 == a {
			if v < 0 {
				dst = append(dst, '-')
			}
			return appendMillionths(dst, n)
		}
	}
	if math.Abs(v) < 1e15 {
		from := len(dst)
		dst = strconv.AppendFloat(dst, v, 'f', -1, 64)
		if slices.Contains(dst[from:], '.') {
			return dst
		}
		return append(dst, ".0"...)
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, v, 'e', -1, 64)
	if slices.Contains(dst[from:], '.') {
		return dst
	}
	return slices.Insert(dst, from+slices.Index(dst[from:], 'e'), '.', '0')
}

// appendMillionths writes n/10^6 with one to six decimals.
func appendMillionths(dst []byte, n uint64) []byte {
	dst = strconv.AppendUint(dst, n/1e6, 10)
	rest := uint32(n % 1e6)
	a, b, c := 2*(rest/10000), 2*(rest/100%100), 2*(rest%100)
	dst = append(dst, '.', digitPairs[a], digitPairs[a+1], digitPairs[b], digitPairs[b+1], digitPairs[c], digitPairs[c+1])
	end := len(dst)
	for dst[end-1] == '0' && dst[end-2] != '.' {
		end--
	}
	return dst[:end]
}

const hexDigits = "0123456789abcdef"

// AppendString writes a JSON string: only quotes, backslashes and control
// characters are escaped, bytes that are not UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(slices.Grow(dst, len(s)+2), '"')
	if !utf8.ValidString(s) {
		s = string(appendValid(nil, []byte(s)))
	}
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}
