package config

import "go.yaml.in/yaml/v4"

func (l *loader) caldav(f *file, n *yaml.Node) *CalDAV {
	c := &CalDAV{Pos: f.at(n), Poll: DefaultCalendarPoll}
	b, ok := f.block(n, "caldav", "url", "ca_file", "user", "password", "calendars", "poll")
	if !ok {
		return nil
	}
	host := ""
	if n := b.need("url", "https://calendar.firm.example/"); n != nil {
		c.URL, host = f.url(n, "a calendar server", "https://calendar.firm.example/")
	}
	f.login(b, &c.CAFile, &c.User)
	if n := b.need("password", "{credential: name} or {file: secrets/name}"); n != nil {
		c.Password = f.secret(n)
	}
	f.poll(b, host, &c.Poll)
	if n := b.need("calendars", "[work]"); n != nil {
		c.Calendars = f.calendars(n)
	}
	return c
}

func (f *file) calendar(n *yaml.Node) (ref CalendarRef, ok bool) {
	if n.Kind == yaml.MappingNode {
		b, _ := f.block(n, "a calendar", "name", "match", "create")
		name := b.need("name", "a word of yours")
		if name == nil {
			return ref, false
		}
		ref.Name, ok = f.ownName(name, "a calendar")
		if m := b.get("match"); m != nil {
			t, _ := f.text(m)
			ref.Match = t.Value
		}
		ref.Create = f.flag(b.get("create"))
	} else {
		ref.Name, ok = f.ownName(n, "a calendar")
	}
	if ref.Match == "" {
		ref.Match = ref.Name.Value
	}
	return ref, ok
}
