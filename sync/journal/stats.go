package journal

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// Releases that are not a person's word about this very item: they follow from
// one about another message of the thread, or from undo.
const (
	HowThread = "thread"
	HowUndone = "undone"
)

// RuleStat is what became of a rule so far.
type RuleStat struct {
	Rule                 string
	Marked, Filed, Noted int       // steps that were confirmed; drafts are notes
	Observed             int       // decisions that had no effect because the rule observes
	Released             int       // items for which a person overruled it
	Refused              int       // steps that the server will never accept
	First, Last          time.Time // when it did or observed something; zero: never
}

// RuleStats returns the rules that ever did anything, by name. The counts are kept
// along with the audit chain, so that a long history costs nothing here.
func (j *Journal) RuleStats(ctx context.Context) ([]RuleStat, error) {
	var out []RuleStat
	const query = `select rule, marked, filed, noted, observed, released, refused, first, last from rule_stat`
	err := scan(ctx, j.r, query, nil, func(r *sql.Rows) error {
		var s RuleStat
		var first, last int64
		err := r.Scan(&s.Rule, &s.Marked, &s.Filed, &s.Noted, &s.Observed, &s.Released, &s.Refused, &first, &last)
		s.First, s.Last = moment(first), moment(last)
		out = append(out, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read rule statistics: %w", err)
	}
	slices.SortFunc(out, func(a, b RuleStat) int { return strings.Compare(a.Rule, b.Rule) })
	return out, nil
}

// add counts an entry of the audit chain.
func (s *RuleStat) add(e Entry, now time.Time) {
	switch e.Kind {
	case string(StateConfirmed):
		switch e.Action {
		case model.Mark{}.Kind():
			s.Marked++
		case model.File{}.Kind():
			s.Filed++
		case model.Note{}.Kind():
			s.Noted++
		}
	case "observed":
		s.Observed++
	case KindReleased:
		if e.Code != HowThread && e.Code != HowUndone {
			s.Released++
		}
		return
	case string(StateRefused):
		s.Refused++
		return
	default:
		return
	}
	s.First, s.Last = now, now
}

// count adds what the transaction logged to the statistics. Only who holds the
// end of the chain may call it, so that no two wait for each other's rules.
func (t *tx) count() error {
	stats := map[string]*RuleStat{}
	for _, e := range t.log {
		if e.Rule == "" {
			continue
		}
		s := stats[e.Rule]
		if s == nil {
			s = &RuleStat{Rule: e.Rule}
			stats[e.Rule] = s
		}
		s.add(e, t.now)
	}
	const into = `insert into rule_stat (rule, marked, filed, noted, observed, released, refused, first, last)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (rule) do update set marked = rule_stat.marked + excluded.marked, filed = rule_stat.filed + excluded.filed,
		noted = rule_stat.noted + excluded.noted, observed = rule_stat.observed + excluded.observed,
		released = rule_stat.released + excluded.released, refused = rule_stat.refused + excluded.refused,
		first = case when rule_stat.first = 0 then excluded.first else rule_stat.first end,
		last = case when excluded.last = 0 then rule_stat.last else excluded.last end`
	for _, rule := range slices.Sorted(maps.Keys(stats)) {
		s := stats[rule]
		if *s == (RuleStat{Rule: rule}) {
			continue
		}
		err := t.exec(into, s.Rule, s.Marked, s.Filed, s.Noted, s.Observed, s.Released, s.Refused, millis(s.First), millis(s.Last))
		if err != nil {
			return err
		}
	}
	return nil
}

// ConfirmedSince calls each for the steps of a rule at a source that were
// confirmed at since or later, the first one first.
func (j *Journal) ConfirmedSince(ctx context.Context, source model.SourceID, rule string, since time.Time, each func(Intent)) error {
	const query = `select ''` + intentColumns + `source = $1 and state = 'confirmed' and rule = $2 and ended_at >= $3 and ended_at > 0
		order by ended_at, seq`
	err := scan(ctx, j.r, query, []any{string(source), rule, millis(since)}, func(r *sql.Rows) error {
		var s storedIntent
		if err := s.scan(r); err != nil {
			return err
		}
		in, err := j.keys.openIntent(s)
		if err == nil {
			each(in)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read confirmed steps: %w", err)
	}
	return nil
}

// Unfinished counts the open steps of a rule at a source that could be carried out
// now, by the kind of their action: those that wait for a person or for their time
// are left out.
func (j *Journal) Unfinished(ctx context.Context, source model.SourceID, rule string, now time.Time) (map[string]int, error) {
	const query = `select kind, count(*) from intent where source = $1 and ended_at = 0 and held_at = 0 and not_before <= $2 and rule = $3
		group by kind`
	out := map[string]int{}
	err := scan(ctx, j.r, query, []any{string(source), millis(now), rule}, func(r *sql.Rows) error {
		var kind string
		var n int
		err := r.Scan(&kind, &n)
		out[kind] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count open steps: %w", err)
	}
	return out, nil
}
