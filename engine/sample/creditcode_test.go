package sample

import (
	"strings"
	"testing"
)

func TestCheckCharacterIsThatOfKnownCodes(t *testing.T) {
	for _, code := range []string{"914403001922038216", "91420100MA4KX12325", "91510100123456788M"} {
		if got := creditCheck([]byte(code)); got != code[17] {
			t.Errorf("%s: check character %c", code, got)
		}
	}
	if creditCheck([]byte("91110000100000000X")) == 'X' {
		t.Error("91110000100000000X has a wrong check character, but passes")
	}
	if got := organisationCheck([]byte("D2143569")); got != 'X' { // the standard's own example
		t.Errorf("organisation code D2143569: check character %c, want X", got)
	}
}

func TestCreditCodesAreValidAndAllDifferent(t *testing.T) {
	seen := map[string]bool{}
	for n := range uint64(50_000) {
		code := CreditCode(n)
		if len(code) != 18 || strings.Trim(code, creditAlphabet) != "" || creditCheck([]byte(code)) != code[17] {
			t.Fatalf("%d: %q", n, code)
		}
		if seen[code] {
			t.Fatalf("%d: %s again", n, code)
		}
		seen[code] = true
	}
	if a, b := CreditCode(0), CreditCode(creditNumbers); a != b {
		t.Errorf("codes do not come round after all of them: %s, %s", a, b)
	}
}

func TestEnterprisesHaveDifferentNames(t *testing.T) {
	d := newDrawer(newPlan(10, 1, vocabulary(t)))
	seen := map[string]bool{}
	for n := range 100_000 {
		name := string(d.appendFirmName(nil, &firm{number: n}))
		if seen[name] {
			t.Fatalf("%d: %s again", n, name)
		}
		seen[name] = true
	}
}
