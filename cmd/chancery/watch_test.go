package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// watched writes a configuration and reads it as the service does.
func watched(t *testing.T, more map[string]string) (dir string, l *loaded) {
	t.Helper()
	dir = t.TempDir()
	files := map[string]string{
		"chancery.yaml": "version: 1\nstate: {dir: " + filepath.Join(dir, "state") + "}\naccounts:\n" +
			"  - {name: gc-mail, imap: {host: 127.0.0.1, port: 1, tls: none, user: gc, password: {file: secret}}}\n",
		"rules.d/10.yaml":   "version: 1\nlists: {firm: {file: lists/firm.txt}}\nmarks: {out: {keyword: lx-1}}\nmail:\n  - {name: out, when: '!msg.from.is_in(lists.firm)', then: [mark: out]}\n",
		"lists/firm.txt":    "firm.example\n",
		"lists/unnamed.txt": "x.example\n",
		"secret":            "swordfish",
	}
	for name, text := range more {
		files[name] = text
	}
	for name, text := range files {
		put(t, dir, name, text)
	}
	if err := os.MkdirAll(filepath.Join(dir, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := loadToRun(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	return dir, l
}

// put replaces a file; it looks other than before even within one tick of the
// clock.
func put(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	puts++
	if err := os.Chtimes(path, time.Time{}, time.Unix(1_700_000_000+puts, 0)); err != nil {
		t.Fatal(err)
	}
}

var puts int64

func TestAFileIsTakenWhenItHasSettled(t *testing.T) {
	dir, l := watched(t, nil)
	w := newWatch(os.DirFS(dir), l.files)
	look := func(want ...string) {
		t.Helper()
		if got := w.look(); !slices.Equal(got, want) {
			t.Fatalf("look: %v, want %v", got, want)
		}
	}
	look()
	put(t, dir, "lists/firm.txt", "firm.ex")
	look() // it may still be being written
	put(t, dir, "lists/firm.txt", "firm.example\nother.example\n")
	look() // it was
	look("lists/firm.txt")
	w.refuse()
	look() // refused is refused, until it changes
	look()
	put(t, dir, "lists/firm.txt", "third.example\n")
	look()
	look("lists/firm.txt")
}

func TestOnlyFilesThatRulesNameAreWatched(t *testing.T) {
	dir, l := watched(t, nil)
	w := newWatch(os.DirFS(dir), l.files)
	put(t, dir, "rules.d/10.yaml", "version: 1\n")
	put(t, dir, "chancery.yaml", "version: 1\n")
	put(t, dir, "lists/unnamed.txt", "y.example\n")
	put(t, dir, "secret", "other")
	for range 3 {
		if got := w.look(); got != nil {
			t.Fatalf("look: %v", got)
		}
	}
	if err := os.Remove(filepath.Join(dir, "lists/firm.txt")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := w.look(); got != nil {
			t.Fatalf("a file that is gone was taken: %v", got)
		}
	}
}

// A list is taken, the rule file beside it is not, before somebody says reload.
func TestChangedListsLeaveRuleFilesAlone(t *testing.T) {
	dir, l := watched(t, nil)
	if err := l.keepRunning(); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "lists/firm.txt", "firm.example\nnew.example\n")
	put(t, dir, "rules.d/10.yaml", "version: 1\nmail: half of a ru")
	h := &house{o: runOptions{dir: dir}, now: l}
	next, err := h.loadNamed()
	if err != nil {
		t.Fatal(err)
	}
	if next.set.Version() == l.set.Version() || len(next.cfg.Rules.Lists[0].Entries) != 2 || len(next.cfg.Rules.Mail) != 1 {
		t.Fatalf("lists: %v, rules: %d", next.cfg.Rules.Lists, len(next.cfg.Rules.Mail))
	}
	// What was taken is what runs now.
	if err := next.keepRunning(); err != nil {
		t.Fatal(err)
	}
	running, err := loadRunning(next.cfg)
	if err != nil || running.set.Version() != next.set.Version() {
		t.Fatalf("running: %v, %v", running, err)
	}
	put(t, dir, "lists/firm.txt", "not an address\n")
	if _, err := h.loadNamed(); err == nil || !strings.Contains(err.Error(), "lists/firm.txt:1:1") {
		t.Errorf("a broken list: %v", err)
	}
}

// A changed list under which a test fails is not taken.
func TestATestGuardsAList(t *testing.T) {
	dir, l := watched(t, map[string]string{
		"tests/out/match/a.eml": "From: a@other.example\nSubject: x\n\nx\n",
	})
	if err := l.keepRunning(); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "lists/firm.txt", "firm.example\nother.example\n")
	h := &house{o: runOptions{dir: dir}, now: l}
	if _, err := h.loadNamed(); err == nil || !strings.Contains(err.Error(), `test "tests/out/match/a.eml" fails`) {
		t.Errorf("a list that breaks a test: %v", err)
	}
	h.o.untested = true
	if _, err := h.loadNamed(); err != nil {
		t.Errorf("with --skip-tests: %v", err)
	}
}

func TestRunningRulesAreKept(t *testing.T) {
	dir, l := watched(t, nil)
	if _, err := loadRunning(l.cfg); !errors.Is(err, errNoSnapshot) {
		t.Fatalf("before: %v", err)
	}
	for range 2 {
		again, err := loadToRun(dir, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.keepRunning(); err != nil {
			t.Fatal(err)
		}
	}
	state, err := os.ReadDir(filepath.Join(dir, "state"))
	if err != nil || len(state) != 2 {
		t.Fatalf("state folder: %v %v", state, err)
	}
	info, err := os.Stat(filepath.Join(dir, "state", runningLink))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("mode: %v %v", info.Mode(), err)
	}
	if _, err := os.Stat(filepath.Join(dir, "state", runningLink, "secret")); !os.IsNotExist(err) {
		t.Error("a secret was copied")
	}
	put(t, dir, "rules.d/10.yaml", "version: 1\n")
	running, err := loadRunning(l.cfg)
	if err != nil || running.set.Version() != l.set.Version() {
		t.Fatalf("running: %v %v", running, err)
	}
}
