package rules

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/billing"
)

// billOffice is an office whose mail server is known, with rules that file bills.
func billOffice(change ...func(r *config.Rules)) *config.Rules {
	r := office(
		mailRule("file-it", 50, `msg.bill.matter.found`, mark("billing"), file("Billing/{{msg.bill.matter.number}}")),
		mailRule("file-all", 40, `msg.from != ""`, file("All")),
	)
	r.House.Firm, r.House.AuthServ = tx("firm"), txs("mx.firm.example")
	r.Lists[0].Entries = append(r.Lists[0].Entries, tx("jane.doe@firm.example"))
	r.Billing.Portals = []config.Portal{{Name: tx("portal"), From: txs("portal.example")}}
	for _, f := range change {
		f(r)
	}
	return r
}

// billFrom makes a mail by somebody, proved unless the address begins with "!".
func billFrom(from, subject, body string, change ...func(*model.Message, *model.Mail)) model.Change {
	from, forged := strings.CutPrefix(from, "!")
	name, addr, ok := strings.Cut(from, " <")
	if addr = strings.TrimSuffix(addr, ">"); !ok {
		name, addr = "", from
	}
	d := domain(addr)
	set := func(m *model.Message, mail *model.Mail) {
		mail.From = []model.Address{{Name: name, Addr: addr}}
		mail.MessageID = fmt.Sprintf("<%x@%s>", hash(subject+body), d)
		m.Ident = model.Ident("id " + mail.MessageID)
		result := "mx.firm.example; dmarc=pass header.from=" + d
		if forged {
			result = "mx.firm.example; dmarc=fail header.from=" + d
		}
		if d != "firm.example" || forged {
			mail.Header = map[string][]string{"Authentication-Results": {result}}
		}
	}
	return letter(subject, body, append([]func(*model.Message, *model.Mail){set}, change...)...)
}

func days(n int) func(*model.Message, *model.Mail) {
	return func(m *model.Message, mail *model.Mail) {
		m.Arrived, mail.Date = m.Arrived.AddDate(0, 0, n), mail.Date.AddDate(0, 0, n)
	}
}

// ledger plays the journal: it keeps what plans remember and answers by key.
type ledger struct {
	t     testing.TB
	s     *Set
	bills []model.Bill
}

func (l *ledger) take(c model.Change) model.Plan {
	l.t.Helper()
	v := model.View{Now: c.Message.Arrived.Add(time.Hour), Desk: model.Desk{From: model.Address{Name: "Gale Chen", Addr: "gc@firm.example"}}}
	told := l.s.Bills(c, v)
	var keys []string
	for _, b := range told {
		keys = append(keys, b.Keys...)
	}
	for _, b := range l.bills {
		if b.Ident != c.Ident && slices.ContainsFunc(slices.Concat(b.Keys, b.Settles), func(k string) bool { return slices.Contains(keys, k) }) {
			v.Bills = append(v.Bills, b)
		}
	}
	plan := l.s.Decide(c, v)
	again := l.s.Decide(c, v)
	if shape(plan) != shape(again) || len(plan.Bills) != len(again.Bills) {
		l.t.Fatal("decided twice, and not the same")
	}
	for _, b := range plan.Bills {
		if i := slices.IndexFunc(l.bills, func(o model.Bill) bool { return o.ID == b.ID }); i >= 0 {
			l.bills[i] = b
		} else {
			l.bills = append(l.bills, b)
		}
	}
	return plan
}

// stand tells the ledger: number:state, with layer and doubts.
func (l *ledger) stand() string {
	var out []string
	for _, b := range l.bills {
		s := b.Class + " " + b.Number + " " + b.State
		if b.Event != "" {
			s += " " + b.Event
		}
		if b.Layer != "" {
			s += " ~" + b.Layer
		}
		if d := slices.DeleteFunc(slices.Clone(b.Doubts), func(d string) bool { return d == billing.DoubtFirstSeen }); len(d) > 0 {
			s += " ?" + strings.Join(d, "?")
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

const (
	vendorMail = "Hale Reporters <billing@hale.example>"
	theBill    = "Please find attached our invoice no. 4711 for professional services in 12345.001.\nInvoice date: February 27, 2026\nTotal due: USD 1,250.00\nDue date: March 31, 2026."
)

func invoice(number, amount, more string) string {
	return "Please find our invoice no. " + number + " for professional services in 12345.001.\nInvoice date: February 27, 2026\nTotal due: USD " + amount + "\nDue date: March 31, 2026\n" + more
}

func TestBillsTellWhatTheLedgerKeeps(t *testing.T) {
	s := compiled(t, billOffice())
	list := s.Bills(billFrom(vendorMail, "Invoice 4711", theBill), model.View{Now: now})
	if len(list) != 1 {
		t.Fatalf("%d bills", len(list))
	}
	b := list[0]
	if b.Class != "invoice-in" && b.Class != "vendor" {
		t.Errorf("class %s", b.Class)
	}
	if b.Number != "4711" || b.Plain != "4711" || b.Vendor != "hale.example" || b.Matter != "12345.001" || b.Client != "Acme" || b.Amount != 125000 || b.Currency != "USD" ||
		!b.Proved || b.State != "open" || b.By != "" || len(b.Twins) > 0 || writtenDay(b.Due) != "20260331" || writtenDay(b.Date) != "20260227" || b.MessageID == "" || b.Subject == "" || b.At == 0 {
		t.Errorf("%#v", struct{ N, P, V, M, C string }{b.Number, b.Plain, b.Vendor, b.Matter, b.Client})
	}
	if raw, err := hex.DecodeString(b.ID); err != nil || len(raw) != 16 {
		t.Errorf("ID %q", b.ID)
	}
	want := []string{"n:hale.example|4711", "a:hale.example|125000USD|20260227", "v:hale.example", "l:" + skeleton("hale"), "w:halereporters", "m:4711"}
	if !slices.Equal(b.Keys, want) {
		t.Errorf("keys %q", b.Keys)
	}
	if again := s.Bills(billFrom(vendorMail, "Invoice 4711", theBill), model.View{}); again[0].ID != b.ID {
		t.Error("the same mail, read again, has another ID")
	}
	for name, c := range map[string]model.Change{
		"no bill": billFrom(vendorMail, "Lunch", "Tuesday at noon?"),
		"old":     billFrom(vendorMail, "Invoice 4711", theBill, func(m *model.Message, _ *model.Mail) { m.Old = true }),
		"own":     billFrom(vendorMail, "Invoice 4711", theBill, func(m *model.Message, _ *model.Mail) { m.Own = true }),
	} {
		if got := s.Bills(c, model.View{Now: now}); got != nil {
			t.Errorf("%s: %d bills", name, len(got))
		}
	}
	if got := compiled(t, office(mailRule("a", 1, `x.total.cents > 5`))).Bills(billFrom(vendorMail, "Invoice 4711", theBill), model.View{}); got != nil {
		t.Error("bills are told though no rule asks")
	}
}

// A matter's number is not the number of a bill: all of its bills would be one.
func TestNumberOfTheMatterIsNoNumberOfABill(t *testing.T) {
	l := ledger{t: t, s: compiled(t, billOffice())}
	for i, month := range []string{"January", "February"} {
		plan := l.take(billFrom("Billing <billing@firm.example>", "Prebill 12345.001", "The prebill for "+month+" is attached.", days(31*i)))
		if len(plan.Bills) != 1 || plan.Bills[0].Class != "prebill" || plan.Bills[0].Matter != "12345.001" || plan.Bills[0].Number != "" || len(plan.Bills[0].Twins) > 0 {
			t.Errorf("%s: %d bills, the matter's number among their own", month, len(plan.Bills))
		}
	}
}

// TestLedgerThroughMail lets mails come one after the other, and looks at the ledger.
func TestLedgerThroughMail(t *testing.T) {
	client, own, portal := "AP <ap@client.example>", "Pat Lee <pat@firm.example>", "Portal <notices@portal.example>"
	remit := func(numbers, amount string) string {
		s := "Remittance advice: we have paid invoice " + numbers + " by ACH.\n"
		if amount != "" {
			s += "Amount paid: USD " + amount + "\n"
		}
		return s
	}
	iban := "Please pay to IBAN DE02 1203 0000 0000 2020 51.\n"
	other := "Please pay to IBAN DE89 3704 0044 0532 0130 00.\n"
	for _, tt := range []struct {
		name  string
		mails []model.Change
		want  string // the last lines of the ledger
	}{
		{"one bill", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill)}, "invoice-in 4711 open"},
		{"the same again", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom(vendorMail, "Again: Invoice INV-04711", theBill, days(5))},
			"invoice-in 4711 open\ninvoice-in INV-04711 open ~number"},
		{"a copy in another mailbox", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom(vendorMail, "Invoice 4711", theBill, func(m *model.Message, _ *model.Mail) { m.Ident = "other"; m.Ref.Source = "b" })},
			"invoice-in 4711 open\ninvoice-in 4711 open"},
		{"one of us passes it on", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom(own, "Fwd: Invoice 4711", "Please process.\n\n---------- Forwarded message ---------\nFrom: Hale <billing@hale.example>\nDate: Mon, Mar 2, 2026 at 9:00 AM\nSubject: Invoice 4711\nTo: <pat@firm.example>\n\n"+theBill, days(1))},
			"invoice-in 4711 open"},
		{"a number of another vendor", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom("x@morrow.example", "Invoice 4711", theBill, days(1))},
			"invoice-in 4711 open\ninvoice-in 4711 open"},
		{"another number, the same amount and date", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom(vendorMail, "Invoice 9922", invoice("9922", "1,250.00", ""), days(1))},
			"invoice-in 4711 open\ninvoice-in 9922 open ~amount"},
		{"a slip of the number", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom(vendorMail, "Invoice 4771", invoice("4771", "1,255.00", ""), days(9))},
			"invoice-in 4711 open\ninvoice-in 4771 open ~near"},
		{"paid by one of us", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom(own, "Remittance advice", remit("4711", "1,250.00"), days(3))},
			"invoice-in 4711 paid\nremittance 4711 paid paid"},
		{"the vendor says that it got the money", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom(vendorMail, "Remittance advice", remit("4711", ""), days(3))},
			"invoice-in 4711 paid\nremittance 4711 paid paid"},
		{"paid in part", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom(own, "Remittance advice", remit("4711", "900.00"), days(3))},
			"invoice-in 4711 open\nremittance 4711 open part-paid"},
		{"paid too much", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom(own, "Remittance advice", remit("4711", "9,900.00"), days(3))},
			"invoice-in 4711 open\nremittance 4711 paid paid ?number-unclear"},
		{"a stranger says that it is paid", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom(client, "Remittance advice", remit("4711", "1,250.00"), days(3))},
			"invoice-in 4711 open\nremittance 4711 paid paid ?not-theirs"},
		{"somebody forges one of us", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom("!"+own, "Remittance advice", remit("4711", "1,250.00"), days(3))},
			"invoice-in 4711 open\nremittance 4711 open paid ?unauthenticated"},
		{"somebody forges the vendor", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom("!"+vendorMail, "Remittance advice", remit("4711", "1,250.00"), days(3))},
			"invoice-in 4711 open\nremittance 4711 open paid ?unauthenticated"},
		{"a number that two vendors have", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom("x@morrow.example", "Invoice 4711", theBill, days(1)), billFrom(own, "Remittance advice", remit("4711", ""), days(3))},
			"invoice-in 4711 open\ninvoice-in 4711 open\nremittance 4711 paid paid ?number-unclear"},
		{"it comes after its remittance", []model.Change{billFrom(own, "Remittance advice", remit("4711", "1,250.00")), billFrom(vendorMail, "Invoice 4711", theBill, days(2))},
			"remittance 4711 paid paid\ninvoice-in 4711 paid"},
		{"it comes after a forged remittance", []model.Change{billFrom("!"+own, "Remittance advice", remit("4711", "1,250.00")), billFrom(vendorMail, "Invoice 4711", theBill, days(2))},
			"remittance 4711 paid paid\ninvoice-in 4711 open"},
		{"a paid bill comes again", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill), billFrom(own, "Remittance advice", remit("4711", "1,250.00"), days(3)), billFrom(vendorMail, "Again: Invoice 4711", theBill, days(5))},
			"invoice-in 4711 paid\nremittance 4711 paid paid\ninvoice-in 4711 paid ~number"},
		{"another account", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill+"\n"+iban), billFrom(vendorMail, "Invoice 5822", invoice("5822", "90.00", other), days(30))},
			"invoice-in 4711 open\ninvoice-in 5822 disputed ?bank-changed"},
		{"the same account", []model.Change{billFrom(vendorMail, "Invoice 4711", theBill+"\n"+iban), billFrom(vendorMail, "Invoice 5822", invoice("5822", "90.00", iban), days(30))},
			"invoice-in 4711 open\ninvoice-in 5822 open"},
		{"new account by nobody known", []model.Change{billFrom("!"+vendorMail, "Invoice 4711", theBill+"\nNote our new bank details.\n"+iban)},
			"invoice-in 4711 disputed ?bank-words?unauthenticated"},
		{"a domain that looks like a vendor's", []model.Change{billFrom("Hale Reporters <billing@halereporters.example>", "Invoice 4711", theBill), billFrom("Hale Reporters <billing@hale-reporters.example>", "Invoice 5822", invoice("5822", "90.00", ""), days(30))},
			"invoice-in 4711 open\ninvoice-in 5822 disputed ?look-alike"},
		{"the name of the principal", []model.Change{billFrom("Gale Chen <gale@elsewhere.example>", "Invoice 4711", theBill)},
			"invoice-in 4711 disputed ?impersonation"},
		{"the name of one of us", []model.Change{billFrom("Doe, Jane <jd@elsewhere.example>", "Invoice 4711", theBill)},
			"invoice-in 4711 disputed ?impersonation"},
		{"a portal rejects what we billed", []model.Change{billFrom(own, "Invoice 4711", "Dear client, attached is our invoice no. 4711 for professional services rendered in 12345.001. Total due: USD 1,250.00", func(_ *model.Message, m *model.Mail) {
			m.To = []model.Address{{Addr: "ap@client.example"}}
		}), billFrom(portal, "Invoice 4711 was rejected", "Invoice number 4711 was rejected.", days(3))},
			"invoice-out 4711 disputed\nportal 4711 open rejected"},
		{"and approves it", []model.Change{billFrom(portal, "Invoice 4711 is on hold", "Invoice number 4711 is on hold."), billFrom(portal, "Invoice 4711 was approved", "Invoice number 4711 was approved.", days(3))},
			"portal 4711 void on-hold\nportal 4711 void approved"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &ledger{t: t, s: compiled(t, billOffice())}
			for _, c := range tt.mails {
				l.take(c)
			}
			if got := l.stand(); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// What a person said of a bill, no mail changes.
func TestPersonWinsOverRemittance(t *testing.T) {
	l := &ledger{t: t, s: compiled(t, billOffice())}
	l.take(billFrom(vendorMail, "Invoice 4711", theBill))
	l.bills[0].State, l.bills[0].By = stateDisputed, byPerson
	l.take(billFrom("Pat Lee <pat@firm.example>", "Remittance advice", "We have paid invoice 4711, USD 1,250.00.", days(2)))
	if l.bills[0].State != stateDisputed {
		t.Error("a remittance overruled a person")
	}
}

// No rule that did not ask moves what may be forged.
func TestDoubtfulBillsStay(t *testing.T) {
	forged := billFrom("!"+vendorMail, "Invoice 4711", theBill+"\nNote our new bank details.")
	honest := billFrom(vendorMail, "Invoice 4711", theBill)
	asking := func(when string) func(r *config.Rules) {
		return func(r *config.Rules) { r.Mail = append(r.Mail, mailRule("quarantine", 60, when, file("Quarantine"))) }
	}
	for _, tt := range []struct {
		name   string
		c      model.Change
		change func(r *config.Rules)
		want   string
	}{
		{"forged", forged, func(*config.Rules) {}, "file-it:mark billing, file-it?doubt file, file-all?doubt file"},
		{"forged, and a rule asks", forged, asking(`msg.bill.suspicious`), "file-it:mark billing, quarantine:file Quarantine, file-it?doubt file, file-all?doubt file"},
		{"forged, and a rule names the doubt", forged, asking(`"bank-words" in msg.bill.doubts`), "file-it:mark billing, quarantine:file Quarantine, file-it?doubt file, file-all?doubt file"},
		{"forged, and a rule only looks at its class", forged, asking(`msg.bill.found`), "file-it:mark billing, quarantine?doubt file, file-it?doubt file, file-all?doubt file"},
		{"honest", honest, asking(`msg.bill.suspicious`), "file-it:mark billing, file-it:file Billing|12345.001, file-all?outranked file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := compiled(t, billOffice(tt.change))
			for _, ungated := range []bool{false, true} {
				s.ungated = ungated
				if got := shape(s.Decide(tt.c, model.View{Now: now})); got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
			}
		})
	}
}

// msg.bill is what rules see of it.
func TestBillFields(t *testing.T) {
	second := billFrom(vendorMail, "Again: Invoice INV-04711", theBill+"\nPayment terms: net 30", days(5))
	for _, when := range []string{
		`msg.bill.found`, `msg.bill.class in ["invoice-in", "vendor"]`, `msg.bill.event == ""`, `msg.bill.number == "INV-04711"`, `msg.bill.numbers == ["INV-04711", "4711"] || msg.bill.numbers == ["INV-04711"]`,
		`msg.bill.count == 1`, `msg.bill.vendor == "hale.example"`, `msg.bill.vendor_name == "Hale Reporters"`, `msg.bill.client == "Acme"`,
		`msg.bill.matter.found && msg.bill.matter.open && msg.bill.matter.number == "12345.001" && msg.bill.matter.folder == ["Clients", "Acme"]`,
		`msg.bill.total.cents == 125000 && msg.bill.total.currency == "USD"`, `msg.bill.date == timestamp("2026-02-27T00:00:00Z")`,
		`msg.bill.due == timestamp("2026-03-31T00:00:00Z")`, `msg.bill.from == timestamp(0)`, `msg.bill.till == timestamp(0)`, `msg.bill.terms == 30`,
		`msg.bill.duplicate`, `msg.bill.duplicate_of.startsWith("invoice 4711 of Hale Reporters for USD 1250.00 that came on 2026-03-02 (message <")`,
		`msg.bill.layer == "number"`, `msg.bill.doubts.size() == 0`, `!msg.bill.suspicious`, `msg.bill.faults.size() == 0`, `!msg.bill.paid`, `msg.bill.reasons.size() > 0`,
	} {
		for _, ungated := range []bool{false, true} {
			l := &ledger{t: t, s: compiled(t, billOffice(func(r *config.Rules) { r.Mail = []config.MailRule{mailRule("it", 1, when, mark("billing"))} }))}
			l.s.ungated = ungated
			l.take(billFrom(vendorMail, "Invoice 4711", theBill))
			if got := shape(l.take(second)); got != "it:mark billing" {
				t.Errorf("%s (ungated %v): %s", when, ungated, got)
			}
		}
	}
	for _, when := range []string{`msg.bill.found`, `msg.bill.class != ""`, `msg.bill.number != ""`, `msg.bill.total.cents > 0`, `msg.bill.doubts.size() > 0`, `msg.bill.duplicate`, `msg.bill.matter.found`, `msg.bill.count > 0`, `msg.bill.paid`} {
		s := compiled(t, billOffice(func(r *config.Rules) { r.Mail = []config.MailRule{mailRule("it", 1, when, mark("billing"))} }))
		if got := shape(s.Decide(billFrom(vendorMail, "Lunch", "Tuesday at noon? 12345.001"), model.View{Now: now})); got != "" {
			t.Errorf("%s holds for a mail that is no bill", when)
		}
	}
}

// What can never hold is told, with what was meant.
func TestBillWordsAreKnown(t *testing.T) {
	for when, hint := range map[string]string{
		`msg.bill.clas == "vendor"`:                `did you mean "class"?`,
		`msg.bill.class == "vendr"`:                `did you mean "vendor"?`,
		`msg.bill.class in ["invoice"]`:            "there are:",
		`msg.bill.event == "hold"`:                 "there are:",
		`msg.bill.layer == "amounts"`:              `did you mean "amount"?`,
		`"bank-change" in msg.bill.doubts`:         `did you mean "bank-changed"?`,
		`msg.bill.matter.clint == "Acme"`:          `did you mean "client"?`,
		`msg.bill.total > 5`:                       "",
		`msg.bill.doubts.exists(d, d == "forged")`: "there are:",
	} {
		_, errs := compile(billOffice(func(r *config.Rules) { r.Mail = []config.MailRule{mailRule("it", 1, when, mark("billing"))} }), false)
		if hint == "" {
			continue
		}
		if !errs.Fatal() || !strings.Contains(errs.Error(), hint) {
			t.Errorf("%s: %v", when, errs)
		}
	}
}

func TestExplainBillSaysWhere(t *testing.T) {
	s := compiled(t, billOffice())
	list := s.ExplainBill(billFrom("!"+vendorMail, "Invoice 4711", theBill+"\nNote our new bank details."), model.View{Now: now}).Reveal()
	var text strings.Builder
	for _, v := range list {
		text.WriteString(v.Name + " " + v.Value + "\n")
	}
	for _, want := range []string{"class invoice-in", "because ", "number 4711, in ", "total USD 1250.00, in ", "doubt bank-words: ", "ledger invoice-in 4711: disputed"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("lacks %q:\n%s", want, text.String())
		}
	}
	if lunch := s.ExplainBill(billFrom(vendorMail, "Lunch", "Tuesday?"), model.View{Now: now}).Reveal(); len(lunch) != 2 || lunch[0] != (Value{"class", "none"}) || lunch[1].Name != "lacks" {
		t.Errorf("lunch is explained as %v", lunch)
	}
}
