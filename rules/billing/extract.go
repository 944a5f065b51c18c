package billing

import (
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/text"
)

const (
	maxZone    = 256 << 10 // octets of one zone that are read for facts
	maxNumbers = 200
	maxFiles   = 20  // files of one mail that are read as people read them
	maxMachine = 100 // files of one mail that may be read as machines read them
)

// Options are what Extract knows beside the mail. The zero Options know nothing of who
// we are.
type Options struct {
	Portals    []config.Portal
	Guidelines []config.Guideline         // what clients ask of LEDES files
	Today      time.Time                  // when the mail came, midnight UTC: LEDES files are held against it; zero: unknown
	Whose      func(matter string) string // the client of a matter of ours, as LedesOptions.Whose; nil: unknown
	Own        func(addr string) bool     // whether an address, in lower case, is one of our own firm; nil: unknown
}

// Facts are the facts of one billing mail. What was not found is zero.
type Facts struct {
	Invoice string // the first of Numbers
	Total   Money  // the amount due, else the total
	Due     time.Time
	Date    time.Time // of the invoice; both are midnight UTC
	Terms   int       // net days; 0 also for "due upon receipt"
	Ledes   []Ledes   // of attachments, in order
	// Where says for each fact found ("invoice", "total", "due", "date",
	// "terms") its zone ("subject", "new", "quoted", "names") or
	// "attachment:NAME".
	Where map[string]string
	// Numbers are all invoice numbers, each once: those of LEDES files, then
	// those of the text, in order.
	Numbers []string

	Class string // as model.Bill.Class; "" if the mail is no billing mail
	Event string // as model.Bill.Event
	Why   []Reason
	Bills []Bill // each invoice that the mail tells of, the surest first
}

// Extract reads the facts of a mail. Files that machines read win over text, subject
// and new text over what people read in files, that over what is quoted, and a sure
// word ("total due") over a weak one ("total"). It depends on nothing but its
// arguments.
func Extract(z text.Zones, m *model.Mail, o Options) Facts {
	x := extraction{facts: Facts{Where: map[string]string{}}, mail: m, options: o, sent: day(m.Date)}
	z = undisguised(z)
	x.gather(z)
	if x.classify(z); x.facts.Class != "" {
		x.bills(z)
	}
	return x.facts
}

// undisguised is zones as a person sees them: signs that do not show, and letters of other
// scripts, hide no word and no number.
func undisguised(z text.Zones) text.Zones {
	for _, s := range []*string{&z.Subject, &z.New, &z.Signature, &z.Quoted} {
		*s = text.Shown(*s)
	}
	names := make([]string, len(z.Names))
	for i, n := range z.Names {
		names[i] = text.Shown(n)
	}
	z.Names = names
	return z
}

// gather reads all that the mail says.
func (x *extraction) gather(z text.Zones) {
	x.files()
	x.head = reading{zone: "subject", sent: x.sent}
	x.zone(&x.head, "subject", z.Subject, subjectFactor(z.Subject))
	x.zone(&x.head, "new", z.New, 2)
	x.zone(&x.head, "signature", z.Signature, 1)
	x.quoted = reading{zone: "quoted", sent: x.sent}
	x.zone(&x.quoted, "quoted", z.Quoted, 1)
	x.names = reading{zone: "names", sent: x.sent}
	for _, n := range z.Names[:min(len(z.Names), maxFiles)] {
		x.zone(&x.names, "names", n, 3)
	}
	x.papers()
	x.decideOrder()
	x.facts.take(&x.head)
	for i := range x.docs {
		if d := &x.docs[i]; d.bill {
			x.facts.takeFile(&d.reading)
		}
	}
	if x.facts.Invoice == "" || x.facts.Total.IsZero() || x.facts.Due.IsZero() {
		x.facts.take(&x.quoted)
	}
	if x.facts.Invoice == "" {
		x.facts.take(&x.names)
	}
	x.terms()
}

// extraction collects what the texts of one mail say.
type extraction struct {
	facts    Facts
	mail     *model.Mail
	options  Options
	sent     time.Time
	head     reading // subject, new text and signature
	quoted   reading
	names    reading
	docs     []document
	machine  []Bill // of files that machines read
	evidence evidence
}

// zone reads one text of the mail into r.
func (x *extraction) zone(r *reading, name, s string, factor int) {
	s = s[:min(len(s), maxZone)]
	list := findCues(s)
	if len(list) == 0 {
		return
	}
	r.zone = name
	r.read(s, list)
	x.evidence.zone(name, s, list, factor)
}

// take takes from a reading what is still open.
func (f *Facts) take(r *reading) {
	for _, n := range r.numbers {
		f.number(n.text, n.Zone)
	}
	if f.Where["total"] == "" && r.any.rank > 0 {
		f.Total, f.Where["total"] = r.any.money, r.any.Zone
	}
	if f.Where["date"] == "" && r.date.rank > 0 {
		f.Date, f.Where["date"] = r.date.day, r.date.Zone
	}
	if f.Where["due"] == "" && r.due.rank > 0 {
		f.Due, f.Where["due"] = r.due.day, r.due.Zone
	}
	if f.Terms == 0 && r.days > 0 {
		f.Terms, f.Where["terms"] = r.days, r.termed.Zone
	}
}

// takeFile is take for what a person reads in a file.
func (f *Facts) takeFile(r *reading) {
	had := map[string]bool{}
	for k := range f.Where {
		had[k] = true
	}
	f.take(r)
	for k := range f.Where {
		if !had[k] {
			f.Where[k] = "attachment:" + r.file
		}
	}
}

func (f *Facts) number(n, where string) {
	if n == "" || len(f.Numbers) == maxNumbers {
		return
	}
	for _, have := range f.Numbers {
		if have == n {
			return
		}
	}
	f.Numbers = append(f.Numbers, n)
	if f.Invoice == "" {
		f.Invoice, f.Where["invoice"] = n, where
	}
}

// terms computes a due date that is not written: terms count from the invoice date, or
// from the end of its month; what is due upon receipt is due that day, or the day of
// the mail.
func (x *extraction) terms() {
	f := &x.facts
	upon, eom := x.head.upon, x.head.eom
	if upon == nil {
		upon = x.quoted.upon
	}
	switch {
	case !f.Due.IsZero():
	case f.Terms > 0 && !f.Date.IsZero():
		f.Due, f.Where["due"] = netDue(f.Date, f.Terms, eom || x.quoted.eom), f.Where["terms"]
	case upon != nil && !f.Date.IsZero():
		f.Due, f.Where["due"] = f.Date, upon.Zone
	case upon != nil && !x.sent.IsZero():
		f.Due, f.Where["due"] = x.sent, upon.Zone
	}
}

// netDue counts days from a date, or from the end of its month.
func netDue(d time.Time, days int, eom bool) time.Time {
	if eom {
		d = time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return d.AddDate(0, 0, days)
}

// day is the date of a time as its writer saw it, at midnight UTC.
func day(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
