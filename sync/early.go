package sync

import (
	"slices"
	"sync/atomic"

	"chancery/internal/model"
)

// earlyLooks is how many looks of a new process pass, a second apart or sooner, before
// it writes something without knowing people's time.
const earlyLooks = 20

// early keeps a process that has just started from deciding anew what the one before
// it decided with better knowledge: it knew people's time. Without that more times
// would be offered, and be taken back a moment later; a person would get two mails
// about each at every restart.
type early struct {
	servers bool // questions reach the calendar servers
	over    bool
	looks   int
	waiting atomic.Bool
}

// wait reports whether to write nothing yet, because what was asked was not answered.
// Who has nothing to write need not wait.
func (e *early) wait(g *Engine, p PrincipalSpec, planned int, asks []model.Ask) bool {
	if planned > 0 && !e.over {
		e.looks++
		e.over = e.looks > earlyLooks || !g.unheard(p, asks, e.servers)
	}
	e.waiting.Store(planned > 0 && !e.over)
	return e.waiting.Load()
}

// unheard reports whether somebody's time was asked for, and there was no answer since
// the start, not even that there is none.
func (e *Engine) unheard(p PrincipalSpec, asks []model.Ask, servers bool) bool {
	k := e.people
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(asks, func(a model.Ask) bool {
		i := slices.IndexFunc(e.opt.Principals, func(o PrincipalSpec) bool { return slices.Contains(o.Addresses, a.Address) })
		if i >= 0 {
			_, known := k.ours[e.opt.Principals[i].Name]
			return !known && len(e.opt.Principals[i].sources()) > 0
		}
		_, asked := k.told[p.Name][a.Address]
		return servers && !asked
	})
}
