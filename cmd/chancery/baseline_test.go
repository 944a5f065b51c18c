package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// edit changes one file of the configuration.
func (f *firm) edit(name, old, replacement string) {
	f.t.Helper()
	b, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		f.t.Fatal(err)
	}
	if !strings.Contains(string(b), old) {
		f.t.Fatalf("%s does not contain %q", name, old)
	}
	f.write(name, strings.ReplaceAll(string(b), old, replacement))
}

func TestOldMailIsLeftAlone(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "first_sync: apply", "first_sync: baseline")
	c := d.Client(t, gc)
	c.OK("CREATE Archive")
	c.Append("INBOX", mail("1", "Privileged and confidential: old", "x"))
	c.Append("Archive", mail("2", "Privileged and confidential: archived", "x"))
	c.OK(`APPEND Archive "01-Feb-2020 10:00:00 +0000" {5+}` + "\r\nX: y\n")

	if plan, code := f.cli("plan"); code != 0 || strings.Contains(plan, "would ") {
		t.Errorf("a first plan acts on old mail:\n%s", plan)
	}
	if plan, _ := f.cli("plan", "--all"); strings.Count(plan, "would ") != 1 {
		t.Errorf("plan --all must show what the rules would do:\n%s", plan)
	}
	f.once()
	c.Append("INBOX", mail("3", "Privileged and confidential: new", "x"))
	f.once()
	got := where(t, d, gc)
	if s := got["Privileged and confidential: old"]; s != "INBOX [];" {
		t.Errorf("old mail was touched: %s", s)
	}
	if s := got["Privileged and confidential: new"]; !strings.Contains(s, "lx-1") {
		t.Errorf("new mail was not marked: %s", s)
	}

	// A mailbox that is followed later starts at a baseline of its own.
	f.edit("chancery.yaml", "mailboxes: [INBOX]", "mailboxes: [INBOX, Archive]")
	f.edit("rules.d/10.yaml", "folders: [INBOX]", "folders: [INBOX, Archive]")
	f.once()
	if s := where(t, d, gc)["Privileged and confidential: archived"]; s != "Archive [];" {
		t.Errorf("mail of a mailbox added later was touched: %s", s)
	}
	c.Append("Archive", mail("4", "Privileged and confidential: filed by hand", "x"))
	f.once()
	if s := where(t, d, gc)["Privileged and confidential: filed by hand"]; !strings.Contains(s, "lx-1") {
		t.Errorf("new mail there was not marked: %s", s)
	}
}

func TestReloadFollowsAnotherMailbox(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	c := d.Client(t, gc)
	c.OK("CREATE Desk")
	r := f.start()
	await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	f.edit("chancery.yaml", "mailboxes: [INBOX]", "mailboxes: [INBOX, Desk]")
	f.edit("rules.d/10.yaml", "folders: [INBOX]", "folders: [INBOX, Desk]")
	if out, code := f.cli("reload"); code != 0 {
		t.Fatalf("reload: %s", out)
	}
	c.Append("Desk", mail("1", "Privileged and confidential", "x"))
	await(t, "the mark in the other mailbox", func() bool {
		return strings.Contains(where(t, d, gc)["Privileged and confidential"], "Desk [$MailFlagBit0")
	})
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// One account that cannot log in stops nobody else, and says so.
func TestASickAccountStopsNobody(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.write("secrets/2", "wrong\n")
	d.Client(t, gc).Append("INBOX", mail("1", "Privileged and confidential", "x"))
	out, code := f.cli("run", "--once", "--timeout", "1m")
	if code != 1 || !strings.Contains(out, "pa-mail (auth: ") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if strings.Contains(out, "wrong") {
		t.Error("the password was printed")
	}
	if s := where(t, d, gc)["Privileged and confidential"]; !strings.Contains(s, "lx-1") {
		t.Errorf("the other account was not worked: %s", s)
	}
}

// A mailbox that is missing is told and keeps nothing else from being read; when
// it is there, nobody has to strike it off.
func TestAMissingMailboxIsParkedUntilItIsThere(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "mailboxes: [INBOX]", "mailboxes: [INBOX, Desk, Archive]")
	c := d.Client(t, gc)
	c.Append("INBOX", mail("1", "Privileged and confidential", "x"))
	f.once()
	parked := func() int {
		out, _ := f.cli("status", "--json")
		return strings.Count(out, `"Code": "no-mailbox"`)
	}
	if n := parked(); n != 4 { // two mailboxes of two accounts
		t.Errorf("%d mailboxes are said to be missing, want 4", n)
	}
	if s := where(t, d, gc)["Privileged and confidential"]; !strings.Contains(s, "lx-1") {
		t.Errorf("INBOX was not worked: %s", s)
	}
	d.Client(t, gc).OK("CREATE Desk")
	d.Client(t, pa).OK("CREATE Archive")
	f.once()
	if n := parked(); n != 2 {
		t.Errorf("%d mailboxes are said to be missing, want 2", n)
	}

	// Striking off is for what does not mend itself; what is still wrong comes back.
	if out, code := f.cli("unpark"); code != 0 || out != "2 items struck off\n" || parked() != 0 {
		t.Errorf("unpark: exit %d, %s", code, out)
	}
	r := f.start()
	await(t, "the missing mailboxes told again", func() bool { return parked() == 2 })
	if out, code := f.cli("unpark"); code != 0 || out != "2 items struck off\n" {
		t.Errorf("unpark beside the service: exit %d, %s", code, out)
	}
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Error(out)
	}
}
