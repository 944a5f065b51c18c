package rules

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// longLedes is a mail with a LEDES file of so many lines.
func longLedes(lines int) model.Change {
	return ledesMail("invoice.txt", ledesOf("C100", "12345.001", fmt.Sprintf("%d.00", 100*lines), lines))
}

// againOf is what the ledger shows at the second decision: an earlier bill like it.
func againOf(t testing.TB, s *Set, c model.Change) model.View {
	t.Helper()
	early := ledesMail("first.txt", ledesOf("C100", "12345.001", "100.00", 1))
	early.Message.Ident, early.Ident = "the first", "the first"
	v := model.View{Now: now, Bills: s.Decide(early, model.View{Now: now}).Bills}
	if len(v.Bills) == 0 || len(s.Bills(c, model.View{Now: now})) == 0 {
		t.Fatal("no bill")
	}
	return v
}

// A decision that knows what an earlier one read is the decision that reads it.
func TestDecideAgainIsDecide(t *testing.T) {
	s, other := compiled(t, billOffice()), compiled(t, billOffice())
	mails := []model.Change{
		longLedes(3), billFrom(vendorMail, "Invoice 4711", theBill), billFrom("!"+vendorMail, "Invoice 4712", invoice("4712", "1,250.00", "Our new bank account: DE02120300000000202051")),
		billFrom("ap@hale.example", "Remittance advice", "Remittance advice\n\nInvoice number: 4711\nAmount paid: USD 1,250.00\nPayment date: March 20, 2026\n"),
		letter("Lunch", "See you at noon."),
	}
	for i, c := range mails {
		v := againOf(t, s, mails[1])
		var r Reading
		if got, want := s.DecideAgain(c, model.View{Now: now}, &r), s.Decide(c, model.View{Now: now}); !reflect.DeepEqual(got, want) {
			t.Errorf("mail %d: the first decision differs", i)
		}
		if known := r.bill != nil; known != (i < 4) {
			t.Errorf("mail %d: what was read is kept: %v", i, known)
		}
		want := s.Decide(c, v)
		for range 2 {
			if got := s.DecideAgain(c, v, &r); !reflect.DeepEqual(got, want) {
				t.Errorf("mail %d: the second decision differs", i)
			}
		}
		// What is of another mail, or was read by other rules, is not taken up.
		for what, not := range map[string]Reading{"another mail": {s, "other", r.billable, &billing.Facts{}}, "other rules": {other, c.Ident, r.billable, &billing.Facts{}}} {
			if got := s.DecideAgain(c, v, &not); !reflect.DeepEqual(got, want) {
				t.Errorf("mail %d: what was read of %s is taken up", i, what)
			}
		}
	}
}

// The second decision reads no file: it is the same when the file is gone by then.
func TestDecideAgainReadsNoFile(t *testing.T) {
	s := compiled(t, billOffice())
	c := longLedes(50)
	v := againOf(t, s, c)
	want := s.Decide(c, v)
	var r Reading
	s.DecideAgain(c, model.View{Now: now}, &r)
	m := *c.Message
	mail := m.Body.Reveal()
	mail.Files = slices.Clone(mail.Files)
	mail.Files[0].Data, mail.Files[0].Head = nil, nil
	m.Body, c.Message = model.Hide(mail), &m
	if got := s.DecideAgain(c, v, &r); !reflect.DeepEqual(got, want) {
		t.Error("the second decision read the file again")
	}
	if got := s.DecideAgain(c, v, &Reading{}); reflect.DeepEqual(got.Bills, want.Bills) {
		t.Error("the file says nothing: this test proves nothing")
	}
}

// BenchmarkDecideAgain is the second decision about a mail with a LEDES file.
func BenchmarkDecideAgain(b *testing.B) {
	s := compiled(b, billOffice())
	for _, lines := range []int{10, 1000, 20_000} {
		c := longLedes(lines)
		v := againOf(b, s, c)
		for _, knows := range []bool{false, true} {
			b.Run(fmt.Sprintf("lines=%d,knows=%t", lines, knows), func(b *testing.B) {
				b.ReportAllocs()
				var r *Reading
				if knows {
					r = &Reading{}
					s.DecideAgain(c, model.View{Now: now}, r)
				}
				for b.Loop() {
					s.DecideAgain(c, v, r)
				}
			})
		}
	}
}
