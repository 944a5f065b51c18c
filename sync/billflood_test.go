package sync

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"chancery/internal/model"
)

// A flood of mails with many bills each drives the due date of no honest bill away, is
// not held in memory, and the note says how many of its bills it leaves out.
func TestFloodOfBills(t *testing.T) {
	o := newBillOffice(t, 8)
	honest := []model.Bill{o.bill("vendor", 20), o.bill("invoice-out", 22)}
	for i := range honest {
		honest[i].Ident = model.Ident(fmt.Sprint("honest ", i))
	}
	o.tell(honest...)
	o.rest()
	if len(o.due()) != 2 {
		t.Fatalf("%d due dates", len(o.due()))
	}
	var log bytes.Buffer
	o.e.desks.most, o.e.opt.Log = 40, slog.New(slog.NewTextHandler(&log, nil))
	for mail := range 10 {
		var flood []model.Bill
		for range 20 {
			b := o.bill("vendor", 0)
			b.Ident, b.Vendor = model.Ident(fmt.Sprint("flood ", mail)), fmt.Sprintf("flood%d.example", mail)
			flood = append(flood, b)
		}
		o.tell(flood...)
	}
	late := o.bill("vendor", 25)
	late.Ident = "honest late"
	o.tell(late)
	o.rest()
	if len(o.due()) != 3 {
		t.Errorf("%d due dates, want those of three honest bills", len(o.due()))
	}
	p := o.e.settlers[0].spec
	bills, left, err := o.e.desks.bills(t.Context(), o.e, p)
	if err != nil || len(bills) != 40 || left != 203-40 {
		t.Fatalf("%d bills, %d left out, %v", len(bills), left, err)
	}
	of := map[model.Ident]int{}
	for _, b := range bills {
		of[b.Ident]++
		if b.Keys != nil {
			t.Fatal("keys are held")
		}
	}
	for ident, n := range of {
		if strings.HasPrefix(string(ident), "flood") && (n < 3 || n > 4) {
			t.Errorf("%d bills of one mail", n)
		}
	}
	b, _, err := o.e.billingOf(t.Context(), p, map[model.Ident]model.Finding{})
	if err != nil || b.view.Left != left {
		t.Errorf("the desk is told of %d, %v", b.view.Left, err)
	}
	if n := strings.Count(log.String(), "more bills than are looked at"); n != 1 {
		t.Errorf("told %d times in the log", n)
	}
}
