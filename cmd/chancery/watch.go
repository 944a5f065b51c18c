package main

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"chancery/config"
)

// Lists, terms, matters and templates come from other programs, so the running
// service looks at them itself. What it takes is a change of those files alone:
// rule files are taken from the snapshot of what runs, because half a day's work on
// a rule must not go live when a list of addresses is exported.

// watchEvery is how often the files are looked at.
const watchEvery = 15 * time.Second

// watch compares files with what they looked like when they were read.
type watch struct {
	root    fs.FS
	loaded  map[string]looks // as they were read into the rules in force
	seen    map[string]looks // at the last look, where they differed
	refused map[string]looks // the state that a reload refused
}

// newWatch begins with the files as they were read. Without a folder nothing is
// ever seen.
func newWatch(root fs.FS, files *reading) *watch {
	w := &watch{root: root, loaded: map[string]looks{}}
	for _, name := range files.named() {
		w.loaded[name] = files.read[name].looks
	}
	return w
}

// look returns the names of the files that differ from what was read and have not
// changed since the last look: a file that is still being written is not taken. A
// state that was refused is not offered again.
func (w *watch) look() []string {
	if w == nil {
		return nil
	}
	now := map[string]looks{}
	for name, was := range w.loaded {
		info, err := fs.Stat(w.root, name)
		if err != nil {
			continue // gone for a moment, as while it is replaced; or for good: the old one goes on
		}
		if is := looksOf(info); is != was {
			now[name] = is
		}
	}
	settled := len(now) > 0 && maps.Equal(now, w.seen) && !maps.Equal(now, w.refused)
	w.seen = now
	if !settled {
		return nil
	}
	return slices.Sorted(maps.Keys(now))
}

// refuse keeps what was just offered from being offered again.
func (w *watch) refuse() { w.refused = w.seen }

// reloadFiles takes files that rules name and leaves the rule files as they run.
func (h *house) reloadFiles(ctx context.Context, names []string) {
	h.log.Info("files changed", "files", names)
	next, err := h.loadNamed()
	if err == nil {
		_, err = h.take(ctx, next)
	}
	if err != nil {
		h.watch.refuse()
		_ = h.refused(ctx, err)
	}
}

// loadNamed reads the rule files that run, and what they name as it is now.
func (h *house) loadNamed() (*loaded, error) {
	running, err := openFolder(filepath.Join(h.now.cfg.Service.State.Dir, runningLink), false)
	if err != nil {
		return nil, errors.New("the rules that run are not kept in the state folder; reload by hand")
	}
	defer running.close()
	return settle(h.o.dir, h.o.untested, func() (*reading, error) {
		files, err := openFolder(h.o.dir, true)
		if err == nil {
			files.rules = config.Folder(running.root)
		}
		return files, err
	})
}
