package sync

import (
	"context"
	"slices"
	"time"

	"chancery/internal/model"
	"chancery/rules"
)

// An invitation that comes by mail is told in the light of the calendars of whoever
// the mail is for. It is never applied to them.

// inviteView puts into the view of a message what the rules need of the calendars
// of the account's principal; nothing if they do not look at any.
func (e *Engine) inviteView(set *rules.Set, c model.Change, v *model.View) {
	if !set.Need().Invite {
		return
	}
	e.inviteInto(set, c, v)
}

func (e *Engine) inviteInto(set *rules.Set, c model.Change, v *model.View) {
	p, ok := e.principalOf(c.Ref.Source)
	if !ok {
		return
	}
	of, from, till, ok := set.Around(c.Message, p.Principal)
	if !ok {
		return
	}
	v.Principal, v.Reading = p.Principal, e.since()
	v.Agenda, v.Known = e.agenda.around(p, of, from, till)
}

// readingPatience is how long after a start mail that carries an invitation waits for
// calendars that are being read. Without it the first answer would nearly always be
// that nobody knows, and be put right a moment later.
const readingPatience = 15 * time.Second

// awaitCalendars lets the calendars be read that decisions about messages depend on.
// One that fails is not waited for.
func (e *Engine) awaitCalendars(ctx context.Context, set *rules.Set, changes []model.Change) {
	if !set.Need().Invite || !e.running.Load() {
		return
	}
	end := time.After(e.since().Add(readingPatience).Sub(e.now()))
	for _, c := range changes {
		p, ok := e.principalOf(c.Ref.Source)
		if !ok {
			return // all are of one source
		}
		if _, _, _, ok := set.Around(c.Message, p.Principal); !ok {
			continue
		}
		for {
			reading, news := e.agenda.reading(p.sources())
			if !reading {
				return
			}
			select {
			case <-news:
			case <-end:
				return
			case <-e.stopping:
				return
			case <-ctx.Done():
				return
			}
		}
	}
}

// ReadInvites does as inviteView does for the views of messages that were fetched otherwise,
// and reads the calendars for it, each once in the life of the Engine. It writes
// nothing, and must not be called on an Engine that runs. A calendar that cannot be
// read is not Known.
func (e *Engine) ReadInvites(ctx context.Context, changes []model.Change, views []model.View) {
	set := e.rules.Load()
	for i, c := range changes {
		p, ok := e.principalOf(c.Ref.Source)
		if !ok {
			continue
		}
		if _, _, _, ok := set.Around(c.Message, p.Principal); !ok {
			continue
		}
		if e.unwritten == nil {
			e.unwritten = map[model.Ident]string{}
		}
		for _, id := range p.sources() {
			if !e.consulted[id] {
				if e.consulted == nil {
					e.consulted = map[model.SourceID]bool{}
				}
				e.consulted[id] = true
				e.planSource(ctx, e.workers[id])
			}
		}
		e.inviteInto(set, c, &views[i])
	}
}

// principalOf is whose mail a source has.
func (e *Engine) principalOf(id model.SourceID) (PrincipalSpec, bool) {
	w := e.workers[id]
	if w == nil || w.spec.Principal == "" {
		return PrincipalSpec{}, false
	}
	i := slices.IndexFunc(e.opt.Principals, func(p PrincipalSpec) bool { return p.Name == w.spec.Principal })
	if i < 0 || len(e.opt.Principals[i].Calendars) == 0 {
		return PrincipalSpec{}, false
	}
	return e.opt.Principals[i], true
}

// since is when the calendars began to be read.
func (e *Engine) since() time.Time {
	if at := e.began.Load(); at != 0 {
		return time.Unix(at, 0)
	}
	return e.now()
}

// around returns the events of a principal between two moments, and those of one
// meeting; false while not all calendars are known. Our own holds take no part.
func (a *calendars) around(p PrincipalSpec, of model.Ident, from, till time.Time) (out []model.Event, known bool) {
	a.mu.Lock()
	for _, id := range p.sources() {
		if !a.complete[id] {
			a.mu.Unlock()
			return nil, false
		}
	}
	a.mu.Unlock()
	for _, id := range p.sources() {
		out = append(out, a.at(id).Around(from, till, of)...)
	}
	return out, true
}
