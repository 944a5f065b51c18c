package billing

import "strings"

// envelope is the root of a Standard Business Document Header (UN/CEFACT SBDH 1.3
// section 4): networks put an invoice into one to say where it goes.
const envelope = "StandardBusinessDocument"

// unwrap leaves the header of an envelope, if there is one, and sets the reader upon what
// is in it, with the namespaces of the envelope in scope. What the header says of the
// sender is not looked at.
func (x *xmlReader) unwrap() {
	at := 0
	for {
		at += len(x.s[at:]) - len(strings.TrimLeft(x.s[at:], " \t\r\n"))
		end := ""
		switch rest := x.s[at:]; {
		case strings.HasPrefix(rest, "<?"):
			end = "?>"
		case strings.HasPrefix(rest, "<!--"):
			end = "-->"
		}
		if end == "" {
			break
		}
		i := strings.Index(x.s[at:], end)
		if i < 0 {
			return
		}
		at += i + len(end)
	}
	if at == len(x.s) || x.s[at] != '<' {
		return
	}
	x.at = at + 1
	name := x.name()
	if _, local, ok := strings.Cut(name, ":"); name != envelope && (!ok || local != envelope) {
		x.at = 0
		return
	}
	header := strings.TrimSuffix(name, envelope) + envelope + "Header"
	stop := strings.LastIndex(x.s, "</"+name)
	if !x.attributes() || x.code != "" {
		return
	}
	open := x.at
	from := strings.Index(x.s[open:], "</"+header)
	if from < 0 || stop < open+from {
		x.fail("xml-broken")
		return
	}
	from += open
	close := strings.IndexByte(x.s[from:stop], '>')
	if close < 0 {
		x.fail("xml-broken")
		return
	}
	x.at, x.s = from+close+1, x.s[:stop]
}
