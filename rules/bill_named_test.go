package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/model"
)

// sayAll is everything that is written or explained about a message.
func sayAll(s *Set, c model.Change, v model.View) string {
	var b strings.Builder
	plan := s.Decide(c, v)
	for _, step := range plan.Steps {
		fmt.Fprintf(&b, "%s %+v\n", step.Rule, step.Action)
		if n, ok := step.Action.(model.Note); ok {
			fmt.Fprintf(&b, "%+v\n", n.Body.Reveal())
		}
		fmt.Fprintln(&b, step.Why.Reveal())
	}
	for _, r := range plan.Reports {
		fmt.Fprintln(&b, r.What, r.Why.Reveal(), r.Would, r.To.Reveal())
	}
	b.WriteString(told(s.Explain(c, v)))
	for _, x := range s.ExplainBill(c, v).Reveal() {
		fmt.Fprintln(&b, x.Name, x.Value)
	}
	return b.String()
}

// What is written about one mailbox names no bill of somebody else's, in whatever way
// the two have to do with each other; it names one of the same principal's.
func TestBillsOfOtherMailboxesAreNotNamed(t *testing.T) {
	iban, other := "Please pay to IBAN DE02 1203 0000 0000 2020 51.\n", "Please pay to IBAN DE89 3704 0044 0532 0130 00.\n"
	const firstName = "Zephyr Hale Reporters <billing@hale.example>"
	elsewhere := func(m *model.Message, mail *model.Mail) {
		m.Ref.Source, mail.MessageID = "other-mail", "<zephyr-1@hale.example>"
		m.Ident = "id zephyr"
		days(-17)(m, mail) // 13 February
	}
	for _, tt := range []struct {
		name, says string
		earlier, c model.Change
		canaries   string
	}{
		{"the same number", sayElsewhere, billFrom(firstName, "Invoice 4711", theBill, elsewhere), billFrom(vendorMail, "Again: Invoice INV-04711", theBill), "Zephyr zephyr-1 2026-02-13"},
		{"the same amount", sayElsewhere, billFrom(firstName, "Invoice 9922", invoice("9922", "1,250.00", ""), elsewhere), billFrom(vendorMail, "Invoice 4711", theBill), "Zephyr zephyr-1 2026-02-13 9922"},
		{"nearly the same", sayElsewhere, billFrom(firstName, "Invoice 4771", invoice("4771", "1,255.00", ""), elsewhere), billFrom(vendorMail, "Invoice 4711", theBill), "Zephyr zephyr-1 2026-02-13 4771 1,255"},
		{"another account", "elsewhere", billFrom(firstName, "Invoice 8833", invoice("8833", "70.00", iban), elsewhere), billFrom(vendorMail, "Invoice 4711", theBill+"\n"+other), "Zephyr zephyr-1 2026-02-13 8833 2051"},
		{"a domain like another", "another mailbox", billFrom("Zephyr <billing@halereporters.example>", "Invoice 8833", invoice("8833", "70.00", ""), elsewhere),
			billFrom("Hale <billing@hale-reporters.example>", "Invoice 4711", theBill), "Zephyr zephyr-1 2026-02-13 8833 halereporters.example"},
		{"it is paid", "must not be named here: paid", billFrom(firstName, "Invoice INV-04711", theBill, elsewhere), billFrom("Pat Lee <pat@firm.example>", "Remittance advice", "Remittance advice: we have paid invoice 4711 by ACH.\nAmount paid: USD 1,250.00\n"), "Zephyr zephyr-1 2026-02-13 INV-04711"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := compiled(t, billOffice(func(r *config.Rules) {
				r.Mail = append(r.Mail, mailRule("tell", 60, `msg.bill.found && msg.bill.doubts.size() >= 0`, noteTo("", "A bill", "Of: {{msg.bill.duplicate_of}} by {{msg.bill.layer}}; {{msg.bill.doubts}} {{msg.bill.number}}")))
			}))
			v := deskView
			v.Bills = s.Decide(tt.earlier, model.View{Now: now}).Bills
			if len(v.Bills) != 1 || v.Bills[0].Source != "other-mail" {
				t.Fatal("the earlier mail is no bill")
			}
			said := sayAll(s, tt.c, v)
			for word := range strings.FieldsSeq(tt.canaries) {
				if strings.Contains(said, word) {
					t.Errorf("%q is told to the wrong people:\n%s", word, said)
				}
			}
			if !strings.Contains(said, tt.says) {
				t.Errorf("%q is not said:\n%s", tt.says, said)
			}
			v.Desk.Mail = []model.SourceID{"gc-mail", "other-mail"}
			named := 0
			said = sayAll(s, tt.c, v)
			for word := range strings.FieldsSeq(tt.canaries) {
				if strings.Contains(said, word) {
					named++
				}
			}
			if named == 0 || strings.Contains(said, sayElsewhere) {
				t.Errorf("nothing is named to whom both mailboxes belong:\n%s", said)
			}
		})
	}
}

// A billing desk alone lets bills be read and remembered; who has none, and no rule that
// asks, does not pay for it.
func TestABillingDeskNeedsBills(t *testing.T) {
	for _, desks := range []bool{false, true} {
		r := office(mailRule("r", 1, `msg.from == "nobody@bar.example"`, mark("billing")))
		r.Billing.Desks = desks
		s := compiled(t, r)
		need, c := s.Need(), billFrom(vendorMail, "Invoice 4711", theBill)
		if need.Bills != desks || need.FileText != desks || need.Text != desks {
			t.Errorf("desks %v: %+v", desks, need)
		}
		if got := len(s.Decide(c, model.View{Now: now}).Bills); got > 0 != desks {
			t.Errorf("desks %v: %d bills are remembered", desks, got)
		}
		one, ok := s.Only("r")
		if !ok || one.Need().Bills != desks {
			t.Errorf("desks %v: of one rule: %+v", desks, one.Need())
		}
	}
}

// The wall of a matter stands between two bills of one principal as well.
func TestBillsBehindAWallAreNotNamed(t *testing.T) {
	for _, tt := range []struct {
		name  string
		wall  []string
		about string // matter of the earlier bill
		want  bool   // named
	}{
		{"no wall", nil, "12345.001", true},
		{"a wall, the same matter", []string{"jane@firm.example"}, "12345.001", true},
		{"a wall, another matter", []string{"jane@firm.example"}, "12345.002", false},
		{"the reader is kept out", []string{"desk@firm.example"}, "12345.001", false},
		{"the principal is kept out", []string{"GC@firm.example"}, "12345.001", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := compiled(t, billOffice(func(r *config.Rules) {
				for i := range r.Matters.List {
					if r.Matters.List[i].Number == tt.about {
						r.Matters.List[i].Wall = tt.wall
					}
				}
				r.Mail = append(r.Mail, mailRule("tell", 60, `msg.bill.duplicate`, noteTo("", "Twice", "{{msg.bill.duplicate_of}}")))
			}))
			file := func(_ *model.Message, m *model.Mail) {
				m.Files = []model.Attachment{{Name: "i.pdf", Head: []byte("%PDF-"), Sum: "one file", Text: "Invoice no. 4711\nInvoice date: February 27, 2026\nTotal due: USD 1,250.00\n"}}
			}
			v := deskView
			v.Bills = s.Decide(billFrom("Zephyr <a@hale.example>", "Invoice 4711", strings.ReplaceAll(theBill, "12345.001", tt.about), file), model.View{Now: now.Add(time.Hour)}).Bills
			if len(v.Bills) == 0 || v.Bills[0].Matter != tt.about {
				t.Fatal("the earlier mail is no bill of that matter")
			}
			said := sayAll(s, billFrom(vendorMail, "Again: Invoice 4711", theBill, file, days(1)), v)
			if got := strings.Contains(said, "Zephyr"); got != tt.want || got == strings.Contains(said, sayWalled) {
				t.Errorf("named: %v\n%s", got, said)
			}
		})
	}
}
