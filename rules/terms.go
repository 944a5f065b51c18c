package rules

import (
	"slices"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/text"
)

// The zones a term can stand in, in the order in which they are told.
const (
	zoneSubject = iota
	zoneNew
	zoneName
	zoneFile // searched only for rules that name it: see file.go
	zoneQuoted
	zoneSignature
	zoneFooter
	zones
)

// zoneWords are the zones as rules write them.
var zoneWords = [zones]string{"subject", "new", "name", "file", "quoted", "signature", "footer"}

// zonePlaces are the zones in a sentence.
var zonePlaces = [zones]string{"the subject", "the new text", "a file name", "an attached file", "quoted text", "the signature", "a footer"}

const (
	maxText = 256 << 10 // octets of a zone that are looked at
	maxHits = 256       // hits of one term set in one message
)

// hit is one term found in one place.
type hit struct {
	term string // as the rule file has it, folded
	zone int
	at   int               // offset in the folded zone
	in   *model.Attachment // of zoneFile
}

// words is the automaton over all terms of all sets.
type words struct {
	machine *automaton
	list    []string   // folded terms
	glued   *automaton // the longer terms without blanks
	long    [][]int32  // word of glued to its terms
	longest int        // octets of a term
	sets    [][]int32  // term to the sets it belongs to
	count   int        // number of sets

	gluedList []string // the words of glued
}

func newWords(sets []config.TermSet) *words {
	w := &words{count: len(sets)}
	index := map[string]int{}
	for n, set := range sets {
		for _, term := range set.Words {
			folded := plain(text.Fold(term.Value))
			if folded == "" {
				continue
			}
			i, ok := index[folded]
			if !ok {
				i = len(w.list)
				index[folded] = i
				w.list = append(w.list, folded)
				w.sets = append(w.sets, nil)
			}
			if !slices.Contains(w.sets[i], int32(n)) {
				w.sets[i] = append(w.sets[i], int32(n))
			}
		}
	}
	w.machine = newAutomaton(w.list)
	for _, t := range w.list {
		w.longest = max(w.longest, len(t))
	}
	w.glue()
	return w
}

// found adds one hit to each set of a term.
func (w *words) found(hits [][]hit, term, zone, at int) {
	for _, set := range w.sets[term] {
		if len(hits[set]) < maxHits {
			hits[set] = append(hits[set], hit{term: w.list[term], zone: zone, at: at})
		}
	}
}

// scan adds to hits, by set, the terms of one folded zone. starts are the places
// where a word of it may start.
func (w *words) scan(hits [][]hit, zone int, folded string, starts []int32) {
	w.machine.scanWords(folded, starts, func(word, end int) bool {
		start := end - len(w.list[word])
		if !wordEdge(folded, start) || !wordEdge(folded, end) {
			return true
		}
		w.found(hits, word, zone, start)
		return true
	})
}

// scanJoined adds the terms that a hyphen at the end of a line cuts in a word.
// joins are the places of plainJoins in s.
func (w *words) scanJoined(room *scratch, hits [][]hit, zone int, s string, joins []int32) {
	b := room.seams[:0]
	at := make([]int32, 0, len(joins)) // the joins in b
	from := int32(0)
	for _, j := range joins {
		b = append(b, s[from:j]...)
		at = append(at, int32(len(b)))
		from = j + 1
	}
	b = append(b, s[from:]...)
	room.seams = b
	joined := octets(b)
	w.machine.scanWords(joined, w.before(room, joined, at), func(word, end int) bool {
		start := end - len(w.list[word])
		if n, ok := crossed(at, start, end); ok && wordEdge(joined, start) && wordEdge(joined, end) {
			w.found(hits, word, zone, start+n)
		}
		return true
	})
}

// before returns where words start that can go across one of the places at.
func (w *words) before(room *scratch, s string, at []int32) []int32 {
	room.places = room.places[:0]
	from := 0
	for _, j := range at {
		from = max(from, int(j)-w.longest)
		known := len(room.places)
		room.places = text.Starts(room.places, s[from:j])
		for i := known; i < len(room.places); i++ {
			room.places[i] += int32(from)
		}
		from = int(j)
	}
	return room.places
}

// minBefore is how much of a word must stand before a hyphen.
const minBefore = 4

// crossed reports whether a join lies inside start..end, and how many lie before.
func crossed(joins []int32, start, end int) (before int, ok bool) {
	before, _ = slices.BinarySearch(joins, int32(start+1))
	return before, before < len(joins) && int(joins[before]) >= start+minBefore && int(joins[before]) < end
}

// plain writes hyphens, slashes and underlines between letters as blanks, a hyphen
// at the end of a line as none, and "&" as "and": "work-product", "attorney/client" and "work_product.pdf" are found by
// their words.
func plain(folded string) string {
	var buf []byte
	s, _ := plainIn(&buf, folded)
	return s
}

// plainIn is plain in the memory of buf: the result is good until buf is used
// again. same says that words start where they did.
func plainIn(buf *[]byte, folded string) (s string, same bool) {
	return plainJoins(buf, nil, folded)
}

// plainJoins is plainIn, and appends to joins the blanks before which a hyphen
// stood that a line break may have put into a word: "privi- leged".
func plainJoins(buf *[]byte, joins *[]int32, folded string) (s string, same bool) {
	i := text.Joint(folded, 0)
	if i == len(folded) {
		return folded, true
	}
	if cap(*buf) < len(folded)+16 {
		*buf = make([]byte, 0, len(folded)+16)
	}
	out, from := (*buf)[:0], 0
	same = true
	put := func(till int, with string, size int) {
		out = append(append(out, folded[from:till]...), with...)
		from = till + size
	}
	for ; i < len(folded); i = text.Joint(folded, i) {
		r, n := utf8.DecodeRuneInString(folded[i:])
		switch {
		case r == '&':
			put(i, "and", n)
			same = false
		case r == '\u2018' || r == '\u2019':
			put(i, "'", n)
			same = false
		case joiner(r):
			before, _ := utf8.DecodeLastRuneInString(folded[:i])
			after, size := utf8.DecodeRuneInString(folded[i+n:])
			switch {
			case !inWord(before):
			case inWord(after):
				put(i, " ", n)
				same = same && n == 1
			case after == ' ' && r == '-':
				if next, _ := utf8.DecodeRuneInString(folded[i+n+size:]); inWord(next) || next == '&' {
					put(i, "", n)
					same = false
					if joins != nil {
						*joins = append(*joins, int32(len(out)))
					}
				}
			}
		case r == utf8.RuneError && n == 1:
			put(i, "\uFFFD", n)
			same = false
		}
		i += n
	}
	out = append(out, folded[from:]...)
	*buf = out
	return unsafe.String(unsafe.SliceData(out), len(out)), same
}

func joiner(r rune) bool {
	return r == '-' || r == '_' || r == '/' || r >= '\u2010' && r <= '\u2015' || r == '\u2212'
}

// wordEdge reports whether a word may begin or end at offset i. Scripts written
// without blanks have an edge everywhere.
func wordEdge(s string, i int) bool {
	if i == 0 || i == len(s) {
		return true
	}
	a, b := rune(s[i-1]), rune(s[i])
	if a >= utf8.RuneSelf {
		a, _ = utf8.DecodeLastRuneInString(s[:i])
	}
	if b >= utf8.RuneSelf {
		b, _ = utf8.DecodeRuneInString(s[i:])
	}
	return !inWord(a) || !inWord(b) || unspaced(a) || unspaced(b)
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

func unspaced(r rune) bool {
	return r > 0xE00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// bounded cuts a text to what rules look at, at the border of a character.
func bounded(s string) string {
	if len(s) <= maxText {
		return s
	}
	s = s[:maxText]
	for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s[:max(len(s)-1, 0)]
}
