package rules

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"chancery/internal/model"
)

// Bounds of what one message may say about its authentication.
const (
	maxAuthField   = 16 << 10 // octets of one field that are read
	maxAuthResults = 64       // results of one field
)

// authentication is what our own mail server found out about a message. All
// other claims of that kind are the sender's, whatever their name.
type authentication struct {
	known bool     // a field of our own server was found and could be read
	spf   string   // "pass", "fail", "softfail", ...; "" if not said
	dmarc string   // the same
	dkim  []string // domains whose signature passed, lower case
	from  string   // header.from that DMARC was worked out for; "" if not said
}

// authenticated reads the topmost Authentication-Results of one of our own
// servers. RFC 8601 section 5: fields further down, or with another authserv-id,
// may be the sender's own.
func authenticated(m *model.Mail, ours []string) authentication {
	if len(ours) == 0 {
		return authentication{}
	}
	for _, field := range m.Header["Authentication-Results"] {
		id, results, ok := parseAuthResults(field)
		if !slices.Contains(ours, id) {
			continue
		}
		if !ok {
			return authentication{} // ours, and unreadable: nothing is proved
		}
		a := authentication{known: true}
		for _, r := range results {
			a.take(r)
		}
		return a
	}
	return authentication{}
}

// take adds one result. The first of a method counts, but for DKIM, of which
// there is one for each signature (RFC 8601 section 2.7.1).
func (a *authentication) take(r authResult) {
	switch r.method {
	case "spf":
		if a.spf == "" {
			a.spf = r.result
		}
	case "dmarc":
		if a.dmarc == "" {
			a.dmarc, a.from = r.result, strings.ToLower(r.props["header.from"])
		}
	case "dkim":
		d := strings.ToLower(r.props["header.d"])
		if d == "" {
			// header.i is an address or "@" and a domain (RFC 8601 section 2.7.1).
			d = domain(strings.ToLower(r.props["header.i"]))
		}
		if r.result == "pass" && d != "" && !slices.Contains(a.dkim, d) {
			a.dkim = append(a.dkim, d)
		}
	}
}

// proves reports whether the domain of an author is proved: DMARC passed, or a
// signature of the domain or of the one it is registered under did, which is
// relaxed alignment (RFC 7489 section 3.1.1).
func (a *authentication) proves(from string) bool {
	d := domain(strings.ToLower(from))
	if !a.known || d == "" || d == from {
		return false
	}
	// DMARC was worked out for header.from; if that is not the author we read,
	// there are two From and nothing is proved.
	if a.dmarc == "pass" && (a.from == "" || domain(a.from) == d) {
		return true
	}
	if a.dmarc == "fail" {
		return false
	}
	return slices.ContainsFunc(a.dkim, func(signed string) bool { return aligned(signed, d) })
}

// aligned is relaxed alignment (RFC 7489 section 3.1.1), but narrower: one is the
// other or below it, under one registered name. Two customers of one provider,
// below a suffix that we do not know for one, never prove each other.
func aligned(a, b string) bool {
	if a == b {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	name, suffix, _ := registered(a)
	other, below, _ := registered(b)
	return name != "" && name == other && suffix == below && strings.HasSuffix(b, "."+a)
}

// authentication is worked out when it is first asked for.
func (f *facts) authentication() *authentication {
	if f.auth == nil {
		a := authenticated(&f.mail, f.set.authserv)
		f.auth = &a
	}
	return f.auth
}

// proved reports whether the domain of the author is proved. A message with
// several authors, or several fields of authors, proves none of them (RFC 7489
// section 6.6.1): another program may show another one.
func (f *facts) proved() bool {
	return len(f.mail.From) == 1 && !slices.Contains(f.mail.Problems, "duplicate-from") && f.authentication().proves(f.from)
}

// authKind is msg.auth.
var authKind = newKind("authentication", map[string]field{
	"known": {cel.BoolType, func(v any) any { return types.Bool(v.(*facts).authentication().known) }},
	"spf":   {cel.StringType, func(v any) any { return types.String(v.(*facts).authentication().spf) }},
	"dmarc": {cel.StringType, func(v any) any { return types.String(v.(*facts).authentication().dmarc) }},
	"dkim": {stringList, func(v any) any {
		f := v.(*facts)
		return f.list("dkim", func() []string { return f.authentication().dkim })
	}},
})
