package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

// Options say where the journal lives and which key opens it.
type Options struct {
	Driver   string // "sqlite" or "postgres"
	Path     string // sqlite: the state folder; made with mode 0700 if it is missing
	DSN      string // postgres: connection string or URL
	Key      []byte // install key, 32 octets or more
	ReadOnly bool   // beside a running service: writes fail, nothing is migrated
}

// Journal is the open state. Its methods may be called from several goroutines.
type Journal struct {
	keys     keys
	eng      engine
	w, r     *sql.DB // the same pool on PostgreSQL
	lock     *os.File
	path     string // sqlite: the file
	readOnly bool

	manyReleased atomic.Bool // there are more releases than are read at once
}

// engine is what the two databases do not share.
type engine struct {
	name      string
	batch     int               // rows of one INSERT: a server far away wants many, SQLite runs one faster
	forUpdate string            // SQLite has one writer and needs no row locks
	blob      string            // type name for octets in a cast
	ddl       map[string]string // type names of the migrations
	migrating string            // statement that keeps other migrations out
}

// Open opens the journal, makes it if it is not there and brings an older schema
// forward. Errors to test for: ErrNewer, ErrKey, ErrLocked; with ReadOnly also
// ErrOlder and, for a journal that was never made, fs.ErrNotExist.
func Open(ctx context.Context, o Options) (*Journal, error) {
	k, err := derive(o.Key)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &Journal{keys: k, readOnly: o.ReadOnly}
	switch o.Driver {
	case "sqlite":
		err = j.openSQLite(ctx, o.Path)
	case "postgres":
		err = j.openPostgres(ctx, o.DSN)
	default:
		err = fmt.Errorf("unknown driver %q", o.Driver)
	}
	if err == nil {
		err = j.migrate(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", errors.Join(err, j.Close()))
	}
	return j, nil
}

// Close waits for running statements and gives the journal free.
func (j *Journal) Close() error {
	var errs []error
	if j.r != nil && j.r != j.w {
		errs = append(errs, j.r.Close())
	}
	if j.w != nil {
		errs = append(errs, j.w.Close())
	}
	if j.lock != nil {
		errs = append(errs, j.lock.Close())
	}
	return errors.Join(errs...)
}

// Times are stored as milliseconds since 1970, UTC; 0 stands for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
