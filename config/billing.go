package config

import "time"

// Billing is everything under billing: in the rule files.
type Billing struct {
	Guidelines []Guideline
	Portals    []Portal
	// Desks says that a principal has a billing desk: bills are read and remembered for
	// it, whatever the rules ask.
	Desks bool
}

// Portal is an e-billing portal by the addresses and domains its notices come from.
type Portal struct {
	Name Text
	From []Text
}

// Desk says where what is written about a principal's billing goes, and when.
type Desk struct {
	Pos      Pos
	Calendar Text          // SourceID that due dates are written into; "" for none
	Notes    string        // "weekly" (default), "daily" or "off"
	Day      time.Weekday  // of the weekly note; default Monday
	At       int           // minutes after midnight in the principal's zone; default 07:30
	Before   int           // business days before a due date; default 3
	Holidays []Text        // YYYY-MM-DD: no business days
	Prebill  time.Duration // after which an unanswered prebill is reminded of; default 72h, 0: never
}
