package billing

import (
	"math/rand"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/text"
)

// pieces are what mail about bills is made of, and other mail.
var pieces = []string{"Invoice", "Invoice No. 4711", "Total due: USD 1,250.00", "Due date: March 9, 2026", "Invoice date: March 1, 2026", "past due", "pro forma", "retainer",
	"write off", "could you check", "I am waiting for the invoice", "budget", "webinar", "register now", "newsletter", "unsubscribe", "Lunch at noon?", "Matter 10042-0070",
	"remittance advice", "accrual", "statement of account", "approved", "please find our invoice", "for professional services", "net 30"}

// TestWhyNone holds that who is told why a mail is none is told of every such mail and of
// no other, and is told something.
func TestWhyNone(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	some := func(most int) string {
		var out []string
		for range r.Intn(most + 1) {
			out = append(out, pieces[r.Intn(len(pieces))])
		}
		return strings.Join(out, ". ")
	}
	none := 0
	for range 3000 {
		m := &model.Mail{From: []model.Address{{Addr: []string{"jane@vendor.example", "noreply@portal.example"}[r.Intn(2)]}}, Subject: []string{"", "Re: ", "Fwd: "}[r.Intn(3)] + some(2), Bulk: r.Intn(4) == 0}
		z := text.Zones{Subject: m.Subject, New: some(4), Quoted: some(2)}
		if r.Intn(3) == 0 {
			m.Files = []model.Attachment{{Name: "invoice 4711.pdf", Text: some(4), Head: []byte("%PDF-")}}
			z.Names = []string{"invoice 4711.pdf"}
		}
		o := Options{Portals: []config.Portal{{From: []config.Text{{Value: "portal.example"}}}}}
		class := Extract(z, m, o).Class
		n, ok := WhyNone(z, m, o)
		if ok != (class == "") {
			t.Fatalf("class %q, and it is said to be none: %v\n%+v", class, ok, z)
		}
		if !ok {
			continue
		}
		none++
		if len(n.Lacks) == 0 {
			t.Errorf("nothing is said of %+v", z)
		}
		for _, s := range n.Facts {
			if s.Name == "" || s.Value == "" || s.Zone == "" {
				t.Errorf("%+v of %+v", s, z)
			}
		}
	}
	if none < 300 {
		t.Errorf("only %d of 3000 are no billing mail", none)
	}
}
