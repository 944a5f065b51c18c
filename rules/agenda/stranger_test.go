package agenda

import (
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

const outsider = "mallory@outside.example"

// Only the principal asks for holds: an invitation of somebody else with the word in
// its title is a meeting like any other, which takes time.
func TestOutsidersAskForNoHolds(t *testing.T) {
	at := wall(tuesday + "10:00")
	for _, c := range []struct {
		name  string
		ask   change
		who   change
		holds int
	}{
		{"a note to oneself", title("Deposition #hold4"), organizedBy(""), 4},
		{"the principal invites", title("Deposition #hold4"), organizedBy("Dana@Firm.example"), 4},
		{"an invitation from outside", title("Deposition #hold4"), organizedBy(outsider), 0},
		{"from somebody without an address", title("Deposition #hold4"), attendee("dana@firm.example", "ACCEPTED"), 0},
		{"by its category", ranked("hold4"), organizedBy(outsider), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := view(t, meeting("a", at, time.Hour, c.ask, c.who), meeting("b", at, time.Hour, ranked("court")))
			steps, _, _ := Settle(v, enforce(), rankByCategory)
			many, told := 0, 0
			for _, h := range holdsOf(steps) {
				if strings.HasPrefix(string(h.Of), kindMany) {
					many++
				} else {
					told++
				}
			}
			if many != c.holds {
				t.Errorf("%d holds were asked for, want %d", many, c.holds)
			}
			if clash := c.holds == 0; clash != (told > 0) {
				t.Errorf("%d conflicts are told", told)
			}
		})
	}
}

// A copy in another calendar that somebody else sent under the UID of a meeting, with
// whatever number and date, does not take its place.
func TestAForgedCopyHidesNothing(t *testing.T) {
	at := wall(tuesday + "10:00")
	client := "kim@client.example"
	elsewhere := func(e *model.Event, s *model.Series) {
		e.Ref = model.Ref{Source: "dana-cal/home", Href: "/home/1.ics"}
		rec := s.Master.Start
		o := *s.Master
		o.Recurrence, o.Sequence = &rec, 99
		o.Start.Wall, o.End.Wall = o.Start.Wall.Add(8*time.Hour), o.End.Wall.Add(8*time.Hour)
		s.Master, s.Overrides = nil, []model.Occurrence{o}
	}
	by := func(addr string) change {
		return func(_ *model.Event, s *model.Series) { s.Overrides[0].Organizer.Addr = addr }
	}
	for _, c := range []struct {
		name   string
		copy   change
		hidden bool
	}{
		{"from the organizer", by(client), true},
		{"in other letters", by("Kim@Client.example"), true},
		{"a copy that names nobody", by(""), true},
		{"from somebody else", by(outsider), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := view(t, meeting("board", at, time.Hour, organizedBy(client)), meeting("staff", at, time.Hour), meeting("board", at, time.Hour, elsewhere, c.copy))
			v.Agenda[2].Ident = v.Agenda[0].Ident
			got := strings.Join(look(v, enforce(), rankByCategory).who(), ", ")
			if hidden := got == ""; hidden != c.hidden {
				t.Errorf("got %q", got)
			}
		})
	}
}
