package read

import (
	"strings"
	"testing"
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
	const text = "\uFFFDab\uFFFD\uFFFD\xef\xef\xbf\xbd\xef\xbf"
	for size := range 5 { // however the bytes are cut
		l := &lossy{r: strings.NewReader(text)}
		for buf := make([]byte, size+1); ; {
			if _, err := l.Read(buf); err != nil {
				break
			}
		}
		if l.lost != 4 {
			t.Errorf("%d characters counted in steps of %d, want 4", l.lost, size+1)
		}
	}
}

func TestUTF16IsRefusedByItsName(t *testing.T) {
	for _, head := range []string{"\xff\xfe", "\xfe\xff", "\xff\xfec\x00", "\xfe\xff\x00c"} {
		_, err := scanAll(folder(t, map[string]string{"tax.csv": head}), "tax", 1)
		if err == nil || !strings.HasSuffix(err.Error(), "tax.csv: text is UTF-16: save the file as UTF-8") {
			t.Errorf("%q: %v", head, err)
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
