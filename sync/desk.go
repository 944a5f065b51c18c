package sync

import (
	"context"
	"slices"
	"sync"
	"time"

	"chancery/internal/model"
	"chancery/rules/billdesk"
	"chancery/sync/journal"
)

// catchUp is how long after a start a billing note waits for mail that has not been
// read yet: a note that is late already should know what came meanwhile.
const catchUp = 15 * time.Minute

// behindPause is when a principal's billing is looked at again while its mail is read.
const behindPause = 5 * time.Second

// billsFor is how long what the ledger says is taken for what it says now, if no change
// of it is heard of: another process may write it.
const billsFor = time.Minute

// mostBills is how many bills of one principal are held while they are looked at: some
// sixty megabytes. An office has as many in years; what is more came in a flood.
const mostBills = 50_000

// deskOf is the journal's word for somebody's looking after a principal's billing. Its
// baseline is when that began.
func deskOf(p PrincipalSpec) model.SourceID { return model.SourceID("billing/" + p.Name) }

// calendars are all that something of the principal may be written into.
func (p PrincipalSpec) calendars() []model.SourceID {
	ids := p.sources()
	if c := p.Desk.Calendar; c != "" && !slices.Contains(ids, c) {
		ids = append(ids, c)
	}
	return ids
}

// beginDesk notes when somebody began to look after the billing, if nobody has.
func (s *settler) beginDesk(ctx context.Context) error {
	if !billdesk.Active(s.spec.Desk, nil) {
		return nil
	}
	j := s.e.opt.Journal
	at, err := j.Position(ctx, deskOf(s.spec))
	if err == nil && at.Baseline.IsZero() {
		_, err = j.Claim(ctx, deskOf(s.spec), s.e.opt.Owner, s.e.now())
	}
	if err != nil {
		return brokenJournal{err}
	}
	s.kick() // a principal without calendars has no other news
	return nil
}

// billing says what a look at a principal may write about billing.
type billing struct {
	view  model.BillView
	known bool // the calendar of due dates
}

// billingOf is nil if nothing about billing is to be written or taken away now. again
// is when to ask once more, zero for never.
func (e *Engine) billingOf(ctx context.Context, p PrincipalSpec, found map[model.Ident]model.Finding) (b *billing, again time.Time, err error) {
	if !billdesk.Active(p.Desk, found) {
		return nil, time.Time{}, nil
	}
	if e.running.Load() && !e.caughtUp(p) {
		return nil, e.now().Add(behindPause), nil
	}
	at, err := e.opt.Journal.Position(ctx, deskOf(p))
	if err != nil {
		return nil, time.Time{}, journalError(err)
	}
	b = &billing{view: model.BillView{Desk: p.Desk}, known: p.Desk.Calendar == "" || e.agenda.isComplete(p.Desk.Calendar)}
	if !at.Baseline.IsZero() {
		b.view.Began = model.UnixTime(at.Baseline.Unix())
	}
	if b.view.Bills, b.view.Left, err = e.desks.bills(ctx, e, p); err == nil && b.known && p.Desk.Calendar != "" {
		err = e.adopt(ctx, p, b.view.Bills, found)
	}
	return b, time.Time{}, err
}

// caughtUp reports whether all mail of a principal was read since the start, as far as
// its servers answer, or is not waited for any longer.
func (e *Engine) caughtUp(p PrincipalSpec) bool {
	if e.now().Unix()-e.began.Load() > int64(catchUp/time.Second) {
		return true
	}
	for id, w := range e.workers {
		if e.looksAfter(p, id) && !w.through.Load() && w.state.get().Code == "" {
			return false
		}
	}
	return true
}

// throughMail notes that all mail of the source was read, and wakes who waits for it.
func (w *worker) throughMail() {
	if w.spec.Calendar || w.through.Swap(true) {
		return
	}
	for _, s := range w.e.settlers {
		if billdesk.Active(s.spec.Desk, nil) && w.e.looksAfter(s.spec, w.spec.ID) {
			s.kick()
		}
	}
}

// adopt takes up due dates of ours that the journal knows nothing of, because it was
// lost or put back: none is written a second time, and none outlives its bill. Those
// of bills that the ledger does not know stay as they are.
func (e *Engine) adopt(ctx context.Context, p PrincipalSpec, bills []model.Bill, found map[model.Ident]model.Finding) error {
	strange := map[model.Ident]model.Event{}
	for of, ev := range e.agenda.own(p.Desk.Calendar) {
		if _, known := found[of]; !known && billdesk.IsDue(of) && ev.Body.Reveal().UID == billdesk.UID(p.Name, of) {
			strange[of] = ev
		}
	}
	if len(strange) == 0 {
		return nil
	}
	var idents []model.Ident
	for _, b := range bills {
		if of := billdesk.DueIdent(p.Principal, p.Desk.Calendar, b.ID); strange[of].Own != nil {
			idents = append(idents, of)
		}
	}
	released, err := e.released(ctx, idents)
	for _, of := range idents {
		ev := strange[of]
		f := model.Finding{Hold: ev.Own.Digest, HoldRef: ev.Ref, Pinned: !ev.Own.Intact}
		found[of] = overruledFinding(f, howReleased(released[of]))
	}
	return err
}

// merge adds what is written about billing to a plan. What would go into a calendar
// that is not followed any more is left where it is.
func (e *Engine) merge(plan *model.Plan, more model.Plan) {
	for _, s := range more.Steps {
		if e.workers[s.Source] != nil {
			plan.Steps = append(plan.Steps, s)
		}
	}
	plan.Reports = append(plan.Reports, more.Reports...)
	plan.LookAgain = earlier(plan.LookAgain, more.LookAgain)
}

// earlier is the first of two moments; the zero time is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// desks remembers what the ledger has of each principal: most looks are about time,
// and reading ten thousand bills takes longer than looking.
type desks struct {
	mu   sync.Mutex
	news int64 // counts what is heard of changes
	read map[string]told
	most int // bills of one principal that are held; 0: mostBills

	words int // for which the journal is asked at once; 0: mostWords
}

type told struct {
	bills []model.Bill
	left  int // how many there are more
	at    time.Time
	news  int64
}

// changed forgets what is remembered.
func (d *desks) changed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.news++
}

func (d *desks) bills(ctx context.Context, e *Engine, p PrincipalSpec) ([]model.Bill, int, error) {
	d.mu.Lock()
	last, news := d.read[p.Name], d.news
	d.mu.Unlock()
	if age := e.now().Sub(last.at); e.running.Load() && last.news == news && !last.at.IsZero() && age >= 0 && age < billsFor {
		return last.bills, last.left, nil
	}
	var sources []model.SourceID
	for id := range e.workers {
		if e.looksAfter(p, id) {
			sources = append(sources, id)
		}
	}
	slices.Sort(sources)
	bills, left, err := e.billsOf(ctx, sources, e.now().AddDate(0, 0, -model.BillsKept))
	if err != nil {
		return nil, 0, err
	}
	if left > 0 && last.left == 0 {
		e.opt.Log.Warn("more bills than are looked at", "principal", p.Name, "bills", len(bills), "left", left)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.read == nil {
		d.read = map[string]told{}
	}
	d.read[p.Name] = told{bills, left, e.now(), news}
	return bills, left, nil
}

// slim takes out of the steps about one finding what notes say: only their names are
// asked for again, and a ledger may be attached.
func slim(list []journal.Intent) []journal.Intent {
	for i, in := range list {
		if n, ok := in.Step.Action.(model.Note); ok {
			b := n.Body.Reveal()
			b.Text, b.HTML, b.Files = "", "", nil
			n.Body = model.Hide(b)
			list[i].Step.Action = n
		}
	}
	return list
}
