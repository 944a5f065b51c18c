package billdesk

import (
	"strings"
	"testing"
)

// The first account of a vendor is believed; whoever pays is told that it is the first,
// in the note and in the due date, and of no other bill is anything said.
func TestAnAccountThatIsNewIsTold(t *testing.T) {
	const first, vendor = "New account, first seen", "New vendor, and so an account"
	for _, tt := range []struct {
		what, bank, state string
		doubts            []string
		class             string
		want              string
	}{
		{"the first account", "DE02120300000000202051", "open", []string{"bank-first"}, "vendor", first},
		{"a new vendor with an account", "DE02120300000000202051", "open", []string{"first-seen"}, "invoice-in", vendor},
		{"a new vendor without", "", "open", []string{"first-seen"}, "vendor", ""},
		{"a known account", "DE02120300000000202051", "open", nil, "vendor", ""},
		{"another doubt", "DE02120300000000202051", "open", []string{"bank-changed", "bank-first"}, "vendor", ""},
		{"paid", "DE02120300000000202051", "paid", []string{"bank-first"}, "vendor", ""},
		{"trust mail", "DE02120300000000202051", "open", []string{"bank-first"}, "trust", ""},
	} {
		t.Run(tt.what, func(t *testing.T) {
			b := bill(1, tt.class, "2026-11-20")
			b.Name, b.Vendor, b.Number, b.Plain, b.Amount, b.Currency, b.Due = "Meridian", "meridian.example", "88977", "88977", 92_160, "USD", date("2026-12-17")
			b.Bank, b.State, b.Doubts = tt.bank, tt.state, tt.doubts
			for _, due := range []string{"2026-12-17", "2026-11-25", "2026-11-21"} { // new, this week, past due
				b.Due = date(due)
				p := Decide(view(b), true, "v")
				n := noteOf(t, p)
				for where, text := range map[string]string{"note": solid(n.Text), "page": visibleText(t, n.HTML), "due date": solid(eventOf(p))} {
					for _, words := range []string{first, vendor} {
						if where == "due date" && (tt.state != "open" || text == "") {
							continue
						}
						if strings.Contains(text, solid(words)) != (words == tt.want) {
							t.Errorf("due %s, %s: %q is told, or is not", due, where, words)
						}
					}
				}
				if strings.Contains(n.Text, "0202051") || strings.Contains(eventOf(p), "0202051") {
					t.Error("the account is told")
				}
			}
		})
	}
}
