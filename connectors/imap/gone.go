package imap

import (
	"fmt"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

// leave reports what vanished, when everything else of the round has been
// reported. It reports whether there is more.
//
// A message that was moved after the other mailbox was asked, and before this one
// was, would be missed before it is seen. So what is found missing is held until
// one more round has asked all mailboxes for arrivals.
func (s *Source) leave(batch *connectors.Batch) (more bool, err error) {
	r := s.round
	held, reported := map[string]uidset{}, false
	for _, st := range r.stops {
		if st.skip {
			continue
		}
		if !st.counted {
			if err := s.count(st); err != nil {
				return false, err
			}
			if st.skip {
				continue
			}
			st.counted = true
		}
		p := st.p
		ready := st.gone
		if len(r.stops) > 1 && r.waits < maxWaits {
			ready = ready.both(r.held[st.box.name])
		}
		part := ready.first(max(0, maxChanged-len(batch.Changes)))
		s.report(st, batch, part)
		reported = reported || len(part) > 0
		st.gone, p.Known = st.gone.minus(part), p.Known.minus(part)
		if part.size() < ready.size() {
			return true, nil
		}
		if len(st.gone) > 0 {
			held[st.box.name] = st.gone
		} else {
			s.end(st)
		}
	}
	for _, st := range r.stops {
		r.again = r.again || !st.skip && len(st.p.Todo) > 0
	}
	if reported {
		r.waits = 0
	}
	if r.held = held; len(held) > 0 {
		r.waits, r.again = r.waits+1, true
	}
	return r.again, nil
}

// report adds what is gone to a batch.
func (s *Source) report(st *stop, batch *connectors.Batch, gone uidset) {
	st.busy = st.busy || len(gone) > 0
	seen := s.sweeps[sweepKey(st.box, st.p.Validity)]
	for _, uid := range gone.list() {
		batch.Changes = append(batch.Changes, model.Change{Op: model.Gone, Ref: model.Ref{
			Source: s.o.Source, Mailbox: model.Name(st.box.name), UIDValidity: st.p.Validity, UID: uid,
		}})
		if seen != nil {
			delete(seen.flags, uid)
			seen.dirty = true
		}
	}
}

// end ends a mailbox for this round.
func (s *Source) end(st *stop) {
	p := st.p
	told := s.resyncs && st.status.modseq > 0
	p.trim(told)
	now := time.Now().Unix()
	if p.Gones != st.status.modseq || st.busy || now-p.Read > int64(readEvery.Seconds()) {
		p.Read = now
	}
	p.Gones = st.status.modseq
}

// count finds out what vanished from a mailbox: the server tells (QRESYNC), or the
// number of its messages does not fit what is known, and the UIDs are compared.
func (s *Source) count(st *stop) error {
	p := st.p
	if told := s.resyncs && p.Gones > 0 && st.status.modseq > 0; told {
		if p.Gones == st.status.modseq && p.Rough {
			return nil
		}
		if p.Gones != st.status.modseq && !st.told {
			if err := s.enterStop(st); err != nil || st.skip {
				return err
			}
		}
	}
	if st.told {
		st.missing(st.vanished.both(p.Known))
		if p.Rough {
			return nil
		}
	}
	there, known := uint64(st.status.messages), p.Known.minus(st.gone).size()
	odd := fmt.Sprint(p.Validity, p.Next, there, known)
	held := len(s.round.held[st.box.name]) > 0 // to be looked for once more
	if !p.Rough && there == known || s.odds[st.box.name] == odd && !held {
		return nil
	}
	if err := s.enterStop(st); err != nil || st.skip {
		return err
	}
	found, err := s.uids(1, p.Next-1, min(known, uint64(s.sel.exists)))
	if err != nil {
		return err
	}
	if !p.Rough {
		// There, below Next and never seen: a server may show a message late.
		// Once: one that SEARCH names and FETCH does not know must not be read for ever.
		key := sweepKey(st.box, p.Validity)
		late := found.minus(p.Known).minus(s.late[key])
		s.late[key] = s.late[key].union(late)
		p.Known, p.Todo = p.Known.union(late), p.Todo.union(late)
	}
	st.missing(p.Known.minus(found))
	p.Rough = false
	if len(st.gone)+len(p.Todo) == 0 {
		s.odds[st.box.name] = odd // it never fits: not again
	}
	return nil
}

// missing notes what is no longer there. What was never read is only forgotten.
func (st *stop) missing(gone uidset) {
	p := st.p
	unread := gone.both(p.Todo)
	p.Known = p.Known.minus(unread)
	st.unread = st.unread.minus(unread)
	st.gone = gone.minus(unread).both(p.Known)
}
