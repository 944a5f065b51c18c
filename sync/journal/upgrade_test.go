package journal

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
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

// atSchema opens a journal and brings it no further than to schema n.
func atSchema(t *testing.T, o Options, n int) *Journal {
	t.Helper()
	k, err := derive(o.Key)
	must(t, err)
	j := &Journal{keys: k}
	if o.Driver == "sqlite" {
		must(t, j.openSQLite(t.Context(), o.Path))
	} else {
		must(t, j.openPostgres(t.Context(), o.DSN))
	}
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	must(t, err)
	for i := range n + 1 {
		must(t, j.migrateTo(t.Context(), i, steps[:n]))
	}
	return j
}

// makeSchema1 makes the journal as the first version of the program left it.
func makeSchema1(t *testing.T, o Options) []Intent {
	t.Helper()
	j := atSchema(t, o, 1)
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

// lawUpgrade2 brings a journal of schema 2 forward: results in their form before
// the last, and the statistics of rules that worked for years.
func lawUpgrade2(t *testing.T, fresh func(testing.TB) Options) {
	o := fresh(t)
	j := atSchema(t, o, 2)
	l := claim(t, j, "gc-mail")
	var want Intent
	for i := range 3 {
		p := mark(fmt.Sprint("old ", i), uint32(i+1))
		in := Intent{Step: p.Step, State: StateConfirmed, Cause: "gc-mail", Attempts: 1, PlannedAt: start, SentAt: start, EndedAt: start.Add(time.Minute)}
		j.insert1(t, in)
		at := model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 7, UID: uint32(i + 1), Version: "9"}
		plain := append(appendFlags([]byte{flagsForm}, model.Flags{"lx-priv"}), model.EncodeRef(at)...)
		_, err := j.w.ExecContext(t.Context(), `update intent set result = $1 where id = $2`, j.keys.seal(plain, "intent.result", string(p.Step.ID)), string(p.Step.ID))
		must(t, err)
		in.Ref, in.Flags = at, model.Flags{"lx-priv"}
		want = in
	}
	day := start.Add(24 * time.Hour)
	chain2(t, j, start, Entry{Source: "gc-mail", Kind: "confirmed", Rule: "privileged", Action: "mark"}, Entry{Kind: "observed", Rule: "filing", Action: "file"})
	chain2(t, j, day, Entry{Kind: "confirmed", Rule: "privileged", Action: "file"}, Entry{Kind: "released", Rule: "privileged", Code: "moved"},
		Entry{Kind: "refused", Rule: "privileged", Action: "mark"}, Entry{Kind: "started"})
	must(t, j.Close())

	j = open(t, o)
	verify(t, j)
	stats, err := j.RuleStats(t.Context())
	must(t, err)
	if old := []RuleStat{{Rule: "filing", Observed: 1, First: start, Last: start},
		{Rule: "privileged", Marked: 1, Filed: 1, Released: 1, Refused: 1, First: start, Last: day}}; !reflect.DeepEqual(stats, old) {
		t.Errorf("statistics\n got %+v\nwant %+v", stats, old)
	}
	n := 0
	must(t, j.ConfirmedSince(t.Context(), "gc-mail", "privileged", start, func(in Intent) {
		if n++; n == 3 && !reflect.DeepEqual(in, want) {
			t.Errorf("\n got %+v\nwant %+v", in, want)
		}
	}))
	if n != 3 {
		t.Errorf("%d confirmed", n)
	}
	l, err = j.Claim(t.Context(), "gc-mail", "host:2", start)
	must(t, err)
	join(t, j, l, said("a"), said("b", "a"))
	commit(t, j, Turn{Lease: l, KeepCursor: true, Looks: []Look{{Ident: "x", Ref: want.Ref, At: start}}})
	if due, err := j.DueLooks(t.Context(), "gc-mail", start, 9); err != nil || len(due) != 1 {
		t.Errorf("%d looks, %v", len(due), err)
	}
	verify(t, j)
}

// chain2 appends entries as schema 2 did, without statistics.
func chain2(t *testing.T, j *Journal, now time.Time, es ...Entry) {
	t.Helper()
	s, err := j.w.BeginTx(t.Context(), nil)
	must(t, err)
	must(t, (&tx{Tx: s, ctx: t.Context(), j: j, now: now, log: es}).append())
	must(t, s.Commit())
}

// lawUpgrade3 brings a journal without a ledger forward.
func lawUpgrade3(t *testing.T, fresh func(testing.TB) Options) {
	o := fresh(t)
	j := atSchema(t, o, 3)
	l := claim(t, j, "gc-mail")
	chain2(t, j, start, Entry{Source: "gc-mail", Kind: "confirmed", Rule: "privileged", Action: "mark"})
	must(t, j.Close())
	j = open(t, o)
	verify(t, j)
	wantBills(t, billsFor(t, j, "m:1111"))
	record(t, j, l, bill(1, "m:1111"))
	wantBills(t, billsFor(t, j, "m:1111"), "1")
	verify(t, j)
}
