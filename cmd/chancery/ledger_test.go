package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// day is a day of a bill.
func day(text string) model.UnixTime {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return model.UnixTime(t.Unix())
}

// billsFirm has a journal with a ledger, and a server that does not answer.
func billsFirm(t *testing.T) *firm {
	t.Helper()
	f := heldFirm(t, 0)
	one := model.Bill{ID: "aaaa1111" + strings.Repeat("0", 24), Ident: "i1", Source: "gc-mail", MessageID: "<1@copper.example>", At: day("2026-03-02"),
		Subject: "Invoice CR-17", Class: "vendor", Number: "CR-17", Plain: "CR17", Vendor: "copper.example", Name: "Copper Reporting", Client: "Northwind",
		Matter: "00420.0010", Amount: 125050, Currency: "USD", Date: day("2026-03-01"), Due: day("2026-03-31"), Bank: "021000021/12345", Proved: true,
		Doubts: []string{"bank-changed", "bank-first"}, Keys: []string{"n:copper.example|CR17", "m:CR17"}, State: journal.BillOpen}
	twin := one
	twin.ID, twin.Ident, twin.At, twin.Twins, twin.Layer, twin.Doubts = "aaaa2222"+strings.Repeat("0", 24), "i2", day("2026-03-09"), []string{one.ID}, "number", []string{"first-seen"}
	euro := model.Bill{ID: "bbbb3333" + strings.Repeat("0", 24), Ident: "i3", Source: "gc-mail", At: day("2026-03-03"), Subject: "x", Class: "invoice-in",
		Number: "2026/9", Name: "\x1b[2JSanders \u202e& Associates of the very long name that no column holds LLP", Client: "=Client", Amount: -300, Currency: "EUR", Due: day("2026-03-15"), State: journal.BillOpen}
	ours := model.Bill{ID: "cccc4444" + strings.Repeat("0", 24), Ident: "i4", Source: "gc-mail", At: day("2026-03-04"), Class: "invoice-out", Vendor: "self",
		Number: "10001", Name: "us", Client: "Northwind", Amount: 9900000, Currency: "USD", Keys: []string{"m:10001"}, State: journal.BillPaid, By: journal.ByMail}
	pays := model.Bill{ID: "dddd5555" + strings.Repeat("0", 24), Ident: "i5", Source: "gc-mail", At: day("2026-03-20"), Class: "remittance", Event: "paid",
		Name: "Northwind", Amount: 9900000, Currency: "USD", Settles: []string{"m:10001"}, State: journal.BillOpen}
	f.change(func(j *journal.Journal) {
		now := time.Now().Add(-time.Hour)
		lease, err := j.Claim(t.Context(), "gc-mail", "test", now)
		if err == nil {
			_, err = j.Commit(t.Context(), journal.Turn{Lease: lease, Now: now, Cursor: "1", Bills: []model.Bill{one, twin, euro, ours, pays}})
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	return f
}

func (f *firm) billStates() map[string]string {
	f.t.Helper()
	out := map[string]string{}
	f.look(func(j *journal.Journal) {
		if err := j.Ledger(f.t.Context(), func(b model.Bill) { out[b.ID[:4]+b.ID[4:8]] = b.State + " " + b.By }); err != nil {
			f.t.Fatal(err)
		}
	})
	return out
}

func TestLedgerList(t *testing.T) {
	f := billsFirm(t)
	out, code := f.cli("ledger")
	if named, code := f.cli("ledger", "list"); named != out || code != 0 {
		t.Errorf("ledger list: exit %d\n%s", code, named)
	}
	want := `ID        CLASS       NUMBER  VENDOR                                  CLIENT, MATTER        DUE               AMOUNT  LOOK AT
bbbb3333  invoice-in  2026/9  [2JSanders & Associates of the v…  =Client               2026-03-15     -3.00 EUR
aaaa1111  vendor      CR-17   Copper Reporting                        Northwind 00420.0010  2026-03-31  1250.50 USD  doubt
aaaa2222  vendor      CR-17   Copper Reporting                        Northwind 00420.0010  2026-03-31  1250.50 USD  twin
dddd5555  remittance                Northwind                                                                 99000.00 USD

4 bills
           -3.00 EUR  1 bill of others
         1250.50 USD  1 bill of others
             2 bills  not added up: notices, without an amount, void, or repeating another bill
`
	if squeeze(out) != squeeze(want) || code != 0 {
		t.Errorf("exit %d\n%s\nwant\n%s", code, out, want)
	}
	var at []int // where the amounts end
	for line := range strings.Lines(out) {
		if len([]rune(line)) > ledgerWidth+1 {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
		if i := strings.Index(line, " USD"); i > 0 && strings.HasPrefix(line, "aaaa") || strings.HasPrefix(line, "dddd") {
			at = append(at, len([]rune(line[:i])))
		}
	}
	if slices.Min(at) != slices.Max(at) {
		t.Errorf("amounts end at %v\n%s", at, out)
	}
	for args, want := range map[string]string{
		"--all":                   "bbbb aaaa aaaa cccc dddd",
		"--paid":                  "cccc",
		"--due-before=2026-03-16": "bbbb",
		"--due-before=2026-03-15": "",
		"--client=north --all":    "aaaa aaaa cccc",
		"--matter=00420":          "aaaa aaaa",
		"--matter=420":            "",
		"--vendor=COPPER":         "aaaa aaaa",
		"--duplicates":            "aaaa",
		"--doubtful":              "aaaa",
		"--doubtful --duplicates": "",
		"--doubtful --paid":       "",
	} {
		out, code := f.cli(append([]string{"ledger", "--json"}, strings.Fields(args)...)...)
		var bills []ledgerBill
		if err := json.Unmarshal([]byte(out), &bills); err != nil || code != 0 {
			t.Fatalf("%s: exit %d, %v\n%s", args, code, err, out)
		}
		var ids []string
		for _, b := range bills {
			ids = append(ids, b.ID[:4])
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
	for _, bad := range []string{"--all --paid", "--due-before=tomorrow", "extra"} {
		if out, code := f.cli(append([]string{"ledger"}, strings.Fields(bad)...)...); code != 2 {
			t.Errorf("%s: exit %d\n%s", bad, code, out)
		}
	}
}

// squeeze makes one blank of several, so that a table may be written as it reads.
func squeeze(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		out = append(out, oneLine(line))
	}
	return strings.Join(out, "\n")
}

func TestLedgerOfNothing(t *testing.T) {
	f := heldFirm(t, 0)
	if out, code := f.cli("ledger"); out != "no bills\n" || code != 0 {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, code := f.cli("ledger", "export"); strings.Count(out, "\n") != 1 || code != 0 {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, code := f.cli("ledger", "--json"); out != "[]\n" || code != 0 {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, code := f.cli("ledger", "paid", "aaaa1111"); code != 1 || !strings.Contains(out, "no bill") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestLedgerExport(t *testing.T) {
	f := billsFirm(t)
	out, code := f.cli("ledger", "export", "--all")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if code != 0 || err != nil || len(rows) != 6 || strings.Count(out, "\r\n") != 6 {
		t.Fatalf("exit %d, %v, %d rows\n%s", code, err, len(rows), out)
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	if r := rows[1]; r[column("client")] != "'=Client" || r[column("amount")] != "-3.00" || strings.Contains(r[column("vendor")], "\x1b") {
		t.Errorf("%q", r)
	}
}

func TestLedgerShow(t *testing.T) {
	f := billsFirm(t)
	out, code := f.cli("ledger", "show", "aaaa2")
	for _, want := range []string{"bill      aaaa2222", "amount    1250.50 USD", "matter    00420.0010", "paid to   021000021/12345", "repeats   told by: number",
		"aaaa1111, vendor, CR-17, Copper Reporting, 1250.50 USD, of 2026-03-01, open", "recorded as open", "its sender is proved"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	if out, _ := f.cli("ledger", "show", "CCCC"); !strings.Contains(out, "state     paid, said by mail") || !strings.Contains(out, "told of by\n          dddd5555, remittance, Northwind") {
		t.Errorf("what settled it is not told:\n%s", out)
	}
	if out, _ := f.cli("ledger", "show", "dddd"); !strings.Contains(out, "tells of\n          cccc4444, invoice-out, 10001") {
		t.Errorf("what it settles is not told:\n%s", out)
	}
	if out, _ := f.cli("ledger", "show", "bbbb"); strings.ContainsAny(out, "\x1b\u202e") {
		t.Errorf("a mail writes to the terminal: %q", out)
	}
	for id, want := range map[string]string{"aaa": "too short", "aaaa": "2 bills begin with \"aaaa\"", "ffff": "no bill", "": "too short", "10001": "that number has cccc4444", "2026/9": "that number has bbbb3333"} {
		if out, code := f.cli("ledger", "show", id); code == 0 || !strings.Contains(out, want) {
			t.Errorf("%q: exit %d\n%s", id, code, out)
		}
	}
}

func TestLedgerStates(t *testing.T) {
	f := billsFirm(t)
	out, code := f.cli("ledger", "paid", "aaaa1", "bbbb", "aaaa1111")
	if code != 0 || strings.Count(out, "\n") != 2 || !strings.Contains(out, "aaaa1111  CR-17 Copper Reporting 1250.50 USD  paid\n") {
		t.Errorf("exit %d\n%s", code, out)
	}
	// One that is not known changes none of the others.
	if out, code = f.cli("ledger", "void", "cccc", "ffff"); code != 1 {
		t.Errorf("exit %d\n%s", code, out)
	}
	if got := f.billStates(); got["aaaa1111"] != "paid person" || got["bbbb3333"] != "paid person" || got["cccc4444"] != "paid mail" {
		t.Errorf("%v", got)
	}
	for _, c := range []struct{ do, want, says string }{
		{"open", "open person", "open"}, {"open", "open person", "said before to be open"}, {"dispute", "disputed person", "disputed"}, {"void", "void person", "void"}, {"paid", "paid person", "paid"},
	} {
		if out, code := f.cli("ledger", c.do, "bbbb"); code != 0 || !strings.HasSuffix(out, "  "+c.says+"\n") {
			t.Errorf("%s: exit %d\n%s", c.do, code, out)
		}
		if got := f.billStates()["bbbb3333"]; got != c.want {
			t.Errorf("%s: %s", c.do, got)
		}
	}
	if out, _ := f.cli("ledger", "show", "bbbb"); strings.Count(out, "by a person") != 5+1 || !strings.Contains(out, "state     paid, said by a person") {
		t.Errorf("the past is not told:\n%s", out)
	}
	if out, code := f.cli("ledger", "forget", "bbbb"); code != 0 || !strings.HasSuffix(out, "  forgotten\n") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if got := f.billStates(); len(got) != 4 || got["bbbb3333"] != "" {
		t.Errorf("%v", got)
	}
	// Neither journal nor its list tells what stood there.
	if out, _ := f.cli("journal", "--json"); strings.Contains(out, "Sanders") || !strings.Contains(out, "bill-forgotten") {
		t.Errorf("the journal:\n%s", out)
	}
}

// The service alone writes its journal: it is asked.
func TestLedgerBesideTheService(t *testing.T) {
	f := billsFirm(t)
	r := f.start()
	await(t, "the service runs", func() bool { return strings.Contains(r.log(), "msg=ready") })
	if out, code := f.cli("ledger", "paid", "aaaa1111"); code != 0 || !strings.HasSuffix(out, "  paid\n") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, code := f.cli("ledger", "forget", "bbbb"); code != 0 {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, _ := f.cli("ledger", "--paid"); !strings.Contains(out, "aaaa1111") {
		t.Errorf("it is not paid:\n%s", out)
	}
	if got := f.billStates(); got["aaaa1111"] != "paid person" || len(got) != 4 {
		t.Errorf("%v", got)
	}
	r.stop(syscall.SIGTERM)
	for _, word := range []string{"Copper", "CR-17", "1250", "Sanders", "12505"} {
		if strings.Contains(r.log(), word) {
			t.Errorf("the log says %q", word)
		}
	}
}

// However alike their IDs are, each is shown with as much as tells it from the others.
func TestShortIDs(t *testing.T) {
	f := heldFirm(t, 0)
	f.change(func(j *journal.Journal) {
		now := time.Now()
		lease, err := j.Claim(t.Context(), "gc-mail", "test", now)
		turn := journal.Turn{Lease: lease, Now: now, Cursor: "1"}
		for i := range 3 {
			turn.Bills = append(turn.Bills, model.Bill{ID: strings.Repeat("a", 12) + fmt.Sprintf("%020d", i*1_000_000), Source: "gc-mail", Ident: model.Ident(fmt.Sprint(i)), State: "open"})
		}
		if _, err2 := j.Commit(t.Context(), turn); err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
	})
	out, _ := f.cli("ledger")
	var ids []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "aaaa") {
			ids = append(ids, strings.Fields(line)[0])
		}
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != 3 {
		t.Fatalf("IDs %q", ids)
	}
	for _, id := range ids {
		if out, code := f.cli("ledger", "show", id); code != 0 {
			t.Errorf("%s: exit %d\n%s", id, code, out)
		}
	}
}

// What may be forged comes as disputed: who asks for doubts must see it. That a bill is
// the first of its vendor is no doubt.
func TestLedgerDoubtful(t *testing.T) {
	for _, tt := range []struct {
		bill  model.Bill
		f     ledgerFilter
		wants bool
	}{
		{model.Bill{State: journal.BillOpen, Doubts: []string{"first-seen", "bank-first"}}, ledgerFilter{doubtful: true}, false},
		{model.Bill{State: journal.BillOpen, Doubts: []string{"first-seen", "urgent"}}, ledgerFilter{doubtful: true}, true},
		{model.Bill{State: journal.BillDisputed, Doubts: []string{"bank-changed"}}, ledgerFilter{doubtful: true}, true},
		{model.Bill{State: journal.BillDisputed, Doubts: []string{"bank-changed"}}, ledgerFilter{}, false},
		{model.Bill{State: journal.BillDisputed}, ledgerFilter{doubtful: true}, false},
		{model.Bill{State: journal.BillPaid, Doubts: []string{"bank-changed"}}, ledgerFilter{doubtful: true}, false},
		{model.Bill{State: journal.BillDisputed, Doubts: []string{"bank-changed"}}, ledgerFilter{doubtful: true, paid: true}, false},
	} {
		if got := tt.f.wants(tt.bill); got != tt.wants {
			t.Errorf("%+v of %s %v: %v", tt.f, tt.bill.State, tt.bill.Doubts, got)
		}
		if look := lookAt(model.Bill{Doubts: tt.bill.Doubts}); tt.wants && look != "doubt" {
			t.Errorf("%v is to be looked at as %q", tt.bill.Doubts, look)
		}
	}
}
