package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// ExplainBill says what is made of a message as billing mail: its class and why, each
// fact with where it was found, what it repeats, what is doubted, and what the ledger
// would remember; of other mail, why it is none: the class is then "none". It is nil if no
// rule looks at bills. What it says is content.
func (s *Set) ExplainBill(c model.Change, v model.View) model.Private[[]Value] {
	if !s.remembers || c.Message == nil {
		return model.Private[[]Value]{}
	}
	f := newFacts(s, c, v)
	defer f.release()
	m := f.weighed()
	var out []Value
	say := func(name, value string) {
		if value != "" {
			out = append(out, Value{name, shortened(value)})
		}
	}
	if say("class", strings.TrimSpace(m.Class+" "+m.Event)); m.Class == "" {
		f.sayNone(say)
	}
	for _, r := range m.Why {
		say("because", strings.TrimSpace(fmt.Sprintf("%s: %q in %s", r.Code, r.Word, r.Zone)))
	}
	for i := range m.bills {
		sayFacts(say, &m.bills[i], &m.from[i])
	}
	for i := range m.Ledes {
		sayFaults(say, &m.Ledes[i])
	}
	for _, d := range m.doubts {
		say("doubt", d.Code+": "+d.Why)
	}
	if m.earlier != nil {
		say("duplicate", m.layer()+": "+f.duplicateOf())
	}
	for _, b := range f.remembered() {
		if b.Ident != f.msg.Ident && !f.mayName(m.one())(&b) {
			say("ledger", "a bill that must not be named here: "+b.State)
			continue
		}
		say("ledger", fmt.Sprintf("%s %s: %s", b.Class, b.Number, b.State))
	}
	if len(out) == 0 {
		return model.Private[[]Value]{}
	}
	return model.Hide(out)
}

// sayNone says why a message is no billing mail, and which facts of bills it has
// nevertheless.
func (f *facts) sayNone(say func(name, value string)) {
	say("class", "none")
	o := f.set.bills
	o.Today = f.submitted()
	n, none := billing.WhyNone(*f.text(), &f.mail, o)
	if !none { // it was not read: see mayBill
		say("lacks", "none of the words that billing mail has stands in it")
		return
	}
	for _, s := range n.Lacks {
		say("lacks", s)
	}
	for _, r := range n.For {
		say("for", reasonSaid(r))
	}
	for _, r := range n.Against {
		say("against", reasonSaid(r))
	}
	for _, s := range n.Facts {
		say(s.Name, s.Value+sayPlace(s.Place))
	}
}

// reasonSaid is a reason in a line.
func reasonSaid(r billing.Reason) string {
	if r.Word == "" {
		return r.Code
	}
	return fmt.Sprintf("%s: %q in %s", r.Code, r.Word, r.Zone)
}

// elsewhere is where facts come from that the bill itself does not say.
var elsewhere = map[string]string{"vendor": ", by the sender", "matter": ", named by the mail", "client": ", by the matter list", "bank": ", named by the mail or a file of it"}

// sayFacts says each fact of one bill with its place.
func sayFacts(say func(name, value string), b *model.Bill, from *billing.Bill) {
	day := func(t model.UnixTime) string {
		if t == 0 {
			return ""
		}
		return time.Unix(int64(t), 0).UTC().Format(time.DateOnly)
	}
	amount := ""
	if b.Amount != 0 {
		amount = billing.Money{Minor: b.Amount, Currency: b.Currency}.String()
	}
	for _, fact := range [][2]string{
		{"number", b.Number}, {"total", amount}, {"date", day(b.Date)}, {"due", day(b.Due)}, {"from", day(b.From)}, {"till", day(b.Till)},
		{"vendor", strings.TrimSpace(b.Vendor + " " + b.Name)}, {"matter", b.Matter}, {"client", b.Client}, {"bank", b.Bank},
	} {
		if fact[1] == "" {
			continue
		}
		at := sayPlace(from.Where[fact[0]])
		if at == "" && fact[0] == "vendor" && from.VendorID != "" {
			at = sayPlace(from.Where["vendor-id"])
		}
		if at == "" {
			at = elsewhere[fact[0]]
		}
		say(fact[0], fact[1]+at)
		if slices.Contains(from.Unsure, fact[0]) {
			say(fact[0], "can be read two ways")
		}
	}
}

// sayFaults says each error of a LEDES file with the first line that has it.
func sayFaults(say func(name, value string), l *billing.Ledes) {
	for _, code := range l.Faults {
		at := billing.Place{Zone: "file", File: l.Name}
		for _, p := range l.Problems {
			if line, ok := strings.CutPrefix(p, code+" line "); ok {
				at.Line, _ = strconv.Atoi(line)
				break
			}
		}
		say("fault", code+sayPlace(at))
	}
}

// sayPlace is where a fact was found; "" if nothing is known of it.
func sayPlace(p billing.Place) string {
	if p.Zone == "" {
		return ""
	}
	s := ", in " + p.Zone
	if p.File != "" {
		s += " " + p.File
	}
	if p.Line > 0 {
		s += fmt.Sprintf(" line %d", p.Line)
	}
	if p.Word != "" {
		s += fmt.Sprintf(", behind %q", p.Word)
	}
	return s
}
