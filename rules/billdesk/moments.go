package billdesk

import (
	"slices"
	"time"

	"chancery/internal/model"
)

// Moment is one at which a billing note is due.
type Moment struct {
	Of model.Ident // how the note is called
	At time.Time   // in the principal's zone
}

// Moments are the next one and the last n that were due by now, the newest first; nil if
// no notes are written.
func Moments(p model.Principal, d model.BillDesk, now time.Time, n int) []Moment {
	s := newDesk(model.View{Now: now, Principal: p, Billing: model.BillView{Desk: d}}, "")
	last, next := s.moments()
	if next == nil {
		return nil
	}
	var out []Moment
	for at, step := *next, *next-*last; len(out) <= n; at -= step {
		out = append(out, Moment{s.noteIdent(at), s.clock(at, s.d.At)})
	}
	return slices.Clip(out)
}

// Tally is what stands out among bills.
type Tally struct {
	Soon    int // open, and due within a week
	PastDue int // open, and past due
	Check   int // with doubts that raise an alarm: open, or disputed and nobody looked at it
	Like    int // open, and like an earlier bill
}

// Count adds a bill that is open or disputed.
func (t *Tally) Count(b model.Bill, today time.Time) {
	if alarming(&b) && (open(&b) || waitsForAPerson(&b)) {
		t.Check++
	}
	if !open(&b) {
		return
	}
	if len(b.Twins) > 0 {
		t.Like++
	}
	switch due := dayAt(b.Due); {
	case b.Due == 0:
	case due < dayOf(today):
		t.PastDue++
	case due < dayOf(today)+weekDays:
		t.Soon++
	}
}
