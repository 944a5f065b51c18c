package billdesk

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"chancery/internal/model"
)

// Rule is in whose name all of this is done.
const Rule = "billing"

// The identity of what is written begins with a word for its kind.
const (
	kindDue    = "b:"  // a due date in the billing calendar
	kindRemind = "br:" // a reminder
	kindNote   = "bn:" // the billing note of a week or day
)

// IsDue reports whether a hold stands for a due date.
func IsDue(of model.Ident) bool { return strings.HasPrefix(string(of), kindDue) }

// Owns reports whether a finding is about billing.
func Owns(of model.Ident) bool {
	s := string(of)
	return IsDue(of) || strings.HasPrefix(s, kindRemind) || strings.HasPrefix(s, kindNote)
}

// UID is the UID of the event for a due date.
func UID(principal string, of model.Ident) string {
	return "chancery-" + short(16, "due date", principal, string(of))
}

// Active reports whether anything is to be written, or may have to be taken away.
func Active(d model.BillDesk, found map[model.Ident]model.Finding) bool {
	if d.Calendar != "" || d.Notes != "" {
		return true
	}
	for of, f := range found {
		if Owns(of) && (f.Hold != "" || f.Note != "") {
			return true
		}
	}
	return false
}

// desk is one look at a principal's billing.
type desk struct {
	v       model.View
	d       model.BillDesk
	zone    *time.Location
	today   day
	off     map[day]bool // holidays
	book    *book
	version string
	plan    model.Plan
}

// Decide is what rules.(*Set).Billing says. version is that of the rules.
func Decide(v model.View, known bool, version string) model.Plan {
	s := newDesk(v, version)
	if known {
		s.dueDates()
	}
	if v.Principal.Notes != "" {
		s.reminders()
		s.note()
	}
	s.look(s.midnight(s.today + 1))
	return s.plan
}

func newDesk(v model.View, version string) *desk {
	s := &desk{v: v, d: v.Billing.Desk, zone: v.Principal.Zone, version: version, book: newBook(v.Billing.Bills, v.Billing.Left)}
	if s.zone == nil {
		s.zone = time.UTC
	}
	s.today = dayOf(v.Now.In(s.zone))
	s.off = make(map[day]bool, len(s.d.Holidays))
	for _, h := range s.d.Holidays {
		if t, err := time.Parse(time.DateOnly, h); err == nil {
			s.off[dayOf(t)] = true
		}
	}
	return s
}

// unknown returns what reports whether a finding may be that of a bill that the book
// only leaves out: what stands for such a bill stays. of names the findings of a bill.
func (s *desk) unknown(of func(*model.Bill) []model.Ident) func(model.Ident) bool {
	if !s.book.some {
		return func(model.Ident) bool { return false }
	}
	known := map[model.Ident]bool{}
	for _, b := range s.book.bills {
		for _, ident := range of(b) {
			known[ident] = true
		}
	}
	return func(ident model.Ident) bool { return !known[ident] }
}

// look asks to be called again at t.
func (s *desk) look(t time.Time) {
	if t.After(s.v.Now) && (s.plan.LookAgain.IsZero() || t.Before(s.plan.LookAgain)) {
		s.plan.LookAgain = t
	}
}

func (s *desk) act(to model.SourceID, ref model.Ref, of model.Ident, why string, a model.Action) {
	s.plan.Steps = append(s.plan.Steps, model.Step{
		Rule: Rule, Version: s.version, Place: s.d.Place, Why: model.Hide(why), Source: to, Ref: ref, Ident: of, Action: a,
	})
}

func (s *desk) report(of model.Ident, what, would, why string) {
	s.plan.Reports = append(s.plan.Reports, model.Report{Rule: Rule, Place: s.d.Place, What: what, Why: model.Hide(why), Would: would, Of: of})
}

// DueIdent names the due date of a bill in a calendar.
func DueIdent(p model.Principal, calendar model.SourceID, bill string) model.Ident {
	return identOf(p, kindDue, string(calendar), bill)
}

// ident names what is written about a bill. Two leaders may have the same mail, and
// who guesses its Message-ID must not find it out by the name.
func (s *desk) ident(kind string, words ...string) model.Ident {
	return identOf(s.v.Principal, kind, words...)
}

func identOf(p model.Principal, kind string, words ...string) model.Ident {
	return model.Ident(kind + short(20, append([]string{kind, p.Secret.Reveal(), p.Name}, words...)...))
}

// noteID is the Message-ID of what is written about a finding.
func (s *desk) noteID(of model.Ident, digest string) string {
	return "<" + short(8, "billing", digest) + "." + short(8, s.v.Principal.Name, string(of)) + "@chancery.invalid>"
}

func (s *desk) notesBox() []string {
	if len(s.v.Principal.NotesBox) == 0 {
		return []string{"INBOX"}
	}
	return s.v.Principal.NotesBox
}

// letter is a note to the assistant; the caller adds what it says.
func (s *desk) letter(of model.Ident, digest, subject string) model.NoteBody {
	p := s.v.Principal
	to := model.Address{Name: clean(p.Name, maxName)}
	switch {
	case p.NotesTo != "":
		to = model.Address{Addr: p.NotesTo}
	case len(p.Addresses) > 0:
		to.Addr = p.Addresses[0]
	}
	return model.NoteBody{
		MessageID: s.noteID(of, digest), Of: of, Digest: digest, Subject: subject, To: to,
		From: model.Address{Name: "Chancery", Addr: "chancery@chancery.invalid"}, Date: model.UnixTime(s.v.Now.Unix()),
	}
}

// short hashes words to n octets in hex. Words are kept apart by their length.
func short(n int, words ...string) string {
	var text []byte
	for _, w := range words {
		text = append(append(strconv.AppendInt(text, int64(len(w)), 10), ':'), w...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:n])
}
