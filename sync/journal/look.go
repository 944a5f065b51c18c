package journal

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"chancery/internal/model"
)

// Look says that a message is to be decided again at a time.
type Look struct {
	Ident model.Ident // "" for one of which only the place is known
	Ref   model.Ref   // where it lay
	At    time.Time   // zero: never
}

// lookKey names what is looked at. There is one look for each item.
func (k keys) lookKey(l Look) string {
	if l.Ident == "" {
		return k.place(l.Ref)
	}
	return k.ident(l.Ident)
}

// look writes when items are decided again; the last word about an item counts.
func (t *tx) look(source model.SourceID, looks []Look) error {
	var drop []string
	var rows [][]any
	last := make(map[string]int, len(looks))
	for i, l := range looks {
		last[t.j.keys.lookKey(l)] = i
	}
	for i, l := range looks {
		key := t.j.keys.lookKey(l)
		switch {
		case key == "" || last[key] != i:
		case l.At.IsZero():
			drop = append(drop, key)
		default:
			plain := binary.AppendUvarint(nil, uint64(len(l.Ident)))
			plain = append(append(plain, l.Ident...), model.EncodeRef(l.Ref)...)
			rows = append(rows, []any{string(source), key, millis(l.At), t.j.keys.seal(plain, "look.item", string(source), key)})
		}
	}
	if len(drop) > 0 {
		if err := t.lookup(`delete from look where source = $1 and item_key in`, "", []any{string(source)}, drop, nil); err != nil {
			return err
		}
	}
	return t.insert(`insert into look (source, item_key, at, item)`,
		`on conflict (source, item_key) do update set at = excluded.at, item = excluded.item`, rows, nil)
}

// DueLooks returns at most limit looks of a source whose time has come, the
// longest due first. They stay until a turn says something else about them.
func (j *Journal) DueLooks(ctx context.Context, source model.SourceID, now time.Time, limit int) ([]Look, error) {
	var out []Look
	const query = `select item_key, at, item from look where source = $1 and at <= $2 order by at limit $3`
	err := scan(ctx, j.r, query, []any{string(source), millis(now), limit}, func(r *sql.Rows) error {
		var key string
		var at int64
		var sealed []byte
		if err := r.Scan(&key, &at, &sealed); err != nil {
			return err
		}
		plain, err := j.keys.open(sealed, "look.item", string(source), key)
		if err != nil {
			return err
		}
		n, w := binary.Uvarint(plain)
		if w <= 0 || n > uint64(len(plain)-w) {
			return errors.New("bad length")
		}
		ref, err := model.DecodeRef(plain[w+int(n):])
		out = append(out, Look{Ident: model.Ident(plain[w : w+int(n)]), Ref: ref, At: moment(at)})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read looks: %w", err)
	}
	return out, nil
}

// NextLook returns when the next look of a source is due; the zero time if none is.
func (j *Journal) NextLook(ctx context.Context, source model.SourceID) (time.Time, error) {
	var at int64
	err := j.r.QueryRowContext(ctx, `select at from look where source = $1 order by at limit 1`, string(source)).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("read next look: %w", err)
	}
	return moment(at), nil
}
