package model

import "time"

// Event is one calendar object: one UID with all its overrides (RFC 4791
// section 4.1).
type Event struct {
	Ref      Ref
	Ident    Ident // hash of the UID: the same meeting in two calendars has one Ident
	Own      *Own  // set only if our tag verifies
	Tagged   bool  // it carries a tag of this program, ours or of another installation: never copied, never a conflict
	Problems []string
	Body     Private[Series]
}

// Own is our signed tag in an object of ours.
type Own struct {
	Of     Ident  // the finding this object stands for
	Digest string // Hold.Digest of what we last wrote
	Intact bool   // the object still is what we last wrote: no person edited it
	// Confirmed: a person made a hold of ours a real appointment, by STATUS:CONFIRMED
	// or, in programs that cannot say that, by showing its time as busy.
	Confirmed bool
}

// Series is what a calendar object says.
type Series struct {
	UID       string
	Master    *Occurrence // nil is legal: an invitation to one instance of a series
	Overrides []Occurrence
}

// Occurrence is one VEVENT: a master, or an override with a Recurrence.
type Occurrence struct {
	Recurrence *Time // RECURRENCE-ID (RFC 5545 section 3.8.4.4); nil in a master
	ThisFuture bool  // RANGE=THISANDFUTURE
	Start      Time
	End        Time   // exclusive; when the object gives DURATION or nothing, computed by RFC 5545 section 3.6.1
	RRule      string // checked by the guard: FREQ at least DAILY, bounded; "" if none
	RDates     []Time
	REnds      []Time // where RDATE gives periods: the end of each of RDates, zero for one as long as the master; else nil
	ExDates    []Time
	Summary    string
	Location   string
	Conference string // URL of the call, if one is found
	Categories []string
	Class      string // PUBLIC, PRIVATE, CONFIDENTIAL
	Status     string // CONFIRMED, TENTATIVE, CANCELLED
	Show       Show
	Focus      bool          // focus time, as Google marks it
	Travel     time.Duration // X-APPLE-TRAVEL-DURATION: time needed to get there; 0 if unsaid
	NoCounter  bool          // X-MICROSOFT-DISALLOW-COUNTER: the organizer takes no proposals
	Untold     bool          // the server tells nobody of answers and moves: SCHEDULE-AGENT (RFC 6638 section 7.1) says so
	Organizer  Address
	Attendees  []Attendee
	Sequence   int
	Created    time.Time // CREATED, else DTSTAMP; zero if neither
}

// Show says how an event blocks time.
type Show int

const (
	Busy      Show = iota // blocks
	Tentative             // blocks softly
	Free                  // TRANSP:TRANSPARENT or X-MICROSOFT-CDO-BUSYSTATUS:FREE
	OutOfOffice
	Elsewhere // working elsewhere: does not block
)

// Attendee is one ATTENDEE (RFC 5545 section 3.8.4.1).
type Attendee struct {
	Address
	PartStat string // upper case; NEEDS-ACTION by default
	Role     string
	Type     string // CUTYPE: INDIVIDUAL, ROOM, ...
}

// Stretch is a piece of somebody's time that is taken.
type Stretch struct {
	Start, End UnixTime
	Soft       bool // tentative
}

// FreeBusy is what is known of one person's time.
type FreeBusy struct {
	From, Till UnixTime // outside it nothing is known
	Taken      []Stretch
	Zone       *time.Location // where this person works; nil if nobody told
	Hours      []Hours        // when; nil if nobody told
}

// Time is a DATE or DATE-TIME (RFC 5545 sections 3.3.4 and 3.3.5).
type Time struct {
	Wall   time.Time      // wall clock, carried in UTC
	Loc    *time.Location // nil: floating, or a DATE; read in the principal's zone
	Date   bool           // a whole day
	Unsure bool           // the zone could not be resolved; the principal's is assumed
}

// In returns the instant, reading floating times and dates in zone. A wall
// clock in a spring gap moves forward by the gap, as calendar programs show it; one
// that comes twice means the first time (RFC 5545 section 3.3.5).
func (t Time) In(zone *time.Location) time.Time {
	loc := t.Loc
	if loc == nil {
		loc = zone
	}
	w := t.Wall
	at := time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), 0, loc)
	_, offset := at.Zone()
	shown := at.Add(time.Duration(offset) * time.Second).UTC()
	if shown.Equal(w) {
		return first(at, w)
	}
	// In a gap time.Date may use either offset; the one before the gap is ours.
	if shown.After(w) {
		start, _ := at.ZoneBounds()
		_, offset = start.Add(-time.Second).Zone()
	}
	return w.Add(-time.Duration(offset) * time.Second).In(loc)
}

// first returns the earlier of the two instants that a clock shows when it is set
// back. time.Date may use either.
func first(at, wall time.Time) time.Time {
	start, _ := at.ZoneBounds()
	if start.IsZero() || at.Sub(start) > 24*time.Hour {
		return at
	}
	_, offset := start.Add(-time.Second).Zone()
	if before := wall.Add(-time.Duration(offset) * time.Second); before.Before(start) {
		return before.In(at.Location())
	}
	return at
}

// IsZero reports whether t is unset.
func (t Time) IsZero() bool { return t.Wall.IsZero() }
