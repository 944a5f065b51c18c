package google

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"time"

	"google.golang.org/api/calendar/v3"

	"chancery/connectors"
	"chancery/internal/model"
)

const (
	// DefaultURL is where Google answers.
	DefaultURL = "https://www.googleapis.com/calendar/v3/"
	// defaultPoll is how often a calendar is asked when nothing is configured.
	defaultPoll = time.Minute
)

// Options says which calendar to follow and how.
type Options struct {
	Source model.SourceID
	URL    string // https, or http on loopback; "" for DefaultURL
	User   string // address of the principal: quotas are counted for it
	// Token returns an access token with the scopes calendar.events and
	// calendar.readonly (calendar, if Create is set). Its errors pass through: one of
	// class Auth waits for a person.
	Token func(context.Context) (string, error)
	// Renew returns another token than one that was refused; nil: there is none.
	Renew    func(ctx context.Context, refused string) (string, error)
	RootCAs  *x509.CertPool // nil: those of the system
	Match    string         // name or id of the calendar; "" or "primary" for the principal's own
	Create   bool           // make the calendar if it is missing
	Poll     time.Duration  // default one minute
	ReadOnly bool           // Apply refuses every step
	Sign     connectors.Sign
	Known    int              // events the calendar held when it was followed last, see Counted; 0 if unknown
	Guard    *connectors.Loss // nil: one of the Source's own
	Client   *http.Client     // nil: one of our own
}

// Source follows one calendar. It keeps what it needs of the last listing in
// memory, without content: after a restart it starts from the empty cursor.
type Source struct {
	o        Options
	c        *client
	api      *calendar.Service
	calendar string // id
	canWrite bool
	session  string // makes cursors of this process distinct
	params   string // hash of what every listing is asked with
	confirm  time.Duration
	page     int64 // events on one page

	known  *listing // as of the cursor the caller holds
	next   *listing // as of the cursor returned last
	stage  *stage   // what is still to be reported
	stages int

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
}

var _ connectors.Source = (*Source)(nil)

// Open finds the calendar, or makes it. An error of class Config with code
// "no-calendar" says that there is none of that name.
func Open(ctx context.Context, o Options) (*Source, error) {
	if o.URL == "" {
		o.URL = DefaultURL
	}
	if o.Poll <= 0 {
		o.Poll = defaultPoll
	}
	if o.Guard == nil {
		o.Guard = &connectors.Loss{}
	}
	c, err := newClient(o)
	if err != nil {
		return nil, err
	}
	api, err := c.service(ctx)
	if err != nil {
		return nil, misconfigured("bad-url", err)
	}
	s := &Source{o: o, c: c, api: api, session: rand.Text(), confirm: time.Minute, page: pageSize}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if err := s.find(ctx); err != nil {
		s.cancel()
		return nil, s.failed(err)
	}
	s.params = s.paramHash()
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
