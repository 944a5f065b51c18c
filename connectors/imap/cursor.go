package imap

import (
	"encoding/json"
	"slices"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

// cursorVersion 2 knows which messages there are. Cursors of version 1 are read
// on: what they lack is asked for once.
const cursorVersion = 2

// position is what a cursor holds.
type position struct {
	Version int               `json:"version"`
	Boxes   map[string]*place `json:"boxes"`
}

// place is how far one mailbox has been read. UIDs below Next have been seen in a
// listing; those of them that are in Todo are still to be read. A round reads
// first what arrived, then what changed below Bound since Modseq; only then is
// Target, which was taken before the round, the new Modseq. A change during the
// round is thus seen by the round or by the next one.
type place struct {
	Validity uint32 `json:"v"`
	Next     uint32 `json:"n"`           // first UID not listed
	Todo     uidset `json:"a,omitempty"` // below Next and still to be read: broad spans
	Modseq   uint64 `json:"m,omitempty"` // flags are known up to here; 0: the server has none
	Gones    uint64 `json:"g,omitempty"` // what vanished is known up to here
	Target   uint64 `json:"t,omitempty"` // of the round under way
	Bound    uint32 `json:"b,omitempty"` // of the round under way: UIDs below were there before; 0: no round
	Swept    uint32 `json:"s,omitempty"` // UIDs up to here have been looked through for changes in this round
	All      bool   `json:"w,omitempty"` // what is known of flags is worth nothing: report them all

	// Known are the UIDs below Next that are there, with those in Todo. Listed says
	// that they were ever asked for, Rough that Known may hold a few that are not
	// there: the mailbox is too scattered to be kept exactly.
	Known  uidset `json:"u,omitempty"`
	Listed bool   `json:"k,omitempty"`
	Rough  bool   `json:"h,omitempty"`
	Blocks string `json:"d,omitempty"` // digests of the flags, without MODSEQ

	// A mailbox whose UIDs lost their meaning is listed again: what lies below
	// Relist and arrived before Read was there before, and is reported as old.
	Relist uint32  `json:"l,omitempty"`
	Since  int64   `json:"r,omitempty"` // Read at that moment
	Read   int64   `json:"p,omitempty"` // when it was last read to its end, Unix seconds
	Lost   bool    `json:"x,omitempty"` // it was not there the last time
	Turns  []int64 `json:"y,omitempty"` // when its UIDs lost their meaning lately
	Asked  int64   `json:"z,omitempty"` // when it was last asked while it was unstable

	count uint32 // messages at the end of the last round; not in the cursor
}

// readEvery is how much the stored Read may lag: a cursor that changed at every
// poll would be written at every poll.
const readEvery = 15 * time.Minute

// A mailbox whose UIDs lose their meaning more often than maxTurns in turnTime is
// read only every calmTime: each time all of it is listed and read anew.
const (
	maxTurns = 3
	turnTime = 24 * time.Hour
	calmTime = time.Hour
)

// Bounds of Known in a cursor.
const (
	maxHull  = 4_000   // spans, where the server itself tells what vanished
	maxKnown = 100_000 // spans, where only a comparison does
)

func parseCursor(c connectors.Cursor) (*position, error) {
	if c == "" {
		return &position{Version: cursorVersion, Boxes: map[string]*place{}}, nil
	}
	p := &position{}
	if err := json.Unmarshal([]byte(c), p); err != nil || p.Version < 1 || p.Version > cursorVersion {
		return nil, connectors.ErrCursorExpired
	}
	if p.Boxes == nil {
		p.Boxes = map[string]*place{}
	}
	for name, b := range p.Boxes {
		if b == nil {
			delete(p.Boxes, name)
			continue
		}
		if p.Version == 1 {
			b.Gones, b.Blocks = b.Modseq, ""
			// Version 1 compared the newest flags alone: what changed since is unknown.
			b.All = b.Modseq == 0 && b.Validity != 0
		}
	}
	p.Version = cursorVersion
	return p, nil
}

func (p *position) cursor() (connectors.Cursor, error) {
	b, err := json.Marshal(p)
	return model.Name(b), err
}

// meet brings a place in line with what the server says now. first is the first
// time in a round. It reports whether the UIDs it knew have lost their meaning.
func (p *place) meet(st status, first bool, now time.Time) (turned bool) {
	if p.Lost && p.Validity == 0 || p.Validity != st.validity {
		// RFC 9051 section 2.3.1.1: other UIDs. Nobody deleted anything, and the
		// rules must not run over everything again. What was known is not reported as
		// gone: a server that loses its UIDs may lose its identities with them, so a
		// message that is not recognized proves nothing.
		turns := p.Turns
		if !p.Lost {
			turned, turns = true, append(turns, now.Unix())
		}
		*p = place{Validity: st.validity, Next: 1, Relist: st.next, Since: p.Read, Read: p.Read, Turns: turns, Asked: p.Asked, Modseq: st.modseq, Gones: st.modseq}
	}
	p.Lost = false
	if st.next > 0 && st.next < p.Next {
		// Restored from a backup: these UIDs will be given once more.
		p.Next, p.Todo = st.next, p.Todo.clip(1, st.next-1)
		p.Bound, p.All = min(p.Bound, st.next), true
	}
	if p.Bound == 0 || first && p.Target == p.Modseq && !p.All {
		p.Bound, p.Target = p.Next, st.modseq
	}
	switch {
	case st.modseq == 0 && p.Modseq > 0, st.modseq > 0 && p.Modseq == 0 && p.Bound > 1, st.modseq < p.Modseq:
		// The numbers began, ended, or run backwards (restored from a backup): all
		// flags are read once, and nothing is forgotten.
		p.All = p.Bound > 1
		p.Modseq, p.Gones, p.Target, p.Swept = st.modseq, 0, st.modseq, 0
	}
	if st.next > p.Next {
		p.Todo = p.Todo.union(oneSpan(p.Next, st.next-1))
		p.Next = st.next
	}
	return turned
}

// unstable reports whether the UIDs of a mailbox lose their meaning all the time,
// and whether it shall be left alone for now.
func (p *place) unstable(now time.Time) (unstable, rest bool) {
	p.Turns = slices.DeleteFunc(p.Turns, func(t int64) bool { return now.Sub(time.Unix(t, 0)) > turnTime })
	if len(p.Turns) == 0 {
		p.Turns = nil
	}
	p.Turns = p.Turns[max(0, len(p.Turns)-4*maxTurns):]
	if len(p.Turns) <= maxTurns {
		p.Asked = 0
		return false, false
	}
	return true, now.Sub(time.Unix(p.Asked, 0)) < calmTime
}

// settle ends the flags of a round in a mailbox.
func (p *place) settle() {
	p.Modseq, p.Target, p.Bound, p.Swept, p.All = p.Target, 0, 0, 0, false
}

// reported returns what is there and has been read.
func (p *place) reported() uidset { return p.Known.minus(p.Todo) }

// trim bounds Known.
func (p *place) trim(told bool) {
	limit := maxKnown
	if told {
		limit = maxHull
	}
	if len(p.Known) <= limit {
		return
	}
	p.Rough = true
	if told {
		p.Known = p.Known.hull(limit)
	} else {
		p.Known = slices.Clone(p.Known[len(p.Known)-limit:])
	}
}
