package imap

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"chancery/connectors"
)

const (
	// urgentGlance is how often urgent mailboxes are looked at where nobody stands
	// sentry in them.
	urgentGlance = 5 * time.Second
	// sentryPause is how long a sentry that lost its connection waits at first; the
	// last of the pauses is sentryRest.
	sentryPause = 2 * time.Second
	sentryRest  = 5 * time.Minute
)

// sentry is a second connection, on which the server tells of news in the urgent
// mailboxes by itself (RFC 5465 section 3.1). It stands in no mailbox, so it says nothing of
// any other and changes nothing. Its goroutine ends with the Source.
type sentry struct {
	boxes []string // wire names
	news  chan struct{}
	up    atomic.Bool // it listens
	end   context.CancelFunc
	done  chan struct{}
}

// urgent returns the followed mailboxes beside INBOX that Options.Urgent names.
func (s *Source) urgent() ([]box, error) {
	if s.o.Urgent == nil {
		return nil, nil
	}
	names := s.o.Urgent()
	if len(names) == 0 {
		return nil, nil
	}
	followed, err := s.followed()
	if err != nil {
		return nil, err
	}
	var out []box
	for i, b := range followed {
		named := slices.ContainsFunc(names, func(n string) bool { return n == "*" || n == s.o.Mailboxes[i] })
		if named && !strings.EqualFold(b.name, "INBOX") {
			out = append(out, b)
		}
	}
	return out, nil
}

// post puts a sentry where one is needed, and calls one off that is not needed any
// more. often is whether mailboxes must be glanced at instead.
func (s *Source) post() (often bool, err error) {
	boxes, err := s.urgent()
	if err != nil {
		return false, err
	}
	var wires []string
	for _, b := range boxes {
		if quoted, ok := asQuoted(b.wire); ok {
			wires = append(wires, quoted)
		}
	}
	if s.sentry != nil && !slices.Equal(s.sentry.boxes, wires) {
		s.sentry.leave()
		s.sentry = nil
	}
	if s.sentry == nil && len(wires) > 0 && s.c.caps["NOTIFY"] {
		s.sentry = s.standSentry(wires)
	}
	return len(boxes) > 0 && (s.sentry == nil || !s.sentry.up.Load() || len(wires) < len(boxes)), nil
}

func (s *Source) standSentry(wires []string) *sentry {
	ctx, end := context.WithCancel(s.life)
	g := &sentry{boxes: wires, news: make(chan struct{}, 1), end: end, done: make(chan struct{})}
	o := s.o // Options do not change
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life.Err() != nil {
		end()
		return nil
	}
	s.guards.Go(func() {
		defer close(g.done)
		pause := sentryPause
		for ctx.Err() == nil {
			began := time.Now()
			err := g.listen(ctx, &o)
			g.up.Store(false)
			g.tell() // whoever waits goes on by the clock
			_, no := asRefusal(err)
			switch class, _ := connectors.Classify(err); {
			case no: // it announced what it cannot do
				pause = sentryRest
			case class == connectors.Auth, class == connectors.Config, class == connectors.Throttled:
				pause = sentryRest // the connection of the Source itself tells why
			case time.Since(began) > sentryRest:
				pause = sentryPause
			}
			select {
			case <-time.After(pause + rand.N(pause)):
			case <-ctx.Done():
			}
			pause = min(2*pause, sentryRest)
		}
	})
	return g
}

// leave ends the sentry and waits for it.
func (g *sentry) leave() {
	g.end()
	<-g.done
}

func (g *sentry) tell() {
	select {
	case g.news <- struct{}{}:
	default:
	}
}

// listen connects and tells of news until the connection ends.
func (g *sentry) listen(ctx context.Context, o *Options) error {
	c, err := dial(ctx, o)
	if err != nil {
		return err
	}
	defer c.end()
	defer context.AfterFunc(ctx, func() { _ = c.fail(ctx.Err()) })()
	// RFC 5465 section 5: MessageNew and MessageExpunge go together. Nothing is asked
	// for the mailbox that is selected, because none is.
	k := cmd("NOTIFY SET (MAILBOXES (%s) (MessageNew MessageExpunge))", strings.Join(g.boxes, " "))
	heard := func(response []byte) {
		if _, kind, _, _ := untagged(response); kind == "STATUS" {
			g.tell()
		}
	}
	if _, err := c.do(longTimeout, k, heard); err != nil {
		return err
	}
	g.up.Store(true)
	g.tell() // what came before
	for {
		still := time.NewTimer(idleMin + rand.N(idleMax-idleMin))
		select {
		case <-c.news:
			still.Stop()
			g.tell()
			continue
		case <-still.C:
		case <-c.client.Closed():
			still.Stop()
			return c.broken(nil)
		}
		if _, err := c.do(longTimeout, cmd("NOOP"), heard); err != nil {
			return err
		}
	}
}
