package billing

import (
	"strings"
	"time"
)

// day reads the date behind a word, else below it, and offers it to c.
func (r *reading) day(s string, f found, stop, reach int, c *candidate) {
	_, eol := line(s, f.beg)
	eol = max(eol, f.end)
	if r.doc {
		reach *= 4
	}
	rank := f.rank
	d, ok := r.dateIn(s[:eol], f.end, min(stop, eol, f.end+reach))
	if ok && r.doc && owned(s, f.beg, f.end, d.beg) {
		ok = false
	}
	if !ok {
		ok = below(s, f, true, func(beg, end int) bool {
			var found bool
			d, found = r.dateIn(s[:end], beg, min(end, beg+4))
			return found
		})
	}
	if !ok && !r.doc {
		d, ok = r.dateIn(s, f.end, min(stop, f.end+reach))
	}
	if ok && f.kind == dueCue && discounted(s[d.end:max(d.end, min(eol, d.end+30))]) {
		if later, also := r.dateIn(s[:eol], d.end, eol); also {
			d = later // "bis 22.10. mit 2 % Skonto, bis 11.11. netto"
		}
	}
	if ok {
		c.offer(candidate{rank: rank, day: d.day, other: d.other, Place: *r.place(s, f.beg, f.end)}, false)
	}
}

// discounted reports whether a date is that until which less may be paid.
func discounted(s string) bool {
	s = strings.ToLower(s)
	for _, w := range []string{"skonto", "discount", "escompte", "descuento", "sconto", "korting", "skonta", "rabatt"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// dueBy reads a due date, and the amount that stands before "is due".
func (r *reading) dueBy(s string, c found, stop int) {
	if a, ok := moneyBefore(s, c.beg); ok && !(r.doc && strings.IndexByte(s[a.end:c.beg], '\n') >= 0) {
		n := candidate{rank: 2, money: a.Money, Place: *r.place(s, c.beg, c.end)}
		r.owed.offer(n, false)
		r.any.offer(n, false)
	}
	reach := 40
	if c.rank == 1 {
		reach = 8 // "due" is a small word: the date stands right behind it
	}
	r.day(s, c, stop, reach, &r.due)
}

// dateIn finds a date that begins in s[at:stop]; it may end behind.
func (r *reading) dateIn(s string, at, stop int) (date, bool) {
	d, ok := dateFrom(s[:min(len(s), stop+24)], at)
	if !ok || d.beg >= stop {
		return date{}, false
	}
	d.day, ok = d.in(r.sent)
	return d, ok
}

// period reads "April 1 - April 30, 2026", "01.04.2026 bis 30.04.2026", "through May 31,
// 2026" and "April 2026" behind a word.
func (r *reading) period(s string, c found) {
	if r.till.rank >= c.rank {
		return
	}
	_, eol := line(s, c.beg)
	stop := min(len(s), max(eol, c.end)+40, c.end+90)
	first, ok := dateFrom(s[:stop], c.end)
	if !ok || first.beg > c.end+40 {
		if beg, end, ok := monthIn(s[:stop], c.end, min(stop, c.end+30)); ok {
			r.span(s, c, date{day: beg}, date{day: end})
		}
		return
	}
	if second, ok := dateFrom(s[:stop], first.end); ok && joins(s[first.end:second.beg]) {
		if first.day.IsZero() && !second.day.IsZero() {
			if t, ok := civil(second.day.Year(), first.month, first.dom); ok && !t.After(second.day) {
				first.day = t
			} else if t, ok := civil(second.day.Year()-1, first.month, first.dom); ok {
				first.day = t
			}
		}
		r.span(s, c, first, second)
		return
	}
	if first.day.IsZero() {
		first.day, _ = first.in(r.sent)
	}
	r.span(s, c, date{}, first)
}

func (r *reading) span(s string, c found, from, till date) {
	if till.day.IsZero() || !from.day.IsZero() && till.day.Before(from.day) {
		return
	}
	p := *r.place(s, c.beg, c.end)
	r.till = candidate{rank: c.rank, day: till.day, other: till.other, Place: p}
	if !from.day.IsZero() {
		r.from = candidate{rank: c.rank, day: from.day, other: from.other, Place: p}
	}
}

// joins reports whether what stands between two dates makes them one span.
func joins(s string) bool {
	if len(s) > 16 {
		return false
	}
	i := blanks(s, 0, 3)
	for _, w := range []string{"to", "through", "thru", "until", "till", "and", "bis", "au", "al", "a", "t/m", "tot", "do", "-", "\u2013", "\u2014", "bis zum"} {
		if end, ok := matchWords(s, i, w); ok && blanks(s, end, 3) == len(s) {
			return true
		}
	}
	for _, w := range []string{"-", "\u2013", "\u2014"} {
		if len(s) >= i+len(w) && s[i:i+len(w)] == w && blanks(s, i+len(w), 3) == len(s) {
			return true
		}
	}
	return false
}

// monthIn finds "April 2026" in s[at:stop]: its first and last day.
func monthIn(s string, at, stop int) (first, last time.Time, ok bool) {
	for i := at; i < stop; i++ {
		if i > 0 && alnum(s[i-1]) || !letter(s[i]) {
			continue
		}
		m, end := monthAt(s, i)
		if m == 0 {
			continue
		}
		y, stop := digits(s, gap(s, end, ", "), 4)
		if first, ok = civil(y, m, 1); ok && (stop == len(s) || !alnum(s[stop])) {
			return first, first.AddDate(0, 1, -1), true
		}
	}
	return first, last, false
}
