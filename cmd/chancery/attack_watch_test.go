package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What an export leaves in the place of a list may be anything: a pipe without a
// writer, a folder, nothing. The check says so and no command hangs.
func TestAListThatIsNoFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "c")
	f := &firm{t: t, dir: dir}
	f.write("chancery.yaml", "version: 1\nstate: {dir: "+filepath.Join(t.TempDir(), "state")+"}\naccounts:\n  - name: gc\n    imap: {host: 127.0.0.1, port: 1, tls: none, user: gc, password: {file: p}, mailboxes: [INBOX]}\n")
	f.write("p", "x\n")
	if err := os.Chmod(filepath.Join(dir, "p"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.write("rules.d/10.yaml", "version: 1\nlists:\n  clients: {file: lists/clients.txt}\nmail:\n  - {name: a, when: 'msg.from.is_in(lists.clients)', then: [star]}\n")
	f.write("lists/clients.txt", "other.example\n")
	list := filepath.Join(dir, "lists/clients.txt")
	if out, code := f.cli("check"); code != 0 {
		t.Fatalf("exit %d\n%s", code, out)
	}
	for name, put := range map[string]func() error{
		"pipe":   func() error { return syscall.Mkfifo(list, 0o644) },
		"folder": func() error { return os.Mkdir(list, 0o755) },
		"none":   func() error { return nil },
		"zero":   func() error { return os.Symlink("/dev/zero", list) },
		"loop":   func() error { return os.Symlink("clients.txt", list) },
	} {
		if err := os.Remove(list); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if err := put(); err != nil {
			t.Fatal(err)
		}
		out, code := f.cli("check")
		if code == 0 || !strings.Contains(out, "clients.txt") {
			t.Errorf("%s: exit %d\n%s", name, code, out)
		}
	}
}
