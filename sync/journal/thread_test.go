package journal

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"chancery/internal/model"
)

// said is a message of a conversation; refs stand as in its header.
func said(id string, refs ...string) Threaded {
	m := Threaded{MessageID: "<" + id + "@firm.example>"}
	for _, r := range refs {
		m.References = append(m.References, "<"+r+"@firm.example>")
	}
	return m
}

// join reads and joins messages and writes it down.
func join(t testing.TB, j *Journal, l Lease, ms ...Threaded) []Threaded {
	t.Helper()
	th := j.Threads(l.Source)
	must(t, th.Read(t.Context(), ms))
	out := make([]Threaded, len(ms))
	for i, m := range ms {
		out[i] = th.Join(m)
	}
	commit(t, j, Turn{Lease: l, KeepCursor: true, Threads: out})
	return out
}

func testConversations(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	for _, c := range []struct {
		name  string
		turns [][]Threaded // of which all belong together
	}{
		{"by the whole chain", [][]Threaded{{said("a1")}, {said("a2", "a1")}, {said("a3", "a1", "a2")}}},
		{"in one batch", [][]Threaded{{said("b1"), said("b2", "b1"), said("b3", "b2")}}},
		{"by In-Reply-To alone", [][]Threaded{{said("c1")}, {said("c2", "c1")}, {said("c3", "c2")}, {said("c4", "c3")}}},
		{"the first one comes last", [][]Threaded{{said("d3", "d1", "d2")}, {said("d2", "d1")}, {said("d1")}}},
		{"a lost beginning is found", [][]Threaded{{said("e3", "e2")}, {said("e2", "e1")}, {said("e4", "e1", "e2")}}},
		{"brackets and blanks", [][]Threaded{{{MessageID: "f1@firm.example"}}, {{MessageID: "<f2@firm.example>", References: []string{" <f1@firm.example> "}}}}},
		{"a chain longer than is looked at", [][]Threaded{{said("g1")}, {said("g2", "g1")}, {said("g99", append([]string{"g1"}, manyOf("gx", 200)...)...)}}},
	} {
		var all []Conversation
		for _, ms := range c.turns {
			for _, m := range join(t, j, l, ms...) {
				all = append(all, m.Conversation)
			}
		}
		if all[0] == 0 || len(slices.Compact(slices.Clone(all))) != 1 {
			t.Errorf("%s: %d conversations", c.name, len(slices.Compact(all)))
		}
	}
	alone := join(t, j, l, said("h1"), said("h2"), Threaded{}, Threaded{References: []string{"", "<>"}})
	if alone[0].Conversation == alone[1].Conversation || alone[2].Conversation != 0 || alone[3].Conversation != 0 {
		t.Error("what does not belong together does")
	}
	// A stranger names two conversations: they stay two.
	join(t, j, l, said("stranger", "a2", "b2"))
	both := join(t, j, l, said("a9", "a3"), said("b9", "b3"))
	if both[0].Conversation == both[1].Conversation {
		t.Error("a message made one of two conversations")
	}
	other := claim(t, j, "cfo-mail")
	if join(t, j, other, said("a2", "a1"))[0].Conversation == both[0].Conversation {
		t.Error("two accounts share a conversation")
	}
}

func manyOf(word string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint(word, i))
	}
	return out
}

func testThreadMarks(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	first, reply := said("m1"), said("m2", "m1")
	c := join(t, j, l, first, reply)[0].Conversation
	marks := func() []string {
		t.Helper()
		got, err := j.ThreadMarks(t.Context(), "gc-mail", []Threaded{said("m3", "m2"), said("stranger")})
		must(t, err)
		if len(got[1]) != 0 {
			t.Error("a stranger has marks")
		}
		return got[0]
	}
	set := func(on, hand bool, ident model.Ident) {
		t.Helper()
		m := ThreadMark{Conversation: c, Mark: "privileged", Ident: ident, On: on, Hand: hand, Ref: mark("", 7).Step.Ref}
		th := j.Threads("gc-mail")
		must(t, th.Read(t.Context(), []Threaded{reply}))
		th.Mark(m)
		commit(t, j, Turn{Lease: l, KeepCursor: true, Spread: []ThreadMark{m}})
		// What is planned and what is written are the same.
		th2 := j.Threads("gc-mail")
		must(t, th2.Read(t.Context(), []Threaded{reply}))
		if !on && !hand && len(th2.marks[c]) == 0 {
			delete(th.marks[c], "privileged")
		}
		if !reflect.DeepEqual(th.marks[c], th2.marks[c]) {
			t.Errorf("on %t, hand %t: planned %+v, written %+v", on, hand, th.marks[c]["privileged"], th2.marks[c]["privileged"])
		}
	}
	for i, s := range []struct {
		on, hand bool
		of       model.Ident
		spreads  bool
	}{
		{true, false, "m0", true}, {false, false, "m1", true}, {false, false, "m0", false}, // forgotten
		{true, false, "m1", true}, {true, false, "m2", true},
		{false, true, "m1", false}, {true, false, "m3", false}, // a rule does not turn on again
		{false, true, "m3", false},
		{true, true, "m4", true}, {true, false, "m5", true}, {false, true, "m2", false},
		{true, true, "m4", false},                            // the same act of a hand, seen again
		{true, true, "m5", true}, {false, false, "m5", true}, // a person's is not forgotten
		{false, true, "m4", false}, {false, false, "m4", false}, {true, true, "m4", true},
	} {
		set(s.on, s.hand, s.of)
		if got := marks(); (len(got) == 1) != s.spreads {
			t.Errorf("%d: %v", i, got)
		}
	}
	th := j.Threads("gc-mail")
	must(t, th.Read(t.Context(), []Threaded{reply}))
	if len(th.Marks(c, "m4")) != 0 || len(th.Marks(c, "m5")) != 1 || th.Cleared(c, "privileged") || th.Cleared(c, "other") {
		t.Error("a message inherits its own mark")
	}
	own := reply
	own.Ident = "m4"
	if got, err := j.ThreadMarks(t.Context(), "gc-mail", []Threaded{own}); err != nil || len(got[0]) != 0 {
		t.Errorf("a message is told to inherit its own mark: %v, %v", got, err)
	}
	place := mark("", 7).Step.Ref
	at, err := j.HandMarks(t.Context(), []model.Ref{place, mark("", 8).Step.Ref, {}})
	must(t, err)
	if len(at) != 1 || len(at[0]) != 2 || at[0][0].Conversation != c || at[0][0].Mark != "privileged" {
		t.Errorf("marks by hand: %v", at)
	}
	// A message that moved takes its mark along; one that is known by its place
	// alone can be cleared.
	elsewhere := model.Ref{Source: "gc-mail", Mailbox: "Team", UIDValidity: 1, UID: 3}
	again := ThreadMark{Conversation: c, Mark: "privileged", Ident: "m4", On: true, Hand: true, Ref: elsewhere}
	commit(t, j, Turn{Lease: l, KeepCursor: true, Spread: []ThreadMark{again}})
	at, err = j.HandMarks(t.Context(), []model.Ref{elsewhere, place})
	must(t, err)
	if len(at[0]) != 1 || len(at[1]) != 1 {
		t.Fatalf("after a move: %v", at)
	}
	at[0][0].On = false
	commit(t, j, Turn{Lease: l, KeepCursor: true, Spread: at[0]})
	if at, err := j.HandMarks(t.Context(), []model.Ref{elsewhere, place}); err != nil || len(at) != 1 || len(marks()) != 0 {
		t.Errorf("a cleared mark still stands somewhere: %v, %v", at, err)
	}
	want := []string{"claimed", "thread-cleared", "thread-marked", "thread-cleared", "thread-marked", "thread-cleared", "thread-marked", "thread-cleared"}
	if got := kinds(t, j, Filter{Source: "gc-mail"}); !slices.Equal(got, want) {
		t.Errorf("audit: %v", got)
	}
}

func testOfThread(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	c := join(t, j, l, said("o1"), said("o2", "o1"))[0].Conversation
	var ps []Planned
	for i := range 6 {
		p := mark(fmt.Sprint("of thread ", i), uint32(i+1))
		a := p.Step.Action.(model.Mark)
		a.Name = []string{"privileged", "other"}[i/4%2]
		p.Step.Action, p.Conversation = a, c
		ps = append(ps, p)
	}
	ps[3].Conversation = 0
	commit(t, j, Turn{Lease: l, Planned: ps, Cursor: "1"})
	must(t, j.Sent(t.Context(), l, ids(ps...), start))
	must(t, j.Settle(t.Context(), l, []model.Result{
		{ID: ps[0].Step.ID, Outcome: model.Done, Flags: model.Flags{"lx", `\Flagged`}, Added: model.Flags{"lx"}},
		{ID: ps[1].Step.ID, Outcome: model.Done, Already: true}, {ID: ps[2].Step.ID, Outcome: model.Lost}}, start, 0))
	got, err := j.OfThread(t.Context(), c, "privileged")
	must(t, err)
	if len(got) != 2 || got[0].Step.ID != ps[0].Step.ID || got[1].Step.ID != ps[1].Step.ID {
		t.Fatalf("%d steps", len(got))
	}
	if !slices.Equal(got[0].Added, model.Flags{"lx"}) || got[0].Already || !got[1].Already || got[1].Added != nil {
		t.Errorf("added %v, already %t; added %v, already %t", got[0].Added, got[0].Already, got[1].Added, got[1].Already)
	}
	of, err := j.ConversationsOf(t.Context(), ids(ps...))
	must(t, err)
	if len(of) != 5 || of[ps[5].Step.ID] != c {
		t.Errorf("conversations of steps: %v", of)
	}
	// A place that changes keeps what else is known.
	now := model.Ref{Source: "gc-mail", Mailbox: "Team", UIDValidity: 4, UID: 9}
	commit(t, j, Turn{Lease: l, KeepCursor: true, Located: []Located{{ps[0].Step.Ident, now}, {ps[1].Step.Ident, now}}})
	got, err = j.OfThread(t.Context(), c, "privileged")
	must(t, err)
	if got[0].Ref != now || len(got[0].Added) != 1 || !got[1].Already {
		t.Errorf("after a move: %+v", got)
	}
}
