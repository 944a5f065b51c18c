package billdesk

import (
	"cmp"
	"maps"
	"slices"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// book is the bills of a principal, each once, the oldest first.
type book struct {
	bills []*model.Bill
	byID  map[string]*model.Bill
	last  map[[2]string]int // the newest bill of a class about a matter or number
	paid  map[string]int    // the newest remittance that settles a key
	some  bool              // there are bills that it does not have
}

func newBook(in []model.Bill, left int) *book {
	b := &book{some: left > 0, byID: make(map[string]*model.Bill, len(in)), last: map[[2]string]int{}, paid: map[string]int{}}
	for i := range in {
		// A mail that lies in two accounts is in the ledger twice. What is settled in one
		// is settled.
		if twin := b.byID[in[i].ID]; twin == nil || open(twin) && !open(&in[i]) {
			b.byID[in[i].ID] = &in[i]
		}
	}
	b.bills = slices.SortedFunc(maps.Values(b.byID), func(x, y *model.Bill) int {
		return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(x.ID, y.ID))
	})
	for i, x := range b.bills {
		for _, about := range []string{"matter " + x.Matter, "number " + x.Plain} {
			b.last[[2]string{x.Class, about}] = i
			b.last[[2]string{x.Class + " " + x.Event, about}] = i
		}
		if x.Class == "remittance" {
			b.paid["m:"+x.Plain] = i
			for _, key := range x.Settles {
				b.paid[key] = i
			}
		}
	}
	return b
}

// later reports whether a bill of one of the classes about the same came after
// bill i. The class may name an event: "portal approved".
func (b *book) later(i int, about string, classes ...string) bool {
	if about == "matter " || about == "number " {
		return false
	}
	return slices.ContainsFunc(classes, func(class string) bool { return b.last[[2]string{class, about}] > i })
}

func open(b *model.Bill) bool { return b.State == "" || b.State == "open" }

// veiled reports whether nothing may be told of a bill but that it is there.
func veiled(b *model.Bill) bool { return b.Class == "trust" }

// toPay and owed say who is to pay what.
func toPay(b *model.Bill) bool { return b.Class == "invoice-in" || b.Class == "vendor" }
func owed(b *model.Bill) bool  { return b.Class == "invoice-out" }

// repeats reports whether a bill is another one again, for certain: the same number
// of the same vendor, or the same file. Two that are only alike may both be due. What
// may be forged, or was withdrawn, is nobody's twin: else a forger who is quicker than
// the vendor takes the true bill away. Nor is what the book only leaves out.
func (b *book) repeats(x *model.Bill) bool {
	if len(x.Twins) == 0 {
		return false
	}
	if !billing.Hard(x.Doubts) && !slices.ContainsFunc(x.Twins, func(id string) bool {
		t := b.byID[id]
		return t == nil && !b.some || t != nil && (open(t) || t.State == "paid" || t.State == "disputed" && (t.By == "person" || !billing.Hard(t.Doubts)))
	}) {
		return false
	}
	if x.Layer == "number" || x.Layer == "file" {
		return true
	}
	twin := b.byID[x.Twins[0]]
	return twin != nil && twin.Due != 0 && twin.Due == x.Due && twin.Amount == x.Amount && twin.Currency == x.Currency
}

// counts reports whether the amount of a bill is still to be paid.
func (b *book) counts(x *model.Bill) bool {
	return open(x) && (toPay(x) || owed(x)) && !veiled(x) && !b.repeats(x)
}
