package agenda

import (
	"strings"
	"time"
	"unicode"

	"chancery/internal/model"
)

// gaps is what is kept free around a block.
type gaps struct {
	before, after time.Duration // preparation and what follows
	to, from      time.Duration // the way there and back, but from and to the same place
}

// some reports whether anything is kept free.
func (g *gaps) some() bool { return max(g.before, g.after, g.to, g.from) > 0 }

const maxGap = 24 * time.Hour

// gapsOf says what rank and event ask to be kept free, and where the event is. A
// way is needed to a place only; the one the event itself tells of, and it alone
// knows, also elsewhere.
func (s *settlement) gapsOf(r *Ranked, o *model.Occurrence) (g gaps, place int) {
	bounded := func(d time.Duration) time.Duration { return min(max(d, 0), maxGap) }
	g = gaps{before: bounded(max(r.Before, r.Buffer)), after: bounded(max(r.After, r.Buffer)), to: bounded(o.Travel)}
	r.Deadline = bounded(r.Deadline)
	if p := Place(o); p != "" {
		place = s.placeNumber(p)
		g.to, g.from = max(g.to, bounded(r.Travel)), bounded(r.Travel)
	}
	return g, place
}

// placeNumber numbers places, which are compared often.
func (s *settlement) placeNumber(p string) int {
	n, ok := s.placed[p]
	if !ok {
		if s.placed == nil {
			s.placed = map[string]int{}
		}
		n = len(s.placed) + 1
		s.placed[p] = n
	}
	return n
}

// stretch is the block as the sweep sees it.
func (b *block) stretch(i int) stretch { return b.at(b.Start, b.End, i) }

// stretches are all of blocks.
func stretches(blocks []block) []stretch {
	out := make([]stretch, len(blocks))
	for i := range blocks {
		out[i] = blocks[i].stretch(i)
	}
	return out
}

// at is the meeting of b at another time.
func (b *block) at(start, end time.Time, i int) stretch {
	sec := func(d time.Duration) int64 { return int64(d / time.Second) }
	return stretch{
		start: start.Unix(), end: end.Unix(), before: sec(b.before), after: sec(b.after),
		to: sec(b.to), from: sec(b.from), place: b.place, i: i,
	}
}

// gapOf is what two blocks that do not overlap should have kept free between them.
func gapOf(a, b *block) time.Duration {
	if b.Start.Before(a.Start) {
		a, b = b, a
	}
	return time.Duration(gap(a.stretch(0), b.stretch(1))) * time.Second
}

// virtual are words of locations where nobody goes to.
var virtual = map[string]bool{
	"zoom": true, "teams": true, "webex": true, "skype": true, "online": true, "virtual": true, "remote": true, "video": true,
	"videoconference": true, "phone": true, "telephone": true, "call": true, "meet": true, "dial": true, "facetime": true, "tbd": true, "tba": true,
}

// Place is where people go for an occurrence, in words to compare: letters and
// digits in lower case. It is "" if the location is empty, a link, or says that
// there is none.
func Place(o *model.Occurrence) string {
	var words []string
	for field := range strings.FieldsSeq(o.Location) {
		if strings.Contains(field, "://") || strings.HasPrefix(field, "www.") {
			continue
		}
		for w := range strings.FieldsFuncSeq(field, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			words = append(words, strings.ToLower(w))
		}
		if len(words) > 50 {
			break
		}
	}
	if len(words) == 0 || len(words) <= 4 && virtualWord(words) {
		return ""
	}
	return strings.Join(words, " ")
}

func virtualWord(words []string) bool {
	for _, w := range words {
		if virtual[w] {
			return true
		}
	}
	return false
}
