package text

import (
	"math/bits"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	maxHTML   = 16 << 20 // octets read of one document
	maxDepth  = 256      // open elements remembered
	maxToken  = 4 << 20  // octets of one token; a longer one ends the text
	maxQuoted = 4        // quote marks written before a line
)

// FromHTML returns the text of an HTML document as a reader sees it: one line
// for each block, cells of a row separated by a tab, the words of links without
// their targets, nothing of what is hidden. Quotes of mail programs get "> "
// before each line and signatures "-- " above, so that Split knows them.
func FromHTML(s string) string {
	room := sheets.Get().(*sheet)
	defer room.done()
	return strings.Clone(room.fromHTML(s))
}

// sheet is room for the text of a document, used again.
type sheet struct{ out []byte }

var sheets = sync.Pool{New: func() any { return &sheet{} }}

// maxSheet bounds the room that is kept.
const maxSheet = 256 << 10

func (p *sheet) done() {
	if cap(p.out) <= maxSheet {
		sheets.Put(p)
	}
}

// fromHTML is FromHTML in the room of p: the text is good until p is used again.
func (p *sheet) fromHTML(s string) string { return p.read(s, false) }

// read is fromHTML, with the texts that stand for images if alts is true.
func (p *sheet) read(s string, alts bool) string {
	if len(s) >= maxToken {
		return tokenized(s[:min(len(s), maxHTML)])
	}
	if cap(p.out) < len(s)/4 {
		p.out = make([]byte, 0, len(s)/2+64)
	}
	w := walker{out: p.out[:0], alts: alts}
	m := markup{s: s, w: &w}
	m.run()
	p.out = w.out
	return unsafe.String(unsafe.SliceData(w.out), len(w.out))
}

// tokenized is FromHTML by the tokenizer of x/net/html: for a document so long
// that one token could be too long.
func tokenized(s string) string {
	w := walker{out: make([]byte, 0, len(s)/4+64)}
	z := html.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(maxToken)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return string(w.out)
		case html.TextToken:
			s := string(z.Text())
			if n := len(w.stack); n > 0 && w.stack[n-1].tag == atom.Style {
				w.styles(s)
			}
			w.text(s)
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			h := hash(name)
			t := tagOf(h, name)
			if tag := t.tag; tag == atom.Noscript || tag == atom.Noembed || tag == atom.Noframes {
				z.NextIsNotRawText() // no script runs in a mail: it is shown
			}
			w.open(t, h, attributes(z, more))
		case html.EndTagToken:
			name, _ := z.TagName()
			h := hash(name)
			w.close(tagOf(h, name), h)
		}
	}
}

// styles notes what a style sheet may do.
func (w *walker) styles(s string) { w.sheet = w.sheet || strings.Contains(s, "background") }

// hash tells elements apart that have no atom, like o:p.
func hash(name []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range name {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

// element is an open element and what it changes for its content.
type element struct {
	name   uint32
	tag    atom.Atom
	hidden bool
	pre    bool
	quotes int  // levels of quotation that end with it
	colour tint // of text and background around it
	ground tint
}

// walker writes text while it follows the nesting of elements.
type walker struct {
	out       []byte
	stack     []element
	deeper    int // open elements beyond maxDepth
	hidden    int
	pre       int
	quotes    int
	level     int // quote level of the line being written
	newlines  int // line breaks due before the next text
	space     bool
	tab       bool
	signature bool // a line "-- " is due
	colour    tint // of the text here, and of what is behind it
	ground    tint
	sheet     bool // a style sheet may give a background to anything
	alts      bool // what stands for images is text
}

func (w *walker) open(t tagInfo, name uint32, a attrs) {
	tag, k := t.tag, t.kind
	if k&closesPara != 0 {
		w.endParagraph()
	}
	switch tag {
	case atom.Br:
		w.lineBreak()
		return
	case atom.P:
		if !a.tight {
			w.breakLines(2)
		}
	case atom.Hr:
		if a.quotesRest {
			w.quoteParent()
		}
	}
	if k&block != 0 {
		w.breakLines(1)
	}
	if k&void != 0 {
		if w.alts && tag == atom.Img && !a.hidden && a.alt != "" {
			w.alt(a.alt)
		}
		return
	}
	if len(w.stack) >= maxDepth {
		w.deeper++
		return
	}
	e := element{name: name, tag: tag, hidden: a.hidden || k&unseen != 0, pre: tag == atom.Pre || tag == atom.Textarea || a.pre}
	if a.quotesRest {
		w.quoteParent()
	}
	if a.quote || tag == atom.Blockquote && !a.indent {
		e.quotes = 1
	}
	e.colour, e.ground = w.colour, w.ground
	if a.colour != unsaid {
		w.colour = a.colour
	}
	if a.ground != unsaid {
		w.ground = a.ground
	}
	w.apply(e, 1)
	w.stack = append(w.stack, e)
	w.signature = w.signature || a.signature && w.hidden == 0
}

// quoteParent quotes all that follows inside the element that is open now.
func (w *walker) quoteParent() {
	if len(w.stack) > 0 {
		w.stack[len(w.stack)-1].quotes++
	}
	w.quotes++
}

func (w *walker) apply(e element, sign int) {
	w.quotes += sign * e.quotes
	if e.hidden {
		w.hidden += sign
	}
	if e.pre {
		w.pre += sign
	}
}

func (w *walker) close(t tagInfo, name uint32) {
	tag, k := t.tag, t.kind
	if w.deeper > 0 {
		w.deeper--
		return
	}
	at := len(w.stack) - 1
	for at >= 0 && w.stack[at].name != name {
		at--
	}
	if k&block != 0 || tag == atom.P {
		w.breakLines(1)
	}
	if at < 0 {
		return
	}
	for _, e := range w.stack[at:] {
		w.apply(e, -1)
	}
	w.colour, w.ground = w.stack[at].colour, w.stack[at].ground
	w.stack = w.stack[:at]
	switch tag {
	case atom.Td, atom.Th:
		w.newlines, w.tab = 0, len(w.out) > 0
	case atom.Tr, atom.Table:
		w.tab = false
		w.breakLines(1)
	}
}

// endParagraph closes a p that the next block ends (HTML section 13.1.2.4).
func (w *walker) endParagraph() {
	if n := len(w.stack); n > 0 && w.stack[n-1].tag == atom.P {
		w.apply(w.stack[n-1], -1)
		w.colour, w.ground = w.stack[n-1].colour, w.stack[n-1].ground
		w.stack = w.stack[:n-1]
	}
}

func (w *walker) breakLines(n int) {
	if !w.tab && w.hidden == 0 {
		w.newlines = max(w.newlines, n)
	}
}

// lineBreak is a br: two of them leave a blank line.
func (w *walker) lineBreak() {
	if w.hidden == 0 && !w.tab {
		w.newlines = min(w.newlines+1, 2)
	}
}

// text writes characters with white space as a browser collapses it.
func (w *walker) text(b string) {
	if w.hidden > 0 || w.colour == white && w.ground != coloured && !w.sheet {
		return
	}
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c == '\n' && w.pre > 0:
			w.newlines = min(w.newlines+1, 2)
			i++
		case isSpace(c) || c == 0:
			w.space = true
			i++
		case c == 0xc2 && i+1 < len(b) && b[i+1] == 0xa0: // no-break space
			w.begin()
			w.space = true
			i += 2
		default:
			j := run(b, i)
			w.begin()
			w.out = append(w.out, b[i:j]...)
			i = j
		}
	}
}

// run returns where the words that begin at b[i:] end, with lone spaces between
// them, or before a no-break space or a control.
func run(b string, i int) int {
	j := i + 1
	for j+8 <= len(b) {
		x := eight(b, j)
		space := same(x, ' ')
		if space&0x80 != 0 && b[j-1] == ' ' {
			break
		}
		nbsp := x ^ 0xc2*ones
		stop := (^(x&^tops+(0x80-'!')*ones)&^x&^space | space&(space<<8) | (nbsp-ones)&^nbsp) & tops
		k := bits.TrailingZeros64(stop) >> 3 // 8 if there is none
		j += k
		if k < 8 {
			break
		}
	}
	for j < len(b) && b[j] > ' ' && b[j] != 0xc2 {
		j++
	}
	if b[j-1] == ' ' {
		j--
	}
	return j
}

// alt is the text that stands for an image.
func (w *walker) alt(s string) {
	w.space = true
	w.text(lines(s))
	w.space = true
}

// begin writes what is due before text: line breaks, quote marks, a space.
func (w *walker) begin() {
	if w.quotes != w.level && len(w.out) > 0 {
		w.newlines = max(w.newlines, 1)
	}
	if w.signature {
		w.signature = false
		if len(w.out) > 0 && w.quotes == 0 {
			w.out = append(w.out, "\n-- "...)
			w.newlines = 1
		}
	}
	switch {
	case len(w.out) == 0:
		w.mark()
	case w.newlines > 0:
		for range w.newlines {
			w.out = append(w.out, '\n')
		}
		w.mark()
	case w.tab:
		w.out = append(w.out, '\t')
	case w.space:
		if last, _ := utf8.DecodeLastRune(w.out); last != '\n' && last != '\t' {
			w.out = append(w.out, ' ')
		}
	}
	w.newlines, w.space, w.tab = 0, false, false
}

func (w *walker) mark() {
	w.level = w.quotes
	for range min(w.quotes, maxQuoted) {
		w.out = append(w.out, "> "...)
	}
}
