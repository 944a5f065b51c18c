package billing

import (
	"slices"
	"strings"

	"chancery/internal/model"
)

// The doubts about a bill, the gravest first.
const (
	DoubtBank            = "bank-changed"    // it wants to be paid elsewhere than before
	DoubtLookAlike       = "look-alike"      // the sender's domain only looks like one we know
	DoubtImpersonation   = "impersonation"   // somebody outside has the name of one of us
	DoubtBankWords       = "bank-words"      // the mail says that the account is a new one
	DoubtUnauthenticated = "unauthenticated" // our own mail server could not prove the sender
	DoubtReplyTo         = "reply-to"        // answers go to another domain
	DoubtUrgent          = "urgent"          // it hurries, or wants nobody asked, and another doubt is there
	DoubtNotTheirs       = "not-theirs"      // it says that a bill is paid, and is not the one to say so
	DoubtNumber          = "number-unclear"  // it names a number that bills of two vendors have, or an amount that does not fit
	DoubtBankFirst       = "bank-first"      // the first account that this vendor names: told, no alarm
	DoubtFirstSeen       = "first-seen"      // the first bill of this vendor: told, no alarm
)

// DoubtCodes are all of them.
var DoubtCodes = []string{DoubtBank, DoubtLookAlike, DoubtImpersonation, DoubtBankWords, DoubtUnauthenticated, DoubtReplyTo, DoubtUrgent,
	DoubtNotTheirs, DoubtNumber, DoubtBankFirst, DoubtFirstSeen}

// Doubt is one doubt and why. Why is content.
type Doubt struct{ Code, Why string }

// Sender is what is known of who sent a bill.
type Sender struct {
	Domain  string // of the author
	Checked bool   // our own mail server said what it found out
	Proved  bool   // the domain is proved
	Own     bool   // one of our own people
	Portal  bool   // a portal, or who else sends for many: answers go to the vendor
	Like    string // the domain that the author's looks like, "" for none
	Person  string // which of our own people the author has the name of, "" for none
	ReplyTo string // domain of the answers, "" if it is the author's or one beside it
}

// Asks reports whether mail of a class wants money of us.
func Asks(class string) bool {
	switch class {
	case "invoice-in", "vendor", "past-due", "trust":
		return true
	}
	return false
}

// MailDoubts are the doubts about a mail of a class, "" for one that is no billing
// mail. Such a one is doubted only if it speaks of a new account, or if a stranger with
// the name of one of us wants somebody to be paid: so do forgers who send no invoice.
func MailDoubts(class string, s Sender, w Wording) []Doubt {
	asks, poses := Asks(class), s.Person != "" && (w.Urgent != "" || w.Pay != "")
	if !asks && w.Bank == "" && !poses {
		return nil
	}
	if s.Own && class != "" && !asks && !poses && class != "remittance" && class != "portal" {
		return nil
	}
	var out []Doubt
	add := func(when bool, code, why string) {
		if when {
			out = append(out, Doubt{code, why})
		}
	}
	add(w.Bank != "", DoubtBankWords, `the words "`+w.Bank+`"`)
	if s.Own {
		return out // one of us passes on what came from elsewhere
	}
	add(s.Like != "", DoubtLookAlike, s.Domain+" looks like "+s.Like)
	add(s.Person != "", DoubtImpersonation, "the name "+s.Person+" with an address at "+s.Domain)
	add(s.Checked && !s.Proved, DoubtUnauthenticated, "our mail server could not prove "+s.Domain)
	add(s.ReplyTo != "" && !s.Portal, DoubtReplyTo, "answers go to "+s.ReplyTo)
	if len(out) > 0 || w.Secret != "" && w.Urgent != "" {
		add(w.Urgent != "", DoubtUrgent, `the words "`+w.Urgent+`"`)
		add(w.Urgent == "" && w.Secret != "", DoubtUrgent, `the words "`+w.Secret+`"`)
	}
	return sorted(out)
}

// sorted puts the gravest first.
func sorted(list []Doubt) []Doubt {
	slices.SortStableFunc(list, func(a, b Doubt) int { return slices.Index(DoubtCodes, a.Code) - slices.Index(DoubtCodes, b.Code) })
	return list
}

// AsksInAnyWay is Asks, or says what is to be paid some day: a statement of account and
// a proforma name an account as well as an invoice does.
func AsksInAnyWay(class string) bool {
	return Asks(class) || class == "prebill" || class == "aging" || class == "write-off"
}

// Known reports the accounts that a vendor was to be paid at before, how many bills of
// the vendor there were, and whether an account of it was doubted. An account counts if
// the mail that named it was proved, or if a person paid the bill; where nothing can be
// proved, if nobody doubted it. Accounts of a vendor of the same name count, too: so
// that who bears it cannot name another.
func Known(b *model.Bill, earlier []model.Bill, checked bool) (accounts []string, bills int, doubtful bool) {
	for i := range earlier {
		e := &earlier[i]
		same := SameVendor(b, e)
		if !same && !sameName(b, e) || sameMail(b, e) || !Asks(e.Class) {
			continue
		}
		if same {
			bills++
		}
		doubted := slices.Contains(e.Doubts, DoubtBank) || slices.Contains(e.Doubts, DoubtLookAlike) || slices.Contains(e.Doubts, DoubtBankWords)
		paid := e.State == "paid" && e.By == "person"
		doubtful = doubtful || same && !paid && slices.Contains(e.Doubts, DoubtBank)
		if paid || !doubted && (e.Proved || !checked) {
			accounts = append(accounts, strings.Fields(e.Bank)...)
		}
	}
	return accounts, bills, doubtful
}

// BillDoubts are the doubts about one bill that what the ledger has of its vendor
// raises. checked says that our own mail server can prove senders, and named which of
// the earlier bills may be spoken of; nil: all.
func BillDoubts(b *model.Bill, earlier []model.Bill, checked bool, named func(*model.Bill) bool) []Doubt {
	if !AsksInAnyWay(b.Class) || b.Vendor == "" || b.Vendor == "self" {
		return nil
	}
	accounts, bills, doubtful := Known(b, earlier, checked)
	for _, account := range strings.Fields(b.Bank) {
		switch {
		case slices.Contains(accounts, account):
		case len(accounts) > 0:
			return []Doubt{{DoubtBank, b.Vendor + " wanted to be paid " + paidAt(b, earlier, checked, named) + " before, and now at " + ending(account)}}
		case doubtful:
			return []Doubt{{DoubtBank, "an earlier bill of " + b.Vendor + " had this doubt, and no person paid it"}}
		}
	}
	switch {
	case !Asks(b.Class):
		return nil
	case bills == 0:
		return []Doubt{{DoubtFirstSeen, "no bill of " + b.Vendor + " came before"}}
	case b.Bank != "" && len(accounts) == 0:
		return []Doubt{{DoubtBankFirst, "no bill of " + b.Vendor + " named an account before"}}
	}
	return nil
}

// paidAt says where a vendor wanted to be paid.
func paidAt(b *model.Bill, earlier []model.Bill, checked bool, named func(*model.Bill) bool) string {
	if named != nil {
		earlier = slices.DeleteFunc(slices.Clone(earlier), func(e model.Bill) bool { return !named(&e) })
	}
	accounts, _, _ := Known(b, earlier, checked)
	if len(accounts) == 0 {
		return "elsewhere"
	}
	return "at " + ending(accounts[len(accounts)-1])
}

// ending is what a person tells an account by.
func ending(account string) string { return "..." + account[max(0, len(account)-4):] }

// Hard reports whether doubts are such that a bill must stay where a person sees it:
// another account, a domain that looks like one we know, the name of one of us, or a
// sender whom nobody could prove and who speaks of a new account.
func Hard(codes []string) bool {
	has := func(code string) bool { return slices.Contains(codes, code) }
	return has(DoubtBank) || has(DoubtLookAlike) || has(DoubtImpersonation) || has(DoubtUnauthenticated) && has(DoubtBankWords)
}

// Account is an account as it is compared: without blanks and signs, in capitals.
func Account(s string) string {
	out := strings.Map(func(r rune) rune {
		if r == '/' || !separates(r) {
			return r
		}
		return -1
	}, strings.ToUpper(s))
	return out[:min(len(out), maxPlain)]
}
