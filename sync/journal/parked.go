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

// Parked is an item that could not be worked on. Without an identity it is known
// by its Ref.
type Parked struct {
	Ident model.Ident
	Ref   model.Ref
	Code  string // stable and safe to show
	Place string // "line 12"; safe to show
}

// ParkedItem is what status shows of a parked item.
type ParkedItem struct {
	Source      model.SourceID
	Ref         model.Ref // where it lay
	Short       string    // what the audit chain calls it
	Rule        string    // whose step the server refused; "" if the item could not be read
	Code, Place string
	Since, Last time.Time
	Count       int // how often in a row with this code
}

// parkedAt names the place of a parked item: of a message, of a calendar object,
// or of a mailbox as a whole.
func (k keys) parkedAt(r model.Ref) string {
	if r.UID == 0 && r.Href == "" && r.Mailbox != "" {
		return k.find("mailbox", string(r.Source), string(r.Mailbox))
	}
	return k.place(r)
}

// itemKey names a parked item by its identity, else by its place.
func (k keys) itemKey(p Parked) string {
	if p.Ident != "" {
		return k.ident(p.Ident)
	}
	if at := k.parkedAt(p.Ref); at != "" {
		return at
	}
	return k.find("fault", p.Code, p.Place)
}

func (t *tx) park(source model.SourceID, ps []Parked) error {
	rows := make([]parkedRow, len(ps))
	for i, p := range ps {
		rows[i] = parkedRow{Parked: p}
	}
	return t.parkRows(source, rows)
}

// parkedRow adds the refused step to what is parked; zero for an unreadable item.
type parkedRow struct {
	Parked
	step Entry
}

func (t *tx) parkRows(source model.SourceID, ps []parkedRow) error {
	type id struct{ item, rule string }
	index := map[id]int{}
	var rows [][]any
	var from []parkedRow
	for _, p := range ps {
		key := t.j.keys.itemKey(p.Parked)
		short := t.j.short(string(p.Ident))
		if p.Ident == "" {
			short = t.j.short(key)
		}
		p.step.Ref = short
		row := []any{string(source), key, p.step.Rule, t.j.keys.parkedAt(p.Ref), short, clear(p.Code), clear(p.Place), millis(t.now), millis(t.now), 1,
			t.j.keys.seal(model.EncodeRef(p.Ref), "parked.ref", string(source), key, p.step.Rule)}
		// One statement must not write a row twice: the last one counts.
		if i, ok := index[id{key, p.step.Rule}]; ok {
			rows[i], from[i] = row, p
			continue
		}
		index[id{key, p.step.Rule}] = len(rows)
		rows, from = append(rows, row), append(from, p)
	}
	const into = `insert into parked (source, item_key, rule, place_key, short, code, place, since, last, times, ref)`
	const again = `on conflict (item_key, rule, source) do update set place_key = excluded.place_key, code = excluded.code,
		place = excluded.place, last = excluded.last, ref = excluded.ref,
		times = case when parked.code = excluded.code and parked.place = excluded.place then parked.times + 1 else 1 end
		returning item_key, rule, code, times`
	return t.insert(into, again, rows, func(r *sql.Rows) error {
		var k id
		var code string
		var times int64
		if err := r.Scan(&k.item, &k.rule, &code, &times); err != nil {
			return err
		}
		if times == 1 { // an item that fails the same way every time is told once
			e := from[index[k]].step
			e.Source, e.Kind, e.Code = source, KindParked, code
			t.log = append(t.log, e)
		}
		return nil
	})
}

// unpark removes all that is parked of items known by identity or place.
func (t *tx) unpark(source model.SourceID, idents []model.Ident, refs []model.Ref) error {
	if len(idents)+len(refs) == 0 {
		return nil
	}
	parked, err := t.fewParked(len(idents) + len(refs))
	if err != nil || parked != nil && len(parked) == 0 {
		return err
	}
	var items, places []string
	for _, d := range idents {
		if k := t.j.keys.ident(d); parked == nil || parked[k] {
			items = append(items, k)
		}
	}
	for _, r := range refs {
		if p := t.j.keys.parkedAt(r); p != "" && (parked == nil || parked[p]) {
			places = append(places, p)
		}
	}
	const remove = `delete from parked where source = $1 and `
	const gone = ` returning source, rule, short, code`
	if err := t.lookup(remove+`item_key in`, gone, []any{string(source)}, items, t.logUnparked); err != nil {
		return err
	}
	return t.lookup(remove+`place_key <> '' and place_key in`, gone, []any{string(source)}, places, t.logUnparked)
}

// maxFewParked is up to how many parked items are read as a whole: every item
// that could be read asks to be unparked, and hardly anything is.
const maxFewParked = 64

// fewParked returns the keys of items and places of all that is parked, and nil
// if that is much, or more than the items asked for.
func (t *tx) fewParked(asked int) (map[string]bool, error) {
	few := min(maxFewParked, asked)
	keys, n := make(map[string]bool, few), 0
	err := scan(t.ctx, t, `select item_key, place_key from parked where item_key > '' limit $1`, []any{few + 1}, func(r *sql.Rows) error {
		var item, place string
		err := r.Scan(&item, &place)
		keys[item], keys[place] = true, true
		n++
		return err
	})
	if n > few {
		return nil, err
	}
	return keys, err
}

// unparkRules removes the refused steps of rules that a person overruled.
func (t *tx) unparkRules(rs []keyedRelease) error {
	released, items := releasedKeys(rs)
	var found [][]any
	err := t.lookup(`select item_key, rule, source from parked where rule <> '' and item_key in`, "", nil, items, func(r *sql.Rows) error {
		var k releaseKey
		var source string
		err := r.Scan(&k.ident, &k.rule, &source)
		if _, over := released[k]; over {
			found = append(found, []any{k.ident, k.rule, source})
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, args := range found {
		const remove = `delete from parked where item_key = $1 and rule = $2 and source = $3 returning source, rule, short, code`
		if err := scan(t.ctx, t, remove, args, t.logUnparked); err != nil {
			return err
		}
	}
	return nil
}

// Unpark strikes everything parked off the list, after a person looked at it, and
// returns how many entries there were. Nothing is tried again.
func (j *Journal) Unpark(ctx context.Context, now time.Time) (n int, err error) {
	err = j.write(ctx, "unpark", now, func(t *tx) error {
		n = 0
		return scan(ctx, t.Tx, `delete from parked returning source, rule, short, code`, nil, func(r *sql.Rows) error {
			n++
			return t.logUnparked(r)
		})
	})
	return n, err
}

func (t *tx) logUnparked(r *sql.Rows) error {
	e := Entry{Kind: KindUnparked}
	err := r.Scan(&e.Source, &e.Rule, &e.Ref, &e.Code)
	t.log = append(t.log, e)
	return err
}

// ParkedItems returns all that is parked, by source and time.
func (j *Journal) ParkedItems(ctx context.Context) ([]ParkedItem, error) {
	const query = `select source, item_key, rule, short, code, place, since, last, times, ref from parked order by since, item_key, rule`
	var out []ParkedItem
	err := scan(ctx, j.r, query, nil, func(r *sql.Rows) error {
		var p ParkedItem
		var key string
		var since, last int64
		var sealed []byte
		err := r.Scan(&p.Source, &key, &p.Rule, &p.Short, &p.Code, &p.Place, &since, &last, &p.Count, &sealed)
		if err != nil {
			return err
		}
		p.Since, p.Last = moment(since), moment(last)
		plain, err := j.keys.open(sealed, "parked.ref", string(p.Source), key, p.Rule)
		if err != nil {
			return err
		}
		p.Ref, err = model.DecodeRef(plain)
		out = append(out, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read parked items: %w", err)
	}
	slices.SortStableFunc(out, func(a, b ParkedItem) int { return strings.Compare(string(a.Source), string(b.Source)) })
	return out, nil
}
