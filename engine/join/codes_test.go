package join_test

import (
	"fmt"
	"testing"

	"github.com/muscope-gis/muscope/engine/join"
)

func TestEveryCodeIsFoundAndNoOther(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 7, 8, 9, 1000, 20_000} {
		sorted := make([]string, n)
		for i := range sorted {
			sorted[i] = fmt.Sprintf("9199%08d", 2*i)
		}
		c := join.NewCodes(sorted)
		if c.Len() != n {
			t.Fatalf("%d codes of %d", c.Len(), n)
		}
		for i := range n {
			if got, ok := c.Find(c.At(i)); !ok || int(got) != i {
				t.Fatalf("%s is number %d %t, want %d", c.At(i), got, ok, i)
			}
			if got, ok := c.Find(fmt.Sprintf("9199%08d", 2*i+1)); ok || got != -1 {
				t.Fatalf("a code that is not there is number %d", got)
			}
		}
		if _, ok := c.Find(""); ok {
			t.Fatal("the empty code is found")
		}
	}
}

func TestNoCodesAtAllFindNothing(t *testing.T) {
	var none *join.Codes
	if _, ok := none.Find("E0"); ok || none.Len() != 0 {
		t.Error("a code is found among none")
	}
}

func TestOfEqualCodesTheFirstIsFound(t *testing.T) {
	if n, ok := join.NewCodes([]string{"A", "A", "B"}).Find("A"); !ok || n != 0 {
		t.Errorf("number %d %t", n, ok)
	}
}

func TestLookingUpAllocatesNothing(t *testing.T) {
	c := join.NewCodes([]string{"A", "B", "C"})
	code := "B" + fmt.Sprint(1)[:0]
	if n := testing.AllocsPerRun(100, func() { c.Find(code) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestCandidatesAreAllOfANameInTheOrderOfTheirCodes(t *testing.T) {
	r := join.NewRegister([]string{"A", "B", "C", "D", "E"}, []string{"甲（一）有限公司", "乙", "", "甲(一)有限责任公司", "乙 "})
	same(t, "甲", r.ByName("甲 (一) 有限公司"), []int32{0, 3})
	same(t, "乙", r.ByName("乙"), []int32{1, 4})
	same(t, "nobody", r.ByName("丙"), []int32{})
	if n, ok := r.Find("C"); !ok || n != 2 || r.Len() != 5 {
		t.Errorf("C is number %d %t of %d", n, ok, r.Len())
	}
	same(t, "no name", r.ByName(" "), []int32{})
}
