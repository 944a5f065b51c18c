package ical

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"chancery/internal/model"
)

// rawLine is one unfolded content line and where it began.
type rawLine struct {
	no   int
	text string
}

func fault(code string, line int) *model.Fault {
	f := &model.Fault{Code: code}
	if line > 0 {
		f.Place = "line " + strconv.Itoa(line)
	}
	return f
}

// scan splits data into unfolded lines (RFC 5545 section 3.1). It accepts every
// line ending there is, skips blank lines and repairs the character set.
func scan(data []byte, p *problems) ([]rawLine, *model.Fault) {
	if len(data) > MaxSize {
		return nil, fault(faultSize, 0)
	}
	data = utf8Bytes(data, p)
	var lines []rawLine
	var buf []byte
	start, no := 0, 0
	flush := func() {
		if len(buf) > 0 {
			lines = append(lines, rawLine{start, cleanLine(buf, p)})
			buf = buf[:0]
		}
	}
	for len(data) > 0 {
		no++
		var line []byte
		line, data = cutLine(data)
		switch {
		case len(line) == 0:
			// RFC 5545 has no blank lines; some gateways double the line ends.
		case (line[0] == ' ' || line[0] == '\t') && len(buf) > 0:
			buf = append(buf, line[1:]...)
		default:
			flush()
			start = no
			buf = append(buf, line...)
		}
		if len(lines) > MaxLines {
			return nil, fault(faultLines, no)
		}
	}
	flush()
	return lines, nil
}

// cutLine cuts at CRLF, at a bare LF or at a bare CR, as old programs write.
func cutLine(data []byte) (line, rest []byte) {
	i := bytes.IndexAny(data, "\r\n")
	if i < 0 {
		return data, nil
	}
	line, rest = data[:i], data[i+1:]
	if data[i] == '\r' && len(rest) > 0 && rest[0] == '\n' {
		rest = rest[1:]
	}
	return line, rest
}

// utf8Bytes removes a byte order mark and turns UTF-16 into UTF-8.
func utf8Bytes(data []byte, p *problems) []byte {
	if rest, ok := bytes.CutPrefix(data, []byte("\xef\xbb\xbf")); ok {
		return rest
	}
	if len(data) < 4 {
		return data
	}
	var order binary.ByteOrder
	switch {
	case data[0] == 0xff && data[1] == 0xfe, data[0] != 0 && data[1] == 0 && data[3] == 0:
		order = binary.LittleEndian
	case data[0] == 0xfe && data[1] == 0xff, data[0] == 0 && data[1] != 0 && data[2] == 0:
		order = binary.BigEndian
	default:
		return data
	}
	p.add("charset")
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return bytes.TrimPrefix([]byte(string(utf16.Decode(units))), []byte("\xef\xbb\xbf"))
}

// cleanLine reads a line that is not UTF-8 as Windows-1252, which is what it
// nearly always is, and drops control characters. It works on the unfolded line:
// folding may cut a rune in two.
func cleanLine(b []byte, p *problems) string {
	s := string(b)
	if !utf8.ValidString(s) {
		p.add("charset")
		if d, err := charmap.Windows1252.NewDecoder().String(s); err == nil {
			s = d
		} else {
			s = strings.ToValidUTF8(s, "\uFFFD")
		}
	}
	if strings.IndexFunc(s, isControl) >= 0 {
		p.add("control-characters")
		s = strings.Map(func(r rune) rune {
			if isControl(r) {
				return -1
			}
			return r
		}, s)
	}
	return s
}

// isControl reports the characters RFC 5545 section 3.1 forbids in a value.
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
