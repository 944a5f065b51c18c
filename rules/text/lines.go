package text

import (
	"slices"
	"strings"
	"sync"
)

type zone uint8

const (
	inNew zone = iota
	inQuoted
	inSignature
	inFooter
)

// maxBody bounds what Split looks at; the MIME reader's own limits are lower.
const maxBody = 64 << 20

// line is one line of the body without its quote marks and outer white space.
type line struct {
	beg, end int32
	depth    uint8 // quote marks before it
	zone     zone
}

func (l line) blank() bool { return l.beg == l.end }

// body is a message text cut into lines. Of several blank lines one is kept.
type body struct {
	text  string
	lines []line
}

// bodies are used again: most of what cut needs is room for lines.
var bodies = sync.Pool{New: func() any { return &body{} }}

// done gives the body back; nothing of it may be used any more.
func (b *body) done() {
	b.text = ""
	if cap(b.lines) <= 8<<10 {
		bodies.Put(b)
	}
}

func cut(s string) *body {
	if len(s) > maxBody {
		s = s[:maxBody]
	}
	b := bodies.Get().(*body)
	b.text, b.lines = s, slices.Grow(b.lines[:0], 16+len(s)/40)
	for at := 0; at < len(s); {
		end, next := len(s), len(s)
		if i := strings.IndexByte(s[at:], '\n'); i >= 0 {
			end, next = at+i, at+i+1
		}
		l := measure(s, at, end)
		at = next
		if n := len(b.lines); l.blank() && n > 0 && b.lines[n-1].blank() && b.lines[n-1].depth == l.depth {
			continue
		}
		b.lines = append(b.lines, l)
	}
	return b
}

// measure strips quote marks and white space from s[beg:end].
func measure(s string, beg, end int) line {
	for end > beg && isSpace(s[end-1]) {
		end--
	}
	depth := 0
	for at := beg; at < end; at++ {
		if c := s[at]; c == '>' {
			depth++
			beg = at + 1
		} else if !isSpace(c) {
			break
		}
	}
	// A mailbox file puts ">" before "From " at the start of a line (RFC 4155
	// appendix A): that is no quote.
	if depth == 1 && strings.HasPrefix(s[beg:end], "From ") {
		depth = 0
	}
	// Nor is the edge of the box that Lotus Notes draws around names.
	if depth == 1 && s[end-1] == '|' && strings.HasPrefix(s[beg:end], "---") {
		depth = 0
	}
	for beg < end && isSpace(s[beg]) {
		beg++
	}
	return line{beg: int32(beg), end: int32(end), depth: uint8(min(depth, 255))}
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func (b *body) at(i int) string { l := b.lines[i]; return b.text[l.beg:l.end] }

// nextFull returns the first line from i on that is not blank, or len(lines).
func (b *body) nextFull(i int) int {
	for i < len(b.lines) && b.lines[i].blank() {
		i++
	}
	return i
}

// gather joins the lines of one zone. A blank line between two of them stays, and
// one stands where lines of other zones lay: there are the seams.
func (b *body) gather(z zone, size int) (text string, seams []int32) {
	if size == 0 {
		return "", nil
	}
	if s, ok := b.slice(z); ok {
		return s, nil
	}
	var out strings.Builder
	out.Grow(size)
	gap, other := false, false
	for i, l := range b.lines {
		if l.blank() {
			gap = true
			continue
		}
		if l.zone != z {
			gap, other = gap || i > 0, true
			continue
		}
		if out.Len() > 0 {
			if other {
				seams = append(seams, int32(out.Len()))
			}
			if gap {
				out.WriteByte('\n')
			}
			out.WriteByte('\n')
		}
		gap, other = false, false
		out.WriteString(b.text[l.beg:l.end])
	}
	return out.String(), seams
}

// slice is gather without a copy, for a zone that stands in the text as it is.
func (b *body) slice(z zone) (string, bool) {
	first, last := -1, -1
	for i := range b.lines {
		l := &b.lines[i]
		if l.blank() || l.zone != z {
			continue
		}
		if first >= 0 {
			before := &b.lines[last]
			want := "\n"
			if i > last+1 {
				want = "\n\n"
			}
			if b.text[before.end:l.beg] != want {
				return "", false
			}
		} else {
			first = i
		}
		last = i
	}
	if first < 0 {
		return "", true
	}
	return b.text[b.lines[first].beg:b.lines[last].end], true
}
