package journal

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"chancery/internal/model"
)

// Kinds of entries about conversations: what a person's hand did to one.
const (
	KindThreadMarked  = "thread-marked"
	KindThreadCleared = "thread-cleared"
)

// converse writes what a turn says of conversations and of later looks.
func (t *tx) converse(turn Turn) error {
	source := turn.Lease.Source
	if err := t.join(source, turn.Threads); err != nil {
		return err
	}
	if err := t.spread(source, turn.Spread); err != nil {
		return err
	}
	if err := t.threadSteps(turn.Planned); err != nil {
		return err
	}
	return t.look(source, turn.Looks)
}

// join writes to which conversations messages belong. The first answer stays.
func (t *tx) join(source model.SourceID, ms []Threaded) error {
	th := t.j.Threads(source)
	done := map[int64]bool{}
	var rows [][]any
	for _, m := range ms {
		for _, n := range []int64{th.token(m.MessageID), int64(m.Conversation)} {
			if n != 0 && m.Conversation != 0 && !done[n] {
				done[n] = true
				rows = append(rows, []any{n, int64(m.Conversation), millis(t.now)})
			}
		}
	}
	return t.insert(`insert into thread (message, conversation, at)`, `on conflict (message) do nothing`, rows, nil)
}

const (
	intoThreadMark = `insert into thread_mark (conversation, mark, item, state, came, place_key, at) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (conversation, mark, item) do `
	spreadByHand = intoThreadMark + `update set state = excluded.state, came = excluded.came, at = excluded.at
		where thread_mark.state <> excluded.state`
	setByHand  = intoThreadMark + `nothing`
	moveHand   = `update thread_mark set place_key = $1 where conversation = $2 and mark = $3 and item = $4 and place_key <> $1`
	forgetRule = `delete from thread_mark where conversation = $1 and mark = $2 and item = 0 and state = $3 and came = $4`
	dropHand   = `delete from thread_mark where conversation = $1 and mark = $2 and item = $3`
)

// spread writes what spreads along conversations. Only a person's hand turns on
// again what a person cleared, and the mark of one message is one act of a hand
// however often it is seen.
func (t *tx) spread(source model.SourceID, ms []ThreadMark) error {
	var byRule [][]any // many, so they go together: what a person said before or after holds all the same
	for _, m := range ms {
		if m.Conversation == 0 {
			continue
		}
		var changed bool
		var err error
		kind := ""
		c, item := int64(m.Conversation), t.j.keys.itemOf(m)
		switch {
		case !m.On && !m.Hand:
			err = t.exec(forgetRule, c, m.Mark, markByRule, item)
		case !m.On:
			kind = KindThreadCleared
			if err = t.exec(dropHand, c, m.Mark, item); err == nil {
				changed, err = t.changed(spreadByHand, c, m.Mark, 0, markCleared, item, "", millis(t.now))
			}
		case m.Hand:
			kind = KindThreadMarked
			changed, err = t.byHand(m, c, item)
		default:
			byRule = append(byRule, []any{c, m.Mark, 0, markByRule, item, "", millis(t.now)})
			continue
		}
		if err != nil {
			return err
		}
		if changed && kind != "" {
			e := Entry{Source: source, Kind: kind, Code: clear(m.Mark)}
			if m.Ident != "" {
				e.Ref = t.j.short(string(m.Ident))
			}
			t.log = append(t.log, e)
		}
	}
	return t.insert(`insert into thread_mark (conversation, mark, item, state, came, place_key, at)`,
		`on conflict (conversation, mark, item) do nothing`, byRule, nil)
}

// byHand writes a mark that a person set, and reports whether it was not known.
func (t *tx) byHand(m ThreadMark, c, item int64) (bool, error) {
	place := t.j.keys.place(m.Ref)
	fresh, err := t.changed(setByHand, c, m.Mark, item, markOfHand, 0, place, millis(t.now))
	if err != nil {
		return false, err
	}
	if !fresh {
		return false, t.exec(moveHand, place, c, m.Mark, item)
	}
	_, err = t.changed(spreadByHand, c, m.Mark, 0, markByHand, item, "", millis(t.now))
	return true, err
}

// threadSteps notes which steps set the marks of a conversation.
func (t *tx) threadSteps(planned []Planned) error {
	var rows [][]any
	for _, p := range planned {
		if a, mark := p.Step.Action.(model.Mark); mark && p.Conversation != 0 {
			rows = append(rows, []any{string(p.Step.ID), int64(p.Conversation), a.Name})
		}
	}
	return t.insert(`insert into thread_step (id, conversation, mark)`, `on conflict (id) do nothing`, rows, nil)
}

// ConversationsOf returns the conversations in which steps set marks. Steps of
// which it was not written down are missing from the map.
func (j *Journal) ConversationsOf(ctx context.Context, ids []model.StepID) (map[model.StepID]Conversation, error) {
	out := map[model.StepID]Conversation{}
	err := j.eng.lookup(ctx, j.r, `select id, conversation from thread_step where id in`, "", nil, words(ids), func(r *sql.Rows) error {
		var id model.StepID
		var c Conversation
		err := r.Scan(&id, &c)
		out[id] = c
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read conversations of steps: %w", err)
	}
	return out, nil
}

// OfThread returns the steps that set a mark in a conversation, or are going to,
// in the order they were planned, without those whose rule was released for their
// message.
func (j *Journal) OfThread(ctx context.Context, c Conversation, mark string) ([]Intent, error) {
	const query = `select ''` + intentColumns + `id in (select id from thread_step where conversation = $1 and mark = $2)
		and state || '' in ('planned', 'held', 'sent', 'confirmed')
		and not exists (select 1 from released where released.ident_key = intent.ident_key and released.rule = intent.rule) order by seq`
	out, err := j.intents(ctx, query, int64(c), mark)
	if err != nil {
		return nil, fmt.Errorf("read steps of a conversation: %w", err)
	}
	return out, nil
}

// HandMarks returns, by the index of refs, the marks that a person set on messages
// in these places. Ident is not known. A place without one is missing.
func (j *Journal) HandMarks(ctx context.Context, refs []model.Ref) (map[int][]ThreadMark, error) {
	at, keys := j.byPlaceKey(refs)
	out := map[int][]ThreadMark{}
	const query = `select place_key, conversation, mark, item from thread_mark where place_key <> '' and substr(place_key, 1, 8) in`
	err := j.eng.lookup(ctx, j.r, query, "", nil, prefixes(keys), func(r *sql.Rows) error {
		var place string
		m := ThreadMark{On: true, Hand: true}
		err := r.Scan(&place, &m.Conversation, &m.Mark, &m.item)
		for _, i := range at[place] {
			m.Ref = refs[i]
			out[i] = append(out[i], m)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read marks of conversations: %w", err)
	}
	return out, nil
}

// numbers is lookup for numeric keys, which come from the program alone.
func (e engine) numbers(ctx context.Context, q queryer, head, tail string, keys []int64, each func(*sql.Rows) error) error {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = strconv.FormatInt(k, 10)
	}
	return e.lookup(ctx, q, head, tail, nil, words, each)
}
