package canon

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestKeysAreComparedWithoutWhatAllBeginWith(t *testing.T) {
	if n := shared("abc", "abd"); n != 2 {
		t.Errorf("%d letters shared, want 2", n)
	}
	dice := rand.New(rand.NewPCG(7, 1))
	for range 2000 {
		a, b := make([]byte, dice.IntN(12)), make([]byte, dice.IntN(12))
		for i := range a {
			a[i] = byte(dice.IntN(3))
		}
		for i := range b {
			b[i] = byte(dice.IntN(3))
		}
		x := entry{head: head(string(a)), key: string(a)}
		y := entry{head: head(string(b)), key: string(b)}
		if got, want := x.compare(y), bytes.Compare(a, b); got != want {
			t.Fatalf("%x and %x: %d, want %d", a, b, got, want)
		}
		if x.sameKey(y) != bytes.Equal(a, b) {
			t.Fatalf("%x and %x: same %t", a, b, x.sameKey(y))
		}
	}
}
