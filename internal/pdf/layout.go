package pdf

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// box is a rectangle in points, the origin at the lower left.
type box struct{ left, bottom, right, top float64 }

func (b box) empty() bool { return !(b.right > b.left && b.top > b.bottom) } // also where a side is no number

// sane reports whether a box has a place on any sheet: no side is no number, or
// farther away than a sheet can be.
func (b box) sane() bool {
	for _, side := range []float64{b.left, b.bottom, b.right, b.top} {
		if !(math.Abs(side) < farthest) {
			return false
		}
	}
	return true
}

const farthest = 1e7 // points; a sheet has 14,400 at most

func (b box) grow(o box) box {
	return box{min(b.left, o.left), min(b.bottom, o.bottom), max(b.right, o.right), max(b.top, o.top)}
}

// glyph is one character as the parser tells it: in the order of the page's program,
// with blanks and ends of lines that it made up in between.
type glyph struct {
	text  string
	box   box
	angle float64 // radians
}

// typography tells more about a glyph, by its index; asking costs time.
type typography interface {
	origin(i int) (x, y float64, ok bool) // the point at which it stands
	room(i int) (box, bool)               // what its font gives it, with the white around it
}

// word is a run of glyphs without a blank.
type word struct {
	box
	text  strings.Builder
	n     int     // characters
	base  float64 // the line it stands on
	tall  float64 // height of its highest glyph
	first int     // index of its first glyph
	turn  int     // quarters of a circle
	apart bool    // a blank stands before it
	close bool    // none does, whatever the gap
	head  float64 // the middle of its first glyph
	tail  float64 // and of its last
}

const (
	maxColumns = 400  // columns of a line
	maxLines   = 4000 // lines of a page, with the empty ones
)

// layout sets the glyphs of a page as lines of text, as a person sees them: what
// stands on one height is one line, and what stands apart is apart by two blanks or
// more, so that columns stay columns. Text that is turned follows by itself. What lies
// outside the sheet nobody sees.
func layout(glyphs []glyph, more typography, sheet box) string {
	words := gather(glyphs, more)
	words = slices.DeleteFunc(words, func(w *word) bool {
		return !sheet.empty() && (w.right < sheet.left || w.left > sheet.right || w.top < sheet.bottom || w.bottom > sheet.top)
	})
	var turned [4][]*word
	for i, w := range words {
		if w.stand(more); i > 0 && w.raised(words[i-1]) {
			w.base, w.close = words[i-1].base, true
		}
		turned[w.turn] = append(turned[w.turn], w)
	}
	// The way in which most of the page is written comes first.
	order := []int{0, 1, 2, 3}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(letters(turned[b]), letters(turned[a])) })
	var out strings.Builder
	for _, turn := range order {
		if len(turned[turn]) > 0 {
			set(&out, turned[turn])
		}
	}
	return out.String()
}

func letters(words []*word) (n int) {
	for _, w := range words {
		n += w.n
	}
	return n
}

// gather puts glyphs together that follow each other without a gap.
func gather(glyphs []glyph, more typography) []*word {
	var out []*word
	var w *word
	apart, blank, last := false, false, 0
	for i, g := range glyphs {
		text := normal(g.text)
		if text == "" || text == " " {
			if apart = apart || text == " " || g.text == "\n" || g.text == "\r"; text == " " {
				blank = true
			}
			continue
		}
		b, turn := turned(g)
		if !b.sane() {
			continue
		}
		if w == nil || w.turn != turn || !w.takes(b, apart, blank, func() (float64, bool) { return white(more, last, i) }) {
			w = &word{box: b, first: i, turn: turn, apart: apart, head: (b.left + b.right) / 2}
			out = append(out, w)
		}
		apart, blank, last = false, false, i
		w.box, w.tail = w.grow(b), (b.left+b.right)/2
		w.tall = max(w.tall, b.top-b.bottom)
		w.text.WriteString(text)
		w.n += utf8.RuneCountInString(text)
	}
	return out
}

// turned turns a glyph so that its line runs from left to right.
func turned(g glyph) (box, int) {
	quarter := 0
	if !math.IsNaN(g.angle) && !math.IsInf(g.angle, 0) {
		quarter = int(math.Mod(math.Round(g.angle/(math.Pi/2)), 4)+4) % 4
	}
	b := g.box
	switch quarter {
	case 1: // upwards
		b = box{b.bottom, -b.right, b.top, -b.left}
	case 2:
		b = box{-b.right, -b.top, -b.left, -b.bottom}
	case 3: // downwards
		b = box{-b.top, b.left, -b.bottom, b.right}
	}
	return b, quarter
}

// goesOn reports whether a glyph follows a word closely.
func (w *word) goesOn(b box) bool {
	tall := max(w.tall, b.top-b.bottom, 1)
	gap := b.left - w.right
	return gap < tall*0.5 && gap > -tall*1.5 && b.left >= w.left-tall*0.5 && w.level(b)
}

// level reports whether a glyph stands at the height of a word.
func (w *word) level(b box) bool {
	tall := max(w.tall, b.top-b.bottom, 1)
	return b.bottom < w.top+tall*0.3 && b.top > w.bottom-tall*0.3
}

// gap is how far a glyph stands from a word, in heights of the word.
func (w *word) gap(b box) float64 { return (b.left - w.right) / max(w.tall, 1) }

// takes reports whether a glyph belongs to a word. Ink alone does not tell, since some
// digits and letters bring much white with them; nor does a blank between them, since the
// parser makes up blanks and ends of lines in fonts whose letters are all as wide, and
// where letters are spaced. How far apart their font sets them does; asking costs time.
func (w *word) takes(b box, apart, blank bool, white func() (float64, bool)) bool {
	gap := w.gap(b)
	switch {
	case w.turn != 0:
		return !apart && w.goesOn(b)
	case !apart && gap <= 0.3:
		return w.goesOn(b)
	case gap < -0.3 || gap > 1.2 || !w.level(b):
		return false
	case blank && gap > 0.45 && w.n > 1:
		return false // as far as a blank is wide: most of them are real
	}
	room, ok := white()
	if !ok {
		return !apart && w.goesOn(b)
	}
	if apart {
		return room < 0.1*w.tall
	}
	return room <= 0.15*w.tall
}

// white is how far apart two glyphs are beyond what their font gives each.
func white(more typography, a, b int) (float64, bool) {
	x, ok := more.room(a)
	y, also := more.room(b)
	return y.left - x.right, ok && also
}

// stand finds the line on which a word stands.
func (w *word) stand(more typography) {
	w.base = w.bottom
	x, y, ok := more.origin(w.first)
	if !ok {
		return
	}
	switch w.turn {
	case 0:
		w.base = y
	case 1:
		w.base = -x
	case 2:
		w.base = -y
	case 3:
		w.base = x
	}
	if !(math.Abs(w.base) < farthest) {
		w.base = w.bottom
	}
}

// raised reports whether a word is small letters close behind another, raised or
// lowered: they are read as one line.
func (w *word) raised(before *word) bool {
	middle := (w.top + w.bottom) / 2
	gap := before.gap(w.box)
	return w.turn == before.turn && w.n <= 4 && w.tall < 0.75*before.tall && gap > -0.1 && gap < 0.3 &&
		middle < before.top+0.2*before.tall && middle > before.bottom-0.2*before.tall
}

// line is words on one height.
type line struct {
	words []*word
	base  float64
	tall  float64
}

// lines puts words on lines, from the top.
func lines(words []*word) []*line {
	slices.SortStableFunc(words, func(a, b *word) int {
		return cmp.Or(cmp.Compare(b.base, a.base), cmp.Compare(a.left, b.left))
	})
	var out []*line
	for _, w := range words {
		if n := len(out); n > 0 {
			l := out[n-1]
			if l.base-w.base <= 0.4*min(l.tall, max(w.tall, l.tall/2)) {
				l.words = append(l.words, w)
				l.tall = max(l.tall, w.tall)
				continue
			}
		}
		out = append(out, &line{words: []*word{w}, base: w.base, tall: w.tall})
	}
	return out
}

// pitch is the width of a character: small enough that most of the page fits its
// columns, with some air.
func pitch(words []*word, left, right float64) float64 {
	type wide struct {
		width float64
		n     int
	}
	var all []wide
	total := 0
	for _, w := range words {
		if w.n >= 3 && w.right > w.left {
			all = append(all, wide{(w.right - w.left) / float64(w.n), w.n})
			total += w.n
		}
	}
	least := max((right-left)/maxColumns, 0.1)
	if len(all) == 0 {
		return max(least, 5)
	}
	slices.SortFunc(all, func(a, b wide) int { return cmp.Compare(a.width, b.width) })
	n := 0
	for _, w := range all {
		if n += w.n; n*3 >= total {
			return max(least, w.width)
		}
	}
	return least
}

// fixed is the width of a character if most are as wide, in one size or two: a blank is
// so, too. Else it is 0. In such a font the ink of a glyph stands in the middle of its
// room, so the middles of glyphs are evenly apart, however thin one is.
func fixed(words []*word) float64 {
	var all []float64
	for _, w := range words {
		if w.n >= 5 {
			all = append(all, (w.tail-w.head)/float64(w.n-1))
		}
	}
	count, most, near := len(all), 0.0, 0
	if count < 6 {
		return 0
	}
	slices.Sort(all)
	for range 2 {
		if len(all) == 0 {
			break
		}
		middle := all[len(all)/2]
		n := len(all)
		all = slices.DeleteFunc(all, func(w float64) bool { return math.Abs(w-middle) < 0.035*middle })
		near += n - len(all)
		if most == 0 || middle > most && middle < 1.3*most {
			most = middle
		}
	}
	if near*5 < count*4 {
		return 0
	}
	return most
}

// set writes words as lines and columns.
func set(out *strings.Builder, words []*word) {
	left, right := math.Inf(1), math.Inf(-1)
	for _, w := range words {
		left, right = min(left, w.left), max(right, w.right)
	}
	unit := pitch(words, left, right)
	even := fixed(words)
	written := 0
	var before *line
	for _, l := range lines(words) {
		if before != nil && before.base-l.base > 2.2*max(before.tall, l.tall) {
			out.WriteByte('\n')
			written++
		}
		before = l
		if written++; written > maxLines {
			return
		}
		slices.SortStableFunc(l.words, func(a, b *word) int { return cmp.Compare(a.left, b.left) })
		l.write(out, left, unit, even)
	}
}

// write writes one line. A gap wider than a blank between words is two blanks or
// more, up to the column at which the next word stands. In a font whose characters are all
// as wide, as even says, one blank brings the next middle two of them on.
func (l *line) write(out *strings.Builder, left, unit, even float64) {
	column := 0
	for i, w := range l.words {
		at := int(min((w.left-left)/unit, maxColumns))
		blanks := max(at-column, 0)
		if i > 0 {
			gap := w.left - l.words[i-1].right
			tall := (l.words[i-1].tall + w.tall) / 2
			switch {
			case w.close && gap < tall, gap < 0.05*tall && !w.apart:
				blanks = 0
			case gap < 1.1*tall, w.head-l.words[i-1].tail < 2.5*even:
				blanks = 1
			default:
				blanks = max(blanks, 2)
			}
		}
		out.WriteString(strings.Repeat(" ", blanks))
		out.WriteString(w.text.String())
		column += blanks + w.n
	}
	out.WriteByte('\n')
}
