package billing

import (
	"slices"
	"strings"

	"chancery/rules/text"
)

// Nearly all mail that has a word of billing mail ("bill", "paid") is none. A Glance over
// its texts as they came tells so, before they are divided into zones and read. It may
// say yes where nothing is found later, and never no where something is: but that no
// wording goes across what stands in another zone.
type Glance struct {
	weight int
	seen   []string // wordings that were weighed
	near   []byte
	words  []string
}

// How much a sign weighs at most, by where it stands, as evidence.zone has it.
const (
	InSubject = 4
	InName    = 3 // of a file
	InBody    = 2
)

// leastWeight is what the signs of a class weigh, before classify adds what there is
// about billing.
const leastWeight = enoughSign - 2

// Reset forgets the mail before.
func (g *Glance) Reset() { g.weight, g.seen = 0, g.seen[:0] }

// Class reports whether Extract may tell a class of a mail without files that it reads,
// and of no portal, by the texts of the mail up to this one. s is what text.Looked gave.
func (g *Glance) Class(s string, factor int) bool {
	for i := 0; g.weight < leastWeight; i++ {
		if i = telling.openings.Next(s, i); i == len(s) {
			return false
		}
		g.weigh(s, i, factor)
	}
	return true
}

// weigh weighs the wordings that begin at s[i], each once.
func (g *Glance) weigh(s string, i, factor int) {
	if i+2 >= len(s) {
		return
	}
	third := s[i+2]
	if text.Gap(s, i+2) > i+2 {
		third = ' '
	}
	for _, c := range telling.rows[telling.of[start(s[i], s[i+1], third)]] {
		end, ok := standsAt(s, i, c.words)
		switch {
		case !ok, slices.Contains(g.seen, c.words):
		case c.kind == invoiceCue && (factor != InBody || g.numbered(s, i, end)):
			g.weight = leastWeight
		case c.class != noClass:
			g.seen = append(g.seen, c.words)
			g.weight += c.points * factor
		}
	}
}

// standsAt reports whether folded words stand at s[i], of which s is what text.Looked
// gave, and where they end.
func standsAt(s string, i int, words string) (end int, ok bool) {
	for k := range len(words) {
		if words[k] == ' ' {
			n := text.Gap(s, i)
			if n == i {
				return 0, false
			}
			i = n
			continue
		}
		if i == len(s) || s[i] != words[k] && (!letter(s[i]) || s[i]|0x20 != words[k]) {
			return 0, false
		}
		i++
	}
	return i, i == len(s) || !letter(s[i]) && !digit(s[i])
}

// numbered reports whether a number may be read behind words at s[beg:end], or below
// them: then they stand at the head of a line or column. A text that was folded has no
// lines any more.
func (g *Glance) numbered(s string, beg, end int) bool {
	g.near = text.Unfolded(g.near[:0], s, end, numberReach)
	if text.Digit(string(g.near), 0) < len(g.near) || strings.IndexByte(s, '\n') < 0 {
		return true
	}
	before := s[max(0, beg-headReach):beg]
	return len(before) < headReach || strings.ContainsAny(before, "\n\r\t|>") || strings.Contains(before, "  ")
}

const (
	numberReach = 4*10 + maxNumber + 10 // octets of words such as "no." and the number: see numbersAfter
	headReach   = 16                    // octets between the head of a line and a label: see below
)

// telling are the cues of which a class needs one: the words in front of the number of
// an invoice, and the signs of the special classes.
var telling = func() (t struct {
	*cueTable
	openings *text.Openings
}) {
	list := slices.DeleteFunc(allCues(labels), func(c cue) bool { return c.kind != invoiceCue && !slices.Contains(special, c.class) })
	var words []string
	for i := range list {
		w := text.Fold(list[i].words)
		list[i].words, words = w, append(words, w)
	}
	t.cueTable, t.openings = tableOf(list), text.NewOpenings(slices.Values(words))
	return t
}()

// Account reports whether ReadAccount may find something in a text of which s is what
// text.Looked gave.
func (g *Glance) Account(s string) bool {
	for i := accountOpenings.Next(s, 0); i < len(s); i = accountOpenings.Next(s, i+1) {
		if g.take(s[i:]); len(g.words) > 0 && accounts.at(g.words) > 0 {
			return true
		}
	}
	return false
}

// take takes the first words of s, as many as a phrase for an account has.
func (g *Glance) take(s string) {
	g.near, g.words = g.near[:0], g.words[:0]
	inside, n := false, 0
	for i := 0; i < len(s) && n < maxAccount; i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if inside && !wordOctet(c) {
			n++
		}
		inside = wordOctet(c)
		g.near = append(g.near, c)
	}
	g.words = wordsOf(g.words, string(g.near))
}

const maxAccount = 3 // words of a phrase for an account

var accountOpenings = func() *text.Openings {
	return text.NewOpenings(func(yield func(string) bool) {
		for _, list := range accounts {
			for _, p := range list {
				if !yield(p[0]) {
					return
				}
			}
		}
	})
}()
