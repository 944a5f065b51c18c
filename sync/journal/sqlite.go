package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
)

// fileName is the SQLite journal in the state folder; -wal and -shm beside it
// belong to it.
const fileName = "journal.db"

// readers bounds the connections that read beside the one that writes.
const readers = 4

func sqliteEngine() engine {
	return engine{
		name:  "sqlite",
		batch: 1,
		blob:  "blob",
		ddl: map[string]string{
			"serial": "integer primary key autoincrement",
			"number": "integer primary key",
			"octets": "blob",
		},
	}
}

func (j *Journal) openSQLite(ctx context.Context, dir string) error {
	if dir == "" {
		return errors.New("the state folder is not given")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("find state folder: %w", err)
	}
	j.eng, j.path = sqliteEngine(), filepath.Join(dir, fileName)
	if j.readOnly {
		if _, err := os.Stat(j.path); err != nil {
			return fmt.Errorf("find journal: %w", err)
		}
	} else if err := j.prepareFolder(dir); err != nil {
		return err
	}
	if !j.readOnly {
		// BEGIN IMMEDIATE takes the write lock at once: a transaction that reads
		// first and writes later could otherwise fail in the middle. Temporary pages
		// would go through a file for each statement that writes several rows; and
		// a page is written to the database once for many commits.
		j.w, err = sqliteOpen(ctx, j.path, "rw", 1, "synchronous(full)", "journal_mode(wal)", "cache_size(-16384)",
			"temp_store(memory)", "wal_autocheckpoint(4000)")
		if err != nil {
			return err
		}
	}
	j.r, err = sqliteOpen(ctx, j.path, "ro", readers, "query_only(1)")
	return err
}

// prepareFolder makes folder and file readable by their owner alone and takes
// the lock that a second writer meets.
func (j *Journal) prepareFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make state folder: %w", err)
	}
	lock, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open state folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return ErrLocked
		}
		return fmt.Errorf("lock state folder: %w", err)
	}
	j.lock = lock
	// SQLite gives its side files the mode of the main file.
	f, err := os.OpenFile(j.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("make journal: %w", err)
	}
	return f.Close()
}

func sqliteOpen(ctx context.Context, path, mode string, conns int, pragmas ...string) (*sql.DB, error) {
	q := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {"busy_timeout(10000)"}}
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	c, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	db := sql.OpenDB(preparing{c})
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	if err := db.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open sqlite: %w", errors.Join(err, db.Close()))
	}
	return db, nil
}

// Backup writes a complete copy of a SQLite journal to path, which must not
// exist, while others read and write. Copying the file itself would miss what
// stands in the write-ahead log. PostgreSQL has its own tools: ErrUnsupported.
func (j *Journal) Backup(ctx context.Context, path string) (err error) {
	if j.eng.name != "sqlite" {
		return fmt.Errorf("back up journal: %w", ErrUnsupported)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("back up journal: %w", err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = os.Remove(path)
			err = fmt.Errorf("back up journal: %w", err)
		}
	}()
	// A connection of its own, so that the writer need not wait for the copy.
	db, err := sqliteOpen(ctx, j.path, "rw", 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `vacuum into $1`, path); err != nil {
		return err
	}
	return errors.Join(f.Sync(), syncFolder(filepath.Dir(path)))
}

// syncFolder makes a new name in a folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, fs.ErrInvalid) { // a file system that keeps no folders of its own
		err = nil
	}
	return errors.Join(err, d.Close())
}
