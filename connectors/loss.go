package connectors

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Loss holds back a sudden loss of many events: a server that lost its disk, or a
// calendar whose sharing was taken away for a moment, looks empty, and that must not
// dismiss every hold. It remembers a loss that one more listing must confirm, and
// outlives the Source, which is opened anew after every failure. One stands for one
// calendar; the zero Loss is ready.
type Loss struct {
	mu    sync.Mutex
	what  string
	since time.Time
	taken map[string]bool // what we took away ourselves and no listing has left out yet
}

// Took remembers that an object went by our own hand.
func (l *Loss) Took(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.taken == nil {
		l.taken = map[string]bool{}
	}
	l.taken[name] = true
}

// Put forgets that: the object is there again.
func (l *Loss) Put(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.taken, name)
}

// Gone judges a listing in which some of the objects there were are gone; whole says
// that it lists all there are. A loss that is suspect ends with code "mass-loss",
// until the same loss shows again after wait.
func (l *Loss) Gone(gone []string, of int, whole bool, wait time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := 0
	for _, name := range gone {
		if l.taken[name] {
			own++
		}
	}
	if suspect(len(gone)-own, of-own, whole) {
		return l.confirm(strings.Join(gone, "\n"), wait)
	}
	l.what = ""
	for _, name := range gone {
		delete(l.taken, name)
	}
	return nil
}

// Fewer does so where no listing is in memory: the numbers alone are compared.
func (l *Loss) Fewer(found, of int, whole bool, wait time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if suspect(of-found, of, whole) {
		return l.confirm(fmt.Sprintf("first %d of %d", found, of), wait)
	}
	l.what = ""
	return nil
}

func suspect(lost, of int, whole bool) bool {
	return lost > 20 && lost*10 > of*3 || whole && lost == of && of >= 5
}

// confirm lets a loss pass that shows a second time. The caller holds mu.
func (l *Loss) confirm(what string, wait time.Duration) error {
	h := sha256.Sum256([]byte(what))
	if id := hex.EncodeToString(h[:]); l.what != id {
		l.what, l.since = id, time.Now()
	} else if time.Since(l.since) >= wait {
		return nil // kept: the Source may be opened anew before the caller stored what it was told
	}
	return &Error{Class: Protocol, Code: "mass-loss", RetryAfter: wait, Err: errors.New("many events vanished at once; waiting for a second listing")}
}

// countPrefix begins a cursor that says how many objects there were: after a
// restart it is all that is known of the listing before.
const countPrefix = "c:"

// Count returns a cursor that says how many objects there are at it.
func Count(n int, rest string) Cursor {
	return Cursor(fmt.Sprintf("%s%d:%s", countPrefix, n, rest))
}

// Uncounted returns a cursor without its count. Older ones have none.
func Uncounted(c Cursor) string {
	if rest, ok := strings.CutPrefix(string(c), countPrefix); ok {
		_, rest, _ = strings.Cut(rest, ":")
		return rest
	}
	return string(c)
}

// Counted returns how many objects a calendar held at a cursor, as far as it says; at
// Google a series counts as one.
func Counted(c Cursor) int {
	rest, ok := strings.CutPrefix(string(c), countPrefix)
	digits, _, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 0 {
		return 0
	}
	return n
}
