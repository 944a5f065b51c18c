package main

import (
	"strings"
	"testing"
	"time"

	"chancery/internal/pdf"
)

// doctorOfBills is what the doctor says of files and bills.
func (f *firm) doctorOfBills() (k *checkup, text string) {
	f.t.Helper()
	l, err := load(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	if k = examineBilling(f.t.Context(), l); k == nil {
		return nil, ""
	}
	var b strings.Builder
	k.print(&b, false)
	return k, b.String()
}

func TestDoctorOfBills(t *testing.T) {
	f := heldFirm(t, 0)
	if k, text := f.doctorOfBills(); k != nil {
		t.Errorf("no rule reads a file or looks at bills:\n%s", text)
	}
	was := pdfs
	t.Cleanup(func() { pdfs.Close(); pdfs = was })
	pdfs = pdf.New(pdf.Options{Time: 10 * time.Minute, Start: 10 * time.Minute}) // a busy machine is no problem
	const billRule = "mail:\n  - {name: bills, when: msg.bill.found, then: [star: true]}\n"
	f.write("rules.d/10.yaml", "version: 1\n"+billRule)
	_, text := f.doctorOfBills()
	tells(t, text,
		`^files and bills at this machine: all is well, 3 notes$`,
		`^ok       PDF +a reader starts, and reads a page after `,
		`^note     matters +there is no matter list: no bill has a client or a matter hint: name the file`,
		`^note     house +your own domains are not known: `,
		`^note     authserv +no sender can be proved: `,
		`^ok       desk +no principal has a billing desk`)
	f.write("matters.csv", "number,client,name\n")
	f.write("rules.d/10.yaml", "version: 1\nhouse: {firm: us}\nlists: {us: []}\nmatters: {file: matters.csv}\n"+billRule)
	_, text = f.doctorOfBills()
	tells(t, text,
		`^note     matters +the matter list is empty: no bill has a client or a matter hint: fill in the file that matters: names in the rule files$`,
		`^note     house +your own domains are not known: .* hint: write them into the list us$`)
	f.write("matters.csv", mattersOfFirm)
	f.write("rules.d/10.yaml", "version: 1\nhouse: {firm: firm, authserv: [mx.firm.example]}\nlists: {firm: [firm.example]}\nmatters: {file: matters.csv}\n"+billRule)
	f.edit("chancery.yaml", "accounts:\n", `accounts:
  - {name: pa-mail, imap: {host: 127.0.0.1, port: 1, tls: none, user: pa, password: {file: secrets/1}}}
  - {name: cfo-mail, imap: {host: 127.0.0.1, port: 1, tls: none, user: cfo, password: {file: secrets/1}}}
  - {name: cal, caldav: {url: "http://127.0.0.1:1/", user: gc, password: {file: secrets/1}, calendars: [work, {name: bills, create: true}]}}
`)
	f.edit("chancery.yaml", "version: 1\n", `version: 1
principals:
  - name: general-counsel
    zone: America/New_York
    hours: ["Mon-Fri 09:00-18:00"]
    addresses: [gc@firm.example]
    calendars: [cal/work]
    mail: [gc-mail]
    notes: {account: pa-mail, mailbox: INBOX, to: pa@firm.example}
    billing: {calendar: cal/bills, notes: weekly}
`)
	_, text = f.doctorOfBills()
	tells(t, text,
		`^files and bills at this machine: all is well, 1 note$`,
		`^ok       matters +2 matters of 2 clients$`,
		`^ok       house +your own domains are known$`,
		`^ok       authserv +senders are proved by mx\.firm\.example$`,
		`^ok       desk +general-counsel: due dates into cal/bills and reminders and the weekly note into INBOX of pa-mail$`,
		`^note     desk +bills of cfo-mail reach no billing desk: the account is nobody's hint: name the account as mail: of a principal$`)
	// A reader that does not start is a problem, and the first thing to mend.
	pdfs.Close()
	pdfs = pdf.New(pdf.Options{Command: []string{"/nonexistent/reader"}, Pause: time.Hour})
	k, text := f.doctorOfBills()
	tells(t, text, `^files and bills at this machine: 1 problem, 1 note$`, `^problem  PDF +no reader could be started hint: enable the reader of its own: systemctl enable --now chancery-pdf\.socket`)
	if k.count(levelProblem) != 1 {
		t.Errorf("%s", text)
	}
	out, code := f.cli("doctor")
	tells(t, out, `^files and bills at this machine: `)
	if code != 1 {
		t.Errorf("exit %d", code)
	}
}

func TestWhatIsWrittenIntoACalendar(t *testing.T) {
	f := heldFirm(t, 0)
	f.edit("chancery.yaml", "accounts:\n", `principals:
  - name: gc
    zone: Europe/Berlin
    hours: ["Mon-Fri 09:00-18:00"]
    addresses: [gc@firm.example]
    calendars: [cal/work]
    mail: [gc-mail]
    holds: cal/both
    billing: {calendar: cal/both, notes: "off"}
accounts:
  - {name: cal, caldav: {url: "http://127.0.0.1:1/", user: gc, password: {file: secrets/1}, calendars: [work, {name: both, create: true}]}}
`)
	l, err := load(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	for calendar, want := range map[string]string{"cal/both": "holds and due dates", "cal/work": "", "": ""} {
		if got := writtenAs(l.cfg, calendar); got != want {
			t.Errorf("%s takes %q, want %q", calendar, got, want)
		}
	}
}
