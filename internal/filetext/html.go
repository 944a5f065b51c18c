package filetext

import (
	"bytes"
	"html"
	"strings"
)

// isHTML reports whether a text is HTML by its first element.
func isHTML(t []byte) bool {
	for range 20 {
		switch {
		case prefixFold(t, "<!doctype html"):
			return true
		case bytes.HasPrefix(t, []byte("<!--")):
			_, rest, ok := bytes.Cut(t, []byte("-->"))
			if !ok {
				return false
			}
			t = bytes.TrimLeft(rest, " \t\r\n")
			continue
		case bytes.HasPrefix(t, []byte("<?")), bytes.HasPrefix(t, []byte("<!")):
			_, rest, ok := bytes.Cut(t, []byte(">"))
			if !ok {
				return false
			}
			t = bytes.TrimLeft(rest, " \t\r\n")
			continue
		}
		break
	}
	if len(t) < 2 || t[0] != '<' {
		return false
	}
	name := t[1:min(len(t), 20)]
	if i := bytes.IndexAny(name, " \t\r\n/>"); i >= 0 {
		name = name[:i]
	}
	return htmlRoots[strings.ToLower(string(name))]
}

var htmlRoots = map[string]bool{
	"html": true, "head": true, "body": true, "div": true, "p": true, "table": true, "meta": true, "style": true,
	"span": true, "font": true, "br": true, "a": true, "b": true, "center": true, "h1": true, "h2": true, "title": true,
}

// htmlBreaks are elements that begin and end a line.
var htmlBreaks = map[string]bool{
	"p": true, "div": true, "br": true, "tr": true, "li": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true,
	"table": true, "ul": true, "ol": true, "blockquote": true, "hr": true, "title": true, "pre": true, "dt": true, "dd": true,
	"section": true, "article": true, "header": true, "footer": true, "form": true, "center": true, "caption": true,
}

// htmlUnseen are elements whose content nobody reads.
var htmlUnseen = map[string]bool{"script": true, "style": true, "noscript": true, "template": true, "svg": true}

// readHTML reads the text between the tags. It builds no tree: depth costs
// nothing.
func readHTML(p *page, s string) {
	remarks := true // an end of a comment may still come
	for s != "" && !p.full {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			i = len(s)
		}
		flow(p, html.UnescapeString(s[:i]))
		s = s[i:]
		switch {
		case s == "":
		case remarks && strings.HasPrefix(s, "<!--"):
			var rest string
			if _, rest, remarks = strings.Cut(s, "-->"); remarks {
				s = rest
			}
		case len(s) > 1 && (s[1] == '!' || s[1] == '?'):
			_, s, _ = strings.Cut(s, ">")
		case len(s) > 1 && (s[1] == '/' || letter(s[1])):
			s = htmlTag(p, s)
		default:
			p.put("<")
			s = s[1:]
		}
	}
}

// htmlTag passes over a tag, and over the content of what nobody reads.
func htmlTag(p *page, s string) string {
	name := strings.TrimPrefix(s[1:min(len(s), 32)], "/")
	end := strings.IndexFunc(name, func(c rune) bool { return c > 0x7f || !letter(byte(c)) && (c < '0' || c > '9') })
	if end >= 0 {
		name = name[:end]
	}
	name = strings.ToLower(name)
	opens := s[1] != '/'
	s = pastTag(s)
	switch {
	case opens && htmlUnseen[name]:
		for s != "" {
			i := strings.Index(s, "</")
			if i < 0 {
				return ""
			}
			s = s[i:]
			if len(s) >= 2+len(name) && strings.EqualFold(s[2:2+len(name)], name) {
				return pastTag(s)
			}
			s = s[2:]
		}
	case htmlBreaks[name]:
		p.line()
	case name == "td" || name == "th":
		if !opens {
			p.put("\t")
		}
	}
	return s
}

// pastTag returns what stands behind a tag; quotes may hide its end.
func pastTag(s string) string {
	quote := byte(0)
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && s[i-1] == '=':
			quote = c
		case c == '>':
			return s[i+1:]
		}
	}
	if i := strings.IndexByte(s, '>'); quote != 0 && i >= 0 {
		return s[i+1:] // a quote that never ends
	}
	return ""
}

// flow puts text whose white space is one blank.
func flow(p *page, s string) {
	gap := false
	for len(s) > 0 && !p.full {
		i := strings.IndexAny(s, " \t\r\n\f")
		if i == 0 {
			s, gap = s[1:], true
			continue
		}
		if i < 0 {
			i = len(s)
		}
		if gap && len(p.b) > 0 && p.b[len(p.b)-1] != '\n' {
			p.put(" ")
		}
		p.put(s[:i])
		s, gap = s[i:], false
	}
	if gap && len(p.b) > 0 && p.b[len(p.b)-1] != '\n' && p.b[len(p.b)-1] != ' ' {
		p.put(" ")
	}
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
