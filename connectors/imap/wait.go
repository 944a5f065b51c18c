package imap

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
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

// idleNaps are the terms where the server puts IDLEs to sleep, the last of them
// for all that follow: what happens in the moment of falling asleep is told only
// when the IDLE ends.
var idleNaps = []time.Duration{2500 * time.Millisecond, 10 * time.Second, time.Minute}

// idleTerm is how long the nth IDLE of a Wait may last.
func (s *Source) idleTerm(n int) time.Duration {
	switch {
	case s.naps:
		return idleNaps[min(n, len(idleNaps)-1)]
	case s.c.server == "dovecot" && n == 0:
		return idleFirst[1] // it looks when an IDLE begins
	case s.c.server != "dovecot" && n < len(idleFirst):
		return idleFirst[n]
	}
	return idleMin + rand.N(idleMax-idleMin)
}

// idleTook is what Dovecot says of an IDLE that it ended.
var idleTook = regexp.MustCompile(`^Idle completed(\.| \((\d{1,7}\.\d{3}) )`)

// noteNap latches that the server hibernates (Dovecot's imap_hibernate_timeout):
// the process that ends such an IDLE knows only of the moment since it was woken,
// or not even that.
// Dovecot 2.3.19 forgets a change that comes in the half second before it puts the
// connection to sleep.
func (s *Source) noteNap(text string, idled time.Duration) {
	m := idleTook.FindStringSubmatch(text)
	if m == nil || s.c.server != "dovecot" || idled < 2*time.Second {
		return
	}
	if m[1] == "." {
		s.naps = true
	} else if seconds, err := strconv.ParseFloat(m[2], 64); err == nil && seconds < idled.Seconds()/2 {
		s.naps = true
	}
}

// Wait idles on INBOX, or on the first followed mailbox, and asks for the state
// of the others every Options.Glance. It returns nil when the server speaks of a
// change, when it had to log in anew, and after Options.Poll in any case.
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

// pause is what may end an IDLE beside news. It lies on the heap: the stack of a
// goroutine that waits is what an idle account costs most.
type pause struct {
	poll, glance, over <-chan time.Time
	call               <-chan struct{} // of the sentry

	due   time.Time // of the poll
	often bool      // urgent mailboxes are glanced at
	stop  func()
}

// pauses sets the clocks of one Wait. Mailboxes that no IDLE stands in are looked
// at in between; without IDLE that is all of them.
func (s *Source) pauses(idle, often bool, due time.Time) *pause {
	poll := time.NewTimer(time.Until(due))
	p, stop := &pause{poll: poll.C, due: due, often: often}, poll.Stop
	if len(s.o.Mailboxes) > 1 || !idle {
		every := s.o.Glance
		if often {
			every = min(every, urgentGlance)
		}
		t := time.NewTicker(every)
		p.glance, stop = t.C, func() bool { t.Stop(); return poll.Stop() }
	}
	if s.sentry != nil {
		p.call = s.sentry.news
	}
	if s.until.IsZero() {
		p.stop = func() { stop() }
		return p
	}
	over := time.NewTimer(max(time.Until(s.until), 0))
	p.over, p.stop = over.C, func() { over.Stop(); stop() }
	return p
}

// attend sets the clocks anew if sentries came or went; p is nil at first.
func (s *Source) attend(p *pause, idle bool) (*pause, error) {
	often, err := s.post()
	switch {
	case err != nil:
		return p, err
	case p == nil:
		return s.pauses(idle, often, time.Now().Add(s.o.Poll)), nil
	case p.often == often:
		return p, nil
	}
	p.stop()
	return s.pauses(idle, often, p.due), nil
}

func (s *Source) wait(ctx context.Context) error {
	idle := s.c.caps["IDLE"]
	clocks, err := s.attend(nil, idle)
	if err != nil {
		return err
	}
	defer func() { clocks.stop() }()
	if idle {
		news, err := s.lookout()
		if _, refused := asRefusal(err); refused {
			idle = false // the mailbox is gone: Pull reports it
		} else if err != nil || news {
			return err
		}
	}
	for n := 0; ; n++ {
		end, err := rested, error(nil)
		if idle {
			end, err = s.idleOnce(ctx, clocks, s.idleTerm(n))
			if _, refused := asRefusal(err); refused {
				s.c.caps["IDLE"] = false
				return s.wait(ctx) // by the clocks of one who cannot idle
			}
		} else {
			end, err = s.rest(ctx, clocks)
		}
		if err != nil || end == told {
			return err
		}
		if end == expired {
			return s.connect(ctx)
		}
		if end != glanced {
			continue
		}
		if news, err := s.glance(idle); err != nil || news {
			return err
		}
		if clocks, err = s.attend(clocks, idle); err != nil {
			return err
		}
	}
}

// ending is why an IDLE ended.
type ending int

const (
	rested  ending = iota // its term is over
	told                  // news, or the poll is due
	glanced               // time to look at the other mailboxes
	expired               // the login ends soon
)

// rest waits without IDLE.
func (s *Source) rest(ctx context.Context, p *pause) (ending, error) {
	select {
	case <-p.poll:
		return told, nil
	case <-s.c.news:
		return told, nil
	case <-p.glance:
		return glanced, nil
	case <-p.call:
		return glanced, nil
	case <-p.over:
		return expired, nil
	case <-s.c.client.Closed():
		return told, s.c.broken(nil)
	case <-ctx.Done():
		return told, ctx.Err()
	}
}

// glance reports whether a mailbox that no IDLE stands in has changed since Pull
// read it.
func (s *Source) glance(idle bool) (bool, error) {
	boxes, err := s.followed()
	if err != nil {
		return false, err
	}
	if !idle {
		// RFC 9051 section 6.3.11: STATUS is not for the mailbox that is selected.
		if _, err := s.c.do(longTimeout, cmd("NOOP"), nil); err != nil {
			if _, refused := asRefusal(err); !refused {
				return false, err
			}
		}
	}
	all, err := s.listStatus(boxes)
	if err != nil {
		return false, err
	}
	for _, b := range boxes {
		if b.wire == s.sel.box.wire {
			continue
		}
		st, known := all[b.wire]
		if !known {
			st, err = s.statusOf(b)
		}
		if _, refused := asRefusal(err); refused {
			continue // Pull reports it
		}
		if err != nil {
			return false, err
		}
		if s.fresh(b, st) {
			return true, nil
		}
	}
	select {
	case <-s.c.news:
		return true, nil
	default:
		return false, nil
	}
}

// fresh reports whether a mailbox stands elsewhere than where Pull left it: once
// for each state, whatever a server means by it.
func (s *Source) fresh(b box, st status) bool {
	now := fmt.Sprintf("%d %d %d %d", st.validity, st.next, st.modseq, st.messages)
	p, known := s.last[b.name]
	before := s.nudged[b.wire]
	s.nudged[b.wire] = now
	return known && now != before && (p.Validity != st.validity || p.Next < st.next || p.Modseq != st.modseq || p.count != st.messages)
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
	return s.fresh(b, status{messages: s.sel.exists, next: s.sel.next, validity: s.sel.validity, modseq: s.sel.modseq}), nil
}

// idleOnce idles until news, ctx or one of the clocks.
func (s *Source) idleOnce(ctx context.Context, p *pause, term time.Duration) (end ending, err error) {
	var running *imapclient.IdleCommand
	c := s.c
	start := c.library(idleGap, func(client *imapclient.Client) (err error) {
		running, err = client.Idle()
		return err
	})
	if running == nil {
		return told, start
	}
	began := time.Now()
	renew := time.NewTimer(term)
	defer renew.Stop()
	end = told
	select {
	case <-c.news:
	case <-p.poll:
	case <-p.glance:
		end = glanced
	case <-p.call:
		end = glanced
	case <-p.over:
		end = expired
	case <-renew.C:
		end = rested
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
	if stopped == nil {
		c.mu.Lock()
		said := c.tagged.text
		c.mu.Unlock()
		s.noteNap(said, time.Since(began))
	}
	if err == nil {
		err = stopped
	}
	return end, err
}
