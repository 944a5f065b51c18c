package billing

import "strings"

// number is a decimal as written: all its digits, and how many of them stand
// behind the decimal point.
type number struct {
	digits   string
	decimals int
	thousand bool // the last group was read as thousands, from a lone point
	scale    int  // zeros that "million" adds
	end      int
}

const maxDigits = 24

// numberAt reads the number whose first digit is s[at], with its separators.
func numberAt(s string, at int) (number, bool) {
	var b [maxDigits]byte
	n, i := 0, at
	var seps [12]byte // kind of each separator: . , ' or space
	var lens [13]int  // digits in each group
	groups := 0
	for i < len(s) {
		if digit(s[i]) {
			if n == maxDigits {
				return number{}, false
			}
			b[n] = s[i]
			n++
			lens[groups]++
			i++
			continue
		}
		kind, size := separatorAt(s[i:])
		if kind == 0 || groups+1 == len(lens) || i+size >= len(s) || !digit(s[i+size]) {
			break
		}
		if kind == ' ' && !group3(s[i+size:]) {
			break
		}
		seps[groups] = kind
		groups++
		i += size
	}
	num := number{digits: string(b[:n]), end: i}
	if groups == 0 {
		return num, true
	}
	return num.split(seps[:groups], lens[:groups+1])
}

// separatorAt tells what stands between two digits.
func separatorAt(s string) (kind byte, size int) {
	switch s[0] {
	case '.', ',', '\'', ' ':
		return s[0], 1
	}
	if strings.HasPrefix(s, "\u2019") {
		return '\'', len("\u2019")
	}
	if n := nbsp(s); n > 0 {
		return ' ', n
	}
	return 0, 0
}

// group3 reports whether s begins with exactly three digits: a space groups
// thousands only then, else it separates words.
func group3(s string) bool {
	return len(s) >= 3 && digit(s[0]) && digit(s[1]) && digit(s[2]) && (len(s) == 3 || !digit(s[3]) && !letter(s[3]))
}

// split decides which separator is the decimal point. The last one is, unless it
// is used twice or can group three digits.
func (n number) split(seps []byte, lens []int) (number, bool) {
	last := seps[len(seps)-1]
	behind := lens[len(lens)-1]
	mixed, repeated := false, 0
	for _, c := range seps {
		if c != last {
			mixed = true
		} else {
			repeated++
		}
	}
	decimal := (last == '.' || last == ',') && repeated == 1 && (mixed || behind != 3 || lens[0] > 3 || lens[0] == 1 && n.digits[0] == '0')
	if !decimal {
		n.thousand = len(seps) == 1 && last == '.'
		return n, grouped(lens, len(lens))
	}
	n.decimals = behind
	return n, grouped(lens[:len(lens)-1], len(lens)-1)
}

// grouped checks the groups of an integer part: three digits each but the
// first; India writes two in the middle.
func grouped(lens []int, count int) bool {
	if count == 1 {
		return true
	}
	if lens[0] > 3 {
		return false
	}
	for i := 1; i < count; i++ {
		if lens[i] != 3 && (lens[i] != 2 || i == count-1) {
			return false
		}
	}
	return true
}

// minor returns the number in units of 10^-exp, exactly.
func (n number) minor(exp int) (uint64, bool) {
	decimals := n.decimals
	if n.thousand && exp == 3 {
		decimals = 3 // "KWD 1.250" is no thousand
	}
	decimals -= n.scale
	digits := n.digits
	for decimals > exp {
		if digits == "" || digits[len(digits)-1] != '0' {
			return 0, false
		}
		digits, decimals = digits[:len(digits)-1], decimals-1
	}
	var v uint64
	put := func(d uint64) bool {
		if v > (1<<64-1-d)/10 {
			return false
		}
		v = v*10 + d
		return true
	}
	for i := range len(digits) {
		if !put(uint64(digits[i] - '0')) {
			return 0, false
		}
	}
	for ; decimals < exp; decimals++ {
		if !put(0) {
			return 0, false
		}
	}
	return v, true
}
