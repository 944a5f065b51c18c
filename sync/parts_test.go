package sync

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/sync/journal"
)

func TestBackoffGrowsAndNeverPassesItsCap(t *testing.T) {
	tests := []struct {
		name        string
		class       connectors.Class
		asked       time.Duration
		first, most time.Duration
	}{
		{"network", connectors.Network, 0, backoffBase, backoffCap},
		{"auth is slow from the start", connectors.Auth, 0, authFirst, authCap},
		{"a server may ask for patience", connectors.Throttled, 90 * time.Second, 90 * time.Second, 90 * time.Second},
		{"but not for a day", connectors.Throttled, 24 * time.Hour, throttleCap, throttleCap},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b backoff
			slack := func(d time.Duration) time.Duration { return d + d/10 + 50*time.Millisecond }
			if d := b.next(tt.class, tt.asked); d > slack(tt.first) {
				t.Errorf("first wait %s, at most %s", d, slack(tt.first))
			}
			for range 50 {
				if d := b.next(tt.class, tt.asked); d > slack(tt.most) || d <= 0 {
					t.Fatalf("wait %s, at most %s", d, slack(tt.most))
				}
			}
		})
	}
	t.Run("auth never hammers", func(t *testing.T) {
		var b backoff
		var total time.Duration
		n := 0
		for ; total < 24*time.Hour; n++ {
			total += b.next(connectors.Auth, 0)
		}
		if n > 8 {
			t.Errorf("%d logins a day with a wrong password", n)
		}
	})
}

func TestRestWaitsForWorkOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoad()
		l.set("a", true)
		l.set("b", false)
		rested := make(chan error, 1)
		go func() { rested <- l.rest(t.Context()) }()
		// a hands work to b before it becomes idle, as workers do.
		l.set("b", true)
		l.set("a", false)
		synctest.Wait()
		select {
		case <-rested:
			t.Fatal("rested while b was at work")
		default:
		}
		l.set("b", false)
		if err := <-rested; err != nil {
			t.Fatal(err)
		}
		l.set("a", true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := l.rest(ctx); err == nil {
			t.Fatal("rested although a never ended")
		}
	})
}

// about builds an intent about the finding "c:1".
func about(id string, state journal.State, a model.Action) journal.Intent {
	return journal.Intent{State: state, Step: model.Step{ID: model.StepID(id), Ident: "c:1", Rule: conflictRule, Action: a}}
}

func TestStanding(t *testing.T) {
	at := model.Ref{Source: "cal/holds", Href: "/holds/1.ics", Version: `"1"`}
	hold := func(state journal.State, digest string) journal.Intent {
		in := about("h"+digest, state, model.Hold{Digest: digest})
		if state == journal.StateConfirmed {
			in.Ref = at
		}
		return in
	}
	note := about("n", journal.StateConfirmed, model.Note{Body: model.Hide(model.NoteBody{Digest: "n1", MessageID: "<1@x>"})})
	tests := []struct {
		name    string
		intents []journal.Intent
		want    stand
	}{
		{"a confirmed hold stands", []journal.Intent{hold(journal.StateConfirmed, "a")},
			stand{Finding: model.Finding{Hold: "a", HoldRef: at}, last: "ha", confirmed: true}},
		{"a planned hold counts, or it would be planned twice", []journal.Intent{hold(journal.StatePlanned, "a")},
			stand{Finding: model.Finding{Hold: "a"}, last: "ha"}},
		{"a superseded one never happened", []journal.Intent{hold(journal.StateConfirmed, "a"), hold(journal.StateSuperseded, "b")},
			stand{Finding: model.Finding{Hold: "a", HoldRef: at}, last: "ha", confirmed: true}},
		{"withdrawn", []journal.Intent{hold(journal.StateConfirmed, "a"), about("w", journal.StatePlanned, model.Withdraw{})},
			stand{last: "w", withdrawn: true}},
		{"needed again", []journal.Intent{hold(journal.StateConfirmed, "a"), about("w", journal.StateConfirmed, model.Withdraw{}), hold(journal.StateConfirmed, "b")},
			stand{Finding: model.Finding{Hold: "b", HoldRef: at}, last: "hb", confirmed: true}},
		{"lost while we changed it: deleted by a person", []journal.Intent{hold(journal.StateConfirmed, "a"), hold(journal.StateLost, "b")},
			stand{Finding: model.Finding{Hold: "b", HoldRef: at, Dismissed: true}, last: "hb", confirmed: true}},
		{"note beside hold", []journal.Intent{hold(journal.StateConfirmed, "a"), note},
			stand{Finding: model.Finding{Hold: "a", HoldRef: at, Note: "n1", NoteID: "<1@x>"}, last: "n", confirmed: true}},
		{"note taken away", []journal.Intent{note, about("d", journal.StateConfirmed, model.DropNote{})},
			stand{last: "d"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := standing(tt.intents)["c:1"]; got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestPeopleDecideAboutFindings(t *testing.T) {
	in := []journal.Intent{about("h", journal.StateConfirmed, model.Hold{Digest: "a"})}
	for how, want := range map[string]model.Finding{
		"deleted": {Hold: "a", Dismissed: true},
		"edited":  {Hold: "a", Pinned: true},
	} {
		got, last := findings(in, map[model.Ident]map[string]string{"c:1": {conflictRule: how}})
		if got["c:1"] != want || last["c:1"] != "h" {
			t.Errorf("%s: got %+v after %s", how, got["c:1"], last["c:1"])
		}
	}
}

func TestOverruled(t *testing.T) {
	step := func(rule string, a model.Action) model.Step {
		return model.Step{Source: "gc", Ident: "m1", Rule: rule, Action: a}
	}
	filed := journal.Intent{State: journal.StateConfirmed, Step: step("invoices", model.File{}), Ref: model.Ref{Source: "gc", Mailbox: "Billing/1"}}
	marked := journal.Intent{State: journal.StateConfirmed, Step: step("privileged", model.Mark{}), Flags: model.Flags{"lx-1", "$label1"}}
	planned := filed
	planned.State = journal.StatePlanned
	elsewhere := filed
	elsewhere.Step.Source = "other"
	message := func(op model.Op, box string, flags ...string) model.Change {
		return model.Change{Op: op, Ident: "m1", Ref: model.Ref{Source: "gc", Mailbox: model.Name(box)}, Message: &model.Message{Flags: flags}}
	}
	tests := []struct {
		name   string
		intent journal.Intent
		change model.Change
		want   string
	}{
		{"our own move comes back: echo", filed, message(model.Put, "Billing/1"), ""},
		{"moved back", filed, message(model.Put, "INBOX"), "moved"},
		{"still on its way", planned, message(model.Put, "INBOX"), ""},
		{"another account's copy", elsewhere, message(model.Put, "INBOX"), ""},
		{"our own mark comes back: echo", marked, message(model.Marked, "INBOX", "LX-1", "$Label1", `\Seen`), ""},
		{"one of its flags cleared", marked, message(model.Marked, "INBOX", "lx-1"), "unmarked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := memory{byIdent: map[model.Ident][]journal.Intent{"m1": {tt.intent}}}
			got := m.overruled(0, tt.change, &round{})
			switch {
			case tt.want == "" && len(got) > 0:
				t.Errorf("released %q", got[0].How)
			case tt.want != "" && (len(got) != 1 || got[0].How != tt.want || got[0].Rule != tt.intent.Step.Rule):
				t.Errorf("got %+v, want %q", got, tt.want)
			}
			m.released = map[model.Ident]map[string]string{"m1": {tt.intent.Step.Rule: "moved"}}
			if got := m.overruled(0, tt.change, &round{}); len(got) > 0 {
				t.Errorf("released twice: %+v", got)
			}
		})
	}
	t.Run("only the last filing counts", func(t *testing.T) {
		later := filed
		later.Step.Rule, later.Ref.Mailbox = "archive", "Archive"
		m := memory{byIdent: map[model.Ident][]journal.Intent{"m1": {filed, marked, later}}}
		if got := m.overruled(0, message(model.Put, "Archive"), &round{}); len(got) > 0 {
			t.Errorf("released %q", got[0].Rule)
		}
		if got := m.overruled(0, message(model.Put, "INBOX"), &round{}); len(got) != 1 || got[0].Rule != "archive" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("an original that was left behind", func(t *testing.T) {
		m := memory{byIdent: map[model.Ident][]journal.Intent{"m1": {filed}}}
		if got := m.overruled(0, message(model.Marked, "INBOX", `\Deleted`), &round{}); len(got) > 0 {
			t.Errorf("released %q", got[0].Rule)
		}
	})
	t.Run("a flag change is known by its place", func(t *testing.T) {
		c := message(model.Marked, "INBOX")
		c.Ident = ""
		m := memory{byPlace: map[int][]journal.Intent{3: {marked}}}
		if got := m.overruled(3, c, &round{}); len(got) != 1 || got[0].Ident != "m1" {
			t.Errorf("got %+v", got)
		}
	})
}

// What was planned for a message before is planned again only if it had no effect
// and no person had a part in it.
func TestPlannedAgain(t *testing.T) {
	id := func(s model.Step, after model.StepID) model.StepID { return "after " + after }
	intent := func(state journal.State, attempts int, a model.Action) journal.Intent {
		return journal.Intent{State: state, Attempts: attempts, Step: model.Step{ID: "1", Action: a}}
	}
	for _, c := range []struct {
		name string
		in   journal.Intent
		old  bool
		want string
	}{
		{"a mark that came too late", intent(journal.StateLost, 1, model.Mark{}), false, "after 1"},
		{"a mark that may have been set", intent(journal.StateLost, 2, model.Mark{}), false, "1"},
		{"a mark that was set", intent(journal.StateConfirmed, 1, model.Mark{}), false, "1"},
		{"a message that a person took elsewhere", intent(journal.StateLost, 1, model.File{}), false, "1"},
		{"old: what was under way", intent(journal.StateSuperseded, 1, model.File{}), true, "1"},
		{"old: what was done", intent(journal.StateConfirmed, 1, model.File{}), true, ""},
	} {
		m := memory{byIdent: map[model.Ident][]journal.Intent{"m1": {c.in}}}
		change := model.Change{Op: model.Put, Ident: "m1", Message: &model.Message{Old: c.old}}
		got := ""
		for _, s := range m.again(change, []model.Step{{ID: "1", Action: c.in.Step.Action}}, id) {
			got += string(s.ID)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Steps that do the same stand together whatever their rules' priorities, but of
// the marks of one message the first rule's comes first: its colour must show.
func TestStepsOfOneKindStandTogether(t *testing.T) {
	mark := func(order int, name, box string, uid uint32) journal.Planned {
		return journal.Planned{Step: model.Step{Order: order, Ref: model.Ref{Mailbox: model.Name(box), UID: uid}, Action: model.Mark{Name: name}}}
	}
	file := journal.Planned{Step: model.Step{Ref: model.Ref{Mailbox: "INBOX", UID: 1}, Action: model.File{Mailbox: []string{"B"}}}}
	note := func(id string) journal.Planned {
		return journal.Planned{Step: model.Step{ID: model.StepID(id), Action: model.Note{}}}
	}
	in := []journal.Planned{
		note("2"), file, mark(9, "a", "INBOX", 1), mark(1, "z", "Sent", 7), mark(1, "z", "INBOX", 1), mark(3, "a", "INBOX", 2), note("1"), mark(2, "z", "INBOX", 3), mark(4, "a", "INBOX", 4),
	}
	want := []journal.Planned{
		mark(3, "a", "INBOX", 2), mark(4, "a", "INBOX", 4), mark(1, "z", "INBOX", 1), mark(2, "z", "INBOX", 3), mark(1, "z", "Sent", 7), mark(9, "a", "INBOX", 1), file, note("2"), note("1"),
	}
	got := byEffect(in, func(p journal.Planned) model.Step { return p.Step })
	for i := range want {
		g, w := got[i].Step, want[i].Step
		if effectKey(g.Action) != effectKey(w.Action) || g.Ref != w.Ref || g.ID != w.ID {
			t.Fatalf("at %d: %s of %d, want %s of %d", i, effectKey(g.Action), g.Ref.UID, effectKey(w.Action), w.Ref.UID)
		}
	}
	// What comes back from the journal has no priorities any more, and its order
	// stays.
	for i := range got {
		got[i].Step.Order = 0
	}
	for i, p := range byEffect(got, func(p journal.Planned) model.Step { return p.Step }) {
		if p.Step.Ref != got[i].Step.Ref || effectKey(p.Step.Action) != effectKey(got[i].Step.Action) || p.Step.ID != got[i].Step.ID {
			t.Fatalf("at %d: the order changed", i)
		}
	}
}

func TestAgendaIsSilentUntilComplete(t *testing.T) {
	a := newAgenda()
	ev := model.Event{Ref: model.Ref{Href: "/1.ics"}, Ident: "u:1"}
	a.put("c/a", ev)
	one := PrincipalSpec{Principal: model.Principal{Name: "one"}, Calendars: []model.SourceID{"c/a"}}
	if _, ok := a.book(one); ok {
		t.Fatal("half a calendar was taken for a whole one")
	}
	a.put("c/a", model.Event{Ref: model.Ref{Href: "/gone.ics"}})
	a.keep("c/a", map[model.Name]bool{"/1.ics": true})
	if _, ok := a.book(one); !ok || a.at("c/a").Len() != 1 {
		t.Fatalf("got %d events, complete %t", a.at("c/a").Len(), ok)
	}
	two := PrincipalSpec{Principal: model.Principal{Name: "two"}, Calendars: []model.SourceID{"c/a", "c/b"}}
	if _, ok := a.book(two); ok {
		t.Fatal("an unread calendar was taken for an empty one")
	}
	if ev, ok := a.drop("c/a", "/1.ics"); !ok || ev.Ident != "u:1" {
		t.Fatal("the event was not there")
	}
}
