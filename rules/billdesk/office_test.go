package billdesk

import (
	"fmt"
	"time"

	"chancery/internal/model"
)

// now is a Monday, shortly after a weekly note is due.
var now = time.Date(2026, 11, 23, 12, 31, 0, 0, time.UTC) // 07:31 in New York

func ny() *time.Location {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return zone
}

func at(d string, hour int) model.UnixTime {
	t, err := time.ParseInLocation(time.DateOnly, d, ny())
	if err != nil {
		panic(err)
	}
	return model.UnixTime(t.Add(time.Duration(hour) * time.Hour).Unix())
}

func date(d string) model.UnixTime {
	t, err := time.Parse(time.DateOnly, d)
	if err != nil {
		panic(err)
	}
	return model.UnixTime(t.Unix())
}

// view is a principal with a billing desk and these bills.
func view(bills ...model.Bill) model.View {
	return model.View{
		Now: now,
		Principal: model.Principal{
			Name: "gc", Zone: ny(), Addresses: []string{"gc@firm.example"}, Notes: "gc-mail", NotesBox: []string{"INBOX"}, NotesTo: "pa@firm.example",
			Secret: model.Hide("secret"),
		},
		Billing: model.BillView{
			Desk:  model.BillDesk{Calendar: "cal/billing", Notes: "weekly", Day: 1, At: 450, Before: 3, Holidays: []string{"2026-11-26"}, Prebill: 72, Place: "chancery.yaml:9:14"},
			Bills: bills, Began: at("2026-01-01", 9),
		},
		Findings: map[model.Ident]model.Finding{},
	}
}

// bill is a bill with what every one has.
func bill(n int, class, came string) model.Bill {
	return model.Bill{ID: fmt.Sprintf("%032x", n), Source: "gc-mail", MessageID: fmt.Sprintf("<m%d.2026@mail.vendor.example>", n), At: at(came, 10), Class: class, State: "open"}
}

// office is a month of an office's billing mail.
func office() []model.Bill {
	var out []model.Bill
	add := func(class, came, name, number, client, matter, subject string, amount int64, currency, due string, more ...func(*model.Bill)) {
		b := bill(len(out)+1, class, came)
		b.Name, b.Number, b.Plain, b.Client, b.Matter, b.Subject, b.Amount, b.Currency = name, number, number, client, matter, subject, amount, currency
		b.Vendor = map[bool]string{true: "self", false: "v " + name}[name == ""]
		if due != "" {
			b.Due = date(due)
		}
		b.Date = date(came)
		for _, m := range more {
			m(&b)
		}
		out = append(out, b)
	}
	event := func(e string) func(*model.Bill) { return func(b *model.Bill) { b.Event = e } }
	doubt := func(codes ...string) func(*model.Bill) { return func(b *model.Bill) { b.Doubts = codes } }
	twin := func(layer string, of int) func(*model.Bill) {
		return func(b *model.Bill) { b.Layer, b.Twins = layer, []string{fmt.Sprintf("%032x", of)} }
	}
	state := func(s string) func(*model.Bill) { return func(b *model.Bill) { b.State, b.By = s, "mail" } }
	add("invoice-in", "2026-07-20", "Hartwell & Pike LLP", "2026-118", "Larkspur Holdings", "10042.0070", "July statement", 4_812_550, "USD", "2026-08-19")
	add("vendor", "2026-08-28", "Meridian Court Reporting", "88412", "Larkspur Holdings", "10042.0070", "Transcript invoice 88412, deposition of J. Ames", 184_275, "USD", "2026-09-27")
	add("invoice-in", "2026-09-22", "Kanzlei Brandt & Söhne", "RE-2026-0451", "Northgate Energy", "20107.0003", "Rechnung RE-2026-0451", 1_289_000, "EUR", "2026-10-22")
	add("vendor", "2026-10-30", "Bluestone e-Discovery", "BSD-70031", "Northgate Energy", "20107.0011", "Hosting October", 965_000, "USD", "2026-11-14")
	add("invoice-in", "2026-11-02", "Hartwell & Pike LLP", "2026-171", "Larkspur Holdings", "10042.0081", "October statement", 2_310_040, "USD", "2026-11-27")
	add("vendor", "2026-11-12", "Dr. Ewa Nowak, consulting expert", "14", "Larkspur Holdings", "10042.0070", "Expert fees, November", 780_000, "USD", "2026-12-04")
	add("vendor", "2026-11-17", "Meridian Court Reporting", "88977", "Northgate Energy", "20107.0011", "Transcript invoice 88977", 92_160, "USD", "2026-12-17")
	add("vendor", "2026-11-18", "Meridian Court Reporting", "88977", "Northgate Energy", "20107.0011", "FW: Transcript invoice 88977", 92_160, "USD", "2026-12-17", twin("number", 7))
	add("invoice-in", "2026-11-19", "Hartwell & Pike LLP", "2026-171B", "", "", "URGENT: new wire instructions for 2026-171", 2_310_040, "USD", "2026-11-24",
		doubt("bank-changed", "look-alike", "urgent"), twin("amount", 5))
	add("invoice-out", "2026-09-30", "", "INV-30118", "Calder Industries", "30551.0001", "Invoice INV-30118", 8_450_000, "USD", "2026-10-30")
	add("invoice-out", "2026-11-03", "", "INV-30190", "Calder Industries", "30551.0001", "Invoice INV-30190", 6_120_000, "USD", "2026-12-03", func(b *model.Bill) { b.Faults = []string{"line-total", "utbms-task"} })
	add("invoice-out", "2026-11-05", "", "INV-30202", "Fenwick Shipping", "30871.0002", "Invoice INV-30202", 1_905_000, "GBP", "2026-12-05")
	add("portal", "2026-11-20", "Tracker", "INV-30190", "Calder Industries", "30551.0001", "Invoice INV-30190 was rejected", 6_120_000, "USD", "", event("rejected"))
	add("portal", "2026-11-21", "Tracker", "INV-30202", "Fenwick Shipping", "30871.0002", "Delivery on hold: INV-30202", 0, "", "", event("on-hold"))
	add("prebill", "2026-11-18", "", "", "Calder Industries", "30551.0004", "Prebill 30551.0004 for your review", 3_300_000, "USD", "")
	add("prebill", "2026-11-22", "", "", "Fenwick Shipping", "30871.0002", "Prebill 30871.0002 for your review", 1_100_000, "USD", "")
	add("remittance", "2026-11-20", "Calder Industries", "", "Calder Industries", "", "Remittance advice", 4_000_000, "USD", "", event("paid"))
	add("trust", "2026-11-21", "Secret Bank", "T-1", "Hidden Client", "99999.0001", "Replenish the Hidden trust account", 5_000_000, "USD", "2026-12-01")
	add("accrual", "2026-11-19", "Northgate Energy", "", "Northgate Energy", "", "Accruals for November are due", 0, "", "2026-11-25")
	add("invoice-in", "2026-10-02", "Kanzlei Brandt & Söhne", "RE-2026-0460", "Northgate Energy", "20107.0003", "Rechnung RE-2026-0460", 402_000, "EUR", "2026-11-01", state("paid"))
	add("vendor", "2026-11-21", "Harbor Process Servers", "5521", "", "", "Invoice 5521", 21_500, "USD", "", doubt("first-seen", "bank-first"))
	return out
}
