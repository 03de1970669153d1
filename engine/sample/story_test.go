package sample

import (
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/unit"
)

func TestEveryStoryIsToldOnceInFourHundredParcels(t *testing.T) {
	for _, from := range []int{0, 1234} {
		told := map[string]int{}
		for n := from; n < from+400; n++ {
			told[storyOf(n).name]++
		}
		for i := range stories {
			if told[stories[i].name] != 1 {
				t.Errorf("%q is told %d times", stories[i].name, told[stories[i].name])
			}
		}
		if told[ordinary.name] != 400-len(stories) {
			t.Errorf("%d ordinary parcels", told[ordinary.name])
		}
	}
}

func storyNamed(t *testing.T, name string) *story {
	t.Helper()
	for i := range stories {
		if stories[i].name == name {
			return &stories[i]
		}
	}
	t.Fatalf("no story %q", name)
	return nil
}

func TestStoriesFallOnTheirSideOfTheDeadlines(t *testing.T) {
	const warning = 180
	for _, c := range []struct {
		name     string
		clock    func(*story) span // what a full year is counted from
		from, to unit.Date         // when the year is full, both included
	}{
		{"not started for one to two years", func(s *story) span { return s.dueStart }, asOf.AddYears(-1), asOf},
		{"not started for over two years", func(s *story) span { return s.dueStart }, 0, asOf.AddYears(-1) - 1},
		{"stalled by area", func(s *story) span { return s.suspended }, 0, asOf},
		{"stalled by investment", func(s *story) span { return s.suspended }, 0, asOf},
		{"at risk of not starting", func(s *story) span { return s.dueStart }, asOf + 1, asOf + warning},
		{"at risk of stalling", func(s *story) span { return s.suspended }, asOf + 1, asOf + warning},
		{"extended", func(s *story) span { return s.extended }, asOf + 1, asOf + 2*year},
		{"idle on the very day", func(s *story) span { return s.dueStart }, asOf, asOf},
		{"one day short of idle", func(s *story) span { return s.dueStart }, asOf + 1, asOf + 1},
	} {
		s := c.clock(storyNamed(t, c.name))
		for _, days := range []int{s.lo, s.hi} {
			if full := (asOf - unit.Date(days)).FullYears(1); full < c.from || full > c.to {
				t.Errorf("%s: the year is full on %s, want %s to %s", c.name, full, c.from, c.to)
			}
		}
	}
}

func TestStoriesRunForward(t *testing.T) {
	for i := range stories {
		s := &stories[i]
		last := span{1 << 20, 1 << 20}
		for _, next := range []span{s.signed, s.delivered, s.started, s.suspended, s.finished} {
			if next == (span{}) {
				continue
			}
			if next.lo > next.hi || next.hi > last.hi {
				t.Errorf("%s: %v after %v", s.name, next, last)
			}
			last = next
		}
		if strings.HasPrefix(s.name, "stalled") && (s.developed[1] == 0 || s.invested[1] == 0) {
			t.Errorf("%s has no progress", s.name)
		}
	}
}
