package billing

import (
	"strings"
	"time"
)

// date is a date found in a text at [beg, end).
type date struct {
	day        time.Time // zero if the year is not written
	other      time.Time // the day if it is written day first; zero if it can be read one way
	month, dom int
	beg, end   int
}

// in gives a date without a year the year in which it lies closest behind
// about two months before ref.
func (d date) in(ref time.Time) (time.Time, bool) {
	if !d.day.IsZero() {
		return d.day, true
	}
	if ref.IsZero() {
		return time.Time{}, false
	}
	for y := ref.Year() - 1; y <= ref.Year()+1; y++ {
		if t, ok := civil(y, d.month, d.dom); ok && t.After(ref.AddDate(0, -2, 0)) {
			return t, true
		}
	}
	return time.Time{}, false
}

// dateFrom finds the first date in s at or after i.
func dateFrom(s string, i int) (date, bool) {
	for ; i < len(s); i++ {
		if i > 0 && alnum(s[i-1]) {
			continue
		}
		switch {
		case digit(s[i]):
			if d, ok := numericAt(s, i); ok {
				return d, true
			}
			if d, ok := dayFirstAt(s, i); ok {
				return d, true
			}
			if i+9 < len(s) && (s[i+4] == ' ' || s[i+4] == '.') {
				if d, ok := yearFirstAt(s, i); ok {
					return d, true
				}
			}
		case letter(s[i]):
			if d, ok := monthFirstAt(s, i); ok {
				return d, true
			}
		}
	}
	return date{}, false
}

// numericAt reads three numbers with one kind of separator.
func numericAt(s string, at int) (date, bool) {
	a, i := digits(s, at, 4)
	if i == len(s) || i == at {
		return date{}, false
	}
	sep, wa := s[i], i-at
	if sep != '/' && sep != '-' && sep != '.' {
		return date{}, false
	}
	i++
	if sep == '.' && i < len(s) && s[i] == ' ' && i-at < 6 {
		i++ // "4. 3. 2026"
	}
	b, j := digits(s, i, 2)
	if j == i || j >= len(s) || s[j] != sep {
		return date{}, false
	}
	k := j + 1
	if s[i-1] == ' ' {
		if k == len(s) || s[k] != ' ' {
			return date{}, false
		}
		k++
	}
	c, end := digits(s, k, 4)
	if end < len(s) && alnum(s[end]) && s[end] != 'T' || end+1 < len(s) && (s[end] == '/' || s[end] == '-') && digit(s[end+1]) {
		return date{}, false
	}
	d := date{beg: at, end: end}
	wc := end - k
	ok := false
	switch {
	case wa == 4 && wc <= 2 && wc > 0:
		d.day, ok = civil(a, b, c)
	case wa > 2 || wc != 2 && wc != 4:
	case sep == '.':
		d.day, ok = civil(year(c, wc), b, a)
	default:
		other, dayFirst := civil(year(c, wc), b, a)
		if d.day, ok = civil(year(c, wc), a, b); !ok {
			d.day, ok = other, dayFirst
		} else if dayFirst && !other.Equal(d.day) {
			d.other = other
		}
	}
	return d, ok
}

// dayFirstAt reads "31 May 2026", "31. Mai 2026", "31-May-26", "1st of June".
func dayFirstAt(s string, at int) (date, bool) {
	dom, i := digits(s, at, 2)
	i = skip(s, i, "st", "nd", "rd", "th", "er", "º", "°")
	i = gap(s, i, ".-/ ")
	i = gap(s, skip(s, i, "of ", "de "), " ")
	month, j := monthAt(s, i)
	if month == 0 || i == at {
		return date{}, false
	}
	k := gap(s, j, ".,-/ ")
	k = gap(s, skip(s, k, "of ", "de ", "del "), " ")
	return withYear(s, date{month: month, dom: dom, beg: at, end: j}, k)
}

// yearFirstAt reads "2026. május 31.", "2026 m. gegužės 31 d.", "2026. gada 31. maijs".
func yearFirstAt(s string, at int) (date, bool) {
	y, i := digits(s, at, 4)
	if i-at != 4 || y < 1990 || y > 2100 || i == len(s) || s[i] != ' ' && s[i] != '.' {
		return date{}, false
	}
	i = gap(s, i, ". ")
	i = gap(s, skip(s, i, "m. ", "gada ", "m "), " ")
	dom, j := digits(s, i, 2)
	if j > i {
		j = gap(s, j, ". ")
	}
	month, end := monthAt(s, j)
	if month == 0 {
		return date{}, false
	}
	if dom == 0 {
		k := gap(s, end, ". ")
		if dom, end = digits(s, k, 2); end == k || end < len(s) && alnum(s[end]) {
			return date{}, false
		}
	}
	day, ok := civil(y, month, dom)
	return date{day: day, month: month, dom: dom, beg: at, end: end}, ok
}

// monthFirstAt reads "May 31, 2026", "Sept. 5 2026", "May 31st".
func monthFirstAt(s string, at int) (date, bool) {
	month, i := monthAt(s, at)
	if month == 0 {
		return date{}, false
	}
	j := gap(s, i, ".- ")
	dom, k := digits(s, j, 2)
	if k == j || k < len(s) && digit(s[k]) {
		return date{}, false
	}
	k = skip(s, k, "st", "nd", "rd", "th")
	return withYear(s, date{month: month, dom: dom, beg: at, end: k}, gap(s, k, ",.- "))
}

// withYear completes a date with the year at s[at], if there is one.
func withYear(s string, d date, at int) (date, bool) {
	y, end := digits(s, at, 4)
	w := end - at
	if (at > d.end || at == d.end && w == 4 && at-d.beg <= 5 && letter(s[at-1])) && (w == 4 || w == 2 && (s[at-1] == '-' || s[at-1] == ' ' && d.dom > 0 && endsCell(s, end))) && (end == len(s) || !alnum(s[end]) && s[end] != ':') {
		var ok bool
		d.day, ok = civil(year(y, w), d.month, d.dom)
		d.end = end
		return d, ok
	}
	_, ok := civil(2024, d.month, d.dom) // a leap year: 29 February may be meant
	return d, ok
}

// endsCell reports whether a line or a column ends at s[at]: there "20 Apr 23" is a year.
func endsCell(s string, at int) bool { return at == len(s) || s[at] == '\n' || columnEnds(s[at:]) }

// digits reads a number of at most n digits.
func digits(s string, at, n int) (v, end int) {
	for end = at; end < len(s) && end-at < n && digit(s[end]); end++ {
		v = v*10 + int(s[end]-'0')
	}
	return v, end
}

// gap skips at most three characters of a set.
func gap(s string, at int, set string) int {
	for n := 0; n < 3 && at < len(s) && strings.IndexByte(set, s[at]) >= 0; n++ {
		at++
	}
	return at
}

// skip skips one of the words.
func skip(s string, at int, words ...string) int {
	for _, w := range words {
		if len(s)-at >= len(w) && strings.EqualFold(s[at:at+len(w)], w) {
			return at + len(w)
		}
	}
	return at
}

// civil is the date, if there is such a day.
func civil(y, m, d int) (time.Time, bool) {
	if y < 1900 || y > 2200 || m < 1 || m > 12 || d < 1 || d > 31 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == d
}

// year completes a year of two digits as POSIX does: 69 to 99 are 19xx.
func year(y, width int) int {
	switch {
	case width != 2:
		return y
	case y >= 69:
		return 1900 + y
	}
	return 2000 + y
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return s != ""
}

func atoi(s string) int { v, _ := digits(s, 0, len(s)); return v }
