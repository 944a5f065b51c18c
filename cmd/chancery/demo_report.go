package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery/internal/demo"
	"chancery/internal/ical"
	"chancery/internal/model"
	"chancery/sync"
	"chancery/sync/journal"
)

// demoReport is what the demonstration has to tell: what stands on the servers
// now, read from them, and why, read from the journal.
type demoReport struct {
	office        *demo.Office
	before, after []demo.Seen
	why           map[string][]model.Step // by Message-ID
	holds         []demoHold
	events        demoCount
	bills         []model.Bill
	due           []demoDue
	dueBefore     int // due dates before the late mail came
	parked        []journal.ParkedItem
	took          time.Duration
}

// demoHold is a hold as it stands in a calendar.
type demoHold struct {
	person demo.Person
	title  string
	start  time.Time
	end    time.Time
	text   string // what it says, from the journal
	uids   []string
}

// offered reports whether a hold stands for one of the times offered.
func (h demoHold) offered() bool { return strings.HasPrefix(h.title, "Hold ") }

type demoCount struct{ before, after, changed int }

// report gathers what there is to tell.
func (s *stage) report(ctx context.Context, office *demo.Office, before []demo.Seen, due int, took time.Duration) (*demoReport, error) {
	r := &demoReport{office: office, before: before, why: map[string][]model.Step{}, dueBefore: due, took: took}
	var err error
	if r.after, err = office.Look(); err != nil {
		return nil, err
	}
	for _, l := range office.Letters {
		intents, err := s.journal.ByMessageID(ctx, l.MessageID)
		if err != nil {
			return nil, err
		}
		for _, in := range intents {
			// The same mail may lie in two accounts.
			if in.State == journal.StateConfirmed && string(in.Step.Source) == l.Account+"-mail" {
				r.why[l.Account+l.MessageID] = append(r.why[l.Account+l.MessageID], in.Step)
			}
		}
	}
	for _, p := range demo.People() {
		holds, err := s.holds(ctx, office, p)
		if err != nil {
			return nil, err
		}
		r.holds = append(r.holds, holds...)
	}
	if err := s.billing(ctx, office, r); err != nil {
		return nil, err
	}
	r.countEvents()
	r.parked, err = s.journal.ParkedItems(ctx)
	return r, err
}

// holds reads the calendar of holds of one person.
func (s *stage) holds(ctx context.Context, office *demo.Office, p demo.Person) ([]demoHold, error) {
	intents, err := s.journal.ByGroup(ctx, sync.Group(p.Principal))
	if err != nil {
		return nil, err
	}
	said := map[string]model.HoldBody{}
	for _, in := range intents {
		if h, ok := in.Step.Action.(model.Hold); ok {
			said[h.UID] = h.Body.Reveal()
		}
	}
	var out []demoHold
	for _, raw := range office.Calendar(p, demo.Holds) {
		series, _, _, fault := ical.Parse(raw, nil)
		if fault != nil || series.Master == nil {
			return nil, fmt.Errorf("read hold: unreadable on the server")
		}
		m, body := series.Master, said[series.UID]
		out = append(out, demoHold{
			person: p, title: m.Summary, text: body.Description, uids: body.Related,
			start: m.Start.In(time.UTC), end: m.End.In(time.UTC),
		})
	}
	slices.SortFunc(out, func(a, b demoHold) int {
		return cmp.Or(a.start.Compare(b.start), strings.Compare(a.title, b.title))
	})
	return out, nil
}

// countEvents compares the appointments on the server with those of the office.
func (r *demoReport) countEvents() {
	r.events.before = len(r.office.Appointments)
	for _, p := range demo.People() {
		for _, c := range p.Calendars {
			stored := r.office.Calendar(p, c)
			r.events.after += len(stored)
			for _, a := range r.office.Appointments {
				if a.Account != p.Account || a.Calendar != c {
					continue
				}
				same := func(raw []byte) bool { return string(raw) == string(a.Raw) }
				if !slices.ContainsFunc(slices.Collect(maps.Values(stored)), same) {
					r.events.changed++
				}
			}
		}
	}
}

// notes are the notes in the assistants' mailboxes.
func (r *demoReport) notes() []demo.Seen {
	return slices.DeleteFunc(slices.Clone(r.after), func(s demo.Seen) bool { return !s.Note })
}

// verify is the promise: no mail is lost or altered, no event is touched.
func (r *demoReport) verify() error {
	sums := func(seen []demo.Seen) map[string]map[[sha256.Size]byte]int {
		out := map[string]map[[sha256.Size]byte]int{}
		for _, s := range seen {
			if s.Note {
				continue
			}
			if out[s.Account] == nil {
				out[s.Account] = map[[sha256.Size]byte]int{}
			}
			out[s.Account][s.Sum]++
		}
		return out
	}
	var errs []error
	if !maps.EqualFunc(sums(r.before), sums(r.after), maps.Equal) {
		errs = append(errs, errors.New("verify the office: the messages are not the same as before"))
	}
	if r.events.changed > 0 || r.events.after != r.events.before {
		errs = append(errs, fmt.Errorf("verify the office: %s changed", plural(r.events.changed, "appointment")))
	}
	return errors.Join(errs...)
}
