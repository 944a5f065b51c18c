package journal

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema forward, one transaction a step, and checks the key.
// There is no way back: an older program refuses a newer schema.
func (j *Journal) migrate(ctx context.Context) error {
	steps, err := fs.Glob(migrations, "migrations/*.sql") // sorted by name
	if err != nil {
		return fmt.Errorf("list migrations: %w", err)
	}
	if j.readOnly {
		return j.checkSchema(ctx, len(steps))
	}
	for n := range len(steps) + 1 {
		if err := j.migrateTo(ctx, n, steps); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", n, err)
		}
		if n == 0 {
			continue // there is no key check before step 1
		}
		if err := j.checkKey(ctx); err != nil {
			return err
		}
	}
	return nil
}

// migrateTo runs step n unless it ran before; step 0 makes the table that counts.
func (j *Journal) migrateTo(ctx context.Context, n int, steps []string) error {
	t, err := j.w.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = t.Rollback() }()
	if j.eng.migrating != "" {
		if _, err := t.ExecContext(ctx, j.eng.migrating); err != nil {
			return err
		}
	}
	if n == 0 {
		if _, err := t.ExecContext(ctx, `create table if not exists meta (name text primary key, value text not null)`); err != nil {
			return err
		}
		return t.Commit()
	}
	have, err := schema(ctx, t)
	switch {
	case err != nil:
		return err
	case have > len(steps):
		return fmt.Errorf("%w: %d, known are %d", ErrNewer, have, len(steps))
	case have >= n:
		return nil
	}
	text, err := migrations.ReadFile(steps[n-1])
	if err != nil {
		return err
	}
	for _, s := range j.statements(string(text)) {
		if _, err := t.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	if n == 1 {
		if err := j.found(ctx, t); err != nil {
			return err
		}
	}
	const count = `insert into meta (name, value) values ('schema', $1) on conflict (name) do update set value = excluded.value`
	if _, err := t.ExecContext(ctx, count, strconv.Itoa(n)); err != nil {
		return err
	}
	return t.Commit()
}

// found writes what ties a new journal to its install key: a check value and the
// authenticated beginning of the audit chain.
func (j *Journal) found(ctx context.Context, t *sql.Tx) error {
	if _, err := t.ExecContext(ctx, `insert into meta (name, value) values ('key', $1)`, j.keys.check); err != nil {
		return err
	}
	h := head{hash: make([]byte, hashSize)}
	_, err := t.ExecContext(ctx, `insert into head (id, seq, hash, mac) values (1, $1, $2, $3)`, h.seq, h.hash, h.mac(j.keys))
	return err
}

// statements splits a migration at lines that end in a semicolon and fills in
// the type names of the engine.
func (j *Journal) statements(text string) []string {
	var lines []string
	for l := range strings.Lines(text) {
		if !strings.HasPrefix(l, "--") {
			lines = append(lines, l)
		}
	}
	text = strings.Join(lines, "")
	for name, is := range j.eng.ddl {
		text = strings.ReplaceAll(text, "{"+name+"}", is)
	}
	var out []string
	for s := range strings.SplitSeq(text, ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// queryer is a pool or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// schema returns the number of the last migration that ran; 0 for none.
func schema(ctx context.Context, q queryer) (int, error) {
	v, err := meta(ctx, q, "schema")
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(v)
}

func meta(ctx context.Context, q queryer, name string) (string, error) {
	var v string
	err := q.QueryRowContext(ctx, `select value from meta where name = $1`, name).Scan(&v)
	return v, err
}

func (j *Journal) checkSchema(ctx context.Context, known int) error {
	have, err := schema(ctx, j.r)
	switch {
	case err != nil && noTable(err), err == nil && have == 0:
		// A database, or a file that was made, and nothing written to it yet.
		return fmt.Errorf("read schema: %w", fs.ErrNotExist)
	case err != nil:
		return fmt.Errorf("read schema: %w", err)
	case have > known:
		return fmt.Errorf("%w: %d, known are %d", ErrNewer, have, known)
	case have < known:
		return fmt.Errorf("%w: %d, needed is %d", ErrOlder, have, known)
	}
	return j.checkKey(ctx)
}

// noTable reports whether a statement failed because its table is not there:
// PostgreSQL says 42P01, undefined_table; SQLite has no code for it.
func noTable(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "42P01"
	}
	return strings.Contains(err.Error(), "no such table")
}

func (j *Journal) checkKey(ctx context.Context) error {
	want, err := meta(ctx, j.r, "key")
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read key check: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(want), []byte(j.keys.check)) != 1 {
		return ErrKey
	}
	return nil
}
