package join

import (
	"math"

	"github.com/muscope-gis/muscope/engine/unit"
)

// NoDate is a date that is not known.
const NoDate unit.Date = math.MinInt32

// Investment is each enterprise's cumulative fixed-asset investment, in fen: that of
// each used parcel, which of gives, is split by net area over all with positive net
// land on it, those outside the register too, and added up by enterprise in the order
// of parcels. NaN where one of its parcels has none or was rejected, for then nothing
// is known of it, and where it has no parcel.
func Investment(l *Land, p *Parcels, of func(parcel int32) (fen float64, ok bool)) []float64 {
	used := int32(p.Used.Len())
	out := make([]float64, len(l.Net))
	for i := range out {
		total, known := 0.0, false
		for _, u := range l.Of(int32(i)) {
			if u.Net <= 0 {
				continue
			}
			fen := 0.0
			if known = u.Parcel < used; known {
				fen, known = of(u.Parcel)
			}
			if !known {
				break
			}
			total += fen * float64(u.Net) / l.occupied[u.Parcel]
		}
		if out[i] = total; !known {
			out[i] = math.NaN()
		}
	}
	return out
}

// Supply is when used parcels were supplied and finished; [NoDate] where unknown.
type Supply struct{ Delivered, Signed, Finished []unit.Date }

// UnderConstruction is the day since which an enterprise may be under construction:
// the earliest supply, delivery or else signing, of the parcels it has positive net
// land on. [NoDate] where one of them is finished by 31 December of the year, or has
// neither day (of rejected ones nothing is known), and where there is none.
func UnderConstruction(l *Land, p *Parcels, s Supply, year int) []unit.Date {
	used, last := int32(p.Used.Len()), days(year, false)[0]
	out := make([]unit.Date, len(l.Net))
	for i := range out {
		out[i] = NoDate
		for _, u := range l.Of(int32(i)) {
			if u.Net <= 0 {
				continue
			}
			since := NoDate
			if u.Parcel < used {
				since = s.since(u.Parcel, last)
			}
			if since == NoDate {
				out[i] = NoDate
				break
			}
			if out[i] == NoDate || since < out[i] {
				out[i] = since
			}
		}
	}
	return out
}

// since is when a parcel that is not finished on a day was supplied.
func (s *Supply) since(parcel int32, last unit.Date) unit.Date {
	if f := s.Finished[parcel]; f != NoDate && f <= last {
		return NoDate
	}
	if d := s.Delivered[parcel]; d != NoDate {
		return d
	}
	return s.Signed[parcel]
}
