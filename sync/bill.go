package sync

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync/journal"
)

// ledger is what one batch has to do with bills. It is nil if no rule asks about them,
// or no message of the batch tells of one. A message sees the bills of those that are
// dated before it as they will stand in the journal, so that it does not matter which
// messages come in one batch.
type ledger struct {
	index *journal.BillIndex
	own   map[int][]string // by the index of the message: the words of its bills
	ident map[int]model.Ident
	order []int // of the messages that tell of bills
	fresh []model.Bill
}

// ledger asks the journal about all bills of a batch at once.
func (e *Engine) ledger(ctx context.Context, set *rules.Set, r *round, ask []model.Change, now time.Time) (*ledger, error) {
	if !set.Need().Bills {
		return nil, nil
	}
	told := e.bills(set, ask, now)
	l := &ledger{index: r.bills, own: map[int][]string{}, ident: map[int]model.Ident{}}
	var words []string
	for i, bills := range told {
		for _, b := range bills {
			l.own[i] = append(l.own[i], journal.BillWords(b)...)
		}
		if len(bills) > 0 {
			l.order, l.ident[i] = append(l.order, i), ask[i].Ident
			words = append(words, l.own[i]...)
		}
	}
	if len(l.order) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(l.order, func(a, b int) int { return sent(ask[a]).Compare(sent(ask[b])) })
	known, err := e.opt.Journal.Bills(ctx, words)
	if err != nil {
		return nil, journalError(err)
	}
	if l.index == nil {
		l.index = journal.NewBillIndex(now)
	}
	l.index.Add(known)
	return l, nil
}

// bills returns the bills of each message, nil for one that tells of none.
func (e *Engine) bills(set *rules.Set, ask []model.Change, now time.Time) [][]model.Bill {
	told := make([][]model.Bill, len(ask))
	var next atomic.Int64
	onAllProcessors(len(ask)/decidedAtOnce, func() {
		for {
			from := int(next.Add(decidedAtOnce)) - decidedAtOnce
			if from >= len(ask) {
				return
			}
			for i := from; i < min(from+decidedAtOnce, len(ask)); i++ {
				told[i] = set.Bills(asNew(ask[i]), model.View{Now: now, Desk: e.desk(ask[i].Ref.Source)})
			}
		}
	})
	return told
}

// sent is the date that a message bears.
func sent(c model.Change) time.Time {
	if !c.Message.Body.Present() {
		return time.Time{}
	}
	return c.Message.Body.Reveal().Date
}

// tells reports whether a message tells of bills.
func (l *ledger) tells(i int) bool { return l != nil && l.own[i] != nil }

// inOrder are the messages that tell of bills, as they are to be decided.
func (l *ledger) inOrder() []int {
	if l == nil {
		return nil
	}
	return l.order
}

// before returns the bills that share a word with those of a message.
func (l *ledger) before(i int) []model.Bill {
	if !l.tells(i) {
		return nil
	}
	return l.index.Find(l.own[i], l.ident[i])
}

// record lets the messages that follow see what one leads to.
func (l *ledger) record(p model.Plan) {
	if l == nil || len(p.Bills) == 0 {
		return
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

// billsOf returns what the ledger has of these sources, as BillsOf does; in a preview
// with what it did not write.
func (e *Engine) billsOf(ctx context.Context, sources []model.SourceID, since time.Time) ([]model.Bill, error) {
	bills, err := e.opt.Journal.BillsOf(ctx, sources, since)
	if err != nil || e.unwrittenBills == nil {
		return bills, journalError(err)
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
	}), nil
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
		views[i].Bills = slices.DeleteFunc(known, func(b model.Bill) bool { return b.Ident == c.Ident })
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
