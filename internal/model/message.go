package model

import (
	"strings"
	"time"
)

// Message is one message as a connector reports it. Flags and Arrived come from
// the server, Body from the message's own bytes.
type Message struct {
	Ref     Ref
	Ident   Ident
	Flags   Flags     // now, on the server
	Arrived time.Time // INTERNALDATE
	Size    int64     // RFC822.SIZE in octets; approximate on Exchange
	Old     bool      // arrived before this source's baseline: recorded, never acted on
	Own     bool      // a note of ours, proved by its tag
	Body    Private[Mail]
}

// Flags is a set of IMAP flags and keywords, compared without case
// (RFC 9051 section 2.3.2).
type Flags []string

// Has reports whether f is set.
func (s Flags) Has(f string) bool {
	for _, x := range s {
		if strings.EqualFold(x, f) {
			return true
		}
	}
	return false
}

// Mail is what a message says: decoded, bounded and claimed by its sender.
// Nothing in it is proved unless a field says so.
type Mail struct {
	MessageID   string // as written, with angle brackets; "" if missing
	Subject     string // decoded (RFC 2047 section 2), unfolded, bidi controls kept
	From        []Address
	Sender      []Address
	ReplyTo     []Address
	To, Cc, Bcc []Address
	Date        time.Time // zero if missing or unreadable
	InReplyTo   []string
	References  []string
	ListID      string // RFC 2919 section 3; "" if none
	Bulk        bool   // List-Id, List-Unsubscribe, Precedence: bulk|list|junk
	Auto        bool   // Auto-Submitted other than "no" (RFC 3834 section 5)
	Sensitivity string // RFC 4021 section 2.1.55, lower case; "" if none
	Labels      []string
	Header      map[string][]string // decoded values of the fields in mime.Kept, canonical names
	Parts       []TextPart          // text parts in order, bounded
	Files       []Attachment        // attachments and everything that is not shown as text
	Encrypted   bool                // S/MIME or PGP/MIME: not inspected
	Invite      *Invite             // the first calendar part that has a method (RFC 6047 section 2.4); nil if none, or unless Need.Invite asked
	Problems    []string            // stable codes of what had to be repaired or left out, e.g. "depth", "charset-unknown"
}

// Invite is a scheduling message inside a mail (RFC 6047 section 2). It is shown, and never
// applied to a calendar.
type Invite struct {
	Method   string // REQUEST, CANCEL, REPLY, COUNTER, ... upper case, as the body says it, else the Content-Type; "" if neither can be read
	Differs  bool   // the Content-Type says another method than the body (RFC 6047 section 2.4), or the body says two
	Several  bool   // another part of the mail carries something else; this is the first that has a method
	Stamp    time.Time
	Series   Series   // without a Start where the message has none; empty if there is no event in it
	Ident    Ident    // of the UID, as the calendar connectors make it; "" without a UID
	Speakers []string // in whose name any calendar part of the mail speaks: organizers, or of a REPLY, COUNTER or REFRESH attendees; lower case; "" for one who cannot be read
	SentBy   []string // who acts for the organizer, or in a REPLY, COUNTER or REFRESH for the attendee (RFC 5545 section 3.2.18)
	Problems []string // stable codes of what was repaired, left out or could not be read
}

// Answers reports whether attendees send such a message, and not the organizer
// (RFC 5546 section 1.4).
func (in *Invite) Answers() bool {
	return in.Method == "REPLY" || in.Method == "COUNTER" || in.Method == "REFRESH"
}

// Address is one mailbox address (RFC 5322 section 3.4).
type Address struct {
	Name string // decoded display name
	Addr string // local@domain, domain in lower-case A-label form; "" in an unreadable address
}

// TextPart is one decoded text part.
type TextPart struct {
	HTML bool
	Text string // UTF-8, at most mime.MaxText octets
	Cut  bool   // more was there

	Attached bool // it stands in an attached message, not in this one
}

// Attachment is one file of a message. Head is its beginning after transfer decoding: enough
// to tell its kind by content.
type Attachment struct {
	Name string // decoded file name; "" if none
	Type string // media type claimed, lower case
	Size int64  // decoded octets seen
	Head []byte // at most mime.MaxHead octets
	Cut  bool   // Head is not the whole file
	Text string // what a person reads in it, at most mime.MaxFileText octets; "" unless Need.FileText asked, or if its kind is not read

	// Unread is the code of filetext.Codes that says why Text is not all of it; "" if
	// it is, or if Need.FileText did not ask.
	Unread string

	// Of what may be a bill, if Need.Bills asked.
	Data   []byte // the whole file, of a kind that machines read (LEDES, UBL, CII): at most mime.MaxBill octets; else nil
	Sum    string // SHA-256 of the whole file, in hex; "" if not all of it was seen
	Inside string // name of the archive or PDF that it was found in; "" for a file of the mail itself
}

// Need says what the rules in force look at beyond the header of a message, so
// that a connector fetches no more.
type Need struct {
	Text  bool // text parts
	Files bool // attachments: their names, types and beginnings

	FileText bool // what a person reads in attachments
	Invite   bool // scheduling messages
	Bills    bool // files that may be bills, also inside others; implies FileText
}
