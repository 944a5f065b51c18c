package journal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
)

// Verify reads the whole audit chain as it stands now and returns the number of
// its sound entries. firstBad is 0 if all is well, else the Seq of the first
// entry that was changed, put elsewhere or is missing; a chain whose end was
// replaced is bad at its last entry. err says that the chain could not be read.
func (j *Journal) Verify(ctx context.Context) (n, firstBad int64, err error) {
	// One snapshot: the service goes on writing.
	t, err := j.r.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: j.snapshot()})
	if err != nil {
		return 0, 0, fmt.Errorf("verify: %w", err)
	}
	defer func() { _ = t.Rollback() }()
	last := head{hash: make([]byte, hashSize)}
	for {
		seen := 0
		err := scan(ctx, t, entryQuery+`seq > $1 order by seq limit `+strconv.Itoa(pageSize), []any{last.seq}, func(r *sql.Rows) error {
			seen++
			e, prev, err := scanEntry(r)
			if err != nil {
				return err
			}
			if e.Seq != last.seq+1 || !bytes.Equal(prev, last.hash) || !bytes.Equal(e.Hash, e.hash(prev)) {
				return ErrChain
			}
			last = head{e.Seq, e.Hash}
			return nil
		})
		if errors.Is(err, ErrChain) {
			return last.seq, last.seq + 1, nil
		}
		if err != nil {
			return last.seq, 0, fmt.Errorf("verify: %w", err)
		}
		if seen < pageSize {
			break
		}
	}
	return j.verifyEnd(ctx, t, last)
}

// verifyEnd compares the last entry with the authenticated end.
func (j *Journal) verifyEnd(ctx context.Context, q queryer, last head) (n, firstBad int64, err error) {
	h, err := readHead(ctx, q, j.keys, "")
	switch {
	case errors.Is(err, ErrChain):
		return max(last.seq-1, 0), max(last.seq, 1), nil
	case err != nil:
		return last.seq, 0, fmt.Errorf("verify: %w", err)
	case h.seq > last.seq: // cut off
		return last.seq, last.seq + 1, nil
	case h.seq < last.seq: // added
		return h.seq, h.seq + 1, nil
	case !bytes.Equal(h.hash, last.hash): // computed anew
		return last.seq - 1, last.seq, nil
	}
	return last.seq, 0, nil
}

// snapshot is the isolation that shows one state to several queries. SQLite
// always does, and its driver knows no other name for it.
func (j *Journal) snapshot() sql.IsolationLevel {
	if j.eng.name == "postgres" {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}
