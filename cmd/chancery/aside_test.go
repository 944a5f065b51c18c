package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	firmOfUsers = `version: 1
lists: {firm: {file: lists/firm.txt}}
marks: {out: {keyword: lx-1}}
mail:
  - {name: out, mode: enforce, user_may: [off], when: '!msg.from.is_in(lists.firm)', then: [mark: out]}
  - {name: low, mode: enforce, priority: 10, when: 'msg.subject.contains("report")', then: [file: Reports]}
tests:
  - {name: nothing, text: "From: a@firm.example\nSubject: hello\n\nx\n", expect: none}
`
	goodUser = "version: 1\nrules: {out: {mode: off}}\n"
)

// What a person may write into the file that is theirs, and what becomes of the
// firm's rules: they are taken, whatever it is.
func TestAUserFileNeverStopsTheFirm(t *testing.T) {
	for name, text := range map[string]string{
		"not YAML":             "version: 1\nrules: [",
		"empty":                "",
		"not UTF-8":            "version: 1\n# \xff\n",
		"too large":            "version: 1\n#" + strings.Repeat("x", 1<<20),
		"more than is allowed": "version: 1\nrules: {low: {mode: off}}\n",
		"a name of the firm":   "version: 1\nmail: [{name: out, when: true, then: [star]}]\n",
		"a wrong condition":    "version: 1\nmail: [{name: mine, when: 'msg.nothing', then: [star]}]\n",
		"a costly condition":   "version: 1\nmail: [{name: mine, when: 'msg.to.all(a, msg.to.all(b, msg.to.all(c, msg.to.all(d, a == b && c == d))))', then: [star]}]\n",
		"a regex bomb":         "version: 1\nmail: [{name: mine, when: 'msg.subject.matches(\"((a{1,100}){1,100}){1,100}\")', then: [star]}]\n",
		"a letter":             "version: 1\nmail: [{name: mine, when: true, then: [note: {subject: a, template: secret}]}]\n",
		"a way out":            "version: 1\nmail: [{name: mine, mode: enforce, when: true, then: [file: ../other]}]\n",
		"a tie with the firm":  "version: 1\nmail: [{name: mine, mode: enforce, priority: 10, when: 'true', then: [file: Mine]}]\n",
		"a test that fails":    goodUser + "tests: [{text: \"Subject: x\\n\\nx\\n\", expect: {out: [mark out]}}]\n",
		"a test of a secret":   goodUser + "tests: [{mail: secret, not: [out]}]\n",
		"a test of events":     goodUser + "tests: [{events: [secret], not: [out]}]\n",
		"too many rules":       "version: 1\nmail:\n" + numbered(101, " - {name: r%d, when: 'true', then: [star]}\n"),
		"too many tests":       goodUser + "tests:\n" + numbered(101, " - {text: \"Subject: %d\\n\\n\", not: [low]}\n"),
		"a test of the firm's": "version: 1\nmail: [{name: mine, mode: enforce, when: 'true', then: [star]}]\n",
		"a link out":           "-> /etc/passwd",
		"a link to a folder":   "-> ../lists",
		"a link to itself":     "-> gc-mail.yaml",
		"a link to a secret":   "-> ../secret",
		"a pipe":               "|",
		"a file of nobody":     "?nobody",
	} {
		t.Run(name, func(t *testing.T) {
			dir, l := watched(t, map[string]string{"rules.d/10.yaml": firmOfUsers, "users.d/gc-mail.yaml": goodUser})
			if err := l.keepRunning(); err != nil {
				t.Fatal(err)
			}
			before := l.set.Version()
			mine := filepath.Join(dir, "users.d/gc-mail.yaml")
			hostile(t, mine, text)
			// The firm goes on, and so does what the person wrote before.
			after := reloads(t, dir)
			if strings.HasPrefix(text, "?") {
				mine = filepath.Join(dir, "users.d/nobody.yaml")
			} else if after.set.Version() != before || len(after.refused) == 0 {
				t.Errorf("rule set %s, was %s; told: %v", after.set.Version(), before, after.refused)
			}
			for _, e := range after.refused {
				if said := e.Error(); strings.Contains(said, "swordfish") || strings.Contains(said, "root:") {
					t.Errorf("a problem shows another file: %s", said)
				}
			}
			if len(after.cfg.Rules.Users) != 1 || len(after.cfg.Rules.Users[0].Switches) != 1 {
				t.Errorf("users: %+v", after.cfg.Rules.Users)
			}
			if err := after.keepRunning(); err != nil {
				t.Fatal(err)
			}
			// The firm changes its mind: what ran before is not right any more either.
			put(t, dir, "rules.d/10.yaml", strings.Replace(firmOfUsers, "user_may: [off], ", "", 1))
			strict := reloads(t, dir)
			if len(strict.cfg.Rules.Mail) != 2 || len(strict.cfg.Rules.Users) != 0 && !strings.Contains(name, "firm's") {
				t.Errorf("rules %d, users %+v", len(strict.cfg.Rules.Mail), strict.cfg.Rules.Users)
			}
			// A problem of the firm is one.
			put(t, dir, "rules.d/10.yaml", "version: 1\nmail: half of a ru")
			if _, err := loadToRun(dir, false); err == nil || !strings.Contains(err.Error(), "rules.d/10.yaml:2:") {
				t.Errorf("a broken firm: %v", err)
			}
			// The person mends it.
			put(t, dir, "rules.d/10.yaml", firmOfUsers)
			if err := os.Remove(mine); err != nil {
				t.Fatal(err)
			}
			put(t, dir, "users.d/gc-mail.yaml", goodUser)
			if mended := reloads(t, dir); mended.set.Version() != before || len(mended.refused) > 0 {
				t.Errorf("mended: %v", mended.refused)
			}
		})
	}
}

// hostile writes what a person may put in place of a file.
func hostile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	var err error
	switch {
	case text == "|":
		err = syscall.Mkfifo(path, 0o644)
	case strings.HasPrefix(text, "-> "):
		err = os.Symlink(text[3:], path)
	case strings.HasPrefix(text, "?"):
		put(t, filepath.Dir(path), "gc-mail.yaml", goodUser)
		put(t, filepath.Dir(path), text[1:]+".yaml", goodUser)
	default:
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// reloads reads the folder as a reload does, which must end.
func reloads(t *testing.T, dir string) *loaded {
	t.Helper()
	type result struct {
		l   *loaded
		err error
	}
	done := make(chan result, 1)
	go func() {
		l, err := loadToRun(dir, false)
		done <- result{l, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			t.Fatal(r.err)
		}
		return r.l
	case <-time.After(waitLimit):
		t.Fatal("a reload does not end")
		return nil
	}
}

func numbered(n int, line string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, line, i)
	}
	return b.String()
}
