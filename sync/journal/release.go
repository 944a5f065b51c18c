package journal

import (
	"context"
	"database/sql"
	"fmt"

	"chancery/internal/model"
)

// Release says that a person overruled a rule for an item, for good.
type Release struct {
	Ident model.Ident
	Rule  string
	How   string // "moved", "unmarked", "deleted", "edited"; HowRejected, HowThread, HowUndone
}

// A hold that a person moved (howEdited) and confirms later is chosen.
const howEdited, howConfirmed = "edited", "confirmed"

type releaseKey struct{ ident, rule string }

// keyedRelease is a release of an item that is known by its lookup key.
type keyedRelease struct {
	releaseKey
	source     model.SourceID
	short, how string
}

func (t *tx) release(source model.SourceID, rs []Release) error {
	keyed := make([]keyedRelease, len(rs))
	for i, r := range rs {
		keyed[i] = keyedRelease{releaseKey{t.j.keys.ident(r.Ident), r.Rule}, source, t.j.short(string(r.Ident)), clear(r.How)}
	}
	return t.releaseKeyed(keyed)
}

// releaseKeyed writes releases. What was planned by these rules for these items
// and not sent yet is superseded. The first How stays, but for a hold that a person
// moved and then confirmed.
func (t *tx) releaseKeyed(rs []keyedRelease) error {
	if len(rs) == 0 {
		return nil
	}
	var rows [][]any
	short, row := map[string]string{}, map[releaseKey]int{}
	for _, r := range rs {
		short[r.ident] = r.short
		i, twice := row[r.releaseKey] // PostgreSQL takes each row once
		if !twice {
			row[r.releaseKey] = len(rows)
			rows = append(rows, []any{r.ident, r.rule, string(r.source), r.how, millis(t.now)})
		} else if r.how == howConfirmed {
			rows[i][3] = r.how
		}
	}
	err := t.insert(`insert into released (ident_key, rule, source, how, at)`,
		`on conflict (ident_key, rule) do update set how = excluded.how, at = excluded.at
			where released.how = '`+howEdited+`' and excluded.how = '`+howConfirmed+`'
			returning ident_key, rule, source, how`, rows, func(r *sql.Rows) error {
			var key string
			e := Entry{Kind: KindReleased}
			err := r.Scan(&key, &e.Rule, &e.Source, &e.Code)
			e.Ref = short[key]
			t.log = append(t.log, e)
			return err
		})
	if err != nil {
		return err
	}
	if err := t.unparkRules(rs); err != nil {
		return err
	}
	return t.supersedeReleased(rs)
}

func releasedKeys(rs []keyedRelease) (released map[releaseKey]string, items []string) {
	released = make(map[releaseKey]string, len(rs))
	for _, r := range rs {
		released[r.releaseKey] = r.how
		items = append(items, r.ident)
	}
	return released, items
}

// fewReleased is up to how many releases are read as a whole instead of asking
// for each item: people overrule little, and most batches are new mail.
const fewReleased = 64

// Released returns for each of these items the rules a person overruled, and how.
// Items without releases are missing from the map.
func (j *Journal) Released(ctx context.Context, idents []model.Ident) (map[model.Ident]map[string]string, error) {
	out := map[model.Ident]map[string]string{}
	if len(idents) > fewReleased && !j.manyReleased.Load() {
		all, err := j.firstReleased(ctx)
		switch {
		case err != nil:
			return nil, fmt.Errorf("read releases: %w", err)
		case len(all) == 0:
			return out, nil
		case len(all) <= fewReleased:
			for _, d := range idents {
				if rules := all[j.keys.ident(d)]; rules != nil {
					out[d] = rules
				}
			}
			return out, nil
		}
		j.manyReleased.Store(true) // there are never fewer
	}
	names, keys := j.byKey(idents)
	err := j.eng.lookup(ctx, j.r, `select ident_key, rule, how from released where ident_key in`, "", nil, keys, func(r *sql.Rows) error {
		var key, rule, how string
		if err := r.Scan(&key, &rule, &how); err != nil {
			return err
		}
		i := names[key]
		if out[i] == nil {
			out[i] = map[string]string{}
		}
		out[i][rule] = how
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read releases: %w", err)
	}
	return out, nil
}

// firstReleased returns all releases by key; if there are too many, a part of
// them with more keys than fewReleased.
func (j *Journal) firstReleased(ctx context.Context) (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	const query = `select ident_key, rule, how from released where ident_key in
		(select distinct ident_key from released where ident_key > '' limit $1)`
	err := scan(ctx, j.r, query, []any{fewReleased + 1}, func(r *sql.Rows) error {
		var key, rule, how string
		err := r.Scan(&key, &rule, &how)
		if all[key] == nil {
			all[key] = map[string]string{}
		}
		all[key][rule] = how
		return err
	})
	return all, err
}
