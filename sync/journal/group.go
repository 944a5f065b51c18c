package journal

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"chancery/internal/model"
)

// Numbered is a step with its number: of two, the one that was planned later has
// the higher.
type Numbered struct {
	Intent
	Seq int64
}

// ByGroupSince returns the steps of a group with a number above after, in the
// order they were planned. Those below may have changed if they had not ended.
func (j *Journal) ByGroupSince(ctx context.Context, group string, after int64) ([]Numbered, error) {
	key := j.keys.group(group)
	if key == "" {
		return nil, nil
	}
	var out []Numbered
	query := `select cast(seq as text)` + intentColumns + `group_key <> '' and substr(group_key, 1, 8) = $1 and group_key = $2 and seq > $3 order by seq`
	err := scan(ctx, j.r, query, []any{key[:8], key, after}, func(r *sql.Rows) error {
		var s storedIntent
		if err := s.scan(r); err != nil {
			return err
		}
		seq, err := strconv.ParseInt(s.key, 10, 64)
		if err != nil {
			return err
		}
		in, err := j.keys.openIntent(s)
		if err == nil {
			out = append(out, Numbered{in, seq})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	return out, nil
}

// ByIdentOf is ByIdent for the steps of one group.
func (j *Journal) ByIdentOf(ctx context.Context, group string, idents []model.Ident) (map[model.Ident][]Intent, error) {
	out, err := j.ByIdent(ctx, idents)
	for of, list := range out {
		kept := list[:0]
		for _, in := range list {
			if in.Group == group {
				kept = append(kept, in)
			}
		}
		out[of] = kept
	}
	return out, err
}
