package agenda

import (
	"strings"
	"time"

	"chancery/internal/model"
)

const (
	dismiss   = "Delete this hold to dismiss it for good; edit it and Chancery will leave it alone."
	untouched = "Nothing was moved and nobody was told."
	inHold    = "A tentative hold stands in the calendar. Delete it to dismiss this conflict for good; edit it and Chancery will leave it alone."
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
		Related:     []string{t.c.yields.Event.Body.Reveal().UID, t.c.keeps.Event.Body.Reveal().UID},
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
	subject := "Conflict " + t.c.next.In(t.s.zone).Format("Mon 2 Jan, 15:04") + ": " + t.second.title + " / " + t.first.title
	if update {
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
	if t.s.v.Principal.Holds == "" {
		return untouched
	}
	return untouched + " " + inHold
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
		for _, w := range t.slots {
			b.WriteString("- " + t.s.when(w.start, w.end, false) + "\n")
		}
	}
	b.WriteString("\nTimes are in " + t.s.zone.String() + ".")
	if p := t.places(); p != "" {
		b.WriteString(" Rule: " + p + ".")
	}
	b.WriteString("\n")
}
