package agenda

import "math/bits"

// counted returns the period to begin with and how many instances are left from
// there on. k is the period of interest.
func (w *walker) counted(begin int64, k int) (from, left int) {
	left = w.count
	n, hit := 0, false
	w.each(w.first(), w.last(), func(at int64) bool {
		if at >= begin {
			n++
			hit = hit || at == begin
		}
		return true
	})
	if !hit {
		left-- // DTSTART, which the rule misses
	}
	if each := w.steady() * len(w.times); each > 0 && k > 0 {
		return k, left - n - each*(k-1)
	}
	return 0, left
}

func (w *walker) first() int {
	first, _ := w.period(0)
	return first
}

func (w *walker) last() int {
	_, last := w.period(0)
	return last
}

// expected guesses how many instances so many days have.
func (r *rule) expected(days int) int {
	each := 1
	switch r.freq {
	case daily:
		if r.months != 0 || r.days|r.lastDays != 0 {
			days /= 28
		}
	case weekly:
		days, each = days/7, bits.OnesCount8(r.weekdays)
	case monthly:
		days, each = days/28, bits.OnesCount32(r.days)
	case yearly:
		days, each = days/365, bits.OnesCount16(r.months)
	}
	n := days/r.interval*max(1, each) + 2
	if r.count > 0 {
		n = min(n, r.count)
	}
	return n
}

// steady returns how many days each whole period has; 0 if they differ.
func (w *walker) steady() int {
	if len(w.setPos) > 0 || len(w.yearDays) > 0 || w.weeks|w.lastWeek != 0 {
		return 0
	}
	inMonth := w.days|w.lastDays != 0
	switch {
	case w.freq == daily && w.months == 0 && !inMonth && w.weekdays == 0:
		return 1
	case w.freq == weekly && w.months == 0 && !inMonth:
		return bits.OnesCount8(w.weekdays)
	case w.freq == monthly && w.months == 0:
		return w.inEveryMonth()
	case w.freq == yearly && w.months != 0:
		return bits.OnesCount16(w.months) * w.inEveryMonth()
	}
	return 0
}

// inEveryMonth returns how many days each month has; 0 if they differ, or if two
// ways of counting may meet on one day.
func (w *walker) inEveryMonth() int {
	const upTo28 = 1<<29 - 1
	switch {
	case w.weekdays != 0:
		return 0
	case len(w.nth) == 0 && w.lastDays == 0 && w.days <= upTo28:
		return bits.OnesCount32(w.days)
	case len(w.nth) == 0 && w.days == 0 && w.lastDays <= upTo28:
		return bits.OnesCount32(w.lastDays)
	case w.days|w.lastDays != 0:
		return 0
	}
	for _, d := range w.nth {
		if max(d.n, -d.n) > 4 || d.n > 0 != (w.nth[0].n > 0) {
			return 0
		}
	}
	return len(w.nth)
}
