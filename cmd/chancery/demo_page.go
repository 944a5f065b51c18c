package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
	eastasian "golang.org/x/text/width"
)

// page is a piece of paper for people: it knows how wide it is and whether it
// may use colour (NO_COLOR is honoured).
type page struct {
	w      io.Writer
	width  int
	colour bool
}

const (
	leastWidth = 80
	mostWidth  = 120
)

func newPage(w io.Writer) *page {
	p := &page{w: w, width: 100}
	if f, ok := w.(*os.File); ok && isTerminal(w) {
		p.colour = os.Getenv("NO_COLOR") == ""
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			p.width = min(max(n, leastWidth), mostWidth)
		}
	}
	return p
}

// The styles of a page (ECMA-48 select graphic rendition).
const (
	plain = ""
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
)

func (p *page) style(code, s string) string {
	if !p.colour || code == plain || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p *page) line(format string, args ...any) {
	_, _ = fmt.Fprintln(p.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

// heading opens a section.
func (p *page) heading(left, right string) {
	gap := max(1, p.width-cells(left)-cells(right))
	p.line("")
	p.line("%s%s%s", p.style(bold, left), strings.Repeat(" ", gap), p.style(dim, right))
	p.line("%s", p.style(dim, strings.Repeat("─", p.width)))
}

// pair prints left and right in two columns; right has its own width.
func (p *page) pair(indent int, left, right, style string, rightCells int) {
	room := p.width - indent - rightCells - 2
	left = shorten(left, room)
	pad := strings.Repeat(" ", max(0, room-cells(left)))
	p.line("%s%s%s  %s", strings.Repeat(" ", indent), left, pad, p.style(style, shorten(right, rightCells)))
}

// wrap prints text over as many lines as it takes, words whole.
func (p *page) wrap(indent int, style, text string) {
	for _, line := range folded(text, p.width-indent) {
		p.line("%s%s", strings.Repeat(" ", indent), p.style(style, line))
	}
}

// columns prints left on one line and text beside it on as many as it takes.
func (p *page) columns(indent, leftCells int, left, text string) {
	left = shorten(left, leftCells)
	for _, line := range folded(text, p.width-indent-leftCells-2) {
		pad := strings.Repeat(" ", leftCells-cells(left)+2)
		p.line("%s%s%s%s", strings.Repeat(" ", indent), left, pad, p.style(dim, line))
		left = ""
	}
}

// folded breaks text into lines of at most room cells, words whole.
func folded(text string, room int) []string {
	var out []string
	for _, word := range strings.Fields(printable(text)) {
		if last := len(out) - 1; last >= 0 && cells(out[last])+1+cells(word) <= room {
			out[last] += " " + word
			continue
		}
		out = append(out, word)
	}
	return out
}

// shorten cuts s to n cells, with an ellipsis.
func shorten(s string, n int) string {
	s = printable(s)
	if cells(s) <= n {
		return s
	}
	for cells(s) > n-1 && s != "" {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return strings.TrimRight(s, " ") + "…"
}

// printable keeps what was mailed from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s)
}

// cells counts the columns a text takes: two for wide characters.
func cells(s string) int {
	n := 0
	for _, r := range s {
		switch k := eastasian.LookupRune(r).Kind(); {
		case r == 0xfe0f || r == 0x200d:
		case k == eastasian.EastAsianWide || k == eastasian.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
