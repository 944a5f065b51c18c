package google

import (
	"fmt"
	"maps"
	"math/rand"
	"net/http"
	"slices"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
)

// house is a caller that keeps what a journal would: where its holds stand, and
// which of them a person took over.
type house struct {
	rng      *rand.Rand
	g        *connectortest.Google
	f        *follower
	want     map[int]int // digest wanted of each hold; 0 for none
	base     map[int]model.Ref
	released map[int]bool
	persons  map[string]string // what a person left, by id
	edits    int
}

const holdsOfHouse = 4

func holdUIDOf(n int) string { return fmt.Sprintf("hold-%d@chancery", n) }

// step makes the next step for a hold.
func (h *house) step(n int) model.Action {
	if h.want[n] == 0 {
		return model.Withdraw{UID: holdUIDOf(n), Of: model.Ident(fmt.Sprint("f:", n)), Base: h.base[n]}
	}
	return model.Hold{UID: holdUIDOf(n), Of: model.Ident(fmt.Sprint("f:", n)), Digest: fmt.Sprint("v", h.want[n]), Base: h.base[n],
		Body: model.Hide(model.HoldBody{Start: 1772442000, End: 1772445600, Summary: fmt.Sprint("Conflict ", h.want[n])})}
}

// settle applies what is wanted and notes the results, as the engine does.
func (h *house) settle() error {
	for n := range holdsOfHouse {
		if h.released[n] || h.want[n] == 0 && h.base[n].Href == "" {
			continue
		}
		r, err := h.f.s.Apply(h.f.t.Context(), []model.Step{{ID: "1", Action: h.step(n), Again: true}})
		if err != nil {
			return err
		}
		switch r[0].Outcome {
		case model.Done:
			if h.base[n] = r[0].Ref; h.want[n] == 0 {
				h.base[n] = model.Ref{}
			}
		case model.Lost, model.Stale, model.Refused:
			h.released[n] = true
		}
	}
	return nil
}

// trouble is what goes wrong with the next request.
func (h *house) trouble() {
	f := connectortest.GoogleFault{Method: []string{"POST", "PUT", "DELETE", "GET", ""}[h.rng.Intn(5)]}
	switch h.rng.Intn(6) {
	case 0:
		f.Cut, f.Times = true, 3
	case 1:
		f.Lost = true
	case 2:
		f.Status, f.Reason = 503, "backendError"
	case 3:
		f.Status, f.Reason = 403, "rateLimitExceeded"
	case 4:
		f.Status, f.Reason = 412, "conditionNotMet"
	case 5:
		f.Before = h.person
	}
	h.g.Fail(f)
}

// person edits or deletes something: an event of the person's own, or a hold.
func (h *house) person() {
	ids := h.g.Events(h.f.t, h.g.Self)
	if len(ids) == 0 || h.rng.Intn(5) == 0 {
		id := h.g.PersonInsert(h.f.t, h.g.Self, event(fmt.Sprint("Own ", h.rng.Int()), h.rng.Intn(28)+1))
		h.persons[id] = h.shown(id)
		return
	}
	id := ids[h.rng.Intn(len(ids))]
	if h.rng.Intn(4) == 0 {
		h.g.PersonDelete(h.f.t, h.g.Self, id)
		h.persons[id] = ""
		return
	}
	h.edits++
	h.g.PersonPatch(h.f.t, h.g.Self, id, fields{"summary": fmt.Sprint("Edited ", h.edits)})
	h.persons[id] = h.shown(id)
}

func (h *house) shown(id string) string {
	e := h.g.Event(h.f.t, h.g.Self, id)
	return fmt.Sprint(e["summary"], e["start"], e["status"])
}

// TestCrashes: whatever breaks and whoever is quicker, no person's edit is lost,
// nothing stands twice, and in the end nothing is left to write.
func TestCrashes(t *testing.T) {
	for seed := range int64(300) {
		g := connectortest.NewGoogle(t)
		g.PageSize = int(seed)%5 + 1
		h := &house{rng: rand.New(rand.NewSource(seed)), g: g, f: follow(t, options(g)), want: map[int]int{}, base: map[int]model.Ref{}, released: map[int]bool{}, persons: map[string]string{}}
		for version := 1; version <= 12; version++ {
			h.want[h.rng.Intn(holdsOfHouse)] = version * min(1, h.rng.Intn(4))
			if h.rng.Intn(2) == 0 {
				h.trouble()
			}
			if h.rng.Intn(3) == 0 {
				h.person()
			}
			if err := h.settle(); err != nil || h.rng.Intn(4) == 0 {
				_ = h.f.s.Close() // what was done is not noted
				h.reopen()
			}
			if h.rng.Intn(3) == 0 {
				_, _ = h.f.try()
			}
		}
		h.quiet(seed)
		if t.Failed() {
			return
		}
	}
}

func (h *house) reopen() {
	for range 20 { // troubles end
		s, err := Open(h.f.t.Context(), options(h.g))
		if err == nil {
			h.f.t.Cleanup(func() { _ = s.Close() })
			h.f = &follower{t: h.f.t, s: s, events: map[model.Name]model.Change{}}
			return
		}
	}
	h.f.t.Fatal("it never opens again")
}

// quiet lets all troubles pass and checks the end.
func (h *house) quiet(seed int64) {
	t := h.f.t
	for range 30 {
		if h.settle() == nil && h.calm() {
			break
		}
		h.reopen()
	}
	h.reopen()
	h.g.Calls()
	if err := h.settle(); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	calls := h.g.Calls()
	if n := connectortest.Writes(calls); n != 0 {
		t.Errorf("seed %d: %d writes in the last run", seed, n)
	}
	h.f.pull()
	ours := map[string]int{}
	for _, c := range h.f.events {
		if c.Event != nil && c.Event.Own != nil {
			ours[string(c.Event.Own.Of)]++
		}
	}
	for of, n := range ours {
		if n > 1 {
			t.Errorf("seed %d: %d holds of %s", seed, n, of)
		}
	}
	for n := range holdsOfHouse {
		if h.released[n] || h.want[n] == 0 {
			continue
		}
		own := h.f.events[model.Name(eventID(holdUIDOf(n)))].Event
		if own == nil || own.Own == nil || !own.Own.Intact || own.Own.Digest != fmt.Sprint("v", h.want[n]) {
			t.Errorf("seed %d: hold %d is not what is wanted", seed, n)
		}
	}
	for id, left := range h.persons {
		if e := h.g.Event(t, h.g.Self, id); left != "" && e == nil || e != nil && left != "" && h.shown(id) != left {
			t.Errorf("seed %d: a person's edit is gone", seed)
		}
	}
	if len(h.g.Mails()) != 0 {
		t.Errorf("seed %d: mail was sent", seed)
	}
	held := slices.Sorted(maps.Keys(h.f.events))
	if there := h.g.Events(t, h.g.Self); len(held) != len(there) {
		t.Errorf("seed %d: %d events are held of %d", seed, len(held), len(there))
	}
}

// calm reports whether requests go through again.
func (h *house) calm() bool {
	for range 5 {
		if _, err := h.f.s.Pull(h.f.t.Context(), ""); err != nil {
			return false
		}
	}
	return true
}

// TestOnlyOursIsWritten: of everything sent in a history with troubles, nothing is
// about an event of a person.
func TestOnlyOursIsWritten(t *testing.T) {
	g := connectortest.NewGoogle(t)
	h := &house{rng: rand.New(rand.NewSource(1)), g: g, f: follow(t, options(g)), want: map[int]int{}, base: map[int]model.Ref{}, released: map[int]bool{}, persons: map[string]string{}}
	var calls []connectortest.GoogleCall
	for version := 1; version <= 60; version++ {
		h.want[h.rng.Intn(holdsOfHouse)] = version * min(1, h.rng.Intn(4))
		h.person()
		_ = h.settle()
		calls = append(calls, g.Calls()...)
	}
	ours := map[string]bool{}
	for n := range holdsOfHouse {
		ours[eventID(holdUIDOf(n))] = true
	}
	written := 0
	for _, c := range calls {
		if c.Method == http.MethodGet {
			continue
		}
		written++
		id := c.Path[strings.LastIndexByte(c.Path, '/')+1:]
		if c.Method == http.MethodPost {
			id, _ = c.Body["id"].(string)
		}
		if !ours[id] {
			t.Errorf("%s %s", c.Method, c.Path)
		}
	}
	if written < 5 {
		t.Errorf("only %d writes: this test looks at nothing", written)
	}
}

var _ connectors.Source = (*Source)(nil)
