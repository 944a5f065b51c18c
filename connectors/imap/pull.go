package imap

import (
	"context"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

// maxBatchSize bounds the octets of the messages of one Batch, by RFC822.SIZE.
const maxBatchSize = 16 << 20

// maxReconnects bounds the fresh connections one Pull may use to find a message
// that kills them.
const maxReconnects = 24

// round is one walk over all followed mailboxes: the state of each at its start,
// kept in memory from one Batch to the next.
type round struct {
	after   connectors.Cursor // what Pull must be called with to go on
	stops   []*stop
	faults  []model.Change // missing mailboxes, reported once
	redials int
}

// stop is one mailbox of a round.
type stop struct {
	box    box
	status status
	skip   bool // could not be entered: not in this round
	known  []entry
	upTo   uint32 // UIDs below have been listed into known
	window uint32
}

// Pull reports what arrived in any mailbox before it reports flags that changed:
// a message that moved is then seen where it is before it is missed where it was.
// Messages that vanished are not reported.
func (s *Source) Pull(ctx context.Context, since connectors.Cursor) (connectors.Batch, error) {
	pos, err := parseCursor(since)
	if err != nil {
		return connectors.Batch{}, err
	}
	var batch connectors.Batch
	err = s.call(ctx, "pull", func(ctx context.Context) error {
		if s.round == nil || since == "" || s.round.after != since {
			s.round = nil
			r, err := s.begin(pos, since == "")
			if err != nil {
				return err
			}
			s.round = r
		}
		r := s.round
		r.redials = maxReconnects
		batch.Changes, r.faults = r.faults, nil
		more, err := s.walk(ctx, pos, &batch)
		if err != nil {
			return err
		}
		batch.More = more
		batch.Changes = append(batch.Changes, r.faults...)
		r.faults = nil
		if batch.Next, err = pos.cursor(); err != nil {
			return err
		}
		r.after = batch.Next
		s.last = make(map[string]place, len(pos.Boxes))
		for name, p := range pos.Boxes {
			s.last[name] = *p
		}
		if !more {
			s.round = nil
		}
		return nil
	})
	if err != nil {
		s.round = nil
		return connectors.Batch{}, err
	}
	return batch, nil
}

// begin asks for the status of every followed mailbox and sets its place. A
// mailbox that is not there is a fault, not an error: the others go on.
func (s *Source) begin(pos *position, first bool) (*round, error) {
	s.c.forgetNews()
	boxes, err := s.followed()
	if err != nil {
		return nil, err
	}
	r := &round{}
	now := time.Now()
	for _, b := range boxes {
		st, err := s.askFresh(b)
		if _, refused := asRefusal(err); refused {
			if other, ok := s.odd(b); ok {
				b = other
				st, err = s.askFresh(b)
			}
		}
		p := pos.Boxes[b.name]
		if a, refused := asRefusal(err); refused {
			if e := classify(a, "status"); e.Class == connectors.Throttled {
				return nil, e
			}
			s.faulted[b.name] = true
			if passing(a) {
				r.faults = append(r.faults, s.fault(b, "mailbox-unavailable"))
				continue
			}
			r.faults = append(r.faults, s.fault(b, "no-mailbox"))
			if p == nil {
				p = &place{Read: now.Unix()}
				pos.Boxes[b.name] = p
			}
			p.Lost = true
			continue
		}
		if err != nil {
			return nil, err
		}
		if p == nil {
			// New in the configuration, or everything is new.
			p = &place{Validity: st.validity, Next: 1, Modseq: st.modseq}
			if s.o.Baseline {
				// Dovecot begins to count MODSEQ when a mailbox is first selected with
				// CONDSTORE, and then every message counts as changed.
				if st, err = s.askSelect(b); err != nil {
					return nil, err
				}
				p.Validity, p.Modseq = st.validity, st.modseq
				p.Next, p.Read = max(st.next, 1), now.Unix()
			}
			pos.Boxes[b.name] = p
		}
		if p.Lost || s.faulted[b.name] {
			// What was said of the mailbox as a whole no longer holds.
			delete(s.faulted, b.name)
			r.faults = append(r.faults, model.Change{Op: model.Gone, Ref: model.Ref{Source: s.o.Source, Mailbox: model.Name(b.name)}})
		}
		p.meet(st.validity, st.next, st.modseq)
		r.stops = append(r.stops, &stop{box: b, status: st})
	}
	if first && s.o.Baseline {
		r.stops = nil
	}
	return r, nil
}

// fault reports a mailbox as a whole.
func (s *Source) fault(b box, code string) model.Change {
	return model.Change{
		Op: model.Unreadable, Fault: &model.Fault{Code: code},
		Ref: model.Ref{Source: s.o.Source, Mailbox: model.Name(b.name)},
	}
}

// walk adds one slice of changes to the batch. It reports whether there is more.
func (s *Source) walk(ctx context.Context, pos *position, batch *connectors.Batch) (bool, error) {
	for _, st := range s.round.stops {
		p := pos.Boxes[st.box.name]
		for !st.skip && p.Next < st.status.next {
			changes, err := s.arrivals(ctx, st, p)
			if err != nil {
				return false, err
			}
			if len(changes) > 0 {
				batch.Changes = append(batch.Changes, changes...)
				return true, nil
			}
		}
	}
	for _, st := range s.round.stops {
		if st.skip {
			continue
		}
		p := pos.Boxes[st.box.name]
		busy := p.Bound > 0
		changes, more, err := s.changes(st, p)
		if err != nil {
			return false, err
		}
		if st.skip {
			continue
		}
		batch.Changes = append(batch.Changes, changes...)
		if more {
			return true, nil
		}
		if now := time.Now(); busy || len(changes) > 0 || now.Unix()-p.Read > int64(readEvery.Seconds()) {
			p.Read = now.Unix()
		}
	}
	return false, nil
}

// enterStop selects the mailbox of a stop. What SELECT says about it is newer
// than STATUS.
func (s *Source) enterStop(st *stop, p *place) error {
	err := s.enterBox(st.box, false)
	if a, refused := asRefusal(err); refused {
		if e := classify(a, "select"); e.Class == connectors.Throttled {
			return e
		}
		s.round.faults = append(s.round.faults, s.fault(st.box, "mailbox-unavailable"))
		st.skip = true
		return nil
	}
	if err != nil {
		return err
	}
	if s.sel.validity != st.status.validity && s.sel.validity != 0 {
		st.status.validity, st.status.next, st.status.modseq = s.sel.validity, s.sel.next, s.sel.modseq
		st.known, st.upTo, st.window = nil, 0, 0
		p.meet(s.sel.validity, s.sel.next, s.sel.modseq)
	}
	return nil
}

// askFresh tells the state of a mailbox as it is now. RFC 9051 section 6.3.11:
// STATUS of the selected mailbox need not be fresh. On Dovecot it is not, and if
// somebody deleted that mailbox and made it anew, even NOOP does not tell.
func (s *Source) askFresh(b box) (status, error) {
	if s.sel.box.wire == b.wire {
		return s.askSelect(b)
	}
	st, err := s.statusOf(b)
	if err == nil && st.next == 0 {
		return s.askSelect(b) // some servers leave UIDNEXT out
	}
	return st, err
}

func (s *Source) askSelect(b box) (status, error) {
	s.sel = selected{}
	err := s.enterBox(b, false)
	return status{messages: s.sel.exists, next: s.sel.next, validity: s.sel.validity, modseq: s.sel.modseq}, err
}
