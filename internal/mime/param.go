package mime

import (
	"strings"
)

// params are the parameters of one field that anything here asks for.
type params struct {
	value    string // before the first semicolon, lower case, e.g. "text/plain"
	charset  string
	boundary string
	name     string // "name" or "filename", decoded
	smime    string // smime-type, lower case
	method   string // of text/calendar (RFC 5545 section 8.1), upper case
	problem  string // "" or a code
}

// piece is a part of a parameter value (RFC 2231 section 3).
type piece struct {
	text    string
	encoded bool
}

// valueParts collects the value of one parameter, however it is written.
type valueParts struct {
	whole, extended string        // name= and name*=
	hasWhole        bool          // the first one counts
	pieces          map[int]piece // name*0=, name*1*=
}

// parseParams reads a structured MIME field (RFC 2045 section 5.1, RFC 2183
// section 2, RFC 2231): one pass, at most MaxParams parameters.
func parseParams(s string) params {
	var p params
	head, rest, more := strings.Cut(s, ";")
	p.value = strings.ToLower(strings.Trim(noComment(head), " \t\r\n\"'"))
	if !more {
		return p
	}
	var charset, boundary, name, smime, method valueParts
	for n := 0; rest != ""; n++ {
		if n == MaxParams {
			p.problem = "params"
			break
		}
		var key, value string
		key, value, rest = nextParam(rest)
		if len(value) > MaxParam {
			value, p.problem = cutRune(value, MaxParam), "params"
		}
		base, _, _ := strings.Cut(key, "*")
		switch strings.ToLower(base) {
		case "charset":
			charset.add(key, value)
		case "boundary":
			boundary.add(key, value)
		case "name", "filename":
			name.add(key, value)
		case "smime-type":
			smime.add(key, value)
		case "method":
			method.add(key, value)
		}
	}
	p.charset = noComment(charset.text(&p))
	p.boundary = boundary.text(&p)
	p.name = name.text(&p)
	p.smime = strings.ToLower(noComment(smime.text(&p)))
	p.method = strings.ToUpper(noComment(method.text(&p)))
	return p
}

// nextParam takes one "key=value" from the front of s, which begins behind a
// semicolon. A value with spaces and no quotes runs to the semicolon.
func nextParam(s string) (key, value, rest string) {
	s = strings.TrimLeft(s, " \t\r\n;")
	at := strings.IndexAny(s, "=;")
	if at < 0 || s[at] == ';' {
		if at < 0 {
			return "", "", ""
		}
		return "", "", s[at+1:]
	}
	key = strings.TrimSpace(s[:at])
	if i := strings.LastIndexAny(key, " \t)"); i >= 0 {
		key = key[i+1:] // a comment, or a missing semicolon
	}
	s = strings.TrimLeft(s[at+1:], " \t\r\n")
	if s == "" || s[0] != '"' {
		value, rest, _ = strings.Cut(s, ";")
		return key, strings.TrimRight(value, " \t\r\n"), rest
	}
	value, n := unquote(s)
	_, rest, _ = strings.Cut(s[n:], ";")
	return key, value, rest
}

// unquote reads the quoted string that s begins with; n is its length. A missing
// end quote is taken to stand at the end.
func unquote(s string) (text string, n int) {
	end := 1
	escaped := false
	for end < len(s) && s[end] != '"' {
		if s[end] == '\\' && end+1 < len(s) {
			escaped = true
			end++
		}
		end++
	}
	end = min(end, len(s))
	text = s[1:end]
	if escaped {
		text = unescape(text)
	}
	return text, min(end+1, len(s))
}

// unescape resolves quoted pairs. A backslash before a letter is kept: it comes
// from Windows paths far more often than from RFC 2045.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// noComment cuts a value before a comment that follows it.
func noComment(s string) string {
	if i := strings.IndexByte(s, '('); i >= 0 {
		if head := strings.TrimSpace(s[:i]); head != "" {
			return head
		}
		if j := strings.LastIndexByte(s, ')'); j > i {
			return strings.TrimSpace(s[j+1:])
		}
	}
	return s
}

func (v *valueParts) add(key, value string) {
	_, mark, starred := strings.Cut(key, "*")
	switch {
	case !starred:
		if !v.hasWhole {
			v.whole, v.hasWhole = value, true
		}
	case mark == "":
		if v.extended == "" {
			v.extended = value
		}
	default:
		encoded := strings.HasSuffix(mark, "*")
		n, ok := index(strings.TrimSuffix(mark, "*"))
		if !ok {
			return
		}
		if v.pieces == nil {
			v.pieces = map[int]piece{}
		}
		if _, dup := v.pieces[n]; !dup {
			v.pieces[n] = piece{value, encoded}
		}
	}
}

// index reads the number of a piece; it is below MaxParams.
func index(s string) (n int, ok bool) {
	if s == "" || len(s) > 3 {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n < MaxParams
}

// text joins and decodes. The extended forms win over the plain one, which
// senders add for programs that know no better (RFC 6266 section 4.3).
func (v *valueParts) text(p *params) string {
	var text, problem string
	switch {
	case v.extended != "":
		charset, raw := extended(v.extended)
		text, problem = toUTF8(percent(nil, raw), charset)
	case v.pieces != nil && v.joinable():
		text, problem = v.join()
	default:
		text, problem = decodeWords(v.whole)
	}
	if len(text) > MaxParam {
		text, problem = cutRune(text, MaxParam), "params"
	}
	if problem != "" {
		p.problem = problem
	}
	return flat(text)
}

func (v *valueParts) joinable() bool { _, ok := v.pieces[0]; return ok }

// join puts the pieces together up to the first gap (RFC 2231 section 3); only
// the first piece names the charset (section 4.1).
func (v *valueParts) join() (text, problem string) {
	var raw []byte
	charset, words := "", true
	for n := 0; ; n++ {
		p, ok := v.pieces[n]
		if !ok {
			break
		}
		s := p.text
		if p.encoded {
			words = false
			if n == 0 {
				charset, s = extended(s)
			}
			raw = percent(raw, s)
		} else {
			raw = append(raw, s...)
		}
	}
	if words {
		return decodeWords(string(raw))
	}
	return toUTF8(raw, charset)
}

// extended splits charset'language'text.
func extended(s string) (charset, text string) {
	charset, rest, ok := strings.Cut(s, "'")
	if !ok {
		return "", s
	}
	if _, text, ok = strings.Cut(rest, "'"); !ok {
		return "", s
	}
	return charset, text
}

// percent appends s with its %XX resolved.
func percent(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			h, ok1 := unhex(s[i+1])
			l, ok2 := unhex(s[i+2])
			if ok1 && ok2 {
				dst = append(dst, h<<4|l)
				i += 2
				continue
			}
		}
		dst = append(dst, s[i])
	}
	return dst
}
