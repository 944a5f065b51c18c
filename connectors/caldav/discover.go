package caldav

import (
	"context"
	"net/http"
	"slices"
	"strings"

	webdav "github.com/emersion/go-webdav/caldav"

	"chancery/connectors"
)

// found is a calendar of the account.
type found struct {
	path, name string
	events     bool // may hold VEVENT (RFC 4791 section 5.2.3)
}

const describeBody = `<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"><prop><resourcetype/><displayname/><sync-token/><S:getctag/><C:supported-calendar-component-set/></prop></propfind>`

// find sets the calendar path and learns what the server can do. If the URL is a
// calendar itself, it is the one, unless the account has one of the wanted name
// or may be given one: several calendars may be configured under one URL.
func (s *Source) find(ctx context.Context) error {
	direct, name, err := s.describe(ctx, s.c.base.EscapedPath())
	if connectorAuth(err) || direct && (s.o.Match == "" || s.o.Match == name || s.o.Match == lastSegment(s.calendar)) {
		return err
	}
	asked, calendar, sync := s.asked, s.calendar, s.sync
	path, err := s.search(ctx)
	if err == nil && path != "" {
		var ok bool
		if ok, _, err = s.describe(ctx, path); err == nil && ok {
			return nil
		}
	}
	if direct && !s.o.Create && !connectorAuth(err) {
		s.asked, s.calendar, s.sync = asked, calendar, sync
		return nil
	}
	if err == nil {
		err = misconfigured("no-calendar", nil)
	}
	return err
}

// search returns the calendar of the wanted name, made if need be; "" if there is
// none.
func (s *Source) search(ctx context.Context) (string, error) {
	homes, err := s.homes(ctx)
	if err != nil {
		return "", err
	}
	var calendars []found
	for _, home := range homes {
		more, err := s.calendars(ctx, home)
		if err != nil {
			return "", err
		}
		for _, cal := range more { // one home may lie in another
			if !slices.ContainsFunc(calendars, func(f found) bool { return f.path == cal.path }) {
				calendars = append(calendars, cal)
			}
		}
	}
	path, err := choose(calendars, s.o.Match)
	if err != nil || path != "" || !s.o.Create || s.o.ReadOnly {
		return path, err
	}
	return s.create(ctx, homes[0])
}

// connectorAuth reports errors that no other path will mend.
func connectorAuth(err error) bool {
	if err == nil {
		return false
	}
	switch status(err) {
	case http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	}
	class, code := connectors.Classify(failed(err))
	switch {
	case status(err) != 0:
		return false
	case class == connectors.Network, class == connectors.Auth, class == connectors.Throttled:
		return true
	}
	return code == "foreign-origin" || code == "password" || code == "secret"
}

// describe reports whether path is a calendar, and takes it if so.
func (s *Source) describe(ctx context.Context, path string) (ok bool, name string, err error) {
	ms, err := s.c.query(ctx, "PROPFIND", path, "0", describeBody)
	if err != nil {
		return false, "", err
	}
	for _, r := range ms.responses {
		p := r.prop()
		if p.Type.Calendar == nil {
			continue
		}
		at, valid := s.c.collectionPath(ms.path)
		if !valid {
			continue
		}
		s.asked, s.calendar = ms.path, at
		// RFC 6578 section 4: whoever has a sync-token has the report.
		s.sync = strings.TrimSpace(p.Token) != ""
		return true, p.DisplayName, nil
	}
	return false, "", nil
}

// maxHomes bounds how many homes of an account are looked at.
const maxHomes = 10

const homeBody = `<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><current-user-principal/><C:calendar-home-set/></prop></propfind>`

// homes finds the calendar homes (RFC 4791 section 6.2.1): from the configured
// path, from the well-known one (RFC 6764 section 5), from the root. A server may
// also name them at the configured path itself.
func (s *Source) homes(ctx context.Context) ([]string, error) {
	var first error
	for _, at := range []string{s.c.base.EscapedPath(), "/.well-known/caldav", "/"} {
		homes, principal, err := s.homesAt(ctx, at)
		if err == nil && len(homes) == 0 && principal != "" {
			homes, _, err = s.homesAt(ctx, principal)
		}
		if len(homes) > 0 {
			return homes, nil
		}
		if connectorAuth(err) {
			return nil, err
		}
		if first == nil {
			first = err
		}
	}
	if _, code := connectors.Classify(failed(first)); status(first) == http.StatusForbidden || strings.HasPrefix(code, "xml-") {
		return nil, first
	}
	return nil, misconfigured("no-home", first)
}

// homesAt reads the homes and the principal that one path names. A home on another
// host is left out; if there is no other, it is an error that says so.
func (s *Source) homesAt(ctx context.Context, at string) (homes []string, principal string, err error) {
	ms, err := s.c.query(ctx, "PROPFIND", at, "0", homeBody)
	if err != nil {
		return nil, "", err
	}
	var foreign error
	path := func(href string) (string, bool) {
		u, err := s.c.resolve(s.c.base, strings.TrimSpace(href))
		if err != nil {
			if foreign == nil {
				foreign = err
			}
			return "", false
		}
		return u.EscapedPath(), true
	}
	for _, r := range ms.responses {
		p := r.prop()
		for _, h := range p.Home.Href {
			if home, ok := path(h); ok && !slices.Contains(homes, home) && len(homes) < maxHomes {
				homes = append(homes, home)
			}
		}
		for _, h := range p.Principal.Href {
			if at, ok := path(h); ok && principal == "" {
				principal = at
			}
		}
	}
	if len(homes) == 0 && principal == "" && foreign != nil {
		return nil, "", foreign
	}
	return homes, principal, nil
}

// calendars lists the calendars of a home by go-webdav; where one odd entry makes
// it fail, by our own reading.
func (s *Source) calendars(ctx context.Context, home string) ([]found, error) {
	dav, err := webdav.NewClient(s.c, s.c.base.String())
	if err != nil {
		return nil, misconfigured("bad-url", err)
	}
	var out []found
	list, err := dav.FindCalendars(ctx, unescapePath(home))
	if err == nil {
		for _, cal := range list {
			if path, ok := s.c.hrefPath(escapePath(cal.Path)); ok {
				events := len(cal.SupportedComponentSet) == 0 || slices.Contains(cal.SupportedComponentSet, "VEVENT")
				out = append(out, found{path, cal.Name, events})
			}
		}
		return out, nil
	}
	ms, err := s.c.query(ctx, "PROPFIND", home, "1", describeBody)
	if err != nil {
		return nil, err
	}
	for _, r := range ms.responses {
		p := r.prop()
		path, ok := s.c.hrefPath(r.Href)
		if !ok || p.Type.Calendar == nil {
			continue
		}
		events := len(p.Components.Comp) == 0
		for _, c := range p.Components.Comp {
			events = events || strings.EqualFold(c.Name, "VEVENT")
		}
		out = append(out, found{path, p.DisplayName, events})
	}
	return out, nil
}

// choose finds the calendar by its display name, else by its last path segment;
// "" if there is none.
func choose(list []found, match string) (string, error) {
	for _, same := range []func(found) bool{
		func(f found) bool { return f.name == match },
		func(f found) bool { return lastSegment(f.path) == match },
		func(f found) bool { return strings.EqualFold(strings.TrimSpace(f.name), strings.TrimSpace(match)) },
	} {
		var hits []string
		for _, f := range list {
			if f.events && same(f) {
				hits = append(hits, f.path)
			}
		}
		switch {
		case len(hits) > 1:
			return "", misconfigured("ambiguous-calendar", nil)
		case len(hits) == 1:
			return hits[0], nil
		}
	}
	return "", nil
}
