package filetext

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// grammar says what a person reads of one kind of XML. Names are without their
// prefix.
type grammar struct {
	text  map[string]bool   // elements whose characters are read
	deep  bool              // and those of elements inside them
	start map[string]string // what stands for an element, by "parent/name" or "name"
	end   map[string]bool   // elements that end a line
	skip  map[string]bool   // elements of which nothing is read
	attr  map[string]string // attribute that is read of an element

	open func(name string, tag []byte) // told of each element that is not passed over
	shut func(name string)             // and of its end, with its text in the page
}

// scanner reads XML as a stream. It builds nothing: no tree, no attributes but
// the few that are read, no entities but the five of XML itself. A DOCTYPE, which
// no Office format has, is refused.
type scanner struct {
	in   io.Reader
	buf  []byte
	at   int
	err  error
	path []string
	page *page
	g    *grammar
	skip int // depth at which an element is passed over; 0: none
	read int // depth at which text is read; 0: none
}

// maxElementName bounds the name of an element: the long ones mean nothing here.
const maxElementName = 64

// readXML puts what the grammar says into the page. The error is errBroken or
// errLimit; what was read before it stays.
func readXML(p *page, in io.Reader, g *grammar) error {
	s := &scanner{in: in, buf: make([]byte, 0, 32<<10), page: p, g: g}
	for !p.full {
		if !s.characters() {
			break
		}
		if !s.markup() {
			break
		}
	}
	switch {
	case p.full, s.err == io.EOF && len(s.path) == 0:
		return nil
	case s.err == io.EOF || s.err == nil:
		return errBroken
	}
	return s.err
}

// fill reads on; it reports whether at least n octets are there.
func (s *scanner) fill(n int) bool {
	for len(s.buf)-s.at < n {
		if s.err != nil {
			return false
		}
		if s.at > 0 {
			s.buf = s.buf[:copy(s.buf, s.buf[s.at:])]
			s.at = 0
		}
		got, err := s.in.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+got]
		s.err = err
	}
	return true
}

// characters reads up to the next "<"; false at the end.
func (s *scanner) characters() bool {
	for {
		if !s.fill(1) {
			return false
		}
		rest := s.buf[s.at:min(len(s.buf), s.at+maxRun)]
		i := bytes.IndexByte(rest, '<')
		if s.reading() {
			i = s.say(rest, i)
		}
		if i >= 0 {
			if s.at += i; s.at < len(s.buf) && s.buf[s.at] == '<' {
				return true
			}
			continue
		}
		s.at += len(rest)
	}
}

// maxRun is how far characters looks at a time: a reference ends the look.
const maxRun = 1 << 10

func (s *scanner) reading() bool { return s.read > 0 && s.skip == 0 }

// say puts characters up to the end, given or -1, or up to and with a reference.
// It may move on, and returns how many octets are done from there; -1 for all.
func (s *scanner) say(b []byte, end int) int {
	if end >= 0 {
		b = b[:end]
	}
	amp := bytes.IndexByte(b, '&')
	if amp < 0 {
		s.page.put(string(b))
		return end
	}
	s.page.put(string(b[:amp]))
	s.at += amp
	s.fill(12)
	ref := s.buf[s.at:min(len(s.buf), s.at+12)]
	semi := bytes.IndexByte(ref, ';')
	if semi < 0 {
		s.page.put("&")
		return 1
	}
	s.page.put(reference(string(ref[1:semi])))
	return semi + 1
}

var entities = map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`, "apos": "'"}

// reference resolves a reference to a character. Others are left out: to define
// one takes a DOCTYPE.
func reference(name string) string {
	if v, ok := entities[name]; ok {
		return v
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return ""
	}
	base := 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || n == 0 {
		return ""
	}
	return string(rune(n))
}

// markup reads what begins with "<"; false if the reading ends there.
func (s *scanner) markup() bool {
	s.fill(9)
	rest := s.buf[s.at:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		return s.past("-->", false)
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		s.at += len("<![CDATA[")
		return s.past("]]>", s.reading())
	case bytes.HasPrefix(rest, []byte("<?")):
		return s.past("?>", false)
	case bytes.HasPrefix(rest, []byte("<!")):
		s.err = errBroken
		return false
	}
	return s.tag()
}

// past moves behind an end; told puts what stands before it.
func (s *scanner) past(end string, told bool) bool {
	for {
		rest := s.buf[s.at:]
		i := bytes.Index(rest, []byte(end))
		n := i
		if i < 0 {
			n = max(0, len(rest)-len(end)+1)
		}
		if told {
			s.page.put(string(rest[:n]))
		}
		s.at += n
		if i >= 0 {
			s.at += len(end)
			return true
		}
		if !s.fill(len(s.buf) - s.at + 1) {
			return false
		}
	}
}

// tag reads a tag up to its end. Of a long one only the beginning is looked at.
func (s *scanner) tag() bool {
	s.at++
	var begin []byte
	quote := byte(0)
	for {
		if !s.fill(1) {
			return false
		}
		rest := s.buf[s.at:]
		n := 0
		for n < len(rest) {
			c := rest[n]
			if quote != 0 {
				i := bytes.IndexByte(rest[n:], quote)
				if i < 0 {
					n = len(rest)
					break
				}
				n, quote = n+i+1, 0
				continue
			}
			if c == '>' {
				break
			}
			if c == '"' || c == '\'' {
				quote = c
			}
			n++
		}
		ended := n < len(rest)
		if begin == nil && ended {
			s.at += n + 1
			return s.element(rest[:n], n > 0 && rest[n-1] == '/')
		}
		if len(begin) < maxTag {
			begin = append(begin, rest[:min(n, maxTag-len(begin))]...)
		}
		if !ended {
			s.at += n
			continue
		}
		s.at += n + 1
		return s.element(begin, n > 0 && rest[n-1] == '/' || n == 0 && bytes.HasSuffix(begin, []byte("/")))
	}
}

// element acts on a tag, which stands without its brackets.
func (s *scanner) element(tag []byte, empty bool) bool {
	closes := len(tag) > 0 && tag[0] == '/'
	name := bytes.TrimPrefix(tag, []byte("/"))
	if i := bytes.IndexAny(name[:min(len(name), 4*maxElementName)], " \t\r\n/"); i >= 0 {
		name = name[:i]
	}
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	name = name[:min(len(name), maxElementName)]
	if closes {
		return s.close(string(name))
	}
	if len(s.path) >= maxDepth {
		s.err = errLimit
		return false
	}
	s.open(string(name), tag)
	if empty {
		return s.close(string(name))
	}
	return true
}

func (s *scanner) open(name string, tag []byte) {
	if s.skip == 0 {
		parent := ""
		if n := len(s.path); n > 0 {
			parent = s.path[n-1]
		}
		if put, ok := s.g.start[parent+"/"+name]; ok {
			s.page.put(put)
		} else if put, ok := s.g.start[name]; ok {
			s.page.put(put)
		}
		if want := s.g.attr[name]; want != "" {
			s.page.put(attribute(tag, want))
			s.page.line()
		}
		if s.g.open != nil && !s.g.skip[name] {
			s.g.open(name, tag)
		}
	}
	s.path = append(s.path, name)
	depth := len(s.path)
	switch {
	case s.skip > 0:
	case s.g.skip[name]:
		s.skip = depth
	case s.read == 0 && s.g.text[name]:
		s.read = depth
	case s.read > 0 && !s.g.deep && !s.g.text[name]:
		s.read = -s.read // characters of an element inside are not read
	}
}

func (s *scanner) close(name string) bool {
	depth := len(s.path)
	if depth == 0 || s.path[depth-1] != name {
		s.err = errBroken
		return false
	}
	s.path = s.path[:depth-1]
	if s.skip == depth {
		s.skip = 0
		return true
	}
	if s.skip > 0 {
		return true
	}
	if s.read == depth || s.read == -depth {
		s.read = 0
	} else if s.read < 0 && depth == -s.read+1 {
		s.read = -s.read
	}
	if s.g.end[name] {
		s.page.line()
	}
	if s.g.shut != nil {
		s.g.shut(name)
	}
	return true
}

// attribute finds the value of an attribute in a tag.
func attribute(tag []byte, name string) string {
	for from := 0; ; {
		i := bytes.Index(tag[from:], []byte(name+"="))
		if i < 0 {
			return ""
		}
		at := from + i
		from = at + len(name) + 1
		if at == 0 || from == len(tag) || !bytes.ContainsRune([]byte(" \t\r\n:"), rune(tag[at-1])) || tag[from] != '"' && tag[from] != '\'' {
			continue
		}
		v := tag[from+1:]
		if i := bytes.IndexByte(v, tag[from]); i >= 0 {
			v = v[:i]
		}
		return plainReferences(string(v))
	}
}

func plainReferences(s string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "&")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, after, ok := strings.Cut(rest, ";")
		if !ok || len(name) > 10 {
			out.WriteString("&")
			s = rest
			continue
		}
		out.WriteString(reference(name))
		s = after
	}
}
