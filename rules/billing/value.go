package billing

import (
	"strings"
)

// maxNumber bounds an invoice number; LEDES allows 20 characters.
const maxNumber = 30

// spelled is a number as it stands at s[beg:end].
type spelled struct {
	text     string
	beg, end int
}

// numbersAfter reads the invoice numbers behind a cue: "No. 1001, 1002 and 1003". In a
// file they may stand a column away.
func numbersAfter(s string, c found, doc bool) []spelled {
	at := c.end
	qualified := c.rank >= 2
	for range 4 {
		i := gap(s, blanks(s, at, 3), ".:#(=")
		if doc {
			i = gap(s, blankRun(s, at), ".:#(=")
		}
		for _, q := range []string{"no", "nos", "number", "num", "nr", "nbr", "id", "ref", "n°", "nº", "№", "\u00b0", "\u00ba"} {
			if end, ok := matchWords(s, i, q); ok {
				qualified, i = true, end
				break
			}
		}
		if strings.IndexByte(s[at:i], '#') >= 0 {
			qualified = true
		}
		if i == at {
			break
		}
		at = i
	}
	var out []spelled
	for len(out) < 50 {
		n, end := numberToken(s, at, qualified || len(out) > 0)
		if n == "" {
			break
		}
		if doc && qualified && len(out) == 0 {
			n, end = groupsOf(s, at, end)
		}
		out = append(out, spelled{n, at, end})
		next := blanks(s, end, 2)
		switch {
		case next < len(s) && (s[next] == ',' || s[next] == '&' || s[next] == ';'):
			next++
		case strings.HasPrefix(s[next:], "and "), strings.HasPrefix(s[next:], "und "):
			next += 4
		default:
			return out
		}
		at = blanks(s, next, 2)
		if strings.HasPrefix(s[at:], "and ") {
			at = blanks(s, at+4, 2)
		}
		at = gap(s, at, "#")
	}
	return out
}

// numberToken reads one invoice number at s[at]. It has a digit; without a word
// like "No." before it, it must look like one: three digits at least, and
// neither a year, a date, money nor the size of something.
func numberToken(s string, at int, qualified bool) (token string, end int) {
	end = at
	digits := 0
	for end < len(s) && end-at < maxNumber+1 {
		c := s[end]
		if digit(c) {
			digits++
		} else if !letter(c) && (strings.IndexByte("-/_.", c) < 0 || end == at || end+1 == len(s) || !digit(s[end+1]) && !letter(s[end+1])) {
			break
		}
		end++
	}
	token = s[at:end]
	if n := end + 1; qualified && digits == 0 && end-at <= 4 && end-at > 0 && end < len(s) && s[end] == ' ' && n < len(s) && (digit(s[n]) || s[n] >= 'A' && s[n] <= 'Z') && strings.ToUpper(token) == token {
		rest, stop := numberToken(s, n, true) // "F 1234/12", "FR T26/118": letters of a series, apart
		if allDigits(rest) {
			rest, stop = groupsOf(s, n, stop) // "FW 4 471 188"
		}
		if countDigits(rest) < 2 || !digit(rest[0]) && strings.IndexByte(rest, '/') < 0 || stop-at > maxNumber {
			return "", at
		}
		return s[at : n+len(rest)], stop
	}
	if digits == 0 || len(token) > maxNumber || end < len(s) && s[end] >= 0x80 {
		return "", at
	}
	for ext := strings.LastIndexByte(token, '.'); ext > 0 && len(token)-ext <= 5 && letter(token[ext+1]); ext = strings.LastIndexByte(token, '.') {
		token = token[:ext] // a file name, or a sentence without a space
	}
	if countDigits(token) == 0 {
		return "", at
	}
	if d, ok := dateFrom(s[:min(len(s), at+30)], at); ok && d.beg == at && d.end >= end {
		return "", at
	}
	if end < len(s) && (s[end] == '%' || s[end] == ',' && end+1 < len(s) && digit(s[end+1]) || s[end] == ':' && end+1 < len(s) && digit(s[end+1])) {
		return "", at
	}
	if qualified {
		return token, end
	}
	if digits < 3 || len(token) == 4 && digits == 4 && (token[:2] == "19" || token[:2] == "20") || decimalLike(token) {
		return "", at
	}
	letters := 0
	for letters < len(token) && letter(token[letters]) {
		letters++
	}
	if letters > 6 {
		return "", at
	}
	return token, end
}

// groupsOf reads a number that is written in groups and fills its column: "2311 8847 10".
func groupsOf(s string, at, end int) (string, int) {
	if allDigits(s[at:end]) {
		i := end
		for i+1 < len(s) && s[i] == ' ' && digit(s[i+1]) && i-at < maxNumber {
			for i++; i < len(s) && digit(s[i]); i++ {
			}
		}
		if i > end && strings.HasPrefix(s[i:], " / ") {
			if k := i + 3; k < len(s) && digit(s[k]) {
				for i = k; i < len(s) && digit(s[i]); i++ {
				}
			}
		}
		if i > end && i-at <= maxNumber && (i == len(s) || columnEnds(s[i:]) || s[i] == '\n') && end-at < 7 {
			end = i
		}
	}
	return s[at:end], end
}

// decimalLike reports whether a token is an amount such as 1684.45.
func decimalLike(s string) bool {
	i := strings.IndexByte(s, '.')
	return i > 0 && len(s)-i == 3 && allDigits(s[:i]) && allDigits(s[i+1:])
}

// moneyAfter finds the first amount that begins in s[at:stop]. A number without
// a currency counts only with the decimals of money, or right behind.
func moneyAfter(s string, at, stop int) (amount, bool) {
	for i := at; i < stop && i < len(s); i++ {
		if !digit(s[i]) || i > 0 && (digit(s[i-1]) || s[i-1] == '.') {
			continue
		}
		a, ok := amountAt(s, i)
		if ok && a.beg >= at && (a.beg == 0 || a.beg < i && !letter(s[i-1]) || !alnum(s[a.beg-1])) && (a.sure || strings.Trim(s[at:a.beg], " \t:") == "") && !(a.end < len(s) && (s[a.end] == '%' || s[a.end] == '/' || alnum(s[a.end]))) {
			return a, true
		}
		for i+1 < len(s) && (digit(s[i+1]) || s[i+1] == '.' || s[i+1] == ',') {
			i++
		}
	}
	return amount{}, false
}

// moneyBefore finds an amount with a currency that ends right before s[at]:
// "$1,250.00 is due on".
func moneyBefore(s string, at int) (amount, bool) {
	from := max(0, at-40)
	for i := at - 1; i >= from; i-- {
		if digit(s[i]) && (i == 0 || !digit(s[i-1]) && !letter(s[i-1]) && strings.IndexByte(".,'", s[i-1]) < 0) {
			a, ok := amountAt(s, i)
			between := ""
			if ok && a.end <= at {
				between = strings.TrimSpace(s[a.end:at])
			}
			return a, ok && a.Currency != "" && a.end <= at && (between == "" || between == "is" || between == "are")
		}
	}
	return amount{}, false
}

// daysAfter reads the days of "net 30", "payment terms: 30 days", "within 14
// days". A weak word needs the word days behind the number.
func daysAfter(s string, c found) int {
	at := gap(s, blanks(s, c.end, 3), ":-=")
	at = blanks(s, at, 2)
	for _, w := range []string{"are", "is", "net", "of", "von", "netto"} {
		if end, ok := matchWords(s, at, w); ok {
			at = blanks(s, end, 2)
		}
	}
	n, end := digits(s, at, 3)
	if end == at || n == 0 || n > 365 || end < len(s) && (alnum(s[end]) || s[end] == '.' && end+1 < len(s) && digit(s[end+1]) || s[end] == ',' || s[end] == '%') {
		return 0
	}
	i := gap(s, blanks(s, end, 2), "-")
	for _, w := range []string{"days", "day", "tage", "tagen", "jours", "días", "giorni", "dagen", "dni", "calendar", "business"} {
		if _, ok := matchWords(s, i, w); ok {
			return n
		}
	}
	switch c.words {
	case "net", "terms", "payment terms", "zahlungsziel":
		switch n {
		case 7, 10, 14, 15, 20, 21, 28, 30, 45, 60, 75, 90, 120, 180:
			return n
		}
	}
	return 0
}
