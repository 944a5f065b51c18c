package imap

import (
	"context"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

const (
	// maxKept bounds the octets of text and attachments that one Batch holds.
	maxKept = 16 << 20
	// setsPerBatch is how many FETCHes one Batch may take. The first Batch of a round
	// takes one and each that follows one more, so that the caller has something to
	// work on soon.
	setsPerBatch = 4
	// maxReconnects bounds the fresh connections one Pull may use to find a message
	// that kills them.
	maxReconnects = 24
	// roundTerm is how long old mail is read before all mailboxes are asked again
	// for new mail.
	roundTerm = 30 * time.Second
	// maxWaits is how often what vanished waits for another round, on a server that
	// names another message each time.
	maxWaits = 8
	// maxSlices bounds how long Pull looks for something to report.
	maxSlices = 64
)

// round is one walk over all followed mailboxes: the state of each at its start,
// kept in memory from one Batch to the next.
type round struct {
	pos     *position
	after   connectors.Cursor // what Pull must be called with to go on
	began   time.Time
	rest    []box // not asked yet
	stops   []*stop
	reading bool // the last Batch ended among arrivals
	faults  []model.Change
	redials int
	batches int // returned so far

	// What vanished waits for the next round: a message that was moved must be
	// seen where it is before it is missed where it was, and the mailbox it went to
	// may have been asked before it went.
	held  map[string]uidset
	waits int
	again bool
}

// stop is one mailbox of a round.
type stop struct {
	box     box
	p       *place
	status  status
	fresh   uint32 // UIDs from here on are news of this round
	skip    bool   // could not be entered: not in this round
	entered bool   // selected in this round: status is what SELECT said
	settled bool   // its flags are done
	counted bool   // gone is known
	busy    bool   // something was reported

	resync         // what came with SELECT
	listed  bool   // unread is known
	unread  uidset // members of Todo that are there
	gone    uidset
	looked  bool      // a sweep was done
	pending []flagged // changes of a sweep, not yet in a Batch
}

// Pull reports new messages first, the newest of a mailbox before its older ones,
// then flags that changed, then what is left of old mail, and what vanished last
// of all: a message that moved is seen where it is before it is missed where it
// was.
func (s *Source) Pull(ctx context.Context, since connectors.Cursor) (connectors.Batch, error) {
	if r := s.round; r == nil || since == "" || r.after != since || r.reading && time.Since(r.began) > roundTerm {
		pos, err := parseCursor(since)
		if err != nil {
			return connectors.Batch{}, err
		}
		s.round = &round{pos: pos, again: true}
	}
	var batch connectors.Batch
	err := s.call(ctx, "pull", func(ctx context.Context) (err error) {
		first, more := since == "", true
		for turn := 0; more && len(batch.Changes) == 0 && turn < maxSlices; turn++ {
			if s.round.again {
				err = s.begin(first)
			} else if s.round.reading {
				err = s.refresh()
			}
			if err != nil {
				return err
			}
			first, s.round.redials = false, maxReconnects
			if more, err = s.walk(ctx, &batch); err != nil {
				return err
			}
		}
		batch.More = more
		return s.close(&batch)
	})
	if err != nil {
		s.round = nil
		return connectors.Batch{}, err
	}
	return batch, nil
}

// close completes a batch and remembers where it stands.
func (s *Source) close(batch *connectors.Batch) (err error) {
	r := s.round
	batch.Changes = append(batch.Changes, r.faults...)
	r.faults = nil
	counts := make(map[model.Name]int, len(r.stops))
	for _, st := range r.stops {
		counts[model.Name(st.box.name)] = int(st.status.messages)
		if st.looked {
			s.keep(st)
		}
	}
	batch.Messages = map[model.Name]int{}
	for _, st := range r.stops {
		if name := model.Name(st.box.name); !batch.More && !st.skip {
			batch.Messages[name] = counts[name]
		}
	}
	for _, c := range batch.Changes {
		if n, ok := counts[c.Ref.Mailbox]; ok {
			batch.Messages[c.Ref.Mailbox] = n
		}
	}
	if batch.Next, err = r.pos.cursor(); err != nil {
		return err
	}
	r.after, r.batches = batch.Next, r.batches+1
	s.last = make(map[string]place, len(r.pos.Boxes))
	for name, p := range r.pos.Boxes {
		s.last[name] = place{Validity: p.Validity, Next: p.Next, Modseq: p.Modseq, count: uint32(counts[model.Name(name)])}
	}
	if !batch.More {
		s.round = nil
	}
	return nil
}

// walk adds one slice of changes to the batch. It reports whether there is more.
func (s *Source) walk(ctx context.Context, batch *connectors.Batch) (more bool, err error) {
	r := s.round
	r.reading = true
	full, err := s.read(ctx, batch, true)
	if err != nil || full || len(batch.Changes) > 0 {
		return true, err
	}
	if len(r.rest) > 0 {
		if err := s.askRest(); err != nil {
			return false, err
		}
		// What is new is acted on before anything else is looked at.
		full, err := s.read(ctx, batch, true)
		if err != nil || full || len(batch.Changes) > 0 {
			return true, err
		}
	}
	r.reading = false
	for _, st := range r.stops {
		if st.skip || st.settled {
			continue
		}
		changes, more, err := s.changes(st)
		batch.Changes = append(batch.Changes, changes...)
		if err != nil || more || len(batch.Changes) >= maxChanged {
			return true, err
		}
	}
	r.reading = true
	if full, err = s.read(ctx, batch, false); err != nil || full {
		return true, err
	}
	r.reading = false
	return s.leave(batch)
}

// read adds arrivals: those of this round (fresh), or all that are still to be
// read. It reports whether the batch is full.
func (s *Source) read(ctx context.Context, batch *connectors.Batch, fresh bool) (full bool, err error) {
	for _, st := range s.round.stops {
		for !st.skip && len(st.unseen(fresh)) > 0 {
			room := s.room(batch)
			if room == 0 {
				return true, nil
			}
			changes, err := s.arrivals(ctx, st, fresh, room)
			batch.Changes = append(batch.Changes, changes...)
			if err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// room returns how many messages more a batch may hold; 0 also when it holds as
// much text as it may.
func (s *Source) room(batch *connectors.Batch) int {
	messages, kept := 0, 0
	for _, c := range batch.Changes {
		if c.Op == model.Put {
			messages, kept = messages+1, kept+weight(c.Message)
		}
	}
	if kept >= maxKept {
		return 0
	}
	return max(0, min(setsPerBatch, 1+s.round.batches)*s.o.Batch-messages)
}

// weight is about how many octets of a message are kept.
func weight(m *model.Message) int {
	n := 1 << 10
	body := m.Body.Reveal()
	for _, p := range body.Parts {
		n += len(p.Text)
	}
	for _, f := range body.Files {
		n += len(f.Head) + len(f.Text)
	}
	return n
}
