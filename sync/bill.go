package sync

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync/journal"
)

// ledger is what one batch has to do with bills: it is nil if no message of it tells of
// one. All messages are decided as if the ledger were empty, which tells those that
// have bills; they are decided again, one after the other, if the ledger has any that
// these may have to do with. A message sees the bills of those that came before it as
// they will stand in the journal, so that it does not matter which messages come in
// one batch.
type ledger struct {
	index *journal.BillIndex
	own   map[int][]model.Bill // by the index of the message
	read  []rules.Reading      // of each message
	now   time.Time
	fresh []model.Bill

	ask  func(words []string) ([]model.Bill, error) // the journal, for each message; nil: index has what it said
	last []model.Bill                               // what it said last
	err  error                                      // of asking
}

// mostWords is for how many words the journal is asked at once: what they find is held
// until all messages of the batch are decided. A flood is asked about mail by mail.
const mostWords = 10_000

// ledger asks the journal about all bills of a batch at once.
func (e *Engine) ledger(ctx context.Context, r *round, plans []model.Plan, read []rules.Reading, now time.Time) (*ledger, error) {
	l := &ledger{index: r.bills, own: map[int][]model.Bill{}, read: read, now: now}
	var words []string
	for i, p := range plans {
		for _, b := range p.Bills {
			words = append(words, journal.BillWords(b)...)
		}
		if len(p.Bills) > 0 {
			l.own[i] = p.Bills
		}
	}
	if len(l.own) == 0 {
		return nil, nil
	}
	if l.index == nil {
		l.index = journal.NewBillIndex(now)
	}
	if len(words) > cmp.Or(e.desks.words, mostWords) {
		l.ask = func(words []string) ([]model.Bill, error) { return e.opt.Journal.Bills(ctx, words) }
		return l, nil
	}
	known, err := e.opt.Journal.Bills(ctx, words)
	if err != nil {
		return nil, journalError(err)
	}
	l.index.Add(known)
	return l, nil
}

// decideBilled decides the messages that tell of bills again, in the light of the ledger.
func (e *Engine) decideBilled(set *rules.Set, ask []model.Change, known memory, now time.Time, plans []model.Plan, bills *ledger) {
	for _, i := range bills.inOrder(slices.Collect(maps.Keys(bills.own))) {
		if before := bills.before(i); len(before) > 0 {
			plans[i] = e.decide(set, ask[i], known, now, seen{bills: before, read: bills.reading(i)})
		}
		bills.record(plans[i])
	}
}

// inOrder arranges messages that tell of bills as they came, those of one second as they
// lie in their mailbox.
func (l *ledger) inOrder(at []int) []int {
	slices.SortFunc(at, func(a, b int) int {
		x, y := l.own[a][0], l.own[b][0]
		return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(a, b))
	})
	return at
}

// together makes one list of the conversations in which bills are told: each in its
// order, but the messages that tell of bills as they came.
func (l *ledger) together(groups [][]int) (out []int) {
	for _, g := range groups {
		if slices.ContainsFunc(g, func(k int) bool { return l.own[k] != nil }) {
			out = append(out, g...)
		}
	}
	var telling []int
	for _, k := range out {
		if l.own[k] != nil {
			telling = append(telling, k)
		}
	}
	l.inOrder(telling)
	for i, k := range out {
		if l.own[k] != nil {
			out[i], telling = telling[0], telling[1:]
		}
	}
	return out
}

// before returns the bills that share a word with those of a message, its own among them
// if it was decided before.
func (l *ledger) before(i int) []model.Bill {
	var words []string
	for _, b := range l.own[i] {
		words = append(words, journal.BillWords(b)...)
	}
	switch {
	case len(words) == 0:
		return nil
	case l.ask == nil:
		return l.index.Find(words)
	}
	known, err := l.ask(words)
	l.last, l.err = known, cmp.Or(l.err, err)
	one := journal.NewBillIndex(l.now)
	one.Add(slices.DeleteFunc(slices.Clone(known), func(b model.Bill) bool { return l.index.Knows(b.ID) }))
	one.Add(l.index.Find(words))
	return one.Find(words)
}

// reading is what the first decision about a message read.
func (l *ledger) reading(i int) *rules.Reading { return readingOf(l.read, i) }

// readings are one for each message, or none if nothing reads bills.
func readings(set *rules.Set, messages int) []rules.Reading {
	if !set.Need().Bills {
		return nil
	}
	return make([]rules.Reading, messages)
}

func readingOf(list []rules.Reading, i int) *rules.Reading {
	if list == nil {
		return nil
	}
	return &list[i]
}

// record lets the messages that follow see what one leads to.
func (l *ledger) record(p model.Plan) {
	if l.last != nil {
		says := make(map[string]bool, len(p.Bills))
		for _, b := range p.Bills {
			says[b.ID] = true
		}
		// As they stand, before what this message says of them.
		l.index.Add(slices.DeleteFunc(l.last, func(b model.Bill) bool { return !says[b.ID] }))
		l.last = nil
	}
	l.index.Record(p.Bills)
	l.fresh = append(l.fresh, p.Bills...)
}

// remember adds to a turn what the ledger shall remember, in the order in which it was
// decided.
func (l *ledger) remember(turn *journal.Turn) {
	if l != nil {
		turn.Bills = l.fresh
	}
}

// billed tells the settlers of bills that changed.
func (e *Engine) billed(bills []model.Bill) {
	if len(bills) > 0 {
		e.desks.changed()
	}
	for _, s := range e.settlers {
		if slices.ContainsFunc(bills, func(b model.Bill) bool { return e.looksAfter(s.spec, b.Source) }) {
			s.kick()
		}
	}
}

// looksAfter reports whether a source has the mail of a principal.
func (e *Engine) looksAfter(p PrincipalSpec, id model.SourceID) bool {
	w := e.workers[id]
	return w != nil && !w.spec.Calendar && w.spec.Principal == p.Name
}

// billsOf returns what the ledger has of these sources, as SomeBillsOf does; in a preview
// with what it did not write.
func (e *Engine) billsOf(ctx context.Context, sources []model.SourceID, since time.Time) ([]model.Bill, int, error) {
	bills, left, err := e.opt.Journal.SomeBillsOf(ctx, sources, since, cmp.Or(e.desks.most, mostBills))
	if err != nil || e.unwrittenBills == nil {
		return bills, left, journalError(err)
	}
	all := journal.NewBillIndex(e.now())
	for _, b := range e.unwrittenBills.All() {
		if slices.Contains(sources, b.Source) {
			all.Add([]model.Bill{b})
		}
	}
	all.Add(bills)
	return slices.DeleteFunc(all.All(), func(b model.Bill) bool {
		return b.State != journal.BillOpen && int64(b.At) < since.Unix()
	}), left, nil
}

// Billed tells the settlers that a person changed the ledger.
func (e *Engine) Billed() {
	e.desks.changed()
	for _, s := range e.settlers {
		s.kick()
	}
}

// BillViews fills in Bills of views of messages that were fetched otherwise: what
// decisions about them depend on now.
func BillViews(ctx context.Context, j *journal.Journal, set *rules.Set, changes []model.Change, views []model.View) error {
	if !set.Need().Bills {
		return nil
	}
	for i, c := range changes {
		var words []string
		for _, b := range set.Bills(c, views[i]) {
			words = append(words, journal.BillWords(b)...)
		}
		if len(words) == 0 {
			continue
		}
		known, err := j.Bills(ctx, words)
		if err != nil {
			return fmt.Errorf("read ledger: %w", err)
		}
		views[i].Bills = known
	}
	return nil
}

const (
	prunedAtOnce = 500
	pruneEvery   = 24 * time.Hour
)

// pruneLedger forgets bills of which nobody is told any more: once a day, and not so
// many at once that others wait.
func (e *Engine) pruneLedger(ctx context.Context) error {
	now := e.now()
	last := e.pruned.Load()
	if now.Unix()-last < int64(pruneEvery/time.Second) || !e.pruned.CompareAndSwap(last, now.Unix()) {
		return nil
	}
	for {
		n, err := e.opt.Journal.PruneBills(ctx, now.AddDate(0, 0, -model.BillsKept), prunedAtOnce, now)
		if err != nil || n < prunedAtOnce {
			return journalError(err)
		}
	}
}
