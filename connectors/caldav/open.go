package caldav

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"math"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

// defaultPoll is how often a calendar is asked when nothing is configured.
const defaultPoll = time.Minute

// Options says which calendar to follow and how.
type Options struct {
	Source model.SourceID
	// URL is https, or http on loopback, of the server, the account or the calendar
	// itself; or a domain alone, whose DNS says where its calendars are.
	URL      string
	Hosts    []string      // hosts outside the domain that its DNS may name
	Resolver *net.Resolver // nil: that of the system
	User     string        // "" sends no credentials
	Password func(context.Context) (string, error)
	// Token returns an access token, which then stands for User and Password; Renew
	// another one than that which was refused. nil: there are none.
	Token    func(context.Context) (string, error)
	Renew    func(ctx context.Context, refused string) (string, error)
	RootCAs  *x509.CertPool // nil: those of the system
	Match    string         // display name or last path segment of the calendar
	Create   bool           // make the calendar if it is missing
	Poll     time.Duration  // default one minute
	ReadOnly bool           // Apply refuses every step
	Sign     connectors.Sign
	Known    int          // objects the calendar held when it was followed last, see Counted; 0 if unknown
	Guard    *Guard       // nil: one of the Source's own
	Client   *http.Client // nil: one of our own
}

// Source follows one calendar. It keeps the last listing in memory: after a
// restart it starts from the empty cursor.
type Source struct {
	o        Options
	c        *client
	asked    string // escaped path of the calendar as the server spells it
	calendar string // the same with a slash at the end: what its objects begin with
	session  string // makes cursors of this process distinct
	sync     bool   // the server knows sync-collection (RFC 6578 section 3.2)
	expired  int    // tokens refused in a row
	calm     calm
	confirm  time.Duration

	known  *listing // as of the cursor the caller holds
	next   *listing // as of the cursor returned last
	stage  *stage   // bodies still to fetch
	stages int

	busyMu sync.Mutex
	busy   *busyHome // nil until somebody asks

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
}

var _ connectors.Source = (*Source)(nil)

// Open finds the calendar, or makes it. An error of class Config with code
// "no-calendar" says that there is none of that name.
func Open(ctx context.Context, o Options) (*Source, error) {
	urls, err := o.urls(ctx)
	if err != nil {
		return nil, failed(err)
	}
	for _, u := range urls {
		o.URL = u
		var s *Source
		s, err = openAt(ctx, o)
		if err == nil {
			return s, nil
		}
		if class, _ := connectors.Classify(err); class != connectors.Network {
			break // as RFC 2782 has it, the next one is for a server that cannot be reached
		}
	}
	return nil, err
}

func openAt(ctx context.Context, o Options) (*Source, error) {
	c, err := newClient(o)
	if err != nil {
		return nil, err
	}
	if o.Poll <= 0 {
		o.Poll = defaultPoll
	}
	if o.Guard == nil {
		o.Guard = &Guard{}
	}
	s := &Source{o: o, c: c, session: rand.Text(), confirm: time.Minute}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if err := s.find(ctx); err != nil {
		s.cancel()
		c.http.CloseIdleConnections()
		return nil, failed(err)
	}
	return s, nil
}

// Wait returns after one poll interval, give or take a tenth so that many
// calendars do not ask at once.
func (s *Source) Wait(ctx context.Context) error {
	jitter := time.Duration(math.Round(float64(s.o.Poll) / 10 * (2*mathrand.Float64() - 1)))
	t := time.NewTimer(s.o.Poll + jitter)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// Close ends every call and connection.
func (s *Source) Close() error {
	s.cancel()
	s.c.http.CloseIdleConnections()
	return nil
}

// bound returns a context that also ends with Close.
func (s *Source) bound(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	if s.ctx.Err() != nil {
		cancel() // AfterFunc has a goroutine of its own and may be late
	}
	return ctx, func() { stop(); cancel() }
}
