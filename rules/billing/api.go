package billing

import (
	"time"

	"chancery/internal/model"
	"chancery/rules/text"
)

// Money is an amount in minor units of a currency.
type Money struct {
	Minor    int64
	Currency string // ISO 4217; "" if not known
}

// String prints the amount with its currency.
func (m Money) String() string { return "" }

// ParseMoney reads one amount.
func ParseMoney(s string) (Money, bool) { return Money{}, false }

// ParseDate reads one date; ambiguous says that day and month could be exchanged.
func ParseDate(s string) (t time.Time, ambiguous, ok bool) { return time.Time{}, false, false }

// Ledes is what one LEDES file says.
type Ledes struct {
	Name     string // attachment name
	Version  string // "1998B", "98BI V2"
	Invoices []LedesInvoice
	Problems []string // stable codes
}

// LedesInvoice is one invoice of a LEDES file.
type LedesInvoice struct {
	Number        string
	Date          time.Time
	Client        string
	Matter        string // the client's matter number
	LawFirmMatter string
	Total         Money
	Lines         int
}

// ReadLedes reads the beginning of a LEDES file.
func ReadLedes(head []byte, whole bool) (Ledes, bool) { return Ledes{}, false }

// Kind tells the kind of a file by its content.
func Kind(a model.Attachment) string { return "unknown" }

// Facts are the facts of one billing mail.
type Facts struct {
	Invoice string
	Total   Money
	Due     time.Time
	Date    time.Time
	Terms   int // net days
	Ledes   []Ledes
	Where   map[string]string // fact to zone or attachment
	Numbers []string          // all invoice numbers
}

// Extract reads the facts of a mail.
func Extract(z text.Zones, m *model.Mail) Facts { return Facts{} }

// Value is one fact found near a word.
type Value struct {
	Money Money
	Time  time.Time
	Text  string
	Zone  string
}

// Near finds the first value of a kind ("money", "date", "invoice") after one of the words near.
func Near(z text.Zones, kind string, near []string) (v Value, ok bool) { return Value{}, false }
