package sync

import (
	"slices"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// A message that left the place where we put it was taken away by a person; one
// that left by our own move was not.
func TestRemoved(t *testing.T) {
	inbox := model.Ref{Source: "gc", Mailbox: "INBOX", UIDValidity: 1, UID: 7, Version: "3"}
	billing := model.Ref{Source: "gc", Mailbox: "Billing/1", UIDValidity: 5, UID: 1}
	intent := func(rule string, state journal.State, a model.Action, from, at model.Ref) journal.Intent {
		return journal.Intent{State: state, Ref: at, Step: model.Step{Source: "gc", Ident: "m1", Rule: rule, Ref: from, Action: a}}
	}
	mark := intent("privileged", journal.StateConfirmed, model.Mark{}, inbox, inbox)
	filed := intent("invoices", journal.StateConfirmed, model.File{}, inbox, billing)
	filing := func(s journal.State) journal.Intent { return intent("invoices", s, model.File{}, inbox, model.Ref{}) }
	for _, tt := range []struct {
		name    string
		intents []journal.Intent
		at      model.Ref
		arrived bool
		want    []string
	}{
		{"a marked message deleted", []journal.Intent{mark}, inbox, false, []string{"privileged"}},
		{"a filed message deleted: every rule that did something", []journal.Intent{mark, filed}, billing, false, []string{"invoices", "privileged"}},
		{"our own move", []journal.Intent{mark, filed}, inbox, false, nil},
		{"our own move, not answered yet", []journal.Intent{mark, filing(journal.StateSent)}, inbox, false, nil},
		{"before we could file it", []journal.Intent{mark, filing(journal.StatePlanned)}, inbox, false, []string{"privileged"}},
		{"moved to a mailbox that is followed", []journal.Intent{mark}, inbox, true, nil},
		{"moved away and seen elsewhere since", []journal.Intent{intent("privileged", journal.StateConfirmed, model.Mark{}, inbox, billing)}, inbox, false, nil},
		{"a mark that was never set", []journal.Intent{intent("x", journal.StateLost, model.Mark{}, inbox, inbox)}, inbox, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := memory{
				byIdent: map[model.Ident][]journal.Intent{"m1": tt.intents}, byPlace: map[int][]journal.Intent{2: tt.intents[:1]},
				released: map[model.Ident]map[string]string{},
			}
			r := &round{arrived: map[model.Ident]bool{"m1": tt.arrived}}
			change := model.Change{Op: model.Gone, Ref: tt.at}
			change.Ref.Version = ""
			var got []string
			for _, x := range m.removed(2, change, r) {
				if x.Ident != "m1" || x.How != "removed" {
					t.Errorf("released %+v", x)
				}
				got = append(got, x.Rule)
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("released %v, want %v", got, tt.want)
			}
			for _, rule := range tt.want {
				m.released["m1"] = map[string]string{rule: "moved"}
				if slices.ContainsFunc(m.removed(2, change, r), func(x journal.Release) bool { return x.Rule == rule }) {
					t.Errorf("%s released twice", rule)
				}
			}
		})
	}
	t.Run("the UIDs of the mailbox lost their meaning", func(t *testing.T) {
		m := memory{byIdent: map[model.Ident][]journal.Intent{"m1": {mark}}, byPlace: map[int][]journal.Intent{0: {mark}}}
		r := newRound(&SourceSpec{}, time.Time{})
		arrival := model.Change{Op: model.Put, Ref: inbox}
		r.meet(arrival, false)
		if got := m.removed(0, model.Change{Op: model.Gone, Ref: inbox}, r); len(got) != 1 {
			t.Errorf("released %+v while they have it", got)
		}
		arrival.Ref.UIDValidity, arrival.Ref.Mailbox = 2, "Inbox"
		r.meet(arrival, false)
		if got := m.removed(0, model.Change{Op: model.Gone, Ref: inbox}, r); len(got) > 0 {
			t.Errorf("released %+v", got)
		}
	})
	t.Run("another source's item", func(t *testing.T) {
		other := mark
		other.Step.Source = "pa"
		m := memory{byIdent: map[model.Ident][]journal.Intent{"m1": {other}}, byPlace: map[int][]journal.Intent{0: {other}}}
		if got := m.removed(0, model.Change{Op: model.Gone, Ref: inbox}, &round{}); len(got) > 0 {
			t.Errorf("released %+v", got)
		}
	})
}

// What bears effects of ours is looked for where it lies now.
func TestElsewhere(t *testing.T) {
	inbox := model.Ref{Source: "gc", Mailbox: "INBOX", UIDValidity: 1, UID: 7, Version: "3"}
	other := model.Ref{Source: "gc", Mailbox: "Projects", UIDValidity: 2, UID: 1}
	mark := journal.Intent{State: journal.StateConfirmed, Step: model.Step{Source: "gc", Ident: "m1", Ref: inbox, Action: model.Mark{}}}
	known := func(in journal.Intent) memory {
		return memory{byIdent: map[model.Ident][]journal.Intent{"m1": {in}}}
	}
	at := func(op model.Op, r model.Ref) model.Change { return model.Change{Op: op, Ident: "m1", Ref: r} }
	moved, open, foreign := mark, mark, mark
	moved.Ref, open.State, foreign.Step.Source = other, journal.StatePlanned, "pa"
	newer := inbox
	newer.Version, newer.Mailbox = "9", "Inbox"
	for _, tt := range []struct {
		name   string
		in     journal.Intent
		change model.Change
		want   bool
	}{
		{"moved", mark, at(model.Put, other), true},
		{"where it was", mark, at(model.Put, newer), false},
		{"where it was moved to", moved, at(model.Put, other), false},
		{"moved back", moved, at(model.Put, inbox), true},
		{"only its flags", mark, at(model.Marked, other), false},
		{"nothing was done yet", open, at(model.Put, other), false},
		{"another account's", foreign, at(model.Put, other), false},
	} {
		if got := known(tt.in).elsewhere(tt.change); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
