package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"chancery/config"
	"chancery/connectors"
	"chancery/connectors/caldav"
	"chancery/sync/journal"
)

// examineCalendars looks at a calendar account.
func examineCalendars(ctx context.Context, l *loaded, a config.Account) (*checkup, error) {
	c := a.CalDAV
	k := &checkup{Account: a.Name.Value, Kind: "calendar", Server: hostOf(c.URL.Value)}
	var options []caldav.Options
	specs, err := calendarSources(l.cfg, a, nil, wiring{readOnly: true, tap: tap{onCalendar: func(o caldav.Options) { options = append(options, o) }}})
	if err != nil {
		return nil, err
	}
	for _, spec := range specs {
		if _, err := spec.Open(ctx, journal.Position{}); !errors.Is(err, errTapped) {
			k.problem("setup", advice(codeOf(err)), "%s", cause(err))
			return k, nil
		}
	}
	if len(options) == 0 {
		k.note("calendars", "", "the account names no calendar")
		return k, nil
	}
	e := caldav.Examine(ctx, options[0], options)
	host, _, _ := strings.Cut(k.Server, ":")
	if !k.sayReach(e.Reached, e.Dialed, e.Err) || !k.sayTLS(e.Peer, host, c.CAFile, time.Now()) {
		return k, nil
	}
	if class, code := connectors.Classify(e.Err); e.Err != nil && e.Stage == "login" {
		about := "login"
		if class != connectors.Auth {
			about = "answer"
		}
		k.problem(about, advice(code), "%s", cause(e.Err))
		return k, nil
	}
	k.ok("login", "the server takes user and password")
	if e.Err != nil {
		k.problem(e.Stage, advice(codeOf(e.Err)), "%s", cause(e.Err))
		return k, nil
	}
	k.sayHome(e, options)
	for i, cal := range e.Calendars {
		k.sayCalendar(l.cfg, a.Name.Value+"/"+c.Calendars[i].Name.Value, cal, e)
	}
	k.sayScheduling(e)
	if e.Clock != nil {
		k.saySkew(*e.Clock)
	} else {
		k.ok("clock", "not known: the server sends no Date")
	}
	k.ok("load", "the service asks every %s, over one connection for each of the %s", span(c.Poll), plural(len(options), "calendar"))
	return k, nil
}

func (k *checkup) sayHome(e *caldav.Exam, options []caldav.Options) {
	if e.Home {
		k.ok("home", "the account and its home of calendars were found")
		return
	}
	direct := slices.ContainsFunc(e.Calendars, func(c caldav.CalendarExam) bool { return c.Err == nil && !c.Absent })
	if direct && !slices.ContainsFunc(options, func(o caldav.Options) bool { return o.Create }) {
		k.ok("home", "none found; url: leads to the calendar itself, and that will do")
		return
	}
	k.problem("home", advice("no-home"), "no home of calendars was found from url:")
}

// sayCalendar tells about one calendar.
func (k *checkup) sayCalendar(cfg *config.Config, source string, c caldav.CalendarExam, e *caldav.Exam) {
	what := writtenAs(cfg, source)
	holds := what != ""
	no := func(b *bool) bool { return b != nil && !*b }
	switch {
	case c.Err != nil:
		k.problem("calendar", advice(codeOf(c.Err)), "%s: %s", source, cause(c.Err))
		return
	case c.Absent && no(e.CanMake):
		k.problem("calendar", advice("create-calendar"), "%s is not there, and this account may not make it", source)
		return
	case c.Absent:
		k.ok("calendar", "%s: not there yet, made when the service starts", source)
		return
	case !c.Events:
		k.problem("calendar", "it is a list of tasks or the like: name another one in match:", "%s holds no events", source)
		return
	case no(c.Read):
		k.problem("calendar", advice("http-403"), "%s: this account may not read it", source)
		return
	}
	found := "every look compares all versions"
	switch {
	case c.Sync:
		found = "the server tells what changed (sync-collection)"
	case c.CTag:
		found = "a tag tells whether anything changed (getctag)"
	}
	text := source + ": there; " + found
	switch {
	case holds && no(c.Write):
		k.problem("calendar", "give this account the right to write there", "%s takes the %s, and this account may not write there", source, what)
	case holds && c.Write == nil:
		k.ok("calendar", "%s. Whether %s may be written is not told", text, what)
	case holds:
		k.ok("calendar", "%s. %s may be written", text, strings.ToUpper(what[:1])+what[1:])
	default:
		k.ok("calendar", "%s", text)
	}
}

// sayScheduling tells whether the server sends invitations by itself (RFC 6638
// section 2).
func (k *checkup) sayScheduling(e *caldav.Exam) {
	name := ""
	if e.Server != "" {
		name = "; it calls itself " + e.Server
	}
	if slices.Contains(e.Classes, "calendar-auto-schedule") {
		k.ok("server", "it mails organizers and attendees by itself when an event with attendees changes. Holds have none, so nothing is sent because of them%s", name)
		return
	}
	k.ok("server", "it sends no invitations by itself%s", name)
}
