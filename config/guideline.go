package config

import (
	"regexp"
	"strings"
	"time"
)

// Guideline is what one client, or the portal it uses, asks of LEDES files beyond the
// format itself. What it does not ask is zero.
type Guideline struct {
	Name    Text
	Clients []Text // CLIENT_ID or the name of the client in the file; empty: every client
	Warn    bool   // its problems are warnings

	Formats    []string // "1998B", "98BI V2", "XML 2.0", "XML 2.1", "XML 2.2"; empty: all
	Extensions []Text   // lower case, without the point
	Currencies []Text
	Required   []string // columns of LEDES 98BI, as the format names them

	Number       *regexp.Regexp // the whole invoice number matches it; nil: any
	NumberLength int            // characters at most
	Alphanumeric bool           // letters and digits only
	OneMatter    bool           // per invoice

	MaxTotal   Amount        // of an invoice
	MaxLine    Amount        // of a line
	MaxAge     time.Duration // of an invoice, by its date
	MaxLineAge time.Duration
	Late       time.Duration // after the end of the period, by the date of the invoice or today

	UnitDecimals   int // at most; -1: as the format
	RateDecimals   int
	AmountDecimals int

	CodesRequired []string // "task", "activity", "expense"
	CodesBlocked  []Text

	Timekeepers []Text // TIMEKEEPER_ID of those that may bill; empty: everybody

	Rates     []Cap  // per hour, by timekeeper class or id
	Travel    Amount // the part of a rate that is paid for time under way; 0: all of it
	Expenses  []Cap  // of a line, by expense code
	UnitCosts []Cap  // of one unit, by expense code
	Hours     Amount // of a timekeeper on a day
	Increment Amount // the steps of units of fees

	DescriptionMin int // characters
	DescriptionMax int
	OneTask        bool   // a description that names several tasks is refused
	Words          []Text // that a description must not have, lower case
	NoNegative     bool   // units below zero are refused
}

// Cap is the most that is taken of something.
type Cap struct {
	Of   Text
	Most Amount
}

// Amount is a decimal number in millionths.
type Amount int64

// Share is a part of an amount, such as 0.5 of it, rounded down to a millionth.
func Share(of int64, part Amount) int64 {
	const unit = 1_000_000
	return of/unit*int64(part) + of%unit*int64(part)/unit
}

// amountOf reads digits with a point and at most four decimals.
func amountOf(s string) (Amount, bool) {
	whole, part, point := strings.Cut(s, ".")
	if whole == "" || len(whole) > 12 || len(part) > 4 || point && part == "" {
		return 0, false
	}
	var v Amount
	for _, c := range whole + (part + "000000")[:6] {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + Amount(c-'0')
	}
	return v, true
}
