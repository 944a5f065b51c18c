package journal

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// BillIndex answers as Bills does, for bills that are not in the journal yet too: those
// of a batch that is being decided, or of a preview, which writes nothing. It serves
// one goroutine. A bill that it was not given is not known to it.
type BillIndex struct {
	now    time.Time
	byID   map[string]*indexed
	byWord map[string][]*indexed // the newest last
	came   int
}

type indexed struct {
	bill model.Bill
	at   int64
	came int
}

// NewBillIndex returns an index that knows nothing.
func NewBillIndex(now time.Time) *BillIndex {
	return &BillIndex{now: now, byID: map[string]*indexed{}, byWord: map[string][]*indexed{}}
}

// Add lets the index know bills of the journal, in the order of Bills. One that it
// knows stays as it is.
func (x *BillIndex) Add(bills []model.Bill) {
	for _, b := range bills {
		if x.byID[b.ID] == nil {
			x.put(b)
		}
	}
}

// Knows reports whether the index has a bill.
func (x *BillIndex) Knows(id string) bool { return x.byID[id] != nil }

// Record does as a turn does that has these bills.
func (x *BillIndex) Record(bills []model.Bill) {
	for _, b := range bills {
		if b.ID == "" {
			continue
		}
		s := standingOf(b)
		if is := x.byID[b.ID]; is != nil {
			s = standing{is.bill.State, is.bill.By}.join(s)
			for _, w := range BillWords(is.bill) {
				x.byWord[w] = slices.DeleteFunc(x.byWord[w], func(e *indexed) bool { return e == is })
			}
		}
		b.State, b.By = s.state, s.said
		x.put(b)
	}
}

func (x *BillIndex) put(b model.Bill) {
	e := &indexed{bill: b, at: billAt(b, x.now), came: x.came}
	if is := x.byID[b.ID]; is != nil {
		e.came = is.came
	} else {
		x.came++
	}
	x.byID[b.ID] = e
	for _, w := range BillWords(b) {
		list := x.byWord[w]
		i, _ := slices.BinarySearchFunc(list, e, byAge)
		x.byWord[w] = slices.Insert(list, i, e)
	}
}

func byAge(a, b *indexed) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.came, b.came)) }

// Find is Bills.
func (x *BillIndex) Find(words []string) []model.Bill {
	var out billList
	for _, w := range words {
		list := x.byWord[w]
		for _, e := range list[max(0, len(list)-newestOf(w)):] {
			out.add(e.bill)
		}
	}
	return out.sorted()
}

// All returns every bill of the index, the oldest first.
func (x *BillIndex) All() []model.Bill {
	var out billList
	for _, e := range x.byID {
		out.add(e.bill)
	}
	return out.sorted()
}

// newestOf is how many bills are found by a word.
func newestOf(word string) int {
	if strings.HasPrefix(word, "v:") {
		return newestOfVendor
	}
	return newestOfKey
}

// billAt is when a bill came, in milliseconds: a mail may be dated as it likes, but
// not be newer than all to come.
func billAt(b model.Bill, now time.Time) int64 {
	return max(0, min(int64(b.At), now.Unix())) * 1000
}
