package imap

import (
	"encoding/json"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

const cursorVersion = 1

// position is what a cursor holds.
type position struct {
	Version int               `json:"version"`
	Boxes   map[string]*place `json:"boxes"`
}

// place is how far one mailbox has been read. A round reads first what arrived
// (Next moves on), then what changed below Bound since Modseq; only then is
// Target, which was taken before the round, the new Modseq. A change during the
// round is thus seen by the round or by the next one.
type place struct {
	Validity uint32 `json:"v"`
	Next     uint32 `json:"n"`           // first UID not reported
	Modseq   uint64 `json:"m,omitempty"` // flags are known up to here; 0: the server has none
	Target   uint64 `json:"t,omitempty"` // of the round under way
	Bound    uint32 `json:"b,omitempty"` // of the round under way: UIDs below were there before; 0: no round
	Swept    uint32 `json:"s,omitempty"` // UIDs up to here have been looked through for changes in this round
	Digest   string `json:"d,omitempty"` // of the flags of the newest, without MODSEQ

	// A mailbox whose UIDs lost their meaning is listed again: what lies below
	// Relist and arrived before Read was there before, and is reported as old.
	Relist uint32 `json:"l,omitempty"`
	Since  int64  `json:"r,omitempty"` // Read at that moment
	Read   int64  `json:"p,omitempty"` // when it was last read to its end, Unix seconds
	Lost   bool   `json:"x,omitempty"` // it was not there the last time
}

// readEvery is how much the stored Read may lag: a cursor that changed at every
// poll would be written at every poll.
const readEvery = 15 * time.Minute

func parseCursor(c connectors.Cursor) (*position, error) {
	if c == "" {
		return &position{Version: cursorVersion, Boxes: map[string]*place{}}, nil
	}
	p := &position{}
	if err := json.Unmarshal([]byte(c), p); err != nil || p.Version != cursorVersion {
		return nil, connectors.ErrCursorExpired
	}
	if p.Boxes == nil {
		p.Boxes = map[string]*place{}
	}
	for name, b := range p.Boxes {
		if b == nil {
			delete(p.Boxes, name)
		}
	}
	return p, nil
}

func (p *position) cursor() (connectors.Cursor, error) {
	b, err := json.Marshal(p)
	return model.Name(b), err
}

// meet brings a place in line with what the server says now.
func (p *place) meet(validity, next uint32, modseq uint64) {
	if p.Lost && p.Validity == 0 || p.Validity != validity {
		// RFC 9051 section 2.3.1.1: other UIDs. Nobody deleted anything, and the
		// rules must not run over everything again.
		*p = place{Validity: validity, Next: 1, Relist: next, Since: p.Read, Read: p.Read}
	}
	p.Lost = false
	if modseq < p.Modseq {
		p.Modseq, p.Target, p.Swept = modseq, 0, 0 // restored from a backup
	}
}
