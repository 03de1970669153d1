package write

import (
	"bytes"
	"context"
	"encoding/binary"
	"runtime"
	"testing"
)

func TestRowsComeInOrderHoweverTheWorkersAreScheduled(t *testing.T) {
	for round := range 300 {
		var out bytes.Buffer
		const rows = 100 * rowsAtOnce
		if err := InOrder(context.Background(), &out, rows, 2, func(dst []byte, from, to int) ([]byte, error) {
			if from%3 == 0 {
				runtime.Gosched()
			}
			return binary.BigEndian.AppendUint32(dst, uint32(from)), nil
		}, nil); err != nil {
			t.Fatal(err)
		}
		b := out.Bytes()
		for k := 0; k*4 < len(b); k++ {
			if got := int(binary.BigEndian.Uint32(b[4*k:])); got != k*rowsAtOnce {
				t.Fatalf("round %d: chunk %d stands where %d belongs", round, got/rowsAtOnce, k)
			}
		}
	}
}
