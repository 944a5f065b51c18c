package imap

import (
	"strings"
	"time"
)

// Clock says how far the server's clock is from ours. IMAP has no command that
// tells the time, and nothing may be stored to find out.
type Clock struct {
	Known bool
	Skew  time.Duration // positive: the server is ahead
	// Ahead is set where Skew is not known, but the newest message of INBOX
	// arrived in our future, by this much.
	Ahead time.Duration
}

const (
	clockProbes = 40              // searches of one measurement
	justNow     = 5 * time.Second // a message that arrived now, by both clocks
)

// askClock asks by WITHIN (RFC 5032 section 2): "YOUNGER n" is true of a message
// that arrived at most n seconds ago by the server's clock. The least n for which
// it is true, added to the time of arrival, is the server's time.
func (e *Exam) askClock(s *Source) error {
	for i, b := range e.Boxes {
		if b.Messages == 0 || b.Refused != "" {
			continue
		}
		at, err := s.boxAt(strings.Split(s.o.Mailboxes[i], "/"))
		if err != nil {
			return err
		}
		if err := s.enterBox(at, false); err != nil {
			return err
		}
		uid, arrived, err := s.newest()
		if err != nil || uid == 0 {
			return err
		}
		if ahead := time.Until(arrived); ahead > 0 {
			e.Clock.Ahead = ahead.Round(time.Second)
		}
		if s.c.caps["WITHIN"] {
			e.Clock, err = s.serverTime(uid, arrived, e.Clock)
		}
		return err
	}
	return nil
}

// newest returns the last message of the selected mailbox and when it arrived.
func (s *Source) newest() (uid uint32, arrived time.Time, err error) {
	_, err = s.c.do(longTimeout, cmd("FETCH %d (UID INTERNALDATE)", s.sel.exists), func(response []byte) {
		items := fetchItems(response)
		// RFC 9051 section 9, "date-time"; the day may have a blank for its zero.
		for _, form := range []string{"_2-Jan-2006 15:04:05 -0700", "2-Jan-2006 15:04:05 -0700"} {
			if t, err := time.Parse(form, items["INTERNALDATE"].s); err == nil && items["UID"].number() > 0 {
				uid, arrived = uint32(items["UID"].number()), t
			}
		}
	})
	return uid, arrived, err
}

func (s *Source) serverTime(uid uint32, arrived time.Time, c Clock) (Clock, error) {
	younger := func(n int64) (bool, error) {
		uids, err := s.search(cmd("UID SEARCH UID %d YOUNGER %d", uid, n))
		return len(uids) > 0, err
	}
	// The age by our clock is the first guess; from there outward, then inward.
	guess := max(1, int64(time.Since(arrived)/time.Second))
	low, high := int64(0), guess // it is not younger than low, and is younger than high
	probes := 0
	try := func(n int64) (bool, error) { probes++; return younger(n) }
	for step := int64(1); ; step *= 4 {
		ok, err := try(high)
		if err != nil || probes > clockProbes || high > 1<<31 {
			return c, err
		}
		if ok {
			break
		}
		low, high = high, high+step
	}
	if high == guess {
		for step := int64(1); low == 0 && high-step > 0; step *= 4 {
			ok, err := try(high - step)
			if err != nil {
				return c, err
			}
			if !ok {
				low = high - step
				break
			}
			high -= step
		}
	}
	for high-low > 1 && probes < clockProbes {
		middle := low + (high-low)/2
		ok, err := try(middle)
		if err != nil {
			return c, err
		}
		if ok {
			high = middle
		} else {
			low = middle
		}
	}
	if high <= 1 && time.Since(arrived).Abs() > justNow {
		return c, nil // it arrived in the server's own future: no ruler
	}
	now := arrived.Add(time.Duration(high) * time.Second)
	return Clock{Known: true, Skew: time.Until(now).Round(time.Second)}, nil
}
