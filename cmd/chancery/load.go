package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"chancery/config"
	"chancery/internal/cred"
	"chancery/rules"
	"chancery/sync/journal"
)

// loaded is a configuration that passed every check.
type loaded struct {
	cfg      *config.Config
	set      *rules.Set
	warnings config.Errors
}

// load reads and compiles the configuration in dir. The error is config.Errors
// with every problem of every file, warnings included.
func load(dir string) (*loaded, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, withHint(fmt.Errorf("read configuration: no folder %s", dir),
			"name it with --config DIR", "write a starter configuration with: chancery init DIR")
	}
	cfg, problems := config.LoadDir(dir)
	var set *rules.Set
	if cfg != nil {
		var more config.Errors
		set, more = rules.Compile(&cfg.Rules)
		problems = append(problems, more...)
		if set != nil {
			problems = append(problems, unfollowed(cfg)...)
		}
	}
	problems = problems.Sort()
	if problems.Fatal() || set == nil {
		return nil, problems
	}
	return &loaded{cfg, set, problems}, nil
}

// unfollowed warns about rules that look at mailboxes which no account follows.
func unfollowed(cfg *config.Config) config.Errors {
	followed := map[string]bool{}
	for _, a := range cfg.Service.Accounts {
		if a.IMAP != nil {
			for _, m := range a.IMAP.Mailboxes {
				followed[m.Value] = true
			}
		}
	}
	var out config.Errors
	for _, r := range cfg.Rules.Mail {
		for _, f := range r.Folders {
			if followed[f.Value] || len(followed) == 0 {
				continue
			}
			out = append(out, config.Error{
				Pos: f.Pos, Rule: r.Name.Value, Warning: true,
				Problem: fmt.Sprintf("no account follows mailbox %q", f.Value),
				Hint:    "add it to mailboxes: of an account in chancery.yaml",
			})
		}
	}
	return out
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
	} else if _, err := os.Stat(filepath.Join(st.Dir)); err != nil {
		return nil, withHint(fmt.Errorf("open journal: %w", err), "nothing has run with this configuration yet; start it with: chancery run")
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
	return journal.Open(ctx, o)
}
