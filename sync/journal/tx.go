package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxRepeats = 10  // of a transaction that PostgreSQL gave up
	maxRows    = 64  // rows of one statement
	maxKeys    = 512 // keys of one lookup
	maxWord    = 200 // octets of a clear word that comes from outside
)

// tx is one write transaction. It lives for one call, so it may hold its context.
type tx struct {
	*sql.Tx
	ctx context.Context
	j   *Journal
	now time.Time
	log []Entry // appended to the audit chain at the end
}

// write runs fn in a transaction and appends what it logged to the audit chain.
// fn may run more than once: PostgreSQL gives up one of two transactions that
// wait for each other.
func (j *Journal) write(ctx context.Context, what string, now time.Time, fn func(*tx) error) error {
	if j.readOnly {
		return fmt.Errorf("%s: %w", what, ErrReadOnly)
	}
	for n := 1; ; n++ {
		err := j.once(ctx, now, fn)
		if err == nil {
			return nil
		}
		if n == maxRepeats || !repeatable(err) || ctx.Err() != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
}

func (j *Journal) once(ctx context.Context, now time.Time, fn func(*tx) error) error {
	s, err := j.w.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = s.Rollback() }()
	t := &tx{Tx: s, ctx: ctx, j: j, now: now}
	if j.eng.batch == 1 {
		// The driver watches a context with a goroutine for each statement.
		t.ctx = context.WithoutCancel(ctx)
	}
	if err = fn(t); err == nil {
		err = t.append()
	}
	if err == nil {
		err = t.count()
	}
	if err == nil {
		err = s.Commit()
	}
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return ctx.Err() // which is why the transaction is gone
	}
	return err
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.ExecContext(t.ctx, query, args...)
	return err
}

// changed runs a statement about one row and reports whether it did something.
func (t *tx) changed(query string, args ...any) (bool, error) {
	r, err := t.ExecContext(t.ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// insert adds rows of equal length in few statements: "head values (...), ...
// tail". What tail returns goes to each, which may be nil.
func (t *tx) insert(head, tail string, rows [][]any, each func(*sql.Rows) error) error {
	if t.j.eng.batch == 1 && each == nil {
		for _, r := range rows {
			if err := t.exec(head+" values "+t.j.eng.tuples(1, len(r), nil)+" "+tail, r...); err != nil {
				return err
			}
		}
		return nil
	}
	for part := range slices.Chunk(rows, maxRows) {
		// Few sizes of statements, because each is prepared once and kept.
		for len(part) > 0 {
			n := maxRows
			for n > len(part) {
				n /= 4
			}
			query := head + " values " + t.j.eng.tuples(n, len(part[0]), nil) + " " + tail
			if err := scan(t.ctx, t, query, slices.Concat(part[:n]...), each); err != nil {
				return err
			}
			part = part[n:]
		}
	}
	return nil
}

// mark returns the n-th parameter of a list. SQLite looks a named parameter up
// among all others, which takes two thirds of the time of a big INSERT; a bare
// "?" is the one after the last.
func (e engine) mark(n int) string {
	if e.name == "sqlite" {
		return "?"
	}
	return "$" + strconv.Itoa(n)
}

// tuples returns "($1, $2), ($3, $4)" for 2 rows of 2; casts names the types of
// the columns where the engine cannot tell.
func (e engine) tuples(rows, cols int, casts []string) string {
	var b strings.Builder
	for i := range rows * cols {
		switch {
		case i%cols != 0:
			b.WriteString(", ")
		case i == 0:
			b.WriteString("(")
		default:
			b.WriteString("), (")
		}
		mark := e.mark(i + 1)
		if casts != nil {
			mark = "cast(" + mark + " as " + casts[i%cols] + ")"
		}
		b.WriteString(mark)
	}
	b.WriteString(")")
	return b.String()
}

// lookup runs "head (keys) tail" for all keys; $1 and on in head are args, in this
// order, the keys follow.
func (e engine) lookup(ctx context.Context, q queryer, head, tail string, args []any, keys []string, each func(*sql.Rows) error) error {
	for part := range padded(keys) {
		marks := make([]string, len(part))
		all := slices.Clone(args)
		for i, k := range part {
			marks[i] = e.mark(len(args) + i + 1)
			all = append(all, k)
		}
		if err := scan(ctx, q, head+" ("+strings.Join(marks, ", ")+")"+tail, all, each); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) lookup(head, tail string, args []any, keys []string, each func(*sql.Rows) error) error {
	return t.j.eng.lookup(t.ctx, t, head, tail, args, keys, each)
}

// padded deals keys out in few sizes, repeating the last one to fill up.
func padded(keys []string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for part := range slices.Chunk(distinct(keys), maxKeys) {
			size := 1
			for size < len(part) {
				size *= 2
				if size < 64 {
					size *= 4
				}
			}
			part = slices.Clone(part)
			for len(part) < size {
				part = append(part, part[len(part)-1])
			}
			if !yield(part) {
				return
			}
		}
	}
}

func distinct(keys []string) []string {
	keys = slices.Clone(keys)
	slices.Sort(keys)
	return slices.Compact(keys)
}

// scan runs a query to its end, also when nobody wants the rows.
func scan(ctx context.Context, q queryer, query string, args []any, each func(*sql.Rows) error) (err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	for rows.Next() {
		if each == nil {
			continue
		}
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// clear makes a word from outside fit to be stored and shown: PostgreSQL takes
// neither NUL nor broken UTF-8.
func clear(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxWord {
		s = strings.ToValidUTF8(s[:maxWord], "")
	}
	return s
}
