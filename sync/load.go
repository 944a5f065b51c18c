package sync

import (
	"context"
	"sync"
)

// load knows who is at work. A goroutine that hands work to another marks the
// other busy before it becomes idle itself, so "nobody is busy" is never true
// while work is on its way.
type load struct {
	mu     sync.Mutex
	busy   map[any]bool
	change chan struct{} // closed and replaced at every change
}

func newLoad() *load {
	return &load{busy: map[any]bool{}, change: make(chan struct{})}
}

// set records whether who is busy.
func (l *load) set(who any, busy bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.setLocked(who, busy)
}

func (l *load) setLocked(who any, busy bool) {
	if was, known := l.busy[who]; known && was == busy {
		return
	}
	l.busy[who] = busy
	close(l.change)
	l.change = make(chan struct{})
}

// hand marks who busy and fills its wake channel, which has room for one.
func (l *load) hand(who any, wakes chan<- struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.setLocked(who, true)
	select {
	case wakes <- struct{}{}:
	default:
	}
}

// done marks who idle unless it was handed work that it has not taken yet. It
// reports whether who is idle now.
func (l *load) done(who any, wakes <-chan struct{}) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(wakes) > 0 {
		return false
	}
	l.setLocked(who, false)
	return true
}

// idle reports whether nobody is busy, and a channel that closes at the next
// change.
func (l *load) idle() (bool, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, busy := range l.busy {
		if busy {
			return false, l.change
		}
	}
	return true, l.change
}

// rest waits until nobody is busy.
func (l *load) rest(ctx context.Context) error {
	for {
		idle, change := l.idle()
		if idle {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
