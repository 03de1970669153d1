package read

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestBytesThatAreNoGB18030AreCounted(t *testing.T) {
	for text, note := range map[string]string{
		"\xff":            "not UTF-8: read as GB18030; characters that could not be read: 1",
		"\xff\xff 甲 \xff": "not UTF-8: read as GB18030; characters that could not be read: ",
	} {
		got := mustScan(t, "enterprises", map[string]string{"enterprises.csv": "credit_code,name\nA," + text + "\n"})
		if got := got.Account.Files[0].Note; !strings.HasPrefix(got, note) {
			t.Errorf("%q: note %q, want %q", text, got, note)
		}
	}
}

func TestUTF16WithItsMarkIsReadAndSaidSo(t *testing.T) {
	const sheet = "统一社会信用代码\t年度\t税收（万元）\r\nA\t2024\t\"1,234.5\"\r\n𠮷\t2024\t2\r\n" // Excel's “Unicode text”
	for name, order := range map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian} {
		text := order.AppendUint16(nil, 0xFEFF)
		for _, c := range utf16.Encode([]rune(sheet)) {
			text = order.AppendUint16(text, c)
		}
		got := mustScan(t, "tax", map[string]string{"tax.csv": string(text)})
		expect(t, name, columnOf(got, "credit_code"), []string{"A", "𠮷"})
		expect(t, name, columnOf(got, "tax"), []string{"1234.5", "2"})
		if note := got.Account.Files[0].Note; note != "separated by tabs; read as UTF-16" {
			t.Errorf("%s: note %q", name, note)
		}
	}
}

func TestUTF16WithoutItsMarkIsRefusedByItsName(t *testing.T) {
	for _, text := range []string{"c\x00r\x00e\x00d\x00", "\x00c\x00r\x00e\x00d"} {
		_, err := scanAll(folder(t, map[string]string{"tax.csv": text}), "tax", 1)
		if err == nil || !strings.Contains(err.Error(), "tax.csv: it has zero bytes between its letters, as UTF-16 without a byte-order mark has") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTheSeparatorIsTheOneThatGivesKnownHeaders(t *testing.T) {
	for name, c := range map[string]struct{ text, note string }{
		"commas":              {"统一社会信用代码,年度,税收（万元）\nA,2024,\"1,5;2\"\n", ""},
		"semicolons":          {"统一社会信用代码;年度;税收（万元）\nA;2024;\"1,5;2\"\n", "separated by semicolons"},
		"tabs":                {"统一社会信用代码\t年度\t税收（万元）\nA\t2024\t1,5;2\n", "separated by tabs"},
		"a comma in a header": {"统一社会信用代码;年度;税收（万元）;备注,说明,其他,更多\nA;2024;\"1,5;2\";x\n", "separated by semicolons"},
	} {
		got := mustScan(t, "tax", map[string]string{"tax.csv": c.text})
		expect(t, name, faults(got.Account), []string{"tax.csv:2 key=A/2024 column=tax value=1,5;2 not_a_number"})
		if note := got.Account.Files[0].Note; note != c.note {
			t.Errorf("%s: note %q, want %q", name, note, c.note)
		}
	}
}

func TestLineEndsOfCRAloneAreRefused(t *testing.T) {
	for _, text := range []string{
		"credit_code,year,tax\rA,2024,1\rB,2024,2\r", "\uFEFFcredit_code,year\rA,2024", "\r\rcredit_code,year\rA,2024",
		"\"credit_code\",\"year\"\r\"A\",\"2024\"\r", "credit_code,year\rA,2024\nB,2024\n",
	} {
		_, err := scanAll(folder(t, map[string]string{"tax.csv": text}), "tax", 1)
		if err == nil || !strings.HasSuffix(err.Error(), "tax.csv: its line ends are CR; save it with LF or CRLF") {
			t.Errorf("%q: %v", text, err)
		}
	}
	got := mustScan(t, "tax", map[string]string{"tax.csv": "\"统一社会信用代码\",\"税收\n（元）\",\"年\r\n度\",\"备\n注\"\r\nA,10000,2024,x\r\n"})
	expect(t, "a header on two lines", columnOf(got, "tax"), []string{"1"})
	expect(t, "ignored", got.Account.Ignored, []string{"备 注"})
}

func TestALongCSVIsReadTheSameByAnyNumberOfWorkers(t *testing.T) {
	var text strings.Builder
	text.WriteString("credit_code,year,tax,备注\n")
	line := 2
	var want []string
	for i := 0; text.Len() < 3*csvBlock; i++ {
		switch i % 1000 {
		case 7:
			fmt.Fprintf(&text, "C%d,2024,x,\"on \"\"two\"\"\nlines\"\n", i)
			want = append(want, fmt.Sprintf("tax.csv:%d key=C%d/2024 column=tax value=x not_a_number", line, i))
			line++
		case 8:
			text.WriteString("\n")
		default:
			fmt.Fprintf(&text, "C%d,2024,%d.25,%s\n", i, i, "\"机械, 制造\"")
		}
		line++
	}
	files := map[string]string{"tax.csv": text.String()}
	var digests []Digest
	for _, workers := range []int{1, 4} {
		got, err := scanAll(folder(t, files), "tax", workers)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "rejects", faults(got.Account), want)
		digests = append(digests, digestOf(got))
		last := int64(0)
		for _, b := range got.Batches {
			for row := range b.Rows() {
				if _, at := b.Place(row); at <= last {
					t.Fatalf("line %d behind line %d", at, last)
				} else {
					last = at
				}
			}
		}
		if len(got.Batches) < 3 {
			t.Errorf("%d batches of a text of %d bytes", len(got.Batches), text.Len())
		}
	}
	if digests[0] != digests[1] {
		t.Error("other rows with four workers than with one")
	}
	files["tax.csv"] += "D,2024,\"1\"2,\n" + files["tax.csv"]
	_, err := scanAll(folder(t, files), "tax", 4)
	if want := fmt.Sprintf("tax.csv:%d: ", line); err == nil || !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), "check the quotes from there on") {
		t.Errorf("error %v, want one that names %s", err, want)
	}
}
