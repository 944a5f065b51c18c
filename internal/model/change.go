package model

import "time"

// Op says what happened to an item.
type Op int

const (
	Put        Op = iota + 1 // new in this place, content attached
	Marked                   // only its flags changed; Message has no Body
	Gone                     // no longer in this place, expunged or moved; without UID and Href: the fault of a whole mailbox
	Unreadable               // there, but could not be read: Fault says why
	Look                     // nothing happened: look again at a principal's agenda
)

// Change is what happened to one item, as a connector reports it.
type Change struct {
	Op        Op
	Ref       Ref
	Ident     Ident
	Message   *Message // Put, Marked of mail
	Event     *Event   // Put of a calendar object
	Fault     *Fault   // Unreadable
	Principal string   // Look
}

// Fault says why an item was parked. Both fields are safe to log.
type Fault struct {
	Code  string // stable, e.g. "ics-parse", "fetch-missing"
	Place string // e.g. "line 12"; "" if unknown
}

func (f *Fault) Error() string {
	if f.Place == "" {
		return f.Code
	}
	return f.Code + " at " + f.Place
}

// View is everything else a decision may depend on. The rules read no clock and
// ask nobody: what is not here does not exist.
type View struct {
	Now      time.Time
	Released map[string]bool // rules a person overruled for this item

	// For mail.
	Thread []string // names of the marks that the message's thread has
	Desk   Desk
	// Bills are those of the ledger that share a key with the bills of the message, the
	// newest last; those of the message itself are among them when it is decided again.
	Bills []Bill

	// For Look: the principal's time. For mail that carries an invitation: the time of
	// the account's principal around it, and whether all of it is known.
	Principal Principal
	Agenda    []Event // every event of every calendar of the principal
	Known     bool    // of mail: Agenda is complete around the invitation
	// Reading is since when the calendars that are not Known are being read.
	Reading time.Time
	// Busy is what is known of other people's time, by address in lower case.
	Busy     map[string]FreeBusy
	Findings map[Ident]Finding // what we wrote before about this principal's conflicts
	Billing  BillView
}

// Desk says where what the rules write about the mail of one account goes. The
// zero Desk has nobody who reads notes.
type Desk struct {
	Notes    SourceID // account that receives notes
	NotesBox []string // mailbox path there
	NotesTo  string   // address in the To: of notes
	From     Address  // the account's principal, as drafts name the author
	// Mail are the accounts of the same principal, this one among them: what is written
	// about one may name mail of another. Empty: of this one alone.
	Mail []SourceID
}

// Principal is a leader whose time is looked after.
type Principal struct {
	Name      string
	Title     string // how holds and notes call this person; "" for Name
	Zone      *time.Location
	Hours     []Hours
	Addresses []string // lower case; the principal's own attendee addresses
	Holds     SourceID // calendar that receives holds
	Notes     SourceID // account that receives notes
	NotesBox  []string // mailbox path there
	NotesTo   string   // address in the To: of notes; "" for the principal's first
	Drafts    SourceID // account whose drafts receive replies to organizers; "" for none

	Secret Private[string] // of the installation: what goes into names that strangers can see
}

// Hours is a stretch of working time on one weekday, minutes after midnight.
type Hours struct {
	Day        time.Weekday
	From, Till int
}

// Finding is the state of one conflict we reported earlier.
type Finding struct {
	Hold      string // digest of the hold that stands; "" if none stands
	HoldRef   Ref    // where it stands
	Note      string // digest of the note that was written last; "" if none
	NoteID    string // its Message-ID
	Dismissed bool   // a person deleted the hold: never again
	Pinned    bool   // a person edited the hold: leave it
	Confirmed bool   // a person made the hold a real appointment
	Amended   *Amend // what we changed in an event of others, if that stands
	Asked     *Amend // the change that is under way or waits: of Open and Held
	Open      bool   // a change of an event, or the taking away of a draft, is under way
	Held      bool   // such a change waits for a person's approval
}
