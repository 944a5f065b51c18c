package billing

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxTermsNote bounds the terms that are read: a longer note tells a story, and dates
// in it may be of something else.
const maxTermsNote = 200

// duties finds when an invoice is due. Nothing is due of one that was paid.
func (v *xmlInvoice) duties(b *Bill, paid bool) {
	var first xmlValue
	for _, d := range v.due {
		t, ok := xmlDay(d.text, d.scheme)
		switch {
		case !ok:
			v.problem("xml-date")
		case b.Due.IsZero() || t.Before(b.Due):
			b.Due, first = t, d
		}
	}
	if !b.Due.IsZero() {
		b.Where["due"] = placeOf(first)
	}
	for _, n := range v.terms {
		days, due, ok := netTerms(n.text, b.Date)
		if !ok {
			continue
		}
		b.Terms, b.Where["terms"] = days, placeOf(n)
		if b.Due.IsZero() && !due.IsZero() {
			b.Due, b.Where["due"] = due, placeOf(n)
		}
		break
	}
	if paid {
		b.Due = time.Time{}
		delete(b.Where, "due")
	}
}

var (
	// netWords say that the clause of a note is about the whole amount.
	netWords = []string{
		"netto", "net", "ohne abzug", "zahlbar", "payable", "due", "fällig", "within", "innerhalb", "à échéance", "net à", "sous",
		"entro", "scadenza", "vencimiento", "plazo", "binnen", "betaalbaar", "prompt", "sofort",
	}
	// discountWords say that it is about less than that.
	discountWords = []string{"skonto", "discount", "%", "abzgl", "escompte", "sconto", "descuento", "korting", "rabatt"}
	dayWords      = []string{"tag", "day", "jour", "giorn", "día", "dia", "dag"}
	atOnce        = []string{"sofort", "prompt", "immediate", "upon receipt", "on receipt", "nach erhalt", "comptant", "à réception", "a vista"}
)

// netTerms reads a note about payment, clause by clause: the first that speaks of the
// whole amount and not of a discount. A date in it is the due date; a number of days
// counts from the date of the invoice.
func netTerms(note string, date time.Time) (days int, due time.Time, ok bool) {
	if len(note) > maxTermsNote {
		return 0, time.Time{}, false
	}
	for clause := range strings.FieldsFuncSeq(strings.ToLower(note), func(c rune) bool { return c == ',' || c == ';' || c == '#' }) {
		if hasAny(clause, discountWords) || !hasAny(clause, netWords) {
			continue
		}
		words := strings.Fields(clause)
		for _, w := range words {
			if t, good := noteDay(w); good {
				due = t
			}
		}
		days = daysIn(words)
		switch {
		case days > 0 && due.IsZero() && !date.IsZero():
			due = date.AddDate(0, 0, days)
		case due.IsZero() && hasAny(clause, atOnce):
			due = date
		}
		if days > 0 || !due.IsZero() {
			return days, due, true
		}
	}
	return 0, time.Time{}, false
}

func hasAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// daysIn is the number before a word for days, or behind "net".
func daysIn(words []string) int {
	for i, w := range words {
		n, err := strconv.Atoi(w)
		if err != nil || n < 1 || n > 365 {
			continue
		}
		if i+1 < len(words) && slices.ContainsFunc(dayWords, func(d string) bool { return strings.HasPrefix(words[i+1], d) }) {
			return n
		}
		if i > 0 && words[i-1] == "net" {
			return n
		}
	}
	return 0
}

// noteDay reads a date of one word: "04.07.2018" or "2018-07-04".
func noteDay(w string) (time.Time, bool) {
	w = strings.Trim(w, ".:()")
	for _, layout := range []string{"2.1.2006", "2006-01-02"} {
		if t, err := time.Parse(layout, w); err == nil && t.Year() >= 1950 && t.Year() <= 2150 {
			return t, true
		}
	}
	return time.Time{}, false
}
