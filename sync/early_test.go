package sync

import (
	"errors"
	"testing"

	"chancery/internal/model"
)

// Who starts waits for the time of people as long as it may be told, and no longer:
// not for what is refused, nor for a leader whose calendar cannot be read.
func TestWhoStartsWaitsAWhile(t *testing.T) {
	gc, cfo := &cabinet{id: "gc/work"}, &cabinet{id: "cfo/work"}
	e := cabinets(t, gc, cfo)
	p := e.opt.Principals[0]
	ask := []model.Ask{{Address: "cfo@firm.example"}}
	var first early
	if first.wait(e, p, 0, ask) {
		t.Error("waits with nothing to write")
	}
	if first.wait(e, p, 1, nil) {
		t.Error("waits for nobody")
	}
	first = early{}
	looks := 0
	for first.wait(e, p, 1, ask) && looks <= earlyLooks {
		looks++
	}
	if looks != earlyLooks {
		t.Errorf("waited %d looks for a leader who is never known", looks)
	}
	first = early{}
	if !first.wait(e, p, 1, ask) {
		t.Error("does not wait for a leader who is not known yet")
	}
	e.people.ours["cfo"] = model.FreeBusy{}
	if first.wait(e, p, 1, ask) || first.waiting.Load() {
		t.Error("waits for a leader who is known")
	}
}

// A server that does not tell holds nothing up.
func TestAServerThatDoesNotTell(t *testing.T) {
	gc := &cabinet{id: "gc/work", fails: errors.New("no")}
	gc.events = []model.Event{
		appointment("gc/work", "Hearing", monday),
		appointment("gc/work", "Lease", monday, "gc@firm.example", "c@client.example"),
	}
	e := cabinets(t, gc)
	rested(t, e)
	if len(gc.holds) != 1 {
		t.Errorf("advised %d times", len(gc.holds))
	}
}
