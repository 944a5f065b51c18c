package model

import "time"

// Plan is all that is intended for one change. The zero Plan intends nothing.
type Plan struct {
	Cause     Ref
	Ident     Ident
	Steps     []Step
	Reports   []Report  // rules that matched in observe mode, contradictions, vetoes
	LookAgain time.Time // decide again then; zero for never
	Drops     []Ident   // changes of events that wait for a person's approval and are not wanted any more
	Bills     []Bill    // what the ledger shall remember
	Asks      []Ask     // whose time would have to be known for better advice; the engine asks and decides again
}

// Ask names a person whose free and busy time a decision would like to know.
type Ask struct {
	Address    string // lower case
	From, Till UnixTime
}

// Step is one intended act.
type Step struct {
	ID      StepID // filled by the engine: the same act has the same ID for ever
	Rule    string // name of the rule
	Version string // version of the rule set that decided
	Place   string // file:line:col of the rule
	Why     Private[string]
	Source  SourceID // whose worker applies it
	Order   int      // of the rule among the rules: of two marks of different colours the first one shows
	Ref     Ref      // the item acted on; zero for a new object
	Ident   Ident    // the item, or the finding
	Action  Action
	Again   bool // it was sent before, maybe by a process that died: its effect may be there
}

// StepID is 32 hex digits.
type StepID string

// Report is a decision that has no effect on the server.
type Report struct {
	Rule  string
	Place string
	What  string // "observe", "contradiction", "outranked", "released", "ambiguous", "empty", "cost", "error", "hold", "legal-hold", "doubt", "no-desk", "bulk"
	Why   Private[string]
	Would string          // kind of the action that is not taken
	To    Private[string] // of an observed mark its name, of an observed file its path
	Of    Ident           // the finding about time; "" for none
	Ref   Ref             // the item, filled by the engine; zero for a finding about time
}

// Outcome says how an applied step ended.
type Outcome int

const (
	Done    Outcome = iota + 1 // the effect is on the server
	Lost                       // the item is gone, or a person took it elsewhere: nothing to do any more
	Stale                      // a person or program changed the item since: decide again
	Refused                    // the server will never accept it: parked, Code says why
	Later                      // not now: try again
)

// Result answers one step.
type Result struct {
	ID      StepID
	Outcome Outcome
	Code    string // for Refused and Later: stable, safe to log, e.g. "overquota", "no-keywords"
	Ref     Ref    // where the item or object is now, as far as known
	Flags   Flags  // Mark: the flags that now stand for the mark
	Added   Flags  // Mark: of these, the ones that were not there before
	Already bool   // the effect was there before: nothing was sent
}
