package imap

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"chancery/connectors"
)

// Exam is what an examination of an account found. It holds facts; what follows
// from them is for others to say. Names of mailboxes that the configuration does
// not name are not in it.
type Exam struct {
	Reached string        // address that took the connection; "" if none did
	Dialed  time.Duration // name look-up and connection
	Peer    *connectors.Peer
	Hello   string   // text of the greeting
	Offers  []string // capabilities before the login
	Login   string   // "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"; "" if none fits
	LogTook time.Duration

	Caps   map[string]bool   // after the login
	Server map[string]string // answer to ID (RFC 2971 section 3.3), keys in lower case
	Stem   string            // what the account's own names begin with, "/" for the delimiter: "INBOX/"; "" if nothing
	Ident  string            // how messages are known: "EMAILID", "X-GM-MSGID", "X-GUID", "hash"; "" if no mailbox could be opened
	Boxes  []BoxExam         // in the order of Options.Mailboxes
	Paths  []PathExam        // in the order asked
	Quotas []Quota
	Clock  Clock

	// Stage is how far it came: "dial", "tls", "greeting", "login", "mailboxes",
	// "done". Err is why it did not come further.
	Stage string
	Err   error
}

// Examine connects as Open would and looks at everything that a person who looks
// after the account should know. It stores nothing: no flag, no message, no
// mailbox. paths are mailboxes that may have to be filed to.
func Examine(ctx context.Context, o Options, paths [][]string) *Exam {
	e := &Exam{Stage: "dial"}
	e.Err = e.run(ctx, o, paths)
	return e
}

func (e *Exam) run(ctx context.Context, o Options, paths [][]string) error {
	if o.TLS == "" {
		o.TLS = "implicit"
	}
	if o.TLS == "none" && !loopback(o.Host) {
		return &connectors.Error{Class: connectors.Config, Code: "plaintext"}
	}
	if err := e.knock(ctx, &o); err != nil {
		return ended(ctx, err)
	}
	e.Stage = "login"
	start := time.Now()
	s, err := Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	e.LogTook = time.Since(start)
	e.Stage = "mailboxes"
	if err := s.call(ctx, "examine", func(context.Context) error { return e.look(s, paths) }); err != nil {
		return err
	}
	e.Stage = "done"
	return nil
}

// knockTimeout is for a person who waits: the service has more patience.
const knockTimeout = 20 * time.Second

// knock goes as far as a stranger can: the connection, TLS, the greeting, what is
// offered before the login.
func (e *Exam) knock(ctx context.Context, o *Options) error {
	ctx, cancel := context.WithTimeout(ctx, knockTimeout)
	defer cancel()
	open := o.Dial
	if open == nil {
		open = (&net.Dialer{}).DialContext
	}
	start := time.Now()
	socket, err := open(ctx, "tcp", net.JoinHostPort(o.Host, strconv.Itoa(o.Port)))
	if err != nil {
		return &connectors.Error{Class: connectors.Network, Code: "dial", Err: err}
	}
	e.Reached, e.Dialed = socket.RemoteAddr().String(), time.Since(start)
	defer func(c net.Conn) { _ = c.Close() }(socket)
	if till, ok := ctx.Deadline(); ok {
		_ = socket.SetDeadline(till)
	}
	if o.TLS == "implicit" {
		if socket, err = e.secure(ctx, socket, o); err != nil {
			return err
		}
	}
	e.Stage = "greeting"
	v := &visitor{Conn: socket, br: bufio.NewReaderSize(socket, 16<<10)}
	greeting, err := v.greeting()
	if err != nil {
		return err
	}
	e.Hello = greeting.text
	if o.TLS == "starttls" {
		if _, err := v.ask("STARTTLS"); err != nil {
			return &connectors.Error{Class: connectors.Network, Code: "starttls", Err: err}
		}
		secured, err := e.secure(ctx, socket, o)
		if err != nil {
			return err
		}
		greeting = answer{} // said in the clear: anybody may have said it
		v = &visitor{Conn: secured, br: bufio.NewReaderSize(secured, 16<<10)}
	}
	list := greeting.args
	if greeting.code != "CAPABILITY" {
		if list, err = v.ask("CAPABILITY"); err != nil {
			return err
		}
	}
	e.Offers = strings.Fields(strings.ToUpper(list))
	e.Login = mechanism(o, capabilities(list))
	_, _ = v.ask("LOGOUT")
	return nil
}

func (e *Exam) secure(ctx context.Context, socket net.Conn, o *Options) (net.Conn, error) {
	e.Stage = "tls"
	t, peer := connectors.Handshake(ctx, socket, o.tlsConfig())
	e.Peer = &peer
	if peer.Err != nil {
		code := "tls"
		if !peer.Till.IsZero() {
			code = "certificate"
		}
		return nil, &connectors.Error{Class: connectors.Network, Code: code, Err: peer.Err}
	}
	return t, nil
}

// mechanism names how a login is tried.
func mechanism(o *Options, caps map[string]bool) string {
	switch {
	case o.byToken():
		return strings.ToUpper(o.Auth)
	case caps["AUTH=PLAIN"]:
		return "PLAIN"
	case caps["LOGINDISABLED"] && caps["AUTH=LOGIN"]:
		return "LOGIN"
	case caps["LOGINDISABLED"]:
		return ""
	}
	return "LOGIN"
}

// visitor speaks the little that can be said before a login.
type visitor struct {
	net.Conn
	br *bufio.Reader
}

// line reads one line; one that is longer than its buffer is nobody's greeting.
func (v *visitor) line() (string, error) {
	b, err := v.br.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", &connectors.Error{Class: connectors.Protocol, Code: "greeting"}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "", &connectors.Error{Class: connectors.Network, Code: "timeout", Err: err}
	case err != nil:
		return "", &connectors.Error{Class: connectors.Network, Code: "connection", Err: err}
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

func (v *visitor) greeting() (answer, error) {
	line, err := v.line()
	if err != nil {
		return answer{}, err
	}
	_, kind, rest, ok := untagged([]byte(line))
	if !ok {
		return answer{}, &connectors.Error{Class: connectors.Protocol, Code: "greeting"}
	}
	a := condition(kind, []byte(line[min(rest.i, len(line)):]))
	switch a.status {
	case "OK", "PREAUTH":
		return a, nil
	case "BYE":
		return a, classify(a, "bye")
	}
	return a, &connectors.Error{Class: connectors.Protocol, Code: "greeting"}
}

// ask runs one command and returns what stood behind its name in an untagged
// response.
func (v *visitor) ask(verb string) (string, error) {
	if _, err := v.Write([]byte("K " + verb + "\r\n")); err != nil {
		return "", &connectors.Error{Class: connectors.Network, Code: "connection", Err: err}
	}
	told := ""
	for range 100 {
		line, err := v.line()
		if err != nil {
			return "", err
		}
		if rest, ok := strings.CutPrefix(line, "K "); ok {
			status, text, _ := strings.Cut(rest, " ")
			if a := condition(status, []byte(text)); !a.ok() {
				return "", classify(a, strings.ToLower(verb))
			}
			return told, nil
		}
		if rest, ok := strings.CutPrefix(line, "* "+verb+" "); ok {
			told = rest
		}
	}
	return "", &connectors.Error{Class: connectors.Protocol, Code: "flood"}
}
