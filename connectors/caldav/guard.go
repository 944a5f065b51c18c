package caldav

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"chancery/connectors"
)

// Guard remembers a loss that one more listing must confirm, and that the server once
// asked for Digest. It outlives the Source, which is opened anew after every failure;
// one stands for one calendar.
type Guard struct {
	digest atomic.Pointer[challenge]

	mu    sync.Mutex
	what  string
	since time.Time
	taken map[string]bool // what we took away ourselves and no listing has left out yet
}

// took remembers that an object went by our own hand.
func (g *Guard) took(path string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.taken == nil {
		g.taken = map[string]bool{}
	}
	g.taken[path] = true
}

// put forgets that: it is there again.
func (g *Guard) put(path string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.taken, path)
}

// own counts what is gone by our own hand. The caller holds mu.
func (g *Guard) own(gone []string) (n int) {
	for _, path := range gone {
		if g.taken[path] {
			n++
		}
	}
	return n
}

// countPrefix begins a cursor that says how many objects there were: after a
// restart it is all that is known of the listing before.
const countPrefix = "c:"

func counted(n int, rest string) connectors.Cursor {
	return connectors.Cursor(fmt.Sprintf("%s%d:%s", countPrefix, n, rest))
}

// uncounted returns the cursor without its count. Older ones have none.
func uncounted(c connectors.Cursor) string {
	if rest, ok := strings.CutPrefix(string(c), countPrefix); ok {
		_, rest, _ = strings.Cut(rest, ":")
		return rest
	}
	return string(c)
}

// Counted returns how many objects the calendar held at a cursor, as far as it says.
func Counted(c connectors.Cursor) int {
	rest, ok := strings.CutPrefix(string(c), countPrefix)
	digits, _, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 0 {
		return 0
	}
	return n
}

// guard holds back a sudden loss of many objects: a server that lost its disk or
// its rights shows an empty calendar, and that must not dismiss every hold. Without
// a listing in memory the numbers alone are compared.
func (s *Source) guard(base *listing, d *delta) error {
	if base == nil {
		lost := s.o.Known - len(d.changed)
		return s.suspect(lost, s.o.Known, d, func() string { return fmt.Sprintf("first %d of %d", len(d.changed), s.o.Known) })
	}
	return s.suspect(len(d.gone), s.held(base), d, func() string { return strings.Join(d.gone, "\n") })
}

func (s *Source) suspect(lost, of int, d *delta, what func() string) error {
	g := s.o.Guard
	g.mu.Lock()
	defer g.mu.Unlock()
	own := g.own(d.gone)
	lost, of = lost-own, of-own
	if !(lost > 20 && lost*10 > of*3) && !(d.whole && lost == of && of >= 5) {
		g.what = ""
		for _, path := range d.gone {
			delete(g.taken, path)
		}
		return nil
	}
	h := sha256.Sum256([]byte(what()))
	if id := hex.EncodeToString(h[:]); g.what != id {
		g.what, g.since = id, time.Now()
	} else if time.Since(g.since) >= s.confirm {
		return nil // kept: the Source may be opened anew before the caller stored what it was told
	}
	return &connectors.Error{Class: connectors.Protocol, Code: "mass-loss", RetryAfter: s.confirm, Err: errors.New("many objects vanished at once; waiting for a second listing")}
}

// held is how many objects there were before.
func (s *Source) held(base *listing) int {
	if base == nil {
		return s.o.Known
	}
	return max(len(base.items), base.before)
}

// total is how many objects there will be when d has been reported.
func (n *listing) total(d *delta) int {
	all := len(n.items)
	for path := range d.changed {
		if _, ok := n.items[path]; !ok {
			all++
		}
	}
	return max(all, n.before-len(slices.Compact(d.gone)))
}
