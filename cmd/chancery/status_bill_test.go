package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/internal/pdf"
	"chancery/rules/billdesk"
	"chancery/sync/journal"
)

// Status tells how many bills there are and what stands out, and nothing of what is in
// them.
func TestStatusCountsBills(t *testing.T) {
	f := billsFirm(t)
	soon := model.Bill{ID: "eeee6666" + strings.Repeat("0", 24), Ident: "i6", Source: "gc-mail", At: day("2026-03-20"), Class: "vendor", Name: "Copper Reporting",
		Due: model.UnixTime(time.Now().Add(72 * time.Hour).Truncate(24 * time.Hour).Unix()), State: journal.BillOpen}
	forged := model.Bill{ID: "ffff7777" + strings.Repeat("0", 24), Ident: "i7", Source: "gc-mail", At: day("2026-03-20"), Class: "vendor",
		Doubts: []string{"look-alike"}, State: journal.BillDisputed, By: journal.ByMail}
	f.change(func(j *journal.Journal) {
		lease, err := j.Claim(t.Context(), "gc-mail", "test", time.Now())
		if err == nil {
			_, err = j.Commit(t.Context(), journal.Turn{Lease: lease, Now: time.Now(), KeepCursor: true, Bills: []model.Bill{soon, forged}})
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	out, code := f.cli("status")
	for _, want := range []string{`(?m)^BILLS +KEPT +OPEN +DUE IN 7 DAYS +PAST DUE +TO CHECK +TWINS$`, `(?m)^gc-mail +7 +5 +1 +3 +2 +1$`} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("%s is missing in\n%s", want, out)
		}
	}
	if code != 1 || strings.Contains(out, "Copper") || strings.Contains(out, "Northwind") {
		t.Errorf("exit %d\n%s", code, out)
	}
	fits(t, out)
	out, _ = f.cli("status", "--json")
	var r statusReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if want := (billStatus{"gc-mail", 7, 5, 1, 3, 2, 1, 5}); len(r.Bills) != 1 || r.Bills[0] != want || r.PDF != nil || len(r.Notes) != 0 {
		t.Errorf("%+v, want %+v", r, want)
	}
}

// TestStatusTellsOfTheBillingNote looks at a journal before a note, while one waits for
// its server, and after.
func TestStatusTellsOfTheBillingNote(t *testing.T) {
	f := heldFirm(t, 0)
	f.edit("chancery.yaml", "accounts:\n", `accounts:
  - {name: pa-mail, imap: {host: 127.0.0.1, port: 1, tls: none, user: pa, password: {file: secrets/1}}}
`)
	f.edit("chancery.yaml", "version: 1\n", `version: 1
principals:
  - name: general-counsel
    zone: America/New_York
    hours: ["Mon-Fri 09:00-18:00"]
    addresses: [gc@firm.example]
    mail: [gc-mail]
    notes: {account: pa-mail, mailbox: INBOX, to: pa@firm.example}
    billing: {notes: weekly}
`)
	l, err := load(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := principal(l.cfg.Service.Principals[0])
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	moments := billdesk.Moments(p.Principal, p.Desk, now, 3)
	tell := func() (n noteStatus) {
		t.Helper()
		f.look(func(j *journal.Journal) {
			all, err := tallyNotes(t.Context(), j, l, now)
			if err != nil || len(all) != 1 {
				t.Fatalf("%+v, %v", all, err)
			}
			n = all[0]
		})
		if n.Principal != "general-counsel" || !n.Due.Equal(moments[0].At) || !n.Due.After(now) {
			t.Errorf("%+v", n)
		}
		return n
	}
	f.change(func(*journal.Journal) {})
	if n := tell(); !n.Last.IsZero() || n.Waiting {
		t.Errorf("before the first one: %+v", n)
	}
	written := now.Add(-time.Hour).Truncate(time.Millisecond)
	for i, of := range []int{3, 1} { // the one before last is done, the last one is not
		step := model.Step{ID: model.StepID(strings.Repeat(string(rune('a'+i)), 32)), Rule: billdesk.Rule, Version: "v", Source: "pa-mail", Ident: moments[of].Of,
			Action: model.Note{Mailbox: []string{"INBOX"}, Body: model.Hide(model.NoteBody{MessageID: "<n@firm.example>", Text: "x"})}}
		f.change(func(j *journal.Journal) {
			lease, err := j.Claim(t.Context(), "pa-mail", "test", now)
			if err == nil {
				_, err = j.Commit(t.Context(), journal.Turn{Lease: lease, Now: now, KeepCursor: true, Planned: []journal.Planned{{Step: step}}})
			}
			if err == nil && i == 0 {
				err = j.Settle(t.Context(), lease, []model.Result{{ID: step.ID, Outcome: model.Done}}, written, time.Minute)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	if n := tell(); !n.Last.Equal(written) || !n.Waiting {
		t.Errorf("one written, one waiting: %+v, want %v", n, written)
	}
	if out, _ := f.cli("status"); !strings.Contains(out, "billing note of general-counsel: written "+clock(written)+", one waits for its server; the next one is due "+clock(moments[0].At)) {
		t.Errorf("%s", out)
	}
}

func TestStatusTellsOfThePDFReader(t *testing.T) {
	for _, tt := range []struct {
		p    pdfStatus
		want string
		sick bool
	}{
		{pdfStatus{}, "", false},
		{pdfStatus{State: pdf.State{Readers: 1, Read: 4, Slow: 1, Big: 2}}, "\nPDF reader: at hand; 4 files read, 1 too slow, 2 too big\n", false},
		{pdfStatus{State: pdf.State{Read: 1}}, "\nPDF reader: at rest; 1 file read, 0 too slow, 0 too big\n", false},
		{pdfStatus{State: pdf.State{Later: 3, Failing: time.Now().Add(-time.Minute)}, Mails: 2}, "for it: 2 messages, decided again", false},
		{pdfStatus{State: pdf.State{Later: 3, Failing: time.Now().Add(-time.Hour)}, Mails: 2}, "does not start since ", true},
	} {
		r := statusReport{PDF: &tt.p}
		var b strings.Builder
		r.sayBills(&b)
		if (tt.want == "") != (b.Len() == 0) || !strings.Contains(b.String(), tt.want) || r.sickPDF() != tt.sick {
			t.Errorf("%+v: sick %v\n%s", tt.p, r.sickPDF(), b.String())
		}
		fits(t, b.String())
	}
}
