package billing

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ledesRecords cuts a pipe file into its records, which end with "[]" and then a
// line break. It holds one buffer of the size of a record, whatever the file is. A
// record is valid until the next one is asked for.
type ledesRecords struct {
	r        io.Reader
	buf      []byte
	beg, end int
	over     bool // nothing is left to read
	err      error
	rest     []byte // of the line that the last record stood in
	restLine int
	ahead    []byte // a line that was read too early, with its number
	aheadAt  int
	lines    int    // line breaks so far
	midst    bool   // the next octet stands in the middle of a line
	held     []byte // a record put together from several lines

	line   int  // where the record begins
	bare   bool // it has no "[]"
	broken bool // it was put together from several lines
	inside bool // "[]" stands inside a field
	joined bool // it does not begin a line
	empty  int  // the line of an empty line before it; 0 for none
	long   int  // the line of a record that was left out; 0 for none
	crlf   int  // lines that end with CR LF, LF and CR
	lf     int
	cr     int
}

func newLedesRecords(r io.Reader, room int) *ledesRecords {
	return &ledesRecords{r: r, buf: make([]byte, room)}
}

// fill reads more; it reports false when the buffer is full or all is read.
func (s *ledesRecords) fill() bool {
	if s.beg > 0 && (s.end == len(s.buf) || s.beg == s.end) {
		s.end = copy(s.buf, s.buf[s.beg:s.end])
		s.beg = 0
	}
	for tries := 0; !s.over && s.end < len(s.buf); tries++ {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		switch {
		case errors.Is(err, io.EOF):
			s.over = true
		case err != nil:
			s.over, s.err = true, err
		case n == 0 && tries > 100:
			s.over, s.err = true, fmt.Errorf("read nothing again and again: %w", io.ErrNoProgress)
		}
		if n > 0 {
			return true
		}
	}
	return false
}

// physical returns the next line without its end, or as much of an endless one as
// holds whole records.
func (s *ledesRecords) physical() ([]byte, bool) {
	from := 0
	for {
		if i := bytes.IndexByte(s.buf[s.beg+from:s.end], '\n'); i >= 0 {
			line := s.buf[s.beg : s.beg+from+i]
			s.beg += from + i + 1
			s.lines++
			if n := len(line); n > 0 && line[n-1] == '\r' {
				s.crlf++
				return line[:n-1], true
			}
			s.lf++
			return line, true
		}
		from = s.end - s.beg
		if s.fill() {
			continue
		}
		window := s.buf[s.beg:s.end]
		if s.over && len(window) < len(s.buf) {
			s.beg = s.end
			return window, len(window) > 0
		}
		if i := bytes.LastIndex(window, []byte("[]")); i >= 0 {
			s.beg += i + 2
			s.midst = true
			return window[:i+2], true
		}
		s.skip()
		from = 0
	}
}

// skip leaves out what is longer than any record.
func (s *ledesRecords) skip() {
	if s.long == 0 {
		s.long = s.lines + 1
	}
	for {
		i := bytes.IndexByte(s.buf[s.beg:s.end], '\n')
		j := bytes.Index(s.buf[s.beg:s.end], []byte("[]"))
		switch {
		case j >= 0 && (i < 0 || j < i):
			s.beg += j + 2
			s.midst = true
			return
		case i >= 0:
			s.beg += i + 1
			s.lines++
			return
		}
		s.beg = s.end
		if !s.fill() {
			return
		}
	}
}

// next finds the next record; bars is how many "|" a whole one has, 0 if that is
// not known yet.
func (s *ledesRecords) next(bars int) ([]byte, bool) {
	s.bare, s.broken, s.inside, s.joined, s.empty = false, false, false, false, 0
	for {
		line, at, ok := s.take()
		if !ok {
			return nil, false
		}
		if len(line) == 0 {
			if !s.joined && s.empty == 0 {
				s.empty = at
			}
			s.joined = false
			continue
		}
		s.line = at
		i := bytes.Index(line, []byte("[]"))
		switch {
		case i < 0:
			return s.unended(line, bars), true
		case i == len(line)-2:
			return line[:i], true
		case bars > 0 && bytes.Count(line[:i], []byte("|")) != bars && bytes.HasSuffix(line, []byte("[]")) && bytes.Count(line, []byte("|")) == bars:
			s.inside = true
			return line[:len(line)-2], true
		}
		s.rest, s.restLine = line[i+2:], at
		return line[:i], true
	}
}

// take returns the rest of a line, or else the next line, without blanks around it.
func (s *ledesRecords) take() (line []byte, at int, ok bool) {
	switch {
	case s.rest != nil:
		line, at = s.rest, s.restLine
		s.rest = nil
		s.joined = true
		for len(line) > 0 && (line[0] == '\r' || line[0] == ' ' || line[0] == '\t') {
			if line[0] == '\r' { // lines of an old Mac end so
				s.cr++
				s.lines++
				at++
				s.joined = false
			}
			line = line[1:]
		}
	case s.ahead != nil:
		line, at, s.ahead = s.ahead, s.aheadAt, nil
	default:
		before := s.lines
		s.joined, s.midst = s.midst, false
		if line, ok = s.physical(); !ok {
			return nil, 0, false
		}
		at = before + 1
	}
	return trimBlanks(line), at, true
}

// trimBlanks takes blanks off both ends.
func trimBlanks(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\r') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	return b
}

// unended looks whether the lines below complete a record without "[]": a field
// with line breaks in it. Otherwise the line stands alone.
func (s *ledesRecords) unended(line []byte, bars int) []byte {
	s.bare = true
	have := bytes.Count(line, []byte("|"))
	if have == 0 || have >= bars {
		return line
	}
	s.held = append(s.held[:0], line...)
	for range 64 {
		next, at, ok := s.take()
		if !ok {
			break
		}
		have += bytes.Count(next, []byte("|"))
		i := bytes.Index(next, []byte("[]"))
		if have > bars || len(s.held)+len(next) > maxRecord || i >= 0 && (have < bars || i != len(next)-2) {
			s.ahead, s.aheadAt = next, at
			break
		}
		s.held = append(append(s.held, ' '), next...)
		if i >= 0 {
			s.bare, s.broken = false, true
			return s.held[:len(s.held)-2]
		}
	}
	return s.held
}
