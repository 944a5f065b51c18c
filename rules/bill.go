package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/billing"
)

// Bounds of what one mail may tell.
const (
	maxBills   = 100 // invoices of one mail
	maxSettles = 200 // numbers that a remittance names
	maxBanks   = 10  // accounts of one invoice
	maxTwins   = 10
	maxTold    = 400 // octets of a subject, name, number or Message-ID that each bill keeps
	minPlain   = 4   // signs of a number that is looked for whoever the vendor is
)

// vendorSelf is the vendor of what we bill.
const vendorSelf = "self"

// Bills says what the ledger would be told about a message: each invoice that it tells
// of, without what only the ledger knows (Twins, and what the message settles). Their
// Keys are what the ledger is to be asked for before Decide. It is nil for nearly all
// mail.
func (s *Set) Bills(c model.Change, v model.View) []model.Bill {
	if !s.remembers || c.Op != model.Put || c.Message == nil || c.Message.Old || c.Message.Own || !c.Message.Body.Present() {
		return nil
	}
	f := newFacts(s, c, v)
	defer f.release()
	return slices.Clone(f.bills().told)
}

// billMail is what one message says as billing mail, and what the ledger makes of it.
type billMail struct {
	*billing.Facts
	sender billing.Sender
	copied bool           // one of us passes on what somebody else billed
	told   []model.Bill   // as the message tells them
	from   []billing.Bill // what they were made of, in the same order

	matters []*config.Matter // of told; nil for none

	weighed  bool // the ledger was asked
	bills    []model.Bill
	doubts   []billing.Doubt // of the mail and of all bills, each code once
	codes    []string        // of doubts
	changed  []model.Bill    // bills of the ledger whose state it changes
	earlier  *model.Bill     // the one that the first twin repeats
	named    *model.Bill     // the same, or one that is as sure, if it may be named here
	twin     int             // the bill that repeats it
	silenced bool            // every bill is a copy of one that is remembered
}

// noBill is what nearly all mail tells.
var noBill = billMail{Facts: &billing.Facts{}, weighed: true}

// bills reads the message as billing mail, once.
func (f *facts) bills() *billMail {
	if f.billMail == nil {
		f.billMail = &noBill
		if f.mayBill() {
			f.billMail = f.readBills()
		}
	}
	return f.billMail
}

func (f *facts) readBills() *billMail {
	m := &billMail{Facts: f.billing()}
	if m.Class == "" {
		return m
	}
	m.sender = f.billSender(m.Class)
	m.copied = m.sender.Own && billing.Asks(m.Class)
	list := m.Facts.Bills
	if len(list) == 0 {
		list = []billing.Bill{{Number: m.Invoice, Total: m.Total, Date: m.Date, Due: m.Due, Terms: m.Terms}}
	}
	m.from = list[:min(len(list), maxBills)]
	seen := map[string]int{}
	for i := range m.from {
		b := f.billOf(m, &m.from[i])
		b.ID = billID(b, seen)
		m.told = append(m.told, b)
	}
	if len(m.told) > 0 {
		settles(m)
	}
	return m
}

// billID names a bill: the same mail read twice gives the same names.
func billID(b model.Bill, seen map[string]int) string {
	base := strings.Join([]string{string(b.Ident), b.Class, b.Plain}, "\x00")
	seen[base]++
	sum := sha256.Sum256([]byte(base + "\x00" + strconv.Itoa(seen[base])))
	return hex.EncodeToString(sum[:16])
}

// billOf makes what the ledger keeps of one invoice.
func (f *facts) billOf(m *billMail, in *billing.Bill) model.Bill {
	b := model.Bill{
		Ident: f.msg.Ident, Source: f.msg.Ref.Source, MessageID: brief(f.mail.MessageID), At: unix(f.arrived()), Subject: brief(f.subject()),
		Class: m.Class, Event: m.Event, Number: brief(in.Number), Plain: billing.Plain(in.Number),
		Amount: in.Total.Minor, Currency: in.Total.Currency, Date: unix(in.Date), Due: unix(in.Due), From: unix(in.From), Till: unix(in.Till),
		Proved: m.sender.Proved && !m.copied, Answered: f.msg.Flags.Has(`\Answered`), State: "open",
	}
	b.Name = brief(in.Vendor)
	var ids []string
	b.Vendor, ids = f.vendorOf(m, in)
	if b.Name == "" && b.Vendor != vendorSelf {
		b.Name = brief(f.fromName)
	}
	of := f.matterOf(in)
	if m.matters = append(m.matters, of); of != nil {
		b.Matter, b.Client = of.Number, of.Client
		// "Prebill 10042.0070": as a number of bills it would make all of a matter one.
		if b.Plain == billing.Plain(of.Number) {
			b.Number, b.Plain = "", ""
		}
	}
	if in.File > 0 && in.File <= len(f.mail.Files) {
		b.File = f.mail.Files[in.File-1].Sum
		b.Faults = m.faultsOf(in.File)
	}
	for _, account := range in.Bank {
		if a := billing.Account(account); a != "" && len(strings.Fields(b.Bank)) < maxBanks && !slices.Contains(strings.Fields(b.Bank), a) {
			b.Bank = strings.TrimSpace(b.Bank + " " + a)
		}
	}
	b.Keys = keysOf(&b, ids)
	if m.Class == "invoice-out" {
		b.Keys = f.payersOf(b.Keys)
	}
	return b
}

// keysOf are under what the ledger finds a bill again. ids are all that its vendor is
// known by.
func keysOf(b *model.Bill, ids []string) []string {
	var keys []string
	amount := ""
	if b.Amount != 0 && b.Date != 0 {
		amount = strconv.FormatInt(b.Amount, 10) + b.Currency + "|" + writtenDay(b.Date)
	}
	for _, id := range ids {
		if b.Plain != "" {
			keys = append(keys, "n:"+id+"|"+b.Plain)
		}
		if amount != "" {
			keys = append(keys, "a:"+id+"|"+amount)
		}
		keys = append(keys, "v:"+id)
		if billing.AsksInAnyWay(b.Class) {
			if b.Bank != "" {
				keys = append(keys, "k:"+id) // so that many bills without an account hide none that names one
			}
			keys = likeKeys(keys, id)
		}
	}
	if name := billing.KnownName(b.Name); name != "" && billing.AsksInAnyWay(b.Class) {
		keys = append(keys, "w:"+name)
	}
	if len(b.Plain) >= minPlain {
		keys = append(keys, "m:"+b.Plain)
	}
	if b.File != "" {
		keys = append(keys, "f:"+b.File)
	}
	return keys
}

// settles fills in which bills a notice speaks of: by number whoever the vendor is, or
// the sender's own, or ours. It finds them, and they find it.
func settles(m *billMail) {
	if m.Class != "remittance" && m.Class != "portal" {
		return
	}
	for i := range m.told {
		b := &m.told[i]
		if b.Plain == "" {
			continue
		}
		for _, key := range []string{"m:" + b.Plain, "n:" + vendorSelf + "|" + b.Plain, "n:" + b.Vendor + "|" + b.Plain} {
			if len(b.Settles) < maxSettles && (key[0] != 'm' || len(b.Plain) >= minPlain) && !slices.Contains(b.Settles, key) {
				b.Settles = append(b.Settles, key)
			}
		}
		for _, key := range b.Settles {
			if !slices.Contains(b.Keys, key) {
				b.Keys = append(b.Keys, key)
			}
		}
	}
}

// brief is as much of a text as each of a hundred bills of one mail may keep.
func brief(s string) string {
	if len(s) <= maxTold {
		return s
	}
	at := maxTold
	for at > 0 && !utf8.RuneStart(s[at]) {
		at--
	}
	return strings.Clone(s[:at])
}

// unix is a time as a bill has it; 0 for none.
func unix(t time.Time) model.UnixTime {
	if t.IsZero() {
		return 0
	}
	return model.UnixTime(t.Unix())
}

// writtenDay writes a day as yyyymmdd.
func writtenDay(t model.UnixTime) string { return time.Unix(int64(t), 0).UTC().Format("20060102") }
