package imap

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"chancery/connectors"
)

// proof is one SASL exchange (RFC 9051 section 6.2.2).
type proof struct {
	name  string
	first string // initial response
	// next answers a challenge that comes after the initial response; nil or
	// false cancels.
	next func(challenge string) (string, bool)
}

// maxInitial bounds what goes on the command line: some servers read no longer
// one than 8,192 octets.
const maxInitial = 8000

// prove logs in as the configuration says, and never another way because the
// server offers it.
func (c *conn) prove(ctx context.Context, o *Options) (answer, error) {
	if strings.ContainsAny(o.User, "\x00\x01\r\n") {
		return answer{}, &connectors.Error{Class: connectors.Auth, Code: "secret", Err: errors.New("the user holds a line break")}
	}
	if o.byToken() {
		return c.proveByToken(ctx, o)
	}
	password, err := o.Password(ctx)
	if err != nil {
		return answer{}, secretError(err)
	}
	if strings.ContainsAny(password, "\x00\r\n") {
		return answer{}, &connectors.Error{Class: connectors.Auth, Code: "secret", Err: errors.New("the password holds a line break")}
	}
	switch {
	case c.caps["AUTH=PLAIN"]:
		return c.authenticate(proof{name: "PLAIN", first: "\x00" + o.User + "\x00" + password}) // RFC 4616 section 2
	case c.caps["LOGINDISABLED"] && c.caps["AUTH=LOGIN"]:
		return c.authenticate(saslLogin(o.User, password))
	case c.caps["LOGINDISABLED"]:
		return answer{}, &connectors.Error{Class: connectors.Auth, Code: "login-disabled"}
	}
	return c.talk(cmd("LOGIN").str(o.User).str(password), nil)
}

func (o *Options) byToken() bool { return o.Auth != "" && o.Auth != "password" }

// tokenLead is how long before the end of a token a new login is due: Google and
// Microsoft end the session with the token.
const tokenLead = 5 * time.Minute

// relogin tells when a new login is due: five minutes before the token ends, but
// not before half of what is left of it is over.
func (o *Options) relogin(now time.Time) time.Time {
	if o.Ends == nil || o.Ends().IsZero() {
		return time.Time{}
	}
	left := o.Ends().Sub(now)
	return now.Add(max(left-tokenLead, left/2))
}

// secretError keeps an error that has a class already.
func secretError(err error) error {
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		return e
	}
	return &connectors.Error{Class: connectors.Auth, Code: "secret", Err: err}
}

// saslLogin asks for the name and then for the password; no RFC has it, some
// servers have nothing else.
func saslLogin(user, password string) proof {
	left := []string{user, password}
	return proof{name: "LOGIN", next: func(string) (string, bool) {
		if len(left) == 0 {
			return "", false
		}
		word := left[0]
		left = left[1:]
		return word, true
	}}
}

// authenticate runs one exchange. The initial response goes with the command
// where the server takes it there (RFC 4959 section 3), else with the first
// continuation.
func (c *conn) authenticate(m proof) (answer, error) {
	const tag, challenges = "H", 5
	line, pending := tag+" AUTHENTICATE "+m.name, m.first
	encoded := base64.StdEncoding.EncodeToString([]byte(m.first))
	if m.first != "" && c.caps["SASL-IR"] && len(encoded) <= maxInitial {
		line, pending = line+" "+encoded, ""
	}
	for range challenges {
		if err := c.write([]byte(line + "\r\n")); err != nil {
			return answer{}, c.broken(err)
		}
		a, text, goAhead, err := c.listen(tag, nil)
		if !goAhead {
			return a, err
		}
		reply, known := pending, pending != ""
		pending = ""
		if !known && m.next != nil {
			challenge, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				challenge = nil
			}
			reply, known = m.next(string(challenge))
		}
		line = base64.StdEncoding.EncodeToString([]byte(reply))
		if !known {
			line = "*" // RFC 9051 section 6.2.2: cancels
		}
	}
	return answer{}, &connectors.Error{Class: connectors.Protocol, Code: "flood"}
}

// proveByToken logs in with an access token. One that is refused is exchanged
// once: it may have been withdrawn before its time.
func (c *conn) proveByToken(ctx context.Context, o *Options) (answer, error) {
	name := strings.ToUpper(o.Auth)
	if !c.caps["AUTH="+name] {
		return answer{}, &connectors.Error{Class: connectors.Config, Code: "no-mechanism",
			Err: fmt.Errorf("the server does not offer AUTH=%s", name)}
	}
	token, err := o.Token(ctx)
	if err != nil {
		return answer{}, secretError(err)
	}
	a, err := c.bear(name, o, token)
	if class, code := connectors.Classify(err); err == nil || class != connectors.Auth || code != "token" || o.Renew == nil {
		return a, err
	}
	fresh, err2 := o.Renew(ctx, token)
	if err2 != nil {
		return answer{}, secretError(err2)
	}
	if fresh == token {
		return answer{}, err
	}
	return c.bear(name, o, fresh)
}

// bear is XOAUTH2 as Google and Microsoft describe it, or OAUTHBEARER (RFC 7628
// section 3.1).
func (c *conn) bear(name string, o *Options, token string) (answer, error) {
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return answer{}, &connectors.Error{Class: connectors.Auth, Code: "secret", Err: errors.New("the token holds what no token holds")}
	}
	refused := ""
	m := proof{name: name, first: "user=" + o.User + "\x01auth=Bearer " + token + "\x01\x01"}
	dummy := "" // XOAUTH2: an empty line
	if name == "OAUTHBEARER" {
		// RFC 5801 section 4: "," and "=" are escaped in the name.
		user := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(o.User)
		m.first = "n,a=" + user + ",\x01host=" + o.Host + "\x01port=" + strconv.Itoa(o.Port) + "\x01auth=Bearer " + token + "\x01\x01"
		dummy = "\x01" // RFC 7628 section 3.2.3
	}
	m.next = func(challenge string) (string, bool) {
		refused = tokenRefusal(challenge, token)
		return dummy, true
	}
	a, err := c.authenticate(m)
	no, ok := asRefusal(err)
	if !ok {
		return a, err
	}
	no.text = cleanText(no.text, token)
	if e := classify(no, "login"); e.Class != connectors.Auth {
		return answer{}, e
	}
	err = &refusal{no}
	if refused != "" {
		err = fmt.Errorf("%w (%s)", err, refused)
	}
	return answer{}, &connectors.Error{Class: connectors.Auth, Code: "token", Err: err}
}

// tokenRefusal reads the error of RFC 7628 section 3.2.2. Both mechanisms send it
// as a challenge before the NO.
func tokenRefusal(challenge, token string) string {
	var said struct {
		Status, Schemes, Scope string
	}
	if len(challenge) > 16<<10 || json.Unmarshal([]byte(challenge), &said) != nil {
		return ""
	}
	var out []string
	for _, f := range []struct{ name, value string }{{"status", said.Status}, {"schemes", said.Schemes}, {"scope", said.Scope}} {
		if f.value != "" {
			out = append(out, f.name+" "+cleanText(f.value, token))
		}
	}
	return strings.Join(out, ", ")
}

// cleanText takes out of a server's words what is a token, or no text.
func cleanText(s, token string) string {
	s = strings.ReplaceAll(s, token, "***")
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return s[:min(len(s), 200)]
}
