package join_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

func code(i int) string { return fmt.Sprintf("9132%014d", i) }

// region is a made-up city: what its tables say, and the same in the engine's terms.
type region struct {
	codes, names []string
	used         []string
	official     []float64
	holder       []row
	tenancies    []row
	register     *join.Register
	parcels      *join.Parcels
}

const firstRejected = 900

func newRegion(t testing.TB, dice *rand.Rand, enterprises, parcels, tenancies int) *region {
	g := &region{}
	for i := range enterprises {
		g.codes = append(g.codes, code(2*i))
		g.names = append(g.names, fmt.Sprintf("name %d", dice.IntN(max(1, enterprises*3/2))))
	}
	g.parcels = &join.Parcels{Rejected: join.NewCodes([]string{code(firstRejected), code(firstRejected + 1)})}
	for i := range parcels {
		g.used = append(g.used, code(i))
		g.official = append(g.official, float64(1+dice.IntN(300)))
		a, _ := unit.SquareMetres(g.official[i])
		g.parcels.Official = append(g.parcels.Official, a)
		h := row{"parcel_code": code(i)}
		switch dice.IntN(4) {
		case 0:
			h["holder"] = code(dice.IntN(2*enterprises + 2)) // one in two is not in the register
		case 1:
			h["holder_name"] = fmt.Sprintf("NAME%d", dice.IntN(2*enterprises))
		}
		g.holder = append(g.holder, h)
	}
	for range tenancies {
		parcel := code(dice.IntN(parcels + 1)) // the last of them nobody knows
		if dice.IntN(10) == 0 {
			parcel = code(firstRejected + dice.IntN(2))
		}
		r := tenancy(t, code(dice.IntN(2*enterprises+2)), parcel, kinds[dice.IntN(len(kinds))], float64(dice.IntN(2000))/10, "", "")
		if dice.IntN(3) == 0 {
			delete(r, "credit_code")
			r["name"] = fmt.Sprintf("Name %d", dice.IntN(2*enterprises))
		}
		if dice.IntN(4) == 0 {
			delete(r, "area")
		}
		year := day(t, "2024-01-01")
		if dice.IntN(2) == 0 {
			r["from"] = year + unit.Date(dice.IntN(500)-60)
		}
		if dice.IntN(2) == 0 {
			r["to"] = year + unit.Date(dice.IntN(500)-60)
		}
		g.tenancies = append(g.tenancies, r)
	}
	g.parcels.Used = join.NewCodes(g.used)
	g.register = join.NewRegister(g.codes, g.names)
	g.parcels.Holders = join.Holders(rowsOf(t, table.Parcels, g.holder), g.register)
	return g
}

var kinds = []string{"owned", "occupied", "leased_in", "leased_out"}

// who is a row's enterprise by the plain rule: its code, else the one enterprise of its
// name, else the name itself.
func (g *region) who(code, name any) string {
	if code != nil {
		return code.(string)
	}
	if name == nil {
		return ""
	}
	plain := strings.ToUpper(strings.ReplaceAll(name.(string), " ", ""))
	var may []string
	for i, n := range g.names {
		if strings.ToUpper(strings.ReplaceAll(n, " ", "")) == plain {
			may = append(may, g.codes[i])
		}
	}
	if len(may) == 1 {
		return may[0]
	}
	return "name " + plain
}

// plainLand is the land in use, in 1e-4 m², by maps: who, parcel, kind.
type plainLand map[string]map[string]map[string]int64

func (l plainLand) add(who, parcel, kind string, area int64) {
	if l[who] == nil {
		l[who] = map[string]map[string]int64{}
	}
	if l[who][parcel] == nil {
		l[who][parcel] = map[string]int64{}
	}
	l[who][parcel][kind] += area
}

func net(kinds map[string]int64) int64 {
	return kinds["owned"] + kinds["occupied"] + kinds["leased_in"] - kinds["leased_out"]
}

// plain computes the land on the given days as the rules are written.
func (g *region) plain(days []unit.Date) plainLand {
	l, kept, rowsOn := plainLand{}, map[string]bool{}, map[string]int{}
	for _, r := range g.tenancies {
		rowsOn[r["parcel_code"].(string)]++
	}
	for _, r := range g.tenancies {
		parcel, kind := r["parcel_code"].(string), r["kind"].(string)
		at := slices.Index(g.used, parcel)
		area, ok := r["area"].(float64)
		if !ok && at >= 0 && rowsOn[parcel] == 1 {
			area, ok = g.official[at], true
		}
		_, known := g.parcels.Find(parcel)
		n := 0
		for _, day := range days {
			from, isFrom := r["from"].(unit.Date)
			to, isTo := r["to"].(unit.Date)
			if (!isFrom || from <= day) && (!isTo || day <= to) {
				n++
			}
		}
		if !ok || !known || n == 0 {
			continue
		}
		units := int64(math.Round(area * 1e4))
		share := (2*units*int64(n) + int64(len(days))) / (2 * int64(len(days))) // halves up
		l.add(g.who(r["credit_code"], r["name"]), parcel, kind, share)
		kept[parcel] = kept[parcel] || kind == "owned" || kind == "occupied"
	}
	for i, h := range g.holder {
		if who := g.who(h["holder"], h["holder_name"]); who != "" && !kept[g.used[i]] {
			l.add(who, g.used[i], "owned", int64(g.official[i]*1e4))
		}
	}
	return l
}

func TestLandIsWhatAPlainComputationByMapsGives(t *testing.T) {
	dice := rand.New(rand.NewPCG(4, 12))
	for round := range 120 {
		g := newRegion(t, dice, 1+dice.IntN(12), 1+dice.IntN(20), dice.IntN(60))
		byMonths := round%2 == 1
		dates := []unit.Date{day(t, "2024-12-31")}
		if byMonths {
			dates = dates[:0]
			for _, end := range []string{"01-31", "02-29", "03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31"} {
				dates = append(dates, day(t, "2024-"+end))
			}
		}
		want := g.plain(dates)
		tenancies, _ := join.NewTenancies(rowsOf(t, table.Tenancies, g.tenancies), g.register, g.parcels)
		l := join.LandOn(tenancies, g.parcels, g.register, 2024, byMonths)
		g.compareLand(t, l, want)
		g.compareParcels(t, dice, l, want)
		if t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
}

func (g *region) compareLand(t *testing.T, l *join.Land, want plainLand) {
	for i, code := range g.codes {
		by := map[string]int64{}
		var uses []join.Use
		for p := range g.parcels.Len() {
			kinds, ok := want[code][g.parcels.Code(int32(p))]
			if !ok {
				continue
			}
			for k, v := range kinds {
				by[k] += v
			}
			uses = append(uses, join.Use{Enterprise: int32(i), Parcel: int32(p), Net: unit.Area(net(kinds)),
				Own: unit.Area(kinds["owned"] + kinds["occupied"]), LeasedIn: unit.Area(kinds["leased_in"])})
		}
		same(t, code+" land", []unit.Area{l.Owned[i], l.Occupied[i], l.LeasedIn[i], l.LeasedOut[i], l.Net[i]},
			[]int64{by["owned"], by["occupied"], by["leased_in"], by["leased_out"], net(by)})
		same(t, code+" uses", l.Of(int32(i)), uses)
	}
}

func (g *region) compareParcels(t *testing.T, dice *rand.Rand, l *join.Land, want plainLand) {
	figure := make([]float64, len(g.codes))
	has := map[string]float64{}
	for i := range figure {
		figure[i] = float64(dice.IntN(1_000_000) - 1000)
		if dice.IntN(6) == 0 {
			figure[i] = math.NaN()
		}
		has[g.codes[i]] = figure[i]
	}
	total, positive := map[string]int64{}, map[string]int64{}
	for who, on := range want {
		for _, kinds := range on {
			total[who] += net(kinds)
			positive[who] += max(0, net(kinds))
		}
	}
	sum, why := l.ToParcels(figure, len(g.used))
	for i, parcel := range g.used {
		var on int64
		var sumWant float64
		occupants, stranger := 0, false
		for who, parcels := range want {
			n := net(parcels[parcel])
			on += n
			_, registered := has[who]
			switch {
			case n <= 0:
			case !registered:
				stranger = true
			case total[who] > 0:
				occupants++
				sumWant += has[who] * float64(n) / float64(positive[who])
			}
		}
		same(t, parcel+" over let", l.OverLet[i], float64(on) > 1.005*g.official[i]*1e4)
		same(t, parcel+" stranger", l.Stranger[i], stranger)
		if occupants == 0 || stranger {
			sumWant = math.NaN()
		}
		if !near(sum[i], sumWant, 1e-12) || math.IsNaN(sum[i]) != (why[i] != join.Known) {
			t.Errorf("%s: %v (%s), want %v", parcel, sum[i], why[i], sumWant)
		}
	}
}

func TestWhatFallsOnZonesAndWhatDoesNotAddUpToTheFigure(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 12))
	for range 60 {
		g := newRegion(t, dice, 1+dice.IntN(40), 1+dice.IntN(60), dice.IntN(200))
		tenancies, _ := join.NewTenancies(rowsOf(t, table.Tenancies, g.tenancies), g.register, g.parcels)
		l := join.LandOn(tenancies, g.parcels, g.register, 2024, dice.IntN(2) == 0)
		figure, want, land := make([]float64, len(g.codes)), 0.0, 0.0
		for i := range figure {
			if figure[i] = float64(dice.IntN(1e9)); dice.IntN(5) == 0 {
				figure[i] = math.NaN()
				continue
			}
			want += figure[i]
			for _, u := range l.Of(int32(i)) {
				if u.Net > 0 && l.Net[i] > 0 && int(u.Parcel) < len(g.used) {
					land += float64(u.Net)
				}
			}
		}
		z := l.ToZones(figure, len(g.used), 3, func(parcel int32) ([]int32, []unit.Area, unit.Area) {
			a := g.parcels.Official[parcel]
			return []int32{parcel % 3, 2 - parcel%3}, []unit.Area{a / 3, a / unit.Area(2+parcel%5)}, a
		})
		got, gotLand, unapportioned := z.NoLand+z.OnRejected, 0.0, 0.0
		for i := range z.Sum {
			got += z.Sum[i]
			gotLand += z.Land[i]
		}
		for _, v := range z.Unapportioned {
			unapportioned += v
		}
		if !near(got, want, 1e-9) || gotLand != land || !near(unapportioned, z.NoLand+z.OnRejected, 1e-9) {
			t.Fatalf("parts add up to %v on %v and %v unapportioned, want %v on %v", got, gotLand, unapportioned, want, land)
		}
	}
}

func TestTheOrderOfTenanciesChangesNothing(t *testing.T) {
	dice := rand.New(rand.NewPCG(6, 12))
	for range 40 {
		g := newRegion(t, dice, 1+dice.IntN(12), 1+dice.IntN(20), 1+dice.IntN(60))
		find := func() *join.Land {
			tenancies, _ := join.NewTenancies(rowsOf(t, table.Tenancies, g.tenancies), g.register, g.parcels)
			return join.LandOn(tenancies, g.parcels, g.register, 2024, true)
		}
		want := find()
		dice.Shuffle(len(g.tenancies), func(i, j int) { g.tenancies[i], g.tenancies[j] = g.tenancies[j], g.tenancies[i] })
		if got := find(); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v\nwant\n%+v", got, want)
		}
	}
}

func TestTheOrderInWhichAccountsWereReadChangesNothing(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 12))
	for range 60 {
		g := newRegion(t, dice, 1+dice.IntN(12), 1, 0)
		var given []row
		for i := range dice.IntN(60) {
			r := row{"credit_code": code(dice.IntN(2*len(g.codes) + 2)), "year": 2022 + dice.IntN(3), "tax": float64(i)}
			if dice.IntN(2) == 0 {
				delete(r, "credit_code")
				r["name"] = fmt.Sprintf([]string{"name %d", "NAME%d", "Ｎame %d"}[dice.IntN(3)], dice.IntN(2*len(g.codes)))
			}
			given = append(given, r)
		}
		find := func() (of [][]string) {
			rows := rowsOf(t, table.Tax, given)
			rows.Order, _ = read.Order(table.MustInput(table.Tax), rows.Batches, nil)
			a := join.NewAccounts(rows, g.register)
			if len(a.Enterprise) == 0 {
				return nil
			}
			tax := rows.Number("tax", unit.WanYuan)
			for year := 2022; year < 2025; year++ {
				var one []string
				taken := map[int32]bool{}
				for _, n := range a.Of(year) {
					v, ok := -1.0, false
					if n >= 0 {
						v, ok = tax(int(n))
					}
					if ok && taken[n] {
						t.Fatal("a row is two enterprises'")
					}
					taken[n] = true
					one = append(one, fmt.Sprint(v))
				}
				of = append(of, one)
			}
			rowOf := map[int64]bool{}
			for i, e := range a.Enterprise {
				y, _ := rows.Integer("year")(i)
				if e >= 0 && rowOf[int64(e)<<16|y] {
					t.Fatal("an enterprise has two rows of a year")
				}
				rowOf[int64(e)<<16|y] = e >= 0
			}
			return of
		}
		want := find()
		dice.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
		same(t, "rows of the years", find(), want)
	}
}
