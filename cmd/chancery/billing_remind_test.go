package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery/internal/mime"
	"chancery/internal/servertest"
)

// A reminder comes once, and goes when what it reminds of is done: a prebill by its
// invoice or an answer, a submission by what the portal says next. The journal is told
// that somebody began to look after the billing weeks ago, so that nothing waits.
func TestBillingReminders(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := billingFirm(t, d, dav)
	f.edit("chancery.yaml", `notes: "off"`, `notes: "off", prebill_after: 1h`)
	l, err := load(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(t.Context(), l.cfg, false)
	if err != nil {
		t.Fatal(err)
	}
	_, err = j.Claim(t.Context(), "billing/general-counsel", "test", time.Now().AddDate(0, 0, -20))
	if err := firstError(err, j.Close()); err != nil {
		t.Fatal(err)
	}
	reminders := func() string {
		var out []string
		for _, m := range d.Dump(t, pa)["INBOX"] {
			if ownNote(m) {
				out = append(out, mime.Read(m.Body).Subject)
			}
		}
		return strings.Join(out, "\n")
	}
	c := d.Client(t, gc)
	defer c.Close()
	arrive := func(hours int, l billLetter) {
		t.Helper()
		at := time.Now().Add(-time.Duration(hours) * time.Hour)
		l.date = at.Format(time.RFC1123Z)
		raw := strings.ReplaceAll(strings.ReplaceAll(string(l.raw()), "\r\n", "\n"), "\n", "\r\n")
		c.OK(fmt.Sprintf("APPEND INBOX %q {%d+}\r\n%s", at.Format("_2-Jan-2006 15:04:05 -0700"), len(raw), raw))
	}
	house := "Billing Office <billing@firm.example>"
	arrive(30, billLetter{name: "pre-a", from: house, subject: "Prebill 10042.0070", text: "Prebill for 10042.0070 attached. Please return it with your edits.\n"})
	arrive(30, billLetter{name: "pre-b", from: house, subject: "Prebill 10042.0071", text: "Prebill for 10042.0071 attached. Please return it with your edits.\n"})
	arrive(20, billLetter{name: "hold", from: "Client portal <noreply@portal.example>", subject: "Invoice 20260214 on hold", text: "Invoice 20260214 has been placed on hold: the budget is missing.\n"})
	arrive(20, billLetter{name: "rejected", from: "Client portal <noreply@portal.example>", subject: "Invoice 20260215 rejected", text: "Invoice number: 20260215\nStatus: rejected\n"})
	for range 2 {
		f.once()
	}
	got := reminders()
	for text, n := range map[string]int{"Prebill without an answer": 2, "Invoice on hold": 1, "Submission rejected": 1} {
		if strings.Count(got, text) != n {
			t.Errorf("%q is there %d times, want %d:\n%s", text, strings.Count(got, text), n, got)
		}
	}
	// The invoice of one matter, an answer to the other, and two notices of the portal.
	arrive(1, billLetter{name: "out", from: house, to: "ap@acme.example", head: "Cc: gc@firm.example\n", subject: "Invoice 20269902 / 10042.0070",
		text: "Our invoice no. 20269902 for professional services rendered, matter 10042.0070.\nTotal due: $4,000.00\n"})
	arrive(1, billLetter{name: "released", from: "Client portal <noreply@portal.example>", subject: "Invoice 20260214 approved", text: "Invoice 20260214 has been approved for payment.\n"})
	arrive(1, billLetter{name: "received", from: "Client portal <noreply@portal.example>", subject: "Invoice 20260215 received", text: "We have received invoice 20260215. It is awaiting review.\n"})
	c.OK("SELECT INBOX")
	c.OK(`UID STORE 2 +FLAGS (\Answered)`)
	for range 2 {
		f.once()
	}
	if got := reminders(); got != "" {
		t.Errorf("left after all was done:\n%s", got)
	}
}
