package billing

import (
	"strings"
	"testing"

	"chancery/internal/model"
)

func TestReadWording(t *testing.T) {
	for _, tt := range []struct {
		text, bank, urgent, secret string
	}{
		{"Please note our new bank details below.", "new bank details", "", ""},
		{"Our bank details have changed.", "bank details have changed", "", ""},
		{"We recently changed our bank. Pay there.", "changed our bank", "", ""},
		{"Kindly update your records with our wire instructions", "update your records with our wire instructions", "", ""},
		{"Our account is under audit; please use the new IBAN below", "new iban", "", ""},
		{"Bitte beachten Sie unsere neue Bankverbindung.", "neue bankverbindung", "", ""},
		{"Unsere Kontoverbindung hat sich geändert.", "kontoverbindung hat sich geändert", "", ""},
		{"Veuillez noter nos nouvelles coordonnées bancaires", "nouvelles coordonnées bancaires", "", ""},
		{"Nuestros datos bancarios han cambiado", "datos bancarios han cambiado", "", ""},
		{"Let op: ons rekeningnummer is gewijzigd", "rekeningnummer is gewijzigd", "", ""},
		{"Our bank\ndetails have been\nupdated", "bank details have been updated", "", ""},
		// honest
		{"Our bank details have not changed.", "", "", ""},
		{"We will never change our bank details by e-mail.", "", "", ""},
		{"Please confirm any change of bank details by telephone.", "", "", ""},
		{"If our bank details should change, a partner will call you.", "", "", ""},
		{"Unsere Bankverbindung hat sich nicht geändert.", "", "", ""},
		{"Nos coordonnées bancaires n'ont pas changé.", "", "", ""},
		{"Onze bankgegevens zijn niet gewijzigd.", "", "", ""},
		{"Please find our new invoice. Payment details: see below.", "", "", ""},
		{"Bank details: Example Bank, account 1234.", "", "", ""},
		{"Please update your payment details in the portal.", "", "", ""},
		{"The bank changed its lending policy for new matters.", "", "", ""},
		{"Our bank has changed.", "bank has changed", "", ""},
		{"A new river bank walk", "", "", ""},
		{"Amount due USD 5.00 by March 31.", "", "", ""},
		// hurry
		{"This wire must go out today.", "", "wire must go out today", ""},
		{"Please process the payment as soon as possible.", "", "process the payment as soon as possible", ""},
		{"Bitte umgehend überweisen.", "", "umgehend überweisen", ""},
		{"Merci de régler aujourd'hui.", "", "régler aujourd'hui", ""},
		{"Necesito una transferencia urgente", "", "transferencia urgente", ""},
		{"Betaal dit vandaag", "", "betaal dit vandaag", ""},
		{"The hearing is today. Payment terms are net 30.", "", "", ""},
		{"I am in a meeting and can't talk", "", "", "in a meeting"},
		{"Bitte diskret behandeln", "", "", "diskret"},
	} {
		w := ReadWording(tt.text)
		if w != (Wording{Bank: tt.bank, Urgent: tt.urgent, Secret: tt.secret}) {
			t.Errorf("%q\ngot  %q", tt.text, w)
		}
	}
}

func TestReadAsked(t *testing.T) {
	for text, want := range map[string]string{
		"Are you at your desk? I need an overdue invoice paid immediately by wire, $23,750.00.": "need an overdue invoice paid",
		"Can you get a payment out this morning?":                                               "can you get a payment",
		"I need this invoice paid":                                                              "need this invoice paid",
		"I want you to buy five gift cards for the staff":                                       "want you to buy five gift",
		"Could you please\nwire it to our agent":                                                "could you please wire",
		"Bitte überweisen Sie den Betrag":                                                       "bitte überweisen",
		"Kannst du Gutscheine besorgen":                                                         "kannst du gutscheine",
		"Peux-tu faire un virement":                                                             "peux tu faire un virement",
		"Necesito una transferencia":                                                            "necesito una transferencia",
		"Graag vandaag overmaken":                                                               "graag vandaag overmaken",
		"See you at lunch. I paid for the last one.":                                            "",
		"Please call me.\n\nPayment terms are net 30.":                                          "",
		"": "",
	} {
		if got := ReadAsked(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func codesOfDoubts(list []Doubt) string {
	var out []string
	for _, d := range list {
		if d.Why == "" {
			return "a doubt without a reason"
		}
		out = append(out, d.Code)
	}
	return strings.Join(out, " ")
}

func TestMailDoubts(t *testing.T) {
	honest := Sender{Domain: "hale.example", Checked: true, Proved: true}
	unproved := Sender{Domain: "hale.example", Checked: true}
	unknown := Sender{Domain: "hale.example"}
	like := Sender{Domain: "ha1e.example", Checked: true, Proved: true, Like: "hale.example"}
	person := Sender{Domain: "mail.example", Person: "Gale Chen"}
	elsewhere := Sender{Domain: "hale.example", Checked: true, Proved: true, ReplyTo: "evil.example"}
	portal := elsewhere
	portal.Portal = true
	own := Sender{Domain: "firm.example", Own: true, Checked: true}
	bank, hurry, secret := Wording{Bank: "new bank details"}, Wording{Urgent: "pay today"}, Wording{Secret: "in a meeting", Urgent: "pay today"}
	for _, tt := range []struct {
		name, class string
		s           Sender
		w           Wording
		want        string
		hard        bool
	}{
		{"an honest bill", "vendor", honest, Wording{}, "", false},
		{"an honest bill that hurries", "past-due", honest, hurry, "", false},
		{"hurry and silence", "vendor", honest, secret, "urgent", false},
		{"an honest new account", "vendor", honest, bank, "bank-words", false},
		{"not proved", "vendor", unproved, Wording{}, "unauthenticated", false},
		{"not proved, new account", "vendor", unproved, bank, "bank-words unauthenticated", true},
		{"not proved, new account, hurry", "invoice-in", unproved, Wording{Bank: "x", Urgent: "y"}, "bank-words unauthenticated urgent", true},
		{"nothing is known", "vendor", unknown, Wording{}, "", false},
		{"looks like", "vendor", like, Wording{}, "look-alike", true},
		{"one of us from outside", "vendor", person, Wording{}, "impersonation", true},
		{"one of us from outside, no bill", "", person, Wording{}, "", false},
		{"one of us from outside hurries a payment", "", person, secret, "impersonation urgent", true},
		{"one of us from outside wants somebody paid", "", person, Wording{Pay: "need you to pay"}, "impersonation", true},
		{"one of us from outside, about a budget", "budget", person, Wording{}, "", false},
		{"one of us from outside wants it written off and paid", "write-off", person, Wording{Pay: "please pay"}, "impersonation", true},
		{"somebody else wants somebody paid", "", unproved, Wording{Pay: "please pay"}, "", false},
		{"a new account, no bill", "", unproved, bank, "bank-words unauthenticated", true},
		{"hurry, no bill", "", unproved, hurry, "", false},
		{"answers elsewhere", "vendor", elsewhere, Wording{}, "reply-to", false},
		{"answers of a portal", "vendor", portal, Wording{}, "", false},
		{"one of us passes it on", "vendor", own, bank, "bank-words", false},
		{"our own bill", "invoice-out", Sender{Domain: "firm.example", Proved: true, Own: true}, bank, "", false},
		{"a bill that calls itself ours", "invoice-out", unproved, bank, "bank-words unauthenticated", true},
		{"a prebill", "prebill", unproved, Wording{}, "", false},
		{"a remittance", "remittance", unproved, Wording{}, "", false},
		{"a remittance with a new account", "remittance", unproved, bank, "bank-words unauthenticated", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := MailDoubts(tt.class, tt.s, tt.w)
			if got := codesOfDoubts(list); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if Hard(strings.Fields(tt.want)) != tt.hard {
				t.Error("hard or not is wrong")
			}
		})
	}
}

func TestBillDoubts(t *testing.T) {
	paidAt := func(account string) func(*model.Bill) {
		return func(b *model.Bill) { b.Bank = account; b.Proved = true }
	}
	forged := func(b *model.Bill) { b.Doubts = []string{DoubtBank} }
	paid := func(b *model.Bill) { b.State, b.By = "paid", "person" }
	unproved := func(b *model.Bill) { b.Proved = false }
	now := bill("1002", 5, 9, paidAt("DE02"))
	for _, tt := range []struct {
		name    string
		b       *model.Bill
		earlier []*model.Bill
		checked bool
		want    string
	}{
		{"the first bill", now, nil, true, "first-seen"},
		{"bills of others", now, []*model.Bill{bill("1", 5, 1, of("other.example"), paidAt("DE02"))}, true, "first-seen"},
		{"as before", now, []*model.Bill{bill("1", 5, 1, paidAt("DE02"))}, true, ""},
		{"one of two as before", now, []*model.Bill{bill("1", 5, 1, paidAt("DE01 DE02"))}, true, ""},
		{"another account", now, []*model.Bill{bill("1", 5, 1, paidAt("DE01"))}, true, "bank-changed"},
		{"one more account", bill("1002", 5, 9, paidAt("DE01 DE66")), []*model.Bill{bill("1", 5, 1, paidAt("DE01"))}, true, "bank-changed"},
		{"the first account", now, []*model.Bill{bill("1", 5, 1)}, true, "bank-first"},
		{"no account now", bill("1002", 5, 9), []*model.Bill{bill("1", 5, 1, paidAt("DE01"))}, true, ""},
		{"the forged one does not make itself known", now, []*model.Bill{bill("1", 5, 1, paidAt("DE01")), bill("2", 5, 2, paidAt("DE02"), forged)}, true, "bank-changed"},
		{"a person paid there", now, []*model.Bill{bill("1", 5, 1, paidAt("DE01")), bill("2", 5, 2, paidAt("DE02"), forged, paid)}, true, ""},
		{"an unproved mail makes nothing known", now, []*model.Bill{bill("1", 5, 1, paidAt("DE02"), unproved)}, true, "bank-first"},
		{"where nothing can be proved", now, []*model.Bill{bill("1", 5, 1, paidAt("DE01"), unproved)}, false, "bank-changed"},
		{"our own", bill("1", 5, 1, kind("invoice-out"), of("self"), paidAt("DE02")), nil, true, ""},
		{"a prebill", bill("1", 5, 1, kind("prebill")), nil, true, ""},
		{"a copy of the mail", bill("1", 5, 1, func(b *model.Bill) { b.MessageID = "<1@x>" }), []*model.Bill{bill("1", 5, 1, func(b *model.Bill) { b.MessageID = "<1@x>" })}, true, "first-seen"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var earlier []model.Bill
			for _, e := range tt.earlier {
				earlier = append(earlier, *e)
			}
			if got := codesOfDoubts(BillDoubts(tt.b, earlier, tt.checked, nil)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := Account("de02 1203-0000\u00a0.0000"); got != "DE02120300000000" {
		t.Error(got)
	}
}

func FuzzWording(f *testing.F) {
	for _, s := range []string{"our new bank details. pay today!", "neue Bankverbindung;\n\nsofort zahlen", "\xff new\x00 iban", "between us", strings.Repeat("bank ", 500) + "changed"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w := ReadWording(s)
		if again := ReadWording(s); again != w {
			t.Fatal("not the same twice")
		}
		if list := MailDoubts("vendor", Sender{Domain: "x", Checked: true}, w); len(list) == 0 {
			t.Fatal("an unproved bill without a doubt")
		}
	})
}

func BenchmarkReadWording(b *testing.B) {
	s := strings.Repeat("Please find attached our invoice for professional services, payment is due within thirty days of today.\n\n", 40)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		ReadWording(s)
	}
}
