package read

// creditAlphabet is the alphabet of 统一社会信用代码 (GB 32100-2015): no I, O, S, V, Z.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var creditWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

var creditValue = func() (v [256]int8) {
	for i := range v {
		v[i] = -1
	}
	for i := range len(creditAlphabet) {
		v[creditAlphabet[i]] = int8(i)
	}
	return v
}()

// ValidCreditCode says whether a credit code has 18 characters of the alphabet and
// the right check character (GB 32100-2015). A code that fails is flagged and
// still joins by its text.
func ValidCreditCode(code string) bool {
	if len(code) != 18 {
		return false
	}
	sum := 0
	for i, w := range creditWeights {
		v := creditValue[code[i]]
		if v < 0 {
			return false
		}
		sum += int(v) * w
	}
	return code[17] == creditAlphabet[(31-sum%31)%31]
}
