package journal

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"chancery/internal/model"
)

// Pending returns at most limit open steps that the owner of source is to carry
// out now, in the order they were planned. A step in state sent was under way
// when something went wrong: its effect may be there. Steps that wait for a
// person are left out.
func (j *Journal) Pending(ctx context.Context, source model.SourceID, now time.Time, limit int) ([]Intent, error) {
	out, err := j.intents(ctx, `select ''`+intentColumns+`source = $1 and ended_at = 0 and held_at = 0 and not_before <= $2 order by seq limit $3`,
		string(source), millis(now), limit)
	if err != nil {
		return nil, fmt.Errorf("read pending steps: %w", err)
	}
	return out, nil
}

// PendingButMoves is Pending without the steps that file a message and were not
// sent yet: for the middle of a read, whose moves are counted before they are made.
func (j *Journal) PendingButMoves(ctx context.Context, source model.SourceID, now time.Time, limit int) ([]Intent, error) {
	out, err := j.intents(ctx, `select ''`+intentColumns+`source = $1 and ended_at = 0 and held_at = 0 and not_before <= $2
		and (kind <> $4 or state = 'sent') order by seq limit $3`, string(source), millis(now), limit, model.File{}.Kind())
	if err != nil {
		return nil, fmt.Errorf("read pending steps: %w", err)
	}
	return out, nil
}

// Unfiled calls each for all steps of source that file a message and were not sent
// yet: those that are planned, then those that wait for a person.
func (j *Journal) Unfiled(ctx context.Context, source model.SourceID, each func(Intent)) error {
	for _, where := range []string{`ended_at = 0 and held_at = 0`, `held_at > 0`} {
		query := `select ''` + intentColumns + `source = $1 and ` + where + ` and kind || '' = $2 and state || '' <> 'sent' order by seq`
		err := scan(ctx, j.r, query, []any{string(source), model.File{}.Kind()}, func(r *sql.Rows) error {
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
			return fmt.Errorf("read steps that file: %w", err)
		}
	}
	return nil
}

// ByIdent returns all steps about these items, of any source, each in the order
// they were planned.
func (j *Journal) ByIdent(ctx context.Context, idents []model.Ident) (map[model.Ident][]Intent, error) {
	out := map[model.Ident][]Intent{}
	names, keys := j.byKey(idents)
	err := j.keyed(ctx, "ident_key", keys, func(key string, in Intent) {
		out[names[key]] = append(out[names[key]], in)
	})
	if err != nil {
		return nil, fmt.Errorf("read steps of items: %w", err)
	}
	return out, nil
}

// ByPlace returns, by the index of refs, the steps that found an item in this
// place or left it there. The version of a Ref does not matter. A place where
// no step was is missing from the map.
func (j *Journal) ByPlace(ctx context.Context, refs []model.Ref) (map[int][]Intent, error) {
	at, keys := j.byPlaceKey(refs)
	out := map[int][]Intent{}
	// A step stands in one column only for a given place, see settleOne.
	for _, column := range []string{"found_key", "place_key"} {
		err := j.keyed(ctx, column, keys, func(key string, in Intent) {
			for _, i := range at[key] {
				out[i] = append(out[i], in)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("read steps of places: %w", err)
		}
	}
	return out, nil
}

// byPlaceKey returns the lookup keys of places, and which refs each is of.
func (j *Journal) byPlaceKey(refs []model.Ref) (at map[string][]int, keys []string) {
	at = map[string][]int{}
	for i, r := range refs {
		if p := j.keys.place(r); p != "" {
			at[p] = append(at[p], i)
			keys = append(keys, p)
		}
	}
	return at, keys
}

// ByGroup returns all steps of a group, in the order they were planned.
func (j *Journal) ByGroup(ctx context.Context, group string) ([]Intent, error) {
	return j.byOne(ctx, "group_key", j.keys.group(group))
}

// ByMessageID returns all steps about messages with this Message-ID, with or
// without its angle brackets, in the order they were planned.
func (j *Journal) ByMessageID(ctx context.Context, id string) ([]Intent, error) {
	return j.byOne(ctx, "message_key", j.keys.message(id))
}

func (j *Journal) byOne(ctx context.Context, column, key string) ([]Intent, error) {
	var out []Intent
	if key == "" {
		return nil, nil
	}
	if err := j.keyed(ctx, column, []string{key}, func(_ string, in Intent) { out = append(out, in) }); err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	return out, nil
}

// keyed calls each for the intents whose column holds one of keys.
func (j *Journal) keyed(ctx context.Context, column string, keys []string, each func(key string, in Intent)) error {
	wanted := make(map[string]bool, len(keys))
	for _, k := range keys {
		wanted[k] = true
	}
	// "<> ''" is what the indexes leave out.
	query := `select ` + column + intentColumns + column + ` <> '' and substr(` + column + `, 1, 8) in`
	return j.eng.lookup(ctx, j.r, query, ` order by seq`, nil, prefixes(keys), func(r *sql.Rows) error {
		var s storedIntent
		if err := s.scan(r); err != nil || !wanted[s.key] {
			return err
		}
		in, err := j.keys.openIntent(s)
		if err == nil {
			each(s.key, in)
		}
		return err
	})
}

// prefixes returns the part of lookup keys that the indexes hold: what they find
// must still be compared.
func prefixes(keys []string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k[:8]
	}
	return out
}

// byKey returns the lookup keys of idents, and the way back.
func (j *Journal) byKey(idents []model.Ident) (names map[string]model.Ident, keys []string) {
	names = make(map[string]model.Ident, len(idents))
	keys = make([]string, len(idents))
	for i, d := range idents {
		keys[i] = j.keys.ident(d)
		names[keys[i]] = d
	}
	return names, keys
}
