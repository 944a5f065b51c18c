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
}

// List is a named set of addresses and domains, lower case.
type List struct {
	Name    Text
	Entries []Text // "user@domain" or "domain"
}

// TermSet is a named set of words and phrases, matched without case on word
// boundaries.
type TermSet struct {
	Name  Text
	Words []Text
}

// Matters is the matter list and how its numbers look in mail.
type Matters struct {
	Pos    Pos
	Number Text // regular expression (RE2); group 1 client and group 2 matter, or no group; "" if there is no matter list
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
	Folders  []Text // mailboxes it looks at; empty: every followed mailbox
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
	Conflicts Conflicts
}

// Rank is one line under ranks; the first whose When holds ranks the event.
type Rank struct {
	Name   Text
	Rank   int
	When   Expr
	Fixed  bool          // never asked to yield, whatever stands against it
	Buffer time.Duration // time kept free on both sides
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
	Alternatives int    // free slots offered, 0 to 10
	Resolve      string // "propose" is the only word so far
	Discreet     bool   // holds and notes name ranks and times only, no titles
}
