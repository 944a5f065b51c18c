package sync

import (
	"maps"
	"slices"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/sync/journal"
)

// Brake bounds how many messages one read of a mailbox may file out of it. What
// is more waits for a person; marks do not, because they are easily taken away.
type Brake struct {
	Moves   int // 0: no bound
	Percent int // of the messages in the mailbox; 0: no bound
	// Letters is how many notes and drafts one rule may write about the mail of one
	// source within an hour; 0: no bound.
	Letters int
}

// percentFrom is how many moves it takes before a share of a mailbox means
// anything.
const percentFrom = 25

// holds reports whether so many moves out of a mailbox of so many messages need a
// person.
func (b Brake) holds(moves, messages int) bool {
	if b.Moves > 0 && moves > b.Moves {
		return true
	}
	return b.Percent > 0 && moves >= percentFrom && messages > 0 && moves*100 > b.Percent*messages
}

// round is what one read of all mailboxes of a source has led to so far. Moves
// are carried out at its end: only then is it known how many they are.
type round struct {
	spec     *SourceSpec
	arrived  map[model.Ident]bool          // of the messages we know something about
	validity map[model.Name]uint32         // of the mailboxes that had news
	moves    map[model.Name][]model.StepID // by the mailbox they leave
	messages map[model.Name]int
	waiting  int       // steps planned since the last ones were applied
	applied  time.Time // when that was
	late     late
	ours     map[place]model.Flags   // of messages whose flags changed: those that we set
	threads  *journal.Threads        // of a preview: it writes nothing, and remembers here
	bills    *journal.BillIndex      // the same, of bills
	letters  map[model.StepID]string // the rules of the letters of a preview; nil otherwise
	glances  map[place]bool          // messages that are looked at for their thread alone
}

// late is what was marked after the batch at hand was read: that the mark is not
// in it says nothing.
type late struct {
	steps map[model.StepID]bool
	at    map[place]bool
}

func (l *late) mark(s model.Step) {
	if l.steps == nil {
		l.steps, l.at = map[model.StepID]bool{}, map[place]bool{}
	}
	l.steps[s.ID], l.at[placeOf(s.Ref)] = true, true
}

func newRound(spec *SourceSpec, now time.Time) *round {
	return &round{spec: spec, arrived: map[model.Ident]bool{}, validity: map[model.Name]uint32{}, moves: map[model.Name][]model.StepID{}, messages: map[model.Name]int{}, applied: now}
}

// own notes which flags of a message are ours.
func (r *round) own(c model.Change, confirmed []journal.Intent) {
	if c.Op != model.Marked {
		return
	}
	for _, in := range confirmed {
		if len(in.Flags) == 0 {
			continue
		}
		if r.ours == nil {
			r.ours = map[place]model.Flags{}
		}
		at := placeOf(c.Ref)
		r.ours[at] = slices.Concat(r.ours[at], in.Flags)
	}
}

// see notes how large the mailboxes of a batch are.
func (r *round) see(b connectors.Batch) { maps.Copy(r.messages, b.Messages) }

// meet notes where a message is that may be missed elsewhere.
func (r *round) meet(c model.Change, known bool) {
	r.validity[foldInbox(c.Ref.Mailbox)] = c.Ref.UIDValidity
	if known && c.Op == model.Put {
		r.arrived[c.Ident] = true
	}
}

// replaced reports whether the messages of a mailbox have other UIDs by now, so
// that nobody took away what is missed under the old ones.
func (r *round) replaced(at model.Ref) bool {
	now, known := r.validity[foldInbox(at.Mailbox)]
	return known && now != at.UIDValidity
}

// count notes what was planned.
func (r *round) count(s model.Step) {
	r.waiting++
	if _, file := s.Action.(model.File); file {
		from := foldInbox(s.Ref.Mailbox)
		r.moves[from] = append(r.moves[from], s.ID)
	}
}

// recount counts a move that an earlier process planned and did not try.
func (r *round) recount(in journal.Intent) {
	if in.State == journal.StatePlanned && !in.Approved && in.Attempts == 0 {
		r.count(in.Step)
	}
}

// braked returns the moves that are too many, by the mailbox they leave.
func (r *round) braked() map[model.Name][]model.StepID {
	out := maps.Clone(r.moves)
	maps.DeleteFunc(out, func(box model.Name, moves []model.StepID) bool {
		return !r.spec.Brake.holds(len(moves), r.messages[box])
	})
	return out
}

// foldInbox makes INBOX one name (RFC 9051 section 5.1).
func foldInbox(box model.Name) model.Name {
	if sameMailbox(box, "INBOX") {
		return "INBOX"
	}
	return box
}

// grace returns when a step may be carried out: a message is filed out of INBOX
// only after people had time to see it there. The zero time is at once.
func (r *round) grace(s model.Step, m *model.Message, now time.Time) time.Time {
	if _, file := s.Action.(model.File); !file || r.spec.Grace == 0 || !sameMailbox(s.Ref.Mailbox, "INBOX") || m.Arrived.IsZero() {
		return time.Time{}
	}
	// A server whose clock is ahead keeps nothing longer than asked.
	due := m.Arrived.Add(r.spec.Grace)
	if most := now.Add(r.spec.Grace); due.After(most) {
		due = most
	}
	if !due.After(now) {
		return time.Time{}
	}
	return due
}
