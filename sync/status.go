package sync

import (
	"maps"
	"slices"
	"sync"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

// Status is how one source does. Every field is safe to log but Detail, which
// may quote the server and is shown only to an administrator.
type Status struct {
	Source   model.SourceID
	State    string // starting, connecting, working, following, network, throttled, auth, protocol, config, taken-over
	Since    time.Time
	Code     string // of the last failure, while it lasts
	Detail   string
	Pulled   time.Time // last complete read; zero if none
	Changes  int64     // read since the start
	Applied  int64     // steps confirmed since the start
	Refused  int64
	LastBeat time.Time
}

// stuckAfter is how long a source may show no sign of life before the watchdog
// is no longer fed: longer than the slowest command may take.
const stuckAfter = 30 * time.Minute

// state is the Status of one worker; workers write, everyone reads.
type state struct {
	mu sync.Mutex
	s  Status
}

// set changes the state. It reports whether there is something to tell: a
// failure that was not there before, or the end of one.
func (st *state) set(name string, err error, now time.Time) (news bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.s.State != name {
		st.s.State, st.s.Since = name, now
	}
	st.s.LastBeat = now
	switch {
	case err != nil:
		_, code := connectors.Classify(err)
		news = code != st.s.Code
		st.s.Code, st.s.Detail = code, err.Error()
	case name == "following":
		news = st.s.Code != ""
		st.s.Code, st.s.Detail = "", ""
	}
	return news
}

func (st *state) pulled(now time.Time, changes int) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.s.Pulled, st.s.LastBeat = now, now
	st.s.Changes += int64(changes)
}

func (st *state) applied(o model.Outcome) {
	st.mu.Lock()
	defer st.mu.Unlock()
	switch o {
	case model.Done:
		st.s.Applied++
	case model.Refused:
		st.s.Refused++
	}
}

func (st *state) get() Status {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.s
}

// Status returns how every source does, by name.
func (e *Engine) Status() []Status {
	var out []Status
	for _, id := range slices.Sorted(maps.Keys(e.workers)) {
		s := e.workers[id].state.get()
		s.Source = id
		out = append(out, s)
	}
	return out
}

// Alive reports whether every worker gave a sign of life lately. A source whose
// server is down is alive: its worker is waiting, not stuck.
func (e *Engine) Alive() bool {
	now := e.now()
	for _, w := range e.workers {
		s := w.state.get()
		if (s.State == "working" || s.State == "connecting") && now.Sub(s.LastBeat) > stuckAfter {
			return false
		}
	}
	return true
}
