package sample

import "github.com/muscope-gis/muscope/engine/unit"

// asOf is the day the made-up dates are told from: every kind of idle land stands
// in the data when it is evaluated as of 2025-06-30.
var asOf, _ = unit.NewDate(2025, 6, 30)

// span is a time in days before asOf, lo the later; days after it are negative.
// The zero span is no date.
type span struct{ lo, hi int }

const year = 365

// story is what happened to a parcel after its supply.
type story struct {
	name                         string
	signed, delivered            span
	dueStart, dueFinish          span // as agreed
	extended                     span
	started, suspended, finished span
	cause                        string
	developed, invested          [2]int // per cent of the whole; {0, 0} not recorded
	price                        bool
	state                        string // declared supply state
}

// ordinary is the story of nearly every parcel: built as agreed, years ago.
var ordinary = story{
	name: "built", signed: span{8 * year, 20 * year}, delivered: span{7*year + 250, 8*year - 1},
	dueStart: span{7*year + 30, 7*year + 200}, dueFinish: span{5 * year, 5*year + 200},
	started: span{7 * year, 7*year + 150}, finished: span{4*year + 300, 5*year + 100}, price: true,
	developed: [2]int{100, 100}, invested: [2]int{90, 130},
}

// stories are the other ones; each comes once in four hundred parcels. Days count back from asOf; a year and a day make a start idle.
var stories = [...]story{
	{name: "not started for one to two years", signed: span{900, 1000}, delivered: span{780, 850},
		dueStart: span{400, 700}, dueFinish: span{-300, -100}, price: true},
	{name: "not started for over two years", signed: span{2500, 2900}, delivered: span{2100, 2400},
		dueStart: span{800, 2000}, dueFinish: span{100, 600}, price: true},
	{name: "not started, price unknown", signed: span{900, 1000}, dueStart: span{400, 700}},
	{name: "not started, the government's doing", signed: span{1500, 1700}, delivered: span{1200, 1400},
		dueStart: span{800, 1100}, cause: "government", price: true},
	{name: "not started, force majeure", signed: span{1000, 1100}, dueStart: span{420, 600}, cause: "force_majeure", price: true},
	{name: "not started, preparatory works", signed: span{1000, 1100}, dueStart: span{420, 600}, cause: "preparatory", price: true},
	{name: "stalled by area", signed: span{2200, 2400}, delivered: span{2000, 2100}, dueStart: span{1700, 1900},
		started: span{1500, 1690}, suspended: span{400, 900}, developed: [2]int{5, 32}, invested: [2]int{30, 60}, price: true},
	{name: "stalled by investment", signed: span{2200, 2400}, delivered: span{2000, 2100}, dueStart: span{1700, 1900},
		started: span{1500, 1690}, suspended: span{400, 900}, developed: [2]int{40, 70}, invested: [2]int{3, 24}, price: true},
	{name: "stopped, but far enough", signed: span{2200, 2400}, dueStart: span{1700, 1900},
		started: span{1500, 1690}, suspended: span{400, 900}, developed: [2]int{34, 70}, invested: [2]int{26, 60}, price: true},
	{name: "stopped, progress not recorded", signed: span{2200, 2400}, dueStart: span{1700, 1900},
		started: span{1500, 1690}, suspended: span{400, 900}, price: true},
	{name: "at risk of not starting", signed: span{700, 800}, delivered: span{500, 600}, dueStart: span{190, 360},
		dueFinish: span{-700, -500}, price: true},
	{name: "at risk of stalling", signed: span{1400, 1500}, dueStart: span{1100, 1200}, started: span{900, 1000},
		suspended: span{190, 360}, developed: [2]int{5, 32}, invested: [2]int{3, 24}, price: true},
	{name: "extended", signed: span{2200, 2400}, delivered: span{1900, 2100}, dueStart: span{1300, 1700},
		extended: span{-200, 180}, price: true},
	{name: "no deadline"},
	{name: "deadline assumed from delivery", signed: span{1200, 1300}, delivered: span{800, 1100}, price: true},
	{name: "deadline assumed from contract", signed: span{800, 1100}, price: true},
	{name: "overdue", signed: span{1600, 1800}, delivered: span{1500, 1590}, dueStart: span{1300, 1400}, dueFinish: span{60, 500},
		started: span{1200, 1350}, developed: [2]int{40, 90}, invested: [2]int{40, 80}, price: true},
	{name: "under construction", signed: span{500, 700}, delivered: span{400, 490}, dueStart: span{250, 390},
		dueFinish: span{-500, -200}, started: span{200, 400}, developed: [2]int{10, 60}, invested: [2]int{10, 50}, price: true},
	{name: "supplied, not used", signed: span{60, 300}, delivered: span{10, 50}, dueStart: span{-300, -30},
		dueFinish: span{-900, -700}, price: true},
	{name: "approved, not supplied", state: "approved_not_supplied"},
	{name: "finished late", signed: span{2500, 2900}, delivered: span{2300, 2400}, dueStart: span{2000, 2200},
		dueFinish: span{1300, 1500}, started: span{1900, 2100}, finished: span{100, 900}, developed: [2]int{100, 100},
		invested: [2]int{90, 110}, price: true},
	{name: "finished just now", signed: span{1100, 1300}, delivered: span{900, 1000}, dueStart: span{800, 890},
		dueFinish: span{-100, 40}, started: span{700, 880}, finished: span{5, 90}, developed: [2]int{100, 100},
		invested: [2]int{80, 110}, price: true},
	{name: "a start that is still to come", signed: span{1100, 1300}, dueStart: span{430, 700}, started: span{-90, -10}, price: true},
	{name: "idle on the very day", signed: span{900, 1000}, dueStart: span{366, 366}, price: true},
	{name: "one day short of idle", signed: span{900, 1000}, dueStart: span{365, 365}, price: true},
}

// storyOf tells the n-th parcel's story.
func storyOf(n int) *story {
	if k := n * 37 % 100; k < len(stories) && n*37/100%4 == k%4 {
		return &stories[k]
	}
	return &ordinary
}

// running says whether an enterprise works on the parcel.
func (s *story) running() bool { return s.finished != span{} }

// day is a date in the span; ok is false when the story has none.
func (d *dice) day(s span) (at unit.Date, ok bool) {
	if s == (span{}) {
		return 0, false
	}
	return asOf - unit.Date(d.between(s.lo, s.hi)), true
}
