package journal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/internal/model"
)

func lawOpen(t *testing.T, fresh func(testing.TB) Options) {
	t.Run("again", func(t *testing.T) { openAgain(t, fresh(t)) })
	t.Run("wrong key", func(t *testing.T) { openWrongKey(t, fresh(t)) })
	t.Run("newer", func(t *testing.T) { openNewer(t, fresh(t)) })
	t.Run("read-only", func(t *testing.T) { openReadOnly(t, fresh(t)) })
}

func refuse(t *testing.T, o Options, want error) {
	t.Helper()
	j, err := Open(t.Context(), o)
	if err == nil {
		_ = j.Close()
	}
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func openAgain(t *testing.T, o Options) {
	j, err := Open(t.Context(), o)
	must(t, err)
	l := claim(t, j, "gc-mail")
	a := mark("a", 1)
	commit(t, j, Turn{Lease: l, Planned: []Planned{a}, Cursor: "c1"})
	must(t, j.Close())
	j = open(t, o)
	p, err := j.Position(t.Context(), "gc-mail")
	must(t, err)
	if p.Cursor != "c1" || states(t, j, "ident-1")[a.Step.ID] != StatePlanned {
		t.Error("what was written is gone")
	}
	// The lease is still the latest: nobody claimed the source since.
	commit(t, j, Turn{Lease: l, Planned: []Planned{mark("b", 2)}, Cursor: "c2"})
	verify(t, j)
}

func openWrongKey(t *testing.T, o Options) {
	j, err := Open(t.Context(), o)
	must(t, err)
	must(t, j.Close())
	bad := o
	bad.Key = []byte(strings.Repeat("x", minKey))
	refuse(t, bad, ErrKey)
	bad.ReadOnly = true
	refuse(t, bad, ErrKey)
	bad.Key = nil
	if _, err := Open(t.Context(), bad); err == nil {
		t.Error("opened without a key")
	}
	open(t, o) // the refused key left nothing behind
}

func openNewer(t *testing.T, o Options) {
	j, err := Open(t.Context(), o)
	must(t, err)
	_, err = j.w.ExecContext(t.Context(), `update meta set value = '99' where name = 'schema'`)
	must(t, err)
	must(t, j.Close())
	refuse(t, o, ErrNewer)
	o.ReadOnly = true
	refuse(t, o, ErrNewer)
}

func openReadOnly(t *testing.T, o Options) {
	ro := o
	ro.ReadOnly = true
	if o.Driver == "sqlite" {
		refuse(t, ro, fs.ErrNotExist)
		must(t, os.WriteFile(filepath.Join(o.Path, fileName), nil, 0o600))
	}
	refuse(t, ro, fs.ErrNotExist) // nothing was written to it yet
	w, err := Open(t.Context(), o)
	must(t, err)
	l := claim(t, w, "gc-mail")
	commit(t, w, Turn{Lease: l, Planned: []Planned{mark("a", 1)}, Cursor: "c1"})
	for _, beside := range []string{"running", "stopped"} {
		if beside == "stopped" {
			must(t, w.Close())
		}
		r, err := Open(t.Context(), ro)
		must(t, err)
		p, err := r.Position(t.Context(), "gc-mail")
		must(t, err)
		if p.Cursor != "c1" {
			t.Errorf("%s: it reads nothing", beside)
		}
		if beside == "running" {
			commit(t, w, Turn{Lease: l, Cursor: "c2"})
			p, err = r.Position(t.Context(), "gc-mail")
			must(t, err)
			if p.Cursor != "c2" {
				t.Error("it does not see what is written meanwhile")
			}
			commit(t, w, Turn{Lease: l, Cursor: "c1"})
		}
		verify(t, r)
		if _, err := r.Claim(t.Context(), "gc-mail", "x", start); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: claim: %v", beside, err)
		}
		if _, err := r.r.ExecContext(t.Context(), `delete from audit`); err == nil {
			t.Errorf("%s: the connection itself can write", beside)
		}
		must(t, r.Close())
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, o := range []Options{
		{Driver: "mysql", Key: testKey},
		{Driver: "sqlite", Key: testKey},
		{Driver: "postgres", DSN: "postgres://127.0.0.1:1/x?connect_timeout=5&sslmode=disable", Key: testKey},
		{Driver: "postgres", DSN: "port=none", Key: testKey},
	} {
		if j, err := Open(t.Context(), o); err == nil {
			t.Errorf("%s was opened", o.Driver)
			_ = j.Close()
		}
	}
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, fileName), []byte(strings.Repeat("this is no database ", 100)), 0o600))
	if j, err := Open(t.Context(), Options{Driver: "sqlite", Path: dir, Key: testKey}); err == nil {
		t.Error("a file of something else was opened")
		_ = j.Close()
	}
}

func TestErrorsHideThePassword(t *testing.T) {
	_, err := Open(t.Context(), Options{Driver: "postgres", DSN: "postgres://u:hunter2@127.0.0.1:1/x?sslmode=disable&connect_timeout=5", Key: testKey})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error: %v", err)
	}
	_, err = Open(t.Context(), Options{Driver: "postgres", DSN: "postgres://u:hunter2@127.0.0.1:port/x", Key: testKey})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error: %v", err)
	}
}

func TestSecondWriterIsLockedOut(t *testing.T) {
	o := Options{Driver: "sqlite", Path: filepath.Join(t.TempDir(), "state of ?#% things"), Key: testKey}
	j, err := Open(t.Context(), o)
	must(t, err)
	refuse(t, o, ErrLocked)
	must(t, j.Close())
	open(t, o)
	for path, want := range map[string]fs.FileMode{o.Path: 0o700, filepath.Join(o.Path, fileName): 0o600} {
		info, err := os.Stat(path)
		must(t, err)
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", filepath.Base(path), got, want)
		}
	}
	files, err := os.ReadDir(o.Path)
	must(t, err)
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others", f.Name())
		}
	}
}

// lawDurable: a commit is on disk before the effect goes out, through loss of
// power too.
func lawDurable(t *testing.T, fresh func(testing.TB) Options) {
	o := fresh(t)
	if o.Driver == "sqlite" {
		j := open(t, o)
		var mode string
		var level int
		must(t, j.w.QueryRowContext(t.Context(), `pragma journal_mode`).Scan(&mode))
		must(t, j.w.QueryRowContext(t.Context(), `pragma synchronous`).Scan(&level))
		if mode != "wal" || level != 2 {
			t.Errorf("journal_mode %s, synchronous %d; want wal, 2 (FULL)", mode, level)
		}
		return
	}
	j, err := Open(t.Context(), o)
	must(t, err)
	var name string
	must(t, j.w.QueryRowContext(t.Context(), `select current_database()`).Scan(&name))
	_, err = j.w.ExecContext(t.Context(), `alter database `+name+` set synchronous_commit = off`)
	must(t, err)
	must(t, j.Close())
	j = open(t, o)
	var got string
	must(t, j.w.QueryRowContext(t.Context(), `select current_setting('synchronous_commit')`).Scan(&got))
	if got != "on" {
		t.Errorf("synchronous_commit is %s", got)
	}
}

func lawBackup(t *testing.T, fresh func(testing.TB) Options) {
	o := fresh(t)
	j := open(t, o)
	copied := filepath.Join(t.TempDir(), "copy of ' it", fileName)
	must(t, os.Mkdir(filepath.Dir(copied), 0o700))
	if o.Driver == "postgres" {
		if err := j.Backup(t.Context(), copied); !errors.Is(err, ErrUnsupported) {
			t.Errorf("backup: %v", err)
		}
		return
	}
	l := claim(t, j, "gc-mail")
	a := mark("a", 1)
	commit(t, j, Turn{Lease: l, Planned: []Planned{a}, Cursor: "c1"})
	ro := o
	ro.ReadOnly = true
	must(t, open(t, ro).Backup(t.Context(), copied))
	if err := j.Backup(t.Context(), copied); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a backup was written over: %v", err)
	}
	commit(t, j, Turn{Lease: l, Planned: []Planned{mark("b", 2)}, Cursor: "c2"})
	// Back to the copy: work goes on from there.
	o.Path = filepath.Dir(copied)
	back := open(t, o)
	p, err := back.Position(t.Context(), "gc-mail")
	must(t, err)
	if p.Cursor != "c1" || len(states(t, back, "ident-1")) != 1 || len(states(t, back, "ident-2")) != 0 {
		t.Error("the copy is not the journal of then")
	}
	l2 := claim(t, back, "gc-mail")
	if fresh := commit(t, back, Turn{Lease: l2, Planned: []Planned{a, mark("b", 2)}, Cursor: "c2"}); len(fresh) != 1 || fresh[0] != stepID("b") {
		t.Errorf("fresh after going back: %v", fresh)
	}
	verify(t, back)
	info, err := os.Stat(copied)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has mode %v", info.Mode())
	}
}

// Two services that meet a new database make it once.
func lawOpenTogether(t *testing.T, fresh func(testing.TB) Options) {
	o := fresh(t)
	if o.Driver != "postgres" {
		return // a second writer is locked out
	}
	errs := make(chan error, 4)
	for range cap(errs) {
		go func() {
			j, err := Open(t.Context(), o)
			if err == nil {
				_, err = j.Claim(t.Context(), model.SourceID("gc-mail"), "x", start)
				err = errors.Join(err, j.Close())
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		must(t, <-errs)
	}
}
