package sync

import (
	"context"
	"slices"
	"sync"
	"time"

	"chancery/internal/model"
	"chancery/rules/agenda"
)

// freebusier is a calendar source that can be asked for other people's time. The
// answer holds only those addresses, in lower case, whose time the server told:
// who is left out is unknown, not free.
type freebusier interface {
	FreeBusy(ctx context.Context, addresses []string, from, till time.Time) (map[string]model.FreeBusy, error)
}

const (
	askFresh = 15 * time.Minute // an answer is not asked for again
	askStale = 6 * time.Hour    // an older answer is no answer
	askTime  = 20 * time.Second // one question to one server
	askRetry = time.Minute      // after one that failed
)

// people is what is known of people's time: of our own principals from their
// calendars, of others from what the calendar servers told. It is in memory alone.
// Only who has just started waits for it, and not for long: what is unknown is decided
// as unknown, and decided again when it is known.
type people struct {
	mu     sync.Mutex
	told   map[string]map[string]answer // by who asked, then by address
	ours   map[string]model.FreeBusy    // by principal
	wanted map[string]map[string]bool   // by principal: the principals who would like to know
	under  map[string]bool              // principals for whom somebody is asking
	missed map[string]bool              // and who had more to ask meanwhile
}

type answer struct {
	at    time.Time
	told  bool
	fb    model.FreeBusy
	tried time.Time // when a server could not be asked; zero if it could
}

func newPeople() *people {
	return &people{
		told: map[string]map[string]answer{}, ours: map[string]model.FreeBusy{}, wanted: map[string]map[string]bool{},
		under: map[string]bool{}, missed: map[string]bool{},
	}
}

// busyFor is what is known of people's time, for the settling of one principal.
func (e *Engine) busyFor(p PrincipalSpec) map[string]model.FreeBusy {
	k := e.people
	k.mu.Lock()
	defer k.mu.Unlock()
	out := map[string]model.FreeBusy{}
	for addr, a := range k.told[p.Name] {
		if a.told && e.now().Sub(a.at) < askStale {
			out[addr] = a.fb
		}
	}
	for _, o := range e.opt.Principals {
		fb, known := k.ours[o.Name]
		if o.Name == p.Name || !known {
			continue
		}
		for _, addr := range o.Addresses {
			out[addr] = fb
		}
	}
	return out
}

// publish tells the others what of a principal's time they would like to know.
func (e *Engine) publish(p PrincipalSpec, b *agenda.Book) {
	k := e.people
	k.mu.Lock()
	wanted := len(k.wanted[p.Name]) > 0
	k.mu.Unlock()
	if !wanted {
		return
	}
	fb := b.Busy(p.Principal)
	k.mu.Lock()
	was, known := k.ours[p.Name]
	k.ours[p.Name] = fb
	var tell []string
	if now := model.UnixTime(e.now().Unix()); !known || !slices.Equal(upcoming(was.Taken, now), upcoming(fb.Taken, now)) {
		for name := range k.wanted[p.Name] {
			tell = append(tell, name)
		}
	}
	k.mu.Unlock()
	for _, s := range e.settlers {
		if slices.Contains(tell, s.spec.Name) {
			s.kick()
		}
	}
}

// upcoming is what of a list is not over.
func upcoming(list []model.Stretch, now model.UnixTime) []model.Stretch {
	return slices.DeleteFunc(slices.Clone(list), func(s model.Stretch) bool { return s.End <= now })
}

// want notes who would like to know the time of our own principals, and returns
// the questions for servers: about people who are not ours, and of whom nothing
// was heard lately.
func (e *Engine) want(p PrincipalSpec, asks []model.Ask) (due []model.Ask) {
	k := e.people
	var unknown []string
	k.mu.Lock()
	for _, a := range asks {
		i := slices.IndexFunc(e.opt.Principals, func(o PrincipalSpec) bool { return slices.Contains(o.Addresses, a.Address) })
		if i >= 0 {
			name := e.opt.Principals[i].Name
			if k.wanted[name] == nil {
				k.wanted[name] = map[string]bool{}
			}
			if !k.wanted[name][p.Name] {
				k.wanted[name][p.Name] = true
				unknown = append(unknown, name)
			}
			continue
		}
		was, asked := k.told[p.Name][a.Address]
		if e.now().Sub(was.tried) < askRetry {
			continue
		}
		if !asked || e.now().Sub(was.at) >= askFresh || was.told && (was.fb.From > a.From || was.fb.Till < a.Till) {
			due = append(due, a)
		}
	}
	k.mu.Unlock()
	for _, s := range e.settlers {
		if slices.Contains(unknown, s.spec.Name) {
			s.kick()
		}
	}
	return due
}

// ask puts the questions of a look to the calendar servers, in the background, and
// settles again if that told anything new.
func (s *settler) ask(ctx context.Context, asks []model.Ask) {
	due := s.e.want(s.spec, asks)
	k := s.e.people
	k.mu.Lock()
	busy := k.under[s.spec.Name]
	if len(due) > 0 {
		k.under[s.spec.Name], k.missed[s.spec.Name] = true, busy
	}
	k.mu.Unlock()
	if len(due) == 0 || busy {
		return
	}
	key := inquiry{s.spec.Name}
	s.e.load.set(key, true)
	s.asking.Go(func() {
		defer s.e.load.set(key, false)
		news := s.e.inquire(ctx, s.spec, due, s.e.workerFreeBusy)
		k.mu.Lock()
		news = news || k.missed[s.spec.Name]
		k.under[s.spec.Name], k.missed[s.spec.Name] = false, false
		k.mu.Unlock()
		if (news || s.early.waiting.Load()) && ctx.Err() == nil {
			s.kick()
		}
	})
}

// inquiry marks that a principal's questions are under way.
type inquiry struct{ principal string }

// asking is how a question reaches a source.
type asking func(ctx context.Context, w *worker, addresses []string, from, till time.Time) (map[string]model.FreeBusy, error)

// inquire asks the calendars of a principal one after the other, each for those of
// whom none before it knew. It reports whether that told anything new.
func (e *Engine) inquire(ctx context.Context, p PrincipalSpec, due []model.Ask, how asking) (news bool) {
	from, till := due[0].From, due[0].Till
	var left []string
	for _, a := range due {
		from, till, left = min(from, a.From), max(till, a.Till), append(left, a.Address)
	}
	got, failed := map[string]model.FreeBusy{}, false
	for _, id := range p.sources() {
		if len(left) == 0 {
			break
		}
		told, err := how(ctx, e.workers[id], left, time.Unix(int64(from), 0), time.Unix(int64(till), 0))
		if err != nil {
			failed = true
			e.opt.Log.Debug("free and busy time is not told", "source", id)
			continue
		}
		for addr, fb := range told {
			got[addr] = fb
		}
		left = slices.DeleteFunc(left, func(addr string) bool { _, ok := told[addr]; return ok })
	}
	k := e.people
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.told[p.Name] == nil {
		k.told[p.Name] = map[string]answer{}
	}
	for _, a := range due {
		fb, told := got[a.Address]
		was := k.told[p.Name][a.Address]
		if !told && failed {
			was.tried = e.now()
			k.told[p.Name][a.Address] = was
			continue
		}
		news = news || was.told != told || told && !slices.Equal(was.fb.Taken, fb.Taken)
		k.told[p.Name][a.Address] = answer{at: e.now(), told: told, fb: fb}
	}
	return news
}

// workerFreeBusy asks a source through its worker, between two turns.
func (e *Engine) workerFreeBusy(ctx context.Context, w *worker, addresses []string, from, till time.Time) (map[string]model.FreeBusy, error) {
	told := make(chan map[string]model.FreeBusy, 1)
	one := errand{ctx: ctx, done: make(chan error, 1), do: func(_, hard context.Context, w *worker) error {
		src, ok := w.src.(freebusier)
		if !ok {
			told <- nil
			return nil
		}
		hard, cancel := context.WithTimeout(hard, askTime)
		defer cancel()
		fb, err := src.FreeBusy(hard, addresses, from, till)
		if err != nil {
			return unable{err} // the source may well be healthy
		}
		told <- fb
		return nil
	}}
	if !w.errands.add(one) {
		return nil, errStopped
	}
	w.kick()
	select {
	case err := <-one.done:
		if err != nil {
			return nil, err
		}
		return <-told, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inform asks what a preview needs to know beforehand, as the service would have
// done long ago: first of our own people, then the servers.
func (e *Engine) inform(ctx context.Context) {
	asked := map[string][]model.Ask{}
	for range 2 { // only then everyone knows who is wanted
		for _, p := range e.opt.Principals {
			if _, plan, err := e.decideAgenda(ctx, p); err == nil {
				asked[p.Name] = e.want(p, plan.Asks)
			}
		}
	}
	for _, p := range e.opt.Principals {
		if len(asked[p.Name]) > 0 {
			e.inquire(ctx, p, asked[p.Name], e.directFreeBusy)
		}
	}
}

// directFreeBusy opens a source for one question, where no worker follows it.
func (e *Engine) directFreeBusy(ctx context.Context, w *worker, addresses []string, from, till time.Time) (map[string]model.FreeBusy, error) {
	if !w.tells {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	src, err := w.spec.Open(ctx, w.position())
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	return src.(freebusier).FreeBusy(ctx, addresses, from, till)
}
