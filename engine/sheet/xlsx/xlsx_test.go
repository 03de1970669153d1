package xlsx

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// parts is a workbook as its parts' text; pack zips it into a file.
type parts map[string]string

func (p parts) bytes(tb testing.TB) []byte {
	tb.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	names := make([]string, 0, len(p))
	for name := range p {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(p[name])); err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func write(tb testing.TB, content []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "book.xlsx")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

const (
	declared  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n"
	mainNS    = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relNS     = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relations = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	relKind   = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
)

// book is a workbook of one worksheet as Excel writes it, with the rows given.
func book(rows string) parts {
	return parts{
		"_rels/.rels":     declared + relations + `<Relationship Id="rId1" Type="` + relKind + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": declared + `<workbook ` + mainNS + ` ` + relNS + `><workbookPr/><sheets><sheet name="表1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": declared + relations + `<Relationship Id="rId1" Type="` + relKind + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + relKind + `styles" Target="styles.xml"/>` +
			`<Relationship Id="rId3" Type="` + relKind + `sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": declared + `<worksheet ` + mainNS + `><dimension ref="A1"/><sheetData>` + rows + `</sheetData></worksheet>`,
		"xl/sharedStrings.xml":     declared + `<sst ` + mainNS + `><si><t>零</t></si><si><r><rPr><b/></rPr><t xml:space="preserve">富 </t></r><r><t>文本</t></r><rPh sb="0" eb="1"><t>フ</t></rPh></si><si><t/></si></sst>`,
		"xl/styles.xml": declared + `<styleSheet ` + mainNS + `><numFmts count="2"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/><numFmt numFmtId="177" formatCode="0.0%"/></numFmts>` +
			`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/><xf numFmtId="177"/><xf numFmtId="2"/><xf numFmtId="31"/></cellXfs></styleSheet>`,
	}
}

// contents opens a workbook and reads its first worksheet to the end.
func contents(path string) (rows map[int][]string, err error) {
	b, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return firstSheet(b)
}

// firstSheet reads a workbook's first worksheet to the end.
func firstSheet(b *Book) (rows map[int][]string, err error) {
	r, err := b.Rows(b.Sheets()[0])
	if err != nil {
		return nil, err
	}
	defer r.Close()
	rows = map[int][]string{}
	for {
		found, err := r.Next()
		if err != nil {
			return nil, err
		}
		if !found {
			return rows, r.Merges(func(Span) error { return nil })
		}
		if len(r.Cells) > 0 {
			rows[r.Row] = slices.Clone(r.Cells)
		}
	}
}

// inMemory is contents of a workbook that lies in no file.
func inMemory(content []byte) (map[int][]string, error) {
	b := &Book{file: bytes.NewReader(content)}
	if err := b.unpack(int64(len(content))); err != nil {
		return nil, bare(err)
	}
	return firstSheet(b)
}

func mustContents(t *testing.T, p parts) map[int][]string {
	t.Helper()
	rows, err := contents(write(t, p.bytes(t)))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCellsComeOutAsTheyAreStored(t *testing.T) {
	for _, c := range []struct{ what, cell, want string }{
		{"a shared text", `<c r="A1" t="s"><v>0</v></c>`, "零"},
		{"rich text is joined and its reading left out", `<c r="A1" t="s"><v>1</v></c>`, "富 文本"},
		{"an empty shared text", `<c r="A1" t="s"><v>2</v></c>`, ""},
		{"a text in the cell", `<c r="A1" t="inlineStr"><is><t>a&amp;b &#x4E2D;&lt;</t></is></c>`, "a&b 中<"},
		{"rich text in the cell", `<c r="A1" t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r></is></c>`, "甲乙"},
		{"a line break is a space", "<c r=\"A1\" t=\"inlineStr\"><is><t>税收\r\n（万元）</t></is></c>", "税收 （万元）"},
		{"an escaped line break too", `<c r="A1" t="inlineStr"><is><t>税收_x000D_` + "\n" + `（万元）_x4E2D_ _x</t></is></c>`, "税收 （万元）中 _x"},
		{"spaces stay for the caller to trim", `<c r="A1" t="inlineStr"><is><t xml:space="preserve">  甲 </t></is></c>`, "  甲 "},
		{"character data", `<c r="A1" t="inlineStr"><is><t><![CDATA[a<b&amp;]]></t></is></c>`, "a<b&amp;"},
		{"a number is not rounded as shown", `<c r="A1" s="4"><v>12.345678901234501</v></c>`, "12.345678901234501"},
		{"a number in powers", `<c r="A1"><v>1.2E-3</v></c>`, "1.2E-3"},
		{"a code that became a number", `<c r="A1"><v>9.1330106143710106E+17</v></c>`, "9.1330106143710106E+17"},
		{"the same written out by another program", `<c r="A1"><v>913301061437101000</v></c>`, "9.13301061437101E+17"},
		{"fifteen digits are exact", `<c r="A1"><v>330106143710106</v></c>`, "330106143710106"},
		{"a text of digits stays whole", `<c r="A1" t="str"><v>913301061437101064</v></c>`, "913301061437101064"},
		{"a formula's stored value", `<c r="A1"><f>B1*2</f><v>7.5</v></c>`, "7.5"},
		{"a formula's stored text", `<c r="A1" t="str"><f>B1&amp;"x"</f><v>文x</v></c>`, "文x"},
		{"a formula that was never reckoned", `<c r="A1"><f>B1*2</f></c>`, ""},
		{"true", `<c r="A1" t="b"><v>1</v></c>`, "TRUE"},
		{"false", `<c r="A1" t="b"><v>0</v></c>`, "FALSE"},
		{"an error", `<c r="A1" t="e"><v>#N/A</v></c>`, "#N/A"},
		{"an error of a reference", `<c r="A1" t="e"><f>#REF!</f><v>#REF!</v></c>`, "#REF!"},
		{"a date", `<c r="A1" s="1"><v>45107</v></c>`, "2023-06-30"},
		{"a date with a time", `<c r="A1" s="1"><v>45107.999988425923</v></c>`, "2023-06-30"},
		{"a date whose time was reckoned", `<c r="A1" s="1"><v>45106.999999999996</v></c>`, "2023-06-30"},
		{"a month", `<c r="A1" s="2"><v>45078</v></c>`, "2023-06-01"},
		{"a Chinese date", `<c r="A1" s="5"><v>43831</v></c>`, "2020-01-01"},
		{"a date as the strict format writes it", `<c r="A1" t="d"><v>2023-06-30T00:00:00</v></c>`, "2023-06-30"},
		{"a percentage as stored", `<c r="A1" s="3"><v>0.125</v></c>`, "0.125"},
		{"the day before the first is none", `<c r="A1" s="1"><v>0</v></c>`, "0"},
		{"29 February 1900 is no day", `<c r="A1" s="1"><v>60</v></c>`, "60"},
		{"the day before it is", `<c r="A1" s="1"><v>59</v></c>`, "1900-02-28"},
		{"behind the last day", `<c r="A1" s="1"><v>2958466</v></c>`, "2958466"},
		{"the last day", `<c r="A1" s="1"><v>2958465</v></c>`, "9999-12-31"},
		{"a date cell that holds a word", `<c r="A1" s="1" t="s"><v>0</v></c>`, "零"},
		{"a cell without a place is the first", `<c><v>3</v></c>`, "3"},
		{"quotes of another kind", `<c r='A1' t='str'><v>a</v></c>`, "a"},
	} {
		rows := mustContents(t, book(`<row r="1">`+c.cell+`</row>`))
		got := ""
		if len(rows[1]) > 0 {
			got = rows[1][0]
		}
		if got != c.want {
			t.Errorf("%s: %s is %q, not %q", c.what, c.cell, got, c.want)
		}
	}
}

func TestFormulasThatNoValueIsStoredWithAreCounted(t *testing.T) {
	for cell, want := range map[string]int{
		`<c><f>B1</f></c>`: 1, `<c><f>B1</f><v></v></c>`: 1, `<c><f>B1</f><v/></c>`: 1, `<c t="str"><f>B1</f></c>`: 1,
		`<c t="str"><f>B1</f><v></v></c>`: 0, `<c><f>B1</f><v>0</v></c>`: 0, `<c><v/></c>`: 0, `<c/>`: 0,
	} {
		b, err := Open(write(t, book(`<row>`+cell+`</row>`).bytes(t)))
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.Rows(b.Sheets()[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); err != nil || r.Uncomputed != want {
			t.Errorf("%s: %d, not %d; %v", cell, r.Uncomputed, want, err)
		}
		_ = r.Close()
		_ = b.Close()
	}
}

func TestDatesOfTheSystemOf1904CountFromThatYear(t *testing.T) {
	p := book(`<row r="1"><c r="A1" s="1"><v>0</v></c><c r="B1" s="1"><v>43645</v></c></row>`)
	p["xl/workbook.xml"] = strings.Replace(p["xl/workbook.xml"], "<workbookPr/>", `<workbookPr date1904="1"/>`, 1)
	if got := mustContents(t, p)[1]; !slices.Equal(got, []string{"1904-01-01", "2023-06-30"}) {
		t.Errorf("%q", got)
	}
}

func TestEveryDayFrom1900To9999ComesOutAsTheCalendarHasIt(t *testing.T) {
	at := time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)
	var want [10]byte
	for serial := 61; serial <= 2958465; serial++ {
		var buf [10]byte
		got, ok := appendDate(buf[:0], float64(serial), false)
		if !ok || !bytes.Equal(got, at.AppendFormat(want[:0], time.DateOnly)) {
			t.Fatalf("day %d is %s, not %s", serial, got, at)
		}
		at = at.Add(24 * time.Hour)
	}
}

func TestFormatCodesOfDatesAreToldFromThoseOfNumbers(t *testing.T) {
	for code, want := range map[string]format{
		"General": plainFormat, "0.00": plainFormat, "#,##0.00_);[Red](#,##0.00)": plainFormat, "@": plainFormat,
		"0.00E+00": plainFormat, `0" days"`: plainFormat, `0\d`: plainFormat, `#,##0"元"`: plainFormat, `[$￥-804]#,##0`: plainFormat,
		"h:mm": plainFormat, "[h]:mm:ss": plainFormat, "mm:ss.0": plainFormat, "[mm]": plainFormat, `上午/下午h"时"mm"分"`: plainFormat,
		"000000": plainFormat, `"yyyy"0`: plainFormat, "_d0": plainFormat, `0;"d"`: plainFormat, `"open`: plainFormat, `[open`: plainFormat,
		"yyyy-mm-dd": dateFormat, "YYYY/M/D": dateFormat, `yyyy"年"m"月"d"日"`: dateFormat, "yyyy年m月": dateFormat, "mmm": dateFormat,
		"[$-804]yyyy/m/d;@": dateFormat, "m/d/yy h:mm": dateFormat, "[$-F800]dddd, mmmm dd, yyyy": dateFormat, `yyyy\-mm\-dd`: dateFormat,
		"[$-411]ge.m.d": dateFormat, "e/m/d": dateFormat, `m"月"d"日"`: dateFormat,
		"0%": percentFormat, "0.00%": percentFormat, `0.0"%"`: plainFormat,
	} {
		if got := parseFormat(code); got != want {
			t.Errorf("%s is %d, not %d", code, got, want)
		}
	}
}

func TestWorkbooksOfOtherWritersReadAlike(t *testing.T) {
	want := map[int][]string{1: {"企业", "税收"}, 3: {"甲", "", "7"}}
	plain := book(`<row r="1"><c r="A1" t="inlineStr"><is><t>企业</t></is></c><c r="B1" t="inlineStr"><is><t>税收</t></is></c></row><row r="3"><c r="A3" t="inlineStr"><is><t>甲</t></is></c><c r="C3"><v>7</v></c></row>`)
	prefixed := book("")
	prefixed["xl/workbook.xml"] = `<x:workbook xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ` + relNS + `><x:sheets><x:sheet name="表1" sheetId="1" r:id="rId1" /></x:sheets></x:workbook>`
	prefixed["xl/worksheets/sheet1.xml"] = `<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>` +
		`<x:row r="1"><x:c r="A1" t="str"><x:v>企业</x:v></x:c><x:c r="B1" t="str"><x:v>税收</x:v></x:c></x:row><x:row r="3"><x:c r="A3" t="str"><x:v>甲</x:v></x:c><x:c r="C3"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>`
	bare := book("")
	bare["xl/worksheets/sheet1.xml"] = "\uFEFF<!-- made by a report tool --><worksheet>\n <sheetData>\n  <row>\n   <c t=\"inlineStr\"><is><t>企业</t></is></c>\n   <c t=\"inlineStr\"><is><t>税收</t></is></c>\n  </row>\n  <row></row><row><c t=\"inlineStr\"><is><t>甲</t></is></c><c/><c t=\"n\"><v> 7</v></c></row></sheetData></worksheet>"
	bare["xl/worksheets/sheet1.xml"] = strings.Replace(bare["xl/worksheets/sheet1.xml"], "<v> 7", "<v>7", 1)
	absolute := parts{}
	for name, content := range plain {
		content = strings.Replace(content, `Target="worksheets/sheet1.xml"`, `Target="/xl/worksheets/Sheet1.xml"`, 1)
		absolute[strings.ReplaceAll(name, "/", `\`)] = content
	}
	plainNames := parts{}
	for name, content := range plain {
		if name == "_rels/.rels" {
			continue
		}
		plainNames[name] = content
	}
	for what, p := range map[string]parts{"Excel": plain, "a writer with prefixes": prefixed, "a writer without references": bare,
		"a writer with backslashes": absolute, "a writer without the first relations": plainNames} {
		if got := mustContents(t, p); !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: %v, not %v", what, got, want)
		}
	}
}

func TestWhatIsNoWorkbookIsRefusedWithWhatToDo(t *testing.T) {
	compoundFile := func(stream string) []byte {
		content := append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 1<<20-4)...)
		for _, c := range stream {
			content = append(content, byte(c), 0)
		}
		return content
	}
	whole := book(`<row r="1"><c r="A1"><v>1</v></c></row>`)
	without := func(part string) []byte {
		p := parts{}
		for name, content := range whole {
			if name != part {
				p[name] = content
			}
		}
		return p.bytes(t)
	}
	with := func(part, content string) []byte {
		p := parts{}
		for name, c := range whole {
			p[name] = c
		}
		p[part] = content
		return p.bytes(t)
	}
	sheet := func(content string) []byte { return with("xl/worksheets/sheet1.xml", content) }
	packed := whole.bytes(t)
	flipped := slices.Clone(packed)
	at := bytes.Index(flipped, []byte("xl/worksheets/sheet1.xml")) + len("xl/worksheets/sheet1.xml") + 40
	flipped[at] ^= 0x55
	for _, c := range []struct {
		what    string
		content []byte
		want    string
	}{
		{"an old workbook", compoundFile("Workbook"), "old format (.xls, .et); open it in Excel or WPS and save it as .xlsx"},
		{"a workbook under a password", compoundFile("EncryptedPackage"), "under a password; open it, take the password off"},
		{"nothing", nil, "the file is empty"},
		{"a web page", []byte("\uFEFF\n <HTML><table><tr><td>1"), "a web page or XML"},
		{"a text", []byte("企业名称,税收\n"), "not a workbook; open it in Excel or WPS and save it as .xlsx, or as .csv"},
		{"an empty archive", []byte("PK\x05\x06" + strings.Repeat("\x00", 18)), "empty or parted archive"},
		{"half a file", packed[:len(packed)/2], "damaged or not whole"},
		{"a changed byte", flipped, "damaged"},
		{"an OpenDocument file", parts{"mimetype": "x", "content.xml": "<a/>"}.bytes(t), "OpenDocument file (.ods)"},
		{"a letter", parts{"word/document.xml": "<a/>"}.bytes(t), "a text document (.docx)"},
		{"an archive of tables", parts{"税收.xlsx": "x"}.bytes(t), "holds no workbook; unpack it"},
		{"a binary workbook", parts{"xl/workbook.bin": "x"}.bytes(t), "a binary workbook (.xlsb)"},
		{"no worksheet", with("xl/workbook.xml", "<workbook><sheets/></workbook>"), "has no worksheet"},
		{"a lost worksheet", without("xl/worksheets/sheet1.xml"), "part xl/worksheets/sheet1.xml is missing"},
		{"a lost text", with("xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="4"><c r="C4" t="s"><v>99</v></c></row></sheetData></worksheet>`), `row 4: column C names text "99", which the workbook has not`},
		{"a worksheet cut in a row", sheet(`<worksheet><sheetData><row r="7"><c r="A7"><v>1`), "row 7: its content ends in the middle"},
		{"a worksheet cut between rows", sheet(`<worksheet><sheetData><row r="7"></row>`), "row 7: its content ends in the middle"},
		{"a worksheet cut in a tag", sheet(`<worksheet><sheetData><row r="7`), "its content ends in the middle"},
		{"texts cut", with("xl/sharedStrings.xml", `<sst><si><t>a</t></si>`), "its content ends in the middle"},
		{"rows out of order", sheet(`<worksheet><sheetData><row r="7"/><row r="6"/></sheetData></worksheet>`), "row 6: it stands behind row 7"},
		{"a row too far down", sheet(`<worksheet><sheetData><row r="1048577"/></sheetData></worksheet>`), `its number "1048577" is none`},
		{"a cell too far right", sheet(`<worksheet><sheetData><row r="1"><c r="XFE1"><v>1</v></c></row></sheetData></worksheet>`), "behind the last column"},
		{"a document type", sheet(`<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>`), "declares a document type"},
		{"UTF-16", sheet("\xff\xfe<\x00w\x00"), "UTF-16"},
		{"an endless text", sheet(`<worksheet><sheetData><row r="1"><c t="str"><v>` + strings.Repeat("a", longestToken+1)), "longer than a cell can be"},
		{"an endless text in pieces", sheet(`<worksheet><sheetData><row r="1"><c t="inlineStr"><is>` + strings.Repeat("<t>aaaaaaaaaaaaaaaa</t>", longestToken/16+1)), "longer than a cell can be"},
	} {
		_, err := contents(write(t, c.content))
		switch {
		case err == nil:
			t.Errorf("%s is read", c.what)
		case !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %v; want %s", c.what, err, c.want)
		case strings.ContainsAny(err.Error(), "\n\r"):
			t.Errorf("%s: %q is not one line", c.what, err)
		}
	}
	if _, err := Open(t.TempDir()); err == nil || err.Error() != "not a file" {
		t.Errorf("a folder: %v", err)
	}
}

func TestAPartThatUnpacksToMoreThanItMayIsRefused(t *testing.T) {
	const most = 1 << 20
	p := book("")
	p["bomb.xml"] = strings.Repeat(" <a/>", most)
	packed := p.bytes(t)
	if len(packed) > most/10 {
		t.Fatalf("the bomb has %d bytes", len(packed))
	}
	b, err := Open(write(t, packed))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	in, err := b.part("bomb.xml", most)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	m := newMarkup(in)
	for tags := 0; ; tags++ {
		kind, err := m.next()
		if err != nil {
			if err.Error() != "it unpacks to more than 1 MB, which no table does" || tags > most {
				t.Errorf("%v behind %d tags", err, tags)
			}
			return
		}
		if kind == done {
			t.Fatal("it is read to its end")
		}
	}
}

func TestHiddenSheetsAndRowsAreReadAndSaidToBeHidden(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for row := 1; row <= 3; row++ {
		if err := f.SetCellInt("Sheet1", fmt.Sprintf("A%d", row), int64(row)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetRowVisible("Sheet1", 2, false); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"旧表", "图"} {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetSheetVisible("旧表", false); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var names []string
	for _, s := range b.Sheets() {
		names = append(names, fmt.Sprint(s.Name, s.Hidden))
	}
	if fmt.Sprint(names) != "[Sheet1false 旧表true 图false]" {
		t.Errorf("%v", names)
	}
	r, err := b.Rows(b.Sheets()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var hidden []string
	for {
		found, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			break
		}
		hidden = append(hidden, fmt.Sprint(r.Cells, r.Hidden))
	}
	if fmt.Sprint(hidden) != "[[1] false [2] true [3] false]" {
		t.Errorf("%v", hidden)
	}
}

func TestMergedCellsAreFoundBehindRowsThatWereNotRead(t *testing.T) {
	rows := strings.Repeat(`<row><c t="inlineStr"><is><t>x/sheetData></t></is></c></row>`, 5000)
	p := book("")
	p["xl/worksheets/sheet1.xml"] = `<x:worksheet><x:sheetData>` + rows + `</x:sheetData><x:mergeCells count="3"><x:mergeCell ref="A1:C1"/><x:mergeCell ref="$A:1"/><x:mergeCell ref="B2:B9"/></x:mergeCells></x:worksheet>`
	b, err := Open(write(t, p.bytes(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	r, err := b.Rows(b.Sheets()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	var got []Span
	if err := r.Merges(func(s Span) error { got = append(got, s); return nil }); err != nil {
		t.Fatal(err)
	}
	if want := []Span{{1, 1, 0, 2}, {2, 9, 1, 1}}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

// The referee is excelize, which reads workbooks in a way of its own.
func TestRandomWorkbooksReadAsTheRefereeReadsThem(t *testing.T) {
	for seed := range int64(20) {
		path := randomBook(t, rand.New(rand.NewSource(seed)))
		got, err := contents(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all, err := f.GetRows("Sheet1", excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		want := map[int][]string{}
		for i, cells := range all {
			for len(cells) > 0 && cells[len(cells)-1] == "" {
				cells = cells[:len(cells)-1]
			}
			if len(cells) > 0 {
				want[i+1] = cells
			}
		}
		if !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("seed %d:\n%v\nthe referee:\n%v", seed, got, want)
		}
	}
}

func randomBook(t *testing.T, r *rand.Rand) string {
	f := excelize.NewFile()
	defer f.Close()
	words := []string{"企业名称", "a&b<c>", "  空 格 ", "税收（万元）", "𠮷野", `"引号"`, "_x", "0012", "100%"}
	for range 60 {
		at, err := excelize.CoordinatesToCellName(1+r.Intn(30), 1+r.Intn(40))
		if err != nil {
			t.Fatal(err)
		}
		var value any
		switch r.Intn(4) {
		case 0:
			value = words[r.Intn(len(words))]
		case 1:
			value = r.NormFloat64() * 1e6
		case 2:
			value = r.Intn(1e9)
		case 3:
			value = []excelize.RichTextRun{{Text: words[r.Intn(len(words))]}, {Text: words[r.Intn(len(words))], Font: &excelize.Font{Bold: true}}}
		}
		if runs, ok := value.([]excelize.RichTextRun); ok {
			err = f.SetCellRichText("Sheet1", at, runs)
		} else {
			err = f.SetCellValue("Sheet1", at, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "random.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func FuzzDamagedWorkbooksAreReadOrRefusedInOneLine(f *testing.F) {
	whole := book(`<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" s="1"><v>45107</v></c></row><row r="2" hidden="1"><c r="A2" t="inlineStr"><is><t>a&amp;</t></is></c></row>`)
	f.Add(whole.bytes(f), uint16(30), byte(1))
	f.Add([]byte("PK\x03\x04"), uint16(0), byte(0))
	f.Add([]byte("\xD0\xCF\x11\xE0"), uint16(0), byte(0))
	f.Fuzz(func(t *testing.T, content []byte, at uint16, change byte) {
		if len(content) > 1<<16 {
			return
		}
		if int(at) < len(content) {
			content = slices.Clone(content)
			content[at] ^= change
		}
		if _, err := inMemory(content); err != nil && strings.ContainsAny(err.Error(), "\n") {
			t.Errorf("%q is not one line", err)
		}
	})
}

func FuzzDamagedWorksheetsAreReadOrRefusedInOneLine(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" s="1"><v>45107</v></c></row>`, `<mergeCell ref="A1:B2"/>`)
	f.Add(`<row><c t="inlineStr"><is><r><t>a&#x41;</t></r><rPh><t>b</t></rPh></is></c><c><f>A1</f></c></row>`, ``)
	f.Add(`<row r="1048576"><c r="XFD1"><v>1e400</v></c></row><!-- --><![CDATA[x]]><?x?>`, `<mergeCell ref="A0:XFE9"/>`)
	f.Fuzz(func(t *testing.T, rows, behind string) {
		p := book("")
		p["xl/worksheets/sheet1.xml"] = `<worksheet><sheetData>` + rows + `</sheetData><mergeCells>` + behind + `</mergeCells></worksheet>`
		read, err := inMemory(p.bytes(t))
		if err != nil && strings.ContainsAny(err.Error(), "\n") {
			t.Errorf("%q is not one line", err)
		}
		for row, cells := range read {
			if row < 1 || row > MostRows || len(cells) > MostColumns {
				t.Errorf("row %d has %d cells", row, len(cells))
			}
		}
	})
}
