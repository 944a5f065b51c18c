package trial

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/config"
	"chancery/internal/ical"
	"chancery/internal/model"
)

// anyConflict is the name under which a test speaks of conflicts alone.
const anyConflict = "conflicts"

// judged is one event and what the rules make of it.
type judged struct {
	title    string
	rank     string // of the rank or ignore that took it; the rules' own word if none did
	value    string // the rank's number
	ignored  bool
	conflict bool
	class    string // the entry of classes that sets its class
}

// by reports whether a rank, an ignore or an entry of classes took the event.
func (j judged) by(name string) bool { return name != "" && (j.rank == name || j.class == name) }

func (j judged) told() string {
	out := fmt.Sprintf("%q ranked %s", j.title, j.rank)
	if j.ignored {
		out = fmt.Sprintf("%q ignored by %s", j.title, j.rank)
	}
	if j.conflict {
		out += ", in a conflict"
	}
	if j.class != "" {
		out += ", classed by " + j.class
	}
	return out
}

// events runs a test about a principal's time.
func (b *bench) events(t config.Test, c *Case) {
	all, view, broken := b.judge(t)
	if broken != "" {
		c.Broken = broken
		return
	}
	lines := make([]string, len(all))
	for i, j := range all {
		lines[i] = j.told()
	}
	came := model.Hide(strings.Join(lines, "; "))
	fail := func(pos config.Pos, rule, want string) {
		f := Failure{Pos: pos, Rule: rule, Want: want, Got: came}
		// Of the event that it did not take, or took; of several the first.
		for i := range all {
			if w, ok := b.set.WhyNotEvent(rule, view, i); ok {
				f.Why = &w
				break
			}
		}
		c.Failures = append(c.Failures, f)
	}
	conflict := slices.ContainsFunc(all, func(j judged) bool { return j.conflict })
	if t.None && conflict {
		fail(t.Pos, "", "no conflict")
	}
	for _, e := range t.Expect {
		name := e.Rule.Value
		switch {
		case name == anyConflict && !conflict:
			fail(e.Rule.Pos, name, "a conflict")
		case name != anyConflict && !slices.ContainsFunc(all, func(j judged) bool { return j.by(name) && j.does(e.Do) }):
			fail(e.Rule.Pos, name, eventWanted(e.Do))
		}
	}
	for _, n := range t.Not {
		switch {
		case n.Value == anyConflict && conflict:
			fail(n.Pos, n.Value, "no conflict")
		case n.Value != anyConflict && slices.ContainsFunc(all, func(j judged) bool { return j.by(n.Value) }):
			fail(n.Pos, n.Value, "no event to be taken by it")
		}
	}
}

func eventWanted(do []config.Text) string {
	if len(do) == 0 {
		return "an event to be taken by it"
	}
	return wanted(do)
}

// does reports whether all of do is true of the event.
func (j judged) does(do []config.Text) bool {
	for _, d := range do {
		word, rest, _ := strings.Cut(strings.Join(strings.Fields(d.Value), " "), " ")
		switch {
		case word == "rank" && !j.ignored && (rest == j.rank || rest == j.value):
		case word == "ignore" && j.ignored:
		case word == "conflict" && j.conflict:
		default:
			return false
		}
	}
	return true
}

// judge reads the events and asks the rules.
func (b *bench) judge(t config.Test) (all []judged, view model.View, broken string) {
	if b.cfg.Rules.Calendar.Conflicts.Mode == config.Off && len(b.cfg.Rules.Calendar.Classes) == 0 {
		return nil, view, "calendar: conflicts: is off, so no event is looked at"
	}
	view = model.View{Now: t.Now, Principal: b.principal()}
	for i, p := range t.Events {
		e, problem := b.event(p.Value, i)
		if problem != "" {
			return nil, view, problem
		}
		view.Agenda = append(view.Agenda, e)
	}
	if view.Now.IsZero() {
		view.Now = dayBefore(view.Agenda, view.Principal.Zone)
	}
	look := model.Change{Op: model.Look, Principal: view.Principal.Name}
	clash, class := map[string]bool{}, map[string]string{}
	for _, s := range b.set.Decide(look, view).Steps {
		switch a := s.Action.(type) {
		case model.Hold:
			for _, uid := range a.Body.Reveal().Related {
				clash[uid] = true
			}
		case model.Amend:
			if a.Now.Class != "" {
				class[string(a.UID)] = s.Rule
			}
		}
	}
	verdicts := b.set.Explain(look, view)
	for i := range view.Agenda {
		series := view.Agenda[i].Body.Reveal()
		j := judged{conflict: clash[series.UID], class: class[series.UID], rank: "nothing"}
		if series.Master != nil {
			j.title = series.Master.Summary
		}
		if i >= len(verdicts) { // conflicts are off
			all = append(all, j)
			continue
		}
		v := verdicts[i]
		j.rank, j.ignored = v.Rule, v.Outcome == "ignored"
		for _, x := range v.Detail.Reveal().Values {
			switch x.Name {
			case "event":
				j.title = x.Value
			case "rank":
				j.value = x.Value
			}
		}
		all = append(all, j)
	}
	return all, view, ""
}

// event reads one calendar object.
func (b *bench) event(name string, serial int) (model.Event, string) {
	raw, err := b.read(name)
	if err != nil {
		return model.Event{}, err.Error()
	}
	series, _, problems, fault := ical.Parse(raw, nil)
	switch {
	case fault != nil:
		return model.Event{}, name + ": " + fault.Error()
	case series.Master == nil && len(series.Overrides) == 0:
		return model.Event{}, name + " holds no event"
	case slices.Contains(problems, "several-uids"):
		return model.Event{}, name + " holds events of several UIDs; each event has a file of its own"
	}
	href := model.Name("/trial/" + strconv.Itoa(serial) + ".ics")
	return model.Event{
		Ref: model.Ref{Source: "trial/calendar", Href: href, Version: `"1"`}, Ident: "uid:" + model.Ident(series.UID),
		Problems: problems, Body: model.Hide(series),
	}, ""
}

// calendarFolder holds the events that the leader has when a test's mail comes.
const calendarFolder = testsFolder + "/calendar"

const maxCalendar = 500 // files in it

// calendar puts the events of the test folder into a view: what an invitation in a
// mail is held against.
func (b *bench) calendar(v *model.View) (broken string) {
	v.Principal, v.Known = b.principal(), true
	listing, err := fs.ReadDir(b.fsys, calendarFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		return unreadable(calendarFolder, err).Error()
	}
	for i, d := range listing {
		if i == maxCalendar {
			return fmt.Sprintf("%s holds more than %d files", calendarFolder, maxCalendar)
		}
		if d.IsDir() || !strings.EqualFold(path.Ext(d.Name()), ".ics") {
			continue
		}
		e, problem := b.event(path.Join(calendarFolder, d.Name()), i)
		if problem != "" {
			return problem
		}
		e.Ident = ical.Ident(e.Body.Reveal().UID, "") // as the mail names it
		v.Agenda = append(v.Agenda, e)
	}
	return ""
}

// principal is the first of the service file, with a calendar for holds: who the
// events belong to.
func (b *bench) principal() model.Principal {
	out := model.Principal{Name: "trial", Zone: time.UTC, Holds: "trial/holds"}
	if len(b.cfg.Service.Principals) == 0 {
		return out
	}
	p := b.cfg.Service.Principals[0]
	out.Name, out.Title = p.Name.Value, p.Title.Value
	if zone, err := time.LoadLocation(p.Zone.Value); err == nil {
		out.Zone = zone
	}
	for _, a := range p.Addresses {
		out.Addresses = append(out.Addresses, strings.ToLower(a.Value))
	}
	for _, h := range p.Hours {
		for _, d := range h.Days {
			out.Hours = append(out.Hours, model.Hours{Day: d, From: h.From, Till: h.Till})
		}
	}
	return out
}

// dayBefore is a day before the first event begins: all of them lie ahead.
func dayBefore(events []model.Event, zone *time.Location) time.Time {
	var first time.Time
	see := func(o *model.Occurrence) {
		if at := o.Start.In(zone); first.IsZero() || at.Before(first) {
			first = at
		}
	}
	for _, e := range events {
		s := e.Body.Reveal()
		if s.Master != nil {
			see(s.Master)
		}
		for i := range s.Overrides {
			see(&s.Overrides[i])
		}
	}
	return first.AddDate(0, 0, -1)
}
