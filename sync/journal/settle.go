package journal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// An expression where a column would do (source || '') keeps SQLite from reading
// all steps of a source instead of the few whose IDs it is given.

// Sent marks steps of the lease's source as sent, before their effect, and counts
// the attempt. If any of them is no longer open, or is held, none is marked:
// ErrNotPending.
func (j *Journal) Sent(ctx context.Context, l Lease, ids []model.StepID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return j.write(ctx, "mark steps as sent", now, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		keys := distinct(words(ids))
		marked := 0
		const mark = `update intent set state = 'sent', sent_at = $1, attempts = attempts + 1
			where source || '' = $2 and ended_at + 0 = 0 and held_at + 0 = 0 and id in`
		err := t.lookup(mark, ` returning `+stepColumns, []any{millis(now), string(l.Source)}, keys, func(r *sql.Rows) error {
			marked++
			e, err := scanStep(r, string(StateSent))
			t.log = append(t.log, e)
			return err
		})
		if err == nil && marked != len(keys) {
			err = ErrNotPending
		}
		return err
	})
}

// Settle writes the results of steps of the lease's source in one transaction:
// Done confirms, Lost and Refused end (Refused is also parked), Stale supersedes,
// so that the step can be planned again, and Later plans it again no sooner than
// retry from now. A result for a step that ended before changes nothing.
func (j *Journal) Settle(ctx context.Context, l Lease, rs []model.Result, now time.Time, retry time.Duration) error {
	if len(rs) == 0 {
		return nil
	}
	return j.write(ctx, "settle steps", now, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		return t.settle(l, rs, retry)
	})
}

func (t *tx) settle(l Lease, rs []model.Result, retry time.Duration) error {
	if len(rs) == 0 {
		return nil
	}
	open, err := t.openSteps(l, rs)
	if err != nil {
		return err
	}
	var rows [][]any
	var refused []parkedRow
	for _, r := range rs {
		s, ok := open[r.ID]
		if !ok {
			continue
		}
		delete(open, r.ID) // of two results the first one counts
		row, err := t.settleOne(s, r, retry)
		if err != nil {
			return err
		}
		rows = append(rows, row)
		if r.Outcome == model.Refused {
			refused = append(refused, parkedRow{Parked{Code: r.Code}, s.entry})
		}
	}
	if err := t.update(rows); err != nil {
		return err
	}
	if err := t.readRefused(refused); err != nil {
		return err
	}
	return t.parkRows(l.Source, refused)
}

// openStep is a step about to be settled.
type openStep struct {
	entry Entry
	state State
}

// openSteps reads the steps that did not end yet. A step that the source does
// not have at all is a mistake of the caller.
func (t *tx) openSteps(l Lease, rs []model.Result) (map[model.StepID]openStep, error) {
	ids := make([]string, len(rs))
	for i, r := range rs {
		ids[i] = string(r.ID)
	}
	ids = distinct(ids)
	known := 0
	open := make(map[model.StepID]openStep, len(ids))
	const query = `select ` + stepColumns + `, state, ended_at from intent where source || '' = $1 and id in`
	err := t.lookup(query, t.j.eng.forUpdate, []any{string(l.Source)}, ids, func(r *sql.Rows) error {
		var s openStep
		var ended int64
		var err error
		s.entry, err = scanStep(r, "", &s.state, &ended)
		known++
		if ended == 0 {
			open[s.entry.Step] = s
		}
		return err
	})
	if err == nil && known != len(ids) {
		err = fmt.Errorf("%d of %d steps are not of source %s", len(ids)-known, len(ids), l.Source)
	}
	return open, err
}

// settleOne returns the row for update.
func (t *tx) settleOne(s openStep, r model.Result, retry time.Duration) ([]any, error) {
	state, notBefore, ended := State(""), int64(0), millis(t.now)
	s.entry.Code = clear(r.Code)
	switch r.Outcome {
	case model.Done:
		state = StateConfirmed
	case model.Lost:
		state = StateLost
	case model.Refused:
		state = StateRefused
	case model.Stale:
		state = StateSuperseded
	case model.Later:
		state, notBefore, ended = StatePlanned, millis(t.now.Add(retry)), 0
	default:
		return nil, fmt.Errorf("step %s has no outcome", r.ID)
	}
	s.entry.Kind = string(state)
	if r.Outcome == model.Later {
		s.entry.Kind = KindLater
		if s.state == StateHeld {
			state = StateHeld
		}
	}
	t.log = append(t.log, s.entry)
	unsent := 0
	if s.state == StatePlanned { // answered without having been marked as sent
		unsent = 1
	}
	var result any // nil: it stays as it was
	if r.Ref != (model.Ref{}) || len(r.Flags) > 0 || r.Already {
		result = t.j.keys.sealResult(r)
	}
	return []any{string(r.ID), string(state), unsent, notBefore, ended, s.entry.Code, t.j.keys.place(r.Ref), result}, nil
}

// update writes the rows of settleOne.
func (t *tx) update(rows [][]any) error {
	e := t.j.eng
	if e.batch == 1 {
		for _, r := range rows {
			if err := t.exec(settleOneUpdate, r...); err != nil {
				return err
			}
		}
		return nil
	}
	casts := []string{"text", "text", "bigint", "bigint", "bigint", "text", "text", e.blob}
	for len(rows) > 0 {
		n := maxRows
		for n > len(rows) {
			n /= 4
		}
		query := settleManyUpdate + e.tuples(n, len(casts), casts) + `) as v where intent.id = v.column1`
		if err := t.exec(query, slices.Concat(rows[:n]...)...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// A place that found_key says already is not kept twice; a place or result that
// is not known stays as it was.
var (
	settleOneUpdate  = settleUpdate + ` where id = $1`
	settleManyUpdate = strings.ReplaceAll(settleUpdate, "$", "v.column") + ` from (values `
)

const settleUpdate = `update intent set state = $2, attempts = attempts + $3, not_before = $4, ended_at = $5,
	held_at = case when $5 = 0 then held_at else 0 end, code = $6,
	place_key = case $7 when '' then place_key when found_key then '' else $7 end, result = coalesce($8, result)`

// readRefused completes what is parked with what the steps were about.
func (t *tx) readRefused(refused []parkedRow) error {
	index := make(map[model.StepID]int, len(refused))
	keys := make([]string, len(refused))
	for i, p := range refused {
		index[p.step.Step], keys[i] = i, string(p.step.Step)
	}
	return t.lookup(`select id, body from intent where id in`, "", nil, keys, func(r *sql.Rows) error {
		var id model.StepID
		var body []byte
		if err := r.Scan(&id, &body); err != nil {
			return err
		}
		s, _, err := t.j.keys.openBody(body, id)
		p := &refused[index[id]]
		p.Ident, p.Ref = s.Ident, s.Ref
		return err
	})
}

func words[T ~string](ts []T) []string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i] = string(t)
	}
	return out
}
