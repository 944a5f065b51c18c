package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones must not depend on what the machine has installed

	"go.yaml.in/yaml/v4"
)

func (l *loader) principals(f *file, n *yaml.Node) {
	f.each(n, "- name: ...", func(n *yaml.Node) {
		b, ok := f.block(n, "a principal", "name", "title", "zone", "hours", "addresses", "calendars", "holds", "notes", "mail", "billing")
		if !ok {
			return
		}
		var p Principal
		named := false
		if n := b.need("name", "general-counsel"); n != nil {
			if p.Name, named = f.ownName(n, "a principal"); named {
				named = l.define(f, "principal", p.Name)
			}
		}
		if n := b.get("title"); n != nil {
			p.Title, _ = f.text(n)
		}
		if n := b.need("zone", "America/New_York"); n != nil {
			p.Zone = f.zone(n)
		}
		p.Hours = f.hours(b.get("hours"))
		if n := b.get("addresses"); n != nil {
			ts, _ := f.texts(n, "[gc@firm.example]")
			for _, t := range ts {
				if a, ok := f.address(t); ok {
					p.Addresses = append(p.Addresses, a)
				}
			}
		}
		if n := b.get("calendars"); n != nil {
			ts, _ := f.texts(n, "[gc-cal/work]")
			for _, t := range ts {
				if l.calendarExists(f, t) {
					p.Calendars = append(p.Calendars, t)
				}
			}
		}
		if n := b.get("holds"); n != nil {
			if t, ok := f.text(n); ok && l.calendarExists(f, t) {
				p.Holds = t
			}
		}
		if n := b.get("notes"); n != nil {
			p.Notes = l.notes(f, n)
		}
		if n := b.get("mail"); n != nil {
			p.Mail = l.ownMail(f, n)
		}
		if n := b.get("billing"); n != nil {
			p.Billing = l.desk(f, n)
		}
		if named {
			l.cfg.Service.Principals = append(l.cfg.Service.Principals, p)
		}
	})
}

func (f *file) zone(n *yaml.Node) Text {
	t, ok := f.text(n)
	if !ok {
		return Text{}
	}
	// "Local" would make the same file mean two things on two machines.
	if _, err := time.LoadLocation(t.Value); err != nil || t.Value == "Local" || summerless(t.Value) {
		f.fail(t.Pos, fmt.Sprintf("%q is not a time zone", clip(t.Value)), zoneHint(t.Value))
		return Text{}
	}
	return t
}

// zoneHint knows what people write instead of an IANA name.
func zoneHint(s string) string {
	common := map[string]string{
		"est": "America/New_York", "edt": "America/New_York", "et": "America/New_York", "eastern standard time": "America/New_York",
		"cst": "America/Chicago", "cdt": "America/Chicago", "central standard time": "America/Chicago",
		"mst": "America/Denver", "mdt": "America/Denver", "mountain standard time": "America/Denver",
		"pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pacific standard time": "America/Los_Angeles",
		"bst": "Europe/London", "gmt standard time": "Europe/London", "cet": "Europe/Berlin", "cest": "Europe/Berlin",
		"w. europe standard time": "Europe/Berlin",
	}
	if name, ok := common[strings.ToLower(s)]; ok {
		return "write an IANA name: " + name
	}
	places := []string{"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Toronto", "America/Sao_Paulo",
		"Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Zurich", "Europe/Vienna", "Asia/Tokyo", "Asia/Singapore",
		"Asia/Hong_Kong", "Asia/Kolkata", "Asia/Dubai", "Australia/Sydney", "UTC"}
	for _, name := range places { // the city alone
		if _, city, _ := strings.Cut(name, "/"); strings.EqualFold(city, strings.ReplaceAll(s, " ", "_")) {
			return fmt.Sprintf("did you mean %q?", name)
		}
	}
	if name, ok := nearest(strings.ReplaceAll(s, " ", "_"), places); ok {
		return fmt.Sprintf("did you mean %q?", name)
	}
	return "write an IANA name such as America/New_York"
}

func (f *file) hours(n *yaml.Node) []Hours {
	if n == nil {
		h, _ := parseHours(DefaultHours)
		return []Hours{h}
	}
	var out []Hours
	ts, ok := f.texts(n, `["`+DefaultHours+`"]`)
	if ok && len(n.Content) == 0 {
		f.fail(f.at(n), "hours names no time", hoursHint)
	}
	for _, t := range ts {
		if h, err := parseHours(t.Value); err != nil {
			f.fail(t.Pos, err.Error(), hoursHint)
		} else {
			out = append(out, h)
		}
	}
	return out
}

// calendarExists checks a SourceID of a calendar.
func (l *loader) calendarExists(f *file, t Text) bool {
	var all []string
	for _, a := range l.cfg.Service.Accounts {
		for _, c := range a.Calendars() {
			all = append(all, a.Name.Value+"/"+c.Name.Value)
			if all[len(all)-1] == t.Value {
				return true
			}
		}
	}
	hint := meant(t.Value, "calendars", all)
	if !strings.Contains(t.Value, "/") {
		hint = "a calendar is written account/calendar"
	}
	// An account that could not be read has been told; its calendars need not be.
	if name, _, _ := strings.Cut(t.Value, "/"); l.words["account "+name].Line > 0 && !l.hasAccount(name) {
		return false
	}
	f.fail(t.Pos, fmt.Sprintf("there is no calendar %q", clip(t.Value)), hint)
	return false
}

func (l *loader) hasAccount(name string) bool {
	return slices.ContainsFunc(l.cfg.Service.Accounts, func(a Account) bool { return a.Name.Value == name })
}

func (l *loader) notes(f *file, n *yaml.Node) *Notes {
	b, ok := f.block(n, "notes", "account", "mailbox", "to")
	if !ok {
		return nil
	}
	notes := &Notes{Mailbox: []string{DefaultMailbox}}
	if n := b.need("account", "the account the assistant reads"); n != nil {
		if t, ok := f.text(n); ok && l.mailAccount(f, t) {
			notes.Account = t
		}
	}
	if n := b.get("mailbox"); n != nil {
		if t, ok := f.text(n); ok {
			if problem := pathProblem(t.Value); problem != "" {
				f.fail(t.Pos, problem, "write for example INBOX or Notes/Conflicts")
			} else {
				notes.Mailbox = strings.Split(t.Value, "/")
			}
		}
	}
	if n := b.need("to", "pa@firm.example"); n != nil {
		if t, ok := f.text(n); ok {
			notes.To, _ = f.address(t)
		}
	}
	return notes
}

func (l *loader) mailAccount(f *file, t Text) bool {
	// Accounts that could not be read have been told.
	if l.words["account "+t.Value].Line > 0 && !l.hasAccount(t.Value) || len(l.cfg.Service.Accounts) == 0 {
		return false
	}
	var all []string
	for _, a := range l.cfg.Service.Accounts {
		if a.Name.Value == t.Value && a.IMAP == nil {
			f.fail(t.Pos, fmt.Sprintf("account %q holds no mail", t.Value), "only imap accounts do")
			return false
		}
		if a.IMAP != nil {
			all = append(all, a.Name.Value)
			if a.Name.Value == t.Value {
				return true
			}
		}
	}
	f.fail(t.Pos, fmt.Sprintf("there is no account %q", clip(t.Value)), meant(t.Value, "mail accounts", all))
	return false
}

// ownMail reads the mail accounts that are a principal's own: it is this
// principal's assistant whom notes about their mail go to.
func (l *loader) ownMail(f *file, n *yaml.Node) []Text {
	ts, ok := f.texts(n, "[gc-mail]")
	if ok && len(n.Content) == 0 {
		f.fail(f.at(n), "mail names no account", "delete the key")
	}
	var out []Text
	for _, t := range ts {
		if !l.mailAccount(f, t) {
			continue
		}
		if first, dup := l.words["desk "+t.Value]; dup {
			f.fail(t.Pos, fmt.Sprintf("account %q has a principal already", t.Value), "first at "+first.String())
			continue
		}
		l.words["desk "+t.Value] = t.Pos
		out = append(out, t)
	}
	return out
}
