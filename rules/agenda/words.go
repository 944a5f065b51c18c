package agenda

import (
	"strings"
	"sync"
	"time"
)

const (
	maxWords = 1 << 18 // beyond it a word is written out where it stands
	maxWord  = 80      // octets; what is longer is hardly said twice
	maxZones = 1 << 12
)

// Words keeps once what many events say: names and addresses of people, rooms,
// zones, rules of repetition. Shelves that share one may be used at once. It only
// grows, and has a bound.
type Words struct {
	mu    sync.RWMutex
	index map[string]uint64
	list  []string
	zone  map[*time.Location]uint64
	zones []*time.Location
}

// NewWords returns an empty Words.
func NewWords() *Words {
	return &Words{index: map[string]uint64{}, zone: map[*time.Location]uint64{}}
}

// number returns the number of a word; false if it is not to be kept. The caller
// has w.mu for reading, and may lose it in between.
func (w *Words) number(s string) (uint64, bool) {
	if len(s) > maxWord {
		return 0, false
	}
	if n, ok := w.index[s]; ok {
		return n, true
	}
	w.mu.RUnlock()
	defer w.mu.RLock()
	w.mu.Lock()
	defer w.mu.Unlock()
	n, ok := w.index[s]
	if ok {
		return n, true
	}
	if len(w.list) >= maxWords {
		return 0, false
	}
	s = strings.Clone(s) // it may be a piece of a whole object
	n = uint64(len(w.list))
	w.list, w.index[s] = append(w.list, s), n
	return n, true
}

// place returns the number of a zone; false if there are too many. The caller has
// w.mu for reading, and may lose it in between.
func (w *Words) place(loc *time.Location) (uint64, bool) {
	if n, ok := w.zone[loc]; ok {
		return n, true
	}
	w.mu.RUnlock()
	defer w.mu.RLock()
	w.mu.Lock()
	defer w.mu.Unlock()
	n, ok := w.zone[loc]
	if !ok {
		if len(w.zones) >= maxZones {
			return 0, false
		}
		n = uint64(len(w.zones))
		w.zones, w.zone[loc] = append(w.zones, loc), n
	}
	return n, true
}

// spoken is what is known at one moment: every number that was given until then.
type spoken struct {
	list  []string
	zones []*time.Location
}

func (w *Words) spoken() spoken {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return spoken{w.list, w.zones}
}
