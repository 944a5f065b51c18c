package main

import (
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// Hostile billing mail from a real server: everything else in the mailbox is handled as
// if it were not there, within the memory that any hostile mail may take.
func TestBillingGoesOnAmongHostileMail(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := billingFirm(t, d, dav)
	good := planted(20)
	d.Client(t, gc).Append("INBOX", good[:10]...)
	var nasty [][]byte
	for _, l := range hostileBills() {
		nasty = append(nasty, l.raw())
	}
	deliver(t, d, gc, nasty)
	d.Client(t, gc).Append("INBOX", good[10:]...)
	before := d.Dump(t, gc)

	run := f.measure("run", "--once", "--timeout", "10m")
	if run.code != 0 {
		t.Fatalf("run --once: exit %d\n%.5000s", run.code, run.out)
	}
	o := f.outcome()
	t.Logf("%d hostile bills: %.1f s, %d MiB; %s", len(nasty), run.seconds, run.peak, o)
	if run.peak == 0 || run.peak > hostilePeak {
		t.Errorf("%d MiB at the most, want %d", run.peak, hostilePeak)
	}
	after := d.Dump(t, gc)
	untouched(t, before, after)
	discreet(t, run.out, before)
	filed := 0
	for box, list := range after {
		for _, m := range list {
			if strings.HasPrefix(box, "Billing/") && strings.Contains(string(m.Body), "Message-ID: <planted-") {
				filed++
			}
		}
	}
	if filed != 6 || o.open != 0 {
		t.Errorf("%d planted invoices filed, want 6; %s", filed, o)
	}
	for box := range after {
		if strings.ContainsAny(box, "<>\x00\u202e") || strings.Contains(box, "..") {
			t.Errorf("a mailbox named %q", box)
		}
	}
	for _, m := range d.Dump(t, pa)["INBOX"] {
		if strings.Contains(string(m.Body), "<script") || strings.Contains(string(m.Body), "<img src=http") {
			t.Error("a note shows what a vendor wrote as HTML")
		}
	}
	f.once()
	if !sameMail(after, d.Dump(t, gc)) {
		t.Error("a second run changed something")
	}
}
