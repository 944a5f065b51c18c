package sync

import (
	"testing"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/sync/journal"
)

// The moves of a round are counted however the round was interrupted.
func TestTheBrakeCountsAllOfARound(t *testing.T) {
	t.Run("over many batches", func(t *testing.T) {
		d := newDesk(t, SourceSpec{Brake: Brake{Moves: 30}})
		for i := range 4 {
			d.tell(d.bills(1+10*i, 10)...).More = i < 3
		}
		d.turn()
		if d.held() != 40 || d.filed() != 0 {
			t.Errorf("%d held, %d filed", d.held(), d.filed())
		}
	})
	t.Run("over a kill, where nothing is new after it", func(t *testing.T) {
		d := newDesk(t, SourceSpec{Brake: Brake{Moves: 1000, Percent: 40}})
		d.tell(d.bills(1, 40)...).More = true
		batch, _ := d.Pull(t.Context(), "")
		if err := d.w.take(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		d.start()
		d.tell().Messages = map[model.Name]int{"INBOX": 50}
		d.turn()
		if d.held() != 40 || d.filed() != 0 {
			t.Errorf("%d held, %d filed", d.held(), d.filed())
		}
	})
	t.Run("over a kill in a great backlog", func(t *testing.T) {
		const many = 12_000
		d := newDesk(t, SourceSpec{Brake: Brake{Moves: 200}})
		d.tell(d.bills(1, many)...).More = true
		batch, _ := d.Pull(t.Context(), "")
		if err := d.w.take(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		d.start()
		d.turn()
		if d.held() != many || d.filed() != 0 {
			t.Errorf("%d held, %d filed", d.held(), d.filed())
		}
	})
	t.Run("but not what a person let go", func(t *testing.T) {
		d := newDesk(t, SourceSpec{Brake: Brake{Moves: 30}})
		d.tell(d.bills(1, 40)...)
		d.turn()
		if _, err := d.j.Approve(t.Context(), "gc", d.now); err != nil {
			t.Fatal(err)
		}
		// The UIDs lose their meaning before they are filed.
		d.answer = func(s model.Step) (r model.Result) {
			if s.Ref.UIDValidity == 1 {
				r = model.Result{Outcome: model.Stale, Code: "uidvalidity"}
			}
			return r
		}
		d.tellAnew(40, 2)
		d.turn()
		if d.held() != 0 || d.filedFrom(2) != 40 {
			t.Errorf("%d held, %d filed", d.held(), d.filedFrom(2))
		}
	})
}

// tellAnew reports n invoices in INBOX as old, under UIDs of another meaning, and
// that they are no longer where they were.
func (d *desk) tellAnew(n int, validity uint32) {
	var all []model.Change
	for i := 1; i <= n; i++ {
		c := d.bill(i, at("INBOX", validity, uint32(i)))
		c.Message.Old, c.Message.Arrived = true, d.now.Add(-time.Minute)
		all = append(all, c)
	}
	for i := 1; i <= n; i++ {
		all = append(all, gone(at("INBOX", validity-1, uint32(i))))
	}
	d.tell(all...)
}

// filedFrom returns how many messages were filed from the UIDs of one meaning.
func (d *desk) filedFrom(validity uint32) (n int) {
	for _, s := range d.applied {
		if _, ok := s.Action.(model.File); ok && s.Ref.UIDValidity == validity {
			n++
		}
	}
	return n
}

// What waits to be filed, for its time or for a person, is filed although the
// UIDs lose their meaning meanwhile.
func TestWhatWaitsOutlivesTheMeaningOfTheUIDs(t *testing.T) {
	stale := func(s model.Step) (r model.Result) {
		if s.Ref.UIDValidity == 1 {
			r = model.Result{Outcome: model.Stale, Code: "uidvalidity"}
		}
		return r
	}
	t.Run("for its time", func(t *testing.T) {
		d := newDesk(t, SourceSpec{Grace: time.Hour})
		d.tell(d.bills(1, 3)...)
		d.turn()
		d.now = d.now.Add(10 * time.Minute)
		d.answer = stale
		d.tellAnew(3, 2)
		d.turn()
		if d.filed() != 0 {
			t.Fatalf("%d filed before their time", d.filed())
		}
		d.now = d.now.Add(2 * time.Hour)
		d.turn()
		if d.filedFrom(2) != 3 {
			t.Errorf("%d filed", d.filedFrom(2))
		}
	})
	t.Run("over a kill", func(t *testing.T) {
		d := newDesk(t, SourceSpec{})
		d.tell(d.bills(1, 3)...)
		batch, _ := d.Pull(t.Context(), "")
		if err := d.w.take(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		d.start()
		d.answer = stale
		d.tellAnew(3, 2)
		d.turn()
		if d.filedFrom(2) != 3 {
			t.Errorf("%d filed", d.filedFrom(2))
		}
	})
	t.Run("for a person", func(t *testing.T) {
		d := newDesk(t, SourceSpec{Brake: Brake{Moves: 30}})
		d.tell(d.bills(1, 40)...)
		d.turn()
		d.answer = stale
		d.tellAnew(40, 2)
		d.turn()
		if d.held() != 40 || d.filed() != 0 {
			t.Fatalf("%d held, %d filed", d.held(), d.filed())
		}
		if _, err := d.j.Approve(t.Context(), "gc", d.now); err != nil {
			t.Fatal(err)
		}
		d.turn()
		if d.filedFrom(2) != 40 {
			t.Errorf("%d filed", d.filedFrom(2))
		}
	})
	t.Run("and was rejected", func(t *testing.T) {
		d := newDesk(t, SourceSpec{Brake: Brake{Moves: 30}})
		d.tell(d.bills(1, 40)...)
		d.turn()
		if _, err := d.j.Reject(t.Context(), "gc", d.now); err != nil {
			t.Fatal(err)
		}
		d.tellAnew(40, 2)
		d.turn()
		if d.held() != 0 || d.filed() != 0 {
			t.Fatalf("%d held, %d filed", d.held(), d.filed())
		}
	})
}

// What a person takes away while it waits leaves the list.
func TestWhatIsGoneNeedsNoApproval(t *testing.T) {
	d := newDesk(t, SourceSpec{Brake: Brake{Moves: 30}})
	d.tell(d.bills(1, 40)...)
	d.turn()
	d.tell(gone(at("INBOX", 1, 7)), gone(at("INBOX", 1, 8)), gone(at("Team", 1, 9)))
	d.turn()
	if d.held() != 38 {
		t.Errorf("%d held", d.held())
	}
	// Nor does it come back when the person brings it back.
	d.tell(d.bill(7, at("INBOX", 1, 107)))
	d.turn()
	if d.held() != 38 || d.filed() != 0 {
		t.Errorf("%d held, %d filed", d.held(), d.filed())
	}
}

// The batch that was read before a mark was set does not show it. Nobody took it
// away, and nobody is reading.
func TestWhatWasReadBeforeAMarkShowsNoPerson(t *testing.T) {
	d := newDesk(t, SourceSpec{Grace: 5 * time.Minute})
	first := at("INBOX", 1, 1)
	d.tell(d.bills(1, 1)...).More = true
	d.tell(flagged(first, `\Seen`))
	d.w.round.applied = d.now.Add(-applyEvery) // so that the mark is set with the second batch read
	d.turn()
	if got := d.released("m1"); len(got) > 0 {
		t.Errorf("released %v", got)
	}
	// What is read after it does.
	d.tell(flagged(first, `\Seen`))
	d.turn()
	if got := d.released("m1"); got["invoices"] != "unmarked" {
		t.Errorf("released %v", got)
	}
}

// A kill between what arrived and what vanished does not make a move to another
// mailbox that is followed look like a deletion.
func TestAKillBetweenArrivalAndDeparture(t *testing.T) {
	d := newDesk(t, SourceSpec{Grace: 24 * time.Hour})
	d.tell(d.bills(1, 1)...)
	d.turn()
	d.tell(d.bill(1, at("Team", 2, 5), "lx-4")).More = true
	d.tell(gone(at("INBOX", 1, 1)))
	batch, err := d.Pull(t.Context(), d.w.cursor)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.w.take(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	d.start()
	d.turn()
	if got := d.released("m1"); len(got) > 0 {
		t.Errorf("released %v", got)
	}
}

// What plan says of the brake is what run does, also after a kill.
func TestPlanCountsWhatWaits(t *testing.T) {
	d := newDesk(t, SourceSpec{Brake: Brake{Moves: 30}, Grace: time.Hour})
	d.tell(d.bills(1, 25)...)
	d.turn()
	d.tell(d.bills(26, 25)...)
	d.start()
	plan := d.w.e.Plan(t.Context())
	d.turn()
	if plan[0].Held != 50 || d.held() != 50 {
		t.Errorf("plan says %d, run held %d", plan[0].Held, d.held())
	}
}

// A note whose APPEND was repeated is looked at once more: that is written down
// together with its end.
func TestTheSweepIsPlannedWithTheEndOfTheNote(t *testing.T) {
	d := newDesk(t, SourceSpec{})
	note := model.Step{ID: "n", Source: "gc", Ident: "c:1", Rule: conflictRule, Action: model.Note{Mailbox: []string{"INBOX"}, Body: model.Hide(model.NoteBody{MessageID: "<1@firm.example>"})}}
	if _, err := d.j.Commit(t.Context(), journal.Turn{Lease: d.w.lease, Now: d.now, KeepCursor: true, Planned: []journal.Planned{{Step: note, Cause: "gc"}}}); err != nil {
		t.Fatal(err)
	}
	fail := true
	d.applies = func(steps []model.Step) ([]model.Result, error) {
		if fail {
			return nil, &connectors.Error{Class: connectors.Network, Code: "reset"}
		}
		d.applied = append(d.applied, steps...)
		var out []model.Result
		for _, s := range steps {
			out = append(out, model.Result{ID: s.ID, Outcome: model.Done})
		}
		return out, nil
	}
	if err := d.w.turn(t.Context(), t.Context()); err == nil {
		t.Fatal("the failure was not told")
	}
	fail = false
	d.now = d.now.Add(SettleDelay)
	d.turn()
	d.now = d.now.Add(twinDelay)
	d.turn()
	if len(d.applied) != 2 {
		t.Fatalf("%d steps", len(d.applied))
	}
	if drop, ok := d.applied[1].Action.(model.DropNote); !ok || !drop.Twins {
		t.Errorf("%T", d.applied[1].Action)
	}
}

// Moves that a running service counted and let pass wait for their grace: a preview
// beside it must not say that they are held.
func TestAPreviewBesideAService(t *testing.T) {
	for _, beside := range []bool{false, true} {
		d := newDesk(t, SourceSpec{Brake: Brake{Moves: 30}, Grace: time.Hour})
		for from := range 2 { // two rounds, each of which is within the brake
			d.tell(d.bills(1+20*from, 20)...)
			d.turn()
		}
		if d.held() != 0 {
			t.Fatalf("%d held", d.held())
		}
		d.w.e.opt.Beside = beside
		p := d.w.e.Plan(t.Context())[0]
		if want := map[bool]int{false: 40, true: 0}[beside]; p.Err != nil || p.Held != want || len(p.Open) != 40 {
			t.Errorf("beside a service %t: %d held of %d, want %d, %v", beside, p.Held, len(p.Open), want, p.Err)
		}
	}
}
