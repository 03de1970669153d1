package workbook

import "testing"

func TestASingleFigureIsANumberInItsForm(t *testing.T) {
	if got := figure("0.38585", "ratio"); got != (shown{percentForm, 0.38585}) {
		t.Errorf("a share is %v, want it as a number that is shown as a percentage", got)
	}
}

func TestATextLongerThanACellIsCutAndSaysSo(t *testing.T) {
	long := make([]rune, 40_000)
	for i := range long {
		long[i] = '𠮷' // two of the units that cells count
	}
	got := cut(string(long))
	units := 0
	for _, r := range got {
		if units++; r > 0xFFFF {
			units++
		}
	}
	if units > 32767 || got[len(got)-len("（全文见 tables 文件夹）"):] != "（全文见 tables 文件夹）" {
		t.Errorf("%d units, ends with %q", units, got[len(got)-40:])
	}
}
