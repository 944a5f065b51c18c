package journal

import (
	"encoding/binary"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"chancery/internal/model"
)

// The forms in which schema 1 kept things: what stands in an old journal must be
// read for ever.
const intoIntent1 = `insert into intent (id, source, cause, rule, version, kind, family, short, ident_key, group_key, message_key,
	found_key, place_key, state, attempts, planned_at, sent_at, not_before, ended_at, code, body, result)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`

func (j *Journal) insert1(t *testing.T, in Intent) {
	t.Helper()
	s := in.Step
	a := s.Action.(model.Mark)
	jsonRef := func(r model.Ref) map[string]any {
		return map[string]any{"Source": r.Source, "Mailbox": string(r.Mailbox), "UIDValidity": r.UIDValidity, "UID": r.UID, "Version": r.Version}
	}
	b, err := json.Marshal(map[string]any{"ID": s.ID, "Rule": s.Rule, "Version": s.Version, "Place": s.Place, "Why": s.Why.Reveal(),
		"Source": s.Source, "Ref": jsonRef(s.Ref), "Ident": string(s.Ident),
		"Mark": map[string]any{"Name": a.Name, "Keyword": a.Keyword, "Thunderbird": "", "Apple": "", "Flagged": a.Flagged}})
	must(t, err)
	plain := binary.AppendUvarint(nil, uint64(len(in.Group)))
	plain = append(append(plain, in.Group...), b...)
	body := j.keys.seal(plain, "intent.body", string(s.ID))
	var result any
	if in.Ref != (model.Ref{}) {
		kept, err := json.Marshal(map[string]any{"Ref": jsonRef(in.Ref), "Flags": in.Flags})
		must(t, err)
		result = j.keys.seal(kept, "intent.result", string(s.ID))
	}
	place := j.keys.place(in.Ref)
	if place == j.keys.place(s.Ref) {
		place = ""
	}
	_, err = j.w.ExecContext(t.Context(), intoIntent1, string(s.ID), string(s.Source), string(in.Cause), s.Rule, s.Version,
		s.Action.Kind(), family(s.Action.Kind()), j.short(string(s.Ident)), j.keys.ident(s.Ident), j.keys.group(in.Group),
		j.keys.message("<m1@firm.example>"), j.keys.place(s.Ref), place, string(in.State), in.Attempts, millis(in.PlannedAt),
		millis(in.SentAt), millis(in.NotBefore), millis(in.EndedAt), in.Code, body, result)
	must(t, err)
}

// lawUpgrade brings a journal of schema 1 with steps in every state forward and
// works on with it.
func lawUpgrade(t *testing.T, fresh func(testing.TB) Options) {
	o := fresh(t)
	was := makeSchema1(t, o)
	ro := o
	ro.ReadOnly = true
	refuse(t, ro, ErrOlder)
	j := open(t, o)
	for _, w := range was {
		got, err := j.ByIdent(t.Context(), []model.Ident{w.Step.Ident})
		must(t, err)
		if in := got[w.Step.Ident]; len(in) != 1 || !reflect.DeepEqual(in[0], w) {
			t.Errorf("%s:\n got %+v\nwant %+v", w.State, in, w)
		}
	}
	p, err := j.Position(t.Context(), "gc-mail")
	must(t, err)
	if p.Cursor != "c1" {
		t.Error("the cursor is lost")
	}
	l := claim(t, j, "gc-mail")
	must(t, j.Hold(t.Context(), l, []model.StepID{was[0].Step.ID}, start))
	if n, err := j.Approve(t.Context(), "", start); n != 1 || err != nil {
		t.Errorf("%d approved, %v", n, err)
	}
	must(t, j.Sent(t.Context(), l, []model.StepID{was[0].Step.ID}, start))
	must(t, j.Settle(t.Context(), l, []model.Result{{ID: was[0].Step.ID, Outcome: model.Done}, {ID: was[1].Step.ID, Outcome: model.Done}}, start, 0))
	if n, next, err := j.PendingCount(t.Context(), "gc-mail"); n != 1 || !next.Equal(was[2].NotBefore) || err != nil {
		t.Errorf("%d pending, next %v, %v", n, next, err)
	}
	verify(t, j)
}

// makeSchema1 makes the journal as the first version of the program left it.
func makeSchema1(t *testing.T, o Options) []Intent {
	t.Helper()
	ctx := t.Context()
	k, err := derive(o.Key)
	must(t, err)
	j := &Journal{keys: k}
	if o.Driver == "sqlite" {
		must(t, j.openSQLite(ctx, o.Path))
	} else {
		must(t, j.openPostgres(ctx, o.DSN))
	}
	for n := range 2 {
		must(t, j.migrateTo(ctx, n, []string{"migrations/0001_first.sql"}))
	}
	l := claim(t, j, "gc-mail")
	commit(t, j, Turn{Lease: l, Cursor: "c1"})
	var was []Intent
	for i, state := range []State{StatePlanned, StateSent, StatePlanned, StateConfirmed, StateLost, StateRefused, StateSuperseded} {
		p := mark(string(state), uint32(i+1))
		in := Intent{Step: p.Step, State: state, Cause: "gc-mail", PlannedAt: start}
		switch {
		case i == 0:
			in.Group = "gc"
		case i == 2:
			in.Step.ID, in.NotBefore, in.Attempts, in.Code = stepID("later"), start.Add(time.Hour), 1, "busy"
		case state == StateConfirmed:
			in.Ref, in.Flags = model.Ref{Source: "gc-mail", Mailbox: "Filed", UIDValidity: 3, UID: 8}, model.Flags{"lx-priv"}
		}
		if i > 0 {
			in.Attempts, in.SentAt = 1, start.Add(time.Second)
		}
		if i > 2 {
			in.EndedAt = start.Add(time.Minute)
		}
		j.insert1(t, in)
		was = append(was, in)
	}
	must(t, j.Close())
	return was
}
