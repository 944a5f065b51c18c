package billing

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"chancery/internal/model"
)

var magics = []struct{ magic, kind string }{
	{"\x89PNG\r\n\x1a\n", "png"}, {"\xff\xd8\xff", "jpeg"}, {"GIF87a", "gif"}, {"GIF89a", "gif"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"}, {"\x78\x9f\x3e\x22", "tnef"}, {"PK\x05\x06", "zip"},
	{"-----BEGIN PKCS7-----", "pkcs7"}, {"-----BEGIN CMS-----", "pkcs7"},
}

// signedData is the start of the object identifier of PKCS #7 content types
// (RFC 5652 section 4), which stands near the start of the DER.
const signedData = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"

// Kind tells what a file is by its content alone: "ledes", "ledesxml",
// "xml-invoice" (UBL or CII), "pdf", "ics", "zip", "ooxml", "ole", "png", "jpeg",
// "gif", "html", "eml", "tnef", "pkcs7", "csv", "text", "empty", or "unknown".
// Name and claimed type do not matter.
func Kind(a model.Attachment) string {
	h := a.Head
	if len(h) == 0 {
		if a.Cut || a.Size > 0 {
			return "unknown"
		}
		return "empty"
	}
	for _, m := range magics {
		if bytes.HasPrefix(h, []byte(m.magic)) {
			return m.kind
		}
	}
	switch {
	case bytes.Contains(h[:min(len(h), 1024)], []byte("%PDF-")):
		return "pdf"
	case bytes.HasPrefix(h, []byte("PK\x03\x04")):
		return zipKind(h)
	case h[0] == 0x30 && bytes.Contains(h[:min(len(h), 40)], []byte(signedData)):
		return "pkcs7"
	}
	return textKind(h, a.Cut)
}

// zipKind tells Office files from other archives: theirs begin with one of a
// few members (ECMA-376 part 2 section 6).
func zipKind(h []byte) string {
	h = h[:min(len(h), 8192)]
	for _, m := range []string{"[Content_Types].xml", "word/", "xl/", "ppt/", "_rels/.rels"} {
		if bytes.Contains(h, []byte(m)) {
			return "ooxml"
		}
	}
	return "zip"
}

func textKind(h []byte, cut bool) string {
	if _, ok := wideOrder(h); ok {
		return wideKind(h)
	}
	t := bytes.TrimLeft(bytes.TrimPrefix(h, []byte("\ufeff")), " \t\r\n")
	if len(t) == 0 {
		return "text"
	}
	if !readable(h, cut) {
		return "unknown"
	}
	if startsLedes(t) {
		return "ledes"
	}
	if foldPrefix(t, "BEGIN:VCALENDAR") {
		return "ics"
	}
	if t[0] == '<' {
		return markup(t)
	}
	switch {
	case message(t):
		return "eml"
	case table(t):
		return "csv"
	}
	return "text"
}

// readable reports whether the beginning is text: UTF-8, or an older character
// set without control characters.
func readable(h []byte, cut bool) bool {
	h = h[:min(len(h), 4096)]
	control, high := 0, 0
	for _, c := range h {
		if c == 0 {
			return false
		}
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\f' && c != 0x1b {
			control++
		}
		if c >= 0x80 {
			high++
		}
	}
	if control*50 > len(h) {
		return false
	}
	return high*3 < len(h) || utf8.Valid(h) || (cut || len(h) == 4096) && utf8.Valid(h[:max(0, len(h)-3)])
}

// markup tells HTML from the invoices in XML by the first element.
func markup(t []byte) string {
	for range 20 {
		switch {
		case foldPrefix(t, "<!doctype html"):
			return "html"
		case bytes.HasPrefix(t, []byte("<?")), bytes.HasPrefix(t, []byte("<!")):
			end := ">"
			if bytes.HasPrefix(t, []byte("<!--")) {
				end = "-->"
			}
			i := bytes.Index(t, []byte(end))
			if i < 0 {
				return "text"
			}
			t = bytes.TrimLeft(t[i+len(end):], " \t\r\n")
			continue
		}
		break
	}
	if len(t) < 2 || t[0] != '<' {
		return "text"
	}
	name := t[1:min(len(t), 80)]
	if i := bytes.IndexAny(name, " \t\r\n/>"); i >= 0 {
		name = name[:i]
	}
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	switch n := string(name); {
	case n == "Invoice" || n == "CreditNote" || n == "CrossIndustryInvoice" || n == "CrossIndustryDocument":
		return "xml-invoice"
	case n == envelope && (bytes.Contains(t, []byte("Invoice")) || bytes.Contains(t, []byte("CreditNote"))):
		return "xml-invoice"
	case foldPrefix(name, "ledesxml"):
		return "ledesxml"
	case htmlRoots[strings.ToLower(n)]:
		return "html"
	}
	return "text"
}

var htmlRoots = map[string]bool{
	"html": true, "head": true, "body": true, "div": true, "p": true, "table": true, "meta": true, "style": true, "span": true, "font": true,
	"br": true, "a": true, "b": true, "center": true,
}

// message reports whether the text begins like a mail: at least two fields of
// RFC 5322 section 3.6 in its first lines.
func message(t []byte) bool {
	found := 0
	for n := 0; n < 40 && len(t) > 0; n++ {
		line := t
		if i := bytes.IndexByte(t, '\n'); i >= 0 {
			line, t = t[:i], t[i+1:]
		} else {
			t = nil
		}
		line = bytes.TrimRight(line, "\r")
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			continue
		}
		i := bytes.IndexByte(line, ':')
		if i <= 0 || bytes.ContainsAny(line[:i], " \t") {
			return false
		}
		switch name := string(bytes.ToLower(line[:i])); name {
		case "received", "return-path", "message-id", "mime-version", "delivered-to", "from", "to", "subject", "date", "content-type":
			found++
		}
	}
	return found >= 2
}

// table reports whether the first lines have the same number of columns.
func table(t []byte) bool {
	for _, sep := range []byte{',', ';', '\t', '|'} {
		columns, lines, rest := 0, 0, t
		for lines < 4 {
			i := bytes.IndexByte(rest, '\n')
			if i < 0 {
				break
			}
			n := cells(rest[:i], sep)
			if rest = rest[i+1:]; n < 2 || lines > 0 && n != columns {
				lines = 0
				break
			}
			columns = n
			lines++
		}
		if lines >= 2 {
			return true
		}
	}
	return false
}

// cells counts the fields of a CSV record (RFC 4180 section 2).
func cells(line []byte, sep byte) int {
	n, quoted := 1, false
	for _, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case c == sep && !quoted:
			n++
		}
	}
	return n
}

// foldPrefix compares ASCII without case.
func foldPrefix(b []byte, s string) bool {
	return len(b) >= len(s) && bytes.EqualFold(b[:len(s)], []byte(s))
}
