package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Where a person consents to Google, and where its tokens come from.
const (
	DefaultGoogleAuthURL  = "https://accounts.google.com/o/oauth2/v2/auth"
	DefaultGoogleTokenURL = "https://oauth2.googleapis.com/token"
)

// What Chancery asks of a Google account where IT names no scopes: to read the
// calendars and who is free, and to write events. Nothing of the account else.
var googleScopes = []string{
	"https://www.googleapis.com/auth/calendar.events",
	"https://www.googleapis.com/auth/calendar.readonly",
}

// googleMakeScope lets it make calendars and change those that it made.
const googleMakeScope = "https://www.googleapis.com/auth/calendar.app.created"

func (l *loader) google(f *file, n *yaml.Node) *Google {
	g := &Google{Pos: f.at(n), URL: Text{Value: DefaultGoogleURL, Pos: f.at(n)}, Poll: DefaultCalendarPoll}
	b, ok := f.block(n, "google", "url", "ca_file", "user", "oauth", "calendars", "poll")
	if !ok {
		return nil
	}
	host := ""
	if n := b.get("url"); n != nil {
		g.URL, host = f.url(n, "the calendar API", DefaultGoogleURL)
	}
	f.login(b, &g.CAFile, &g.User)
	if g.User.Value != "" {
		g.User, _ = f.address(g.User)
	}
	if n := b.need("calendars", "[{name: work, match: primary}]"); n != nil {
		g.Calendars = f.calendars(n)
	}
	if n := b.need("oauth", "{grant: service_account, secret: {credential: name}} or {grant: installed, client_id: ...}"); n != nil {
		o := f.oauthOf(n, googleGrants)
		if len(o.Scopes) == 0 {
			o.Scopes = g.scopes(o.Pos)
		}
		g.OAuth = *o
	}
	f.poll(b, host, &g.Poll)
	return g
}

// scopes are the least that the account needs.
func (g *Google) scopes(at Pos) []Text {
	var out []Text
	for _, s := range googleScopes {
		out = append(out, Text{s, at})
	}
	if slices.ContainsFunc(g.Calendars, func(c CalendarRef) bool { return c.Create }) {
		out = append(out, Text{googleMakeScope, at})
	}
	return out
}

// calendars reads the list of an account's calendars.
func (f *file) calendars(n *yaml.Node) []CalendarRef {
	var out []CalendarRef
	seen := map[string]bool{}
	f.each(n, "[work, personal]", func(n *yaml.Node) {
		ref, ok := f.calendar(n)
		if ok && seen[ref.Name.Value] {
			f.fail(ref.Name.Pos, fmt.Sprintf("calendar %q is named twice", ref.Name.Value), "")
		} else if ok {
			out = append(out, ref)
		}
		seen[ref.Name.Value] = true
	})
	return out
}

// Calendars are the calendars of an account; none of a mail account.
func (a Account) Calendars() []CalendarRef {
	switch {
	case a.CalDAV != nil:
		return a.CalDAV.Calendars
	case a.Google != nil:
		return a.Google.Calendars
	}
	return nil
}

// OAuth says how an account gets tokens; nil if it logs in with a password.
func (a Account) OAuth() *OAuth {
	switch {
	case a.IMAP != nil:
		return a.IMAP.OAuth
	case a.CalDAV != nil:
		return a.CalDAV.OAuth
	case a.Google != nil:
		return &a.Google.OAuth
	}
	return nil
}

// User is the login name of an account.
func (a Account) User() Text {
	switch {
	case a.IMAP != nil:
		return a.IMAP.User
	case a.CalDAV != nil:
		return a.CalDAV.User
	case a.Google != nil:
		return a.Google.User
	}
	return Text{}
}

// checkDelegation holds a service account to the people that the configuration
// names. Its key could act for everybody of the domain, and no scope narrows that:
// one slip in an address would read a stranger's calendar.
func (l *loader) checkDelegation() {
	var all []string
	for _, p := range l.cfg.Service.Principals {
		for _, a := range p.Addresses {
			all = append(all, strings.ToLower(a.Value))
		}
		if p.Notes != nil && p.Notes.To.Value != "" {
			all = append(all, strings.ToLower(p.Notes.To.Value))
		}
	}
	for _, a := range l.cfg.Service.Accounts {
		if a.Google == nil || a.Google.OAuth.Grant != "service_account" || a.Google.User.Value == "" {
			continue
		}
		if user := a.Google.User; !slices.Contains(all, strings.ToLower(user.Value)) {
			l.out.add(Error{Pos: user.Pos, Problem: fmt.Sprintf("the service account would act for %s, whom no principal names", clip(user.Value)),
				Hint: "write it among addresses: of the principal whose calendar this is, or as to: of the notes"})
		}
	}
}
