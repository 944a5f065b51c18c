package sync

import (
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// What waits to be filed is left where it is while its flags change, unless the
// flags are ours.
func TestSignsOfAReader(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	ref := model.Ref{Source: "gc", Mailbox: "INBOX", UIDValidity: 1, UID: 7}
	file := model.Step{ID: "f", Ref: ref, Action: model.File{}}
	mark := model.Step{ID: "m", Ref: ref, Action: model.Mark{}}
	marked := func(flags ...string) model.Change {
		return model.Change{Op: model.Marked, Ref: model.Ref{Source: "gc", Mailbox: "Inbox", UIDValidity: 1, UID: 7, Version: "9"}, Message: &model.Message{Flags: flags}}
	}
	arrives := model.Change{Op: model.Put, Ref: ref, Message: &model.Message{Flags: model.Flags{"$Junk"}}}
	waits := journal.Planned{Step: file, After: now.Add(time.Minute)}
	begin := func() *worker {
		w := &worker{sights: map[place]sight{}, round: &round{}}
		w.watch(journal.Turn{Planned: []journal.Planned{{Step: mark}, waits}}, []model.Change{arrives})
		w.ours(mark, model.Result{Outcome: model.Done, Flags: model.Flags{"lx-1"}})
		return w
	}
	touched := func(w *worker) bool { return !w.sights[placeOf(ref)].touched.IsZero() }
	for _, tt := range []struct {
		name   string
		change model.Change
		want   bool
	}{
		{"our own mark comes back", marked("$junk", "LX-1"), false},
		{"opened", marked("$Junk", "lx-1", `\Seen`), true},
		{"unmarked", marked("$Junk"), true},
		{"another message", model.Change{Op: model.Marked, Ref: model.Ref{Source: "gc", Mailbox: "INBOX", UIDValidity: 1, UID: 8}, Message: &model.Message{}}, false},
		{"another mailbox", model.Change{Op: model.Marked, Ref: model.Ref{Source: "gc", Mailbox: "Sent", UIDValidity: 1, UID: 7}, Message: &model.Message{}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := begin()
			w.notice([]model.Change{tt.change}, now)
			if touched(w) != tt.want {
				t.Errorf("a reader: %t", !tt.want)
			}
		})
	}
	t.Run("nothing is remembered of what was filed", func(t *testing.T) {
		w := begin()
		w.ours(file, model.Result{Outcome: model.Later})
		if len(w.sights) != 1 {
			t.Error("forgotten although it is still to be filed")
		}
		w.ours(file, model.Result{Outcome: model.Done})
		if len(w.sights) != 0 {
			t.Error("remembered for ever")
		}
	})
	t.Run("after a restart what is not ours counts", func(t *testing.T) {
		for _, tt := range []struct {
			flags []string
			want  bool
		}{{[]string{"lx-1"}, false}, {nil, false}, {[]string{"lx-1", `\Seen`}, true}} {
			w := &worker{sights: map[place]sight{placeOf(ref): {}}, round: &round{ours: map[place]model.Flags{placeOf(ref): {"LX-1"}}}}
			w.notice([]model.Change{marked(tt.flags...)}, now)
			if touched(w) != tt.want {
				t.Errorf("%v: a reader: %t", tt.flags, !tt.want)
			}
		}
	})
	t.Run("nothing is left where it is for ever", func(t *testing.T) {
		w := begin()
		for i := range 100 {
			w.notice([]model.Change{marked([]string{`\Seen`, "x"}[i%2])}, now.Add(time.Duration(i)*time.Minute))
		}
		if s := w.sights[placeOf(ref)]; s.quiet().After(now.Add(maxQuiet)) {
			t.Errorf("until %s", s.quiet().Sub(now))
		}
		w.notice([]model.Change{marked("y")}, now.Add(3*time.Hour))
		if s := w.sights[placeOf(ref)]; !s.quiet().Equal(now.Add(3*time.Hour + quietTime)) {
			t.Errorf("after a rest until %s", s.quiet().Sub(now))
		}
	})
	t.Run("what is gone is not watched", func(t *testing.T) {
		w := begin()
		w.notice([]model.Change{{Op: model.Gone, Ref: ref}}, now)
		if len(w.sights) != 0 {
			t.Error("still watched")
		}
	})
}
