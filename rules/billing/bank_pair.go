package billing

import (
	"cmp"
	"slices"
	"strings"

	"chancery/rules/text"
)

// bankCodes are the words in front of the number of a bank, and how many digits that has.
var bankCodes = []struct {
	word   string
	digits int
	right  func(string) bool // nil: any
}{
	{"routing", 9, routing}, {"aba", 9, routing}, {"rtn", 9, routing}, {"ach", 9, routing}, {"wire", 9, routing},
	{"sort code", 6, nil}, {"sortcode", 6, nil}, {"blz", 8, nil}, {"bankleitzahl", 8, nil},
}

var (
	codeWords = func() soughtWords {
		var list []string
		for _, c := range bankCodes {
			list = append(list, c.word)
		}
		return sought(list...)
	}()
	accountWords = sought("account", "accounts", "acct", "a/c", "konto", "kontonummer", "kontonr", "kto", "ktonr")
)

// codeReach is how far behind its word the number of a bank stands, in octets.
const (
	codeReach = 40
	maxPairs  = 20 // places of a word that are looked at
)

// accountPlace is a number behind a word.
type accountPlace struct {
	text     string
	at, word int
}

// pairs finds numbers of bank and account: each number of a bank with the account that
// follows it, or that stands before it if none does.
func pairs(s string) (out []string) {
	var codes, accounts []accountPlace
	codeWords.each(s, func(word, end int) {
		if n, ok := codeBehind(s, end, bankCodes[word].digits, bankCodes[word].right); ok {
			n.word = word
			codes = append(codes, n)
		}
	})
	if len(codes) == 0 {
		return nil
	}
	accountWords.each(s, func(_, end int) {
		if n, ok := accountBehind(s, end); ok {
			accounts = append(accounts, n)
		}
	})
	slices.SortStableFunc(codes, func(a, b accountPlace) int { return cmp.Compare(a.word, b.word) })
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

// soughtWords are words that are looked for all at once.
type soughtWords struct {
	list     []string
	openings *text.Openings
}

func sought(list ...string) soughtWords {
	return soughtWords{list, text.NewOpenings(slices.Values(list))}
}

// each calls do behind the first places of each word.
func (w *soughtWords) each(s string, do func(word, end int)) {
	var seen [16]int
	for i := w.openings.Next(s, 0); i < len(s); i = w.openings.Next(s, i+1) {
		if i > 0 && alnum(s[i-1]) {
			continue
		}
		for k, word := range w.list {
			if end, ok := matchWords(s, i, word); ok && seen[k] < maxPairs {
				seen[k]++
				do(k, end)
			}
		}
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
			return accountPlace{text: v, at: i}, true
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
	return accountPlace{text: v, at: i}, len(v) >= 6
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
