package lines

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// byLibrary reads a text with encoding/csv: each record with its line, and the error
// at the end.
func byLibrary(text string, mark byte) (out []string) {
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord = rune(mark), -1
	for {
		record, err := in.Read()
		if err != nil {
			return append(out, fmt.Sprint(err))
		}
		line, _ := in.FieldPos(0)
		out = append(out, fmt.Sprintf("%d %q", line, record))
	}
}

// byBlocks reads it in blocks of about so many bytes.
func byBlocks(text string, mark byte, size int) (out []string) {
	split := NewSplitter(iotest.OneByteReader(strings.NewReader(text)), mark, size)
	records := NewRecords(mark)
	for {
		b, err := split.Next()
		if err != nil {
			return append(out, fmt.Sprint(err))
		}
		n := 0
		for records.Reset(b); ; n++ {
			cells, line, err := records.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return append(out, fmt.Sprint(err))
			}
			texts := make([]string, len(cells))
			for i, c := range cells {
				texts[i] = string(c)
			}
			out = append(out, fmt.Sprintf("%d %q", line, texts))
		}
		if n > b.Lines {
			return append(out, fmt.Sprintf("%d records in a block of %d lines", n, b.Lines))
		}
		split.Recycle(b)
	}
}

func compare(t *testing.T, text string, mark byte, size int) {
	t.Helper()
	want, got := byLibrary(text, mark), byBlocks(text, mark, size)
	if strings.Join(want, "\n") != strings.Join(got, "\n") {
		t.Fatalf("%q by blocks of %d:\n%s\nencoding/csv says\n%s", text, size, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// texts are what RFC 4180 speaks of, and what goes wrong.
var texts = []string{
	"", "\n", "a,b", "a,b\n", "a,b\r\nc,d\r\n", "\r\n\r\na\n\n\nb\r", "a,,\n,,\n", "\"a\",\"b\"\n", "\"a,b\",c\n", "\"a\nb\",c\nd,e\n",
	"\"a\r\nb\r\n\",c\r\nd\r\n", "\"a\"\"b\",\"\"\"\"\n\"\",\"\"\n", "a,\"b\"\r\n", "a,\"b\"\r", "\"a\"", "\"a\n", "\"", "a\"b,c\nd\n", "x\n\"a\"b,c\nd\n", "\"a\"\rb\n",
	"a\rb,c\n", "a\r\r\n", "ok\n\"never closed\nx\ny\nz\n", "a,b\n1,\"2\n3\"\"\n\",4\n5,\"6\" \n", "甲,乙\n\"丙\n丁\",戊\n", "\"a\r\"\n", "\"\r\n\"\r\n", "a, \"b\"\n",
}

func TestRecordsAreThoseOfEncodingCSVWhateverTheBlocks(t *testing.T) {
	for _, text := range texts {
		for size := range 12 {
			compare(t, text, ',', size)
		}
		compare(t, strings.ReplaceAll(text, ",", ";"), ';', 3)
		compare(t, strings.ReplaceAll(text, ",", "\t"), '\t', 1<<10)
	}
}

func TestAnyTextOfCellsQuotesAndLineEndsIsReadAsEncodingCSVReadsIt(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", ",", "\"", "\n", "\r\n", "\r", "\"\"", "\",\"", "\"\n", "甲", "bc", ",\"", "\"x\ny\","}
	for range 20_000 {
		var b strings.Builder
		for range random.IntN(12) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		compare(t, b.String(), ',', random.IntN(9))
	}
}

func TestAQuoteAtTheWrongPlaceEndsTheCuttingThere(t *testing.T) {
	text := "a,b\"c\n" + strings.Repeat("0123456789\n", 10_000)
	split := NewSplitter(strings.NewReader(text), ',', 64)
	b, err := split.Next()
	if err != nil || len(b.Data) > 64 {
		t.Errorf("a block of %d bytes, %v: the rest of the file was taken in for a quoted cell", len(b.Data), err)
	}
}

func TestWhatCannotBeReadIsSaidAndNotTakenForTheEnd(t *testing.T) {
	broken := errors.New("broken")
	split := NewSplitter(io.MultiReader(strings.NewReader("a,b\nc"), iotest.ErrReader(broken)), ',', 4)
	if b, err := split.Next(); err != nil || string(b.Data) != "a,b\n" || split.Line() != 2 {
		t.Errorf("%q, line %d, %v", b.Data, split.Line(), err)
	}
	if _, err := split.Next(); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func TestTheRestOfABlockIsABlock(t *testing.T) {
	r := NewRecords(',')
	r.Reset(Block{Data: []byte("a\n\"b\nc\"\nd\ne\n"), Line: 5, Lines: 6})
	for range 2 {
		if _, _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if rest := r.Rest(); string(rest.Data) != "d\ne\n" || rest.Line != 8 || rest.Lines != 3 {
		t.Errorf("rest %+v", rest)
	}
}

// FuzzRecords compares any text's records with those of encoding/csv.
func FuzzRecords(f *testing.F) {
	for _, text := range texts {
		f.Add(text, uint8(3))
	}
	f.Fuzz(func(t *testing.T, text string, size uint8) { compare(t, text, ',', int(size)) })
}

func BenchmarkRecords(b *testing.B) {
	line := []byte("91320700MA1XXXXX0A,2023,12345.67,12001.5,345.6,78.9,,1000,120\n")
	data := bytes.Repeat(line, 10_000)
	b.Run("by blocks", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			split, records := NewSplitter(bytes.NewReader(data), ',', 1<<18), NewRecords(',')
			for {
				block, err := split.Next()
				if err != nil {
					break
				}
				for records.Reset(block); err == nil; {
					_, _, err = records.Next()
				}
				split.Recycle(block)
			}
		}
	})
	b.Run("encoding csv", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			in := csv.NewReader(bytes.NewReader(data))
			in.ReuseRecord = true
			for err := error(nil); err == nil; {
				_, err = in.Read()
			}
		}
	})
}
