package main

import (
	"fmt"
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// planted returns n mails of our own for the shipped rules and the shipped
// matters, in turn of every kind, each with bytes of its own.
func planted(n int) [][]byte {
	kinds := []struct{ from, subject, body string }{
		{"Billing <billing@northcounsel.example>", "Invoice %d for 10042.0070", "Invoice No. INV-%d\nMatter: 10042.0070\nTotal due: $1,250.00\nDue date: December 15, 2026\n"},
		{"Rae Hale <rae@hale-morrow.example>", "Privileged and confidential: strategy %d", "Our advice number %d on the lease.\n"},
		{"People <people@firm.example>", "Personnel matter %d", "A grievance was filed; case %d.\n"},
		{"Billing <billing@northcounsel.example>", "Invoice %d, Orchard Trust 00420.0003", "Invoice No. INV-%d\nMatter: 00420.0003\nTotal due: $980.50\n"},
		{"Board <board@firm.example>", "Board book %d", "The board materials, part %d, for the audit committee.\n"},
		{"Kit Brandt <kit@brandt-kehoe.example>", "Settlement communication %d, rule 408", "Without prejudice. Offer %d.\n"},
		{"Billing <billing@northcounsel.example>", "Invoice %d: new bank details", "Invoice No. INV-%d\nMatter: 10042.0071\nWe have new bank details.\nTotal due: $77.00\n"},
		{"Sam Ortiz <sam.ortiz@firm.example>", "Lunch on day %d", "Shall we? Table %d.\n"},
		{"Billing <billing@northcounsel.example>", "Prebill %d for your review", "Draft for matter 10055.0001, run %d.\n"},
		{"Billing <billing@northcounsel.example>", "Invoice %d for 10042.0071", "Invoice No. INV-%d\nMatter: 10042.0071\nTotal due: EUR 3.400,00\n"},
	}
	var out [][]byte
	for i := range n {
		k := kinds[i%len(kinds)]
		text := fmt.Sprintf("From: %s\nTo: gc@firm.example\nDate: Mon, 16 Nov 2026 10:%02d:00 -0500\nMessage-ID: <planted-%d@firm.example>\nSubject: %s\n\n%s",
			k.from, i%60, i, fmt.Sprintf(k.subject, i), fmt.Sprintf(k.body, i))
		out = append(out, servertest.CRLF([]byte(text)))
	}
	return out
}

// doubleBook puts n double bookings into a calendar, each on a working day of its
// own.
func doubleBook(dav *servertest.DAV, calendar string, n int) {
	seen := map[string]bool{}
	for days := 2; len(seen) < n; days++ {
		day := nextWeekday(days)
		if seen[day] {
			continue
		}
		seen[day] = true
		for _, m := range []struct {
			name, title string
			from, till  int
		}{{"hearing", "Hearing in Smith v. Jones", 10, 12}, {"board", "Board of directors", 11, 13}} {
			uid := m.name + "-" + day
			dav.Put(calendar+uid+".ics", meeting(uid, m.title, day, m.from, m.till))
		}
	}
}

// Every kind of planted mail must mean to the shipped rules what the tests that
// use it take it for.
func TestPlantedMailIsFound(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.ship(nil)
	d.Client(t, gc).Append("INBOX", planted(10)...)
	f.once()
	got := where(t, d, gc)
	for subject, want := range map[string]string{
		"Invoice 0 for 10042.0070":                "Billing/Acme Robotics/10042-0070 [",
		"Privileged and confidential: strategy 1": "INBOX [$MailFlagBit0 $MailFlagBit2 $label1 \\Flagged lx-1",
		"Personnel matter 2":                      "Restricted/Personnel [",
		"Invoice 3, Orchard Trust 00420.0003":     "Billing/Orchard Trust/00420-0003 [",
		"Board book 4":                            "Restricted/Board [",
		"Settlement communication 5, rule 408":    "INBOX [",
		"Invoice 6: new bank details":             "INBOX [",
		"Lunch on day 7":                          "INBOX [];",
		"Prebill 8 for your review":               "INBOX [",
		"Invoice 9 for 10042.0071":                "Billing/Acme Robotics/10042-0071 [",
	} {
		if !strings.HasPrefix(got[subject], want) || strings.Count(got[subject], ";") != 1 {
			t.Errorf("%s: %s, want %s", subject, got[subject], want)
		}
		if marked := strings.Contains(got[subject], "lx-"); marked == (subject == "Lunch on day 7") {
			t.Errorf("%s: %s", subject, got[subject])
		}
	}
}
