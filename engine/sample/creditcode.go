package sample

// creditAlphabet is GB 32100's: digits and capitals without I, O, S, V and Z.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// creditNumbers is how many different codes [CreditCode] gives: 31⁶.
const creditNumbers = 31 * 31 * 31 * 31 * 31 * 31

// CreditCode is the n-th made-up unified social credit code (统一社会信用代码) of
// the region 999904, which is not in use: 18 characters, the organisation's check
// character by GB 11714 and the last one by GB 32100-2015 clause 4.7. Codes of
// different n below 31⁶ differ.
func CreditCode(n uint64) string { return string(appendCreditCode(nil, n)) }

func appendCreditCode(dst []byte, n uint64) []byte {
	at := len(dst)
	dst = append(dst, "91999904MA"...)
	n = n * 362_437 % creditNumbers // prime to 31: no two n meet
	var digits [6]byte
	for i := 5; i >= 0; i-- {
		digits[i] = creditAlphabet[n%31]
		n /= 31
	}
	dst = append(dst, digits[:]...)
	dst = append(dst, organisationCheck(dst[at+8:]))
	return append(dst, creditCheck(dst[at:]))
}

// organisationCheck is the ninth character of an organisation code (GB 11714):
// letters count from A = 10.
func organisationCheck(code []byte) byte {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, c := range code[:8] {
		v := int(c - '0')
		if c >= 'A' {
			v = int(c-'A') + 10
		}
		sum += weights[i] * v
	}
	switch r := 11 - sum%11; r {
	case 10:
		return 'X'
	case 11:
		return '0'
	default:
		return byte('0' + r)
	}
}

// creditCheck is the eighteenth character for the seventeen before it.
func creditCheck(code []byte) byte {
	sum, weight := 0, 1
	for _, c := range code[:17] {
		for v := range len(creditAlphabet) {
			if creditAlphabet[v] == c {
				sum += v * weight
			}
		}
		weight = weight * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31]
}
