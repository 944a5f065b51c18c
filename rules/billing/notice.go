package billing

import (
	"strings"

	"chancery/rules/text"
)

// maxNotice is how much of a notice is looked at for what happened: that stands at its
// head, and what may happen otherwise further down.
const maxNotice = 1500

// events are what portals tell, the one before the other where a notice says both: an
// invoice that was approved with a reduction was reduced.
var events = []struct {
	name  string
	words []string
}{
	{"rejected", []string{"rejected", "rejection", "has been returned", "was returned", "not accepted", "declined", "disputed", "could not be processed", "upload failed", "was not posted", "posting error", "validation failed", "failed validation", "abgelehnt", "zurückgewiesen", "rejetée", "refusée", "rechazada"}},
	{"on-hold", []string{"on hold", "delivery hold", "held for", "is being held", "placed on hold", "onhold", "zurückgestellt"}},
	{"reduced", []string{"reduced", "reduction", "reductions", "adjusted", "adjustment", "adjustments", "approved with changes", "short paid", "gekürzt"}},
	{"deadline", []string{"deadline", "must be submitted by", "submit by", "submission window", "last day to submit", "accruals are due", "accrual due", "due for submission", "submissions close", "cut-off", "cutoff"}},
	{"approved", []string{"approved", "approval", "approved for payment", "genehmigt", "freigegeben", "approuvée", "aprobada"}},
	{"received", []string{"received", "submitted", "accepted", "has been posted", "delivered", "successfully uploaded", "acknowledged", "receipt of invoice", "eingegangen", "reçue", "recibida"}},
}

// notice takes a mail for the notice of a portal that no rule file names, if a program
// wrote it and it says what happened to a bill.
func (x *extraction) notice(z text.Zones) bool {
	if !x.autoNotice() {
		return false
	}
	e, told, ok := x.event(z)
	if ok {
		x.facts.Class, x.facts.Event = classNames[portalMail], e
		x.facts.Why = append([]Reason{{"program-sender", sender(x.mail), "from"}, told}, x.documentReasons()...)
	}
	return ok
}

// event tells what a notice says, by its subject first.
func (x *extraction) event(z text.Zones) (name string, why Reason, ok bool) {
	for _, zone := range []struct{ name, text string }{{"subject", z.Subject}, {"new", z.New[:min(len(z.New), maxNotice)]}, {"quoted", z.Quoted[:min(len(z.Quoted), maxNotice)]}} {
		if !x.speaksOfBills(zone.name) {
			continue
		}
		for _, e := range events {
			for _, w := range e.words {
				if at, end := findWords(zone.text, w); at >= 0 {
					return e.name, Reason{"portal-event", zone.text[at:end], zone.name}, true
				}
			}
		}
	}
	return "", Reason{}, false
}

// speaksOfBills reports whether a notice is about bills at all: portals write about
// passwords, too.
func (x *extraction) speaksOfBills(zone string) bool {
	if zone == "quoted" && len(x.head.numbers) > 0 {
		return false
	}
	if x.evidence.invoice != "" || len(x.head.numbers) > 0 || len(x.quoted.numbers) > 0 {
		return true
	}
	for _, c := range []class{accrualMail, budgetMail, prebillMail, remittanceMail, invoiceMail} {
		if n, _ := x.evidence.weight(c); n >= 2 {
			return true
		}
	}
	return false
}

// findWords finds lower case words as a whole in s.
func findWords(s, words string) (beg, end int) {
	for i := 0; i < len(s); i++ {
		if s[i]|0x20 != words[0] && s[i] != words[0] || i > 0 && alnum(s[i-1]) {
			continue
		}
		if end, ok := matchWords(s, i, words); ok {
			return i, end
		}
	}
	return -1, -1
}

// fromPortal reports whether the sender is one of the portals.
func (x *extraction) fromPortal() bool {
	if len(x.options.Portals) == 0 {
		return false
	}
	addr := sender(x.mail)
	_, domain, ok := strings.Cut(addr, "@")
	if !ok {
		return false
	}
	for _, p := range x.options.Portals {
		for _, from := range p.From {
			f := strings.ToLower(from.Value)
			if f == addr || !strings.Contains(f, "@") && (f == domain || strings.HasSuffix(domain, "."+f)) {
				return true
			}
		}
	}
	return false
}

// autoNotice reports whether a program wrote a mail about the invoice of somebody else:
// a portal that nobody named.
func (x *extraction) autoNotice() bool {
	if len(x.head.numbers) == 0 && x.evidence.invoice != "subject" || len(x.mail.Files) > 0 || prefix(x.mail.Subject) != 0 || x.mail.Bulk {
		return false
	}
	local, _, _ := strings.Cut(sender(x.mail), "@")
	local = strings.NewReplacer("-", "", "_", "", ".", "").Replace(local)
	auto := x.mail.Auto || strings.HasPrefix(local, "noreply") || strings.HasPrefix(local, "donotreply") || strings.HasPrefix(local, "notification") || strings.HasPrefix(local, "alert") || strings.HasPrefix(local, "ebilling") || strings.HasPrefix(local, "einvoic")
	return auto && (x.options.Own == nil || !x.options.Own(sender(x.mail)))
}
