package check

import (
	"math"
	"strconv"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Evidence appends to dst what the row's verdict rests on, as `name=value` parts
// with `; ` between, names as those of columns:
//
//	profile=strict; industry_share=0.6 (target 0.333333); residence_share=0.2 (target
//	0.333333); public_share=0.2 (target 0.333333); max_deviation=0.266667 (<=0.05 not
//	met); to_convert_mu=4.0005
//
// A row without a verdict has its reason instead of the figures.
func (r *MixRow) Evidence(dst []byte) []byte {
	dst = append(append(dst, "profile="...), r.Profile...)
	if r.Evaluated {
		for c, name := range [...]string{"industry_share", "residence_share", "public_share"} {
			dst = append(append(append(dst, "; "...), name...), '=')
			dst = sixDigits(dst, r.Shares[c])
			dst = append(sixDigits(append(dst, " (target "...), r.Target[c]), ')')
		}
		dst = sixDigits(append(dst, "; max_deviation="...), r.MaxDeviation)
		dst = strconv.AppendFloat(append(dst, " (<="...), r.Tolerance, 'f', -1, 64)
		if withinTolerance(r.MaxDeviation, r.Tolerance) {
			dst = append(dst, " met)"...)
		} else {
			dst = append(dst, " not met)"...)
		}
		dst = appendMu(append(dst, "; to_convert_mu="...), r.ToConvert)
	}
	if r.Reason != "" {
		dst = append(append(dst, "; reason="...), r.Reason...)
	}
	if r.Informational {
		dst = append(dst, "; informational"...)
	}
	return dst
}

// withinTolerance compares two numbers that are rounded to 1e-9.
func withinTolerance(deviation, tolerance float64) bool {
	return math.Round(deviation*1e9) <= math.Round(tolerance*1e9)
}

func sixDigits(dst []byte, v float64) []byte {
	return strconv.AppendFloat(dst, math.Round(v*1e6)/1e6, 'f', -1, 64)
}

func appendMu(dst []byte, a unit.Area) []byte {
	return strconv.AppendFloat(dst, float64(a.MuTenThousandths())/1e4, 'f', -1, 64)
}
