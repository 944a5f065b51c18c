package imap

import (
	"fmt"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

// begin starts a round with the mailbox that is selected: what woke us happened
// there. The others are asked after its news were read.
func (s *Source) begin(first bool) error {
	old := s.round
	s.c.forgetNews()
	r := &round{pos: old.pos, held: old.held, waits: old.waits, began: time.Now()}
	s.round = r
	boxes, err := s.followed()
	if err != nil {
		return err
	}
	for _, b := range boxes {
		if b.wire == s.sel.box.wire {
			err = s.ask(b, status{})
		} else {
			r.rest = append(r.rest, b)
		}
		if err != nil {
			return err
		}
	}
	if first && s.o.Baseline {
		if err := s.askRest(); err != nil {
			return err
		}
		r.stops = nil
	}
	return nil
}

// askRest asks about the mailboxes that were not asked yet, as many at once as
// the server answers.
func (s *Source) askRest() error {
	r := s.round
	var quiet []box // those that need not be selected in any case
	for _, b := range r.rest {
		if p := r.pos.Boxes[b.name]; p != nil && p.Listed && p.Modseq > 0 && s.c.caps["CONDSTORE"] {
			quiet = append(quiet, b)
		}
	}
	told, err := s.listStatus(quiet)
	if err != nil {
		return err
	}
	rest := r.rest
	r.rest = nil
	for _, b := range rest {
		if err := s.ask(b, told[b.wire]); err != nil {
			return err
		}
	}
	return nil
}

// ask makes a stop of a mailbox and sets its place. A mailbox that is not there
// is a fault, not an error: the others go on. told is its state, if it is known.
func (s *Source) ask(b box, told status) error {
	r, now := s.round, time.Now()
	p := r.pos.Boxes[b.name]
	restless, healed := false, false
	if p != nil {
		was := p.Asked != 0
		unstable, rest := p.unstable(now)
		if restless, healed = unstable, was && !unstable; unstable {
			s.tell(b, "uidvalidity-unstable")
		}
		if rest {
			return nil
		}
		if unstable {
			p.Asked = now.Unix()
		}
	}
	st, err := s.state(b, p, told)
	if a, refused := asRefusal(err); refused {
		return s.refused(b, a)
	}
	if err != nil {
		return err
	}
	if p = st.p; (p.Lost || s.faulted[b.name] || healed) && !restless {
		// What was said of the mailbox as a whole no longer holds.
		delete(s.faulted, b.name)
		r.faults = append(r.faults, model.Change{Op: model.Gone, Ref: model.Ref{Source: s.o.Source, Mailbox: model.Name(b.name)}})
	}
	s.meet(st)
	r.stops = append(r.stops, st)
	if !p.Listed {
		if err := s.listUnread(st); err != nil {
			return err
		}
	}
	if p.Target == 0 && !st.settled {
		return s.sweepOnce(st)
	}
	return nil
}

// state asks one mailbox how it is, with as few commands as the answer takes.
func (s *Source) state(b box, p *place, told status) (*stop, error) {
	st := &stop{box: b, p: p, status: told}
	var err error
	switch {
	case p == nil, !p.Listed, p.Modseq == 0, s.sel.box.wire == b.wire, !s.c.caps["CONDSTORE"]:
		// RFC 9051 section 6.3.11: STATUS of the selected mailbox need not be fresh. On
		// Dovecot it is not, and if somebody deleted that mailbox and made it anew,
		// even NOOP does not tell. What has to be looked into is selected at once.
		err = s.enterAnew(st)
	case told.next == 0:
		st.status, err = s.statusOf(b)
		fallthrough
	default:
		// What says less than is known is asked twice: STATUS may be a stale copy.
		now := st.status
		if err == nil && (now.next == 0 || now.validity == p.Validity && (now.next < p.Next || now.modseq < p.Modseq)) {
			err = s.enterAnew(st)
		}
	}
	if _, refused := asRefusal(err); refused {
		if other, ok := s.odd(b); ok {
			st.box = other
			err = s.enterAnew(st)
		}
	}
	if err != nil || p != nil {
		return st, err
	}
	p = &place{Validity: st.status.validity, Next: 1, Modseq: st.status.modseq, Gones: st.status.modseq}
	st.p, s.round.pos.Boxes[b.name] = p, p
	if s.o.Baseline {
		p.Next, p.Read = max(st.status.next, 1), time.Now().Unix()
		return st, s.baseline(st)
	}
	return st, nil
}

// baseline notes what is there now, without a word of it.
func (s *Source) baseline(st *stop) error {
	s.meet(st)
	if err := s.listUnread(st); err != nil {
		return err
	}
	_, _, err := s.changes(st)
	return err
}

// tell reports a mailbox as a whole, once.
func (s *Source) tell(b box, code string) {
	if !s.faulted[b.name] {
		s.faulted[b.name] = true
		s.round.faults = append(s.round.faults, s.fault(b, code))
	}
}

// refused takes note of a mailbox that could not be looked into.
func (s *Source) refused(b box, a answer) error {
	r := s.round
	if e := classify(a, "status"); e.Class == connectors.Throttled {
		return e
	}
	s.faulted[b.name] = true
	if passing(a) {
		r.faults = append(r.faults, s.fault(b, "mailbox-unavailable"))
		return nil
	}
	r.faults = append(r.faults, s.fault(b, "no-mailbox"))
	p := r.pos.Boxes[b.name]
	if p == nil {
		p = &place{Read: time.Now().Unix()}
		r.pos.Boxes[b.name] = p
	}
	p.Lost = true
	return nil
}

// fault reports a mailbox as a whole.
func (s *Source) fault(b box, code string) model.Change {
	return model.Change{
		Op: model.Unreadable, Fault: &model.Fault{Code: code},
		Ref: model.Ref{Source: s.o.Source, Mailbox: model.Name(b.name)},
	}
}

// meet brings the place of a stop in line with its status.
func (s *Source) meet(st *stop) {
	p, now := st.p, time.Now()
	first := st.fresh == 0
	if first {
		st.fresh = p.Next
	}
	validity := p.Validity
	turned := p.meet(st.status, first, now)
	if p.Validity != validity {
		st.resync, st.unread = resync{}, nil
		st.fresh = p.Next // what a mailbox holds that is listed anew is not news
	}
	st.fresh, st.listed = min(st.fresh, p.Next), false
	if !turned {
		return
	}
	if unstable, _ := p.unstable(now); unstable {
		p.Asked = now.Unix()
		s.tell(st.box, "uidvalidity-unstable")
	}
}

// refresh looks again at the selected mailbox when the server spoke of news in it
// while old mail was read.
func (s *Source) refresh() error {
	select {
	case <-s.c.news:
	default:
		return nil
	}
	for _, st := range s.round.stops {
		if !st.skip && st.box.wire == s.sel.box.wire {
			st.entered = false
			return s.enterStop(st)
		}
	}
	return nil
}

// enterStop selects the mailbox of a stop. What the first SELECT of a round says
// about it is newer than STATUS.
func (s *Source) enterStop(st *stop) error {
	anew := !st.entered
	var err error
	if anew {
		err = s.enterAnew(st)
	} else {
		err = s.enterBox(st.box, false)
	}
	if a, refused := asRefusal(err); refused {
		if e := classify(a, "select"); e.Class == connectors.Throttled {
			return e
		}
		s.round.faults = append(s.round.faults, s.fault(st.box, "mailbox-unavailable"))
		st.skip = true
		return nil
	}
	switch {
	case err != nil:
		return err
	case anew:
		s.meet(st)
	default:
		s.verify(st)
	}
	return nil
}

// verify leaves a mailbox to the next round when it became another one.
func (s *Source) verify(st *stop) {
	if s.sel.box.wire == st.box.wire && s.sel.validity != st.p.Validity && s.sel.validity != 0 {
		st.skip = true
	}
}

// listStatus asks about many mailboxes with one command (RFC 5819 section 2),
// where the server can. The answer is by wire name; what is not in it must be
// asked for one by one.
func (s *Source) listStatus(boxes []box) (map[string]status, error) {
	if !s.c.caps["LIST-STATUS"] || len(boxes) < 2 {
		return nil, nil
	}
	told := make(map[string]status, len(boxes))
	var names []string
	size := 0
	for _, b := range boxes {
		// RFC 5258 section 3: the names are patterns, in which "*" and "%" match others.
		quoted, ok := asQuoted(b.wire)
		if !ok || strings.ContainsAny(b.wire, "*%") {
			continue
		}
		if size += len(quoted) + 1; size > maxCommand {
			if err := s.askList(names, told); err != nil {
				return told, err
			}
			names, size = nil, len(quoted)+1
		}
		names = append(names, quoted)
	}
	return told, s.askList(names, told)
}

// maxCommand bounds a command line: Dovecot takes 64 KiB, others 8.
const maxCommand = 8_000

func (s *Source) askList(names []string, told map[string]status) error {
	if len(names) == 0 || !s.c.caps["LIST-STATUS"] {
		return nil
	}
	k := cmd(`LIST "" (%s) RETURN (STATUS (%s))`, strings.Join(names, " "), s.statusItems())
	_, err := s.c.do(longTimeout, k, func(response []byte) {
		if name, st, ok := statusIn(response); ok && len(told) < maxBoxes {
			told[boxOfWire(name).wire] = st
		}
	})
	if _, refused := asRefusal(err); refused {
		// Some servers advertise it and do not take it. STATUS asks for each.
		delete(s.c.caps, "LIST-STATUS")
		return nil
	}
	return err
}

// asQuoted writes a name as a quoted string; ok is false if it needs a literal.
func asQuoted(name string) (_ string, ok bool) {
	k := cmd("").str(name)
	return strings.TrimSpace(k.parts[0].text), len(k.parts) == 1
}

func (s *Source) statusItems() string {
	items := "MESSAGES UIDNEXT UIDVALIDITY"
	if s.c.caps["CONDSTORE"] {
		items += " HIGHESTMODSEQ"
	}
	return items
}

func (s *Source) statusOf(b box) (status, error) {
	var st status
	_, err := s.c.do(longTimeout, cmd("STATUS").str(b.wire).text(fmt.Sprintf(" (%s)", s.statusItems())), func(response []byte) {
		// The name before the list may be anything: only the list counts.
		if _, now, ok := statusIn(response); ok {
			st = now
		}
	})
	return st, err
}
