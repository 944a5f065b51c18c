package journal

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"chancery/internal/model"
)

// Turn is what one batch of changes led to.
type Turn struct {
	Lease      Lease
	Now        time.Time
	Settled    []model.Result // of steps sent before, as Settle writes them
	Retry      time.Duration  // of Settled
	Planned    []Planned      // in the order they shall be applied
	Released   []Release
	Dropped    []model.StepID // steps that are not wanted any more; those that were sent go on
	Observed   []Observed
	Parked     []Parked
	Unparked   []model.Ident // all that is parked of these items
	UnparkedAt []model.Ref   // the same, for items that were parked without an identity
	Located    []Located
	Threads    []Threaded   // of messages that have a conversation
	Spread     []ThreadMark // in this order
	Looks      []Look
	Bills      []model.Bill // for the ledger: what was read, and what changes of others
	Cursor     model.Name
	KeepCursor bool // leave the cursor where it is
}

// Planned is a step to be carried out by the owner of Step.Source.
type Planned struct {
	Step      model.Step
	Cause     model.SourceID
	MessageID string // of the message it is about; "" for none
	Group     string // "" or the principal it belongs to
	// Sent writes the step as sent, for an owner that applies its own step at once
	// when Commit returns: it saves a call. A step that was known before stays as
	// it was, so only those that Commit returns may be applied.
	Sent bool
	// After is the time before which the step is not tried; zero for at once.
	// Planning a known step again does not change it.
	After time.Time
	// Supersede ends steps of earlier turns with the same Ident, Group and kind
	// (note and drop-note are one kind, so are hold and withdraw) that were not
	// sent yet.
	Supersede bool
	// Held lets the step wait for a person from the beginning, as Hold does.
	Held bool
	// Conversation is that of a message that is marked; 0: it is not remembered.
	Conversation Conversation
}

// Observed is a decision without effect: of a rule that only observes, or one
// that something kept from acting. It goes into the audit chain and nowhere else.
type Observed struct {
	Ident         model.Ident
	Rule, Version string
	What          string // "observed", "contradiction", ...; safe to show
	Would         string // kind of the action that is not taken
}

// Commit writes a turn in one transaction, the cursor last, and returns the IDs
// of the steps that were not planned before. A step whose ID is known is left as
// it is, unless it was superseded: then it is planned again. Nothing is written
// if the lease is no longer the latest (ErrFenced).
func (j *Journal) Commit(ctx context.Context, turn Turn) (fresh []model.StepID, err error) {
	// Sealed outside of the transaction, which keeps other writers waiting.
	rows, err := j.sealPlanned(turn)
	if err != nil {
		return nil, err
	}
	bills := j.sealBills(turn)
	err = j.write(ctx, "commit turn", turn.Now, func(t *tx) error {
		fresh = nil
		if err := t.fence(turn.Lease); err != nil {
			return err
		}
		if err := t.settle(turn.Lease, turn.Settled, turn.Retry); err != nil {
			return err
		}
		if err := t.park(turn.Lease.Source, turn.Parked); err != nil {
			return err
		}
		if err := t.unpark(turn.Lease.Source, turn.Unparked, turn.UnparkedAt); err != nil {
			return err
		}
		if err := t.release(turn.Lease.Source, turn.Released); err != nil {
			return err
		}
		if len(turn.Dropped) > 0 {
			if err := t.supersede(words(turn.Dropped)); err != nil {
				return err
			}
		}
		if err := t.locate(turn.Lease.Source, turn.Located); err != nil {
			return err
		}
		for _, o := range turn.Observed {
			t.log = append(t.log, Entry{Source: turn.Lease.Source, Kind: clear(o.What), Rule: o.Rule, Version: o.Version,
				Action: clear(o.Would), Ref: j.short(string(o.Ident))})
		}
		if fresh, err = t.plan(turn.Planned, rows); err != nil {
			return err
		}
		if err := t.converse(turn); err != nil {
			return err
		}
		if err := t.record(turn.Lease.Source, bills); err != nil {
			return err
		}
		if turn.KeepCursor {
			return nil
		}
		return t.moveCursor(turn.Lease.Source, turn.Cursor)
	})
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

const (
	intoIntent = `insert into intent (id, source, cause, rule, version, kind, family, short, ident_key, group_key, message_key,
		found_key, place_key, state, attempts, planned_at, sent_at, not_before, ended_at, code, approved, body)`
	columnAttempts = 14 // of the row below
	columnApproved = 20
)

// stepRow is a step to be inserted, and what the audit chain says about it.
type stepRow struct {
	entry Entry
	sent  bool
	args  []any
}

// sealPlanned makes the rows of the steps, one for each ID.
func (j *Journal) sealPlanned(turn Turn) ([]stepRow, error) {
	rows := make([]stepRow, 0, len(turn.Planned))
	seen := make(map[model.StepID]bool, len(turn.Planned))
	for _, p := range turn.Planned {
		s := p.Step
		if seen[s.ID] {
			continue
		}
		seen[s.ID] = true
		if p.Sent && (s.Source != turn.Lease.Source || !p.After.IsZero()) {
			return nil, fmt.Errorf("step %s cannot be sent as it is planned", s.ID)
		}
		body, err := j.keys.sealBody(s, p.Group)
		if err != nil {
			return nil, err
		}
		kind, short := s.Action.Kind(), j.short(string(s.Ident))
		state, attempts, sent := StatePlanned, 0, int64(0)
		if p.Sent {
			state, attempts, sent = StateSent, 1, millis(turn.Now)
		}
		rows = append(rows, stepRow{
			entry: Entry{Source: s.Source, Rule: s.Rule, Version: s.Version, Step: s.ID, Action: kind, Ref: short},
			sent:  p.Sent,
			args: []any{string(s.ID), string(s.Source), string(p.Cause), s.Rule, s.Version, kind, family(kind), short,
				j.keys.ident(s.Ident), j.keys.group(p.Group), j.keys.message(p.MessageID), j.keys.place(s.Ref), "",
				string(state), attempts, millis(turn.Now), sent, millis(p.After), 0, "", 0, body},
		})
	}
	return rows, nil
}

// plan inserts the steps that are new and supersedes what they replace.
func (t *tx) plan(planned []Planned, rows []stepRow) ([]model.StepID, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	isNew, err := t.insertSteps(rows)
	if err != nil {
		return nil, err
	}
	var fresh []model.StepID
	for _, r := range rows {
		if !isNew[r.entry.Step] {
			continue
		}
		fresh = append(fresh, r.entry.Step)
		r.entry.Kind = string(StatePlanned)
		t.log = append(t.log, r.entry)
		if r.sent {
			r.entry.Kind = string(StateSent)
			t.log = append(t.log, r.entry)
		}
	}
	if err := t.holdPlanned(planned, fresh); err != nil {
		return nil, err
	}
	return fresh, t.supersedeOthers(planned)
}

// insertSteps inserts the steps that are not known, and those that were
// superseded anew, and returns which.
func (t *tx) insertSteps(rows []stepRow) (map[model.StepID]bool, error) {
	isNew := make(map[model.StepID]bool, len(rows))
	if t.j.eng.batch == 1 {
		for _, r := range rows {
			done, err := t.insertStep(r)
			if err != nil {
				return nil, err
			}
			isNew[r.entry.Step] = done
		}
		return isNew, nil
	}
	if err := t.revive(rows); err != nil {
		return nil, err
	}
	args := make([][]any, len(rows))
	for i, r := range rows {
		args[i] = r.args
	}
	err := t.insert(intoIntent, `on conflict (id) do nothing returning id`, args, func(r *sql.Rows) error {
		var id model.StepID
		err := r.Scan(&id)
		isNew[id] = true
		return err
	})
	return isNew, err
}

// insertStep inserts one step. Most are new, so the others are found by trying.
func (t *tx) insertStep(r stepRow) (done bool, err error) {
	query := intoIntent + ` values ` + t.j.eng.tuples(1, len(r.args), nil) + ` on conflict (id) do nothing`
	if done, err = t.changed(query, r.args...); done || err != nil {
		return done, err
	}
	if err := t.revive([]stepRow{r}); err != nil {
		return false, err
	}
	return t.changed(query, r.args...)
}

// revive takes superseded steps that are wanted again out of the way of the
// insert; how often they were sent, and that a person let them pass, stays known.
func (t *tx) revive(rows []stepRow) error {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = string(r.entry.Step)
	}
	type past struct{ attempts, approved int }
	known := map[string]past{}
	err := t.lookup(`delete from intent where state || '' = 'superseded' and id in`, ` returning id, attempts, approved`, nil, ids, func(r *sql.Rows) error {
		var id string
		var p past
		err := r.Scan(&id, &p.attempts, &p.approved)
		known[id] = p
		return err
	})
	for _, r := range rows {
		if p, ok := known[string(r.entry.Step)]; ok {
			r.args[columnAttempts], r.args[columnApproved] = r.args[columnAttempts].(int)+p.attempts, p.approved
		}
	}
	return err
}

// stepColumns are what the audit chain says about a step.
const stepColumns = `id, source, rule, version, kind, short`

func scanStep(r *sql.Rows, kind string, more ...any) (Entry, error) {
	e := Entry{Kind: kind}
	err := r.Scan(append([]any{&e.Step, &e.Source, &e.Rule, &e.Version, &e.Action, &e.Ref}, more...)...)
	return e, err
}
