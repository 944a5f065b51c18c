package billdesk

import (
	"testing"
	"time"

	"chancery/internal/model"
)

// The moments that status tells are those of the notes that are written.
func TestMoments(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	p := model.Principal{Name: "general-counsel", Zone: zone}
	now := time.Date(2026, 11, 3, 14, 0, 0, 0, time.UTC) // Tuesday, two days after the end of summer time
	for _, tt := range []struct {
		notes string
		day   time.Weekday
		want  []string
	}{
		{"weekly", time.Tuesday, []string{"2026-11-10T08:00:00-05:00", "2026-11-03T08:00:00-05:00", "2026-10-27T08:00:00-04:00"}},
		{"weekly", time.Wednesday, []string{"2026-11-04T08:00:00-05:00", "2026-10-28T08:00:00-04:00", "2026-10-21T08:00:00-04:00"}},
		{"daily", 0, []string{"2026-11-04T08:00:00-05:00", "2026-11-03T08:00:00-05:00", "2026-11-02T08:00:00-05:00"}},
		{"off", 0, nil}, {"", 0, nil},
	} {
		d := model.BillDesk{Notes: tt.notes, Day: int(tt.day), At: 8 * 60}
		got := Moments(p, d, now, 2)
		if len(got) != len(tt.want) {
			t.Fatalf("%s: %v", tt.notes, got)
		}
		for i, m := range got {
			if m.At.Format(time.RFC3339) != tt.want[i] {
				t.Errorf("%s: %v, want %s", tt.notes, m.At, tt.want[i])
			}
			s := newDesk(model.View{Now: m.At, Principal: p, Billing: model.BillView{Desk: d}}, "")
			if last, _ := s.moments(); s.noteIdent(*last) != m.Of {
				t.Errorf("%s: the note of %v is %s, not %s", tt.notes, m.At, s.noteIdent(*last), m.Of)
			}
		}
	}
}

func TestTally(t *testing.T) {
	today := time.Date(2026, 11, 3, 23, 0, 0, 0, time.UTC)
	due := func(d int) model.UnixTime { return model.UnixTime(time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC).Unix()) }
	var tally Tally
	for _, b := range []model.Bill{
		{Due: due(2)}, {State: "open", Due: due(3)}, {Due: due(9), Twins: []string{"x"}}, {Due: due(10)}, {},
		{State: "paid", Due: due(2), Twins: []string{"x"}, Doubts: []string{"look-alike"}},
		{Doubts: []string{"look-alike"}}, {Doubts: []string{"first-seen"}},
		{State: "disputed", By: "mail", Doubts: []string{"look-alike"}}, {State: "disputed", By: "person", Doubts: []string{"look-alike"}},
		{State: "disputed", By: "mail", Due: due(2)},
	} {
		tally.Count(b, today)
	}
	if want := (Tally{Soon: 2, PastDue: 1, Check: 2, Like: 1}); tally != want {
		t.Errorf("%+v, want %+v", tally, want)
	}
}
