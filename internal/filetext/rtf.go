package filetext

import (
	"bytes"
	"strconv"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// rtfUnread are destinations of which nobody reads anything (RTF 1.9.1).
var rtfUnread = set("fonttbl", "colortbl", "stylesheet", "info", "pict", "objdata", "objclass", "objname", "themedata", "datastore",
	"colorschememapping", "latentstyles", "listtable", "listoverridetable", "rsidtbl", "generator", "xmlnstbl", "fldinst",
	"nonshppict", "sn", "sv", "filetbl", "revtbl", "mmathPr", "bkmkstart", "bkmkend", "pgdsctbl", "userprops", "atnid", "atnauthor")

// rtfSaid are destinations marked as ignorable that people read all the same.
var rtfSaid = set("annotation", "shpinst", "shptxt", "footnote", "shppict")

// rtfWords are control words that stand for characters.
var rtfWords = map[string]string{
	"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "column": "\n", "tab": "\t", "cell": "\t", "nestcell": "\t", "nestrow": "\n",
	"emdash": "\u2014", "endash": "\u2013", "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c", "rdblquote": "\u201d",
	"bullet": "\u2022", "emspace": " ", "enspace": " ", "qmspace": " ",
}

var rtfPages = map[int]encoding.Encoding{
	437: charmap.CodePage437, 850: charmap.CodePage850, 852: charmap.CodePage852, 866: charmap.CodePage866, 874: charmap.Windows874,
	932: japanese.ShiftJIS, 936: simplifiedchinese.GBK, 949: korean.EUCKR, 950: traditionalchinese.Big5,
	1250: charmap.Windows1250, 1251: charmap.Windows1251, 1252: charmap.Windows1252, 1253: charmap.Windows1253, 1254: charmap.Windows1254,
	1255: charmap.Windows1255, 1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258, 10000: charmap.Macintosh,
}

// rtfGroup is what a group inherits and may change.
type rtfGroup struct {
	unread bool
	skip   int // characters that stand behind \u for programs without Unicode
}

type rtf struct {
	p      *page
	b      []byte
	groups []rtfGroup
	page   encoding.Encoding
	raw    []byte // octets of the code page that wait for their decoding
	high   rune   // the first half of a surrogate pair
	passed int    // characters behind \u that are still to be passed over
	star   bool   // \* stands before the next control word
}

// readRTF reads RTF in one pass, with nothing but a stack of groups.
func readRTF(p *page, b []byte) string {
	r := &rtf{p: p, b: b, page: charmap.Windows1252}
	for len(r.b) > 0 && !p.full {
		c := r.b[0]
		switch c {
		case '{':
			if len(r.groups) == maxDepth {
				r.flush()
				return "limit"
			}
			r.flush()
			g := rtfGroup{skip: 1}
			if n := len(r.groups); n > 0 {
				g = r.groups[n-1]
			}
			r.groups, r.b, r.passed = append(r.groups, g), r.b[1:], 0
		case '}':
			r.flush()
			if len(r.groups) <= 1 {
				return "" // what stands behind the document is not of it
			}
			r.groups, r.b, r.passed = r.groups[:len(r.groups)-1], r.b[1:], 0
		case '\\':
			r.control()
		case '\r', '\n', 0:
			r.b = r.b[1:]
		default:
			r.plain()
		}
	}
	r.flush()
	if !p.full {
		return "broken"
	}
	return ""
}

func (r *rtf) group() *rtfGroup {
	if len(r.groups) == 0 {
		r.groups = append(r.groups, rtfGroup{skip: 1})
	}
	return &r.groups[len(r.groups)-1]
}

// plain takes characters up to the next that means something.
func (r *rtf) plain() {
	n := bytes.IndexAny(r.b, "{}\\\r\n\x00")
	if n < 0 {
		n = len(r.b)
	}
	text := r.b[:n]
	r.b = r.b[n:]
	skip := min(r.passed, len(text))
	r.passed -= skip
	if text = text[skip:min(len(text), skip+2*MaxText)]; len(text) > 0 && !r.group().unread {
		r.raw = append(r.raw, text...)
		if len(r.raw) > 4<<10 {
			r.flush()
		}
	}
	r.star = false
}

// flush puts what waits, decoded.
func (r *rtf) flush() {
	if len(r.raw) > 0 {
		if s, err := r.page.NewDecoder().Bytes(r.raw); err == nil {
			r.p.put(string(s))
		}
		r.raw = r.raw[:0]
	}
}

// control takes a control word or symbol.
func (r *rtf) control() {
	r.b = r.b[1:]
	if len(r.b) == 0 {
		return
	}
	c := r.b[0]
	if letter(c) {
		r.word()
		return
	}
	r.b = r.b[1:]
	switch c {
	case '*':
		r.star = true
	case '\'':
		r.hex()
	case '~':
		r.say(" ")
	case '_':
		r.say("-")
	case '\\', '{', '}':
		r.say(string(rune(c)))
	case '\r', '\n':
		r.say("\n")
	}
}

// hex takes \'hh, an octet of the code page.
func (r *rtf) hex() {
	if len(r.b) < 2 {
		r.b = nil
		return
	}
	n, err := strconv.ParseUint(string(r.b[:2]), 16, 8)
	r.b = r.b[2:]
	switch {
	case r.passed > 0:
		r.passed--
	case err == nil && !r.group().unread:
		r.raw = append(r.raw, byte(n))
	}
}

// word takes a control word with its number.
func (r *rtf) word() {
	n := 0
	for n < len(r.b) && n < 32 && letter(r.b[n]) {
		n++
	}
	name := string(r.b[:n])
	r.b = r.b[n:]
	d := 0
	if d < len(r.b) && r.b[d] == '-' {
		d++
	}
	for d < len(r.b) && d < 11 && r.b[d] >= '0' && r.b[d] <= '9' {
		d++
	}
	number, err := strconv.Atoi(string(r.b[:d]))
	given := err == nil
	r.b = r.b[d:]
	if len(r.b) > 0 && r.b[0] == ' ' {
		r.b = r.b[1:]
	}
	star := r.star
	r.star = false
	r.act(name, number, given, star)
}

func (r *rtf) act(name string, number int, given, star bool) {
	g := r.group()
	switch {
	case name == "bin":
		r.b = r.b[min(max(number, 0), len(r.b)):]
	case rtfUnread[name], star && !rtfSaid[name]:
		r.flush()
		g.unread = true
	case name == "uc" && given:
		g.skip = min(max(number, 0), 16)
	case name == "u" && given:
		r.unicode(rune(uint16(number)))
		r.passed = g.skip
	case name == "ansicpg" && given:
		r.flush()
		if page := rtfPages[number]; page != nil {
			r.page = page
		}
	case name == "mac":
		r.page = charmap.Macintosh
	default:
		if s := rtfWords[name]; s != "" {
			r.say(s)
		}
	}
}

// unicode takes one unit of UTF-16.
func (r *rtf) unicode(c rune) {
	if utf16.IsSurrogate(c) {
		if r.high == 0 {
			r.high = c
			return
		}
		c = utf16.DecodeRune(r.high, c)
	}
	r.high = 0
	r.say(string(c))
}

func (r *rtf) say(s string) {
	if r.passed > 0 {
		r.passed--
		return
	}
	if !r.group().unread {
		r.flush()
		r.p.put(s)
	}
}
