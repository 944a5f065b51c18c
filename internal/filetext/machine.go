package filetext

import (
	"bytes"
	"strings"
)

// Machine tells a file that programs write for programs and that may be a bill, by
// its beginning: "ledes" (LEDES 1998B and 98BI), "ledesxml", "ubl" or "cii"; else "".
func Machine(head []byte) string {
	head = head[:min(len(head), maxLook)] // licences stand in front of some
	if len(head) == 0 || !mayBeMachine(head[0]) {
		return ""
	}
	s := strings.TrimLeft(strings.TrimPrefix(decode(head), "\ufeff"), " \t\r\n")
	if len(s) > 5 && strings.EqualFold(s[:5], "LEDES") {
		return "ledes"
	}
	switch name := root(s); {
	case name == "Invoice" || name == "CreditNote":
		return "ubl"
	case name == "CrossIndustryInvoice" || name == "CrossIndustryDocument":
		return "cii"
	case len(name) >= 8 && strings.EqualFold(name[:8], "ledesxml"):
		return "ledesxml"
	}
	return ""
}

// mayBeMachine reports whether a text that begins with c may be of such a kind: it
// begins with "<", "L", white space, a byte order mark, or half a wide character.
func mayBeMachine(c byte) bool { return bytes.IndexByte([]byte("<Ll \t\r\n\xef\xfe\xff\x00"), c) >= 0 }

// root is the local name of the first element of an XML text; "" if there is none.
func root(s string) string {
	for range 100 {
		end := ">"
		switch {
		case strings.HasPrefix(s, "<!--"):
			end = "-->"
		case strings.HasPrefix(s, "<?"):
			end = "?>"
		case strings.HasPrefix(s, "<!"): // a DOCTYPE: who reads it says that it is refused
		case strings.HasPrefix(s, "<"):
			name := s[1:]
			if i := strings.IndexAny(name, " \t\r\n/>"); i >= 0 {
				name = name[:i]
			}
			return name[strings.LastIndexByte(name, ':')+1:]
		default:
			return ""
		}
		_, rest, ok := strings.Cut(s, end)
		if !ok {
			return ""
		}
		s = strings.TrimLeft(rest, " \t\r\n")
	}
	return ""
}
