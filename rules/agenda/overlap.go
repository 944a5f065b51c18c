package agenda

import (
	"time"

	"chancery/internal/model"
)

// Instance is one stretch of time one event takes.
type Instance struct {
	Event      *model.Event
	Occurrence *model.Occurrence // the master or the override it comes from
	Start, End time.Time         // half open
	Buffer     time.Duration
}

// Pair is two instances, by index into the slice given to Overlaps; A < B.
type Pair struct{ A, B int }

// Overlaps finds the pairs that overlap or stand closer than their buffers.
func Overlaps(in []Instance) []Pair { return nil }
