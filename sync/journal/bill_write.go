package journal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"chancery/internal/model"
)

// billRow is a bill to be written.
type billRow struct {
	bill    model.Bill
	row, id string
	at      int64
	body    []byte
	words   []int64
	next    standing
}

// sealBills makes the rows of the bills of a turn, one for each bill and source; of
// two the later tells the facts. A bill without an ID is nobody's.
func (j *Journal) sealBills(turn Turn) []*billRow {
	var rows []*billRow
	known := make(map[string]*billRow, len(turn.Bills))
	for _, b := range turn.Bills {
		if b.ID == "" {
			continue
		}
		if b.Source == "" {
			b.Source = turn.Lease.Source
		}
		r := &billRow{bill: b, id: j.keys.billID(b.ID), row: j.keys.billRow(b.ID, b.Source), next: standingOf(b)}
		r.at = billAt(b, turn.Now)
		for _, w := range storedWords(b) {
			r.words = append(r.words, j.keys.billWord(w))
		}
		r.body = j.keys.sealBill(b, r.row)
		if twin := known[r.row]; twin != nil {
			r.next = twin.next.join(r.next)
			*twin = *r
			continue
		}
		known[r.row] = r
		rows = append(rows, r)
	}
	return rows
}

// record writes bills into the ledger. What is known keeps its state unless mail
// makes it firmer; its facts are those of the last reading.
func (t *tx) record(source model.SourceID, rows []*billRow) error {
	if len(rows) == 0 {
		return nil
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	copies, err := t.billsForUpdate(ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		for i, c := range copies[r.id] {
			if i == 0 {
				r.next = c.standing.join(r.next)
			}
		}
	}
	fresh, err := t.insertBills(rows, copies)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := t.renew(source, r, copies[r.id], fresh[r.row]); err != nil {
			return err
		}
	}
	return nil
}

// billsForUpdate returns the rows of these bills by id_key, without their bodies, the
// one that mail may change least first. They stay as they are until the transaction ends.
func (t *tx) billsForUpdate(ids []string) (map[string][]storedBill, error) {
	out := map[string][]storedBill{}
	seen := map[int64]bool{}
	const query = `select ` + billHead + ` from bill where id_key in`
	err := t.lookup(query, ` order by seq`+t.j.eng.forUpdate, nil, ids, func(r *sql.Rows) error {
		s, err := scanBill(r)
		if !seen[s.seq] {
			seen[s.seq] = true
			out[s.id] = append(out[s.id], s)
		}
		return err
	})
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b storedBill) int { return b.standing.weight() - a.standing.weight() })
	}
	return out, err
}

// weight orders what two copies of a bill say: a person's word, then the firmer state.
func (s standing) weight() int {
	if s.said == ByPerson {
		return 100
	}
	return firmness(s.state)
}

// insertBills inserts the rows that are not there and returns their numbers.
func (t *tx) insertBills(rows []*billRow, copies map[string][]storedBill) (map[string]int64, error) {
	fresh := map[string]int64{}
	var values [][]any
	for _, r := range rows {
		if !slices.ContainsFunc(copies[r.id], func(c storedBill) bool { return c.row == r.row }) {
			values = append(values, []any{r.row, r.id, string(r.bill.Source), t.j.short(string(r.bill.Ident)), r.at, r.next.state, r.next.said, millis(t.now), r.body})
		}
	}
	if len(values) == 0 {
		return fresh, nil
	}
	// One that another transaction inserted since is taken over: both tell one mail.
	const into = `insert into bill (row_key, id_key, source, short, at, state, said, changed, body)`
	err := t.insert(into, `on conflict (row_key) do update set body = excluded.body returning seq, row_key`, values, func(r *sql.Rows) error {
		var seq int64
		var row string
		err := r.Scan(&seq, &row)
		fresh[row] = seq
		return err
	})
	return fresh, err
}

// renew brings the rows of one bill to what is known now, and tells it.
func (t *tx) renew(source model.SourceID, r *billRow, copies []storedBill, fresh int64) error {
	e := Entry{Source: source, Step: model.StepID(r.id), Action: r.next.state, Ref: t.j.short(string(r.bill.Ident)), Code: r.next.said}
	if fresh != 0 {
		e.Kind = KindBillRecorded
		t.log = append(t.log, e)
		if err := t.writeWords(fresh, r); err != nil {
			return err
		}
	}
	told := false
	for _, c := range copies {
		if c.row == r.row {
			if err := t.exec(`update bill set body = $1, at = $2 where seq = $3`, r.body, r.at, c.seq); err != nil {
				return err
			}
			if err := t.exec(`delete from bill_key where bill = $1`, c.seq); err != nil {
				return err
			}
			if err := t.writeWords(c.seq, r); err != nil {
				return err
			}
		}
		if c.standing == r.next {
			continue
		}
		if err := t.exec(`update bill set state = $1, said = $2, changed = $3 where seq = $4`, r.next.state, r.next.said, millis(t.now), c.seq); err != nil {
			return err
		}
		if !told {
			told, e.Kind = true, KindBillChanged
			t.log = append(t.log, e)
		}
	}
	return nil
}

func (t *tx) writeWords(seq int64, r *billRow) error {
	rows := make([][]any, len(r.words))
	for i, w := range r.words {
		rows[i] = []any{w, r.at, seq}
	}
	return t.insert(`insert into bill_key (word, at, bill)`, "", rows, nil)
}

// SetBillState sets the state of a bill and reports whether that changed anything;
// one that the ledger does not have changes nothing. By is "person", whose word no
// mail changes any more, or "mail", which only makes a state firmer. It needs no
// lease.
func (j *Journal) SetBillState(ctx context.Context, id, state, by string, now time.Time) (changed bool, err error) {
	if firmness(state) < 1 || by != ByPerson && by != ByMail {
		return false, fmt.Errorf("set state of bill: unknown state or speaker")
	}
	err = j.write(ctx, "set state of bill", now, func(t *tx) error {
		changed = false
		key := j.keys.billID(id)
		copies, err := t.billsForUpdate([]string{key})
		if err != nil {
			return err
		}
		for _, c := range copies[key] {
			next := standing{state, by}
			if by == ByMail {
				next = c.standing.join(next)
			}
			if next == c.standing {
				continue
			}
			if err := t.exec(`update bill set state = $1, said = $2, changed = $3 where seq = $4`, next.state, next.said, millis(now), c.seq); err != nil {
				return err
			}
			if !changed {
				t.log = append(t.log, Entry{Source: c.source, Kind: KindBillChanged, Step: model.StepID(key), Action: next.state, Ref: c.short, Code: next.said})
			}
			changed = true
		}
		return nil
	})
	return changed, err
}

// ForgetBills takes bills out of the ledger for good and returns how many were there.
// A mail that is read again brings its bill back.
func (j *Journal) ForgetBills(ctx context.Context, ids []string, now time.Time) (n int, err error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = j.keys.billID(id)
	}
	err = j.write(ctx, "forget bills", now, func(t *tx) error {
		n = 0
		copies, err := t.billsForUpdate(keys)
		if err != nil {
			return err
		}
		for _, key := range distinct(keys) {
			if len(copies[key]) == 0 {
				continue
			}
			n++
			if err := t.forget(copies[key], ByPerson); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// forget deletes the rows of one bill.
func (t *tx) forget(copies []storedBill, why string) error {
	c := copies[0]
	t.log = append(t.log, Entry{Source: c.source, Kind: KindBillForgotten, Step: model.StepID(c.id), Action: c.state, Ref: c.short, Code: why})
	for _, c := range copies {
		if err := t.exec(`delete from bill_key where bill = $1`, c.seq); err != nil {
			return err
		}
		if err := t.exec(`delete from bill where seq = $1`, c.seq); err != nil {
			return err
		}
	}
	return nil
}

// PruneBills forgets at most limit rows of bills that are not open, came before a time
// and did not change since. It returns how many.
func (j *Journal) PruneBills(ctx context.Context, before time.Time, limit int, now time.Time) (n int, err error) {
	err = j.write(ctx, "prune bills", now, func(t *tx) error {
		n = 0
		var old []storedBill
		query := `select ` + billHead + ` from bill where state <> 'open' and changed < $1 and at < $2 order by changed limit ` +
			strconv.Itoa(limit) + t.j.eng.forUpdate
		err := scan(t.ctx, t, query, []any{millis(before), millis(before)}, func(r *sql.Rows) error {
			s, err := scanBill(r)
			old = append(old, s)
			return err
		})
		for _, s := range old {
			if err == nil {
				err = t.forget([]storedBill{s}, "old")
			}
		}
		n = len(old)
		return err
	})
	return n, err
}

// BillPast returns what the audit chain says of a bill, the oldest first.
func (j *Journal) BillPast(ctx context.Context, id string) ([]Entry, error) {
	var out []Entry
	const query = entryQuery + `step = $1 and kind in ('bill-recorded', 'bill-changed', 'bill-forgotten') order by seq`
	err := scan(ctx, j.r, query, []any{j.keys.billID(id)}, func(r *sql.Rows) error {
		e, _, err := scanEntry(r)
		out = append(out, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read past of bill: %w", err)
	}
	return out, nil
}
