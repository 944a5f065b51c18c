package imap

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
)

// desk is a server that takes tokens. Its log of proofs holds each initial
// response, decoded, and each later reply.
type desk struct {
	*connectortest.Script
	good   string // the token it takes
	refuse string // challenge before a NO
	no     string // the NO
	proofs []string
	asked  bool // a continuation was sent and its reply is due
}

func newDesk(caps, good string) *desk {
	d := &desk{Script: sixLetters(), good: good, refuse: `{"status":"400","schemes":"Bearer","scope":"https://mail.example/"}`, no: "NO [AUTHENTICATIONFAILED] Invalid credentials"}
	d.Caps = caps
	tag := ""
	d.Handle = func(c *connectortest.ScriptConn, t, command string) bool {
		mech, isAuth := strings.CutPrefix(command, "AUTHENTICATE ")
		switch {
		case isAuth:
			tag = t
			_, initial, direct := strings.Cut(mech, " ")
			if !direct {
				c.Say("+ \r\n")
				d.asked = true
				return true
			}
			d.judge(c, tag, initial)
		case d.asked:
			d.asked = false
			if command != "" {
				d.proofs = append(d.proofs, "no base64")
			}
			d.judge(c, tag, t)
		default:
			return false
		}
		return true
	}
	return d
}

func (d *desk) judge(c *connectortest.ScriptConn, tag, given string) {
	raw, err := base64.StdEncoding.DecodeString(given)
	if err != nil {
		raw = []byte("no base64")
	}
	d.proofs = append(d.proofs, string(raw))
	switch {
	case strings.Contains(string(raw), "Bearer "+d.good+"\x01"):
		c.Say("%s OK [CAPABILITY IMAP4rev1 IDLE] welcome\r\n", tag)
	case strings.Contains(string(raw), "Bearer ") && d.refuse != "":
		c.Say("+ %s\r\n", base64.StdEncoding.EncodeToString([]byte(d.refuse)))
		d.asked = true
	default:
		c.Say("%s %s\r\n", tag, d.no)
	}
}

func byToken(mech, token string, more ...func(*Options)) func(*Options) {
	return func(o *Options) {
		o.Auth, o.Password = mech, nil
		o.Token = func(context.Context) (string, error) { return token, nil }
		for _, m := range more {
			m(o)
		}
	}
}

func TestTokenLogin(t *testing.T) {
	const x = "user=ann\x01auth=Bearer good\x01\x01"
	const bearer = "n,a=ann,\x01host=127.0.0.1\x01port=1\x01auth=Bearer good\x01\x01"
	for name, c := range map[string]struct {
		caps, mech, want string
	}{
		"xoauth2":                      {"AUTH=XOAUTH2 SASL-IR", "xoauth2", x},
		"xoauth2 without SASL-IR":      {"AUTH=XOAUTH2", "xoauth2", x},
		"oauthbearer":                  {"AUTH=OAUTHBEARER AUTH=XOAUTH2 AUTH=PLAIN SASL-IR", "oauthbearer", bearer},
		"oauthbearer without SASL-IR":  {"AUTH=OAUTHBEARER", "oauthbearer", bearer},
		"password logins are not used": {"AUTH=PLAIN LOGINDISABLED AUTH=XOAUTH2", "xoauth2", x},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(c.caps, "good")
			scripted(t, d.Script, byToken(c.mech, "good"))
			if len(d.proofs) != 1 || d.proofs[0] != c.want {
				t.Fatalf("%q", d.proofs)
			}
			if d.Sent("LOGIN") || d.Sent("AUTHENTICATE PLAIN") {
				t.Fatal("another way was tried")
			}
		})
	}
}

// A user whose name has what RFC 5801 section 4 escapes.
func TestTokenLoginName(t *testing.T) {
	d := newDesk("AUTH=OAUTHBEARER SASL-IR", "good")
	scripted(t, d.Script, byToken("oauthbearer", "good", func(o *Options) { o.User = "a=b,c" }))
	if !strings.HasPrefix(d.proofs[0], "n,a=a=3Db=2Cc,\x01") {
		t.Fatalf("%q", d.proofs)
	}
}

// A token too long for the command line waits for the continuation.
func TestLongToken(t *testing.T) {
	token := strings.Repeat("x", maxInitial)
	d := newDesk("AUTH=XOAUTH2 SASL-IR", token)
	scripted(t, d.Script, byToken("xoauth2", token))
	for _, l := range d.Log() {
		if strings.HasPrefix(l, "AUTHENTICATE") && l != "AUTHENTICATE XOAUTH2" {
			t.Fatal("it went on the command line")
		}
	}
}

// A refused token is exchanged once, on the same connection, and never twice.
func TestTokenIsRenewedOnce(t *testing.T) {
	for _, mech := range []string{"xoauth2", "oauthbearer"} {
		for _, fresh := range []string{"good", "bad-2", "bad-1"} {
			d := newDesk("SASL-IR AUTH="+strings.ToUpper(mech), "good")
			renewed := 0
			o := Options{Host: "127.0.0.1", Port: 1, TLS: "none", User: "ann", Dial: d.Start(t)}
			byToken(mech, "bad-1", func(o *Options) {
				o.Renew = func(_ context.Context, refused string) (string, error) {
					if refused != "bad-1" {
						t.Errorf("%q was refused", refused)
					}
					renewed++
					return fresh, nil
				}
			})(&o)
			s, err := Open(t.Context(), o)
			if renewed != 1 {
				t.Fatalf("renewed %d times", renewed)
			}
			if fresh == "good" {
				if err != nil {
					t.Fatal(err)
				}
				_ = s.Close()
			} else {
				wantRefusedToken(t, err, "bad")
			}
			reply := map[string]string{"xoauth2": "", "oauthbearer": "\x01"}[mech]
			if d.proofs[1] != reply { // RFC 7628 section 3.2.3
				t.Fatalf("the error was acknowledged by %q", d.proofs[1])
			}
		}
	}
}

func wantRefusedToken(t *testing.T, err error, secret string) {
	t.Helper()
	if class, code := connectors.Classify(err); class != connectors.Auth || code != "token" {
		t.Fatalf("%v", err)
	}
	if !strings.Contains(err.Error(), "status 400") || !strings.Contains(err.Error(), "scope https://mail.example/") {
		t.Fatalf("the server's reason is lost: %v", err)
	}
	if strings.Contains(err.Error(), secret) {
		t.Fatalf("the error repeats the token: %v", err)
	}
}

func TestTokenLoginFails(t *testing.T) {
	consent := &connectors.Error{Class: connectors.Auth, Code: "consent", Err: errors.New("invalid_grant")}
	for name, c := range map[string]struct {
		caps   string
		change func(*desk, *Options)
		class  connectors.Class
		code   string
	}{
		"not offered": {"AUTH=PLAIN", nil, connectors.Config, "no-mechanism"},
		"no token": {"AUTH=XOAUTH2", func(_ *desk, o *Options) {
			o.Token = func(context.Context) (string, error) { return "", consent }
		}, connectors.Auth, "consent"},
		"no fresh token": {"AUTH=XOAUTH2", func(_ *desk, o *Options) {
			o.Renew = func(context.Context, string) (string, error) { return "", consent }
		}, connectors.Auth, "consent"},
		"a token with a line break": {"AUTH=XOAUTH2", func(_ *desk, o *Options) {
			o.Token = func(context.Context) (string, error) { return "a\r\nb", nil }
		}, connectors.Auth, "secret"},
		"a name with a control character": {"AUTH=XOAUTH2", func(_ *desk, o *Options) { o.User = "ann\x01auth=x" }, connectors.Auth, "secret"},
		"throttled": {"AUTH=XOAUTH2 SASL-IR", func(d *desk, _ *Options) {
			d.no = "NO [LIMIT] Too many simultaneous connections"
		}, connectors.Throttled, "throttled"},
		"sick":                   {"AUTH=XOAUTH2", func(d *desk, _ *Options) { d.no = "NO [UNAVAILABLE] later" }, connectors.Network, "unavailable"},
		"a NO without challenge": {"AUTH=XOAUTH2", func(d *desk, _ *Options) { d.refuse = "" }, connectors.Auth, "token"},
		"an echo of the token":   {"AUTH=XOAUTH2", func(d *desk, _ *Options) { d.no = "NO bad token stale-token\x1b[2J" }, connectors.Auth, "token"},
		"an echo in the JSON": {"AUTH=OAUTHBEARER", func(d *desk, o *Options) {
			o.Auth, d.refuse = "oauthbearer", `{"status":"invalid_token stale-token"}`
		}, connectors.Auth, "token"},
		"challenges without end": {"AUTH=XOAUTH2", func(d *desk, _ *Options) {
			d.Handle = func(c *connectortest.ScriptConn, _, command string) bool {
				if strings.HasPrefix(command, "AUTHENTICATE") || command == "" {
					c.Say("+ e30=\r\n")
					return true
				}
				return false
			}
		}, connectors.Protocol, "flood"},
		"an unknown mode":  {"", func(_ *desk, o *Options) { o.Auth = "gssapi" }, connectors.Config, "auth-mode"},
		"no token source":  {"", func(_ *desk, o *Options) { o.Token = nil }, connectors.Config, "no-secret"},
		"the line is lost": {"AUTH=XOAUTH2", nil, connectors.Network, "bye"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(c.caps, "good")
			o := Options{Host: "127.0.0.1", Port: 1, TLS: "none", User: "ann"}
			byToken("xoauth2", "stale-token")(&o)
			if c.change != nil {
				c.change(d, &o)
			}
			if name == "the line is lost" {
				d.Handle = func(c *connectortest.ScriptConn, _, command string) bool {
					if !strings.HasPrefix(command, "AUTHENTICATE") {
						return false
					}
					c.Say("* BYE gone\r\n")
					_ = c.Close()
					return true
				}
			}
			o.Dial = d.Start(t)
			_, err := Open(t.Context(), o)
			if class, code := connectors.Classify(err); err == nil || class != c.class || code != c.code {
				t.Fatalf("%v", err)
			}
			if strings.Contains(err.Error(), "stale-token") || strings.ContainsAny(err.Error(), "\x1b\x01") {
				t.Fatalf("the error repeats what it must not: %q", err)
			}
		})
	}
}

// Servers of the old kind that take a password by AUTHENTICATE LOGIN alone.
func TestSASLLogin(t *testing.T) {
	s := sixLetters()
	s.Caps = "AUTH=LOGIN LOGINDISABLED"
	var said []string
	s.Handle = func(c *connectortest.ScriptConn, tag, command string) bool {
		switch {
		case command == "AUTHENTICATE LOGIN":
			c.Say("+ VXNlcm5hbWU6\r\n")
		case command == "" && len(said) == 0:
			said = append(said, tag)
			c.Say("+ UGFzc3dvcmQ6\r\n")
		case command == "" && len(said) == 1:
			said = append(said, tag)
			c.Say("H OK welcome\r\n")
		default:
			return false
		}
		return true
	}
	scripted(t, s)
	if strings.Join(said, " ") != "YW5u eA==" {
		t.Fatalf("%q", said)
	}
}
