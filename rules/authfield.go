package rules

import "strings"

// authResult is one resinfo of RFC 8601 section 2.2: dkim=pass header.d=x.
type authResult struct {
	method, result string
	props          map[string]string // "header.d" -> value, keys in lower case
}

// parseAuthResults reads the value of one Authentication-Results field (RFC 8601
// section 2.2). ok is false if it is not one; id may be known all the same.
func parseAuthResults(s string) (id string, results []authResult, ok bool) {
	// Of a field that is too long only the id is read: cut inside a domain, it would
	// prove another one.
	cut := len(s) > maxAuthField
	p := authParser{s: s[:min(len(s), maxAuthField)]}
	p.blanks()
	id, ok = p.value()
	if !ok || id == "" {
		return "", nil, false
	}
	id = strings.ToLower(id)
	p.blanks()
	if version := p.token(); version != "" && version != "1" {
		return id, nil, false // RFC 8601 section 2.2: only version 1 is defined
	}
	for p.blanks(); p.take(';'); p.blanks() {
		p.blanks()
		if p.end() {
			break // a trailing semicolon, as some servers write
		}
		r, ok := p.resinfo()
		if !ok || len(results) >= maxAuthResults {
			return id, nil, false
		}
		if r.method != "none" {
			results = append(results, r)
		}
	}
	return id, results, p.end() && !p.broken && !cut
}

// authParser walks over one field.
type authParser struct {
	s      string
	i      int
	broken bool // a comment without an end, or with half of a quoted text
}

func (p *authParser) end() bool { return p.i >= len(p.s) }

func (p *authParser) take(c byte) bool {
	if p.end() || p.s[p.i] != c {
		return false
	}
	p.i++
	return true
}

// blanks passes over white space and comments, which may nest (RFC 5322 section
// 3.2.2). Servers tell there of the sender's address, which may hold a ")" in
// quotes: such a comment ends too early, with one quote in it, and what follows is
// the sender's.
func (p *authParser) blanks() {
	depth, quotes := 0, 0
	for ; !p.end(); p.i++ {
		switch c := p.s[p.i]; {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
			if depth == 0 && quotes%2 == 1 {
				p.broken = true
			}
		case depth > 0 && c == '"':
			quotes++
		case depth > 0 && c == '\\':
			p.i++
		case depth > 0, c == ' ', c == '\t', c == '\r', c == '\n':
		default:
			return
		}
	}
	p.i = len(p.s)
	p.broken = p.broken || depth > 0
}

// token is a run of characters that mean nothing here (RFC 2045 section 5.1).
func (p *authParser) token() string {
	from := p.i
	for !p.end() && p.s[p.i] > ' ' && !strings.ContainsRune(`()<>@,;:\"/[]?=`, rune(p.s[p.i])) {
		p.i++
	}
	return p.s[from:p.i]
}

// value is a token, a quoted string, or what stands for an address: servers write
// "smtp.mailfrom=jo@x.example" and "header.i=@x.example" without quotes.
func (p *authParser) value() (string, bool) {
	if !p.take('"') {
		from := p.i
		for !p.end() && p.s[p.i] > ' ' && !strings.ContainsRune(`();"`, rune(p.s[p.i])) {
			p.i++
		}
		return p.s[from:p.i], true
	}
	var b strings.Builder
	for ; !p.end(); p.i++ {
		switch c := p.s[p.i]; c {
		case '"':
			p.i++
			return b.String(), true
		case '\\':
			p.i++
			if p.end() {
				return "", false
			}
			b.WriteByte(p.s[p.i])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// resinfo is "none", or method[/version] "=" result and what follows it.
func (p *authParser) resinfo() (r authResult, ok bool) {
	r.method = strings.ToLower(p.token())
	p.blanks()
	if p.take('/') {
		p.blanks()
		if p.token() != "1" {
			r.method = "" // another version of a method is another method: read over it
		}
		p.blanks()
	}
	if !p.take('=') {
		return r, r.method == "none"
	}
	p.blanks()
	r.result = strings.ToLower(p.token())
	if r.result == "" {
		return r, false
	}
	r.props = map[string]string{}
	for p.blanks(); !p.end() && p.s[p.i] != ';'; p.blanks() {
		if !p.property(r.props) {
			return r, false
		}
	}
	return r, true
}

// property is reason=... or ptype.property=value. The first of a name counts: a
// second one is what a sender could have smuggled in.
func (p *authParser) property(into map[string]string) bool {
	name := strings.ToLower(p.token())
	p.blanks()
	if name == "" || !p.take('=') {
		return false
	}
	p.blanks()
	v, ok := p.value()
	if !ok {
		return false
	}
	if _, twice := into[name]; !twice {
		into[name] = v
	}
	return true
}
