package main

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// braked runs the service on an INBOX with more invoices than the brake lets
// pass, until they wait.
func braked(t *testing.T, n int) (*firm, *running) {
	t.Helper()
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "user: gc, password: {file: secrets/1}, mailboxes: [INBOX], first_sync: apply, poll: 2s, grace: 0s, brake: off",
		"user: gc, password: {file: secrets/1}, mailboxes: [INBOX], first_sync: apply, poll: 2s, grace: 0s, brake: {moves: 10}")
	var letters [][]byte
	for i := range n {
		letters = append(letters, mail(fmt.Sprintf("bill.%d", i), fmt.Sprintf("Invoice %d", i), "Matter 10042.0070: please pay."))
	}
	d.Client(t, gc).Append("INBOX", letters...)
	r := f.start()
	await(t, "what waits for approval", func() bool {
		out, _ := f.cli("status")
		return strings.Contains(out, fmt.Sprintf("gc-mail: %d steps wait for approval", n))
	})
	return f, r
}

// filed counts the messages in INBOX and in the folder of the matter, and the
// marks of both.
func (f *firm) filed() (inbox, folder, marked int) {
	for box, messages := range f.dovecot.Dump(f.t, gc) {
		switch {
		case strings.HasPrefix(box, "Billing/Acme/"):
			folder += len(messages)
		case box == "INBOX":
			inbox = len(messages)
			for _, m := range messages {
				if slices.Contains(m.Flags, "lx-4") {
					marked++
				}
			}
		}
	}
	return inbox, folder, marked
}

// A rule that would empty the INBOX waits for a person; what it marks is marked.
// The person lets it go, and the running service does it.
func TestTheBrakeHoldsUntilAPersonApproves(t *testing.T) {
	f, r := braked(t, 30)
	await(t, "marks", func() bool { _, _, marked := f.filed(); return marked == 30 })
	if inbox, folder, _ := f.filed(); inbox != 30 || folder != 0 {
		t.Fatalf("%d in INBOX, %d filed", inbox, folder)
	}
	if out, code := f.cli("approve", "gc-mail", "--yes"); code != 0 || !strings.Contains(out, "30 steps let go; the service does them now") {
		t.Errorf("exit %d\n%s", code, out)
	}
	await(t, "filing", func() bool { inbox, folder, _ := f.filed(); return inbox == 0 && folder == 30 })
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("%v\n%s", err, r.log())
	}
	if !strings.Contains(r.log(), `msg="moves wait for approval" source=gc-mail`) {
		t.Errorf("the log does not warn:\n%s", r.log())
	}
}

// What a person rejected stays where it is, through restarts.
func TestTheBrakeHoldsUntilAPersonRejects(t *testing.T) {
	f, r := braked(t, 12)
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("%v\n%s", err, r.log())
	}
	f.once() // it goes on waiting
	if out, code := f.cli("approve", "--reject", "--yes"); code != 0 || !strings.Contains(out, "12 steps dropped for good") {
		t.Errorf("exit %d\n%s", code, out)
	}
	f.once()
	f.once()
	if inbox, folder, _ := f.filed(); inbox != 12 || folder != 0 {
		t.Errorf("%d in INBOX, %d filed", inbox, folder)
	}
	if out, _ := f.cli("status"); strings.Contains(out, "approval") {
		t.Errorf("something still waits:\n%s", out)
	}
}
