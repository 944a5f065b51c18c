package agenda

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"chancery/internal/model"
)

// The office of these tests: what an .ics file would say, built in Go.

type change func(*model.Event, *model.Series)

// meeting is an event at a wall clock, floating unless zoned.
func meeting(uid string, wall time.Time, length time.Duration, changes ...change) model.Event {
	sum := sha256.Sum256([]byte(uid))
	e := model.Event{Ref: model.Ref{Source: "dana-cal/office", Href: model.Name("/calendars/" + uid + ".ics")}, Ident: model.Ident(hex.EncodeToString(sum[:16]))}
	s := model.Series{UID: uid, Master: &model.Occurrence{
		Start: model.Time{Wall: wall}, End: model.Time{Wall: wall.Add(length)}, Summary: uid, Status: "CONFIRMED",
	}}
	for _, c := range changes {
		c(&e, &s)
	}
	e.Body = model.Hide(s)
	return e
}

// allDay is an event of whole days.
func allDay(uid string, day time.Time, days int, changes ...change) model.Event {
	whole := func(_ *model.Event, s *model.Series) {
		s.Master.Start = model.Time{Wall: day, Date: true}
		s.Master.End = model.Time{Wall: day.AddDate(0, 0, days), Date: true}
	}
	return meeting(uid, day, 0, append([]change{whole}, changes...)...)
}

func master(f func(*model.Occurrence)) change {
	return func(_ *model.Event, s *model.Series) { f(s.Master) }
}

func zoned(loc *time.Location) change {
	return master(func(o *model.Occurrence) { o.Start.Loc, o.End.Loc = loc, loc })
}

func repeats(rule string) change { return master(func(o *model.Occurrence) { o.RRule = rule }) }

func exdate(t ...model.Time) change { return master(func(o *model.Occurrence) { o.ExDates = t }) }

func rdate(t ...model.Time) change { return master(func(o *model.Occurrence) { o.RDates = t }) }

func title(s string) change { return master(func(o *model.Occurrence) { o.Summary = s }) }

func ranked(category string) change {
	return master(func(o *model.Occurrence) { o.Categories = []string{category} })
}

func in(source, href string) change {
	return func(e *model.Event, _ *model.Series) {
		e.Ref.Source, e.Ref.Href = model.SourceID(source), model.Name(href)
	}
}

// override replaces the instance at rec.
func override(rec model.Time, f func(*model.Occurrence)) change {
	return func(_ *model.Event, s *model.Series) {
		o := model.Occurrence{Recurrence: &rec, Summary: "changed", Status: "CONFIRMED", Start: rec, End: rec}
		if s.Master != nil {
			o.End.Wall = rec.Wall.Add(s.Master.End.Wall.Sub(s.Master.Start.Wall))
		}
		f(&o)
		s.Overrides = append(s.Overrides, o)
	}
}

func orphan(_ *model.Event, s *model.Series) { s.Master = nil }

func attendee(addr, partstat string) change {
	return master(func(o *model.Occurrence) {
		o.Attendees = append(o.Attendees, model.Attendee{Address: model.Address{Addr: addr}, PartStat: partstat})
	})
}

func organizedBy(addr string) change {
	return master(func(o *model.Occurrence) { o.Organizer = model.Address{Addr: addr} })
}

func wall(s string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	panic("bad wall clock in a test: " + s)
}

func floating(s string) model.Time { return model.Time{Wall: wall(s)} }

func date(s string) model.Time { return model.Time{Wall: wall(s), Date: true} }

// ranks is the rule file of the office: the first category names the rank.
var ranks = map[string]Ranked{
	"court":    {Name: "court", Rank: 100, Fixed: true, Buffer: 30 * time.Minute, Place: "rules.d/20-calendar.yaml:4:5"},
	"board":    {Name: "board", Rank: 70, Place: "rules.d/20-calendar.yaml:9:5"},
	"client":   {Name: "client", Rank: 60, Place: "rules.d/20-calendar.yaml:12:5"},
	"internal": {Name: "internal", Rank: 20, Place: "rules.d/20-calendar.yaml:15:5"},
	"lunch":    {Name: "lunch", Ignore: true},
	"keep":     {Name: "personal, do not move", Rank: 10, Fixed: true, Place: "rules.d/20-calendar.yaml:18:5"},
}

func rankByCategory(_ *model.Event, o *model.Occurrence) Ranked {
	if len(o.Categories) == 0 {
		return Ranked{}
	}
	return ranks[o.Categories[0]]
}

// view is Monday, 2 March 2026, 08:00 in Berlin.
func view(t testing.TB, events ...model.Event) model.View {
	t.Helper()
	berlin := zone(t, "Europe/Berlin")
	return model.View{
		Now: time.Date(2026, 3, 2, 8, 0, 0, 0, berlin),
		Principal: model.Principal{
			Name: "Dana Whitfield", Zone: berlin, Addresses: []string{"dana@firm.example"},
			Holds: "dana-cal/conflicts", Notes: "desk-mail", NotesBox: []string{"INBOX", "Conflicts"},
		},
		Agenda: events, Findings: map[model.Ident]model.Finding{},
	}
}

func enforce() Options {
	return Options{Horizon: 60 * 24 * time.Hour, Alternatives: 3, Mode: "enforce", Place: "rules.d/20-calendar.yaml:30:3", Version: "v1"}
}

// apply does to the findings what the servers and the loop would do.
func apply(t testing.TB, v *model.View, steps []model.Step) {
	t.Helper()
	for _, s := range steps {
		f := v.Findings[s.Ident]
		switch a := s.Action.(type) {
		case model.Hold:
			if a.Base != f.HoldRef && f.Hold != "" {
				t.Fatalf("hold is not based on what stands")
			}
			f.Hold, f.HoldRef = a.Digest, model.Ref{Source: s.Source, Href: model.Name(a.UID), Version: a.Digest}
		case model.Note:
			f.Note, f.NoteID = a.Body.Reveal().Digest, a.Body.Reveal().MessageID
		case model.Withdraw:
			if a.Base != f.HoldRef || f.Hold == "" {
				t.Fatalf("withdraw is not based on what stands")
			}
			f.Hold, f.HoldRef = "", model.Ref{}
		case model.DropNote:
			if a.MessageID != f.NoteID {
				t.Fatalf("drop of a note that does not stand")
			}
			f.Note, f.NoteID = "", ""
		}
		v.Findings[s.Ident] = f
		if f == (model.Finding{}) {
			delete(v.Findings, s.Ident)
		}
	}
}

func holdsOf(steps []model.Step) (out []model.Hold) {
	for _, s := range steps {
		if h, ok := s.Action.(model.Hold); ok {
			out = append(out, h)
		}
	}
	return out
}

func notesOf(steps []model.Step) (out []model.Note) {
	for _, s := range steps {
		if n, ok := s.Action.(model.Note); ok {
			out = append(out, n)
		}
	}
	return out
}
