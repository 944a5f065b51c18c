package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// Killed at random instants while billing mail is read: each bill is in the ledger once,
// each that is open has its due date once, what was paid has none, each late prebill
// one reminder, and all of it is what a daemon makes that nobody disturbed.
func TestKillAmongBills(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 61))
	k := &siege{t: t, rng: rng, f: killedBillingFirm(t)}
	all, paid := []billLetter(nil), 0
	for n := range kills(t) {
		var more []billLetter
		for i := range 3 {
			more = append(more, liveBill(3*n+i, 4+(3*n+i)%40))
		}
		if n%3 == 1 { // an earlier one again
			again := all[rng.IntN(len(all))]
			if strings.HasPrefix(again.name, "live-") {
				again.name, again.subject = fmt.Sprint("again-", n), "Again: "+again.subject
				more = append(more, again)
			}
		}
		if n%3 == 2 { // our own, and its remittance
			out, remit := ownBill(n)
			more = append(more, out, remit)
			paid++
		}
		if n%5 == 0 {
			more = append(more, billLetter{name: fmt.Sprint("prebill-", n), date: hoursAgo(30), from: "Billing Office <billing@firm.example>",
				subject: fmt.Sprint("Prebill run ", n), text: "Prebill for 10042.0070 attached. Please return it with your edits.\n"})
		}
		all = append(all, more...)
		deliverBills(t, k.f.dovecot, more...)
		k.killOnce()
	}
	if out, code := k.f.cli("run", "--once", "--timeout", "10m"); code != 0 {
		t.Fatalf("run --once: exit %d\n%s", code, out)
	}
	quiet := killedBillingFirm(t)
	for part := range slices.Chunk(all, 100) {
		deliverBills(t, quiet.dovecot, part...)
	}
	quiet.once()
	got, want := billPicture(k.f), billPicture(quiet)
	t.Logf("%d kills, %d with steps under way; %d mails, %d paid by mail, %d lines", k.kills, k.sent, len(all), paid, len(want))
	for _, line := range missingFrom(got, want) {
		t.Errorf("missing: %s", line)
	}
	for _, line := range missingFrom(want, got) {
		t.Errorf("too much: %s", line)
	}
	if k.sent < k.kills/10 {
		t.Errorf("only %d of %d kills met steps under way", k.sent, k.kills)
	}
	if n := len(k.f.ledger()); n != len(all) {
		t.Errorf("%d mails in the ledger, of %d", n, len(all))
	}
	if out, code := k.f.cli("journal", "verify"); code != 0 {
		t.Error(out)
	}
}

// killedBillingFirm reminds of prebills after an hour. It writes no billing note: its
// numbers depend on the moment.
func killedBillingFirm(t *testing.T) *firm {
	t.Helper()
	f := billingFirm(t, servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t))
	f.edit("chancery.yaml", `notes: "off"`, `notes: "off", prebill_after: 1h`)
	return f
}

// ownBill is an invoice of the firm, and the remittance for it.
func ownBill(n int) (out, remit billLetter) {
	number := fmt.Sprint(20260000 + n)
	out = billLetter{name: "ours-" + number, date: hoursAgo(20), from: "Billing Office <billing@firm.example>", to: "ap@acme.example", head: "Cc: gc@firm.example\n", subject: "Invoice " + number + " / 10042.0071",
		text: "Our invoice no. " + number + " for professional services rendered, matter 10042.0071.\nTotal due: $4,000.00\nDue date: " + time.Now().AddDate(0, 0, 30).Format("January 2, 2006") + "\n"}
	remit = billLetter{name: "remit-" + number, date: hoursAgo(2), from: "Acme AP <ap@acme.example>", subject: "Remittance advice " + number,
		text: "Remittance advice\nPayment by ACH today.\nInvoice " + number + "   $4,000.00\nTotal paid: $4,000.00\n"}
	return out, remit
}

// billPicture is what people see of bills, in lines by which two houses can be compared.
func billPicture(f *firm) (out []string) {
	f.t.Helper()
	for name, rows := range f.ledger() {
		for _, b := range rows {
			twins := len(strings.Fields(b["twins"]))
			out = append(out, fmt.Sprintf("bill %s: %s %s %s %s due %s, %s by %q, %q, twin %v", name, b["class"], b["number"], b["amount"], b["matter"], b["due"], b["state"], b["said_by"], b["layer"], twins > 0))
		}
	}
	dates := f.dueDates()
	for _, title := range slices.Sorted(maps.Keys(dates)) {
		out = append(out, "due "+dates[title]+" "+title)
	}
	seen := map[string]bool{}
	for box, list := range f.dovecot.Dump(f.t, pa) {
		for _, m := range list {
			id := field(head(m), "Message-ID")
			if seen[id] {
				f.t.Errorf("a note twice: %s", id)
			}
			seen[id] = true
			out = append(out, "note in "+box+": "+field(head(m), "Subject"))
		}
	}
	for subject, s := range where(f.t, f.dovecot, gc) {
		out = append(out, "mail "+subject+": "+s)
	}
	slices.Sort(out)
	return out
}

// A copy of the journal from before is put back: the mail that came since and is still
// there is read again, and nothing is doubled. What was filed since is not: see
// TestLedgerIsReread.
func TestBillsAfterARestoredJournal(t *testing.T) {
	f := killedBillingFirm(t)
	stays := func(l billLetter) billLetter {
		for _, m := range []string{"10042.0070", "10042.0071", "10055.0001"} {
			l.subject, l.text = strings.ReplaceAll(l.subject, m, "yours"), strings.ReplaceAll(l.text, m, "yours")
		}
		return l
	}
	deliverBills(t, f.dovecot, liveBill(1, 30), stays(liveBill(4, 31)))
	f.once()
	backup := filepath.Join(t.TempDir(), "journal.db")
	if out, code := f.cli("journal", "backup", backup); code != 0 {
		t.Fatalf("backup: exit %d\n%s", code, out)
	}
	out, remit := ownBill(1)
	deliverBills(t, f.dovecot, stays(liveBill(7, 32)), stays(out), remit)
	f.once()
	want := billPicture(f)
	f.restore(backup)
	f.once()
	got := billPicture(f)
	for _, line := range missingFrom(got, want) {
		t.Errorf("missing: %s", line)
	}
	for _, line := range missingFrom(want, got) {
		t.Errorf("too much: %s", line)
	}
	if len(f.ledger()) != 5 {
		t.Errorf("%d mails in the ledger", len(f.ledger()))
	}
}

// restore puts a copy of the journal in the place of the journal.
func (f *firm) restore(backup string) {
	f.t.Helper()
	path := filepath.Join(f.dir, "state", "journal.db")
	for _, old := range []string{path + "-wal", path + "-shm"} {
		if err := os.Remove(old); err != nil && !os.IsNotExist(err) {
			f.t.Fatal(err)
		}
	}
	b, err := os.ReadFile(backup)
	if err == nil {
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}
