package write_test

import (
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/write"
)

func TestAnAccountWhosePartsDoNotComeToTheWholeIsAnError(t *testing.T) {
	account := func() write.Entry {
		return write.Entry{Name: "tax", Rows: 3, Amount: 100, Unknown: 1, Splits: []write.Split{
			{By: "use", Parts: []write.Entry{
				{Name: "used", Rows: 2, Amount: 90, Splits: []write.Split{{By: "grade", Parts: []write.Entry{{Name: "A", Rows: 2, Amount: 90}}}}},
				{Name: "rejected", Rows: 1, Amount: 10, Unknown: 1},
			}},
			{By: "kind", Apart: true, Parts: []write.Entry{{Name: "owned", Rows: 3, Amount: 110}, {Name: "leased_out", Rows: 2, Amount: -10}}},
		}}
	}
	a := account()
	if err := a.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*write.Entry){
		"use":   func(e *write.Entry) { e.Splits[0].Parts[0].Amount++; e.Splits[0].Parts[0].Splits[0].Parts[0].Amount++ },
		"grade": func(e *write.Entry) { e.Splits[0].Parts[0].Splits[0].Parts[0].Amount-- },
		"kind":  func(e *write.Entry) { e.Splits[1].Parts[1].Amount++ },
	} {
		a := account()
		spoil(&a)
		if err := a.Check(); err == nil || !strings.Contains(err.Error(), "by "+name) {
			t.Errorf("%s spoilt: %v", name, err)
		}
	}
	for what, spoil := range map[string]func(*write.Entry){
		"rows":    func(e *write.Entry) { e.Splits[0].Parts[1].Rows++ },
		"unknown": func(e *write.Entry) { e.Splits[0].Parts[1].Unknown-- },
	} {
		a := account()
		if spoil(&a); a.Check() == nil {
			t.Errorf("one more or less of %s is not noticed", what)
		}
	}
}
