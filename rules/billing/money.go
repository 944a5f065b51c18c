package billing

import (
	"math"
	"strconv"
	"strings"
)

// Money is an amount in minor units (cents) of a currency. It is never a
// floating point number.
type Money struct {
	Minor    int64
	Currency string // ISO 4217; "" if the text names none, then two decimals
}

// IsZero reports whether there is no amount.
func (m Money) IsZero() bool { return m == Money{} }

// String prints the amount so that it can be read back: "USD 1684.45",
// "JPY -1250", "12.00".
func (m Money) String() string {
	neg, mag := m.Minor < 0, uint64(m.Minor)
	if neg {
		mag = -mag
	}
	digits := strconv.FormatUint(mag, 10)
	if n := exponent(m.Currency); n > 0 {
		if len(digits) <= n {
			digits = strings.Repeat("0", n+1-len(digits)) + digits
		}
		digits = digits[:len(digits)-n] + "." + digits[len(digits)-n:]
	}
	if neg {
		digits = "-" + digits
	}
	if m.Currency == "" {
		return digits
	}
	return m.Currency + " " + digits
}

// amount is money found in a text at [beg, end).
type amount struct {
	Money
	beg, end int
	sure     bool // it has a currency or exactly the decimals of money
}

// amountAt reads the amount whose first digit is s[at].
func amountAt(s string, at int) (amount, bool) {
	n, ok := numberAt(s, at)
	if !ok {
		return amount{}, false
	}
	a := amount{beg: at, end: n.end}
	neg := false
	a.beg, a.Currency, neg = before(s, at)
	open := a.beg > 0 && s[a.beg-1] == '('
	if shift, end := scale(s, a.end); shift > 0 {
		n.scale, a.end = shift, end
	}
	whole := 0
	if n.decimals == 0 {
		whole = wholeAt(s, a.end)
		a.end += whole
	}
	if code, end := after(s, a.end); code != "" && (a.Currency == "" || known[s[max(a.end, end-3):end]]) {
		a.Currency, a.end = code, end
	}
	if open && a.end < len(s) && s[a.end] == ')' {
		neg, a.beg, a.end = true, a.beg-1, a.end+1
		if code, end := after(s, a.end); code != "" && a.Currency == "" {
			a.Currency, a.end = code, end
		}
		if a.Currency == "" {
			a.beg, a.Currency, _ = before(s, a.beg)
		}
	} else if a.end < len(s) && s[a.end] == '-' && (a.end+1 == len(s) || !alnum(s[a.end+1])) {
		neg, a.end = true, a.end+1
	}
	if end := creditAt(s, a.end); end > 0 {
		neg, a.end = true, end
	}
	mag, ok := n.minor(exponent(a.Currency))
	if !ok || mag > math.MaxInt64 && !(neg && mag == 1<<63) {
		return amount{}, false
	}
	if a.Minor = int64(mag); neg {
		a.Minor = -a.Minor
	}
	a.sure = a.Currency != "" || n.decimals == 2 || whole > 0
	return a, true
}

// wholeAt is the length of what stands for no cents: the ",-" of "120,-", also with a long
// dash or two.
func wholeAt(s string, at int) int {
	if at == len(s) || s[at] != ',' && s[at] != '.' {
		return 0
	}
	for _, dash := range []string{"--", "-", "\u2013", "\u2014", "\u2212"} {
		if end := at + 1 + len(dash); strings.HasPrefix(s[at+1:], dash) && (end == len(s) || !alnum(s[end])) {
			return end - at
		}
	}
	return 0
}

// before reads sign and currency in front of the number at s[at].
func before(s string, at int) (beg int, code string, neg bool) {
	beg = at
	for range 3 {
		i := beg
		for i > 0 && beg-i < 2 && (s[i-1] == ' ' || s[i-1] == '\t') {
			i--
		}
		if i > 0 && !neg && (s[i-1] == '-' || strings.HasSuffix(s[:i], "\u2212")) && (i == beg) {
			w := 1
			if s[i-1] != '-' {
				w = len("\u2212")
			}
			if i-w == 0 || !alnum(s[i-w-1]) {
				neg, beg = true, i-w
				continue
			}
		}
		if i >= 3 && known[s[i-3:i]] && (i == 3 || !alnum(s[i-4])) {
			return i - 3, s[i-3 : i], neg
		}
		if code != "" {
			break
		}
		if i == 0 {
			break
		}
		for _, y := range symbolsEnding[s[i-1]] {
			if strings.HasSuffix(s[:i], y.sign) && (!letter(y.sign[0]) || i == len(y.sign) || !alnum(s[i-len(y.sign)-1])) {
				code, beg = y.code, i-len(y.sign)
				break
			}
		}
		if code == "" {
			break
		}
	}
	if beg > 0 && !neg && s[beg-1] == '-' && (beg == 1 || !alnum(s[beg-2])) {
		neg, beg = true, beg-1
	}
	return beg, code, neg
}

// after reads a currency behind the number that ends at s[at].
func after(s string, at int) (code string, end int) {
	i := at
	for i < len(s) && i-at < 2 && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	i += nbsp(s[i:])
	if i+3 <= len(s) && known[s[i:i+3]] && (i+3 == len(s) || !alnum(s[i+3])) {
		return s[i : i+3], i + 3
	}
	if i == len(s) {
		return "", at
	}
	for _, y := range symbolsBeginning[s[i]] {
		if strings.HasPrefix(s[i:], y.sign) && (y.sign[len(y.sign)-1] != '$' || i == at) {
			if e := i + len(y.sign); e == len(s) || !alnum(s[e]) {
				return y.code, e
			}
		}
	}
	return "", at
}

var scales = []struct {
	word string
	zero int
}{{"million", 6}, {"billion", 9}, {"thousand", 3}, {"mio", 6}, {"mm", 6}, {"mn", 6}, {"bn", 9}, {"m", 6}, {"k", 3}}

// scale reads "million" and its like behind a number.
func scale(s string, at int) (zeros, end int) {
	i := at
	if i < len(s) && s[i] == ' ' {
		i++
	}
	for _, w := range scales {
		e := i + len(w.word)
		if e <= len(s) && strings.EqualFold(s[i:e], w.word) && (e == len(s) || !alnum(s[e])) && (len(w.word) > 2 || i == at) {
			return w.zero, e
		}
	}
	return 0, at
}

// creditAt reads the "CR" of accountants behind an amount; 0 if there is none.
func creditAt(s string, at int) int {
	i := at
	if i < len(s) && s[i] == ' ' {
		i++
	}
	if i+2 <= len(s) && (s[i:i+2] == "CR" || s[i:i+2] == "Cr") && (i+2 == len(s) || !alnum(s[i+2])) {
		return i + 2
	}
	return 0
}

func digit(c byte) bool  { return c >= '0' && c <= '9' }
func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func alnum(c byte) bool  { return digit(c) || letter(c) || c >= 0x80 }

// nbsp returns the length of a no-break or thin space at the start of s, or 0.
func nbsp(s string) int {
	for _, w := range []string{"\u00a0", "\u202f", "\u2009"} {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	return 0
}
