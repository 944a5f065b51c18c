package sync

import (
	"testing"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

func TestBrakeHolds(t *testing.T) {
	for _, tt := range []struct {
		name            string
		brake           Brake
		moves, messages int
		want            bool
	}{
		{"at the bound", Brake{Moves: 200}, 200, 0, false},
		{"over the bound", Brake{Moves: 200}, 201, 0, true},
		{"no bound", Brake{}, 1_000_000, 1_000_000, false},
		{"few of few", Brake{Percent: 30}, percentFrom - 1, percentFrom, false},
		{"many of few", Brake{Percent: 30}, percentFrom, percentFrom, true},
		{"exactly the share", Brake{Percent: 30}, 30, 100, false},
		{"more than the share", Brake{Percent: 30}, 31, 100, true},
		{"a share of nobody knows what", Brake{Percent: 30}, 100, 0, false},
		{"either is enough", Brake{Moves: 50, Percent: 90}, 51, 1000, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.brake.holds(tt.moves, tt.messages); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// Moves are counted over all batches of a round and apart for each mailbox; INBOX
// is one mailbox however it is written.
func TestRoundCounts(t *testing.T) {
	r := newRound(&SourceSpec{Brake: Brake{Moves: 2}}, time.Time{})
	step := func(id, box string, a model.Action) model.Step {
		return model.Step{ID: model.StepID(id), Ref: model.Ref{Mailbox: model.Name(box), UID: 1}, Action: a}
	}
	for _, s := range []model.Step{
		step("1", "INBOX", model.File{}), step("2", "Inbox", model.File{}), step("3", "Sent", model.File{}), step("4", "INBOX", model.Mark{}),
	} {
		r.count(s)
	}
	if got := r.braked(); len(got) > 0 {
		t.Fatalf("held %v", got)
	}
	r.count(step("5", "inbox", model.File{}))
	if got := r.braked(); len(got) != 1 || len(got["INBOX"]) != 3 {
		t.Fatalf("held %v", got)
	}
	if r.waiting != 5 {
		t.Errorf("%d steps wait", r.waiting)
	}
	r.see(connectors.Batch{Messages: map[model.Name]int{"INBOX": 10}})
	r.see(connectors.Batch{Messages: map[model.Name]int{"Sent": 4}})
	if r.messages["INBOX"] != 10 || r.messages["Sent"] != 4 {
		t.Errorf("sizes %v", r.messages)
	}
}

func TestGrace(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	file, mark := model.Action(model.File{}), model.Action(model.Mark{})
	for _, tt := range []struct {
		name    string
		grace   time.Duration
		box     string
		action  model.Action
		arrived time.Time
		want    time.Duration // from now; 0: at once
	}{
		{"new mail", time.Minute, "INBOX", file, now, time.Minute},
		{"new mail, inbox written otherwise", time.Minute, "Inbox", file, now.Add(-20 * time.Second), 40 * time.Second},
		{"mail that was there long enough", time.Minute, "INBOX", file, now.Add(-time.Minute), 0},
		{"a server whose clock is ahead", time.Minute, "INBOX", file, now.Add(time.Hour), time.Minute},
		{"a server that does not say", time.Minute, "INBOX", file, time.Time{}, 0},
		{"another mailbox", time.Minute, "Sent", file, now, 0},
		{"a mark", time.Minute, "INBOX", mark, now, 0},
		{"no grace", 0, "INBOX", file, now, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRound(&SourceSpec{Grace: tt.grace}, now)
			s := model.Step{Ref: model.Ref{Mailbox: model.Name(tt.box), UID: 1}, Action: tt.action}
			got := r.grace(s, &model.Message{Arrived: tt.arrived}, now)
			if want := now.Add(tt.want); tt.want == 0 && !got.IsZero() || tt.want > 0 && !got.Equal(want) {
				t.Errorf("not before %s", got)
			}
		})
	}
}
