package caldav

import (
	"crypto/md5" // RFC 7616 section 3.2 keeps it for servers that know no other
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"chancery/connectors"
)

// challenge is what a server asks for by Digest (RFC 7616 section 3.3).
type challenge struct {
	realm, nonce, opaque string
	algorithm            string // as the server wrote it; "" for MD5
	qop                  bool   // qop=auth; else the form of RFC 2069 section 2.1.1
	userhash             bool
	stale                bool
	opaqueSet            bool
	used                 int // requests with this nonce
}

// maxChallenge bounds what is read of a header.
const maxChallenge = 8 << 10

// hashes are the algorithms, the better ones first.
var hashes = []struct {
	name string
	make func() hash.Hash
}{
	{"SHA-256-SESS", sha256.New}, {"SHA-256", sha256.New}, {"MD5-SESS", md5.New}, {"MD5", md5.New},
}

// pickDigest returns the best challenge that we can answer, or nil, and whether
// the server offers Basic.
func pickDigest(headers []string) (*challenge, bool) {
	var best *challenge
	rank, basic := len(hashes), false
	for _, h := range headers {
		for _, c := range challenges(h) {
			scheme, rest, _ := strings.Cut(c, " ")
			if strings.EqualFold(scheme, "Basic") {
				basic = true
			}
			if !strings.EqualFold(scheme, "Digest") {
				continue
			}
			if d, at := readChallenge(parameters(rest)); at < rank {
				best, rank = d, at
			}
		}
	}
	return best, basic
}

// readChallenge returns the place of its algorithm in hashes, or their number.
func readChallenge(p map[string]string) (*challenge, int) {
	c := &challenge{
		realm: p["realm"], nonce: p["nonce"], opaque: p["opaque"], algorithm: p["algorithm"],
		userhash: strings.EqualFold(p["userhash"], "true"), stale: strings.EqualFold(p["stale"], "true"),
	}
	_, c.opaqueSet = p["opaque"]
	q, has := p["qop"]
	for word := range strings.SplitSeq(q, ",") {
		c.qop = c.qop || strings.EqualFold(strings.TrimSpace(word), "auth")
	}
	name := strings.ToUpper(c.algorithm)
	if name == "" {
		name = "MD5"
	}
	for i, h := range hashes {
		if h.name == name && c.nonce != "" && (c.qop || !has) {
			return c, i
		}
	}
	return nil, len(hashes)
}

// answer makes the Authorization of one request (RFC 7616 section 3.4).
func (c *challenge) answer(user, secret, method, uri string, count int) (string, error) {
	name := strings.ToUpper(c.algorithm)
	sum := md5.New
	for _, h := range hashes {
		if h.name == name {
			sum = h.make
		}
	}
	h := func(s string) string {
		d := sum()
		_, _ = d.Write([]byte(s)) // hash.Hash never fails
		return hex.EncodeToString(d.Sum(nil))
	}
	if strings.ContainsAny(user+c.realm+c.nonce+c.opaque+c.algorithm+uri, "\r\n") {
		return "", &connectors.Error{Class: connectors.Protocol, Code: "bad-challenge"}
	}
	cnonce := rand.Text()
	a1 := h(user + ":" + c.realm + ":" + secret)
	if strings.HasSuffix(name, "-SESS") {
		a1 = h(a1 + ":" + c.nonce + ":" + cnonce)
	}
	a2 := h(method + ":" + uri)
	nc := fmt.Sprintf("%08x", count)
	response := h(a1 + ":" + c.nonce + ":" + a2)
	if c.qop {
		response = h(strings.Join([]string{a1, c.nonce, nc, cnonce, "auth", a2}, ":"))
	}
	if c.userhash {
		user = h(user + ":" + c.realm)
	}
	out := fmt.Sprintf("Digest username=%s, realm=%s, nonce=%s, uri=%s, response=%q", quoted(user), quoted(c.realm), quoted(c.nonce), quoted(uri), response)
	if c.algorithm != "" {
		out += ", algorithm=" + token(c.algorithm)
	}
	if c.opaqueSet {
		out += ", opaque=" + quoted(c.opaque)
	}
	if c.qop {
		out += ", qop=auth, nc=" + nc + ", cnonce=" + quoted(cnonce)
	}
	if c.userhash {
		out += ", userhash=true"
	}
	return out, nil
}

// quoted writes a quoted-string (RFC 9110 section 5.6.4).
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// token keeps what a token may hold.
func token(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

// challenges splits a header that names several (RFC 9110 section 11.6.1): a new
// one begins where a word is followed by a blank and another word.
func challenges(header string) []string {
	header = header[:min(len(header), maxChallenge)]
	var out []string
	for _, part := range splitCommas(header) {
		word, rest, more := strings.Cut(part, " ")
		starts := !strings.Contains(word, "=") && (!more || strings.TrimSpace(rest) != "" && !strings.HasPrefix(strings.TrimSpace(rest), "="))
		if starts || len(out) == 0 {
			out = append(out, part)
		} else {
			out[len(out)-1] += ", " + part
		}
	}
	return out
}

// splitCommas splits at commas outside quotes.
func splitCommas(s string) []string {
	var out []string
	from, inside := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case inside && s[i] == '\\':
			i++
		case s[i] == '"':
			inside = !inside
		case s[i] == ',' && !inside:
			out = append(out, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}

// parameters reads name=value pairs; of a name written twice the first counts.
func parameters(s string) map[string]string {
	out := map[string]string{}
	for _, part := range splitCommas(s[:min(len(s), maxChallenge)]) {
		name, value, ok := strings.Cut(part, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if _, seen := out[name]; !ok || seen {
			continue
		}
		if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
			value = unquote(value[1 : len(value)-1])
		}
		out[name] = value
	}
	return out
}

func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
