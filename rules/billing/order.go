package billing

import (
	"strings"
	"time"
)

// decideOrder reads the dates that can be read two ways, such as 03/04/2026: what else
// the mail says tells whether the month or the day stands first. What nothing tells
// stays month first, and unsure.
func (x *extraction) decideOrder() {
	texts := []*reading{&x.head, &x.quoted, &x.names}
	for i := range x.docs {
		texts = append(texts, &x.docs[i].reading)
	}
	for _, r := range texts {
		if !r.unsure() {
			continue
		}
		votes := r.votes()
		if votes == 0 { // what stands beside it may tell
			for _, o := range texts {
				votes += o.votes()
			}
		}
		if votes == 0 {
			votes = x.zoneVote()
		}
		r.order(votes)
	}
}

func (r *reading) dates() [4]*candidate { return [4]*candidate{&r.date, &r.due, &r.from, &r.till} }

func (r *reading) unsure() bool {
	for _, c := range r.dates() {
		if c.rank > 0 && !c.other.IsZero() {
			return true
		}
	}
	return false
}

// order takes the reading that the votes are for: day first if positive.
func (r *reading) order(votes int) {
	if votes == 0 {
		return
	}
	for _, c := range r.dates() {
		if c.rank == 0 || c.other.IsZero() {
			continue
		}
		if votes > 0 {
			c.day = c.other
		}
		c.other = time.Time{}
	}
}

// votes weighs what one text says about the order of its dates: positive for day first.
func (r *reading) votes() int {
	votes := 3*r.dayFirst - 3*r.monthFirst
	if r.abroad > 1 {
		votes += 2
	}
	code := r.any.money.Currency
	switch {
	case code == "USD":
		votes--
	case code != "" && code != "CAD" && code != "PHP":
		votes++
	}
	return votes + r.plausible()
}

// plausible tells the readings by the time at which the mail was sent, and by what a
// due date and the end of a period have to do with the date of an invoice.
func (r *reading) plausible() (votes int) {
	fits := func(c candidate, from, to time.Time) int {
		if c.rank == 0 || c.other.IsZero() {
			return 0
		}
		in := func(t time.Time) bool { return !t.Before(from) && !t.After(to) }
		switch a, b := in(c.day), in(c.other); {
		case a && !b:
			return -1
		case b && !a:
			return 1
		}
		return 0
	}
	if !r.sent.IsZero() {
		votes += 2 * fits(r.date, r.sent.AddDate(0, 0, -60), r.sent.AddDate(0, 0, 3))
		votes += fits(r.due, r.sent.AddDate(0, 0, -45), r.sent.AddDate(0, 0, 120))
	}
	if r.date.rank > 0 && r.date.other.IsZero() {
		votes += 3 * fits(r.due, r.date.day, r.date.day.AddDate(0, 0, 120))
		votes += fits(r.till, r.date.day.AddDate(0, 0, -100), r.date.day)
	}
	if r.due.rank > 0 && r.due.other.IsZero() {
		votes += 3 * fits(r.date, r.due.day.AddDate(0, 0, -120), r.due.day)
	}
	return votes
}

// zoneVote takes the zone of the sender's clock as the last hint: the Americas write the
// month first.
func (x *extraction) zoneVote() int {
	if x.mail.Date.IsZero() {
		return 0
	}
	switch _, offset := x.mail.Date.Zone(); {
	case offset >= -10*3600 && offset <= -4*3600:
		return -1
	case offset > 0 && offset <= 13*3600:
		return 1
	}
	return 0
}

// orders counts the dates of a text that can be read one way only, for those that can
// be read two ways.
func (r *reading) orders(s string) {
	for i := 0; i < len(s); i++ {
		if !digit(s[i]) || i > 0 && alnum(s[i-1]) {
			continue
		}
		a, j := digits(s, i, 2)
		if j < len(s) && (s[j] == '/' || s[j] == '-' || s[j] == '.') {
			if d, ok := numericAt(s, i); ok && j-i <= 2 && d.other.IsZero() {
				b, _ := digits(s, j+1, 2)
				switch {
				case s[j] == '.' && strings.Count(s[d.beg:d.end], ".") == 2 || a > 12:
					r.dayFirst++
				case b > 12:
					r.monthFirst++
				}
				j = d.end
			}
		}
		i = max(i, j-1)
	}
}
