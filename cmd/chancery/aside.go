package main

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"chancery/config"
)

// A file of users.d is written by one person of one account, and must not keep the
// firm's rules from being read: one with a problem is set aside. What ran before
// goes on in its place, if it is still right, else nothing of that person. Where
// the firm's own files or tests suffer from what people wrote, everyone's are.

// settle loads a configuration so that no user file can keep it from running. open
// opens the folder anew for each attempt.
func settle(dir string, untested bool, open func() (*reading, error)) (*loaded, error) {
	var first error
	aside := map[string]fs.FS{}
	var refused config.Errors
	var running *reading
	defer func() {
		if running != nil {
			running.close()
		}
	}()
	for {
		files, err := open()
		if err != nil {
			return nil, err
		}
		files.aside = aside
		l, problems := compiled(files, dir)
		accepted, err := accept(l, problems, nil)
		if err == nil && !untested {
			err = accepted.try()
		}
		files.close()
		if err == nil {
			accepted.warnings = append(accepted.warnings, refused...).Sort()
			accepted.refused = refused
			return accepted, nil
		}
		if first == nil {
			first = err
		}
		blamed := files.blamed(err)
		if len(blamed) == 0 {
			return nil, first // it is the firm's
		}
		if running == nil && files.rules == nil {
			running, _ = openFolder(filepath.Join(l.cfg.Service.State.Dir, runningLink), false)
		}
		for _, name := range blamed {
			aside[name] = running.instead(name, aside)
		}
		refused = append(refused, asWarnings(err)...).Sort()
	}
}

// blamed names the user files without which there may be no problem; none if there
// is no user file.
func (r *reading) blamed(err error) []string {
	problems, ok := errors.AsType[config.Errors](err)
	if !ok {
		return nil
	}
	var theirs []string
	for _, p := range problems {
		switch {
		case p.Warning:
		case !isUserFile(p.Pos.File):
			return r.users()
		case !r.hidden(p.Pos.File):
			theirs = append(theirs, p.Pos.File)
		}
	}
	slices.Sort(theirs)
	return slices.Compact(theirs)
}

// users are the user files that were read.
func (r *reading) users() []string {
	var out []string
	for name := range r.read {
		if isUserFile(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// instead is where a user file is read that was set aside; nil: nowhere.
func (r *reading) instead(name string, aside map[string]fs.FS) fs.FS {
	if _, again := aside[name]; again || r == nil {
		return nil
	}
	info, err := fs.Stat(config.Folder(r.root), name)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return config.Folder(r.root)
}

// hidden reports whether a user file is read nowhere.
func (r *reading) hidden(name string) bool {
	from, aside := r.aside[name]
	return aside && from == nil
}

// shown leaves out what is hidden.
func (r *reading) shown(folder string, list []fs.DirEntry) []fs.DirEntry {
	return slices.DeleteFunc(list, func(d fs.DirEntry) bool { return r.hidden(path.Join(folder, d.Name())) })
}

func isUserFile(name string) bool { return strings.HasPrefix(name, "users.d/") }

// asWarnings are the problems of user files, as what is said of a configuration
// that is taken all the same.
func asWarnings(err error) config.Errors {
	problems, _ := errors.AsType[config.Errors](err)
	var out config.Errors
	for _, p := range problems {
		if !p.Warning {
			p.Warning = true
			out = append(out, p)
		}
	}
	return out
}

// leftOut is the answer of a reload that took everything but some user files.
type leftOut struct{ error }

// left is nil if everything was taken.
func (l *loaded) left() error {
	if len(l.refused) == 0 {
		return nil
	}
	return leftOut{l.refused}
}
