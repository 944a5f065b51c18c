package sync

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"chancery/internal/model"
	"chancery/internal/servertest"
	"chancery/sync/journal"
)

// Two accounts with right check digits, and none.
const (
	oneAccount   = "IBAN: DE02120300000000202051\n"
	otherAccount = "IBAN: DE02500105170137075030\n"
)

// onBoth runs a test with a mailbox to which bills come, over both databases.
func onBoth(t *testing.T, test func(t *testing.T, c *counter)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newCounter(t, rulesOfBills)) })
	t.Run("postgres", func(t *testing.T) {
		dsn := servertest.Postgres(t)
		c := newCounter(t, rulesOfBills)
		j, err := journal.Open(t.Context(), journal.Options{Driver: "postgres", DSN: dsn, Key: bytes.Repeat([]byte{7}, 32)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = j.Close() })
		c.j = j
		c.start()
		test(t, c)
	})
}

// told is an invoice of one vendor that says where it wants to be paid, or does not.
func (c *counter) told(n int, account string) model.Change {
	return c.letter(fmt.Sprint("bill ", n), "billing@copper.example", fmt.Sprintf("Invoice CR-%d", n),
		fmt.Sprintf("Please find our invoice.\n\nInvoice number: CR-%d\nInvoice date: March 2, 2026\nAmount due: USD %d.00\nDue date: April 1, 2026\n%s", n, 100+n*7, account), n%50)
}

// doubtsOf are the doubts that the ledger keeps about one bill.
func (c *counter) doubtsOf(n int) (doubts []string) {
	c.t.Helper()
	found := false
	if err := c.j.Ledger(c.t.Context(), func(b model.Bill) {
		if b.Ident == model.Ident(fmt.Sprint("bill ", n)) {
			found, doubts = true, b.Doubts
		}
	}); err != nil || !found {
		c.t.Fatal(found, err)
	}
	return doubts
}

// However many bills without an account come between: the account that a vendor named
// is known, another one is another one, and where none was named the first is the first.
func TestKnownAccountStaysInSight(t *testing.T) {
	const between = 75 // more than the newest that are compared whatever they say
	for _, first := range []string{oneAccount, ""} {
		for _, then := range []string{oneAccount, otherAccount} {
			want := map[string]string{oneAccount + oneAccount: "", oneAccount + otherAccount: "bank-changed", oneAccount: "bank-first", otherAccount: "bank-first"}[first+then]
			t.Run(fmt.Sprintf("known=%t,want=%s", first != "", want), func(t *testing.T) {
				onBoth(t, func(t *testing.T, c *counter) {
					c.says(c.told(0, first))
					for from := 1; from <= between; from += 25 {
						var part []model.Change
						for n := from; n < from+25; n++ {
							part = append(part, c.told(n, ""))
						}
						c.says(part...)
					}
					if got := c.doubtsOf(between); len(got) != 0 {
						t.Fatalf("a bill without an account is doubted: %v", got)
					}
					c.says(c.told(1000, then))
					got := c.doubtsOf(1000)
					if want == "" && len(got) != 0 || want != "" && !slices.Equal(got, []string{want}) {
						t.Errorf("doubts %v, want %q", got, want)
					}
				})
			})
		}
	}
}

// Bills that name accounts of their own do not drive the known one out unnoticed: as
// many as may be compared, and the next is still doubted, whoever it is of.
func TestAccountsOfForgersHideNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, c *counter) {
		c.says(c.told(0, oneAccount))
		for n := 1; n <= 60; n++ {
			c.says(c.told(n, fmt.Sprintf("Account number: %08d, routing number 021000021\n", 31415926+n)))
			if got := c.doubtsOf(n); !slices.Contains(got, "bank-changed") {
				t.Fatalf("forged bill %d: %v", n, got)
			}
		}
		c.says(c.told(1000, otherAccount))
		if got := c.doubtsOf(1000); !slices.Contains(got, "bank-changed") {
			t.Errorf("doubts %v", got)
		}
	})
}
