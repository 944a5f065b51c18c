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

// Summary is what status says of the journal.
type Summary struct {
	Engine  string // "sqlite" or "postgres"
	Schema  int
	Entries int64           // of the audit chain
	Sources []SourceSummary // by name
}

// SourceSummary is what status says of one source.
type SourceSummary struct {
	Source                    model.SourceID
	Owner                     string // of the latest lease; "" if it was never claimed
	Epoch                     int64
	Claimed, Baseline, Pulled time.Time
	Steps                     map[State]int
	Held                      int // steps that wait for a person; in Steps too
	Released, Parked          int
}

// Summary counts. It may read the states of all steps, so it is for a person who
// asks and not for a loop.
func (j *Journal) Summary(ctx context.Context) (Summary, error) {
	// One snapshot, so that the numbers agree.
	t, err := j.r.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: j.snapshot()})
	if err != nil {
		return Summary{}, fmt.Errorf("read summary: %w", err)
	}
	defer func() { _ = t.Rollback() }()
	s := Summary{Engine: j.eng.name}
	if s.Schema, err = schema(ctx, t); err == nil {
		err = t.QueryRowContext(ctx, `select coalesce(max(seq), 0) from audit`).Scan(&s.Entries)
	}
	if err == nil {
		s.Sources, err = sources(ctx, t)
	}
	if err != nil {
		return Summary{}, fmt.Errorf("read summary: %w", err)
	}
	return s, nil
}

func sources(ctx context.Context, q queryer) ([]SourceSummary, error) {
	var out []SourceSummary
	const names = `select n.id, coalesce(s.owner, ''), coalesce(s.epoch, 0), coalesce(s.claimed, 0), coalesce(s.baseline, 0), coalesce(s.pulled, 0)
		from (select id from source union select source from intent union select source from parked union select source from released) as n
		left join source s on s.id = n.id`
	err := scan(ctx, q, names, nil, func(r *sql.Rows) error {
		s := SourceSummary{Steps: map[State]int{}}
		var claimed, baseline, pulled int64
		err := r.Scan(&s.Source, &s.Owner, &s.Epoch, &claimed, &baseline, &pulled)
		s.Claimed, s.Baseline, s.Pulled = moment(claimed), moment(baseline), moment(pulled)
		out = append(out, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	// Sorted here, because engines and locales disagree about the order of words.
	slices.SortFunc(out, func(a, b SourceSummary) int { return strings.Compare(string(a.Source), string(b.Source)) })
	index := make(map[model.SourceID]int, len(out))
	for i, s := range out {
		index[s.Source] = i
	}
	const counts = `select source, state, count(*) from intent where ended_at > 0 group by source, state
		union all select source, state, count(*) from intent where ended_at = 0 and held_at = 0 group by source, state
		union all select source, state, count(*) from intent where held_at > 0 group by source, state
		union all select source, '+released', count(*) from released group by source
		union all select source, '+parked', count(*) from parked group by source`
	err = scan(ctx, q, counts, nil, func(r *sql.Rows) error {
		var source model.SourceID
		var what string
		var n int
		if err := r.Scan(&source, &what, &n); err != nil {
			return err
		}
		switch s := &out[index[source]]; what {
		case "+released":
			s.Released = n
		case "+parked":
			s.Parked = n
		default:
			s.Steps[State(what)] = n
			s.Held = s.Steps[StateHeld]
		}
		return nil
	})
	return out, err
}
