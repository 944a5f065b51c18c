package rules

import (
	"slices"
	"strings"
	"unicode/utf8"

	"chancery/rules/text"
)

// Programs that fold headers and wrap lines badly put blanks into words and lose
// those between them: "Attorney ClientPrivil ege". People who mark a mail space
// its letters: "P R I V I L E G E D". In the subject and at the head of the new
// text terms are looked for in spite of that, without their blanks; what is found
// counts only if it can be told from what a person wrote as words of their own.

const (
	minSpelled = 6    // letters of a term that is found with its letters spaced
	minAdded   = 8    // of one that is found with a blank in a word
	minLost    = 10   // of one that is found without a blank between words
	maxTorn    = 2000 // octets of a text that are searched so
	tornHead   = 1024 // octets at the head of a body
	spelledRun = 5    // single letters in a row that nobody writes as words
)

// glue prepares the search: terms without their blanks.
func (w *words) glue() {
	index := map[string]int{}
	var list []string
	for i, term := range w.list {
		g := strings.ReplaceAll(term, " ", "")
		if utf8.RuneCountInString(g) < minSpelled {
			continue
		}
		n, ok := index[g]
		if !ok {
			n = len(list)
			index[g] = n
			list = append(list, g)
			w.long = append(w.long, nil)
		}
		w.long[n] = append(w.long[n], int32(i))
	}
	w.glued = newAutomaton(list)
	w.gluedList = list
}

// torn is a text without its blanks.
type torn struct {
	text    []byte
	at      []int32 // offset of each octet in the text with blanks
	spelled []bool  // a letter of a spaced word
}

// gather takes the blanks out of s.
func (t *torn) gather(s string) {
	t.text, t.at, t.spelled = t.text[:0], t.at[:0], t.spelled[:0]
	for i := 0; i < len(s); {
		if end, letters := spelledAt(s, i); letters > 0 {
			for ; i < end; i++ {
				if inWordOctet(s[i]) {
					t.put(s[i], i, true)
				}
			}
			continue
		}
		for i < len(s) && inWordOctet(s[i]) {
			t.put(s[i], i, false)
			i++
		}
		for i < len(s) && !inWordOctet(s[i]) {
			if s[i] != ' ' {
				t.put(s[i], i, false)
			}
			i++
		}
	}
}

func (t *torn) put(c byte, at int, spelled bool) {
	t.text, t.at, t.spelled = append(t.text, c), append(t.at, int32(at)), append(t.spelled, spelled)
}

func inWordOctet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= utf8.RuneSelf
}

// spelledAt returns where a run of spaced single ASCII letters ends that begins at
// the word s[i:], and how many there are; 0 if there are too few.
func spelledAt(s string, i int) (end, letters int) {
	for i < len(s) && s[i] >= 'a' && s[i] <= 'z' && (i+1 == len(s) || !inWordOctet(s[i+1])) {
		letters++
		i++
		end = i
		for i < len(s) && i-end < 3 && strings.IndexByte(" .-_*", s[i]) >= 0 {
			i++
		}
		if i == end {
			break
		}
	}
	if letters < spelledRun {
		return 0, 0
	}
	return end, letters
}

// scanTorn looks for damaged terms in a folded text. What stands there with its
// own blanks has been found already. It stops when found returns false.
func (w *words) scanTorn(room *torn, s string, found func(term, at int) bool) {
	if w.glued == nil || !w.mayTear(s) {
		return
	}
	room.gather(s)
	glued := octets(room.text)
	for next := 0; next < len(glued) && next >= 0; {
		// A term begins where a word does, or among spaced letters.
		for next < len(glued) && !(room.begins(next) && w.glued.begin.At(glued, next)) {
			next++
		}
		next = max(next+1, w.followTorn(room, s, glued, next, found))
	}
}

// mayTear reports whether a damaged term can begin anywhere in s.
func (w *words) mayTear(s string) bool {
	inside := false
	for i := range len(s) {
		c := s[i]
		word := inWordOctet(c)
		if word && (!inside || c >= utf8.RuneSelf) && w.mayTearAt(s, i) {
			return true
		}
		inside = word
	}
	return false
}

// begins reports whether a word begins with letter k.
func (t *torn) begins(k int) bool {
	return k == 0 || t.spelled[k] || t.broken(k) || !inWordOctet(t.text[k-1]) || t.text[k] >= utf8.RuneSelf
}

// followTorn reports the damaged terms from letter i on, and returns where it
// ended, or a number beyond the text if found returned false.
func (w *words) followTorn(t *torn, s, glued string, i int, found func(term, at int) bool) int {
	till := w.glued.follow(glued, i, func(word, end int) bool {
		start := end - len(w.gluedList[word])
		for _, term := range w.long[word] {
			if w.damaged(t, s, w.list[term], start, end) && !found(int(term), int(t.at[start])) {
				return false
			}
		}
		return true
	})
	if till < 0 {
		return len(glued)
	}
	return till
}

// damaged reports whether the letters start..end of a text without blanks are a
// term that lost or gained blanks on the way.
func (w *words) damaged(t *torn, s, term string, start, end int) bool {
	from, till := int(t.at[start]), int(t.at[end-1])+1
	if s[from:till] == term {
		return false
	}
	if !slices.Contains(t.spelled[start:end], false) {
		return true
	}
	if slices.Contains(t.spelled[start:end], true) || !wordEdge(s, from) || !wordEdge(s, till) {
		return false
	}
	added, lost, ws := 0, 0, start
	for word := range strings.SplitSeq(term, " ") {
		we := ws + len(word)
		n, damage := t.pieces(start, end, ws, we)
		// Of a phrase the other words say enough.
		if n > 1 && !damage && len(word) == len(term) {
			return false
		}
		added += n - 1
		if we < end && !t.broken(we) {
			lost++
		}
		ws = we
	}
	return (added == 0 || end-start >= minAdded) && (lost == 0 || end-start >= minLost) && added+lost > 0
}

// broken reports whether blanks stood before letter k.
func (t *torn) broken(k int) bool { return t.at[k] != t.at[k-1]+1 }

// pieces counts the pieces of the word ws..we of a term at start..end, and tells
// whether one of them shows that nobody wrote them so: it is no word, or hangs on
// to another word of the term.
func (t *torn) pieces(start, end, ws, we int) (n int, damage bool) {
	for from := ws; from < we; n++ {
		till := from + 1
		for till < we && !t.broken(till) {
			till++
		}
		hangs := from == ws && ws > start && !t.broken(ws) || till == we && we < end && !t.broken(we)
		damage = damage || hangs || noWord(string(t.text[from:till]))
		from = till
	}
	return n, damage
}

// tornAt reports whether a damaged term stands in s, which text.Looked gave, at i.
func (w *words) tornAt(room *scratch, s string, i int) bool {
	if w.glued == nil || !w.mayTearAt(s, i) {
		return false
	}
	room.near = text.Unfolded(room.near[:0], s, i, 3*w.longest+8)
	near, _ := plainIn(&room.apart, octets(room.near))
	found := false
	w.scanTorn(&room.glue, near[:min(len(near), maxTorn)], func(int, int) bool {
		found = true
		return false
	})
	return found
}

// isTorn reports whether a damaged term stands near the head of the body: where
// one of its first letters begin a word.
func (f *facts) isTorn() bool {
	if f.torn == unasked {
		f.torn = never
		body, _ := f.texts()
		w, o := f.set.words, f.set.openings
		if w.glued == nil || len(body) == 0 {
			return false
		}
		s := text.Looked(&f.looked, body[:min(len(body), 4*tornHead)])
		if o == nil { // everything may be there
			f.torn = maybe
			return true
		}
		head := s[:min(len(s), tornHead)]
		for i := o.Next(head, 0); i < len(head); i = o.Next(head, i+1) {
			if w.tornAt(f.scratch, s, i) {
				f.torn = maybe
				break
			}
		}
	}
	return f.torn == maybe
}

// scanGlued adds the damaged terms of a subject, or of the head of the new text.
func (f *facts) scanGlued(hits [][]hit, zone int, s string) {
	if zone == zoneNew {
		if !f.isTorn() {
			return
		}
		s = s[:min(len(s), tornHead)]
	}
	w := f.set.words
	w.scanTorn(&f.scratch.glue, s[:min(len(s), maxTorn)], func(term, at int) bool {
		w.found(hits, term, zone, at)
		return true
	})
}
