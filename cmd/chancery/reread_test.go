package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// What was filed since a backup is in the ledger again when its folders are read, as if
// the backup had never been put back: with its twins, its states and its due dates, each
// once. The mail stays as it is.
func TestLedgerIsReread(t *testing.T) {
	f := killedBillingFirm(t)
	deliverBills(t, f.dovecot, liveBill(1, 30))
	f.once()
	backup := filepath.Join(t.TempDir(), "journal.db")
	if out, code := f.cli("journal", "backup", backup); code != 0 {
		t.Fatalf("backup: exit %d\n%s", code, out)
	}
	first, again := liveBill(10, 20), liveBill(10, 20)
	first.date, again.date, again.name = hoursAgo(30), hoursAgo(3), "live-10-again"
	out, remit := ownBill(1)
	deliverBills(t, f.dovecot, liveBill(2, 25), first, liveBill(3, 28), again, out, remit)
	f.once()
	want := billPicture(f)
	filed := 0
	for box, list := range f.dovecot.Dump(t, gc) {
		if strings.HasPrefix(box, "Billing/") {
			filed += len(list)
		}
	}
	if filed < 4 {
		t.Fatalf("%d mails are filed: %v", filed, where(t, f.dovecot, gc))
	}

	f.restore(backup)
	before := fmt.Sprint(f.dovecot.Dump(t, gc))
	for _, fresh := range []int{filed - 1, 0} { // the backup knows one
		out, code := f.cli("ledger", "reread", "--folder", "Billing/*", "--folder", "Nowhere", "--since", "7d")
		if want := fmt.Sprintf("gc-mail: %d messages read, %d with bills, %d bills new in the ledger\n", filed, filed, fresh); code != 0 || !strings.Contains(out, want) {
			t.Fatalf("exit %d, want %q\n%s", code, want, out)
		}
	}
	if fmt.Sprint(f.dovecot.Dump(t, gc)) != before {
		t.Error("reading changed the mailbox")
	}
	f.once()
	got := billPicture(f)
	for _, line := range missingFrom(got, want) {
		t.Errorf("missing: %s", line)
	}
	for _, line := range missingFrom(want, got) {
		t.Errorf("too much: %s", line)
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Error(out)
	}
	for _, args := range [][]string{{}, {"--since", "7d"}, {"--folder", "Billing/*"}, {"--folder", "Billing/*", "--since", "soon"}, {"--folder", "x", "--since", "1d", "--source", "nobody"}} {
		if out, code := f.cli(append([]string{"ledger", "reread"}, args...)...); code != 2 {
			t.Errorf("%v: exit %d\n%s", args, code, out)
		}
	}
}
