package mime

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// names converts domains to A-labels as a lookup would, without refusing those
// that only a registrar would refuse.
var names = idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.VerifyDNSLength(false))

// mailbox reads what stands between angle brackets: an addr-spec (RFC 5322
// section 3.4.1), maybe behind a route (section 4.4). "" if it is none.
func mailbox(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "@") {
		if i := strings.IndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	if rest, ok := cutPrefixFold(s, "mailto:"); ok {
		s = rest
	}
	if plainSpec(s) {
		i := strings.IndexByte(s, '@')
		domain, ok := host(s[i+1:])
		switch {
		case !ok || i == 0 || !utf8.ValidString(s[:i]):
			return ""
		case domain == s[i+1:]:
			return s
		}
		return s[:i+1] + domain
	}
	r := addressReader{s: s}
	for r.at < len(s) {
		switch s[r.at] {
		case '<', '>', ',', ';', ':':
			return ""
		}
		r.step()
	}
	return mailboxOf(r.words)
}

// special are the octets that cannot stand in an atom (RFC 5322 section 3.2.3),
// except "@" and ".".
var special = func() (t [256]bool) {
	for c := range byte(' ' + 1) {
		t[c] = true
	}
	for _, c := range "()<>[]:;,\"\\\x7f" {
		t[c] = true
	}
	return t
}()

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// plainSpec reports whether s needs no tokens: one "@", nothing special.
func plainSpec(s string) bool {
	ats := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '@':
			ats++
		case special[c]:
			return false
		}
	}
	return ats == 1
}

// mailboxOf builds an addr-spec from its words.
func mailboxOf(words []word) string {
	var b strings.Builder
	at, quoted := -1, false
	for _, w := range words {
		if w.quoted {
			quoted = true
			b.WriteString(w.text)
			continue
		}
		if i := strings.LastIndexByte(w.text, '@'); i >= 0 {
			at = b.Len() + i
		}
		b.WriteString(w.text)
	}
	if at < 0 {
		return ""
	}
	s := b.String()
	return spec(s[:at], s[at+1:], quoted)
}

// spec joins a local part and a domain, or returns "" if that is no address.
func spec(local, domain string, quoted bool) string {
	if local == "" || !validLocal(local, quoted) {
		return ""
	}
	domain, ok := host(domain)
	if !ok {
		return ""
	}
	if quoted && strings.ContainsAny(local, " \t()<>[]:;@\\,\"") {
		local = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"`
	}
	return local + "@" + domain
}

func validLocal(s string, quoted bool) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == 0x7f {
			return false
		}
		if !quoted && (special[c] || c == '@') {
			return false
		}
	}
	return len(s) <= 320 && utf8.ValidString(s)
}

// host brings a domain to lower-case A-label form (RFC 5890 section 2.3.2.1).
func host(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 1000 || !utf8.ValidString(s) {
		return "", false
	}
	if !ascii(s) {
		a, err := names.ToASCII(s)
		if err != nil || !ascii(a) {
			return "", false
		}
		s = a
	}
	if s = strings.TrimRight(s, "."); s == "" {
		return "", false
	}
	literal := s[0] == '[' && s[len(s)-1] == ']'
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
		case literal && (c == '[' || c == ']' || c == ':'):
		default:
			return "", false
		}
	}
	return strings.ToLower(s), true
}
