package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"chancery/connectors"
)

const (
	dialTimeout  = 30 * time.Second
	loginTimeout = 60 * time.Second // TLS, greeting and login together
)

// dial opens a logged in connection.
func dial(ctx context.Context, o *Options) (_ *conn, err error) {
	if o.TLS == "none" && !loopback(o.Host) {
		return nil, &connectors.Error{Class: connectors.Config, Code: "plaintext",
			Err: errors.New("a connection without TLS is for loopback addresses only")}
	}
	addr := net.JoinHostPort(o.Host, strconv.Itoa(o.Port))
	leave, err := o.Gate.enter(ctx, addr)
	if err != nil {
		return nil, ended(ctx, err)
	}
	defer func() { leave(err) }()
	dialCtx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	open := o.Dial
	if open == nil {
		// A dead peer shows within two minutes also while idling, when no timeout
		// of ours runs.
		d := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 15 * time.Second, Count: 5}}
		open = d.DialContext
	}
	socket, err := open(dialCtx, "tcp", addr)
	if err != nil {
		return nil, ended(ctx, &connectors.Error{Class: connectors.Network, Code: "dial", Err: err})
	}
	// The clock runs from the first octet to the last, however slowly they come:
	// others wait at the gate.
	begin, end := context.WithTimeout(ctx, loginTimeout)
	defer end()
	stop := context.AfterFunc(begin, func() { _ = socket.Close() })
	defer stop()
	c, err := handshake(begin, socket, o)
	if err != nil {
		_ = socket.Close()
		if begin.Err() != nil && ctx.Err() == nil {
			err = &connectors.Error{Class: connectors.Network, Code: "timeout", Err: err}
		}
		return nil, ended(ctx, err)
	}
	c.greet = []byte("* PREAUTH [CAPABILITY IMAP4rev1" + c.shown() + "] ready\r\n")
	c.client = imapclient.New(c, nil)
	if err := c.client.WaitGreeting(); err != nil {
		c.end()
		return nil, ended(ctx, c.broken(err))
	}
	return c, nil
}

// shown lists the capabilities the library may know of. IMAP4rev2 never: it
// would change how the library writes names and searches, and some servers
// advertise it without keeping to it. Nor MOVE: without it the library falls
// back to COPY, STORE and EXPUNGE in one go, and mail is lost when COPY fails.
func (c *conn) shown() string {
	out := ""
	for _, k := range []string{"LITERAL+", "LITERAL-", "IDLE", "UIDPLUS", "CONDSTORE"} {
		if c.caps[k] {
			out += " " + k
		}
	}
	return out
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ended returns ctx's error once it is over.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (o *Options) tlsConfig() *tls.Config {
	return &tls.Config{
		ServerName: o.Host, RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12,
		NextProtos: []string{"imap"}, ClientSessionCache: sessions,
	}
}

// sessions is shared by all connections of the process: a resumed handshake
// costs both sides half.
var sessions = tls.NewLRUClientSessionCache(256)

func startTLS(ctx context.Context, socket net.Conn, o *Options) (net.Conn, error) {
	t := tls.Client(socket, o.tlsConfig())
	if err := t.HandshakeContext(ctx); err != nil {
		code := "tls"
		if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
			code = "certificate"
		}
		return nil, &connectors.Error{Class: connectors.Network, Code: code, Err: err}
	}
	return t, nil
}

// capabilities reads a capability list.
func capabilities(list string) map[string]bool {
	caps := map[string]bool{}
	for k := range strings.FieldsSeq(list) {
		if len(caps) == 500 {
			break
		}
		caps[strings.ToUpper(k)] = true
	}
	return caps
}
