package shapefile

import (
	"strings"
	"testing"

	xtext "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// cellOf is a draft of one text cell, as wide as given.
func cellOf(raw string, width int) draft {
	d := one(Point, append(le32(1), le64(1, 2)...))
	d.columns, d.rows = []column{{"NAME", 'C', width}}, []string{" " + raw + strings.Repeat(" ", width-len(raw))}
	return d
}

func encoded(t *testing.T, e xtext.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheCPGNamesTheEncodingInManySpellings(t *testing.T) {
	const han, latin = "宿迁市", "Größe"
	for cpg, c := range map[string]struct {
		e xtext.Encoding
		s string
	}{
		"UTF-8": {unicode.UTF8, han}, "utf8": {unicode.UTF8, han}, "65001\r\n": {unicode.UTF8, han}, "\uFEFFUTF-8": {unicode.UTF8, han}, "CP65001": {unicode.UTF8, han},
		"936": {simplifiedchinese.GBK, han}, "GBK": {simplifiedchinese.GBK, han}, "GB2312": {simplifiedchinese.GBK, han}, "CP936": {simplifiedchinese.GBK, han},
		"ANSI 936": {simplifiedchinese.GBK, han}, "windows-936": {simplifiedchinese.GBK, han}, "EUC-CN": {simplifiedchinese.GBK, han}, " gbk \n": {simplifiedchinese.GBK, han},
		"GB18030": {simplifiedchinese.GB18030, "㐀𠮷"}, "CP54936": {simplifiedchinese.GB18030, "㐀𠮷"}, "GB_2312-80": {simplifiedchinese.GBK, han},
		"BIG5": {traditionalchinese.Big5, "臺北"}, "Big-5": {traditionalchinese.Big5, "臺北"}, "950": {traditionalchinese.Big5, "臺北"}, "CP950": {traditionalchinese.Big5, "臺北"},
		"ISO-8859-1": {charmap.ISO8859_1, latin}, "ISO 8859-1": {charmap.ISO8859_1, latin}, "88591": {charmap.ISO8859_1, latin}, "ISO8859_1": {charmap.ISO8859_1, latin},
		"ANSI 1252": {charmap.Windows1252, "€ " + latin}, "Windows-1252": {charmap.Windows1252, "€ " + latin}, "1252": {charmap.Windows1252, "€ " + latin},
	} {
		d := cellOf(encoded(t, c.e, c.s), 30)
		d.cpg, d.driver = cpg, 0xC9 // which the .cpg overrules
		rec := read(t, d.write(t), Options{Default: "1251"})[0]
		if rec.cells[0] != c.s || rec.problems[0] != "" {
			t.Errorf("%q: got %q %q, want %q", cpg, rec.cells[0], rec.problems[0], c.s)
		}
	}
}

func TestTheEncodingIsTheCallersThenTheCPGsThenTheDriversThenTheDefault(t *testing.T) {
	gbk, big5 := encoded(t, simplifiedchinese.GBK, "宿迁"), encoded(t, traditionalchinese.Big5, "臺北")
	for _, c := range []struct {
		raw    string
		o      Options
		cpg    string
		driver byte
		want   string
		name   string
		from   string
	}{
		{gbk, Options{Encoding: "GBK"}, "UTF-8", 0x4F, "宿迁", "GBK", "the caller"},
		{gbk, Options{Default: "Big5"}, "GBK", 0x4F, "宿迁", "GBK", "the .cpg"},
		{gbk, Options{Default: "Big5"}, "", 0x4D, "宿迁", "CP936", "the language driver 0x4D in the .dbf"},
		{gbk, Options{Default: "Big5"}, "", 0x7A, "宿迁", "CP936", "the language driver 0x7A in the .dbf"},
		{big5, Options{Default: "GBK"}, "", 0x4F, "臺北", "CP950", "the language driver 0x4F in the .dbf"},
		{big5, Options{Default: "GBK"}, "", 0x78, "臺北", "CP950", "the language driver 0x78 in the .dbf"},
		{gbk, Options{Default: "GB18030"}, "", 0x57, "宿迁", "GB18030", "the default"}, // the writer's own
		{gbk, Options{Default: "GB18030"}, "ANSI", 0, "宿迁", "GB18030", "the default"},
		{gbk, Options{Default: "GB18030"}, "\n", 0, "宿迁", "GB18030", "the default"},
		{"plain", Options{}, "", 0, "plain", "", ""},
		{"plain", Options{}, "EBCDIC", 0, "plain", "EBCDIC", "the .cpg"},
	} {
		d := cellOf(c.raw, 20)
		d.cpg, d.driver = c.cpg, c.driver
		f := open(t, d.write(t), c.o)
		all, err := readRange(f, f.All())
		name, from := f.Encoding()
		if err != nil || all[0].cells[0] != c.want || all[0].problems[0] != "" || name != c.name || from != c.from {
			t.Errorf("%+v: got %q %q in %q by %q", c, all[0].cells[0], all[0].problems[0], name, from)
		}
	}
}

func TestTextThatIsNotInItsEncodingIsTheCellsProblem(t *testing.T) {
	gbk := encoded(t, simplifiedchinese.GBK, "宿迁市")
	for _, c := range []struct{ raw, cpg, want, problem string }{
		{"a" + gbk[:1] + "b", "UTF-8", "a\uFFFDb", "text is not in UTF-8, the encoding that the .cpg names"},
		{gbk, "", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD", "does not say its encoding: put a .cpg beside it"},
		{gbk, "SHIFT_JIS", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD", `"SHIFT_JIS", the encoding that the .cpg names, is not read`},
		{"a\xff\xffb", "GBK", "a\uFFFD\uFFFDb", "text is not in GBK"},
		{"é", "ASCII", "\uFFFD\uFFFD", "text is not in ASCII"},
	} {
		d := cellOf(c.raw, 20)
		d.cpg = c.cpg
		rec := read(t, d.write(t), Options{})[0]
		if rec.cells[0] != c.want || !strings.Contains(rec.problems[0], c.problem) {
			t.Errorf("%q in %q: got %q, %q", c.raw, c.cpg, rec.cells[0], rec.problems[0])
		}
	}
}

func TestHalfACharacterWhereTheCellEndsIsLeftOut(t *testing.T) {
	for _, c := range []struct {
		e   xtext.Encoding
		cpg string
		s   string
	}{
		{unicode.UTF8, "UTF-8", "宿迁市洋河新区𠮷"}, {simplifiedchinese.GBK, "GBK", "宿迁市洋河新区"},
		{simplifiedchinese.GB18030, "GB18030", "宿𠮷迁㐀市"}, {traditionalchinese.Big5, "Big5", "臺北市信義區"},
	} {
		raw := encoded(t, c.e, c.s)
		for width := 1; width <= len(raw); width++ {
			d := cellOf(raw[:width], width)
			d.cpg = c.cpg
			rec := read(t, d.write(t), Options{})[0]
			if rec.problems[0] != "" || !strings.HasPrefix(c.s, rec.cells[0]) || len(encoded(t, c.e, rec.cells[0])) < width-3 {
				t.Errorf("%s cut to %d bytes: got %q, %q", c.cpg, width, rec.cells[0], rec.problems[0])
			}
		}
		d := cellOf(raw[:len(raw)-1], len(raw)+5) // not where the cell ends
		d.cpg = c.cpg
		if rec := read(t, d.write(t), Options{})[0]; rec.problems[0] == "" {
			t.Errorf("%s: half a character within the cell passed as %q", c.cpg, rec.cells[0])
		}
	}
}

func TestNamesOfFieldsAreDecodedAndLoseHalfACharacter(t *testing.T) {
	d := cellOf("x", 5)
	d.columns[0].name, d.cpg = "宗地面积"[:10], "UTF-8"
	if f := open(t, d.write(t), Options{}); f.Fields()[0].Name != "宗地面" {
		t.Errorf("got %q", f.Fields()[0].Name)
	}
	d.columns[0].name, d.cpg = encoded(t, simplifiedchinese.GBK, "宗地面积宗地")[:11], "GBK"
	if f := open(t, d.write(t), Options{}); f.Fields()[0].Name != "宗地面积宗" {
		t.Errorf("got %q", f.Fields()[0].Name)
	}
	d.cpg = "UTF-8"
	if _, err := Open(d.write(t), Options{}); err == nil || !strings.Contains(err.Error(), "layer.dbf: the name of field 1 (bytes d7 da") {
		t.Errorf("got %v", err)
	}
	d.cpg = ""
	if _, err := Open(d.write(t), Options{}); err == nil || !strings.Contains(err.Error(), "put a .cpg beside it") {
		t.Errorf("got %v", err)
	}
}

func TestAnEncodingTheCallerGivesMustBeKnown(t *testing.T) {
	path := cellOf("x", 5).write(t)
	for _, o := range []Options{{Encoding: "klingon"}, {Default: "932"}, {Encoding: "ANSI"}, {Encoding: "-1"}} {
		if _, err := Open(path, o); err == nil || !strings.Contains(err.Error(), "is not read: give UTF-8") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestCellsOfARowStayValidTogether(t *testing.T) {
	d := one(Point, append(le32(1), le64(1, 2)...))
	d.columns, d.rows, d.cpg = nil, []string{" "}, "GBK"
	var want []string
	for i := range 40 {
		name := strings.Repeat("宿迁市", i%5+1)
		raw := encoded(t, simplifiedchinese.GBK, name)
		d.columns = append(d.columns, column{"F" + pad(i, 2), 'C', 40})
		d.rows[0] += raw + strings.Repeat(" ", 40-len(raw))
		want = append(want, name)
	}
	f := open(t, d.write(t), Options{})
	r := f.Read(f.All())
	for range 2 { // with and without room
		r.Reset(f.All())
		r.Next()
		var cells [][]byte
		for i := range want {
			cell, _ := r.Cell(i)
			cells = append(cells, cell)
		}
		for i, cell := range cells {
			if string(cell) != want[i] {
				t.Errorf("cell %d became %q", i, cell)
			}
		}
	}
}
