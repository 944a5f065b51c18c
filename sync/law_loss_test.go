package sync

import (
	"os"
	"path/filepath"
	"testing"
)

// lose takes the journal away: a new one, or a copy of it from earlier.
func (w *town) lose(restored bool) {
	w.t.Helper()
	if err := w.j.Close(); err != nil {
		w.t.Fatal(err)
	}
	dir := w.t.TempDir()
	if restored {
		copyFolder(w.t, w.saved, dir)
	}
	w.openJournal(dir)
	w.start()
	w.lost = true
	clear(w.seen)
	clear(w.decided)
	w.forgive(restored)
}

// forgive names what nobody can remember who lost the journal, or what was written
// since the copy: which hold a person deleted, what an event was before an amend,
// which draft was sent, and which note a newer one replaces. What a person edited
// stands for itself.
func (w *town) forgive(restored bool) {
	for _, c := range w.cal {
		for href, version := range c.mine {
			if version == "" && !(restored && w.known[string(c.id)+string(href)]) {
				delete(c.mine, href)
			}
		}
		clear(c.back)
		clear(c.amends)
	}
	clear(w.box.sent)
	if w.mail != nil {
		w.mail.forget()
	}
	for _, x := range w.box.there {
		x.touched = true
	}
}

// save copies the journal.
func (w *town) save() {
	w.t.Helper()
	w.known = map[string]bool{}
	for _, p := range w.leads {
		intents, err := w.j.ByGroup(w.t.Context(), p.group())
		if err != nil {
			w.t.Fatal(err)
		}
		for of, s := range standing(intents) {
			for href, ev := range w.cal[p.Holds].events {
				if ev.Own != nil && ev.Own.Of == of && s.confirmed {
					w.known[string(p.Holds)+string(href)] = true
				}
			}
		}
	}
	if err := w.j.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.saved = w.t.TempDir()
	copyFolder(w.t, w.dir, w.saved)
	w.openJournal(w.dir)
	w.start()
}

func copyFolder(t testing.TB, from, to string) {
	t.Helper()
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range entries {
		b, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, f.Name()), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
