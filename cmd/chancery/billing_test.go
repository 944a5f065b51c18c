package main

import (
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// billingFirm works on gc's mail with the shipped rules, and keeps due dates in the
// calendar bills, three business days ahead.
func billingFirm(t testing.TB, d *servertest.DovecotServer, dav *servertest.DAV) *firm {
	t.Helper()
	f := newFirm(t, d, dav)
	f.ship(nil)
	dav.MakeCalendar("work")
	dav.MakeCalendar("bills")
	f.edit("chancery.yaml", "{name: holds, match: holds, create: true}]", "{name: holds, match: holds, create: true}, {name: bills, match: bills, create: true}]")
	f.edit("chancery.yaml", "    holds: cal/holds\n", "    holds: cal/holds\n    mail: [gc-mail]\n    billing: {calendar: cal/bills, due_before: 3, notes: \"off\"}\n")
	return f
}

// ledger is every row of the ledger by the name of its mail, as the export has it.
func (f *firm) ledger() map[string][]map[string]string {
	f.t.Helper()
	cmd := f.command("ledger", "export", "--all")
	b, err := cmd.Output()
	if err != nil {
		f.t.Fatalf("ledger export: %v", err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(b))).ReadAll()
	if err != nil || len(rows) == 0 {
		f.t.Fatalf("ledger export: %v\n%s", err, b)
	}
	out := map[string][]map[string]string{}
	for _, row := range rows[1:] {
		bill := map[string]string{}
		for i, cell := range row {
			bill[rows[0][i]] = cell
		}
		name, _, _ := strings.Cut(strings.Trim(bill["message_id"], "<>"), "@")
		out[name] = append(out[name], bill)
	}
	return out
}

// bill is the one row of a mail.
func (f *firm) bill(name string) map[string]string {
	f.t.Helper()
	rows := f.ledger()[name]
	if len(rows) != 1 {
		f.t.Fatalf("%s has %d rows in the ledger: %v", name, len(rows), rows)
	}
	return rows[0]
}

// dueDates are the events of the billing calendar: the day by the title.
func (f *firm) dueDates() map[string]string {
	f.t.Helper()
	out := map[string]string{}
	for _, path := range f.dav.List(f.dav.Home + "bills/") {
		b, _ := f.dav.Get(path)
		_, event, _ := strings.Cut(unfold(b), "BEGIN:VEVENT")
		day := ""
		for line := range strings.Lines(event) {
			if strings.HasPrefix(line, "DTSTART") {
				day = strings.TrimSpace(line[strings.LastIndex(line, ":")+1:])
			}
		}
		title := field(event, "SUMMARY")
		if _, twice := out[title]; twice {
			f.t.Errorf("a due date twice: %s", title)
		}
		out[title] = day
	}
	return out
}

// dueDateOf is the day on which the due date of an invoice stands, "" for none.
func (f *firm) dueDateOf(number string) string {
	f.t.Helper()
	for title, day := range f.dueDates() {
		if strings.Contains(title, number) {
			return day
		}
	}
	return ""
}

// businessBefore is n business days before a day, written as calendars do; not before
// today.
func businessBefore(due time.Time, n int) string {
	for n > 0 {
		due = due.AddDate(0, 0, -1)
		if w := due.Weekday(); w != time.Saturday && w != time.Sunday {
			n--
		}
	}
	return due.Format("20060102")
}

func deliverBills(t testing.TB, d *servertest.DovecotServer, letters ...billLetter) {
	t.Helper()
	c := d.Client(t, gc)
	defer c.Close()
	for _, l := range letters {
		c.Append("INBOX", l.raw())
	}
}

// today is a letter's date: now, or some hours before.
func hoursAgo(n int) string {
	return time.Now().Add(-time.Duration(n) * time.Hour).Format(time.RFC1123Z)
}

// Invoices arrive, are marked, filed and remembered; their due dates stand in the
// calendar until they are paid; what repeats one or wants money elsewhere is told; and
// what plan says before is what run does.
func TestBillingFromArrivalToPayment(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := billingFirm(t, d, dav)
	text := liveBill(1, 30)
	ledes := liveBill(2, 31)
	ledes.text = "Our invoice is attached.\nDue date: " + time.Now().AddDate(0, 0, 31).Format("January 2, 2006") + "\n"
	ledes.files = []billFile{{"bill.txt", "text/plain", []byte(ledesHead + ledesInvoice("60002", "10055.0001", "1600.00", "1.00", "3.00"))}}
	faulty := liveBill(3, 32)
	faulty.files = []billFile{{"bill.txt", "text/plain", []byte(ledesHead + ledesInvoice("60003", "10042.0070", "1700.00", "1.00", "3.00"))}}
	ours := billLetter{name: "ours", date: hoursAgo(3), from: "Billing Office <billing@firm.example>", to: "ap@acme.example", head: "Cc: gc@firm.example\n", subject: "Invoice 20269901 / 10042.0071",
		text: "Our invoice no. 20269901 for professional services rendered, matter 10042.0071.\nTotal due: $4,000.00\nDue date: " + time.Now().AddDate(0, 0, 30).Format("January 2, 2006") + "\n"}
	prebill := billLetter{name: "prebill", date: hoursAgo(1), from: "Billing Office <billing@firm.example>", subject: "Prebill 10042.0070", text: "Prebill for 10042.0070 attached. Please return it with your edits.\n"}
	deliverBills(t, d, text, ledes, faulty, ours, prebill)
	d.Client(t, gc).Append("INBOX", mail("x", "Lunch", "Noon?"))

	plan, code := f.cli("plan")
	if code != 0 {
		t.Fatalf("plan: exit %d\n%s", code, plan)
	}
	f.once()
	if planned, o := strings.Count(plan, "\n    would "), f.outcome(); planned != o.total() || o.open != 0 {
		t.Errorf("%d steps were planned: %s\n%s", planned, o, plan)
	}
	got := where(t, d, gc)
	for l, box := range map[*billLetter]string{&text: "Billing/Acme Robotics/10042-0071", &ledes: "Billing/Blue Heron Foods/10055-0001", &faulty: "Billing/Acme Robotics/10042-0070", &ours: "Billing/Acme Robotics/10042-0071"} {
		if !strings.HasPrefix(got[l.subject], box+" [") || strings.Count(got[l.subject], ";") != 1 || !strings.Contains(got[l.subject], "lx-4") {
			t.Errorf("%s: %s, want %s", l.name, got[l.subject], box)
		}
	}
	if !strings.HasPrefix(got["Lunch"], "INBOX [];") || !strings.HasPrefix(got[prebill.subject], "INBOX [") {
		t.Errorf("lunch: %s, prebill: %s", got["Lunch"], got[prebill.subject])
	}
	for _, want := range []struct{ name, class, number, amount, currency, matter string }{
		{text.name, "invoice-in", "60001", "1137.01", "USD", "10042.0071"},
		{ledes.name, "invoice-in", "60002", "1600.00", "", "10055.0001"},
		{"ours", "invoice-out", "20269901", "4000.00", "USD", "10042.0071"},
	} {
		b := f.bill(want.name)
		if b["class"] != want.class || b["number"] != want.number || b["amount"] != want.amount || want.currency != "" && b["currency"] != want.currency || b["matter"] != want.matter || b["state"] != "open" {
			t.Errorf("%s: %v", want.name, b)
		}
	}
	if b := f.bill(faulty.name); b["faults"] == "" {
		t.Errorf("the total of a LEDES file is wrong, and nobody says so: %v", b)
	}
	for number, days := range map[string]int{"60001": 30, "60002": 31, "20269901": 30} {
		if day, want := f.dueDateOf(number), businessBefore(time.Now().AddDate(0, 0, days), 3); day != want {
			t.Errorf("due date of %s stands on %q, want %s: %v", number, day, want, f.dueDates())
		}
	}

	// The client pays what we billed; a person says that another is paid.
	deliverBills(t, d, billLetter{name: "remit", date: hoursAgo(0), from: "Acme AP <ap@acme.example>", subject: "Remittance advice",
		text: "Remittance advice\nPayment by ACH today.\nInvoice 20269901   $4,000.00\nTotal paid: $4,000.00\n"})
	f.once()
	if b := f.bill("ours"); b["state"] != "paid" || b["said_by"] != "mail" {
		t.Errorf("after the remittance: %v", b)
	}
	if day := f.dueDateOf("20269901"); day != "" {
		t.Errorf("a paid invoice stands in the calendar on %s", day)
	}
	if out, code := f.cli("ledger", "paid", f.bill(text.name)["id"][:12]); code != 0 {
		t.Errorf("ledger paid: exit %d\n%s", code, out)
	}
	f.once()
	if b, day := f.bill(text.name), f.dueDateOf("60001"); b["state"] != "paid" || b["said_by"] != "person" || day != "" {
		t.Errorf("after a person said paid: %v, due date %q", b, day)
	}
	// Nothing is left to do, and the journal is whole.
	before, events := d.Dump(t, gc), f.dueDates()
	f.once()
	if !sameMail(before, d.Dump(t, gc)) || !maps.Equal(events, f.dueDates()) {
		t.Error("a run without news changed something")
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Error(out)
	}
	if b := f.bill("prebill"); b["class"] != "prebill" || b["matter"] != "10042.0070" || b["state"] != "open" {
		t.Errorf("prebill: %v", b)
	}
	out, code := f.cli("explain", prebill.id())
	for _, want := range []string{"prebills: matches", "20-billing.yaml:", `msg.bill.class = "prebill"`} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("explain without %q: exit %d\n%s", want, code, out)
		}
	}
	// What was filed where nobody looks is read there.
	out, code = f.cli("explain", text.id())
	for _, want := range []string{"in Billing/Acme Robotics/10042-0071 of gc-mail", "60001", "1137.01"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("explain of what was filed, without %q: exit %d\n%s", want, code, out)
		}
	}
}

// The same bill again, by mail and by whatever way, is marked and names the earlier one;
// nothing is rejected.
func TestBillingTellsDuplicates(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := billingFirm(t, d, dav)
	first := liveBill(1, 30)
	first.date = hoursAgo(30)
	file := liveBill(4, 30)
	file.date, file.text, file.subject = hoursAgo(29), "Attached.\n", "Invoice 60004"
	due := time.Now().AddDate(0, 0, 30).Format("January 2, 2006")
	dated := time.Now().Format("January 2, 2006")
	file.files = []billFile{pdfFile("60004.pdf", "North Counsel LLP\nInvoice no. 60004\nInvoice date: "+dated+"\nMatter 10042.0071\nProfessional services rendered\nTotal due: $777.00\nDue date: "+due)}
	deliverBills(t, d, first, file)
	f.once()
	again := func(name string, l billLetter) billLetter { l.name, l.date = name, hoursAgo(1); return l }
	number := again("number", first)
	number.subject, number.text = "Copy of INV-60001", strings.ReplaceAll(first.text, "60001", "INV-60001")
	sameFile := again("file", file)
	sameFile.subject = "Re-sent"
	amount := again("amount", first)
	amount.subject, amount.text = "Invoice 98765 / 10042.0071", strings.ReplaceAll(first.text, "60001", "98765")
	near := again("near", first)
	near.subject = "Invoice No. 60007 / 10042.0071"
	near.text = strings.NewReplacer("60001", "60007", "1137.01", "1139.00", dated, time.Now().AddDate(0, 0, -9).Format("January 2, 2006")).Replace(first.text)
	deliverBills(t, d, number, sameFile, amount, near)
	f.once()
	for _, l := range []struct {
		billLetter
		layer string
		of    billLetter
	}{{number, "number", first}, {sameFile, "file", file}, {amount, "amount", first}, {near, "near", first}} {
		b, earlier := f.bill(l.name), f.bill(l.of.name)
		// A file that was sent again has its number again, too.
		if ok := b["layer"] == l.layer || l.layer == "file" && b["layer"] == "number"; !ok || !strings.Contains(b["twins"], earlier["id"]) {
			t.Errorf("%s: layer %q of %s, want %s of %s", l.name, b["layer"], b["twins"], l.layer, earlier["id"])
		}
		if !slices.ContainsFunc(d.Dump(t, pa)["INBOX"], func(m servertest.Dumped) bool {
			note := mime.Read(m.Body)
			return slices.Contains(note.InReplyTo, l.id()) && strings.Contains(note.Parts[0].Text, l.of.id())
		}) {
			t.Errorf("no note about %s names the earlier mail", l.name)
		}
		if s := where(t, d, gc)[l.subject]; !strings.Contains(s, "lx-") {
			t.Errorf("%s is not marked: %s", l.name, s)
		}
	}
	if n := len(f.ledger()); n != 6 {
		t.Errorf("%d mails in the ledger", n)
	}
	if !strings.Contains(fmt.Sprint(f.dueDates()), "60004") {
		t.Errorf("due dates: %v", f.dueDates())
	}
}

// What wants money to go elsewhere is marked and told to the assistant, and never filed.
func TestBillingFraud(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := billingFirm(t, d, dav)
	f.write("lists/firm.txt", f.read("lists/firm.txt")+"\nGale Chen <gc@firm.example>\n")
	known := liveBill(1, 30)
	known.text += "Please pay to IBAN DE89 3704 0044 0532 0130 00\n"
	quiet := liveBill(4, 30) // nothing but another account tells
	quiet.text += "Please pay to IBAN GB29 NWBK 6016 1331 9268 19\n"
	deliverBills(t, d, known)
	f.once()
	deliverBills(t, d, quiet)
	deliverBills(t, d, billsFraud...)
	f.once()
	got := where(t, d, gc)
	notes := 0
	for _, m := range d.Dump(t, pa)["INBOX"] {
		if ownNote(m) {
			notes++
		}
	}
	for _, l := range append(slices.Clone(billsFraud), quiet) {
		s := got[l.subject]
		if !strings.HasPrefix(s, "INBOX [") || strings.Count(s, ";") != 1 || strings.Contains(s, "[]") {
			t.Errorf("%s must stay in sight, marked: %s", l.name, s)
		}
	}
	if b := f.bill(quiet.name); !strings.Contains(b["doubts"], "bank") {
		t.Errorf("the account changed against the ledger: doubts %q", b["doubts"])
	}
	if notes == 0 {
		t.Error("nobody told the assistant")
	}
	t.Logf("%d mails, %d notes", len(billsFraud)+1, notes)
}

// A person wins: a mail moved back stays, a mark taken away stays away, a due date
// deleted or moved is left alone, a state that a person set is not changed by mail.
func TestBillingAPersonWins(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := billingFirm(t, d, dav)
	a, b, c := liveBill(1, 30), liveBill(4, 31), liveBill(7, 32)
	deliverBills(t, d, a, b, c)
	r := f.start()
	await(t, "three due dates", func() bool { return len(f.dueDates()) == 3 })
	await(t, "three mails filed", func() bool { return strings.Count(fmt.Sprint(where(t, d, gc)), "Billing/") == 3 })
	hands := d.Client(t, gc)
	hands.OK(`SELECT "Billing/Acme Robotics/10042-0071"`)
	hands.OK("UID MOVE 1 INBOX")
	for _, path := range dav.List(dav.Home + "bills/") {
		text, _ := dav.Get(path)
		switch s := unfold(text); {
		case strings.Contains(s, "60004"):
			dav.Delete(path)
		case strings.Contains(s, "60007"):
			dav.Put(path, []byte(strings.Replace(string(text), "SUMMARY:", "SUMMARY:Mine ", 1)))
		}
	}
	await(t, "the releases", func() bool {
		out, _ := f.cli("journal")
		return strings.Count(out, "released") >= 2
	})
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, r.log())
	}
	if out, code := f.cli("ledger", "dispute", f.bill(a.name)["id"]); code != 0 {
		t.Fatalf("ledger dispute: %s", out)
	}
	for range 2 {
		f.once()
	}
	inbox := 0
	for subject, s := range where(t, d, gc) {
		if strings.HasPrefix(s, "INBOX ") {
			inbox++
		}
		if strings.Count(s, ";") != 1 {
			t.Errorf("%s lies twice: %s", subject, s)
		}
	}
	if inbox != 1 {
		t.Errorf("%d mails in INBOX, one was put back: %v", inbox, where(t, d, gc))
	}
	dates := fmt.Sprint(f.dueDates())
	if strings.Contains(dates, "60004") || !strings.Contains(dates, "Mine") || strings.Contains(dates, "60001") || len(f.dueDates()) != 1 {
		t.Errorf("due dates: %s", dates)
	}
	if b := f.bill(a.name); b["state"] != "disputed" || b["said_by"] != "person" {
		t.Errorf("state: %v", b)
	}
}

// The billing note comes once a period, with the ledger attached; of a prebill that came
// before somebody began to look nobody is reminded.
func TestBillingNoteComesOnce(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := billingFirm(t, d, dav)
	// A note is due every day, and will be in a minute or two: the daemon must be at
	// work before, on a slow machine too.
	at := time.Now().Add(2 * time.Minute).Truncate(time.Minute)
	f.edit("chancery.yaml", `notes: "off"`, fmt.Sprintf(`notes: daily, at: "%s", prebill_after: 1h`, at.In(mustZone(t, "America/New_York")).Format("15:04")))
	bill, late := liveBill(1, 2), liveBill(4, -20)
	prebill := billLetter{name: "prebill", date: hoursAgo(30), from: "Billing Office <billing@firm.example>", subject: "Prebill 10042.0070", text: "Prebill for 10042.0070 attached. Please return it with your edits.\n"}
	deliverBills(t, d, bill, late)
	deliver(t, d, gc, [][]byte{prebill.raw()})
	files, err := filepath.Glob(filepath.Join(d.Dir(), "mail", gc, "Maildir", "new", "*.M1P1.host"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if err := os.Chtimes(files[0], time.Time{}, time.Now().Add(-30*time.Hour)); err != nil { // when it arrived
		t.Fatal(err)
	}
	r := f.start()
	await(t, "the minute of the note", func() bool { return time.Until(at) < 15*time.Second })
	notes := func() (bills, reminders [][]byte) {
		for _, m := range d.Dump(t, pa)["INBOX"] {
			switch h := mime.Read(m.Body).Subject; {
			case !ownNote(m):
			case strings.Contains(strings.ToLower(h), "prebill") || strings.Contains(strings.ToLower(h), "reminder"):
				reminders = append(reminders, m.Body)
			default:
				bills = append(bills, m.Body)
			}
		}
		return bills, reminders
	}
	await(t, "the billing note", func() bool { b, _ := notes(); return len(b) > 0 })
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, r.log())
	}
	bills, reminders := notes()
	if len(bills) != 1 || len(reminders) != 0 {
		for _, m := range d.Dump(t, pa)["INBOX"] {
			t.Logf("there: %s", field(head(m), "Subject"))
		}
		t.Fatalf("%d billing notes and %d reminders", len(bills), len(reminders))
	}
	m := mime.ReadFor(bills[0], newBillReader(t).set.Need(), nil)
	i := slices.IndexFunc(m.Files, func(a model.Attachment) bool { return filepath.Ext(a.Name) == ".csv" })
	if i < 0 {
		t.Fatalf("no CSV is attached: %d files, %v", len(m.Files), m.Problems)
	}
	all := ""
	html := false
	for _, p := range m.Parts {
		all += p.Text
		html = html || p.HTML
	}
	for _, want := range []string{"60001", "60004", "mid:"} {
		if !strings.Contains(all, want) {
			t.Errorf("the note does not say %q:\n%s", want, all)
		}
	}
	if !html || strings.Contains(all, "<script") {
		t.Error("the note wants HTML, without scripts")
	}
	for range 2 {
		f.once()
	}
	if b, r := notes(); len(b) != 1 || len(r) != 0 {
		t.Errorf("later: %d billing notes and %d reminders", len(b), len(r))
	}
}

// The whole way with the journal in PostgreSQL, killed once on it.
func TestBillingOnPostgres(t *testing.T) {
	dsn := servertest.Postgres(t)
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := billingFirm(t, d, dav)
	f.onPostgres(dsn, sharedKey(t), filepath.Join(f.dir, "state"))
	a, b := liveBill(1, 30), liveBill(4, 31)
	deliverBills(t, d, a, b)
	r := f.start()
	await(t, "the first effect", func() bool { return strings.Contains(fmt.Sprint(where(t, d, gc)), "lx-") })
	_ = r.stop(syscall.SIGKILL)
	f.once()
	deliverBills(t, d, func() billLetter { l := a; l.name = "again"; l.subject = "Once more"; return l }())
	f.once()
	if n := len(f.dueDates()); n != 2 {
		t.Errorf("%d due dates: %v", n, f.dueDates())
	}
	if row := f.bill("again"); row["layer"] != "number" || row["twins"] != f.bill(a.name)["id"] {
		t.Errorf("sent again: %v", row)
	}
	if out, code := f.cli("ledger", "paid", f.bill(b.name)["id"]); code != 0 {
		t.Errorf("ledger paid: %s", out)
	}
	f.once()
	if f.dueDateOf("60004") != "" || len(f.dueDates()) != 1 {
		t.Errorf("due dates: %v", f.dueDates())
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Errorf("verify: exit %d\n%s", code, out)
	}
}
