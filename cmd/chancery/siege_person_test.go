package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// clerk is an assistant at work on both calendars, who remembers what of ours was
// decided. All of it happens with the gate held.
type clerk struct {
	r        *raid
	rng      *rand.Rand
	n        int            // events made
	done     map[string]int // deeds, by kind
	touched  map[string]string
	deleted  map[string]bool // holds that are gone for good
	unknown  map[string]bool // of these, the daemon may not have known that it wrote them
	sequence int
}

func newClerk(r *raid, rng *rand.Rand) *clerk {
	return &clerk{r: r, rng: rng, done: map[string]int{}, touched: map[string]string{}, deleted: map[string]bool{}, unknown: map[string]bool{}}
}

// kinds of events, by the rules of the siege.
var eventKinds = []struct {
	title, lead, answer string
}{
	{"Hearing", "", ""},
	{"Client call", "kim@other.example", "ACCEPTED"},
	{"Staff meeting", "lee@firm.example", "ACCEPTED"},
	{"Lecture", "lee@firm.example", "ACCEPTED"},
	{"Team meeting", "gc@firm.example", ""},
}

// book adds an event; first is the kind of it, negative for any.
func (p *clerk) book(kind int, day string) {
	if kind < 0 {
		kind = p.rng.IntN(len(eventKinds))
	}
	p.n++
	k := eventKinds[kind]
	from := p.clock(day)
	e := entry{uid: fmt.Sprintf("event-%d", p.n), title: fmt.Sprintf("%s no%d", k.title, p.n), from: from, till: from.Add(time.Duration(1+p.rng.IntN(2)) * time.Hour), lead: k.lead, answer: k.answer}
	p.r.side.put(e)
	p.done["book"]++
}

func (p *clerk) clock(day string) time.Time {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		p.r.t.Fatal(err)
	}
	at, err := time.ParseInLocation("20060102", day, zone)
	if err != nil {
		p.r.t.Fatal(err)
	}
	return time.Date(at.Year(), at.Month(), at.Day(), 9+p.rng.IntN(5), 30*p.rng.IntN(2), 0, 0, zone)
}

func (p *clerk) day() string { return nextWeekday(3 + p.rng.IntN(20)) }

// deed does one thing, and says whether there was anything to do it to.
func (p *clerk) deed() bool {
	p.r.gate.mu.Lock()
	defer p.r.gate.mu.Unlock()
	work, holds := p.r.side.entries("work"), p.r.side.entries("holds")
	if p.rng.IntN(3) == 0 && len(holds) > 0 {
		return p.decide(holds[p.rng.IntN(len(holds))])
	}
	switch n := p.rng.IntN(10); {
	case len(work) < 16 || n < 3 && len(work) < 32:
		day := p.day()
		if len(work) > 0 && p.rng.IntN(3) > 0 {
			day = work[p.rng.IntN(len(work))].from.Format("20060102")
		}
		p.book(-1, day)
	case n < 5:
		e := work[p.rng.IntN(len(work))]
		length := e.till.Sub(e.from)
		e.from = p.clock(work[p.rng.IntN(len(work))].from.Format("20060102"))
		e.till = e.from.Add(length)
		p.r.side.change("work", e)
		p.r.note(e.key, "person: %s", e)
		p.done["move an event"]++
	case n < 6:
		p.sequence++
		e := work[p.rng.IntN(len(work))]
		title, _, _ := strings.Cut(e.title, " (")
		e.title = fmt.Sprintf("%s (%d)", title, p.sequence)
		p.r.side.change("work", e)
		p.r.note(e.key, "person: %s", e)
		p.done["retitle an event"]++
	case n < 8:
		e := work[p.rng.IntN(len(work))]
		if e.answer == "" {
			return false
		}
		e.answer = map[string]string{"ACCEPTED": "DECLINED", "DECLINED": "ACCEPTED", "TENTATIVE": "ACCEPTED"}[e.answer]
		p.r.side.change("work", e)
		p.r.note(e.key, "person: %s", e)
		p.done["answer"]++
	default:
		p.r.side.remove("work", work[p.rng.IntN(len(work))].key)
		p.done["delete an event"]++
	}
	return true
}

// decide does something to a hold.
func (p *clerk) decide(e entry) bool {
	slot := strings.HasPrefix(e.title, "Hold ")
	switch n := p.rng.IntN(10); {
	case n < 3 && slot && !e.chosen:
		e.chosen = true
		p.r.side.change("holds", e)
		p.r.note(e.key, "person: %s", e)
		p.done["confirm"]++
	case n < 6:
		length := e.till.Sub(e.from)
		was := e.from
		for e.from.Equal(was) {
			e.from = p.clock(p.day())
		}
		e.till = e.from.Add(length)
		p.r.side.change("holds", e)
		p.r.note(e.key, "person: %s", e)
		p.done["move a hold"]++
	case n < 7:
		p.sequence++
		title, _, _ := strings.Cut(e.title, " (")
		e.title = fmt.Sprintf("%s (%d)", title, p.sequence)
		p.r.side.change("holds", e)
		p.r.note(e.key, "person: %s", e)
		p.done["retitle a hold"]++
	case n < 9:
		p.r.side.remove("holds", e.key)
		p.r.note(e.key, "person deletes %s", e)
		delete(p.touched, e.key)
		p.deleted[e.key] = true
		if p.r.noted(); p.r.fresh[e.key] {
			p.unknown[e.key] = true
		}
		p.done["delete a hold"]++
		return true
	default:
		return false
	}
	now, ok := p.r.side.one("holds", e.key)
	if !ok {
		p.r.t.Errorf("a hold went away under the person's hands")
	}
	p.touched[e.key] = now.whole
	return true
}

func (p *clerk) String() string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(p.done)) {
		out = append(out, fmt.Sprintf("%s %d", k, p.done[k]))
	}
	return strings.Join(out, ", ")
}
