package join_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// The city of the benchmarks.
const (
	manyEnterprises = 300_000
	manyParcels     = 1_000_000
	batchRows       = 1 << 16
)

func manyCodes(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = code(i * 3)
	}
	return out
}

// manyRows fills batches of n rows.
func manyRows(name string, n int, fill func(b *table.Builder, i int)) table.Rows {
	var out table.Rows
	for start := 0; start < n; start += batchRows {
		b := table.NewBuilder(table.MustInput(name), batchRows)
		for i := start; i < min(start+batchRows, n); i++ {
			fill(b, i)
			b.EndRow(0, int64(i))
			out.Order = append(out.Order, table.Ref{Batch: int32(len(out.Batches)), Row: int32(i - start)})
		}
		out.Batches = append(out.Batches, b.Batch())
	}
	return out
}

func perSecond(b *testing.B, rows int) {
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func BenchmarkAccounts(b *testing.B) {
	codes := manyCodes(manyEnterprises)
	s := table.MustInput(table.Tax)
	at, year, tax := s.Index("credit_code"), s.Index("year"), s.Index("tax")
	rows := manyRows(table.Tax, 2*manyEnterprises, func(t *table.Builder, i int) {
		t.String(at, codes[i/2])
		t.Integer(year, int64(2023+i%2))
		t.Number(tax, float64(i))
	})
	r := join.NewRegister(codes, make([]string, len(codes)))
	for b.Loop() {
		join.NewAccounts(rows, r).Of(2024)
	}
	perSecond(b, rows.Len())
}

func BenchmarkRegister(b *testing.B) {
	codes, names := manyCodes(manyEnterprises), make([]string, manyEnterprises)
	for i := range names {
		names[i] = fmt.Sprintf("连云港（东海）硅业%d有限责任公司", i)
	}
	b.Run("codes", func(b *testing.B) {
		for b.Loop() {
			join.NewRegister(codes, names)
		}
		perSecond(b, len(codes))
	})
	b.Run("names", func(b *testing.B) {
		for b.Loop() {
			join.NewRegister(codes, names).ByName("连云港(东海)硅业7有限公司")
		}
		perSecond(b, len(codes))
	})
}

func BenchmarkNormaliseName(b *testing.B) {
	for b.Loop() {
		join.NormaliseName("连云港（东海）硅业科技有限责任公司")
	}
}

// manyTenancies is a city of one and a half tenancies a parcel, sorted by enterprise
// and parcel.
func manyTenancies() (table.Rows, *join.Register, *join.Parcels) {
	dice := rand.New(rand.NewPCG(1, 1))
	enterprises, used := manyCodes(manyEnterprises), manyCodes(manyParcels)
	p := &join.Parcels{Used: join.NewCodes(used), Official: make([]unit.Area, manyParcels)}
	for i := range p.Official {
		p.Official[i] = unit.Area(1e8)
	}
	r := join.NewRegister(enterprises, make([]string, manyEnterprises))
	holders := manyRows(table.Parcels, manyParcels, func(t *table.Builder, i int) {
		t.String(0, used[i])
		t.String(table.MustInput(table.Parcels).Index("holder"), enterprises[dice.IntN(manyEnterprises)])
	})
	p.Holders = join.Holders(holders, r)
	s := table.MustInput(table.Tenancies)
	area, from, to := s.Index("area"), s.Index("from"), s.Index("to")
	rows := manyRows(table.Tenancies, 3*manyParcels/2, func(t *table.Builder, i int) {
		t.String(0, enterprises[i/5])
		t.String(1, used[dice.IntN(manyParcels)])
		t.String(2, kinds[dice.IntN(4)])
		t.Number(area, float64(dice.IntN(1e6))/100)
		t.Date(from, unit.Date(15_000+dice.IntN(4000)))
		if dice.IntN(4) == 0 {
			t.Date(to, unit.Date(19_000+dice.IntN(2000)))
		}
	})
	return rows, r, p
}

func BenchmarkTenancies(b *testing.B) {
	rows, r, p := manyTenancies()
	t, _ := join.NewTenancies(rows, r, p)
	b.Run("join", func(b *testing.B) {
		for b.Loop() {
			join.NewTenancies(rows, r, p)
		}
		perSecond(b, rows.Len())
	})
	for name, byMonths := range map[string]bool{"land": false, "land by months": true} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				join.LandOn(t, p, r, 2022, byMonths)
			}
			perSecond(b, rows.Len())
		})
	}
	l := join.LandOn(t, p, r, 2022, false)
	figure := make([]float64, manyEnterprises)
	for i := range figure {
		figure[i] = float64(i)
	}
	b.Run("to parcels", func(b *testing.B) {
		for b.Loop() {
			l.ToParcels(figure, manyParcels)
		}
		perSecond(b, len(l.Uses))
	})
	zones, areas := []int32{0}, []unit.Area{1e8}
	b.Run("to zones", func(b *testing.B) {
		for b.Loop() {
			l.ToZones(figure, manyParcels, 200, func(parcel int32) ([]int32, []unit.Area, unit.Area) {
				zones[0] = parcel % 200
				return zones, areas, 1e8
			})
		}
		perSecond(b, len(l.Uses))
	})
	b.Run("investment", func(b *testing.B) {
		for b.Loop() {
			join.Investment(l, p, func(parcel int32) (float64, bool) { return float64(parcel), true })
		}
		perSecond(b, len(l.Uses))
	})
}

func BenchmarkHolders(b *testing.B) {
	dice := rand.New(rand.NewPCG(2, 1))
	enterprises := manyCodes(manyEnterprises)
	at := table.MustInput(table.Parcels).Index("holder")
	rows := manyRows(table.Parcels, manyParcels, func(t *table.Builder, i int) {
		t.String(0, code(i))
		t.String(at, enterprises[dice.IntN(manyEnterprises)])
	})
	r := join.NewRegister(enterprises, make([]string, manyEnterprises))
	for b.Loop() {
		join.Holders(rows, r)
	}
	perSecond(b, rows.Len())
}

func BenchmarkCodes(b *testing.B) {
	used := manyCodes(manyParcels)
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			join.NewCodes(used)
		}
		perSecond(b, len(used))
	})
	c, dice := join.NewCodes(used), rand.New(rand.NewPCG(3, 1))
	b.Run("find", func(b *testing.B) {
		for b.Loop() {
			c.Find(used[dice.IntN(len(used))])
		}
		perSecond(b, 1)
	})
}
