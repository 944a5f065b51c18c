package imap

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/servertest"
)

func TestOpenRefused(t *testing.T) {
	for name, c := range map[string]struct {
		script *connectortest.Script
		change func(*Options)
		class  connectors.Class
		code   string
	}{
		"bad credentials": {&connectortest.Script{Handle: says("LOGIN", "TAG NO [AUTHENTICATIONFAILED] no\r\n")}, nil, connectors.Auth, "login"},
		"plain NO":        {&connectortest.Script{Handle: says("LOGIN", "TAG NO no\r\n")}, nil, connectors.Auth, "login"},
		"server is sick":  {&connectortest.Script{Handle: says("LOGIN", "TAG NO [UNAVAILABLE] later\r\n")}, nil, connectors.Network, "unavailable"},
		"too many":        {&connectortest.Script{Greeting: "* BYE Too many connections from your IP"}, nil, connectors.Throttled, "throttled"},
		"no greeting":     {&connectortest.Script{Greeting: "HTTP/1.1 400 Bad Request"}, nil, connectors.Protocol, "greeting"},
		"login disabled":  {&connectortest.Script{Caps: "LOGINDISABLED"}, nil, connectors.Auth, "login-disabled"},
		"no capabilities": {&connectortest.Script{Handle: says("CAPABILITY", "TAG OK\r\n")}, nil, connectors.Protocol, "no-capabilities"},
		"flood":           {&connectortest.Script{Handle: says("LOGIN", strings.Repeat("* OK x\r\n", 2000))}, nil, connectors.Protocol, "flood"},
		"challenge":       {&connectortest.Script{Caps: "AUTH=PLAIN SASL-IR", Handle: says("AUTHENTICATE", "+ eyJ\r\nTAG NO no\r\n")}, nil, connectors.Auth, "login"},
		"no secret": {&connectortest.Script{}, func(o *Options) {
			o.Password = func(context.Context) (string, error) { return "", errors.New("no file") }
		}, connectors.Auth, "secret"},
		"line break":        {&connectortest.Script{}, func(o *Options) { o.User = "a\r\nb" }, connectors.Auth, "secret"},
		"no password":       {&connectortest.Script{}, func(o *Options) { o.Password = nil }, connectors.Config, "no-secret"},
		"plaintext":         {&connectortest.Script{}, func(o *Options) { o.Host = "mail.firm.example" }, connectors.Config, "plaintext"},
		"unknown mode":      {&connectortest.Script{}, func(o *Options) { o.TLS = "ssl" }, connectors.Config, "tls-mode"},
		"no TLS there":      {&connectortest.Script{}, func(o *Options) { o.TLS = "implicit" }, connectors.Network, "tls"},
		"PREAUTH":           {&connectortest.Script{Greeting: "* PREAUTH welcome"}, func(o *Options) { o.TLS = "starttls" }, connectors.Network, "preauth"},
		"STARTTLS refused":  {&connectortest.Script{Handle: says("STARTTLS", "TAG BAD what\r\n")}, func(o *Options) { o.TLS = "starttls" }, connectors.Network, "starttls"},
		"STARTTLS injected": {&connectortest.Script{Handle: says("STARTTLS", "TAG OK go\r\n* OK [CAPABILITY IMAP4rev1] hi\r\n")}, func(o *Options) { o.TLS = "starttls" }, connectors.Network, "starttls-injection"},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Host: "127.0.0.1", Port: 1, TLS: "none", User: "ann", Password: func(context.Context) (string, error) { return "x", nil }, Dial: c.script.Start(t)}
			if c.change != nil {
				c.change(&o)
			}
			s, err := Open(t.Context(), o)
			if class, code := connectors.Classify(err); err == nil || class != c.class || code != c.code {
				t.Fatalf("%v", err)
			}
			if s != nil {
				t.Fatal("a Source in spite of the error")
			}
			if o.TLS == "starttls" && (c.script.Sent("LOGIN") || c.script.Sent("AUTHENTICATE")) {
				t.Fatal("the password was sent in the clear")
			}
			if err != nil && strings.Contains(err.Error(), "\x00ann") {
				t.Fatal("the error quotes the secret")
			}
		})
	}
}

// says answers commands that begin with prefix.
func says(prefix, text string) func(*connectortest.ScriptConn, string, string) bool {
	return func(c *connectortest.ScriptConn, tag, command string) bool {
		if !strings.HasPrefix(command, prefix) {
			return false
		}
		c.Say("%s", strings.ReplaceAll(text, "TAG", tag))
		return true
	}
}

// What cannot be quoted goes as a literal; what can is escaped.
func TestLoginWords(t *testing.T) {
	for password, want := range map[string]string{
		`a"b\c`:     `LOGIN "ann" "a\"b\\c"`,
		"gr\u00fcn": "LOGIN \"ann\" gr\u00fcn",
	} {
		s := sixLetters()
		scripted(t, s, func(o *Options) {
			o.Password = func(context.Context) (string, error) { return password, nil }
		})
		if !s.Sent(want) {
			t.Fatalf("%q", s.Log())
		}
	}
}

func TestTLS(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	pem, err := os.ReadFile(d.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	for _, mode := range []string{"implicit", "starttls"} {
		o := optionsFor(d, "ann")
		o.TLS, o.RootCAs = mode, roots
		if mode == "implicit" {
			o.Port = d.TLS
		}
		pull(t, open(t, o), "")
		o.RootCAs = x509.NewCertPool()
		_, err := Open(t.Context(), o)
		if class, code := connectors.Classify(err); class != connectors.Network || code != "certificate" {
			t.Fatalf("%s without the root: %v", mode, err)
		}
		o.RootCAs, o.Password = roots, func(context.Context) (string, error) { return "wrong", nil }
		_, err = Open(t.Context(), o)
		if class, _ := connectors.Classify(err); class != connectors.Auth {
			t.Fatalf("%s with a wrong password: %v", mode, err)
		}
	}
}
