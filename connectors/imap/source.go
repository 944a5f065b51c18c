package imap

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"chancery/connectors"
	"chancery/internal/filetext"
	"chancery/internal/model"
)

// Options say which account and how.
type Options struct {
	Source   model.SourceID
	Host     string
	Port     int
	TLS      string         // "implicit" (RFC 8314 section 3.2), "starttls", or "none" on loopback
	RootCAs  *x509.CertPool // nil: the system's
	User     string
	Password func(context.Context) (string, error)

	// Mailboxes are paths with "/" between segments, whatever the server's
	// delimiter is; INBOX in any case. Default: INBOX.
	Mailboxes []string
	Baseline  bool          // Pull("") returns nothing and stands at now
	Poll      time.Duration // safety poll; default 10 minutes
	ReadOnly  bool          // EXAMINE only; Apply refuses every step
	Sign      connectors.Sign
	Dial      func(ctx context.Context, network, addr string) (net.Conn, error) // nil: a net.Dialer
	Since     time.Time                                                         // messages that arrived before are Old; zero: none
	Batch     int                                                               // messages per FETCH; default 250

	Auth     string                                // "password" (default), "xoauth2" or "oauthbearer"
	Token    func(context.Context) (string, error) // access token; nil with a password
	Compress bool                                  // COMPRESS=DEFLATE (RFC 4978 section 3) where the server has it
	Need     func() model.Need                     // what the rules look at now; nil: everything
	// Renew returns another token than one that was refused; nil: there is none.
	Renew func(ctx context.Context, refused string) (string, error)
	// Ends returns when the current token ends, and with it the login; nil: never.
	Ends   func() time.Time
	Glance time.Duration // how often mailboxes without push are looked at; default a minute
	// Urgent names followed mailboxes, as Mailboxes does, whose news is wanted within
	// seconds; "*" for all of them. nil: none.
	Urgent func() []string
	// PDF makes who reads PDF files until a context ends, where files are looked into;
	// nil: nobody does.
	PDF  func(context.Context) filetext.PDF
	Gate *Gate // shared by all Sources of the process; nil: log in at once

	hide []string // capabilities to ignore, for tests
}

const (
	defaultPoll   = 10 * time.Minute
	defaultGlance = 1 * time.Minute
	defaultBatch  = 250
)

// Source is one IMAP account. One goroutine owns it; only Close may be called
// from another.
type Source struct {
	o    Options
	life context.Context
	stop context.CancelFunc

	mu sync.Mutex
	c  *conn // replaced by reconnect; Close reads it

	sel    selected
	delim  *string        // hierarchy delimiter; nil: not asked yet
	boxes  map[string]box // by shown name; nil: not listed yet
	kind   string         // prefix of the server's identities: "e:", "g:", "d:"; "" for none
	probed bool           // kind is known

	ahead    *batch // fetched, or being fetched, before it is asked for
	noShapes bool   // BODYSTRUCTURE once failed

	round   *round
	resyncs bool              // QRESYNC is enabled on this connection
	blind   bool              // SEARCH of this server leaves messages out
	sweeps  map[string]*swept // where the server has no MODSEQ, by sweepKey
	late    map[string]uidset // messages that were shown late, by sweepKey
	odds    map[string]string // mailboxes whose count does not fit, and how, by name
	last    map[string]place  // where the last Pull stood, by shown name
	nudged  map[string]string // what Wait last saw without an event, by wire name
	naps    bool              // the server puts an IDLE to sleep
	until   time.Time         // a new login is due; zero: never
	proven  map[string]bool   // keywords seen to stick, by mailbox and keyword
	barred  map[string]string // mailboxes that refuse keywords, by wire name, with the code
	maildir map[string]bool   // mailboxes known to be Maildir of Dovecot, or not, by wire name

	guards   sync.WaitGroup      // sentries; mu keeps one from beginning when all must end
	sentry   *sentry             // nil: no mailbox is urgent, or the server cannot tell
	drafts   box                 // the mailbox for drafts, once it was found
	harbours map[string]*harbour // mailboxes we file into, by wire name
	there    map[string]bool     // mailboxes of this connection that exist, by wire name
	faulted  map[string]bool     // mailboxes that could not be read the last time, by name
}

var _ connectors.Source = (*Source)(nil)

// Open dials and logs in. Errors are *connectors.Error: Config for options that
// cannot work, Auth for refused credentials, Network and Throttled for the rest.
func Open(ctx context.Context, o Options) (*Source, error) {
	switch o.TLS {
	case "":
		o.TLS = "implicit"
	case "implicit", "starttls", "none":
	default:
		return nil, &connectors.Error{Class: connectors.Config, Code: "tls-mode"}
	}
	switch o.Auth {
	case "", "password", "xoauth2", "oauthbearer":
	default:
		return nil, &connectors.Error{Class: connectors.Config, Code: "auth-mode"}
	}
	if o.byToken() && o.Token == nil || !o.byToken() && o.Password == nil {
		return nil, &connectors.Error{Class: connectors.Config, Code: "no-secret"}
	}
	if len(o.Mailboxes) == 0 {
		o.Mailboxes = []string{"INBOX"}
	}
	if o.Poll <= 0 {
		o.Poll = defaultPoll
	}
	if o.Glance <= 0 {
		o.Glance = defaultGlance
	}
	if o.Batch <= 0 {
		o.Batch = defaultBatch
	}
	life, stop := context.WithCancel(context.Background())
	s := &Source{o: o, life: life, stop: stop, sweeps: map[string]*swept{}, odds: map[string]string{}, late: map[string]uidset{}, proven: map[string]bool{}, barred: map[string]string{}, maildir: map[string]bool{}, harbours: map[string]*harbour{}, there: map[string]bool{}, faulted: map[string]bool{}, nudged: map[string]string{}}
	ctx, leave := s.enter(ctx)
	defer leave()
	if err := s.connect(ctx); err != nil {
		stop()
		return nil, err
	}
	return s, nil
}

// errClosed is what calls return after Close.
var errClosed = &connectors.Error{Class: connectors.Network, Code: "closed", Err: errors.New("source is closed")}

// Close ends the connection. A call under way on another goroutine returns soon.
func (s *Source) Close() error {
	s.stop()
	s.mu.Lock()
	c := s.c
	s.mu.Unlock()
	if c != nil {
		c.end()
	}
	s.guards.Wait()
	return nil
}

// enter ties a call to the life of the Source. When ctx ends, so does the
// connection: a command cannot be taken back, only cut off.
func (s *Source) enter(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	release := context.AfterFunc(s.life, cancel)
	return ctx, func() { release(); cancel() }
}

// guard closes the connection when ctx ends.
func (s *Source) guard(ctx context.Context) func() {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		c := s.c
		s.mu.Unlock()
		if c != nil {
			_ = c.fail(ctx.Err())
		}
	})
	return func() { stop() }
}

// connect replaces the connection.
func (s *Source) connect(ctx context.Context) error {
	c, err := dial(ctx, &s.o)
	if err != nil {
		return err
	}
	s.mu.Lock()
	old := s.c
	s.c, s.until = c, s.o.relogin(time.Now())
	closed := s.life.Err() != nil
	s.mu.Unlock()
	if old != nil {
		old.end()
	}
	s.sel, s.delim, s.boxes, s.kind, s.probed, s.drafts = selected{}, nil, nil, "", false, box{}
	clear(s.there)
	if closed {
		c.end()
		return errClosed
	}
	return s.enable()
}

// ready makes sure that there is a live connection.
func (s *Source) ready(ctx context.Context) error {
	if s.life.Err() != nil {
		return errClosed
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if c := s.c; c != nil {
		select {
		case <-c.client.Closed():
		default:
			return nil
		}
	}
	return s.connect(ctx)
}

// call runs one public call: a live connection, cut off when ctx ends, errors
// with a class.
func (s *Source) call(ctx context.Context, op string, run func(context.Context) error) error {
	inner, leave := s.enter(ctx)
	defer leave()
	if err := s.ready(inner); err != nil {
		return s.final(ctx, err, op)
	}
	defer s.guard(inner)()
	return s.final(ctx, run(inner), op)
}

// final prefers "closed" and ctx.Err() over what a cut connection says.
func (s *Source) final(ctx context.Context, err error, op string) error {
	if err != nil && s.life.Err() != nil {
		return errClosed
	}
	return finish(ctx, err, op)
}

// followed returns the mailboxes of the configuration.
func (s *Source) followed() ([]box, error) {
	out := make([]box, 0, len(s.o.Mailboxes))
	for _, path := range s.o.Mailboxes {
		b, err := s.boxAt(strings.Split(path, "/"))
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}
