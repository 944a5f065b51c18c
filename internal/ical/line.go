package ical

import (
	"strings"

	goical "github.com/emersion/go-ical"
)

// prop is one content line.
type prop struct {
	goical.Prop
	line int
}

// lineReader reads one content line (RFC 5545 section 3.1) in one pass. A quote
// opens and closes anywhere in a parameter value, as the many programs that put
// quotes inside quotes need it; if it never closes, the line is read once more
// with quotes as plain characters.
type lineReader struct {
	s      string
	at     int
	plain  bool // quotes are plain characters
	params goical.Params
	p      *problems
}

// readLine returns false for a line that is no property.
func readLine(raw rawLine, p *problems) (prop, bool) {
	end := strings.IndexAny(raw.text, ";:")
	if end < 0 {
		p.add("line-malformed")
		return prop{}, false
	}
	r := lineReader{s: raw.text, at: end, p: p}
	name := strings.ToUpper(strings.TrimSpace(raw.text[:end]))
	if !isName(name) {
		p.add("line-malformed")
		return prop{}, false
	}
	if dateProps[name] {
		r.at += r.bareZone(raw.text[end:])
	}
	value, ok := r.rest()
	if !ok && !r.plain {
		p.add("quotes")
		r.plain, r.at, r.params = true, end, nil
		value, ok = r.rest()
	}
	if !ok {
		p.add("line-malformed")
		return prop{}, false
	}
	return prop{goical.Prop{Name: name, Params: r.params, Value: value}, raw.no}, true
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 128
}

// dateProps are the properties whose value never holds a colon.
var dateProps = map[string]bool{
	goical.PropDateTimeStart: true, goical.PropDateTimeEnd: true, goical.PropRecurrenceID: true,
	goical.PropExceptionDates: true, goical.PropRecurrenceDates: true,
}

// bareZone takes an unquoted `;TZID=(UTC+01:00) Amsterdam, Berlin` whole: Outlook
// forgets the quotes that the colon and the commas need. It returns how much of
// rest it used.
func (r *lineReader) bareZone(rest string) int {
	const start = ";TZID=("
	if len(rest) < len(start) || !strings.EqualFold(rest[:len(start)], start) {
		return 0
	}
	end := strings.LastIndexByte(rest, ':')
	if semi := strings.IndexByte(rest[1:], ';'); semi >= 0 {
		end = min(end, semi+1)
	}
	if end < len(start) {
		return 0
	}
	r.add("TZID", []string{rest[len(start)-1 : end]})
	return end
}

// rest reads parameters and value from r.at on.
func (r *lineReader) rest() (string, bool) {
	for r.at < len(r.s) {
		switch r.s[r.at] {
		case ':':
			return r.s[r.at+1:], true
		case ';':
			r.at++
			if !r.param() {
				return "", false
			}
		default: // blanks before a colon
			r.at++
		}
	}
	return "", false
}

// param reads one parameter up to the semicolon or colon behind it.
func (r *lineReader) param() bool {
	start := r.at
	for r.at < len(r.s) && strings.IndexByte("=;:", r.s[r.at]) < 0 {
		r.at++
	}
	name := strings.ToUpper(strings.TrimSpace(r.s[start:r.at]))
	if r.at == len(r.s) || r.s[r.at] != '=' {
		return r.at < len(r.s) // a parameter without a value says nothing
	}
	r.at++
	var values []string
	var value strings.Builder
	quoted, size := false, 0
	done := func() {
		values = append(values, unescapeParam(strings.TrimSpace(value.String())))
		value.Reset()
	}
	for ; r.at < len(r.s); r.at++ {
		c := r.s[r.at]
		switch {
		case c == '"' && !r.plain:
			quoted = !quoted
		case quoted || strings.IndexByte(",;:", c) < 0:
			if size++; size <= MaxParam {
				value.WriteByte(c)
			}
		case c == ',':
			if size++; size <= MaxParam {
				done()
			}
		default:
			done()
			if size > MaxParam {
				r.p.add("parameter-too-long")
				return true
			}
			r.add(name, values)
			return true
		}
	}
	return false
}

func (r *lineReader) add(name string, values []string) {
	if r.params == nil {
		r.params = goical.Params{}
	}
	if len(r.params) >= MaxParams || !isName(name) {
		r.p.add("parameters-cut")
		return
	}
	r.params[name] = append(r.params[name], values...)
}

// unescapeParam undoes the circumflex escapes of RFC 6868 section 3.
func unescapeParam(s string) string {
	if !strings.Contains(s, "^") {
		return s
	}
	return circumflexes.Replace(s)
}

var circumflexes = strings.NewReplacer("^n", "\n", "^^", "^", "^'", `"`)
