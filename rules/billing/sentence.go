package billing

import "strings"

const (
	maxTelling = 400 // octets before and behind a date that are read as its sentence
	maxTold    = 300 // dates whose sentences are read
)

// dueTold finds the day to pay by in a sentence about paying: "The amount is due on 27
// March", "Please settle the invoice by 13 July". Lines of prose are one text.
func (d *document) dueTold() {
	prose := joined(d.body)
	for at, n := 0, 0; at < len(prose) && n < maxTold; n++ {
		t, ok := dateFrom(prose, at)
		if !ok {
			return
		}
		at = t.end
		if t.day.IsZero() {
			continue
		}
		beg, end := sentence(prose, t.beg, t.end)
		before, behind := plainWords(prose[beg:t.beg]), plainWords(prose[t.end:end])
		of := stemList.traits(before)
		if all := of | stemList.traits(behind); all&(ofBefore|ofSum) != 0 && all&(ofDue|ofPaying) == 0 || discounted(before+behind) || len(before) > 160 {
			continue
		}
		near := lastWords(before, 3)
		told := stemList.traits(near)&until != 0 && of&(ofPaying|ofDue) != 0 && of&ofBefore == 0 || // "pay ... by DAY"
			stemList.traits(near)&ofDue != 0 || // "is due on DAY"
			stemList.traits(firstWords(behind, 2))&ofDue != 0 && countDigits(before) == 0 && len(before) < 60 // "am DAY fällig"
		if told && (d.due.rank == 0 || d.due.rank == 1) {
			d.due = candidate{rank: 2, day: t.day, other: t.other, Place: *d.place(d.body, t.beg, t.end)}
			return
		}
	}
}

// joined writes the ends of lines of prose as blanks, so that all offsets stay.
func joined(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c != '\n' || i == 0 || i+1 == len(b) || strings.IndexByte(".:!?\n", b[i-1]) >= 0 || !letter(b[i+1]) {
			continue
		}
		beg, _ := line(s, i)
		_, end := line(s, i+1)
		if i-beg > 40 && !strings.Contains(strings.TrimSpace(s[beg:i]), "  ") && !strings.Contains(strings.TrimSpace(s[i+1:end]), "  ") {
			b[i] = ' '
		}
	}
	return string(b)
}

// sentence is the sentence around s[beg:end]: it ends at a point that ends a word of
// letters, and with its line and its column.
func sentence(s string, beg, end int) (from, till int) {
	stops := func(i int) bool {
		return s[i] == '\n' || s[i] == '\t' || s[i] == '|' || i+1 < len(s) && s[i] == ' ' && s[i+1] == ' ' || s[i] == '.' && i > 2 && (letter(s[i-2]) || s[i-2] >= 0x80) && (i+1 == len(s) || s[i+1] <= ' ')
	}
	for from = beg; from > 0 && beg-from < maxTelling && !stops(from-1); from-- {
	}
	for till = end; till < len(s) && till-end < maxTelling && !stops(till); till++ {
	}
	return from, till
}

func lastWords(s string, n int) string {
	w := strings.Fields(s)
	return strings.Join(w[max(0, len(w)-n):], " ")
}

func firstWords(s string, n int) string {
	w := strings.Fields(s)
	return strings.Join(w[:min(len(w), n)], " ")
}
