package google

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"chancery/connectors"
)

// Guard remembers a loss that one more listing must confirm. It outlives the Source,
// which is opened anew after every failure; one stands for one calendar.
type Guard struct {
	mu    sync.Mutex
	what  string
	since time.Time
	taken map[string]bool // what we took away ourselves and no listing has left out yet
}

// took remembers that an event went by our own hand, or, with false, that it is
// there again.
func (g *Guard) took(id string, gone bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.taken == nil {
		g.taken = map[string]bool{}
	}
	if g.taken[id] = true; !gone {
		delete(g.taken, id)
	}
}

// countPrefix begins a cursor that says how many events there were: after a restart
// it is all that is known of the listing before.
const countPrefix = "c:"

func counted(n int, rest string) connectors.Cursor {
	return connectors.Cursor(fmt.Sprintf("%s%d:%s", countPrefix, n, rest))
}

// uncounted returns the cursor without its count.
func uncounted(c connectors.Cursor) string {
	if rest, ok := strings.CutPrefix(string(c), countPrefix); ok {
		_, rest, _ = strings.Cut(rest, ":")
		return rest
	}
	return string(c)
}

// Counted returns how many events the calendar held at a cursor, as far as it says;
// a series counts as one.
func Counted(c connectors.Cursor) int {
	rest, ok := strings.CutPrefix(string(c), countPrefix)
	digits, _, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 0 {
		return 0
	}
	return n
}

// guard holds back a sudden loss of many events: a calendar whose sharing was
// taken away for a moment looks empty, and that must not dismiss every hold. Without
// a listing in memory the numbers alone are compared.
func (s *Source) guard(base *listing, found int, gone []string, whole bool) error {
	lost, what := len(gone), strings.Join(gone, "\n")
	if base == nil {
		lost, what = s.o.Known-found, fmt.Sprintf("first %d of %d", found, s.o.Known)
	}
	of := s.held(base)
	g := s.o.Guard
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, key := range gone {
		if g.taken[key] {
			lost, of = lost-1, of-1
		}
	}
	if !(lost > 20 && lost*10 > of*3) && !(whole && lost == of && of >= 5) {
		g.what = ""
		for _, key := range gone {
			delete(g.taken, key)
		}
		return nil
	}
	h := sha256.Sum256([]byte(what))
	if id := hex.EncodeToString(h[:]); g.what != id {
		g.what, g.since = id, time.Now()
	} else if time.Since(g.since) >= s.confirm {
		return nil // kept: the Source may be opened anew before the caller stored what it was told
	}
	return &connectors.Error{Class: connectors.Protocol, Code: "mass-loss", RetryAfter: s.confirm, Err: errors.New("many events vanished at once; waiting for a second listing")}
}

// held is how many events there were before.
func (s *Source) held(base *listing) int {
	if base == nil {
		return s.o.Known
	}
	return max(len(base.items), base.before)
}
