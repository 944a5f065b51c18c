package sync

import (
	"context"
	"errors"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/sync/journal"
)

const rulesOfReminders = `version: 1
defaults: {mode: enforce, folders: [INBOX, Team]}
marks:
  reminder: {keyword: lx-1}
mail:
  - name: prebill
    when: msg.subject.contains("Prebill") && msg.age > duration("72h") && !msg.answered
    then: [mark: reminder]
  - name: filing
    when: msg.subject.contains("file")
    then: [file: Team]
`

func newReminders(t *testing.T) *office {
	o := &office{newDesk(t, SourceSpec{}), map[model.Ref]*model.Message{}}
	o.set = rulesFrom(t, rulesOfReminders)
	o.applies, o.looks = o.carryOut, o.find
	o.start()
	return o
}

// next returns when the worker wakes by itself.
func (o *office) next() time.Time {
	o.t.Helper()
	at, err := o.w.nextLook(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	return at
}

// later is a turn some time later, in which the source has nothing to tell.
func (o *office) later(d time.Duration) {
	o.t.Helper()
	o.now = o.now.Add(d)
	o.says()
}

// A reminder comes when its time has come, unless it was answered.
func TestAReminderComes(t *testing.T) {
	o := newReminders(t)
	o.says(o.arrives(1, "Prebill 1", 1), o.arrives(2, "Prebill 2", 2), o.arrives(3, "Lunch", 3), o.arrives(4, "Prebill 4", 4))
	if got, want := o.next(), o.now.Add(72*time.Hour+time.Second); !got.Equal(want) {
		t.Errorf("the worker wakes at %v, want %v", got, want)
	}
	o.later(71 * time.Hour)
	o.want("before its time")
	o.person(2, `\Answered`)
	delete(o.mail, at("INBOX", 1, 4))
	o.says(gone(at("INBOX", 1, 4)))
	o.start()
	o.later(time.Hour + time.Minute)
	o.want("after three days", 1)
	if got := o.next(); !got.IsZero() {
		t.Errorf("the worker wakes once more at %v", got)
	}
	o.applied = nil
	o.later(100 * time.Hour)
	if len(o.applied) > 0 {
		t.Errorf("%d steps later", len(o.applied))
	}
}

// A person who takes a reminder off is not reminded again.
func TestAReminderThatWasTakenOff(t *testing.T) {
	o := newReminders(t)
	o.says(o.arrives(1, "Prebill 1", 1))
	o.later(73 * time.Hour)
	o.want("after three days", 1)
	o.person(1)
	o.says(o.put(at("INBOX", 1, 1)))
	o.later(73 * time.Hour)
	o.want("after it was taken off")
}

// A message that we filed in between is looked at where it is.
func TestAReminderOfWhatWasFiled(t *testing.T) {
	o := newReminders(t)
	o.says(o.arrives(1, "Prebill, file it", 1))
	ref, filed := at("INBOX", 1, 1), at("Team", 9, 1)
	if o.filed() != 1 {
		t.Fatal("not filed")
	}
	o.mail[filed] = o.mail[ref]
	o.mail[filed].Ref = filed
	delete(o.mail, ref)
	o.says(gone(ref))
	o.later(73 * time.Hour)
	o.want("in its new place", 1)
}

// A message whose time has come is decided, also if a person marked it meanwhile,
// so that its thread alone was to be looked at.
func TestAReminderBesideAMarkByHand(t *testing.T) {
	o := newReminders(t)
	o.says(o.arrives(1, "Prebill 1", 1))
	o.now = o.now.Add(73 * time.Hour)
	glance := journal.Look{Ref: at("INBOX", 1, 1), At: o.now.Add(-time.Minute)}
	if _, err := o.w.e.opt.Journal.Commit(t.Context(), journal.Turn{Lease: o.w.lease, Now: o.now, KeepCursor: true, Looks: []journal.Look{glance}}); err != nil {
		t.Fatal(err)
	}
	o.says()
	o.want("after three days", 1)
	if len(o.w.round.glances) > 0 {
		t.Error("the next round is told to pass messages over")
	}
}

// A look that fails is made again; a preview says what a look will lead to.
func TestALookThatFails(t *testing.T) {
	o := newReminders(t)
	o.says(o.arrives(1, "Prebill 1", 1))
	o.now = o.now.Add(73 * time.Hour)
	if p := o.w.e.Plan(t.Context())[0]; p.Err != nil || len(p.Steps) != 1 || p.Steps[0].Rule != "prebill" {
		t.Errorf("a preview plans %d steps, %v", len(p.Steps), p.Err)
	}
	o.fails = &connectors.Error{Class: connectors.Network, Code: "eof"}
	if err := o.w.turn(t.Context(), t.Context()); err == nil {
		t.Fatal("a broken connection is no error")
	}
	if got := o.next(); got.IsZero() {
		t.Fatal("the look is forgotten")
	}
	o.fails = nil
	o.later(0)
	o.want("after the second look", 1)
}

// Many are looked at in parts, and each once.
func TestManyLooks(t *testing.T) {
	o := newReminders(t)
	var all []model.Change
	for n := 1; n <= 2*looksPerCall+7; n++ {
		all = append(all, o.arrives(n, "Prebill", n))
	}
	o.says(all...)
	o.later(73 * time.Hour)
	if n := len(o.marked()); n != len(all) {
		t.Errorf("%d of %d are marked", n, len(all))
	}
	if len(o.applied) != len(all) {
		t.Errorf("%d steps", len(o.applied))
	}
}

// The worker wakes for a look though the source has nothing to say.
func TestTheWorkerWakesForALook(t *testing.T) {
	o := newReminders(t)
	o.says(o.arrives(1, "Prebill 1", 1))
	o.now = o.now.Add(72*time.Hour + 990*time.Millisecond)
	if err := o.w.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	o.now = o.now.Add(time.Second)
	o.says()
	cancel()
	if err := o.w.wait(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	o.want("after it woke", 1)
}
