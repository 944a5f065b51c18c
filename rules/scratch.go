package rules

import (
	"sync"

	"chancery/rules/text"
)

// scratch is working memory of one decision, used again by the next. Nothing
// that a plan says depends on it.
type scratch struct {
	starts [zones][]int32 // of the folded zones; nil until asked for
	spare  [zones][]int32 // what earlier decisions left
	plain  []int32
}

var scratches = sync.Pool{New: func() any { return &scratch{} }}

// startsOf returns where words of a folded zone may start.
func (f *facts) startsOf(zone int) []int32 {
	if f.starts[zone] == nil {
		if f.spare[zone] == nil {
			f.spare[zone] = make([]int32, 0, 512)
		}
		f.starts[zone] = text.Starts(f.spare[zone][:0], f.fold(zone))
	}
	return f.starts[zone]
}

// release gives the working memory back; the facts are then used up.
func (f *facts) release() {
	s := f.scratch
	f.scratch = nil
	for zone, starts := range s.starts {
		if s.starts[zone] = nil; starts != nil {
			s.spare[zone] = starts
		}
	}
	scratches.Put(s)
}
