package imap

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// Every step stands in one run, at most once; the lists of a run name the same
// messages, and do the same to each; nothing that follows the marks comes before
// them.
func TestRunsHoldEveryStepOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 4))
	actions := []model.Action{
		model.Mark{Keyword: "lx-a"}, model.Mark{Name: "x", Keyword: "lx-a"}, model.Mark{Keyword: "lx-b"}, model.Mark{Thunderbird: "$label1"},
		model.Mark{Keyword: "lx-c", Flagged: true}, model.File{Mailbox: []string{"F"}},
	}
	united := 0
	for range 2000 {
		var steps []model.Step
		for range r.IntN(40) {
			s := at(uint32(1+r.IntN(6)), actions[r.IntN(len(actions))])
			if r.IntN(30) == 0 {
				s.Ref.Mailbox = "Other"
			}
			steps = append(steps, s)
		}
		if r.IntN(2) == 0 {
			slices.SortStableFunc(steps, func(a, b model.Step) int { return strings.Compare(b.Action.Kind(), a.Action.Kind()) })
		}
		turn := map[int]int{}
		for n, run := range runsOf(steps) {
			if len(run) > 1 {
				united++
			}
			for _, list := range run {
				for j, i := range list {
					if _, twice := turn[i]; twice || steps[i].Ref != steps[run[0][j]].Ref || j > 0 && !together(steps[list[0]], steps[i]) {
						t.Fatalf("run %v of %v", run, steps)
					}
					turn[i] = n
				}
			}
		}
		if len(turn) != len(steps) {
			t.Fatalf("%d of %d steps", len(turn), len(steps))
		}
		for i, s := range steps {
			for k := range i {
				_, late := s.Action.(model.File)
				if late && steps[k].Ref == s.Ref && turn[k] > turn[i] {
					t.Fatalf("step %d comes after step %d: %v", k, i, steps)
				}
			}
		}
	}
	if united == 0 {
		t.Fatal("nothing was ever united")
	}
}

// Two keywords go to the messages that have neither in one command. What a person
// did to the others is found out for each mark, and the answers stand in the order
// of the steps.
func TestKeywordsOfOneMessage(t *testing.T) {
	for _, format := range []string{"maildir", "mdbox"} {
		t.Run(format, func(t *testing.T) {
			d := servertest.Dovecot(t, servertest.DovecotOptions{Format: format})
			person := d.Client(t, "ann")
			for n := range 40 {
				person.Append("INBOX", connectortest.Letter(n))
			}
			s := open(t, optionsFor(d, "ann"))
			changes, _ := pull(t, s, "")
			slices.SortFunc(changes, func(a, b model.Change) int { return int(a.Ref.UID) - int(b.Ref.UID) })
			person.OK("SELECT INBOX")
			person.OK(`UID STORE 3 +FLAGS.SILENT (lx-b)`)
			person.OK(`UID STORE 4 +FLAGS.SILENT (\Deleted)`)
			person.OK(`UID EXPUNGE 4`)
			var steps []model.Step
			for _, keyword := range []string{"lx-a", "lx-b"} {
				for _, c := range changes {
					steps = append(steps, model.Step{ID: model.StepID(fmt.Sprint(keyword, c.Ref.UID)), Ref: c.Ref, Action: model.Mark{Keyword: keyword}})
				}
			}
			before := tagCount.Load()
			for i, got := range apply(t, s, steps...) {
				step := steps[i]
				keyword, uid := step.Action.(model.Mark).Keyword, step.Ref.UID
				want := model.Result{ID: step.ID, Outcome: model.Done, Ref: step.Ref, Flags: model.Flags{keyword}, Added: model.Flags{keyword}}
				if uid == 3 && keyword == "lx-b" {
					want.Added, want.Already = nil, true
				}
				if uid == 4 {
					want = model.Result{ID: step.ID, Outcome: model.Lost}
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s on %d: %v, want %v", keyword, uid, got, want)
				}
			}
			if n := tagCount.Load() - before; n > 16 {
				t.Errorf("%d commands", n)
			}
			for _, m := range d.Dump(t, "ann")["INBOX"] {
				if got := strings.Join(m.Flags, " "); got != "lx-a lx-b" {
					t.Errorf("message %d has %q", m.UID, got)
				}
			}
		})
	}
}

// Two marks that share a keyword: one of them added it, the other found it.
func TestKeywordThatTwoMarksShare(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	d.Client(t, "ann").Append("INBOX", connectortest.Letter(1), connectortest.Letter(2))
	s := open(t, optionsFor(d, "ann"))
	changes, _ := pull(t, s, "")
	var steps []model.Step
	for _, keyword := range []string{"lx-a", "lx-b"} {
		for _, c := range changes {
			steps = append(steps, model.Step{ID: model.StepID(fmt.Sprint(keyword, c.Ref.UID)), Ref: c.Ref, Action: model.Mark{Keyword: keyword, Thunderbird: "$label1"}})
		}
	}
	added := map[uint32][]string{}
	for i, got := range apply(t, s, steps...) {
		keyword, uid := steps[i].Action.(model.Mark).Keyword, steps[i].Ref.UID
		if got.Outcome != model.Done || got.Already || !slices.Equal(got.Flags, model.Flags{keyword, "$label1"}) {
			t.Errorf("%s on %d: %+v", keyword, uid, got)
		}
		added[uid] = append(added[uid], got.Added...)
	}
	for uid, flags := range added {
		if slices.Sort(flags); !slices.Equal(flags, []string{"$label1", "lx-a", "lx-b"}) {
			t.Errorf("added to %d: %q", uid, flags)
		}
	}
	if len(added) != 2 {
		t.Errorf("%d messages", len(added))
	}
}
