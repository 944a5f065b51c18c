package agenda

import (
	"strings"
	"time"

	"chancery/internal/model"
)

const (
	dismiss   = "Delete this hold to dismiss it for good; edit it and Chancery will leave it alone."
	untouched = "Nothing was moved and nobody was told."
	held      = "Each of these times has a hold in the calendar. Confirm one, and the other holds go."
	inHold    = "The hold “Conflict: …” in the calendar says the same. Delete it to dismiss this conflict for good; edit it and Chancery will leave it alone."
	drafted   = "A reply to the organizer waits among the drafts."
	leastHold = 15 * time.Minute // an event without length still needs an end
)

// hold is the event people see.
func (t telling) hold() model.HoldBody {
	var b strings.Builder
	t.body(&b)
	b.WriteString("\n" + dismiss + "\n")
	y := t.c.yields
	end := later(y.End, y.Start.Add(leastHold))
	if y.End.After(y.Start) {
		end = y.End
	}
	return model.HoldBody{
		Start: model.UnixTime(y.Start.Unix()), End: model.UnixTime(end.Unix()),
		Stamp:       model.UnixTime(t.s.v.Now.Unix()),
		Summary:     "Conflict: " + t.second.title + " / " + t.first.title,
		Description: strings.TrimSuffix(b.String(), "\n"),
		Related:     t.s.related(t.c.yields, t.c.keeps),
		Private:     t.s.private(t.c),
	}
}

// note is the mail people see; the caller adds what names it.
func (t telling) note(update bool) model.NoteBody {
	p := t.s.v.Principal
	to := model.Address{Name: clean(p.Name)}
	switch {
	case p.NotesTo != "":
		to = model.Address{Addr: p.NotesTo}
	case len(p.Addresses) > 0:
		to.Addr = p.Addresses[0]
	}
	subject := "Conflict "
	if t.record {
		deed := t.deed()
		subject = strings.ToUpper(deed[:1]) + deed[1:] + " "
	}
	subject += t.c.next.In(t.s.zoneOf(t.c.next)).Format("Mon 2 Jan, 15:04") + ": " + t.second.title + " / " + t.first.title
	if update && !t.record {
		subject = "Updated: " + subject
	}
	var text strings.Builder
	t.body(&text)
	text.WriteString("\n" + t.foot() + "\n")
	return model.NoteBody{
		From: model.Address{Name: "Chancery", Addr: "chancery@chancery.invalid"}, To: to,
		Date: model.UnixTime(t.s.v.Now.Unix()), Subject: subject, Text: text.String(), HTML: t.html(subject),
	}
}

func (t telling) foot() string {
	if t.record {
		return "Unread, this note goes when the meeting is past."
	}
	untouched := untouched
	if len(t.c.done) > 0 {
		untouched = ""
	}
	if t.s.v.Principal.Holds == "" {
		return untouched
	}
	return strings.TrimSpace(untouched + " " + inHold)
}

// body is the text that hold and note share.
func (t telling) body(b *strings.Builder) {
	b.WriteString(t.clash())
	if again := t.again(); again != "" {
		b.WriteString(" " + again)
	}
	b.WriteString("\n")
	for _, x := range []side{t.first, t.second} {
		b.WriteString("\n" + x.title + "\n" + x.when + "\n(" + x.part + ")\n")
	}
	b.WriteString("\n" + t.advice() + "\n")
	if offer := t.offer(); offer != "" {
		b.WriteString("\n" + offer + "\n")
		for _, w := range t.offers() {
			b.WriteString("- " + t.s.when(w.start, w.end, false) + t.worth(w) + "\n")
		}
	}
	for _, line := range []string{t.heldLine(), t.draftLine()} {
		if line != "" {
			b.WriteString("\n" + line + "\n")
		}
	}
	b.WriteString("\n" + t.zones())
	if p := t.places(); p != "" {
		b.WriteString(" Rule: " + p + ".")
	}
	b.WriteString("\n")
}

// heldLine says what the holds on the offered times are for; "" if there are none.
func (t telling) heldLine() string {
	if !t.s.o.Slots || t.s.v.Principal.Holds == "" || t.record || len(t.offers()) == 0 {
		return ""
	}
	return held
}

// draftLine says that a reply waits; "" if none does.
func (t telling) draftLine() string {
	f := t.s.v.Findings[kin(kindReply, t.c.of)]
	if _, ok := t.s.organizer(t); !ok || f.Dismissed || f.Pinned {
		return ""
	}
	return drafted
}

// zones names the zones of all times that are told.
func (t telling) zones() string {
	at := []time.Time{t.c.keeps.Start, t.c.yields.Start}
	for _, w := range t.offers() {
		at = append(at, w.start)
	}
	return t.s.zoneLine(at...)
}
