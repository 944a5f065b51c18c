package config

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// spot is a place inside one file.
type spot struct{ line, col int }

// run says that from line, col of an expression on (to the end of its line or
// the next run) the characters stand side by side in the file from at on.
type run struct {
	line, col int
	at        spot
}

// cursor walks over the text of a file as a person sees it.
type cursor struct {
	f    *file
	line int
	col  int // from 0
	text []rune
	ends int // line ends that a fold still owes the value
}

func (f *file) cursor(line, col int) *cursor {
	return &cursor{f: f, line: line, col: max(col-1, 0), text: []rune(f.line(line))}
}

const ended = rune(-1)

func (c *cursor) peek() rune {
	switch {
	case c.col < len(c.text):
		return c.text[c.col]
	case c.line < len(c.f.starts):
		return '\n'
	}
	return ended
}

func (c *cursor) skip(n int) {
	for range n {
		if c.col < len(c.text) {
			c.col++
		} else {
			c.nextLine()
		}
	}
}

func (c *cursor) nextLine() {
	c.line, c.col = c.line+1, 0
	c.text = []rune(c.f.line(c.line))
}

func blank(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }

// skipBlanks also passes a line end that a backslash hides in double quotes.
func (c *cursor) skipBlanks(double bool) {
	for {
		hiddenEnd := double && c.peek() == '\\' && c.col == len(c.text)-1
		if !blank(c.peek()) && !hiddenEnd {
			return
		}
		c.skip(1)
	}
}

// places finds where each character of a value stands in the file. YAML folds
// lines, takes indentation away and resolves escapes, so that a column of the
// value is not a column of the file. Blanks may be a little off; every other
// character is exact, or the result is nil.
func (f *file) places(n *yaml.Node) []spot {
	c := f.cursor(n.Line, n.Column)
	for n.Style&yaml.TaggedStyle != 0 || n.Anchor != "" {
		if r := c.peek(); r != '&' && r != '!' {
			break
		}
		for !blank(c.peek()) && c.peek() != ended {
			c.skip(1)
		}
		c.skipBlanks(false)
	}
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		c.nextLine()
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		c.skip(1)
	}
	out := make([]spot, 0, len(n.Value))
	for _, r := range n.Value {
		at, ok := c.take(r, n.Style)
		if !ok {
			return nil
		}
		out = append(out, at)
	}
	return out
}

// take finds the next character of a value and steps over it.
func (c *cursor) take(r rune, style yaml.Style) (spot, bool) {
	double := style&yaml.DoubleQuotedStyle != 0
	switch {
	case !blank(r):
		c.skipBlanks(double)
	case double:
		return c.takeBlank(r)
	}
	at, got := spot{c.line, c.col + 1}, c.peek()
	switch {
	case double && got == '\\':
		size, is := unescape(c.text[c.col:])
		c.skip(size)
		return at, is == r
	case got == r && r == '\'' && style&yaml.SingleQuotedStyle != 0:
		c.skip(2)
	case got == r:
		c.skip(1)
	case blank(r): // a fold: what stands there is a line end, or nothing
		if blank(got) {
			c.skip(1)
		}
	default:
		return at, false
	}
	return at, true
}

// takeBlank is take for a blank in double quotes, which may be an escape behind
// a fold, so that folds must be counted: one line end is a blank, more are one
// less (YAML 1.2 section 6.5).
func (c *cursor) takeBlank(r rune) (spot, bool) {
	if c.ends > 0 && r == '\n' {
		c.ends--
		return spot{c.line, c.col + 1}, true
	}
	if c.peek() == '\\' && c.col == len(c.text)-1 {
		c.skipBlanks(true)
	}
	at, ends := spot{c.line, c.col + 1}, 0
	ahead := *c
	for blank(ahead.peek()) {
		if ahead.peek() == '\n' {
			ends++
		}
		ahead.skip(1)
	}
	switch got := c.peek(); {
	case ends > 0:
		*c = ahead
		c.ends = max(ends-2, 0)
		return at, (r == '\n') == (ends > 1)
	case got == '\\':
		size, is := unescape(c.text[c.col:])
		c.skip(size)
		return at, is == r
	case got == r:
		c.skip(1)
		return at, true
	}
	return at, false
}

var escapes = map[rune]rune{'0': 0, 'a': '\a', 'b': '\b', 't': '\t', '\t': '\t', 'n': '\n', 'v': '\v', 'f': '\f',
	'r': '\r', 'e': 0x1b, ' ': ' ', '"': '"', '/': '/', '\\': '\\', 'N': 0x85, '_': 0xa0, 'L': 0x2028, 'P': 0x2029}

// unescape reads one escape of a double-quoted text (YAML 1.2 section 5.7).
func unescape(text []rune) (size int, is rune) {
	if len(text) < 2 {
		return 1, ended
	}
	digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[text[1]]
	if digits == 0 {
		if r, ok := escapes[text[1]]; ok {
			return 2, r
		}
		return 2, ended
	}
	if len(text) < 2+digits {
		return 2, ended
	}
	for _, d := range text[2 : 2+digits] {
		v := strings.IndexRune("0123456789abcdef", d|0x20)
		if v < 0 {
			return 2, ended
		}
		is = is<<4 | rune(v)
	}
	return 2 + digits, is
}
