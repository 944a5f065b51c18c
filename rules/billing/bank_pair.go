package billing

import "strings"

// bankCodes are the words in front of the number of a bank, and how many digits that has.
var bankCodes = []struct {
	word   string
	digits int
	right  func(string) bool // nil: any
}{
	{"routing", 9, routing}, {"aba", 9, routing}, {"rtn", 9, routing}, {"ach", 9, routing}, {"wire", 9, routing},
	{"sort code", 6, nil}, {"sortcode", 6, nil}, {"blz", 8, nil}, {"bankleitzahl", 8, nil},
}

var accountWords = []string{"account", "accounts", "acct", "a/c", "konto", "kontonummer", "kontonr", "kto", "ktonr"}

// codeReach is how far behind its word the number of a bank stands, in octets.
const (
	codeReach = 40
	maxPairs  = 20 // words of a kind that are looked at
)

type accountPlace struct {
	text string
	at   int
}

// pairs finds numbers of bank and account: each number of a bank with the account that
// follows it, or that stands before it if none does.
func pairs(s string) (out []string) {
	var codes, accounts []accountPlace
	for _, c := range bankCodes {
		each(s, c.word, func(end int) {
			if n, ok := codeBehind(s, end, c.digits, c.right); ok {
				codes = append(codes, n)
			}
		})
	}
	if len(codes) == 0 {
		return nil
	}
	for _, w := range accountWords {
		each(s, w, func(end int) {
			if n, ok := accountBehind(s, end); ok {
				accounts = append(accounts, n)
			}
		})
	}
	for _, c := range codes {
		best := -1
		for i, a := range accounts {
			if best < 0 || nearer(c.at, a.at, accounts[best].at) {
				best = i
			}
		}
		if best >= 0 {
			out = append(out, c.text+"/"+accounts[best].text)
		}
	}
	return out
}

// nearer reports whether a stands nearer to a code than b: what follows it first.
func nearer(code, a, b int) bool {
	if (a > code) != (b > code) {
		return a > code
	}
	return max(a, code)-min(a, code) < max(b, code)-min(b, code)
}

// each calls do behind each place of a word.
func each(s, word string, do func(end int)) {
	for at, n := 0, 0; n < maxPairs; n++ {
		beg, end := findWords(s[at:], word)
		if end < 0 {
			return
		}
		if beg > 0 || at == 0 || !alnum(s[at-1]) {
			do(at + end)
		}
		at += end
	}
}

// codeBehind finds a number of so many digits.
func codeBehind(s string, at, digits int, right func(string) bool) (accountPlace, bool) {
	for i := at; i < min(len(s), at+codeReach); i++ {
		if !digit(s[i]) || alnum(s[i-1]) {
			continue
		}
		v, end := digitsAt(s, i, digits)
		if len(v) == digits && (end == len(s) || !digit(s[end])) && (right == nil || right(v)) {
			return accountPlace{v, i}, true
		}
	}
	return accountPlace{}, false
}

// accountBehind finds a number of 6 to 17 digits right behind a word.
func accountBehind(s string, at int) (accountPlace, bool) {
	i := blankRun(s, at)
	for _, w := range []string{"number", "no", "num", "nr", "nummer"} {
		if end, ok := matchWords(s, i, w); ok {
			i = end
			break
		}
	}
	for n := 0; n < 6 && i < len(s) && strings.IndexByte("#:.= \t", s[i]) >= 0; n++ {
		i++
	}
	v, _ := digitsAt(s, i, 17)
	return accountPlace{v, i}, len(v) >= 6
}

// digitsAt reads digits with single blanks and hyphens between them, at most so many.
func digitsAt(s string, i, most int) (string, int) {
	var b strings.Builder
	for b.Len() < most && i < len(s) {
		switch {
		case digit(s[i]):
			b.WriteByte(s[i])
			i++
		case b.Len() > 0 && (s[i] == '-' || s[i] == ' ') && i+1 < len(s) && digit(s[i+1]):
			i++
		default:
			return b.String(), i
		}
	}
	return b.String(), i
}

// routing checks a routing number: its digits weigh 3, 7 and 1 in turn.
func routing(v string) bool {
	sum := 0
	for i := range len(v) {
		sum += int(v[i]-'0') * []int{3, 7, 1}[i%3]
	}
	return sum%10 == 0
}
