package billing

import (
	"slices"
	"strings"
)

// dayStems are the beginnings of the word for days, without accents.
var dayStems = []string{
	"day", "tag", "jour", "dia", "giorn", "dag", "dni", "dnu", "dana", "nap", "zile", "paeva", "paiva", "dien", "\u03b7\u03bc\u03b5\u03c1", "\u0434\u043d", "\u0434\u0435\u043d", "gun",
}

// daysWritten are numbers of days that people write as words.
var daysWritten = map[string]int{
	"seven": 7, "ten": 10, "fourteen": 14, "fifteen": 15, "twenty-one": 21, "thirty": 30, "sixty": 60, "sieben": 7, "zehn": 10, "vierzehn": 14, "dreissig": 30, "zeven": 7, "tien": 10, "veertien": 14, "dertig": 30,
	"huit": 8, "dix": 10, "quinze": 15, "trente": 30, "quince": 15, "treinta": 30, "dieci": 10, "quindici": 15, "trenta": 30, "trinta": 30, "fjorton": 14, "trettio": 30, "fjorten": 14, "tretti": 30, "tredive": 30,
}

// afterWords stand before days after which something else happens.
var afterWords = []string{"after", "nach", "efter", "etter", "dopo", "apres", "despues", "na ", "po "}

// termDays finds the days to pay in a sentence about paying, in any language: "payment
// term: 14 days". Where less may be paid sooner, the longest time is meant.
func (d *document) termDays() (days int, at [2]int) {
	pos := 0
	for l := range strings.Lines(d.body) {
		beg := pos
		pos += len(l)
		if len(l) > 400 {
			continue
		}
		if n := lineDays(plainWords(l)); n > days {
			days, at = n, [2]int{beg, beg + len(strings.TrimRight(l, "\r\n"))}
		}
	}
	return days, at
}

// lineDays finds the days in one line, which is folded.
func lineDays(l string) (days int) {
	words := strings.FieldsFunc(l, func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\n' || r == ':' || r == '(' || r == ')' || r == ','
	})
	terms := 0
	for i, w := range words {
		w = strings.Trim(w, ".;")
		n := daysWritten[w]
		if n == 0 && allDigits(w) && len(w) <= 3 {
			n = atoi(w)
		}
		if n < 2 || n > 120 || i+1 == len(words) {
			continue
		}
		next := strings.Trim(words[i+1], ".;")
		if !startsAny(next, dayStems) || i > 0 && startsAny(words[i-1], afterWords) {
			continue
		}
		days = max(days, n)
		terms++
	}
	if terms == 1 && discounted(l) {
		return 0 // the days in which less may be paid
	}
	if days == 0 || stemList.traits(l)&(ofPaying|ofDue) == 0 && !slices.Contains(words, "terms") && !slices.Contains(words, "net") && !slices.Contains(words, "netto") {
		return 0
	}
	return days
}

// startsAny reports whether a word begins with one of a list.
func startsAny(w string, list []string) bool {
	for _, p := range list {
		if strings.HasPrefix(w+" ", p) {
			return true
		}
	}
	return false
}
