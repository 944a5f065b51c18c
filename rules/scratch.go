package rules

import (
	"sync"
	"unsafe"

	"cel.dev/cel-go/common/types/ref"

	"chancery/rules/billing"
	"chancery/rules/text"
)

// scratch is working memory of one decision, used again by the next. Nothing
// that a plan says depends on it, and nothing in a plan points to it.
type scratch struct {
	folds  [zones][]byte  // folded zones
	starts [zones][]int32 // where words start in them
	plain  []byte         // the zone that is being searched, by plain
	places []int32        // where words start in it
	joins  []int32        // where a hyphen may cut a word of it
	seams  []byte         // the zone without the blanks at joins
	glue   torn           // a text without blanks
	apart  []byte         // what plain made of one place
	looked [2][]byte      // the text that is looked over
	near   []byte         // what stands at one place of it
	glance billing.Glance // over what may be a bill
	hits   [][]hit        // by term set
	counts []int          // by term set: those that may stand in the message
	terms  []ref.Val      // the same as values; nil until asked for
}

var scratches = sync.Pool{New: func() any { return &scratch{} }}

// startsOf returns where words of a folded zone may start.
func (f *facts) startsOf(zone int) []int32 {
	if !f.placed[zone] {
		f.placed[zone] = true
		f.starts[zone] = text.Starts(f.starts[zone][:0], f.fold(zone))
	}
	return f.starts[zone]
}

// sized returns room for the hits of n sets.
func (s *scratch) sized(n int) [][]hit {
	if len(s.hits) < n {
		s.hits = make([][]hit, n)
	}
	return s.hits[:n]
}

// value is where the value of one set is kept.
func (s *scratch) value(set int) *ref.Val {
	for len(s.terms) <= set {
		s.terms = append(s.terms, nil)
	}
	return &s.terms[set]
}

// release gives the working memory back; the facts are then used up.
func (f *facts) release() {
	s := f.scratch
	f.scratch = nil
	for i := range s.hits {
		s.hits[i] = s.hits[i][:0]
	}
	clear(s.terms)
	s.terms = s.terms[:0]
	kept := max(cap(s.plain), cap(s.seams), cap(s.looked[0]), cap(s.looked[1]))
	for _, fold := range s.folds {
		kept = max(kept, cap(fold))
	}
	if kept <= maxKeptScratch {
		scratches.Put(s)
	}
}

// maxKeptScratch bounds the zone whose working memory is kept.
const maxKeptScratch = 64 << 10

// octets is b as a string, for as long as b does not change.
func octets(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
