package billing

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"chancery/internal/model"
)

func TestPlain(t *testing.T) {
	for _, tt := range []struct{ number, want string }{
		{"", ""}, {"INV-2026-0012", "20260012"}, {"Invoice No. 2026/0012", "20260012"}, {"inv 0042", "42"}, {"0123-1", "1231"},
		{"123-1", "1231"}, {"#77120", "77120"}, {"RE-2026-001", "2026001"}, {"Rechnung Nr. 815", "815"}, {"NO123", "123"},
		{"NOVA12", "NOVA12"}, {"INV-A12", "A12"}, {"INVA12", "INVA12"}, {"RE", "RE"}, {"INV", "INV"}, {"000", "0"}, {"0", "0"},
		{"A-0012", "A0012"}, {"2026_03.b", "202603B"}, {"F 2026 17", "F202617"}, {"INV-INV-7", "7"}, {"  ", ""}, {"-./#_", ""},
		{"no. 5", "5"}, {"Factura 9", "9"}, {"R-100", "R100"}, {"№ 12", "12"}, {"\xff\xfe12", "12"}, {"INVOICE", "INVOICE"},
		{"012345-0001", "123450001"}, {"ß9", "ß9"},
	} {
		if got := Plain(tt.number); got != tt.want {
			t.Errorf("Plain(%q) = %q, want %q", tt.number, got, tt.want)
		}
	}
}

func TestRevised(t *testing.T) {
	for _, tt := range []struct {
		number, base string
		ok           bool
	}{
		{"INV-100-R1", "100", true}, {"1001 rev. 2", "1001", true}, {"1001 (revised)", "1001", true}, {"1001-Rev", "1001", true},
		{"1001rev2", "1001", true}, {"2026-17 v2", "202617", true}, {"1001 corrected", "1001", true}, {"88-KORREKTUR", "88", true},
		{"1001", "", false}, {"1001-R", "", false}, {"1001-1", "", false}, {"R1", "", false}, {"1001R12345", "", false}, {"", "", false},
		{"REV1", "", false}, {"12AR2", "", false}, {"-R1", "", false},
	} {
		if base, ok := revised(tt.number); base != tt.base || ok != tt.ok {
			t.Errorf("revised(%q) = %q, %v", tt.number, base, ok)
		}
	}
}

// bill makes an invoice of a vendor, of the day of March 2026.
func bill(number string, amount int64, day int, change ...func(*model.Bill)) *model.Bill {
	at := model.UnixTime(time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC).Unix())
	b := &model.Bill{Class: "vendor", Number: number, Plain: Plain(number), Vendor: "reporters.example", Amount: amount, Currency: "USD", Date: at, At: at}
	for _, f := range change {
		f(b)
	}
	return b
}

func of(vendor string) func(*model.Bill)  { return func(b *model.Bill) { b.Vendor = vendor } }
func named(name string) func(*model.Bill) { return func(b *model.Bill) { b.Name = name } }
func kind(class string) func(*model.Bill) { return func(b *model.Bill) { b.Class = class } }
func on(file string) func(*model.Bill)    { return func(b *model.Bill) { b.File = file } }
func at(matter string) func(*model.Bill)  { return func(b *model.Bill) { b.Matter = matter } }
func eur(b *model.Bill)                   { b.Currency = "EUR" }

func TestLayer(t *testing.T) {
	first := bill("INV-1001", 125000, 2)
	period := func(from, till int) func(*model.Bill) {
		return func(b *model.Bill) {
			b.From, b.Till = bill("", 0, from).Date, bill("", 0, till).Date
		}
	}
	for _, tt := range []struct {
		name string
		a, b *model.Bill
		want string
	}{
		{"the same again", first, bill("1001", 125000, 2), "number"},
		{"written otherwise, another amount", first, bill("Invoice No. 01001", 90000, 20), "number"},
		{"no amount", first, bill("1001", 0, 20), "number"},
		{"0123-1 and 123-1", bill("0123-1", 5, 1), bill("123-1", 5, 1), "number"},
		{"another vendor", first, bill("1001", 125000, 2, of("other.example")), ""},
		{"another vendor, the same file", bill("1001", 1, 2, on("aa")), bill("1001", 1, 2, on("aa"), of("other.example")), "file"},
		{"the same file without a number", bill("1001", 1, 2, on("aa")), bill("", 1, 2, on("aa")), "file"},
		{"two invoices of one file", bill("1001", 1, 2, on("aa")), bill("9999", 500, 2, on("aa")), ""},
		{"no vendor", bill("1001", 5, 2, of("")), bill("1001", 5, 2, of("")), ""},
		{"tax number and domain of one name", bill("1001", 5, 2, of("987654321"), named("Hale Reporters, Inc.")), bill("1001", 5, 2, named("Hale Reporters")), "number"},
		{"tax number and domain of two names", bill("1001", 5, 2, of("987654321"), named("Hale Reporters")), bill("1001", 5, 2, named("Morrow")), ""},
		{"two domains of one name", bill("1001", 5, 2, named("Hale")), bill("1001", 5, 2, of("hale.example"), named("Hale")), ""},
		{"amount and date", first, bill("7788", 125000, 2), "amount"},
		{"amount and date, no numbers", bill("", 125000, 2), bill("", 125000, 2), "amount"},
		{"amount and date, two matters", bill("1001", 5, 2, at("1.1")), bill("7788", 5, 2, at("1.2")), ""},
		{"amount and date, two periods", bill("1001", 5, 2, period(1, 9)), bill("7788", 5, 2, period(10, 19)), ""},
		{"amount and date, two currencies", first, bill("7788", 125000, 2, eur), ""},
		{"amount, another date", first, bill("7788", 125000, 3), ""},
		{"two signs changed places", first, bill("INV-1010", 125000, 9), "near"},
		{"one digit other", first, bill("INV-1007", 125600, 9), "near"},
		{"one digit other, another amount", first, bill("INV-1007", 140000, 9), ""},
		{"one digit other, far off", bill("INV-1001", 125000, 1), bill("INV-1007", 125600, 31), "near"},
		{"two digits other", first, bill("INV-1078", 125000, 9), ""},
		{"short numbers", bill("11", 100, 2), bill("12", 100, 9), ""},
		{"a monthly retainer", bill("INV-1001", 500000, 1), bill("INV-1002", 500000, 29), ""},
		{"too soon for a retainer", bill("INV-1001", 500000, 1), bill("INV-1002", 500000, 20), "near"},
		{"a new version", first, bill("INV-1001-R1", 99000, 25), "near"},
		{"two new versions", bill("1001 rev 1", 5, 2), bill("1001 rev 2", 7, 9), "near"},
		{"a new version of another", first, bill("INV-1002-R1", 125000, 25), ""},
		{"a credit note", first, bill("INV-1001", -125000, 2), ""},
		{"a credit note twice", bill("C-77", -100, 2), bill("C-77", -100, 5), "number"},
		{"a credit note of the file", bill("1001", 1, 2, on("aa")), bill("1001", -1, 2, on("aa")), ""},
		{"what we bill", first, bill("1001", 125000, 2, kind("invoice-out")), ""},
		{"a prebill", first, bill("1001", 125000, 2, kind("prebill")), ""},
		{"a remittance", bill("1001", 5, 2, kind("remittance")), bill("1001", 5, 2, kind("remittance")), ""},
		{"counsel and vendor", first, bill("1001", 125000, 2, kind("invoice-in")), "number"},
		{"a copy of the mail", bill("1001", 5, 2, func(b *model.Bill) { b.MessageID = "<1@x>" }), bill("1001", 5, 2, func(b *model.Bill) { b.MessageID = "<1@x>" }), ""},
		{"the same bill", bill("1001", 5, 2, func(b *model.Bill) { b.ID = "1" }), bill("1001", 5, 2, func(b *model.Bill) { b.ID = "1" }), ""},
		{"numbers that begin anew", bill("7", 500, 2), bill("7", 900, 2, func(b *model.Bill) { b.Date -= 365 * secondsPerDay }), ""},
		{"a year later for the same amount", bill("7", 500, 2), bill("7", 500, 2, func(b *model.Bill) { b.Date -= 365 * secondsPerDay }), "number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Layer(tt.a, tt.b); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := Layer(tt.b, tt.a); got != tt.want {
				t.Errorf("the other way round: %q", got)
			}
		})
	}
}

// randomBill is one of few values each, so that bills meet.
func randomBill(r *rand.Rand) *model.Bill {
	pick := func(list ...string) string { return list[r.Intn(len(list))] }
	b := bill(pick("", "1001", "INV-1001", "1001-R1", "1002", "1010", "77", "A-5555"), []int64{0, 100, 101, 50000, 50400, -100, 1 << 62, -1 << 63}[r.Intn(8)], 1+r.Intn(31),
		of(pick("", "a.example", "A.example", "b.example", "12345678")), kind(pick("vendor", "invoice-in", "invoice-out", "remittance")), named(pick("", "Hale LLP", "Morrow")))
	b.File, b.Matter, b.Currency = pick("", "", "aa", "bb"), pick("", "1.1", "1.2"), pick("USD", "EUR", "")
	b.MessageID, b.Ident = pick("", "", "", "<1@x>"), model.Ident(pick("", "", "i1"))
	switch r.Intn(8) {
	case 0:
		b.Date = 0
	case 1:
		b.Date = model.UnixTime(r.Uint64())
	}
	return b
}

// The laws of twins, over bills of all shapes.
func TestLayerLaws(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	seen := map[string]int{}
	for range 400_000 {
		a, b := randomBill(r), randomBill(r)
		layer := Layer(a, b)
		seen[layer]++
		switch {
		case Layer(b, a) != layer:
			t.Fatalf("not the same both ways: %+v %+v", *a, *b)
		case layer == "":
		case layer != LayerFile && !SameVendor(a, b):
			t.Fatalf("%s across vendors: %+v %+v", layer, *a, *b)
		case (a.Amount < 0) != (b.Amount < 0):
			t.Fatalf("%s of a credit note and an invoice", layer)
		case a.MessageID != "" && a.MessageID == b.MessageID:
			t.Fatalf("%s of copies", layer)
		case side(a.Class) == 0:
			t.Fatalf("%s of what is no invoice", layer)
		}
		if a.Plain != b.Plain && a.Amount == b.Amount && a.Amount != 0 && layer == LayerNear && days(a, b) >= retainerDays && !newVersion(a, b) {
			t.Fatal("a retainer is near")
		}
	}
	for _, layer := range append(Layers, "") {
		if seen[layer] == 0 {
			t.Errorf("no pair of layer %q was met", layer)
		}
	}
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{"INV-2026-0012", "Invoice No. 7", "0000", "RE12", "R1", "1001-R1", "ſ5", "ŉo5", "\u0130NV12", "I-NV12", "0INV0NO07"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := Plain(s)
		if again := Plain(p); again != p {
			t.Fatalf("Plain(%q) = %q, and of that %q", s, p, again)
		}
		if len(p) > maxPlain {
			t.Fatal("too long")
		}
		if base, ok := revised(s); ok && (base == "" || base != Plain(base)) {
			t.Fatalf("base %q of %q", base, s)
		}
	})
}

func BenchmarkLayer(b *testing.B) {
	r := rand.New(rand.NewSource(1))
	for _, n := range []int{20, 50} {
		b.Run(fmt.Sprintf("bills=%d", n), func(b *testing.B) {
			list := make([]*model.Bill, n)
			for i := range list {
				list[i] = randomBill(r)
			}
			for b.Loop() {
				for _, earlier := range list {
					Layer(list[0], earlier)
				}
			}
		})
	}
}
