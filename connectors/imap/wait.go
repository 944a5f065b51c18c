package imap

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

const (
	// IDLE is issued anew at a random moment: many routers forget a connection
	// after less than the 29 minutes that RFC 2177 allows.
	idleMin = 9 * time.Minute
	idleMax = 25 * time.Minute
	// idleGap bounds how long the server may take to begin and to end an IDLE.
	idleGap = 30 * time.Second
)

// idleFirst are the terms of the first IDLEs of a Wait. Some servers tell what
// happened just before an IDLE began only when it ends.
var idleFirst = []time.Duration{250 * time.Millisecond, 5 * time.Second}

// Wait idles on INBOX, or on the first followed mailbox. It returns nil when the
// server speaks of a change there, and after Options.Poll in any case, which is
// how the other mailboxes are looked at.
func (s *Source) Wait(ctx context.Context) error {
	inner, leave := s.enter(ctx)
	defer leave()
	if err := s.ready(inner); err != nil {
		return s.final(ctx, err, "wait")
	}
	// The setup is short and not cut off by ctx: a cancelled Wait must leave the
	// connection usable. Its own timeouts and Close bound it.
	defer s.guard(s.life)()
	return s.final(ctx, s.wait(inner), "wait")
}

func (s *Source) wait(ctx context.Context) error {
	poll := time.NewTimer(s.o.Poll)
	defer poll.Stop()
	idle := s.c.caps["IDLE"]
	if idle {
		news, err := s.lookout()
		if _, refused := asRefusal(err); refused {
			idle = false // the mailbox is gone: Pull reports it
		} else if err != nil || news {
			return err
		}
	}
	for n := 0; idle; n++ {
		term := idleMin + rand.N(idleMax-idleMin)
		if n < len(idleFirst) {
			term = idleFirst[n]
		}
		again, err := s.idleOnce(ctx, poll.C, term)
		if _, refused := asRefusal(err); refused {
			s.c.caps["IDLE"] = false
			break
		}
		if err != nil || !again {
			return err
		}
	}
	select {
	case <-poll.C:
		return nil
	case <-s.c.news:
		return nil
	case <-s.c.client.Closed():
		return s.c.broken(nil)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lookout enters the mailbox to idle on. It reports news if more has arrived
// there than Pull has seen: SELECT would swallow the event.
func (s *Source) lookout() (bool, error) {
	boxes, err := s.followed()
	if err != nil {
		return false, err
	}
	b := boxes[0]
	for _, x := range boxes {
		if strings.EqualFold(x.name, "INBOX") {
			b = x
		}
	}
	// Entered already: the server tells by IDLE what happened since.
	if s.sel.box.wire == b.wire {
		return false, nil
	}
	if err := s.enterBox(b, false); err != nil {
		return false, err
	}
	// Once for each state, whatever a server means by it.
	now := fmt.Sprintf("%s %d %d %d", b.wire, s.sel.validity, s.sel.next, s.sel.modseq)
	p, known := s.last[b.name]
	fresh := known && now != s.nudge && (p.Validity != s.sel.validity || p.Next < s.sel.next || p.Modseq != s.sel.modseq)
	s.nudge = now
	return fresh, nil
}

// idleOnce idles until news, poll, ctx or the time to begin anew (again).
func (s *Source) idleOnce(ctx context.Context, poll <-chan time.Time, term time.Duration) (again bool, err error) {
	var running *imapclient.IdleCommand
	c := s.c
	start := c.library(idleGap, func(client *imapclient.Client) (err error) {
		running, err = client.Idle()
		return err
	})
	if running == nil {
		return false, start
	}
	renew := time.NewTimer(term)
	defer renew.Stop()
	select {
	case <-c.news:
	case <-poll:
	case <-renew.C:
		again = true
	case <-c.client.Closed():
	case <-ctx.Done():
		err = ctx.Err()
	}
	stopped := c.library(idleGap, func(*imapclient.Client) error {
		if err := running.Close(); err != nil {
			return err
		}
		return running.Wait()
	})
	if err == nil {
		err = stopped
	}
	return again, err
}
