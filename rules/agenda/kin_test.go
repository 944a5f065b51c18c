package agenda

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// squeezed is one meeting of another house that yields to two others at once.
func squeezed() []model.Event {
	return []model.Event{
		meeting("a", wall(tuesday+"10:00"), 2*time.Hour, ranked("internal"), title("Staff meeting"), master(func(o *model.Occurrence) {
			o.Organizer = model.Address{Name: "Kim Osei", Addr: "kim@other.example"}
		})),
		meeting("b", wall(tuesday+"09:30"), time.Hour, ranked("client"), title("Client call")),
		meeting("c", wall(tuesday+"11:30"), time.Hour, ranked("client"), title("Client lunch")),
	}
}

// A meeting moves once, whatever it yields to: its times are offered once, and its
// organizer is asked once.
func TestOffersOfAMeetingStandOnce(t *testing.T) {
	o := slotted()
	o.Replies = true
	w := newWorld(t, o, squeezed()...)
	steps := w.look()
	w.offeredOnce()
	drafts := 0
	for _, n := range notesOf(steps) {
		if n.Draft {
			drafts++
		}
	}
	if len(w.holds(kindConflict)) != 2 || len(w.holds(kindSlot)) != 3 || drafts != 1 {
		t.Fatalf("%v, %d drafts", titles(w.holds("")), drafts)
	}
	for _, h := range holdsOf(steps) {
		if b := h.Body.Reveal(); strings.HasPrefix(b.Summary, "Conflict") && !strings.Contains(b.Description, "Each of these times has a hold") {
			t.Errorf("one of the two does not offer what stands in the calendar:\n%s", b.Description)
		}
	}
	t.Run("one is dismissed", func(t *testing.T) {
		w := newWorld(t, o, squeezed()...)
		w.look()
		lead := Root(w.holds(kindSlot)[0].Own.Of)
		w.delete(w.only(kindConflict + lead))
		w.look()
		w.offeredOnce()
		if len(w.holds(kindConflict)) != 1 || len(w.holds(kindSlot)) != 3 {
			t.Errorf("%v", titles(w.holds("")))
		}
	})
	t.Run("one is edited", func(t *testing.T) {
		w := newWorld(t, o, squeezed()...)
		w.look()
		w.move(w.only(kindConflict+Root(w.holds(kindSlot)[0].Own.Of)), 0)
		w.look()
		w.offeredOnce()
		if len(w.holds(kindConflict)) != 2 || len(w.holds(kindSlot)) != 3 {
			t.Errorf("%v", titles(w.holds("")))
		}
	})
	t.Run("a time is chosen", func(t *testing.T) {
		w := newWorld(t, o, squeezed()...)
		w.look()
		w.confirm(w.holds(kindSlot)[1])
		w.look()
		if left := w.holds(""); len(left) != 1 {
			t.Errorf("left beside the chosen one: %v", titles(left))
		}
	})
	t.Run("a time is moved and another deleted", func(t *testing.T) {
		w := newWorld(t, o, squeezed()...)
		w.look()
		slots := w.holds(kindSlot)
		w.move(slots[0], 24*time.Hour)
		w.delete(slots[1])
		w.look()
		w.offeredOnce()
		if len(w.holds(kindSlot)) != 3 {
			t.Errorf("%v", titles(w.holds("")))
		}
	})
	t.Run("one more comes when the draft was sent", func(t *testing.T) {
		w := newWorld(t, o, squeezed()...)
		w.look()
		lead := Root(w.holds(kindSlot)[0].Own.Of)
		w.finding(model.Ident(kindReply+lead), func(f *model.Finding) { f.Pinned, f.Note, f.NoteID = true, "", "" })
		w.v.Agenda = append(w.v.Agenda, meeting("d", wall(tuesday+"10:45"), 30*time.Minute, ranked("keep"), title("Hearing")))
		for _, s := range w.look() {
			if n, ok := s.Action.(model.Note); ok && n.Draft && strings.Contains(n.Body.Reveal().Text, "Staff") {
				t.Error("the organizer is asked twice")
			}
		}
		w.offeredOnce()
	})
}

// only is the one hold of a finding.
func (w *world) only(of string) model.Event {
	w.t.Helper()
	if list := w.holds(of); len(list) == 1 {
		return list[0]
	}
	w.t.Fatalf("not one hold of %s", of)
	return model.Event{}
}

// offeredOnce: no two holds that nobody touched offer one meeting the same time.
func (w *world) offeredOnce() {
	w.t.Helper()
	there := map[string]bool{}
	for _, e := range w.holds(kindSlot) {
		told := w.v.Findings[model.Ident(kindConflict+Root(e.Own.Of))]
		_, meeting, _ := strings.Cut(cmp.Or(told.Hold, told.Note), "-")
		meeting, _, _ = strings.Cut(meeting, "-") // of one date
		what := fmt.Sprint(meeting, e.Body.Reveal().Master.Start.Wall)
		if there[what] && !w.touched[e.Own.Of] {
			w.t.Fatalf("one time is offered twice: %v", titles(w.holds("")))
		}
		there[what] = there[what] || !w.touched[e.Own.Of]
	}
}
