package sync

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync/journal"
)

// threading is what one batch has to do with conversations. It is nil if no rule
// asks about them: then nothing is remembered either.
type threading struct {
	e      *Engine
	set    *rules.Set
	source model.SourceID
	known  *journal.Threads
	marks  []model.Mark
	order  []int                    // of the messages of the batch: what answers comes after what it answers
	said   map[int]journal.Threaded // by the index of the change
	hands  map[int]bool             // by the index of the change: a person marked it
	swept  map[mark]bool
}

// mark is a mark of a conversation.
type mark struct {
	of   journal.Conversation
	name string
}

// threading names the conversations of the messages of a batch.
func (e *Engine) threading(ctx context.Context, r *round, known memory, changes []model.Change) (*threading, error) {
	set := e.rules.Load() // of which one rule alone may be asked
	if !set.Threads() {
		return nil, nil
	}
	th := &threading{e: e, set: set, source: r.spec.ID, known: r.threads, marks: set.Marks(),
		said: map[int]journal.Threaded{}, hands: map[int]bool{}, swept: map[mark]bool{}}
	if th.known == nil {
		th.known = e.opt.Journal.Threads(r.spec.ID)
	}
	var ms []journal.Threaded
	for i, c := range changes {
		if c.Op == model.Put && c.Message.Body.Present() && !c.Message.Own && (decides(c, known) || th.shown(c.Message.Flags) != nil) {
			mail := c.Message.Body.Reveal()
			m := journal.Threaded{MessageID: mail.MessageID, References: slices.Concat(mail.References, mail.InReplyTo)}
			th.order, th.said[i] = append(th.order, i), m
			ms = append(ms, m)
		}
	}
	if err := th.known.Read(ctx, ms); err != nil {
		return nil, journalError(err)
	}
	th.arrange(changes)
	for _, i := range th.order {
		th.said[i] = th.known.Join(th.said[i])
	}
	return th, nil
}

// arrange puts messages in the order of their dates, but none before one that it
// refers to: clocks differ.
func (th *threading) arrange(changes []model.Change) {
	date := make(map[int]time.Time, len(th.order))
	at := make(map[string]int, len(th.order))
	for _, i := range th.order {
		date[i], at[th.said[i].MessageID] = changes[i].Message.Body.Reveal().Date, i
	}
	slices.SortStableFunc(th.order, func(a, b int) int { return date[a].Compare(date[b]) })
	begun := make(map[int]bool, len(th.order))
	out := make([]int, 0, len(th.order))
	var put func(i, depth int)
	put = func(i, depth int) {
		if begun[i] {
			return
		}
		begun[i] = true
		refs := th.said[i].References
		for _, id := range refs[max(0, len(refs)-maxAnswered):] {
			if before, here := at[id]; here && id != "" && depth < len(th.order) {
				put(before, depth+1)
			}
		}
		out = append(out, i)
	}
	for _, i := range th.order {
		put(i, 0)
	}
	th.order = out
}

// maxAnswered is how many of the messages one refers to, the last ones, come before
// it for certain.
const maxAnswered = 32

// groups divides the messages that are asked about by conversation. at are their
// indexes among the changes.
func (th *threading) groups(at []int) [][]int {
	asked := make(map[int]int, len(at))
	for k, i := range at {
		asked[i] = k
	}
	of := map[journal.Conversation]int{}
	groups := make([][]int, 0, len(at))
	for _, i := range th.order {
		k, ok := asked[i]
		if !ok {
			continue
		}
		delete(asked, i)
		c := th.said[i].Conversation
		g, ok := of[c]
		if !ok || c == 0 {
			g = len(groups)
			of[c], groups = g, append(groups, nil)
		}
		groups[g] = append(groups[g], k)
	}
	for k, i := range at {
		if _, left := asked[i]; left { // without content
			groups = append(groups, []int{k})
		}
	}
	return groups
}

// decideAll decides the messages of one conversation one after the other, so that
// a mark of the first counts for the next, and conversations side by side.
func (th *threading) decideAll(set *rules.Set, ask []model.Change, at []int, known memory, now time.Time, read []rules.Reading) []model.Plan {
	plans := make([]model.Plan, len(ask))
	groups := th.groups(at)
	var next atomic.Int64
	onAllProcessors(len(groups), func() {
		for {
			g := int(next.Add(1)) - 1
			if g >= len(groups) {
				return
			}
			planned := map[mark]model.Ident{} // marks of this group
			for _, k := range groups[g] {
				c := th.said[at[k]].Conversation
				plans[k] = th.e.decide(set, ask[k], known, now, seen{thread: th.inherits(c, ask[k].Ident, planned), read: readingOf(read, k)})
				th.plan(c, ask[k].Ident, plans[k], planned)
			}
		}
	})
	return plans
}

// plan adds the marks that a message of a conversation gets.
func (th *threading) plan(c journal.Conversation, ident model.Ident, p model.Plan, planned map[mark]model.Ident) {
	for _, name := range th.marksOf(p) {
		if m := (mark{c, name}); c != 0 && planned[m] == "" && !th.known.Cleared(c, name) {
			planned[m] = ident
		}
	}
}

// decideBilled decides the messages that tell of bills again, in the light of the
// ledger, and with them the others of their conversations.
func (th *threading) decideBilled(set *rules.Set, ask []model.Change, at []int, known memory, now time.Time, plans []model.Plan, bills *ledger) {
	planned := map[mark]model.Ident{}
	again := map[journal.Conversation]bool{}
	for _, k := range bills.together(th.groups(at)) {
		c := th.said[at[k]].Conversation
		if before := bills.before(k); len(before) > 0 || again[c] {
			plans[k] = th.e.decide(set, ask[k], known, now, seen{th.inherits(c, ask[k].Ident, planned), before, bills.reading(k)})
			again[c] = c != 0
		}
		bills.record(plans[k])
		th.plan(c, ask[k].Ident, plans[k], planned)
	}
}

// inherits returns the marks that a message's thread has.
func (th *threading) inherits(c journal.Conversation, ident model.Ident, planned map[mark]model.Ident) []string {
	marks := th.known.Marks(c, ident)
	for m, from := range planned {
		if m.of == c && from != ident && !slices.Contains(marks, m.name) {
			marks = append(marks, m.name)
		}
	}
	slices.Sort(marks)
	return marks
}

// marksOf returns the marks of the rule files that a plan sets.
func (th *threading) marksOf(p model.Plan) (names []string) {
	for _, s := range p.Steps {
		if a, ok := s.Action.(model.Mark); ok && slices.ContainsFunc(th.marks, func(m model.Mark) bool { return m.Name == a.Name }) {
			names = append(names, a.Name)
		}
	}
	return names
}

// conversation returns that of the change with an index.
func (th *threading) conversation(i int) journal.Conversation {
	if th == nil {
		return 0
	}
	return th.said[i].Conversation
}

// remember adds to a turn what it says of conversations.
func (th *threading) remember(turn *journal.Turn, ask []model.Change, at []int, plans []model.Plan) {
	if th == nil {
		return
	}
	asked := make(map[int]int, len(at))
	for k, i := range at {
		asked[i] = k
	}
	for _, i := range th.order {
		said := th.said[i]
		if said.Conversation == 0 {
			continue
		}
		marked := th.hands[i]
		if k, ok := asked[i]; ok {
			for _, name := range th.marksOf(plans[k]) {
				marked = true
				th.spread(turn, journal.ThreadMark{Conversation: said.Conversation, Mark: name, Ident: ask[k].Ident, On: true})
			}
		}
		// One that answers nothing is found by the answers to it.
		if marked || len(said.References) > 0 {
			turn.Threads = append(turn.Threads, said)
		}
	}
}

// spread plans what becomes of a mark of a conversation.
func (th *threading) spread(turn *journal.Turn, m journal.ThreadMark) {
	if th.known.Mark(m) {
		turn.Spread = append(turn.Spread, m)
	}
}

// labelPrefix begins a label of Gmail where it stands among flags.
const labelPrefix = "gm:"

// shows reports whether flags show a mark beyond doubt: by its own keyword or
// label. A star or a colour may mean anything.
func shows(m model.Mark, flags model.Flags) bool {
	if m.Gmail != "" && slices.Contains(flags, labelPrefix+m.Gmail) {
		return true
	}
	own := cmp.Or(m.Keyword, m.Thunderbird)
	return own != "" && flags.Has(own)
}

// shown returns the marks that flags show.
func (th *threading) shown(flags model.Flags) (out []model.Mark) {
	for _, m := range th.marks {
		if shows(m, flags) {
			out = append(out, m)
		}
	}
	return out
}
