package billdesk

import (
	"html"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

const (
	// maxReminders bounds the reminders that stand at once; the billing note lists the
	// others.
	maxReminders = 50
	// reminded is how many days after its mail a reminder goes by itself.
	reminded = 90
)

// trouble is what an assistant is reminded of.
type trouble struct {
	b    *model.Bill
	kind string // "prebill", "on-hold", "rejected"
}

// reminders brings the reminders up to date. Each is written once; when what it
// reminds of is settled, it is taken away again unless somebody read it.
func (s *desk) reminders() {
	standing, wanted := map[model.Ident]bool{}, []trouble{}
	n := 0
	for _, t := range s.troubles() {
		of := s.ident(kindRemind, t.kind, t.b.ID)
		standing[of] = true
		if s.v.Findings[of].Note != "" {
			n++
		} else {
			wanted = append(wanted, t)
		}
	}
	for _, t := range wanted {
		if n++; n > maxReminders {
			s.report("", "limit", "note", "there are more reminders than a person can read; the billing note has the rest")
			break
		}
		s.remind(s.ident(kindRemind, t.kind, t.b.ID), t)
	}
	unknown := s.unknown(func(b *model.Bill) (of []model.Ident) {
		for kind := range reminderTitles {
			of = append(of, s.ident(kindRemind, kind, b.ID))
		}
		return of
	})
	for _, of := range slices.Sorted(maps.Keys(s.v.Findings)) {
		f := s.v.Findings[of]
		if !strings.HasPrefix(string(of), kindRemind) || standing[of] || unknown(of) || f.Note == "" || f.NoteID == "" || touched(f) {
			continue
		}
		s.act(s.v.Principal.Notes, model.Ref{}, of, "what it reminds of is settled",
			model.DropNote{Mailbox: s.notesBox(), MessageID: f.NoteID, Of: of})
	}
}

// troubles lists what is to be reminded of, the oldest first. What came before
// anybody looked after the billing is left alone, or a first start would write about
// years.
func (s *desk) troubles() (out []trouble) {
	if s.d.Notes == "" || s.v.Billing.Began == 0 {
		return nil
	}
	for _, t := range s.waiting() {
		from := time.Unix(int64(t.b.At), 0).Add(s.patience(t.kind))
		if from.Unix() < int64(s.v.Billing.Began) || t.kind == "prebill" && s.d.Prebill <= 0 {
			continue
		}
		if from.After(s.v.Now) {
			s.look(from)
			continue
		}
		out = append(out, t)
	}
	return out
}

// patience is how long something may wait before somebody is reminded of it.
func (s *desk) patience(kind string) time.Duration {
	if kind == "prebill" {
		return time.Duration(s.d.Prebill) * time.Hour
	}
	return 0
}

// waiting lists the prebills that nobody answered and the submissions that are on
// hold or were rejected, as far as the ledger knows.
func (s *desk) waiting() (out []trouble) {
	for i, b := range s.book.bills {
		if !open(b) || dayOf(time.Unix(int64(b.At), 0).In(s.zone)) < s.today-reminded {
			continue
		}
		switch {
		case b.Class == "prebill":
			if !b.Answered && !s.book.later(i, "matter "+b.Matter, "prebill", "invoice-out") && !s.book.later(i, "number "+b.Plain, "prebill", "invoice-out") {
				out = append(out, trouble{b, "prebill"})
			}
		case b.Class == "portal" && (b.Event == "on-hold" || b.Event == "rejected"):
			if !b.Answered && !s.submitted(i, b) {
				out = append(out, trouble{b, b.Event})
			}
		}
	}
	return out
}

// submitted reports whether a submission went on after a notice: another notice, the
// bill once more, or its payment.
func (s *desk) submitted(i int, b *model.Bill) bool {
	if b.Plain == "" {
		return false
	}
	return s.book.later(i, "number "+b.Plain, "portal approved", "portal reduced", "portal received", "portal rejected", "portal on-hold", "invoice-out") ||
		s.book.paid["m:"+b.Plain] > i
}

var reminderTitles = map[string]string{"prebill": "Prebill without an answer", "on-hold": "Invoice on hold", "rejected": "Submission rejected"}

var reminderAsks = map[string]string{
	"prebill":  "The prebill came %s and has not been answered.",
	"on-hold":  "The portal holds this invoice back. Until somebody sees to it, it is not paid.",
	"rejected": "The portal rejected this submission. It has to be corrected and submitted again.",
}

var reminderGoes = map[string]string{
	"prebill":  "Unread, this reminder goes when the prebill is answered, or when the invoice or a newer prebill of the matter comes.",
	"on-hold":  "Unread, this reminder goes when the portal says that the invoice goes on, or when it comes once more or is paid.",
	"rejected": "Unread, this reminder goes when the portal says that the invoice goes on, or when it comes once more or is paid.",
}

// remind writes one reminder, as an answer to its mail, so that mail programs show
// them side by side.
func (s *desk) remind(of model.Ident, t trouble) {
	b, digest := t.b, "1-"+t.kind
	came := dayOf(time.Unix(int64(b.At), 0).In(s.zone))
	subject := reminderTitles[t.kind]
	if what := joined(", ", party(b), number(b), unlessSame(matter(b), party(b))); what != "" {
		subject += ": " + what
	}
	asks := strings.ReplaceAll(reminderAsks[t.kind], "%s", "on "+came.long())
	facts := []string{
		joined(", ", capital(number(b)), amount(b)),
		capital(joined(", ", prefixed("client ", client(b)), prefixed("matter ", matter(b)))),
		prefixed("From ", vendor(b)), prefixed("Mail: ", clean(b.Subject, maxSubject)),
	}
	note := s.letter(of, digest, subject)
	id := messageID(b)
	if id != "" {
		note.InReplyTo = "<" + id + ">"
		facts = append(facts, "Message-ID: <"+id+">")
	}
	facts = slices.DeleteFunc(facts, func(f string) bool { return f == "" })
	note.Text = asks + "\n\n" + strings.Join(facts, "\n") + "\n"
	if id != "" {
		note.Text += midLink(id) + "\n"
	}
	note.Text += "\n" + reminderGoes[t.kind] + "\n"
	note.Text = searchable(note.Text)
	note.HTML = reminderPage(subject, asks, facts, id, reminderGoes[t.kind])
	s.act(s.v.Principal.Notes, model.Ref{}, of, reminderTitles[t.kind],
		model.Note{Mailbox: s.notesBox(), Body: model.Hide(note), Flagged: true})
}

func reminderPage(subject, asks string, facts []string, id, goes string) string {
	var w page
	e := html.EscapeString
	w.head(subject)
	w.put("<p><b>", e(asks), "</b></p>\n<div class=\"card\" style=\"", cardStyle, warmEdge, "\">\n")
	for _, f := range facts {
		w.put("<div><bdi>", e(f), "</bdi></div>\n")
	}
	if id != "" {
		w.put("<div>")
		w.links(id)
		w.put("</div>\n")
	}
	w.put("</div>\n<p style=\"", subStyle, "\">", e(goes), "</p>\n")
	w.foot()
	return w.String()
}
