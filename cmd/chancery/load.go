package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"syscall"

	"chancery/config"
	"chancery/internal/cred"
	"chancery/rules"
	"chancery/sync"
	"chancery/sync/journal"
)

// loaded is a configuration that passed every check.
type loaded struct {
	cfg      *config.Config
	set      *rules.Set
	warnings config.Errors
	files    *reading      // the folder as it was read
	refused  config.Errors // why user files were set aside

	calendars *sync.Engine // that read them for invitations; nil until one was met
}

// load reads and compiles the configuration in dir. The error is config.Errors
// with every problem of every file, warnings included. Problems of user files alone
// are warnings: those files are set aside.
func load(dir string) (*loaded, error) { return loadFolder(dir, false, true) }

// loadToRun is load for the service: it keeps what the files say, and their tests
// must pass.
func loadToRun(dir string, untested bool) (*loaded, error) {
	return loadFolder(dir, true, untested)
}

func loadFolder(dir string, keep, untested bool) (*loaded, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(50)) // as in inspect
	if err := readable(dir); err != nil {
		return nil, err
	}
	return settle(dir, untested, func() (*reading, error) { return openFolder(dir, keep) })
}

// accept takes a configuration without problems.
func accept(l *loaded, problems config.Errors, err error) (*loaded, error) {
	switch {
	case err != nil:
		return nil, err
	case problems.Fatal() || l.set == nil:
		return nil, problems
	}
	l.warnings = problems
	return l, nil
}

// inspect is load for those who go on in spite of problems: what could be read
// is there, and must not be run.
func inspect(dir string) (*loaded, config.Errors, error) {
	// What is read leaves much behind at once. Collecting it sooner keeps a large
	// matter list below 150 MiB and costs tenths of a second.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	if err := readable(dir); err != nil {
		return nil, nil, err
	}
	files, err := openFolder(dir, false)
	if err != nil {
		return nil, nil, err
	}
	defer files.close()
	l, problems := compiled(files, dir)
	return l, problems, nil
}

// readable says what to do about a configuration folder that cannot be read.
func readable(dir string) error {
	_, err := os.ReadDir(dir)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrPermission):
		return withHint(fmt.Errorf("read configuration: this user may not read %s", dir),
			"a person: run this as root, or as the service's user with sudo -u chancery",
			"the service: its group needs it: chgrp -R chancery "+dir)
	}
	return withHint(fmt.Errorf("read configuration: no folder %s", dir),
		"name it with --config DIR", "write a starter configuration with: chancery init DIR")
}

// compiled loads and compiles what a folder shows.
func compiled(files *reading, dir string) (*loaded, config.Errors) {
	cfg, problems := config.Load(files, dir)
	set, more := rules.Compile(&cfg.Rules)
	return &loaded{cfg: cfg, set: set, files: files}, slices.Concat(problems, more, deskProblems(cfg)).Sort()
}

// mention says in the log of the service that there are warnings. What they say
// names mailboxes, which a log does not.
func (l *loaded) mention(log *slog.Logger) {
	if n := len(l.warnings); n > 0 {
		log.Warn("the configuration has warnings; chancery check shows them", "warnings", n)
	}
}

// say prints warnings to w.
func (l *loaded) say(w io.Writer) {
	for _, e := range l.warnings {
		_, _ = fmt.Fprintln(w, e)
	}
}

// openJournal opens the journal that the service file names.
func openJournal(ctx context.Context, cfg *config.Config, readOnly bool) (*journal.Journal, error) {
	st := cfg.Service.State
	if !readOnly {
		if err := os.MkdirAll(st.Dir, 0o700); err != nil {
			return nil, withHint(fmt.Errorf("make state folder: %w", err), "set state: {dir: ...} in chancery.yaml to a folder this user may write")
		}
	} else if _, err := os.Stat(st.Dir); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	key, err := cred.InstallKey(st.Dir, st.Key)
	if err != nil {
		return nil, err
	}
	o := journal.Options{Driver: st.Journal, Path: st.Dir, Key: key, ReadOnly: readOnly}
	if st.Journal == "postgres" {
		if o.DSN, err = cred.Read(cfg.Service.Dir, st.Postgres); err != nil {
			return nil, err
		}
	}
	j, err := journal.Open(ctx, o)
	if err == nil && !readOnly && st.Journal == "postgres" {
		err = lockState(st.Dir)
	}
	if err != nil {
		if j != nil {
			_ = j.Close()
		}
		return nil, journalHint(err, cfg)
	}
	return j, nil
}

// lockState keeps a second service off a state folder for as long as the process
// lives: the journal does so on SQLite, but the control socket lies there with
// any journal.
func lockState(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open state folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("lock state folder: %w", journal.ErrLocked)
		}
		return fmt.Errorf("lock state folder: %w", err)
	}
	stateLock = f
	return nil
}

// stateLock is never closed: the lock ends with the process.
var stateLock *os.File

// journalHint says what to do about a journal that does not open.
func journalHint(err error, cfg *config.Config) error {
	st := cfg.Service.State
	switch {
	case errors.Is(err, journal.ErrLocked):
		return withHint(err, "chancery already runs with the state folder "+st.Dir, "see: chancery status --config "+cfg.Service.Dir)
	case errors.Is(err, journal.ErrKey):
		return withHint(err, "restore install.key, or the secret that state: {key: ...} names, from the backup that the journal is from")
	case errors.Is(err, fs.ErrNotExist):
		return err // read before the first run: the caller knows what that means
	case errors.Is(err, journal.ErrOlder):
		return withHint(err, "the service brings it forward at its start: systemctl restart chancery")
	case errors.Is(err, journal.ErrNewer):
		return withHint(err, "install the newer program again, or restore the backup made before it")
	case errors.Is(err, fs.ErrPermission):
		return withHint(err, "run this as the service's user: sudo -u chancery chancery ...", "or set state: {dir: ...} in chancery.yaml to a folder this user may write")
	case st.Journal == "postgres":
		return withHint(err, "does the database answer? try: psql with the connection string that state: {postgres: ...} names")
	}
	return err
}
