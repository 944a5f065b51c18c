package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"
)

func sqliteJournal(t testing.TB) *Journal {
	return open(t, Options{Driver: "sqlite", Path: t.TempDir(), Key: testKey})
}

// The same statement can be asked for while its rows are read, and reads what is
// there afterwards.
func TestPreparedInUse(t *testing.T) {
	j := sqliteJournal(t)
	l := claim(t, j, "gc-mail")
	commit(t, j, turnOf(l, 5, 1))
	must(t, j.write(t.Context(), "look", start, func(t *tx) error {
		const query = `select seq from intent where seq > $1 order by seq`
		count := func(after int64) (n int, err error) {
			err = scan(t.ctx, t, query, []any{after}, func(*sql.Rows) error { n++; return nil })
			return n, err
		}
		for range 2 {
			err := scan(t.ctx, t, query, []any{0}, func(r *sql.Rows) error {
				var seq int64
				if err := r.Scan(&seq); err != nil {
					return err
				}
				if n, err := count(seq); err != nil || n != int(5-seq) {
					return fmt.Errorf("%d after %d, %w", n, seq, err)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// A reader that stops early, or fails, leaves the statement fit for use and does
// not hold the log back.
func TestPreparedAfterError(t *testing.T) {
	j := sqliteJournal(t)
	l := claim(t, j, "gc-mail")
	commit(t, j, turnOf(l, 5, 1))
	stop := errors.New("enough")
	for range 3 {
		err := scan(t.Context(), j.r, `select seq from intent where seq > $1`, []any{0}, func(*sql.Rows) error { return stop })
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if _, err := j.r.ExecContext(t.Context(), `update intent set state = 'lost'`); err == nil {
			t.Fatal("a reader wrote")
		}
	}
	var busy, frames, done int
	must(t, j.w.QueryRowContext(t.Context(), `pragma wal_checkpoint(truncate)`).Scan(&busy, &frames, &done))
	if busy != 0 {
		t.Error("a reader is still in its transaction")
	}
}

// More texts than a connection keeps, and texts that it never keeps.
func TestPreparedBound(t *testing.T) {
	j := sqliteJournal(t)
	for i := range maxPrepared + 20 {
		var n int
		must(t, j.w.QueryRowContext(t.Context(), fmt.Sprintf(`select %d + $1`, i), 1).Scan(&n))
		if n != i+1 {
			t.Fatalf("%d + 1 is %d", i, n)
		}
	}
	claim(t, j, "gc-mail")
	c, err := j.w.Conn(t.Context())
	must(t, err)
	must(t, c.Raw(func(dc any) error {
		if n := len(dc.(*preparedConn).kept); n != maxPrepared {
			t.Errorf("%d statements are kept", n)
		}
		return nil
	}))
	must(t, c.Close())
}

// A transaction whose caller gives up says so, writes nothing and leaves the
// journal fit for use.
func TestGivenUpInTheMiddle(t *testing.T) {
	j := sqliteJournal(t)
	l := claim(t, j, "gc-mail")
	ctx, cancel := context.WithCancel(t.Context())
	err := j.write(ctx, "move", start, func(t *tx) error {
		if err := t.moveCursor("gc-mail", "half"); err != nil {
			return err
		}
		cancel()
		for {
			if err := t.fence(l); err != nil { // until the transaction is taken away
				return err
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if p, err := j.Position(t.Context(), "gc-mail"); err != nil || p.Cursor != "" {
		t.Errorf("half a transaction was written: %v", err)
	}
	commit(t, j, Turn{Lease: l, Now: start.Add(time.Second), Cursor: "whole"})
}
