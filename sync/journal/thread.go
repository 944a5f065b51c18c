package journal

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"chancery/internal/model"
)

// Conversation stands for one conversation in one source, under the install key.
// 0 is none.
type Conversation int64

// Threaded is a message and the conversation it belongs to.
type Threaded struct {
	MessageID  string
	References []string // of its fields References and In-Reply-To, in this order
	// Ident, for ThreadMarks alone: a message does not inherit what came from itself.
	Ident model.Ident
	// Conversation is filled by Threads.Join.
	Conversation Conversation
}

// ThreadMark says that a mark spreads along a conversation, or no longer does.
type ThreadMark struct {
	Conversation Conversation
	Mark         string      // its name in the rule files
	Ident        model.Ident // the message it came from
	// On lets the mark spread; without Hand it is a rule's, and leaves alone what a
	// person cleared. Off with Hand is a person who clears it, for good; without Hand
	// the mark is forgotten, if it is a rule's and came from this message.
	On, Hand bool
	Ref      model.Ref // Hand: where the message with the person's mark lies

	item int64 // of a message of which HandMarks knows no more
}

// The states of a mark in a conversation.
const (
	markCleared = 0
	markByRule  = 1
	markByHand  = 2
	markOfHand  = 3 // of one message, not of the conversation
)

const (
	maxReferences = 32  // of one message are looked up: the first one and the last ones
	maxMessageID  = 998 // octets of an id that takes part; RFC 5322 section 2.1.1
)

// Threads names conversations and knows their marks: those in the journal, and
// those of messages that are being decided and not written yet. It serves one
// goroutine.
//
// A message stays in the conversation in which it was seen first, unless it refers
// to messages of another one alone. That of a new one is known of a message it
// refers to, or named by the first of them. A message joins one conversation and never makes one of two:
// anybody can name two messages of ours.
type Threads struct {
	j      *Journal
	source model.SourceID
	of     map[int64]Conversation // of messages; 0: the journal does not know it
	marks  map[Conversation]map[string]*spread
}

// spread is what is known of one mark in one conversation. One without a state of
// its own was never spread.
type spread struct {
	known bool
	state int
	came  int64          // the item that it came from
	hands map[int64]bool // the items on which a person set it
}

// Threads returns what names the conversations of a source.
func (j *Journal) Threads(source model.SourceID) *Threads {
	return &Threads{j: j, source: source, of: map[int64]Conversation{}, marks: map[Conversation]map[string]*spread{}}
}

// token returns the key of a message, 0 for none.
func (t *Threads) token(id string) int64 {
	id = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(id), "<"), ">")
	if id == "" || len(id) > maxMessageID {
		return 0
	}
	return t.j.keys.number("thread", string(t.source), id)
}

// number is find in eight octets, and never 0.
func (k keys) number(kind string, parts ...string) int64 {
	sum := k.lookup.sum(kind, parts)
	return int64(max(binary.BigEndian.Uint64(sum[:8]), 1))
}

// tokens returns the keys of what a message refers to, then its own.
func (t *Threads) tokens(m Threaded) []int64 {
	refs := m.References
	if len(refs) > maxReferences {
		refs = slices.Concat(refs[:1], refs[len(refs)-maxReferences+1:])
	}
	var out []int64
	for _, id := range append(slices.Clone(refs), m.MessageID) {
		if n := t.token(id); n != 0 {
			out = append(out, n)
		}
	}
	return out
}

// Read asks the journal about all messages that these name, in few queries.
func (t *Threads) Read(ctx context.Context, ms []Threaded) error {
	var ask []int64
	for _, m := range ms {
		for _, n := range t.tokens(m) {
			if _, known := t.of[n]; !known {
				t.of[n] = 0
				ask = append(ask, n)
			}
		}
	}
	if len(ask) == 0 {
		return nil
	}
	const query = `select message, conversation from thread where message in`
	err := t.j.eng.numbers(ctx, t.j.r, query, "", ask, func(r *sql.Rows) error {
		var n int64
		var c Conversation
		err := r.Scan(&n, &c)
		t.of[n] = c
		return err
	})
	if err == nil {
		err = t.readMarks(ctx, t.names(ms))
	}
	if err != nil {
		return fmt.Errorf("read conversations: %w", err)
	}
	return nil
}

// Know reads the marks of conversations that are known by their keys.
func (t *Threads) Know(ctx context.Context, cs []Conversation) error {
	if err := t.readMarks(ctx, cs); err != nil {
		return fmt.Errorf("read conversations: %w", err)
	}
	return nil
}

// names returns the conversations that messages may belong to.
func (t *Threads) names(ms []Threaded) (out []Conversation) {
	for _, m := range ms {
		for _, n := range t.tokens(m) { // one that is not known may become a name
			out = append(out, cmp.Or(t.of[n], Conversation(n)))
		}
	}
	return out
}

func (t *Threads) readMarks(ctx context.Context, cs []Conversation) error {
	var ask []int64
	for _, c := range cs {
		if t.marks[c] == nil {
			t.marks[c] = map[string]*spread{}
			ask = append(ask, int64(c))
		}
	}
	const query = `select conversation, mark, item, state, came from thread_mark where conversation in`
	return t.j.eng.numbers(ctx, t.j.r, query, "", ask, func(r *sql.Rows) error {
		var c Conversation
		var mark string
		var item, came int64
		var state int
		err := r.Scan(&c, &mark, &item, &state, &came)
		if s := t.mark(c, mark); item == 0 {
			s.known, s.state, s.came = true, state, came
		} else {
			s.hands[item] = true
		}
		return err
	})
}

func (t *Threads) mark(c Conversation, mark string) *spread {
	if t.marks[c] == nil {
		t.marks[c] = map[string]*spread{}
	}
	if t.marks[c][mark] == nil {
		t.marks[c][mark] = &spread{hands: map[int64]bool{}}
	}
	return t.marks[c][mark]
}

// Join names the conversation of a message that Read was asked about. Later ones
// that refer to it join the same. One without a Message-ID that refers to nothing
// has none.
func (t *Threads) Join(m Threaded) Threaded {
	tokens := t.tokens(m)
	if len(tokens) == 0 {
		return m
	}
	own := t.token(m.MessageID)
	m.Conversation = t.of[own] // it came before, or an answer to it did
	first, agreed := Conversation(0), false
	for _, n := range tokens {
		if n != own {
			first = cmp.Or(first, t.of[n])
			agreed = agreed || t.of[n] != 0 && t.of[n] == m.Conversation
		}
	}
	// Anybody may have taken its Message-ID before it came: that counts for less than
	// what it says itself.
	if !agreed && first != 0 {
		m.Conversation = first
	}
	if m.Conversation == 0 {
		m.Conversation = Conversation(tokens[0])
	}
	for _, n := range []int64{int64(m.Conversation), own} {
		if n != 0 && t.of[n] == 0 { // the first answer stays, as it does in the journal
			t.of[n] = m.Conversation
		}
	}
	return m
}

// Marks returns the marks that spread along a conversation, sorted, but for those
// that came from this very message.
func (t *Threads) Marks(c Conversation, but model.Ident) []string {
	var out []string
	item := t.j.keys.item(but)
	for mark, s := range t.marks[c] {
		if s.state != markCleared && s.came != item {
			out = append(out, mark)
		}
	}
	slices.Sort(out)
	return out
}

// Cleared reports whether a person cleared a mark of a conversation.
func (t *Threads) Cleared(c Conversation, mark string) bool {
	s := t.marks[c][mark]
	return s != nil && s.known && s.state == markCleared
}

// Mark remembers what is planned, as Commit will write it, and reports whether it
// changes anything.
func (t *Threads) Mark(m ThreadMark) bool {
	if m.Conversation == 0 {
		return false
	}
	item := t.j.keys.itemOf(m)
	s := t.mark(m.Conversation, m.Mark)
	turn := func(state int) bool {
		changes := !s.known || s.state != state
		if changes {
			s.known, s.state, s.came = true, state, item
		}
		return changes
	}
	switch {
	case !m.On && !m.Hand:
		forgets := s.known && s.state == markByRule && s.came == item
		if forgets {
			s.known, s.state, s.came = false, markCleared, 0
		}
		return forgets
	case !m.On:
		was := s.hands[item]
		delete(s.hands, item)
		return turn(markCleared) || was
	case m.Hand && !s.hands[item]:
		s.hands[item] = true
		turn(markByHand)
		return true
	case m.Hand: // its place may be another one
		return true
	case !s.known:
		return turn(markByRule)
	}
	return false
}

func (k keys) itemOf(m ThreadMark) int64 {
	if m.Ident == "" && m.item != 0 {
		return m.item
	}
	return k.item(m.Ident)
}

// item is an identity as conversations know it.
func (k keys) item(i model.Ident) int64 { return k.number("item", string(i)) }

// ThreadMarks returns the marks that spread along the conversations of messages:
// what View.Thread says when they arrive now.
func (j *Journal) ThreadMarks(ctx context.Context, source model.SourceID, ms []Threaded) ([][]string, error) {
	t := j.Threads(source)
	if err := t.Read(ctx, ms); err != nil {
		return nil, err
	}
	out := make([][]string, len(ms))
	for i, m := range ms {
		out[i] = t.Marks(t.Join(m).Conversation, m.Ident)
	}
	return out, nil
}
