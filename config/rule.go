package config

import "time"

// Rules is everything under rules.d, with the lists it names. It is syntax: no
// expression has been compiled yet.
type Rules struct {
	Version  string // hex hash over every file read
	Lists    []List
	Terms    []TermSet
	Matters  Matters
	Marks    []Mark
	Mail     []MailRule // in the order of the files, then of the text
	Calendar Calendar
	Billing  Billing

	House  House
	Labels []Label
	Users  []User
	Tests  []Test

	TestData TestData
}

// TestData is what is added to the rules while tests run, and at no other time:
// the people and matters of the mails in tests.
type TestData struct {
	Lists    []List    // entries for the list of the same name
	Terms    []TermSet // words for the set of the same name
	Matters  []Matter  // each before a matter of the same number in the firm's list
	AuthServ []Text    // more authserv-ids for House
}

// House says who we are: what inside, outside and proved mean.
type House struct {
	Pos      Pos
	Firm     Text   // name of the list of our own people; "" if nobody said
	Counsel  Text   // name of the list of law firms that work for us; "" for none
	AuthServ []Text // authserv-ids of our own mail servers, lower case (RFC 8601 section 2.5)
}

// Label names a sensitivity label by the GUIDs it has at each tenant.
type Label struct {
	Name  Text
	GUIDs []Text // lower case
}

// User is one file of users.d: what the people of one mail account switch. Its
// own rules stand in Rules.Mail with this account and User set.
type User struct {
	Account  Text // the name of the file; a mail account
	Switches []Switch
}

// Switch changes a rule of the firm for one account, as far as the rule's UserMay
// allows.
type Switch struct {
	Rule Text
	Mode Mode      // "" as the rule says
	File *Template // nil: as the rule says
}

// Test is one entry of tests: mail or events and what the rules must make of them.
type Test struct {
	Pos     Pos
	Name    Text   // default: the file, or "test N"
	Mail    Text   // path of a message inside the configuration folder; or
	Text    Text   // the message itself; or
	Events  []Text // paths of iCalendar files
	Account Text   // default: the first mail account
	Folder  Text   // default INBOX
	Flags   []Text
	Thread  []Text    // marks that the thread has
	Earlier []Text    // messages that came before, written out: what they say of bills is in the ledger
	Now     time.Time // when it is decided; zero: an hour after the message's Date
	None    bool      // expect: none; no rule matches
	Expect  []Expected
	Not     []Text // rules that must not match
}

// Expected is what one rule must do.
type Expected struct {
	Rule Text
	Do   []Text // "mark privileged", "file Billing/Acme", "star", "note", "draft"; for events "rank court", "conflict"
}

// List is a named set of addresses and domains, lower case.
type List struct {
	Name    Text
	File    string   // where the entries stand; "" for the rule file itself
	Broken  bool     // some of it could not be read, which has been told
	Entries []Text   // "user@domain" or "domain"
	Names   []string // of people, where an entry is written as mail programs do: Jane Doe <jane@firm.example>
}

// TermSet is a named set of words and phrases, matched without case on word
// boundaries.
type TermSet struct {
	Name   Text
	File   string // where the words stand; "" for the rule file itself
	Broken bool   // some of it could not be read, which has been told
	Words  []Text
}

// Matters is the matter list and how its numbers look in mail.
type Matters struct {
	Pos    Pos
	Number Text // regular expression (RE2); group 1 client and group 2 matter, or no group; "" if there is no matter list
	Plain  bool // numbers may also look as DefaultNumber says; while tests run
	List   []Matter
}

// Matter is one line of the matter list. Every field is text: 00420 stays 00420.
type Matter struct {
	Pos     Pos
	Number  string // as IT writes it, e.g. "00420.0070"
	Client  string
	Name    string
	Folder  []string // path segments from column folder, split at "/"; nil if empty
	Partner string
	Team    []string // addresses and domains
	Aliases []string
	Wall    []string // addresses and domains from which the matter is kept
	Hold    bool     // under legal hold: nothing about it is moved
	Open    bool
}

// Mark says how one finding shows in each mail program.
type Mark struct {
	Name        Text
	Keyword     string
	Thunderbird string // "$label1" to "$label5"
	Apple       string // colour name
	Gmail       string // label
	Flagged     bool
}

// Mode says how far a rule may go.
type Mode string

const (
	Off     Mode = "off"     // as if the rule were not there
	Observe Mode = "observe" // record and explain, change nothing
	Enforce Mode = "enforce" // act
)

// MailRule is one rule under mail:.
type MailRule struct {
	Name     Text
	Priority int // higher first; equal: order of the files
	Mode     Mode
	Accounts []Text // mail accounts it is for; empty: every one
	Folders  []Text // mailboxes it looks at; empty: every followed mailbox
	User     bool   // it stands in a file of users.d
	UserMay  []Text // what users.d may switch: "off", "observe", "folder"
	Let      []Let
	When     Expr
	Unless   Expr // Source "" if absent
	Extract  []Extract
	Then     []Then
	Stop     bool
}

// Let names the value of an expression for use below it.
type Let struct {
	Name Text
	Expr Expr
}

// Extract asks for one typed value out of the message, as x.<name>.
type Extract struct {
	Name Text
	Kind Text   // matter, invoice, money, date
	Near []Text // words that stand before the value
}

// Then is one action. Exactly one field is set.
type Then struct {
	Pos  Pos
	Mark *Text     // name of a mark
	File *Template // mailbox path with "/" between segments
	Star bool      // \Flagged

	Note  *Letter // to the assistant, in the notes mailbox of the account's principal
	Draft *Letter // beside the message's own drafts; a person reads it over and sends it
}

// Letter is a text that an action writes, from a template file or in place.
type Letter struct {
	Pos     Pos
	To      *Template // addresses: an expression of text or list of texts; nil of a note: the assistant
	Subject Template
	Text    Template
}

// Template is text with CEL expressions in {{ }}.
type Template struct {
	Text  Text
	Parts []TemplatePart
}

// TemplatePart is a literal or an expression.
type TemplatePart struct {
	Literal string
	Expr    *Expr
}

// Calendar is everything under calendar:.
type Calendar struct {
	Pos       Pos
	Ranks     []Rank
	Ignore    []Ignore
	Protected []Protected
	Zones     []ZoneDays
	Mirrors   []Mirror
	Classes   []ClassRule
	Conflicts Conflicts
}

// Rank is one line under ranks; the first whose When holds ranks the event.
type Rank struct {
	Name     Text
	Rank     int
	When     Expr
	Fixed    bool          // never asked to yield, whatever stands against it
	Buffer   time.Duration // time kept free on both sides
	Before   time.Duration // preparation; with After it replaces Buffer on its side
	After    time.Duration
	Travel   time.Duration // kept free on both sides of an event at a place, unless its neighbour is at the same place
	Deadline time.Duration // the event is a point that blocks this much time before it; 0: an ordinary event
	Resolve  string        // what happens to an event of this rank that yields; "" as Conflicts.Resolve says
}

// Protected is time of a principal that meetings should leave alone, without an
// event that says so.
type Protected struct {
	Name       Text
	Rank       int
	Principals []Text  // names; empty: every one
	Hours      []Hours // in the principal's zone
}

// ZoneDays says that on the days of certain events the principal lives in another
// zone.
type ZoneDays struct {
	Name Text
	When Expr
	Zone Text // IANA name
}

// Mirror shows the time that events take in another calendar, and nothing else of
// them.
type Mirror struct {
	Name Text
	Mode Mode
	From []Text // SourceIDs of calendars
	To   Text   // SourceID of the calendar that shows it
	As   Text   // title; default "Busy"
	When Expr   // of which events; Source "" for all that block

	Principal string // whose calendars these are; filled when all files are read
}

// ClassRule sets the class of events that the principal leads.
type ClassRule struct {
	Name  Text
	Mode  Mode
	When  Expr
	Class string // "private" or "confidential"
}

// Ignore takes events out of the search for conflicts.
type Ignore struct {
	Name Text
	When Expr
}

// Conflicts says how conflicts are looked for and told.
type Conflicts struct {
	Pos          Pos
	Mode         Mode
	Horizon      time.Duration
	Alternatives int           // free slots offered, 0 to 10
	Resolve      string        // "propose", "tentative", "decline" or "move": what happens to an event that yields
	Discreet     bool          // holds and notes name ranks and times only, no titles
	Slots        bool          // alternatives stand in the calendar as holds of their own
	Replies      bool          // a draft to the organizer is written
	Notice       time.Duration // an event that begins sooner is never declined or moved; default 24h
}
