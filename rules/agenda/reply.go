package agenda

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chancery/internal/model"
)

// reply writes a draft to the organizer of the event that yields, for a person
// to read over and send. It is written once for an offer; when the offer changes,
// the old draft is taken away first, and only if nobody touched it a new one
// comes: a draft that is gone was sent.
func (s *settlement) reply(t telling) {
	of := kin(kindReply, t.c.of)
	f := s.v.Findings[of]
	to, ok := s.organizer(t)
	switch {
	case f.Dismissed, f.Pinned, f.Open:
		return
	case !ok:
		s.dropReply(of, "no reply is wanted")
		return
	}
	if s.lead(t.c) != t.c {
		s.dropReply(of, "it is told with another conflict")
		return
	}
	digest := t.replyDigest(to)
	switch f.Note {
	case digest:
	case "":
		if s.asked(t.c) {
			return
		}
		b := t.replyBody(to)
		b.MessageID, b.Of, b.Digest = s.noteID(of, digest), of, digest
		s.act(s.v.Principal.Drafts, model.Ref{}, of, t.why(), model.Note{Body: model.Hide(b), Draft: true})
	default:
		s.dropReply(of, "the times offered have changed")
	}
}

// dropReply takes a draft away that nobody touched.
func (s *settlement) dropReply(of model.Ident, why string) {
	of = kin(kindReply, of)
	f := s.v.Findings[of]
	if f.Note != "" && f.NoteID != "" && !f.Open && !f.Dismissed && !f.Pinned && s.v.Principal.Drafts != "" {
		s.act(s.v.Principal.Drafts, model.Ref{}, of, why, model.DropNote{MessageID: f.NoteID, Of: of})
	}
}

// organizer is whom a reply goes to: a person outside the house of the rules, who
// called the meeting that should move.
func (s *settlement) organizer(t telling) (model.Address, bool) {
	y := t.c.yields
	to := y.Occurrence.Organizer
	addr := strings.ToLower(to.Addr)
	room := slices.ContainsFunc(y.Occurrence.Attendees, func(a model.Attendee) bool {
		return strings.ToLower(a.Addr) == addr && a.Type != "" && a.Type != "INDIVIDUAL" && a.Type != "UNKNOWN"
	})
	if local, domain, ok := strings.Cut(addr, "@"); !ok || local == "" || domain == "" || strings.ContainsAny(addr, " <>,;\"\r\n\t") || len(addr) > 254 {
		return to, false
	}
	ok := s.o.Replies && s.v.Principal.Drafts != "" && !t.c.person && !y.r.Fixed && !room && !s.mine[addr] && len(t.c.done) == 0
	return model.Address{Name: clean(to.Name), Addr: addr}, ok
}

func (t telling) replyDigest(to model.Address) string {
	y := t.c.yields
	words := []string{"1", string(t.c.of), to.Addr, t.replyTitle(), t.second.when, strconv.FormatBool(t.asks()), t.s.zone.String()}
	for _, w := range t.offers() {
		words = append(words, strconv.FormatInt(w.start.Unix(), 36), strconv.FormatInt(w.end.Unix(), 36))
	}
	if loc := theirZone(y); loc != nil {
		words = append(words, loc.String())
	}
	return short(12, words...)
}

// asks reports whether the reply only asks for another time: the organizer takes
// no proposals, or there is none.
func (t telling) asks() bool { return t.c.yields.Occurrence.NoCounter || len(t.offers()) == 0 }

// replyTitle is what the meeting is called to the one who called it so; "" where
// nobody else may read it.
func (t telling) replyTitle() string {
	if t.s.o.Discreet || t.s.hidden(t.c.yields) {
		return ""
	}
	return clean(t.c.yields.Occurrence.Summary)
}

// replyBody is the draft. It speaks of the principal in the third person, so that
// it is right whoever sends it, and says nothing of what stands in the way.
func (t telling) replyBody(to model.Address) model.NoteBody {
	s, y := t.s, t.c.yields
	p := s.v.Principal
	who := clean(cmp.Or(p.Title, p.Name))
	from := model.Address{Name: upper(who)}
	if len(p.Addresses) > 0 {
		from.Addr = p.Addresses[0]
	}
	subject, what := t.replyTitle(), "the meeting"
	if subject != "" {
		what, subject = "“"+subject+"”", "Re: "+subject
	} else {
		subject = "Meeting on " + y.Start.In(s.zoneOf(y.Start)).Format("Mon 2 Jan")
	}
	var b strings.Builder
	b.WriteString(cmp.Or(greeting(to.Name), "Hello,"))
	b.WriteString("\n\nThank you for the invitation to " + what + " on " + t.theirTime(slot{y.Start, y.End}) + ".\n")
	b.WriteString("Unfortunately " + who + " is not free then" + t.thenToo() + ". ")
	if t.asks() {
		b.WriteString("Could another time be found?\n")
	} else {
		b.WriteString("Would one of these times suit instead?\n\n")
		for _, w := range t.offers() {
			b.WriteString("- " + t.theirTime(w) + "\n")
		}
	}
	b.WriteString("\nKind regards\nOffice of " + who + "\n")
	return model.NoteBody{From: from, To: to, Date: model.UnixTime(s.v.Now.Unix()), Subject: subject, Text: b.String()}
}

// thenToo tells an organizer that other dates of a series are not free either.
func (t telling) thenToo() string {
	switch n := t.c.more; {
	case n <= 0:
		return ""
	case n == 1:
		return ", nor on one later date of the series"
	default:
		return fmt.Sprintf(", nor on %d later dates of the series", n)
	}
}

// upper makes a title fit for the beginning of a line.
func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

func greeting(name string) string {
	if name == "" || strings.ContainsAny(name, "@<>") {
		return ""
	}
	return "Hello " + name + ","
}

// theirTime gives a time in the principal's zone by its name and, where the
// organizer's is another one, in that too.
func (t telling) theirTime(w slot) string {
	zone := t.s.zoneOf(w.start)
	out := t.s.span(w.start, w.end, t.c.yields.Occurrence.Start.Date)
	if t.c.yields.Occurrence.Start.Date {
		return out
	}
	out += " " + zoneWords(zone)
	loc := theirZone(t.c.yields)
	if loc == nil || sameClock(loc, zone, w.start) && sameClock(loc, zone, w.end) {
		return out
	}
	a, b := w.start.In(loc), w.end.In(loc)
	form := clockForm
	if a.Format(dayForm) != w.start.In(zone).Format(dayForm) {
		form = "Mon 2 Jan, " + clockForm
	}
	return out + " (" + a.Format(form) + "–" + b.Format(clockForm) + " " + zoneWords(loc) + ")"
}

// theirZone is the zone in which the organizer wrote the time down; nil if that
// says nothing.
func theirZone(b *block) *time.Location {
	t := b.Occurrence.Start
	if t.Loc == nil || t.Date || t.Unsure || !strings.Contains(t.Loc.String(), "/") || strings.HasPrefix(t.Loc.String(), "Etc/") {
		return nil
	}
	return t.Loc
}

func sameClock(a, b *time.Location, at time.Time) bool {
	_, x := at.In(a).Zone()
	_, y := at.In(b).Zone()
	return x == y
}

// zoneWords calls a zone by its city: "New York time".
func zoneWords(zone *time.Location) string {
	name := zone.String()
	if i := strings.LastIndexByte(name, '/'); i >= 0 && !strings.HasPrefix(name, "Etc/") {
		return strings.ReplaceAll(name[i+1:], "_", " ") + " time"
	}
	return name
}
