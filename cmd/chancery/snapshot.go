package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"chancery/config"
)

// The rules that run are kept in the state folder as they were read, so that
// "chancery plan --since" can tell what other files would do otherwise. running is
// a symbolic link to a folder of mode 0700: it is replaced in one step.

const (
	runningLink   = "running"
	runningFolder = "running-"
)

// keepRunning writes the files of the rules in force beside the journal and
// forgets what they said.
func (l *loaded) keepRunning() error {
	defer l.files.forget()
	state := l.cfg.Service.State.Dir
	dir, err := os.MkdirTemp(state, runningFolder)
	if err != nil {
		return fmt.Errorf("keep running rules: %w", err)
	}
	if err := l.writeRunning(state, dir); err != nil {
		_ = os.RemoveAll(dir)
		return fmt.Errorf("keep running rules: %w", err)
	}
	return dropOld(state, filepath.Base(dir))
}

func (l *loaded) writeRunning(state, dir string) error {
	for name, f := range l.files.read {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		var text []byte
		if f.text != nil {
			text = f.text.Bytes() // of a mail of a test its being there is enough
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	next := filepath.Join(state, runningLink+".next")
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(filepath.Base(dir), next); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(state, runningLink))
}

// dropOld takes away the folders that running no longer leads to.
func dropOld(state, current string) error {
	listing, err := os.ReadDir(state)
	if err != nil {
		return fmt.Errorf("keep running rules: %w", err)
	}
	for _, d := range listing {
		if strings.HasPrefix(d.Name(), runningFolder) && d.Name() != current {
			if err := os.RemoveAll(filepath.Join(state, d.Name())); err != nil {
				return fmt.Errorf("keep running rules: %w", err)
			}
		}
	}
	return nil
}

// errNoSnapshot: no service has run with this state folder.
var errNoSnapshot = errors.New("no service has run with this state folder yet")

// loadRunning reads the rules that run, or ran last.
func loadRunning(cfg *config.Config) (*loaded, error) {
	dir := filepath.Join(cfg.Service.State.Dir, runningLink)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, errNoSnapshot
	}
	l, err := load(dir)
	if problems, ok := errors.AsType[config.Errors](err); ok {
		return nil, fmt.Errorf("read running rules: this program takes them for wrong: %w", problems[0])
	}
	return l, err
}
