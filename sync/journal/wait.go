package journal

import (
	"context"
	"fmt"
	"time"

	"chancery/internal/model"
)

// PendingCount returns how many steps of source the owner is to carry out, now or
// later, and when the next one is due: the zero time for at once, or if there is
// none. Steps that wait for a person do not count.
func (j *Journal) PendingCount(ctx context.Context, source model.SourceID) (n int, next time.Time, err error) {
	var due int64
	err = j.r.QueryRowContext(ctx, `select count(*), coalesce(min(not_before), 0) from intent
		where source = $1 and ended_at = 0 and held_at = 0`, string(source)).Scan(&n, &due)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count pending steps: %w", err)
	}
	return n, moment(due), nil
}

// Waiting returns how many of the steps that PendingCount counts are not due yet.
func (j *Journal) Waiting(ctx context.Context, source model.SourceID, now time.Time) (n int, err error) {
	err = j.r.QueryRowContext(ctx, `select count(*) from intent
		where source = $1 and ended_at = 0 and held_at = 0 and not_before > $2`, string(source), millis(now)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count waiting steps: %w", err)
	}
	return n, nil
}

// Postpone gives planned steps of the lease's source another time before which
// they are not tried. It is no attempt and leaves no trace in the audit chain;
// steps in another state stay as they are.
func (j *Journal) Postpone(ctx context.Context, l Lease, ids []model.StepID, until, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return j.write(ctx, "postpone steps", now, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		const postpone = `update intent set not_before = $1 where source || '' = $2 and state || '' = 'planned' and id in`
		return t.lookup(postpone, "", []any{millis(until), string(l.Source)}, words(ids), nil)
	})
}
