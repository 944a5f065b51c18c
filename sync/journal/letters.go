package journal

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"chancery/internal/model"
)

// Letters counts, by rule, the notes that were planned since a time because of what
// a source had, without those that wait for a person, or that a person let pass.
func (j *Journal) Letters(ctx context.Context, cause model.SourceID, since time.Time) (map[string]int, error) {
	out := map[string]int{}
	const query = `select rule, count(*) from intent where kind = 'note' and planned_at >= $1 and cause || '' = $2
		and held_at = 0 and approved = 0 and state || '' <> 'superseded' group by rule`
	err := scan(ctx, j.r, query, []any{millis(since), string(cause)}, func(r *sql.Rows) error {
		var rule string
		var n int
		err := r.Scan(&rule, &n)
		out[rule] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count letters: %w", err)
	}
	return out, nil
}

// holdPlanned makes the fresh steps wait that are planned to, as Hold would.
func (t *tx) holdPlanned(planned []Planned, fresh []model.StepID) error {
	isFresh := make(map[model.StepID]bool, len(fresh))
	for _, id := range fresh {
		isFresh[id] = true
	}
	var ids []model.StepID
	for _, p := range planned {
		if p.Held && isFresh[p.Step.ID] {
			ids = append(ids, p.Step.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	const hold = `update intent set state = 'held', held_at = $1 where state || '' = 'planned' and approved = 0 and id in`
	return t.lookup(hold, ` returning `+stepColumns, []any{millis(t.now)}, words(ids), t.logAs(string(StateHeld)))
}
