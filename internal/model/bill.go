package model

import (
	"fmt"
	"log/slog"
)

// Bill is one invoice, or one thing that invoices wait for, as one mail tells it.
// What the mail does not say is zero. It is content: the journal seals it, and nothing
// logs it.
type Bill struct {
	// ID is 32 hex digits: a hash of the mail's identity, the class and the number. The
	// same mail read twice gives the same bills.
	ID        string
	Ident     Ident
	Source    SourceID
	MessageID string // as written, with angle brackets
	At        UnixTime
	Subject   string

	// Class is "prebill", "invoice-out", "invoice-in", "vendor", "portal", "remittance",
	// "past-due", "aging", "write-off", "trust", "accrual" or "budget".
	Class string
	// Event is, of a portal, "received", "approved", "reduced", "rejected", "on-hold",
	// "deadline"; of a remittance "paid" or "part-paid"; else "".
	Event string

	Number string // as written
	Plain  string // the number as it is compared: see billing.Plain
	Vendor string // who bills, as it is compared: a tax number, else the domain of the sender
	Name   string // who bills, as a person reads it
	Client string // of the matter list
	Matter string // number of the matter list

	Amount   int64 // in minor units of the currency
	Currency string
	Date     UnixTime // midnights UTC, as the next three
	Due      UnixTime
	From     UnixTime // of the period that is billed
	Till     UnixTime

	File    string // SHA-256 of the attachment that was read, in hex; "" for the text of the mail
	Bank    string // IBAN, or "routing/account": where it wants to be paid
	Proved  bool   // the sender's domain is authenticated
	Doubts  []string
	Faults  []string // codes of its LEDES file, each once
	Twins   []string // IDs of earlier bills that this one seems to repeat, the surest first
	Layer   string   // which layer told the first twin: "number", "file", "amount" or "near"; "" without a twin
	Keys    []string // under which the ledger finds it again; the journal keeps them as HMACs
	Settles []string // keys of the bills that a remittance or a portal notice speaks of

	Answered bool   // somebody answered the mail
	State    string // "open", "paid", "disputed" or "void": what later mail or a person said
	// By says who set the state: "" as it came, "mail" or "person". A person wins.
	By string
}

// BillView is what the notes about a principal's billing depend on beside the rules.
type BillView struct {
	Desk BillDesk
	// Bills are all that the ledger has of the principal's accounts and are open, or
	// came within BillsKept; the oldest first. They have no Keys.
	Bills []Bill
	// Left is how many more there are, if there are more than are looked at.
	Left int
	// Began is when somebody began to look after this billing: of what is older nobody
	// is reminded, and no note is written for a time before. Zero: not yet.
	Began UnixTime
}

// BillsKept is how many days a bill that is settled is still told about.
const BillsKept = 400

// BillDesk says where what is written about a principal's billing goes, and when. The
// zero BillDesk writes nothing.
type BillDesk struct {
	Calendar SourceID // that due dates are written into; "" for none
	Notes    string   // "weekly", "daily" or "off"
	Day      int      // of the weekly note: time.Weekday
	At       int      // minutes after midnight in the principal's zone
	Before   int      // business days before the due date
	Holidays []string // YYYY-MM-DD, sorted: no business days
	Prebill  int      // hours after which an unanswered prebill is reminded of; 0: never
	Place    string   // file:line:col of the desk
}

// Format, LogValue and MarshalJSON keep a bill from printing itself.
func (Bill) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

func (Bill) LogValue() slog.Value { return slog.StringValue(redacted) }

func (Bill) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
