package agenda

import (
	"time"

	"chancery/internal/model"
)

// Ranked is what the rule files say about one event.
type Ranked struct {
	Name   string // name of the rank, e.g. "court"; "" if no rank matched
	Rank   int    // higher keeps the slot
	Fixed  bool   // never asked to yield
	Ignore bool   // takes no part in the search
	Buffer time.Duration
	Place  string // file:line:col of the rank
}

// Ranker ranks one occurrence of an event: the master or an override.
type Ranker func(e *model.Event, o *model.Occurrence) Ranked

// Options is the conflicts block of the rule files.
type Options struct {
	Horizon      time.Duration
	Alternatives int
	Discreet     bool
	Mode         string // "observe" or "enforce"
	Place        string // file:line:col of the block
	Version      string // of the rule set
}

// Settle compares the principal's time in v with what was reported before and
// returns the steps that make it true again.
func Settle(v model.View, o Options, rank Ranker) (steps []model.Step, reports []model.Report, lookAgain time.Time) {
	return nil, nil, time.Time{}
}
