package model

import (
	"log/slog"
	"strconv"
)

// SourceID names a source by words of the configuration: "gc-mail" for the
// mailboxes of an IMAP account, "gc-cal/work" for one calendar. Safe to log.
type SourceID string

// Ident names an item whatever mailbox it lies in: for a message EMAILID
// (RFC 8474 section 5.1), X-GM-MSGID, X-GUID or else a hash of its headers, for
// a calendar object a hash of its UID, for a conflict its fingerprint. Hex or
// ASCII, at most 80 octets. It is guessable from content, so it prints as
// redacted; the journal stores it under the install key.
type Ident = Name

// Ref says where an item lies and in which version.
type Ref struct {
	Source      SourceID
	Mailbox     Name   // IMAP mailbox name in UTF-8 as the server has it; "" for calendar objects
	UIDValidity uint32 // RFC 9051 section 2.3.1.1; 0 for calendar objects
	UID         uint32 // 0 for calendar objects
	Href        Name   // path of a calendar object; "" for messages
	Version     string // MODSEQ in decimal (RFC 7162 section 3.1) or the opaque ETag with its quotes; "" if the server has none
}

// LogValue shows the source and, for mail, the UID: never a name.
func (r Ref) LogValue() slog.Value {
	if r.UID == 0 {
		return slog.StringValue(string(r.Source))
	}
	return slog.StringValue(string(r.Source) + ":" + strconv.FormatUint(uint64(r.UID), 10))
}
