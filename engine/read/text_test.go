package read

import "testing"

func TestANumberInATextColumnIsReadAsOneOfANumberColumn(t *testing.T) {
	for text, want := range map[string]float64{
		"5": 5, " 5 ": 5, "５．５": 5.5, "1,234.5": 1234.5, "\u3000-3\ufeff": -3, "0": 0, "1e3": 1000,
	} {
		if got, ok := ParseNumber(text); !ok || got != want {
			t.Errorf("%q: %v %t, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", " ", "-", "无", "N/A", "A", "5分", "NaN", "Inf", "1e400", "5%", "1 2"} {
		if got, ok := ParseNumber(text); ok {
			t.Errorf("%q passes as %v", text, got)
		}
	}
}

func TestCapitalsAreHalfWidthAndOnlyWhatIsSeen(t *testing.T) {
	for text, want := range map[string]string{
		"b": "B", "Ｂ": "B", "ｂ\u3000": "B", " a ": "A", "\u200bＤ\ufeff": "D", "９１４４ 0300\u3000ma4k\n": "91440300MA4K",
		"": "", "\u3000": "", "甲b": "甲B", "\xff": "\xff", "é": "é", "（ａ）": "(A)",
	} {
		if got := Capitals(text); got != want || Capitals(got) != got {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
