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

// HowRejected is the How of a release that Reject makes.
const HowRejected = "rejected"

// HeldSummary says what of one source waits for a person.
type HeldSummary struct {
	Source model.SourceID
	Steps  int
	Since  time.Time      // when the first of them was held
	Rules  map[string]int // steps by rule
	Kinds  map[string]int // steps by kind of action
}

// Hold makes planned steps of the lease's source wait for a person; steps in
// another state, and those that a person let pass before, stay as they are. A held step is open: it is superseded and
// released as a planned one is, and a result may end it, but Pending leaves it
// out and Sent refuses it.
func (j *Journal) Hold(ctx context.Context, l Lease, ids []model.StepID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return j.write(ctx, "hold steps", now, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		const hold = `update intent set state = 'held', held_at = $1 where source || '' = $2 and state || '' = 'planned' and approved = 0 and id in`
		return t.lookup(hold, ` returning `+stepColumns, []any{millis(now), string(l.Source)}, words(ids), t.logAs(string(StateHeld)))
	})
}

// Held returns what waits for a person, by source.
func (j *Journal) Held(ctx context.Context) ([]HeldSummary, error) {
	var out []HeldSummary
	const query = `select source, rule, kind, count(*), min(held_at) from intent where held_at > 0 and source > ''
		group by source, rule, kind`
	err := scan(ctx, j.r, query, nil, func(r *sql.Rows) error {
		var source model.SourceID
		var rule, kind string
		var n int
		var since int64
		if err := r.Scan(&source, &rule, &kind, &n, &since); err != nil {
			return err
		}
		i := slices.IndexFunc(out, func(h HeldSummary) bool { return h.Source == source })
		if i < 0 {
			i = len(out)
			out = append(out, HeldSummary{Source: source, Since: moment(since), Rules: map[string]int{}, Kinds: map[string]int{}})
		}
		h := &out[i]
		h.Steps += n
		h.Rules[rule] += n
		h.Kinds[kind] += n
		if first := moment(since); first.Before(h.Since) {
			h.Since = first
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read held steps: %w", err)
	}
	slices.SortFunc(out, func(a, b HeldSummary) int { return strings.Compare(string(a.Source), string(b.Source)) })
	return out, nil
}

// HeldSteps returns at most limit steps of source that wait for a person, in the
// order they were planned.
func (j *Journal) HeldSteps(ctx context.Context, source model.SourceID, limit int) ([]Intent, error) {
	out, err := j.intents(ctx, `select ''`+intentColumns+`source = $1 and held_at > 0 order by seq limit $2`, string(source), limit)
	if err != nil {
		return nil, fmt.Errorf("read held steps: %w", err)
	}
	return out, nil
}

// Approve lets the held steps of source pass, of all sources if it is "", and
// returns how many there were. They are planned again, as Approved, and keep
// the time before which they are not tried. Like Unpark it needs no lease: a
// person decides, not the owner.
func (j *Journal) Approve(ctx context.Context, source model.SourceID, now time.Time) (n int, err error) {
	err = j.write(ctx, "approve steps", now, func(t *tx) error {
		const approve = `update intent set state = 'planned', held_at = 0, approved = 1 where held_at > 0 and `
		n, err = t.ofHeld(approve, nil, source, ` returning `+stepColumns, t.logAs(KindApproved))
		return err
	})
	return n, err
}

// Reject ends the held steps of source, of all sources if it is "", and returns
// how many there were. Their rules are released for their items, so that they
// are not planned again.
func (j *Journal) Reject(ctx context.Context, source model.SourceID, now time.Time) (n int, err error) {
	err = j.write(ctx, "reject steps", now, func(t *tx) error {
		var rs []keyedRelease
		const reject = `update intent set state = 'superseded', held_at = 0, ended_at = $1, code = 'rejected' where held_at > 0 and `
		n, err = t.ofHeld(reject, []any{millis(now)}, source, ` returning `+stepColumns+`, ident_key`, func(r *sql.Rows) error {
			var key string
			e, err := scanStep(r, KindRejected, &key)
			e.Code = HowRejected
			t.log = append(t.log, e)
			rs = append(rs, keyedRelease{releaseKey{key, e.Rule}, e.Source, e.Ref, HowRejected})
			return err
		})
		if err != nil {
			return err
		}
		return t.releaseKeyed(rs)
	})
	return n, err
}

// ofHeld runs a change of the held steps of one source, or of all, and counts them.
func (t *tx) ofHeld(change string, args []any, source model.SourceID, tail string, each func(*sql.Rows) error) (n int, err error) {
	where := "source > ''"
	if source != "" {
		args = append(args, string(source))
		where = fmt.Sprintf("source = $%d", len(args))
	}
	err = scan(t.ctx, t, change+where+tail, args, func(r *sql.Rows) error {
		n++
		return each(r)
	})
	return n, err
}

// logAs returns what logs the steps of stepColumns under a kind.
func (t *tx) logAs(kind string) func(*sql.Rows) error {
	return func(r *sql.Rows) error {
		e, err := scanStep(r, kind)
		t.log = append(t.log, e)
		return err
	}
}
