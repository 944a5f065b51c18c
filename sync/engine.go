package sync

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync/journal"
)

// SettleDelay is how long a note whose APPEND has no known end waits before the
// server is asked for it: longer than bytes of a dead process stay on their way.
const SettleDelay = 60 * time.Second

// drainTime is how long the workers may finish what they are applying after the
// engine was told to stop.
const drainTime = 25 * time.Second

// Options is what an Engine works with.
type Options struct {
	Journal     *journal.Journal
	Owner       string // names this process in the journal's leases
	Sources     []SourceSpec
	Principals  []PrincipalSpec
	Log         *slog.Logger
	SettleDelay time.Duration // 0: the constant SettleDelay
	// Beside says that another process follows the sources: moves that wait were
	// counted there, and a preview counts only those that are new.
	Beside bool
}

// SourceSpec says how to open one source.
type SourceSpec struct {
	ID       model.SourceID
	Calendar bool
	Create   bool // Run makes the calendar if it is missing; Plan takes it as empty
	// Grace is how long a message stays in INBOX before a rule may file it.
	Grace time.Duration
	Brake Brake
	Desk  model.Desk // where what the rules write about this account goes
	// Principal is whose mail this is, "" if nobody's: what invitations are held
	// against.
	Principal string
	// Open connects. The position tells a mail source whether it starts from a
	// baseline; a calendar is always listed anew.
	Open func(ctx context.Context, at journal.Position) (connectors.Source, error)
}

// PrincipalSpec is a principal and the calendars that hold this person's time.
type PrincipalSpec struct {
	model.Principal
	Calendars []model.SourceID
	Desk      model.BillDesk // of the bills in the mail of sources that name this principal
}

// Group is the journal's word for a principal.
func Group(principal string) string { return "principal/" + principal }

func (p PrincipalSpec) group() string { return Group(p.Name) }

// Engine follows all sources until it is told to stop.
type Engine struct {
	opt       Options
	rules     atomic.Pointer[rules.Set]
	workers   map[model.SourceID]*worker
	settlers  []*settler
	agenda    *calendars
	load      *load
	people    *people
	desks     desks
	unread    unreadMail
	now       func() time.Time
	running   atomic.Bool
	stopping  <-chan struct{}         // closed when Run is to end
	began     atomic.Int64            // when Run began, in Unix seconds
	consulted map[model.SourceID]bool // calendars that ReadInvites read
	// unwritten are releases that Plan found and did not write, by finding.
	unwritten map[model.Ident]string
	// unwrittenBills are the bills that Plan found and did not write.
	unwrittenBills *journal.BillIndex
	pruned         atomic.Int64 // when the ledger was pruned last, in Unix seconds
}

// New builds an Engine; nothing is opened before Run.
func New(o Options, set *rules.Set) (*Engine, error) {
	if o.SettleDelay == 0 {
		o.SettleDelay = SettleDelay
	}
	e := &Engine{opt: o, workers: map[model.SourceID]*worker{}, agenda: newAgenda(), load: newLoad(), people: newPeople(), now: time.Now}
	e.rules.Store(set)
	for _, spec := range o.Sources {
		if e.workers[spec.ID] != nil {
			return nil, fmt.Errorf("build engine: source %s named twice", spec.ID)
		}
		e.workers[spec.ID] = newWorker(e, spec)
	}
	for _, spec := range o.Sources {
		if to := spec.Desk.Notes; to != "" && e.workers[to] == nil {
			return nil, fmt.Errorf("build engine: the desk of %s names unknown source %s", spec.ID, to)
		}
	}
	for _, p := range o.Principals {
		for _, id := range slices.Concat(p.Calendars, []model.SourceID{p.Holds, p.Notes, p.Desk.Calendar}) {
			if id != "" && e.workers[id] == nil {
				return nil, fmt.Errorf("build engine: principal %s names unknown source %s", p.Name, id)
			}
		}
		e.settlers = append(e.settlers, newSettler(e, p))
	}
	return e, nil
}

// Run follows the sources until ctx ends, then lets every worker finish the
// steps it is applying. It returns an error only if the journal broke: one sick
// account never stops another.
func (e *Engine) Run(ctx context.Context) error {
	hard, kill := context.WithCancelCause(context.WithoutCancel(ctx))
	defer kill(nil)
	soft, stop := context.WithCancelCause(hard)
	defer stop(nil)
	unhook := context.AfterFunc(ctx, func() {
		stop(context.Cause(ctx))
		time.AfterFunc(drainTime, func() { kill(context.DeadlineExceeded) })
	})
	defer unhook()

	var wg sync.WaitGroup
	var broken atomic.Pointer[error]
	e.agenda.forget(e.now())
	for _, w := range e.workers {
		w.errands.open()
	}
	e.began.Store(e.now().Unix())
	e.stopping = soft.Done()
	e.running.Store(true)
	defer e.running.Store(false)
	start := func(run func(soft, hard context.Context) error) {
		wg.Go(func() {
			if err := run(soft, hard); err != nil && broken.CompareAndSwap(nil, &err) {
				stop(err)
			}
		})
	}
	for _, w := range e.workers {
		start(w.run)
	}
	for _, s := range e.settlers {
		start(s.run)
	}
	wg.Wait()
	if err := broken.Load(); err != nil {
		return *err
	}
	return nil
}

// Reload swaps the rules. Mail that was decided stays decided; conflicts are
// settled again at once.
func (e *Engine) Reload(set *rules.Set) {
	e.rules.Store(set)
	for _, s := range e.settlers {
		s.kick()
	}
}

// Rest returns when every worker and settler has nothing left to do, or with
// ctx's error. A source that keeps failing is not waited for: Status tells.
func (e *Engine) Rest(ctx context.Context) error { return e.load.rest(ctx) }

// Wake tells the worker of a source that it has steps to apply, as after an
// approval. A source that is not followed here is ignored.
func (e *Engine) Wake(id model.SourceID) {
	if w := e.workers[id]; w != nil {
		w.kick()
	}
}

// changed tells the settlers that the calendar id has news.
func (e *Engine) changed(id model.SourceID) {
	for _, s := range e.settlers {
		if slices.Contains(s.spec.calendars(), id) {
			s.kick()
		}
	}
}

// Need says what the rules in force look at.
func (e *Engine) Need() model.Need { return e.rules.Load().Need() }

// Urgent names the mailboxes of a source whose news the rules in force want within
// seconds.
func (e *Engine) Urgent(id model.SourceID) []string { return e.rules.Load().Urgent(id) }

// RuleVersion names the rules in force.
func (e *Engine) RuleVersion() string { return e.rules.Load().Version() }
