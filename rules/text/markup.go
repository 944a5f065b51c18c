package text

import (
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// markup walks over the tags and texts of an HTML document as a browser's
// tokenizer does (HTML section 13.2.5), in place. What is rare goes through the
// tokenizer of x/net/html, which is also the measure of all of it in the tests.
type markup struct {
	s    string
	at   int
	w    *walker
	name [32]byte
}

// run gives all tags and texts to the walker.
func (m *markup) run() {
	s := m.s
	for m.at < len(s) {
		from, till := m.at, m.at
		for {
			i := strings.IndexByte(s[till:], '<')
			if i < 0 {
				m.text(s[from:])
				return
			}
			till += i
			if till+1 == len(s) {
				m.text(s[from:])
				return
			}
			if c := s[till+1]; isLetter(c) || c == '/' || c == '!' || c == '?' {
				break
			}
			till++
		}
		m.text(s[from:till])
		m.at = till
		if !m.markup() {
			return
		}
	}
}

// markup takes what begins with "<". False says that the document ends in it.
func (m *markup) markup() bool {
	s := m.s[m.at:]
	switch c := s[1]; {
	case isLetter(c):
		return m.tag(1, false)
	case strings.HasPrefix(s, "<!--"):
		return m.comment(s[4:])
	case c == '/' && len(s) == 2:
		m.text(s)
		return false
	case c == '/' && isLetter(s[2]):
		return m.tag(2, true)
	}
	i := strings.IndexByte(s, '>')
	m.at += i + 1
	return i >= 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// comment passes over a comment whose content begins with s.
func (m *markup) comment(s string) bool {
	m.at += 4
	for _, empty := range []string{">", "->"} {
		if strings.HasPrefix(s, empty) {
			m.at += len(empty)
			return true
		}
	}
	for i := 0; ; {
		k := strings.Index(s[i:], "--")
		if k < 0 {
			return false
		}
		i += k
		switch rest := s[i+2:]; {
		case strings.HasPrefix(rest, ">"):
			m.at += i + 3
			return true
		case strings.HasPrefix(rest, "!>"):
			m.at += i + 4
			return true
		}
		i++
	}
}

// tag takes a tag whose name begins n octets on.
func (m *markup) tag(n int, end bool) bool {
	s, begin := m.s, m.at
	at := begin + n
	for at < len(s) && !endsName[s[at]] {
		at++
	}
	name := m.lower(s[begin+n : at])
	a, after := m.attributes(begin, at, !end)
	if after < 0 {
		return false
	}
	m.at = after
	h := hash(name)
	t := tagOf(h, name)
	if end {
		m.w.close(t, h)
		return true
	}
	m.w.open(t, h, a)
	switch t.tag {
	case atom.Iframe, atom.Script, atom.Style, atom.Textarea, atom.Title, atom.Xmp:
		m.raw(t.tag, t.name)
	case atom.Plaintext:
		m.content(m.s[m.at:], true)
		m.at = len(m.s)
	}
	return true
}

// lower is a name in small letters.
func (m *markup) lower(s string) []byte {
	s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	out := append(m.name[:0], s...)
	for i, c := range out {
		out[i] = lowerASCII(c)
	}
	return out
}

// raw takes the content of an element that has text only.
func (m *markup) raw(tag atom.Atom, name string) {
	s := m.s[m.at:]
	end := len(s)
	for i := 0; ; i += 2 {
		k := strings.Index(s[i:], "</")
		if k < 0 {
			break
		}
		i += k
		if after := i + 2 + len(name); after < len(s) && equalFold([]byte(s[i+2:after]), name) && endsName[s[after]] {
			end = i
			break
		}
	}
	if tag == atom.Script && strings.Contains(s[:end], "<!--") {
		z := html.NewTokenizer(io.MultiReader(strings.NewReader("<script>"), strings.NewReader(s)))
		z.Next()
		if end = 0; z.Next() == html.TextToken {
			end = len(z.Raw())
		}
	}
	if tag == atom.Style {
		m.w.styles(s[:end])
	}
	m.content(s[:end], tag != atom.Textarea && tag != atom.Title)
	m.at += end
}

// content gives the text of such an element to the walker.
func (m *markup) content(s string, raw bool) {
	if m.w.hidden > 0 || s == "" {
		return
	}
	s = strings.ReplaceAll(lines(s), "\x00", "\uFFFD")
	if raw {
		m.w.text(s)
		return
	}
	m.unescaped(s)
}

func (m *markup) text(s string) {
	if m.w.hidden > 0 || s == "" {
		return
	}
	if m.w.pre > 0 { // elsewhere a CR is a space like others
		s = lines(s)
	}
	m.unescaped(s)
}

// unescaped gives text with its character references resolved to the walker.
func (m *markup) unescaped(s string) {
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			m.w.text(s)
			return
		}
		m.w.text(s[:i])
		n := reference(s[i:])
		m.w.text(unescape(s[i : i+n]))
		s = s[i+n:]
	}
}

// lines brings all line ends to LF.
func lines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// endsName are the octets that end the name of a tag.
var endsName = [256]bool{' ': true, '\n': true, '\r': true, '\t': true, '\f': true, '/': true, '>': true}
