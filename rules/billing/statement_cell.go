package billing

import (
	"slices"
	"strings"
	"time"
)

// tableStyle is how the writer of a table writes numbers and dates, as far as its cells
// tell. A column says it more surely than a cell: 1.234 alone is either.
type tableStyle struct {
	comma    int // amounts that can only have a decimal comma
	point    int // and only a point
	dayFirst int // dates whose first number can only be a day
	dayLast  int // and the second
}

// look notes what a cell of money tells.
func (y *tableStyle) look(s string) {
	s = strings.Trim(s, "-+()\u2212 ")
	comma, point := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	behind := func(at int) int {
		n := at + 1
		for n < len(s) && digit(s[n]) {
			n++
		}
		return n - at - 1
	}
	switch {
	case comma >= 0 && point >= 0 && comma > point:
		y.comma++
	case comma >= 0 && point >= 0:
		y.point++
	case comma >= 0 && (behind(comma) == 2 || behind(comma) == 1):
		y.comma++
	case point >= 0 && (behind(point) == 2 || behind(point) == 1):
		y.point++
	case strings.Count(s, ".") > 1:
		y.comma++
	case strings.Count(s, ",") > 1:
		y.point++
	}
}

// lookDay notes what a date tells of its order.
func (y *tableStyle) lookDay(s string) {
	a, b, _, ok := threeNumbers(s)
	switch {
	case !ok:
	case a > 12 && a <= 31:
		y.dayFirst++
	case b > 12:
		y.dayLast++
	}
}

// threeNumbers reads "23/11/2026", "23.11.26" and their like.
func threeNumbers(s string) (a, b, year int, ok bool) {
	parts := strings.FieldsFunc(s, func(c rune) bool { return c == '/' || c == '.' || c == '-' })
	if len(parts) != 3 || len(parts[0]) > 2 || len(parts[1]) > 2 || len(parts[2]) != 2 && len(parts[2]) != 4 {
		return 0, 0, 0, false
	}
	var n [3]int
	for i, p := range parts {
		if strings.Trim(p, "0123456789") != "" {
			return 0, 0, 0, false
		}
		for _, c := range p {
			n[i] = n[i]*10 + int(c-'0')
		}
	}
	if len(parts[2]) == 2 {
		n[2] += 2000
	}
	return n[0], n[1], n[2], true
}

// day reads a cell that is a date. Where the numbers can be read two ways, the other
// dates of the table say how; else a dot or a decimal comma means that the day comes
// first, and anything else that the month does.
func (y *tableStyle) day(s string) time.Time {
	s = strings.TrimSpace(s)
	if len(s) < 6 || len(s) > 40 {
		return time.Time{}
	}
	if front, _, ok := strings.Cut(s, " "); ok && strings.Contains(s, ":") {
		s = front // a time of day behind it
	}
	if a, b, year, ok := threeNumbers(s); ok {
		first := y.dayFirst > y.dayLast || y.dayFirst == y.dayLast && (strings.Contains(s, ".") || y.comma > y.point)
		if b > 12 {
			first = false
		} else if a > 12 {
			first = true
		}
		if first {
			a, b = b, a
		}
		t, _ := civil(year, a, b)
		return t
	}
	d, ok := dateFrom(s, 0)
	if !ok || d.beg > 5 || len(s)-d.end > 15 {
		return time.Time{}
	}
	return d.day
}

// amount reads a cell that is an amount, whole: what has words beside it is none.
func (y *tableStyle) amount(s, currency string) (Money, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 40 {
		return Money{}, false
	}
	neg := false
	for _, mark := range []string{"CR", "Cr", "cr", "H"} {
		if t, ok := strings.CutSuffix(s, mark); ok && t != "" && (t[len(t)-1] == ' ' || digit(t[len(t)-1])) {
			s, neg = strings.TrimSpace(t), true
			break
		}
	}
	s = strings.TrimSpace(strings.TrimSuffix(s, "DR"))
	if t, ok := strings.CutPrefix(s, "("); ok {
		if t, ok = strings.CutSuffix(t, ")"); !ok {
			return Money{}, false
		}
		s, neg = strings.TrimSpace(t), true
	}
	s = strings.ReplaceAll(s, "\u2212", "-")
	s, currency = unpriced(s, currency)
	if strings.HasPrefix(s, "-") {
		s, neg = s[1:], true
	} else if strings.HasSuffix(s, "-") {
		s, neg = s[:len(s)-1], true
	}
	s, again := unpriced(strings.TrimPrefix(s, "+"), currency)
	number, ok := y.decimal(s)
	if !ok {
		return Money{}, false
	}
	minor, ok := xmlDecimal(number, exponent(again))
	if neg {
		minor = -minor
	}
	return Money{Minor: minor, Currency: again}, ok
}

// unpriced takes a currency off either end of an amount.
func unpriced(s, currency string) (rest, code string) {
	s = strings.TrimSpace(s)
	if len(s) > 3 && known[s[:3]] {
		return strings.TrimSpace(s[3:]), s[:3]
	}
	if n := len(s); n > 3 && known[s[n-3:]] {
		return strings.TrimSpace(s[:n-3]), s[n-3:]
	}
	for _, y := range symbols {
		if t, ok := strings.CutPrefix(s, y.sign); ok {
			return strings.TrimSpace(t), sameSign(y, currency)
		}
		if t, ok := strings.CutSuffix(s, y.sign); ok {
			return strings.TrimSpace(t), sameSign(y, currency)
		}
	}
	return s, currency
}

// sameSign is the currency of a sign: "$" is that of the table if it has one.
func sameSign(y symbol, currency string) string {
	if y.sign == "$" && currency != "" {
		return currency
	}
	return y.code
}

// decimal brings a number to digits and one point.
func (y *tableStyle) decimal(s string) (string, bool) {
	mark := byte('.') // of the decimals
	comma, point := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	switch {
	case comma >= 0 && point >= 0:
		if comma > point {
			mark = ','
		}
	case comma >= 0 && (y.comma > y.point || len(s)-comma != 4):
		mark = ','
	case point >= 0 && y.comma > y.point && len(s)-point == 4, point >= 0 && strings.Count(s, ".") > 1:
		mark = ','
	}
	var b []byte
	group, seen := -1, false // digits since the last separator of thousands
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case digit(c):
			b = append(b, c)
			if group >= 0 && !seen {
				group++
			}
		case c == mark:
			if seen || group >= 0 && group != 3 {
				return "", false
			}
			seen = true
			b = append(b, '.')
		case c == ',' || c == '.' || c == ' ' || c == '\'' || c == 0xc2 && nbsp(s[i:]) > 0 || c == 0xe2 && (nbsp(s[i:]) > 0 || strings.HasPrefix(s[i:], "\u2019")):
			if seen || group >= 0 && group != 3 || len(b) == 0 {
				return "", false
			}
			group = 0
			if c >= 0x80 {
				i += max(nbsp(s[i:]), map[bool]int{true: len("\u2019")}[strings.HasPrefix(s[i:], "\u2019")]) - 1
			}
		default:
			return "", false
		}
	}
	return string(b), len(b) > 0 && b[0] != '.' && (seen || group < 0 || group == 3)
}

// totalWords begin a row that sums up others.
var totalWords = strings.Fields("total totalWords subtotal sub-total grand summe gesamt gesamtsumme zwischensumme sum somme totale totali totaal subtotaal suma saldo balance carried brought übertrag report")

// isTotal reports whether a row sums up others: one of its first words says so.
func isTotal(cells []string) bool {
	for _, c := range cells {
		c = strings.ToLower(strings.TrimSpace(c))
		if c == "" {
			continue
		}
		first := strings.FieldsFunc(c, func(r rune) bool { return r == ' ' || r == ':' || r == '.' })
		return len(first) > 0 && slices.Contains(totalWords, first[0])
	}
	return false
}
