package billing

import (
	"slices"
	"strings"
)

// cueKind is what a word announces.
type cueKind uint8

const (
	invoiceCue   cueKind = iota + 1 // an invoice number
	totalCue                        // the total of this invoice
	owedCue                         // what is to be paid, with what was owed before and less what was paid
	otherSumCue                     // an amount that is neither
	dueCue                          // a due date
	receiptCue                      // due when received
	dateCue                         // the invoice date
	otherDateCue                    // a date of something else
	periodCue                       // the period that is billed
	termsCue                        // days to pay
	monthEndCue                     // terms count from the end of the month
	matterCue                       // the number of client or matter
	itemCue                         // a column of a table of items
	currencyCue                     // the currency of all amounts
)

// cue is one wording: what it announces, and for which class of mail it speaks.
type cue struct {
	words  string
	kind   cueKind // 0: nothing
	rank   int     // how sure it is, against others of its kind
	class  class   // 0: none
	points int     // how much it speaks for the class
	abroad bool    // it is not English: dates are written day first
	fourth byte    // the fourth of words, if all four are letters; 0: nothing can be told
}

// cueTable finds cues by how they begin: rows lists those that begin alike, the longest
// first, and of says in which row those stand that begin with three octets; 0 is none.
type cueTable struct {
	rows [][]cue
	of   [1 << 15]uint16
}

// mailCues are looked for in mail, paperCues in files: a paper is all labels, and what is
// one there may be any word in a mail.
var (
	mailCues  = tableOf(allCues(labels))
	paperCues = tableOf(allCues(slices.Concat(labels, north, more, folded(abroad), folded(north), folded(more))))
)

func tableOf(list []cue) *cueTable {
	t := &cueTable{rows: make([][]cue, 1)}
	put := func(at int, c cue) {
		if w := c.words; len(w) > 3 && letter(w[0]) && letter(w[1]) && letter(w[2]) && letter(w[3]) {
			c.fourth = w[3]
		}
		if t.of[at] == 0 {
			t.of[at] = uint16(len(t.rows))
			t.rows = append(t.rows, nil)
		}
		list := t.rows[t.of[at]]
		i := 0
		for i < len(list) && len(list[i].words) >= len(c.words) {
			i++
		}
		t.rows[t.of[at]] = append(list[:i:i], append([]cue{c}, list[i:]...)...)
	}
	for _, c := range list {
		if len(c.words) > 2 {
			put(start(c.words[0], c.words[1], c.words[2]), c)
			if c.words[0] == 0xc4 || c.words[0] == 0xc5 { // "ł": its capital lies one before it
				put(start(c.words[0], c.words[1]-1, c.words[2]), c)
			}
			continue
		}
		for any := range byte(32) { // what follows a word of two
			put(start(c.words[0], c.words[1], any), c)
		}
	}
	return t
}

// allCues are labels and signs, each wording once. A sign that ends in a label is that
// label, too: behind "past due invoice" stands a number as behind "invoice".
func allCues(labels []label) []cue {
	var list []cue
	at := map[string]int{}
	for _, l := range labels {
		for w := range strings.SplitSeq(l.words, "|") {
			if _, dup := at[w]; !dup {
				at[w] = len(list)
				list = append(list, cue{words: w, kind: l.kind, rank: l.rank, abroad: l.abroad})
			}
		}
	}
	for _, g := range signs {
		for w := range strings.SplitSeq(g.words, "|") {
			i, known := at[w]
			if !known {
				i = len(list)
				at[w] = i
				list = append(list, cue{words: w, abroad: g.abroad})
				if l, ok := at[w[strings.LastIndexByte(w, ' ')+1:]]; ok && l < i {
					list[i].kind, list[i].rank = list[l].kind, list[l].rank
				}
			}
			list[i].class, list[i].points = g.class, g.points
		}
	}
	return list
}

// start maps three octets to a number, the same for both cases.
func start(a, b, c byte) int { return int(a&31)<<10 | int(b&31)<<5 | int(c&31) }

// found is a cue in a text at [beg, end).
type found struct {
	cue
	beg, end int
}

// maxCues bounds what one text may announce.
const maxCues = 400

// findCues finds the cues of a text in order; of several at one place the
// longest.
func findCues(s string) []found { return mailCues.find(s) }

func (t *cueTable) find(s string) []found {
	var out []found
	for i := 0; i+1 < len(s) && len(out) < maxCues; i++ {
		if i > 0 && alnum(s[i-1]) {
			continue
		}
		third := byte(0)
		if i+2 < len(s) {
			third = s[i+2]
		}
		row := t.of[start(s[i], s[i+1], third)]
		if row == 0 {
			continue
		}
		fourth := byte(0)
		if i+3 < len(s) {
			fourth = s[i+3] | 0x20
		}
		list := t.rows[row]
		for k := range list {
			if w := list[k].fourth; w != 0 && w != fourth {
				continue
			}
			if end, ok := matchWords(s, i, list[k].words); ok && !columns(s[i:end]) {
				out = append(out, found{list[k], i, end})
				i = end - 1
				break
			}
		}
	}
	return out
}

// columns reports whether a wording goes across columns: "Date" and "Due" over two of them
// are not "date due".
func columns(s string) bool {
	return strings.IndexByte(s, '\t') >= 0 || strings.Contains(s, "  ") && strings.IndexByte(s, '\n') < 0
}

// matchWords matches lower case words at s[at:], ASCII without case, a space for
// any short run of white space, up to the end of a word.
func matchWords(s string, at int, words string) (end int, ok bool) {
	i := at
	for k := range len(words) {
		w := words[k]
		if i == len(s) {
			return 0, false
		}
		c := s[i]
		if c == w && w != ' ' {
			i++
			continue
		}
		if w == ' ' {
			n := blanks(s, i, 4)
			if n == i {
				return 0, false
			}
			i = n
			continue
		}
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if w == '\'' && strings.HasPrefix(s[i:], "\u2019") {
			i += len("\u2019")
			continue
		}
		if c == 0xc3 && w == 0xc3 && i+1 < len(s) && k+1 < len(words) && s[i+1]|0x20 == words[k+1] {
			i++ // a Latin letter with an accent, of either case: compared here
			continue
		}
		if c != w && !(w >= 0x80 && i > at && (s[i-1] == 0xc3 && c|0x20 == w || (s[i-1] == 0xc4 || s[i-1] == 0xc5) && c+1 == w)) {
			return 0, false
		}
		i++
	}
	return i, i == len(s) || !alnum(s[i]) || strings.HasSuffix(words, "\u00b0") || strings.HasSuffix(words, "\u00ba")
}

// blanks skips at most n characters of white space.
func blanks(s string, at, n int) int {
	for end := min(at+n, len(s)); at < end && (s[at] == ' ' || s[at] == '\n' || s[at] == '\r' || s[at] == '\t'); at++ {
	}
	return at
}
