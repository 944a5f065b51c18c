package model

import "time"

// Action is what a step does. The set is closed; there is no delete of anyone's
// item and no send.
type Action interface {
	Kind() string // "mark", "unmark", "file", "return", "note", "hold", "withdraw", "drop-note", "amend": the journal's word
	action()
}

// Mark makes a finding visible in mail programs. The connector writes of it
// what the mailbox can keep (PERMANENTFLAGS, RFC 9051 section 7.1).
type Mark struct {
	Name        string // the mark's name in the rule files; never written to a server
	Keyword     string // own keyword; "" for none
	Thunderbird string // "$label1" to "$label5"; "" for none
	Apple       string // colour name, as RFC 9979 lists them: red orange yellow green blue purple gray; "" for none
	Gmail       string // label on servers with X-GM-EXT-1, where keywords do not show; "" for none
	Flagged     bool   // \Flagged; also implied by Apple
}

// File moves the message to another mailbox of its account.
type File struct {
	Mailbox []string // path segments; the connector joins them with the server's delimiter
	Create  bool     // create missing mailboxes on the way
}

// Note appends a message of ours to a mailbox of an assistant.
type Note struct {
	Mailbox []string
	Body    Private[NoteBody]
	// Replaces lists Message-IDs of earlier notes of ours about the same
	// finding: they are taken away if nobody has touched them.
	Replaces []string
	Draft    bool // append with \Draft and \Seen: a person reads it over and sends it
	Flagged  bool // append with \Flagged: a person should look soon
}

// NoteBody is what a note says. Text and HTML say the same.
type NoteBody struct {
	MessageID string // deterministic, with angle brackets
	Of        Ident  // the finding it is about; goes into the signed tag
	Digest    string
	From, To  Address
	More      []Address // further recipients of a draft
	Date      UnixTime
	Subject   string
	Text      string
	HTML      string
	InReplyTo string // Message-ID of the note before, or of the mail a draft answers; "" if none
	Files     []NoteFile
}

// NoteFile is a file attached to a note.
type NoteFile struct {
	Name string
	Type string // media type
	Text string // UTF-8
}

// UnixTime is seconds since 1970, UTC: a time that survives encoding unchanged.
type UnixTime int64

// Hold creates or updates one tentative event of ours.
type Hold struct {
	UID    string // deterministic; also the file name of the object
	Of     Ident
	Digest string
	Base   Ref // the version this update replaces; zero for a new hold
	Body   Private[HoldBody]
}

// HoldBody is what a hold shows.
type HoldBody struct {
	Start, End  UnixTime
	Stamp       UnixTime // DTSTAMP
	Summary     string
	Description string
	Related     []string // UIDs of the events it speaks of
	Private     bool     // CLASS:PRIVATE
	// Blocks makes it confirmed and opaque: a mirror takes time, a hold only asks for it.
	Blocks bool
	Date   bool // whole days: Start and End are midnights in UTC and written as DATE
}

// Amend changes one thing in an event that is not ours, because a rule says so in
// words. It is sent only over exactly the version that was judged, and only if what
// it replaces still stands: else the step ends as Stale with code "changed".
// Taking it back is the Amend with Was and Now exchanged.
type Amend struct {
	UID      Name
	Instance Time              // RECURRENCE-ID of the instance it is about; zero for the object as a whole
	Of       Ident             // the finding, or the event, it was done for
	Self     Private[[]string] // the addresses of the principal: whose ATTENDEE line is meant, and who must lead what is moved or classed
	Base     Ref               // the version that was judged
	Was, Now Amended
	Zone     *time.Location // in which the times of an event without a zone are read; nil for all others
}

// Amended is one thing an Amend may change. Exactly one part is set, the same in
// Was and in Now.
type Amended struct {
	Answer     string   // PARTSTAT (RFC 5545 section 3.2.12): "TENTATIVE", "DECLINED", ...; "NEEDS-ACTION" where none stood
	Start, End UnixTime // the time of a meeting that the principal leads
	Class      string   // CLASS (RFC 5545 section 3.8.1.3) of an event that the principal leads; "PUBLIC" where none stood
}

// Withdraw takes a hold of ours away again, if no person edited it.
type Withdraw struct {
	UID  string
	Of   Ident
	Base Ref
}

// DropNote takes a note of ours away again, if nobody has touched it.
type DropNote struct {
	Mailbox   []string
	MessageID string
	Of        Ident
	// Twins leaves one: it only takes away what an APPEND whose connection was cut
	// stored a second time.
	Twins bool
}

// Unmark takes a mark away again, if all of it still stands as it was set.
type Unmark struct {
	Name  string
	Flags Flags // what setting the mark added; nothing else is taken away
	Label string
}

// Return moves a message back to the mailbox it was filed from, if it still lies
// where it was filed to.
type Return struct {
	To Name // as the server names it
}

func (Unmark) Kind() string   { return "unmark" }
func (Return) Kind() string   { return "return" }
func (Mark) Kind() string     { return "mark" }
func (File) Kind() string     { return "file" }
func (Note) Kind() string     { return "note" }
func (Hold) Kind() string     { return "hold" }
func (Withdraw) Kind() string { return "withdraw" }
func (Amend) Kind() string    { return "amend" }
func (DropNote) Kind() string { return "drop-note" }

func (Unmark) action()   {}
func (Return) action()   {}
func (Mark) action()     {}
func (File) action()     {}
func (Note) action()     {}
func (Hold) action()     {}
func (Withdraw) action() {}
func (Amend) action()    {}
func (DropNote) action() {}
