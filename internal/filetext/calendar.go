package filetext

import "strings"

// told are the properties of a calendar file that people read (RFC 5545 section
// 3.8.1).
var told = map[string]bool{
	"SUMMARY": true, "DESCRIPTION": true, "LOCATION": true, "COMMENT": true, "CONTACT": true, "CATEGORIES": true, "RESOURCES": true,
	"X-WR-CALNAME": true,
}

// readCalendar reads the words of a calendar file, one property a line.
func readCalendar(p *page, s string) {
	var value strings.Builder
	reading := false
	end := func() {
		if reading {
			p.put(unescaped(value.String()))
			p.line()
		}
		value.Reset()
		reading = false
	}
	for s != "" && !p.full {
		line, rest, _ := strings.Cut(s, "\n")
		s = rest
		line = strings.TrimSuffix(line, "\r")
		// RFC 5545 section 3.1: a line that begins with white space continues the one before.
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			if reading && value.Len() < MaxText {
				value.WriteString(line[1:])
			}
			continue
		}
		end()
		i := strings.IndexAny(line, ":;")
		if i < 0 {
			continue
		}
		name := strings.ToUpper(line[:i])
		if line[i] == ';' {
			i = valueAt(line, i)
		}
		switch {
		case i < 0:
		case told[name]:
			reading = true
			value.WriteString(line[i+1:])
		case name == "ORGANIZER" || name == "ATTENDEE":
			if cn := commonName(line[:i]); cn != "" {
				p.put(cn)
				p.line()
			}
		}
	}
	end()
}

// valueAt finds the colon before the value; a quoted parameter may hold others.
func valueAt(line string, from int) int {
	quoted := false
	for i := from; i < len(line); i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ':' && !quoted:
			return i
		}
	}
	return -1
}

// commonName is the parameter CN (RFC 5545 section 3.2.2).
func commonName(params string) string {
	i := strings.Index(strings.ToUpper(params), ";CN=")
	if i < 0 {
		return ""
	}
	v := params[min(i+len(";CN="), len(params)):]
	if strings.HasPrefix(v, `"`) {
		v, _, _ = strings.Cut(v[1:], `"`)
		return v
	}
	v, _, _ = strings.Cut(v, ";")
	return v
}

var icsText = strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`)

// unescaped undoes what RFC 5545 section 3.3.11 does to texts.
func unescaped(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return icsText.Replace(s)
}
