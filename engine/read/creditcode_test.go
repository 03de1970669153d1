package read

import (
	"strings"
	"testing"
)

func TestCreditCodesAreHeldAgainstTheirCheckCharacter(t *testing.T) {
	for _, code := range []string{"914403001922038216", "91420100MA4KX12325", "91510100123456788M"} {
		if !ValidCreditCode(code) {
			t.Errorf("%s is refused", code)
		}
	}
	for _, code := range []string{
		"91110000100000000X", "", "9144030019220382", "9144030019220382166", "914403001922038217", "91420100ma4kx12325",
		"91420100MA4KX1232I", "91420100OA4KX12325", "91420100 A4KX12325", "914403001922038２16", "９１４４０３",
	} {
		if ValidCreditCode(code) {
			t.Errorf("%q passes", code)
		}
	}
}

func TestNoSingleWrongCharacterPassesAsACreditCode(t *testing.T) {
	const code = "91420100MA4KX12325"
	for i := range code {
		for _, c := range creditAlphabet {
			if byte(c) == code[i] {
				continue
			}
			if wrong := code[:i] + string(c) + code[i+1:]; ValidCreditCode(wrong) {
				t.Errorf("%s passes for %s", wrong, code)
			}
		}
	}
}

func TestEveryBodyHasExactlyOneCheckCharacter(t *testing.T) {
	for _, body := range []string{strings.Repeat("0", 17), strings.Repeat("Y", 17), "91420100MA4KX1232", "91510100123456788"} {
		n := 0
		for _, c := range creditAlphabet {
			if ValidCreditCode(body + string(c)) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s has %d check characters", body, n)
		}
	}
}
