package config

import (
	"net/netip"
	"strings"

	"go.yaml.in/yaml/v4"
)

func (l *loader) caldav(f *file, n *yaml.Node) *CalDAV {
	c := &CalDAV{Pos: f.at(n), Poll: DefaultCalendarPoll}
	b, ok := f.block(n, "caldav", "url", "hosts", "ca_file", "user", "auth", "oauth", "password", "calendars", "poll")
	if !ok {
		return nil
	}
	host := ""
	if n := b.need("url", "https://calendar.firm.example/"); n != nil {
		host = f.calendarServer(n, c)
	}
	f.hosts(b, c)
	f.login(b, &c.CAFile, &c.User)
	how := f.credentials(b, "add auth: bearer", "bearer")
	c.Auth, c.Password, c.OAuth = how.Auth, how.Password, how.OAuth
	f.poll(b, host, &c.Poll)
	if n := b.need("calendars", "[work]"); n != nil {
		c.Calendars = f.calendars(n)
	}
	return c
}

// calendarServer reads a URL, or the name of a domain whose DNS says where its
// calendars are.
func (f *file) calendarServer(n *yaml.Node, c *CalDAV) (host string) {
	const example = "https://calendar.firm.example/"
	if v := target(n); v.Kind != yaml.ScalarNode || strings.Contains(v.Value, "/") || hostOrIP(v.Value) {
		c.URL, host = f.url(n, "a calendar server", example)
		return host
	}
	c.URL, _ = f.host(n)
	return c.URL.Value
}

// hostOrIP reports what cannot be a domain that is looked up.
func hostOrIP(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || !strings.Contains(s, ".")
}

// hosts reads which hosts beside those of the domain DNS may name.
func (f *file) hosts(b block, c *CalDAV) {
	n := b.get("hosts")
	if n == nil {
		return
	}
	f.each(n, "[calendar.provider.example]", func(n *yaml.Node) {
		if t, ok := f.host(n); ok {
			c.Hosts = append(c.Hosts, t)
		}
	})
	if strings.Contains(c.URL.Value, "://") {
		f.fail(f.at(n), "hosts is set, but url names the server itself", "delete this key, or write the domain alone as url:")
	}
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
