package mime

import (
	"strings"
	"time"
)

// maxDate bounds what is looked at of a date.
const maxDate = 256

// dateParts is what the words of a date say; -1 is unset.
type dateParts struct {
	year, month, day     int
	hour, minute, second int
	zone                 int // seconds east of UTC
	pm, am, hasZone      bool
}

// parseDate reads a date as mail writes it: RFC 5322 section 3.3, the obsolete
// syntax of section 4.3, asctime, month before day, ISO 8601 and RFC 3339. The
// result is in UTC; zero when no date can be made of it. A missing zone is UTC.
func parseDate(s string) time.Time {
	p := dateParts{year: -1, month: -1, day: -1, hour: -1}
	s = s[:min(len(s), maxDate)]
	for i := 0; i < len(s); {
		c := s[i]
		if c == '(' {
			i = endOfComment(s, i)
			continue
		}
		if !dateOctet(c) {
			i++
			continue
		}
		j := i + 1
		for j < len(s) && dateOctet(s[j]) {
			j++
		}
		p.word(s[i:j])
		i = j
	}
	return p.time()
}

func endOfComment(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

func dateOctet(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == ':' || c == '+' || c == '-' || c == '.' || c == '/'
}

// word takes one word into account; what means nothing is passed over.
func (p *dateParts) word(w string) {
	switch {
	case strings.Contains(w, ":") && w[0] >= '0' && w[0] <= '9':
		p.clock(w)
	case w[0] == '+' || w[0] == '-':
		p.offset(w)
	case w[0] >= '0' && w[0] <= '9':
		p.numbers(w)
	default:
		p.name(w)
	}
}

// clock reads 15:04, 15:04:05, 15:04:05.123 and what stands glued to them.
func (p *dateParts) clock(w string) {
	if i := strings.IndexAny(w, "Tt"); i > 0 && strings.Count(w[:i], "-") == 2 { // RFC 3339 section 5.6
		p.numbers(w[:i])
		w = w[i+1:]
	}
	if i := strings.IndexAny(w, "+-Zz"); i > 0 {
		p.word(w[i:])
		w = w[:i]
	}
	if i := strings.IndexAny(w, "aApP"); i > 0 {
		p.name(w[i:])
		w = w[:i]
	}
	if p.hour >= 0 || w == "" {
		return
	}
	h, rest, _ := strings.Cut(w, ":")
	m, sec, _ := strings.Cut(rest, ":")
	sec, _, _ = strings.Cut(sec, ".")
	hour, ok1 := number(h)
	minute, ok2 := number(m)
	second, ok3 := number(sec)
	if ok1 && ok2 && (ok3 || sec == "") && hour <= 24 && minute < 60 && second <= 60 {
		p.hour, p.minute, p.second = hour, minute, second
	}
}

// offset reads +0100, -0800 and +01:00.
func (p *dateParts) offset(w string) {
	digits := strings.ReplaceAll(w[1:], ":", "")
	n, ok := number(digits)
	if !ok || p.hasZone {
		return
	}
	switch len(digits) {
	case 1, 2:
		n *= 100
	case 3, 4:
	default:
		return
	}
	p.hasZone = true
	if n%100 >= 60 || n/100 > 24 {
		return // nonsense: read as UTC
	}
	p.zone = n/100*3600 + n%100*60
	if w[0] == '-' {
		p.zone = -p.zone
	}
}

// numbers reads a day, a year, or several joined by "-" or "/".
func (p *dateParts) numbers(w string) {
	var parts [4]string
	f := parts[:0]
	for from, i := 0, 0; i <= len(w); i++ {
		if i < len(w) && w[i] != '-' && w[i] != '/' && w[i] != '.' {
			continue
		}
		if i > from {
			f = append(f, w[from:i])
		}
		if from = i + 1; len(f) > 3 {
			return
		}
	}
	if len(f) == 0 {
		return
	}
	if n, ok := number(f[0]); len(f) == 3 && ok && len(f[0]) == 4 && p.year < 0 { // 2026-11-23
		month, ok1 := number(f[1])
		day, ok2 := number(f[2])
		if ok1 && ok2 {
			p.year, p.month, p.day = n, month, day
		}
		return
	}
	for _, s := range f {
		n, ok := number(s)
		switch {
		case !ok:
			p.name(s)
		case p.day < 0 && len(s) <= 2:
			p.day = n
		case p.year < 0:
			p.year = fullYear(n, len(s))
		}
	}
}

// fullYear resolves short years (RFC 5322 section 4.3).
func fullYear(n, digits int) int {
	switch {
	case digits == 2 && n < 50:
		return n + 2000
	case digits == 2 || digits == 3:
		return n + 1900
	}
	return n
}

var months = [...]string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// zones are the names of RFC 5322 section 4.3 and those around them that real
// mail writes; other names, the military letters too, mean UTC.
var zones = map[string]int{
	"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
	"akst": -9, "akdt": -8, "hst": -10, "bst": 1, "cet": 1, "cest": 2, "met": 1, "mest": 2, "wet": 0, "west": 1,
	"eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "gmt": 0, "ut": 0, "utc": 0, "z": 0,
}

// name reads a month, a zone or am and pm; days of the week are passed over,
// they cannot add anything.
func (p *dateParts) name(w string) {
	if i := strings.IndexAny(w, "+-"); i > 0 { // "GMT+0100", "23-Nov-2026" comes by numbers
		p.name(w[:i])
		if p.hasZone && p.zone == 0 {
			p.hasZone = false
		}
		p.word(w[i:])
		return
	}
	var low [5]byte
	n := copy(low[:], w)
	for i := range n {
		low[i] |= 0x20
	}
	if n >= 3 && p.month < 0 {
		for i, m := range months {
			if string(low[:3]) == m {
				p.month = i + 1
				return
			}
		}
	}
	switch s := string(low[:n]); s {
	case "am":
		p.am = true
	case "pm":
		p.pm = true
	default:
		if h, ok := zones[s]; ok && !p.hasZone {
			p.zone, p.hasZone = h*3600, true
		}
	}
}

func (p *dateParts) time() time.Time {
	if p.year < 1 || p.year > 9999 || p.month < 1 || p.month > 12 || p.day < 1 || p.day > 31 {
		return time.Time{}
	}
	hour := max(p.hour, 0)
	if p.pm && hour < 12 {
		hour += 12
	}
	if p.am && hour == 12 {
		hour = 0
	}
	t := time.Date(p.year, time.Month(p.month), p.day, hour, p.minute, p.second, 0, time.UTC)
	if d := time.Date(p.year, time.Month(p.month), p.day, 0, 0, 0, 0, time.UTC); d.Day() != p.day {
		return time.Time{} // 30 February
	}
	return t.Add(-time.Duration(p.zone) * time.Second)
}

// number reads up to four digits.
func number(s string) (n int, ok bool) {
	if s == "" || len(s) > 4 {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}
