package billing

import "time"

// Bill is one invoice as a mail, or one of its files, tells it. What is not known is
// zero.
type Bill struct {
	Number string
	Total  Money // of a credit note negative
	Owed   Money // what is to be paid, if that is not the total: with what was owed before, or less what was paid
	Date   time.Time
	Due    time.Time
	From   time.Time // the period that is billed
	Till   time.Time
	Terms  int // net days

	Vendor   string // who bills, as a person reads it
	VendorID string // tax number, LAW_FIRM_ID
	Client   string // as written: CLIENT_ID, name or number of the buyer
	Matter   string // as written: CLIENT_MATTER_ID, order or project reference
	LawFirm  string // LAW_FIRM_MATTER_ID
	Bank     []string

	File  int // 1 is the first of Mail.Files; 0: the text of the mail
	Where map[string]Place
	// Unsure are the dates ("date", "due", "from", "till") that can be read two ways,
	// such as 03/04/2026, where nothing told which is meant.
	Unsure []string
}

// Place says where a fact was found.
type Place struct {
	Zone string // "subject", "new", "quoted", "signature", "names", "file"
	File string // name of the file, for "file"
	Line int    // counted from 1; 0 if unknown
	Word string // the wording that told, as it stands there; "" if a field of a form did
}

// Reason says why a mail is taken for billing mail of its class.
type Reason struct {
	Code string // stable, such as "subject-word", "portal-sender", "ledes-file"
	Word string // the wording; content
	Zone string
}
