package journal

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"chancery/internal/model"
)

// BillCount is how many bills came to a source, and how many of these are open. A bill
// that came to two sources counts for each.
type BillCount struct {
	Source      model.SourceID
	Bills, Open int
}

// BillCounts counts the bills of each source that has any, in no order. It reads
// indexes only.
func (j *Journal) BillCounts(ctx context.Context) ([]BillCount, error) {
	var out []BillCount
	const query = `select a.source, a.n, coalesce(o.n, 0) from (select source, count(*) as n from bill group by source) as a
		left join (select source, count(*) as n from bill where state = 'open' group by source) as o on o.source = a.source`
	err := scan(ctx, j.r, query, nil, func(r *sql.Rows) error {
		var c BillCount
		err := r.Scan(&c.Source, &c.Bills, &c.Open)
		out = append(out, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count bills: %w", err)
	}
	return out, nil
}

// NewestBills calls each for the open bills of a source, the newest, at most so many.
func (j *Journal) NewestBills(ctx context.Context, source model.SourceID, most int, each func(model.Bill)) error {
	return j.eachBill(ctx, `source = $1 and state = 'open' order by at desc limit $2`, []any{string(source), most}, each)
}

// DisputedBills calls each for the bills of all sources that are disputed, among those
// that are not open and changed since then: of these the newest, at most so many.
func (j *Journal) DisputedBills(ctx context.Context, since time.Time, most int, each func(model.Bill)) error {
	const where = `state || '' = 'disputed' and seq in (select seq from bill where state <> 'open' and changed >= $1 order by changed desc limit $2)`
	return j.eachBill(ctx, where, []any{millis(since), most}, each)
}

func (j *Journal) eachBill(ctx context.Context, where string, args []any, each func(model.Bill)) error {
	err := scan(ctx, j.r, billColumns+`where `+where, args, func(r *sql.Rows) error {
		b, err := (&billList{}).read(j.keys, r)
		if err == nil {
			each(b)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read bills: %w", err)
	}
	return nil
}
