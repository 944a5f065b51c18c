package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// firm is a configuration on real servers, and the daemon at work on it.
type firm struct {
	t       testing.TB
	dir     string // configuration folder
	dovecot *servertest.DovecotServer
	dav     *servertest.DAV
	secrets int
}

const gc, pa = "gc", "pa" // accounts on the Dovecot

// rulesOfFirm are short on purpose: what the shipped rules find is tested where
// they are written.
const rulesOfFirm = `version: 1
defaults: {mode: enforce, folders: [INBOX]}
terms:
  privilege: [attorney-client, privileged and confidential]
marks:
  privileged: {keyword: lx-1, thunderbird: $label1, apple: purple}
  billing: {keyword: lx-4}
matters: {file: matters.csv}
mail:
  - name: privileged
    priority: 200
    when: terms.privilege.exists(t, t.where == "subject" || t.where == "new")
    then: [mark: privileged]
  - name: invoices
    priority: 100
    when: x.matter.found && msg.subject.contains("nvoice")
    then:
      - mark: billing
      - file: "Billing/{{x.matter.client}}/{{x.matter.number}}"
calendar:
  ranks:
    - {name: court, rank: 100, when: 'ev.title.contains("Hearing")', fixed: true}
    - {name: internal, rank: 20, when: 'true'}
  conflicts: {mode: enforce, horizon: 60d, alternatives: 3, resolve: propose, slots: false}
`

const mattersOfFirm = "number,client,name,open\n10042.0070,Acme,Acme v. Bolt,yes\n00420.0001,Northwind,Northwind lease,yes\n"

// newFirm writes a configuration that follows gc's INBOX on the Dovecot and, if
// dav is not nil, the calendars work and holds.
func newFirm(t testing.TB, d *servertest.DovecotServer, dav *servertest.DAV) *firm {
	t.Helper()
	f := &firm{t: t, dir: t.TempDir(), dovecot: d, dav: dav}
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\nstate: {dir: %s}\naccounts:\n", filepath.Join(f.dir, "state"))
	for _, user := range []string{gc, pa} {
		fmt.Fprintf(&b, `  - name: %s-mail
    imap: {host: 127.0.0.1, port: %d, tls: implicit, ca_file: %s, user: %s, password: {file: %s}, mailboxes: [INBOX], first_sync: apply, poll: 2s, grace: 0s, brake: off}
`, user, d.TLS, d.CAFile, user, f.secret(servertest.DovecotPassword))
	}
	if dav != nil {
		fmt.Fprintf(&b, `  - name: cal
    caldav: {url: "%s", user: %s, password: {file: %s}, calendars: [work, {name: holds, match: holds, create: true}], poll: 1s}
principals:
  - name: general-counsel
    zone: America/New_York
    hours: ["Mon-Fri 09:00-18:00"]
    addresses: [gc@firm.example]
    calendars: [cal/work]
    holds: cal/holds
    notes: {account: pa-mail, mailbox: INBOX, to: pa@firm.example}
`, dav.URL, dav.User, f.secret(dav.Password))
	}
	f.write("chancery.yaml", b.String())
	f.write("rules.d/10.yaml", rulesOfFirm)
	f.write("matters.csv", mattersOfFirm)
	return f
}

func (f *firm) write(name, text string) {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		f.t.Fatal(err)
	}
	// As editors do: a daemon that reads at this moment sees the old text or the
	// new one, not half of it.
	part := filepath.Join(f.dir, ".part")
	if err := os.WriteFile(part, []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Rename(part, path); err != nil {
		f.t.Fatal(err)
	}
}

// secret writes a password file and returns its name.
func (f *firm) secret(password string) string {
	f.secrets++
	name := fmt.Sprintf("secrets/%d", f.secrets)
	if password == "" {
		password = "none"
	}
	f.write(name, password+"\n")
	if err := os.Chmod(filepath.Join(f.dir, name), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return name
}

// command is chancery with this configuration.
func (f *firm) command(args ...string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		f.t.Fatal(err)
	}
	cmd := exec.Command(exe, append(args, "--config", f.dir)...)
	cmd.Env = append(os.Environ(), asMain+"=1", "NOTIFY_SOCKET=")
	return cmd
}

// cli runs one command and returns what it printed.
func (f *firm) cli(args ...string) (out string, code int) {
	f.t.Helper()
	b, err := f.command(args...).CombinedOutput()
	if err != nil && !strings.Contains(err.Error(), "exit status") {
		f.t.Fatalf("chancery %s: %v\n%s", strings.Join(args, " "), err, b)
	}
	if err != nil {
		_, _ = fmt.Sscanf(err.Error(), "exit status %d", &code)
	}
	return string(b), code
}

// once works until nothing is left to do.
func (f *firm) once() {
	f.t.Helper()
	if out, code := f.cli("run", "--once", "--timeout", "5m"); code != 0 {
		f.t.Fatalf("run --once: exit %d\n%s", code, out)
	}
}

// running is a daemon in the background.
type running struct {
	t   testing.TB
	cmd *exec.Cmd
	mu  sync.Mutex
	out bytes.Buffer
	end chan error

	worked time.Time // when within first saw it at work
}

func (r *running) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.Write(p)
}

// log returns what the daemon wrote so far.
func (r *running) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

// start runs the daemon, with more environment, until the test ends.
func (f *firm) start(env ...string) *running {
	f.t.Helper()
	return f.startAs(func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, env...) })
}

// startAs is start for a command that is changed before.
func (f *firm) startAs(change func(*exec.Cmd)) *running {
	f.t.Helper()
	r := &running{t: f.t, cmd: f.command("run"), end: make(chan error, 1)}
	change(r.cmd)
	r.cmd.Stderr, r.cmd.Stdout = r, r
	if err := r.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	go func() { r.end <- r.cmd.Wait(); close(r.end) }()
	f.t.Cleanup(func() { _ = r.cmd.Process.Kill(); <-r.end })
	return r
}

// stop ends the daemon with a signal and returns how it ended.
func (r *running) stop(s syscall.Signal) error {
	r.t.Helper()
	_ = r.cmd.Process.Signal(s)
	select {
	case err := <-r.end:
		return err
	case <-time.After(waitLimit):
		r.t.Fatalf("the daemon did not end:\n%s", r.log())
		return nil
	}
}

// working reports whether the daemon has started its engine.
func (r *running) working() bool { return strings.Contains(r.log(), "msg=ready") }

// waitLimit is how long a test waits for what must come: far longer than it takes,
// because the machine may do other things too.
const waitLimit = 3 * time.Minute

// await polls until ok, as a person watching a mailbox would.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for: %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// mail is a message of our own.
func mail(id, subject, body string) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf(`From: Dana Counsel <dana@counsel.example>
To: gc@firm.example
Date: Mon, 16 Nov 2026 10:00:00 -0500
Message-ID: <%s@counsel.example>
Subject: %s

%s
`, id, subject, body), "\n", "\r\n"))
}
