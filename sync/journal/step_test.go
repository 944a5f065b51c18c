package journal

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
)

func testSupersede(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-cal/work")
	holder := claim(t, j, "gc-cal/conflicts")
	first, second, other, sent := hold("h1", "f1"), hold("h2", "f1"), hold("h3", "f2"), hold("h4", "f1")
	note := hold("n1", "f1")
	note.Step.Action = model.Note{Mailbox: []string{"INBOX"}, Body: model.Hide(model.NoteBody{MessageID: "<n1>"})}
	foreign := hold("g1", "f1")
	foreign.Group = "cfo"
	commit(t, j, Turn{Lease: l, Planned: []Planned{sent}, Cursor: "0"})
	must(t, j.Sent(t.Context(), holder, ids(sent), start))
	commit(t, j, Turn{Lease: l, Planned: []Planned{first, other, note, foreign}, Cursor: "1"})
	withdraw := hold("w1", "f1")
	withdraw.Step.Action = model.Withdraw{UID: "h1", Of: "f1"}
	// Two steps of one turn live side by side, even if both replace.
	commit(t, j, Turn{Lease: l, Planned: []Planned{second, withdraw}, Cursor: "2"})
	want := map[model.StepID]State{
		first.Step.ID: StateSuperseded, second.Step.ID: StatePlanned, withdraw.Step.ID: StatePlanned,
		sent.Step.ID: StateSent, note.Step.ID: StatePlanned, foreign.Step.ID: StatePlanned,
	}
	if got := states(t, j, "f1"); !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := states(t, j, "f2")[other.Step.ID]; got != StatePlanned {
		t.Errorf("another finding's hold is %s", got)
	}
	// Without Supersede nothing is replaced.
	quiet := hold("h5", "f2")
	quiet.Supersede = false
	commit(t, j, Turn{Lease: l, Planned: []Planned{quiet}, Cursor: "3"})
	if got := states(t, j, "f2")[other.Step.ID]; got != StatePlanned {
		t.Errorf("a step that replaces nothing made it %s", got)
	}
}

// A wish that changes and changes back before anything was sent must end in the
// first wish, not in none; a stale step is decided again under its old ID.
func testRevive(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-cal/work")
	holder := claim(t, j, "gc-cal/conflicts")
	a, b := hold("a", "f1"), hold("b", "f1")
	for i, p := range []Planned{a, b, a} {
		fresh := commit(t, j, Turn{Lease: l, Planned: []Planned{p}, Cursor: model.Name(fmt.Sprint(i))})
		if !slices.Equal(fresh, ids(p)) {
			t.Fatalf("turn %d: fresh %v", i, fresh)
		}
	}
	want := map[model.StepID]State{a.Step.ID: StatePlanned, b.Step.ID: StateSuperseded}
	if got := states(t, j, "f1"); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	must(t, j.Sent(t.Context(), holder, ids(a), start))
	must(t, j.Settle(t.Context(), holder, []model.Result{{ID: a.Step.ID, Outcome: model.Stale}}, start, 0))
	if n, _, _ := j.PendingCount(t.Context(), "gc-cal/conflicts"); n != 0 {
		t.Fatalf("%d pending after stale", n)
	}
	c := hold("c", "f2")
	again := a
	again.Step.Ref.Version = "newer"
	later := start.Add(time.Hour)
	commit(t, j, Turn{Lease: l, Now: later, Planned: []Planned{c, again}, Cursor: "9"})
	in, err := j.Pending(t.Context(), "gc-cal/conflicts", later, 9)
	must(t, err)
	if len(in) != 2 || in[0].Step.ID != c.Step.ID || !reflect.DeepEqual(in[1].Step, again.Step) || in[1].Attempts != 1 || !in[1].PlannedAt.Equal(later) {
		t.Errorf("a revived step must come last, as planned now, with its attempts: %+v", in)
	}
	must(t, j.Settle(t.Context(), holder, []model.Result{{ID: a.Step.ID, Outcome: model.Done}}, later, 0))
	if fresh := commit(t, j, Turn{Lease: l, Planned: []Planned{a}, Cursor: "10"}); len(fresh) != 0 {
		t.Error("a confirmed step was planned again")
	}
}

func testReleased(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	a, b := mark("a", 1), mark("b", 1)
	b.Step.Rule = "billing"
	drop := mark("d", 1)
	drop.Step.Action = model.DropNote{Mailbox: []string{"INBOX"}, MessageID: "<n@firm.example>"}
	refused := mark("r", 2)
	commit(t, j, Turn{Lease: l, Planned: []Planned{a, b, drop, refused}, Cursor: "1"})
	must(t, j.Settle(t.Context(), l, []model.Result{{ID: refused.Step.ID, Outcome: model.Refused, Code: "overquota"}}, start, 0))
	commit(t, j, Turn{Lease: l, Released: []Release{{"ident-1", "privileged", "moved"}, {"ident-2", "privileged", "unmarked"}}, KeepCursor: true})
	commit(t, j, Turn{Lease: l, Released: []Release{{"ident-1", "privileged", "deleted"}, {"ident-3", "x", "edited"}, {"ident-3", "x", "moved"}}, Cursor: "2"})
	got, err := j.Released(t.Context(), []model.Ident{"ident-1", "ident-2", "ident-3", "ident-4"})
	must(t, err)
	want := map[model.Ident]map[string]string{
		"ident-1": {"privileged": "moved"}, "ident-2": {"privileged": "unmarked"}, "ident-3": {"x": "edited"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", len(got), len(want))
	}
	wantStates := map[model.StepID]State{a.Step.ID: StateSuperseded, b.Step.ID: StatePlanned, drop.Step.ID: StatePlanned}
	if got := states(t, j, "ident-1"); !maps.Equal(got, wantStates) {
		t.Errorf("got  %v\nwant %v", got, wantStates)
	}
	if ps, err := j.ParkedItems(t.Context()); err != nil || len(ps) != 0 {
		t.Errorf("what a person took over stays parked: %d, %v", len(ps), err)
	}
	n := 0
	for e, err := range j.Entries(t.Context(), Filter{}) {
		must(t, err)
		if e.Kind == KindReleased {
			n++
			if e.Ref == "" || e.Rule == "" || e.Code == "" {
				t.Errorf("entry lacks words: %+v", e)
			}
		}
	}
	if n != 3 {
		t.Errorf("%d releases are told, 3 were made", n)
	}
}

// However many releases there are, and however many items are asked about, each
// item has its own.
func testReleasedMany(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	var idents []model.Ident
	for i := range 300 {
		idents = append(idents, model.Ident(fmt.Sprint("item-", i)))
	}
	done := 0
	for _, upTo := range []int{0, 1, 40, 64, 65, 66, 300} {
		var rs []Release
		for ; done < upTo; done++ {
			rs = append(rs, Release{idents[done], "a", "moved"}, Release{idents[done], "b", "edited"})
		}
		commit(t, j, Turn{Lease: l, Released: rs, KeepCursor: true})
		for _, asked := range [][]model.Ident{idents, idents[:30], idents[30:200], idents[290:]} {
			got, err := j.Released(t.Context(), asked)
			must(t, err)
			n := 0
			for i, d := range idents[:done] {
				if !slices.Contains(asked, d) {
					continue
				}
				n++
				if !maps.Equal(got[d], map[string]string{"a": "moved", "b": "edited"}) {
					t.Fatalf("item %d of %d: %v", i, done, got[d])
				}
			}
			if len(got) != n {
				t.Errorf("%d released, %d found of %d asked", done, len(got), len(asked))
			}
		}
	}
}

func testParked(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	at := func(uid uint32) model.Ref {
		return model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 7, UID: uid}
	}
	known := Parked{Ident: "ident-1", Ref: at(1), Code: "mime-depth", Place: "line 12"}
	nameless := Parked{Ref: at(2), Code: "fetch-missing"}
	lost := Parked{Code: "mailbox-name", Place: "list"}
	commit(t, j, Turn{Lease: l, Parked: []Parked{known, nameless, lost, lost}, Cursor: "1"})
	commit(t, j, Turn{Lease: l, Now: start.Add(time.Minute), Parked: []Parked{known}, Cursor: "2"})
	refused := mark("r", 1)
	commit(t, j, Turn{Lease: l, Planned: []Planned{refused}, Cursor: "3"})
	must(t, j.Settle(t.Context(), l, []model.Result{{ID: refused.Step.ID, Outcome: model.Refused, Code: "overquota"}}, start.Add(time.Hour), 0))
	got, err := j.ParkedItems(t.Context())
	must(t, err)
	byCode := map[string]ParkedItem{}
	for _, p := range got {
		byCode[p.Code] = p
	}
	if p := byCode["mime-depth"]; p.Count != 2 || p.Place != "line 12" || p.Ref != at(1) || !p.Since.Equal(start) || !p.Last.Equal(start.Add(time.Minute)) {
		t.Errorf("seen twice: %+v", p)
	}
	if p := byCode["overquota"]; p.Rule != "privileged" || p.Ref != refused.Step.Ref || p.Short != byCode["mime-depth"].Short {
		t.Errorf("refused step: %+v", p)
	}
	if len(got) != 4 || byCode["fetch-missing"].Ref != at(2) || byCode["mailbox-name"].Source != "gc-mail" {
		t.Errorf("parked: %+v", got)
	}
	told := len(kinds(t, j, Filter{}))
	// A new reason is told and counted anew.
	known.Code = "mime-charset"
	commit(t, j, Turn{Lease: l, Parked: []Parked{known}, Cursor: "4"})
	if n := len(kinds(t, j, Filter{})); n != told+1 {
		t.Errorf("%d entries after a new reason, %d before", n, told)
	}
	other := claim(t, j, "cfo-mail")
	commit(t, j, Turn{Lease: other, Unparked: []model.Ident{"ident-1"}, UnparkedAt: []model.Ref{at(2)}, Cursor: "1"})
	if got, _ = j.ParkedItems(t.Context()); len(got) != 4 {
		t.Error("one source unparked the items of another")
	}
	commit(t, j, Turn{Lease: l, Unparked: []model.Ident{"ident-1", "ident-9"}, UnparkedAt: []model.Ref{at(2), {}}, Cursor: "5"})
	if got, _ = j.ParkedItems(t.Context()); len(got) != 1 || got[0].Code != "mailbox-name" {
		t.Errorf("left parked: %+v", got)
	}
}

// However much is parked, an item that can be read again is unparked, and no other.
func testUnparkMany(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	at := func(i int) model.Ref {
		return model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 7, UID: uint32(i + 1)}
	}
	for _, n := range []int{1, 2, 63, 64, 65, 66, 200} {
		var ps []Parked
		for i := range n {
			p := Parked{Ref: at(i), Code: "unreadable"}
			if i%2 == 0 {
				p.Ident = model.Ident(fmt.Sprint("item-", i))
			}
			ps = append(ps, p)
		}
		commit(t, j, Turn{Lease: l, Parked: ps, KeepCursor: true})
		left := n
		for _, asked := range []int{0, n / 2, n + 100} { // up to this item, by identity or place in turn
			var turn Turn
			turn.Lease, turn.KeepCursor = l, true
			for i := range asked {
				if i%4 == 0 {
					turn.Unparked = append(turn.Unparked, model.Ident(fmt.Sprint("item-", i)))
				} else {
					turn.UnparkedAt = append(turn.UnparkedAt, at(i))
				}
			}
			commit(t, j, turn)
			left = n - min(asked, n)
			if got, err := j.ParkedItems(t.Context()); err != nil || len(got) != left {
				t.Errorf("%d parked, %d unparked: %d left, %v", n, asked, len(got), err)
			}
		}
	}
}

func testPlaces(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	m := mark("mark", 1)
	f := mark("file", 1)
	f.Step.Action = model.File{Mailbox: []string{"Billing"}}
	commit(t, j, Turn{Lease: l, Planned: []Planned{m, f}, Cursor: "1"})
	found := m.Step.Ref
	filed := model.Ref{Source: "gc-mail", Mailbox: "Billing", UIDValidity: 3, UID: 44}
	must(t, j.Settle(t.Context(), l, []model.Result{
		{ID: m.Step.ID, Outcome: model.Done, Ref: found}, {ID: f.Step.ID, Outcome: model.Done, Ref: filed},
	}, start, 0))
	newer, elsewhere, otherAccount, rebuilt := found, filed, filed, filed
	newer.Version = "999"
	elsewhere.Mailbox = "billing"
	otherAccount.Source = "cfo-mail"
	rebuilt.UIDValidity = 4
	got, err := j.ByPlace(t.Context(), []model.Ref{newer, filed, elsewhere, otherAccount, rebuilt, {}, newer})
	must(t, err)
	words := map[int][]model.StepID{}
	for i, ins := range got {
		for _, in := range ins {
			words[i] = append(words[i], in.Step.ID)
		}
	}
	want := map[int][]model.StepID{0: ids(m, f), 1: ids(f), 6: ids(m, f)}
	if !reflect.DeepEqual(words, want) {
		t.Errorf("got  %v\nwant %v", words, want)
	}
	// A new object has no place until its result tells it, and keeps it when a
	// later result does not.
	h := hold("h", "f1")
	holder := claim(t, j, "gc-cal/conflicts")
	commit(t, j, Turn{Lease: l, Planned: []Planned{h}, Cursor: "2"})
	at := model.Ref{Source: "gc-cal/conflicts", Href: "/cal/h.ics", Version: `"1"`}
	must(t, j.Settle(t.Context(), holder, []model.Result{{ID: h.Step.ID, Outcome: model.Later, Ref: at}}, start, 0))
	must(t, j.Settle(t.Context(), holder, []model.Result{{ID: h.Step.ID, Outcome: model.Done}}, start, 0))
	got, err = j.ByPlace(t.Context(), []model.Ref{at})
	must(t, err)
	if len(got[0]) != 1 || got[0][0].Ref != at {
		t.Errorf("hold: %+v", got)
	}
}

func testMessageID(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	a, b, none := mark("a", 1), mark("b", 1), mark("c", 3)
	none.MessageID = ""
	commit(t, j, Turn{Lease: l, Planned: []Planned{a, b, none}, Cursor: "1"})
	for _, id := range []string{"<m1@firm.example>", "m1@firm.example", " <m1@firm.example>\n"} {
		got, err := j.ByMessageID(t.Context(), id)
		must(t, err)
		if len(got) != 2 || got[0].Step.ID != a.Step.ID || got[0].Step.Why.Reveal() != "because of a" {
			t.Errorf("%q: %d found", id, len(got))
		}
	}
	for _, id := range []string{"", "<>", "m2@firm.example"} {
		if got, err := j.ByMessageID(t.Context(), id); err != nil || len(got) != 0 {
			t.Errorf("%q: %d found, %v", id, len(got), err)
		}
	}
}

func testManyItems(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	const n = 1300 // more than two lookups
	var ps []Planned
	var idents []model.Ident
	for i := range n {
		p := mark(fmt.Sprint(i), uint32(i+1))
		ps = append(ps, p)
		idents = append(idents, p.Step.Ident, p.Step.Ident)
	}
	commit(t, j, Turn{Lease: l, Planned: ps, Cursor: "1"})
	got, err := j.ByIdent(t.Context(), idents)
	must(t, err)
	for _, p := range ps {
		if in := got[p.Step.Ident]; len(in) != 1 || in[0].Step.ID != p.Step.ID {
			t.Fatalf("step %s: %d found", p.Step.ID, len(in))
		}
	}
	if len(got) != n {
		t.Errorf("%d items", len(got))
	}
	if got, err := j.ByIdent(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("no items: %d, %v", len(got), err)
	}
}

func testSummary(t *testing.T, j *Journal) {
	l := claim(t, j, "gc-mail")
	a, b := mark("a", 1), mark("b", 2)
	commit(t, j, Turn{Lease: l, Now: start.Add(time.Minute), Planned: []Planned{a, b, hold("h", "f1")}, Cursor: "1",
		Released: []Release{{"ident-9", "x", "moved"}}, Parked: []Parked{{Ident: "ident-8", Code: "x"}}})
	must(t, j.Settle(t.Context(), l, []model.Result{{ID: a.Step.ID, Outcome: model.Done}}, start, 0))
	got, err := j.Summary(t.Context())
	must(t, err)
	want := []SourceSummary{
		{Source: "gc-cal/conflicts", Steps: map[State]int{StatePlanned: 1}},
		{Source: "gc-mail", Owner: "host:1", Epoch: 1, Claimed: start, Baseline: start, Pulled: start.Add(time.Minute),
			Steps: map[State]int{StatePlanned: 1, StateConfirmed: 1}, Released: 1, Parked: 1},
	}
	if !reflect.DeepEqual(got.Sources, want) || got.Schema != 4 || got.Engine != j.eng.name || got.Entries != int64(len(kinds(t, j, Filter{}))) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
