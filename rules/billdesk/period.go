package billdesk

import (
	"maps"
	"slices"
	"strings"
	"time"

	"chancery/internal/model"
)

// longestGap is how many days back a note tells what is new, after the one before it.
const longestGap = 60

// note writes the billing note of the period that has begun, once, also when that is
// noticed late, and asks to be called at the next one. What lies before somebody began
// to look after the billing has no note, nor has a period without anything to tell.
func (s *desk) note() {
	last, next := s.moments()
	if next == nil {
		return
	}
	s.look(s.clock(*next, s.d.At))
	began := s.v.Billing.Began
	at := s.clock(*last, s.d.At)
	of := s.noteIdent(*last)
	if began == 0 || at.Unix() <= int64(began) || s.v.Findings[of].Note != "" || touched(s.v.Findings[of]) {
		return
	}
	r := s.tell(s.since(*last), at)
	if r.empty() {
		return
	}
	n := s.letter(of, "1", r.subject())
	n.Text, n.HTML = r.text(), r.page
	n.Files = []model.NoteFile{{Name: ledgerName, Type: "text/csv", Text: s.ledger()}}
	s.act(s.v.Principal.Notes, model.Ref{}, of, "the billing note", model.Note{Mailbox: s.notesBox(), Body: model.Hide(n)})
}

// moments are the days of the last note that is due by now and of the next one; nil
// if none are written.
func (s *desk) moments() (last, next *day) {
	step := day(1)
	switch s.d.Notes {
	case "weekly":
		step = 7
	case "daily":
	default:
		return nil, nil
	}
	d := s.today
	for step == 7 && d.utc().Weekday() != time.Weekday(s.d.Day) {
		d--
	}
	if s.clock(d, s.d.At).After(s.v.Now) {
		d -= step
	}
	n := d + step
	return &d, &n
}

// noteIdent names the note of a period by the day it begins: a note never comes twice,
// whatever is told in it.
func (s *desk) noteIdent(d day) model.Ident {
	return s.noteRoot() + model.Ident(d.utc().Format("20060102"))
}

func (s *desk) noteRoot() model.Ident {
	return model.Ident(kindNote + short(8, kindNote, s.v.Principal.Name) + ".")
}

// since is from when on what came is new to a note: the moment of the note before.
func (s *desk) since(last day) time.Time {
	root := string(s.noteRoot())
	for _, of := range slices.Backward(slices.Sorted(maps.Keys(s.v.Findings))) {
		date, ours := strings.CutPrefix(string(of), root)
		if !ours || s.v.Findings[of].Note == "" {
			continue
		}
		if t, err := time.Parse("20060102", date); err == nil && dayOf(t) < last {
			return s.clock(max(dayOf(t), last-longestGap), s.d.At)
		}
	}
	if s.d.Notes == "daily" {
		return s.clock(last-1, s.d.At)
	}
	return s.clock(last-7, s.d.At)
}
