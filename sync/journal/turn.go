package journal

import (
	"context"
	"database/sql"
	"time"

	"chancery/internal/model"
)

// Turn is what one batch of changes led to.
type Turn struct {
	Lease      Lease
	Now        time.Time
	Planned    []Planned // in the order they shall be applied
	Released   []Release
	Observed   []Observed
	Parked     []Parked
	Unparked   []model.Ident // all that is parked of these items
	UnparkedAt []model.Ref   // the same, for items that were parked without an identity
	Located    []Located
	Cursor     model.Name
	KeepCursor bool // leave the cursor where it is
}

// Planned is a step to be carried out by the owner of Step.Source.
type Planned struct {
	Step      model.Step
	Cause     model.SourceID
	MessageID string // of the message it is about; "" for none
	Group     string // "" or the principal it belongs to
	// After is the time before which the step is not tried; zero for at once.
	// Planning a known step again does not change it.
	After time.Time
	// Supersede ends steps of earlier turns with the same Ident, Group and kind
	// (note and drop-note are one kind, so are hold and withdraw) that were not
	// sent yet.
	Supersede bool
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
	err = j.write(ctx, "commit turn", turn.Now, func(t *tx) error {
		fresh = nil
		if err := t.fence(turn.Lease); err != nil {
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

// sealPlanned makes the rows of the steps, one for each ID.
func (j *Journal) sealPlanned(turn Turn) ([][]any, error) {
	rows := make([][]any, 0, len(turn.Planned))
	seen := make(map[model.StepID]bool, len(turn.Planned))
	for _, p := range turn.Planned {
		s := p.Step
		if seen[s.ID] {
			continue
		}
		seen[s.ID] = true
		body, err := j.keys.sealBody(s, p.Group)
		if err != nil {
			return nil, err
		}
		kind := s.Action.Kind()
		rows = append(rows, []any{string(s.ID), string(s.Source), string(p.Cause), s.Rule, s.Version, kind, family(kind),
			j.short(string(s.Ident)), j.keys.ident(s.Ident), j.keys.group(p.Group), j.keys.message(p.MessageID),
			j.keys.place(s.Ref), "", string(StatePlanned), 0, millis(turn.Now), 0, millis(p.After), 0, "", 0, body})
	}
	return rows, nil
}

// plan inserts the steps that are new and supersedes what they replace.
func (t *tx) plan(planned []Planned, rows [][]any) ([]model.StepID, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	if err := t.revive(rows); err != nil {
		return nil, err
	}
	var fresh []model.StepID
	err := t.insert(intoIntent, `on conflict (id) do nothing returning `+stepColumns, rows, func(r *sql.Rows) error {
		e, err := scanStep(r, string(StatePlanned))
		t.log = append(t.log, e)
		fresh = append(fresh, e.Step)
		return err
	})
	if err != nil {
		return nil, err
	}
	return fresh, t.supersedeOthers(planned)
}

// revive takes superseded steps that are wanted again out of the way of the
// insert; how often they were sent, and that a person let them pass, stays known.
func (t *tx) revive(rows [][]any) error {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r[0].(string)
	}
	type past struct{ attempts, approved int }
	known := map[string]past{}
	err := t.lookup(`delete from intent where state = 'superseded' and id in`, ` returning id, attempts, approved`, nil, ids, func(r *sql.Rows) error {
		var id string
		var p past
		err := r.Scan(&id, &p.attempts, &p.approved)
		known[id] = p
		return err
	})
	for _, r := range rows {
		p := known[r[0].(string)]
		r[columnAttempts], r[columnApproved] = p.attempts, p.approved
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
