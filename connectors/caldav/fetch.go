package caldav

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"chancery/internal/ical"
	"chancery/internal/model"
)

const (
	multigetSize = 50      // bodies that are asked for at once
	maxObject    = 2 << 20 // octets of one that is asked for alone: many of them are held at once
)

// body is one fetched object.
type body struct {
	etag     string
	schedule string // Schedule-Tag, of a GET
	data     []byte
	status   int // why there is no data; 0 if there is
}

// bodies fetches objects by calendar-multiget (RFC 4791 section 7.9). What the
// report does not give is asked for alone; only a failure of the connection or of
// the credentials fails the call.
func (s *Source) bodies(ctx context.Context, paths []string) (map[string]body, error) {
	out := map[string]body{}
	var q strings.Builder
	q.WriteString(`<?xml version="1.0" encoding="utf-8"?><C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop>`)
	for _, p := range paths {
		q.WriteString("<href>" + escapeXML(p) + "</href>")
	}
	q.WriteString("</C:calendar-multiget>")
	ms, err := s.c.query(ctx, "REPORT", s.asked, "1", q.String())
	switch {
	case err == nil:
		for _, r := range ms.responses {
			path, ok := s.member(r.Href)
			if p := r.prop(); ok && p.Data != nil && *p.Data != "" && slices.Contains(paths, path) {
				out[path] = body{etag: opaque(p.ETag), data: []byte(*p.Data)}
			}
		}
	case fatal(err):
		return nil, err
	}
	for _, path := range paths {
		if _, ok := out[path]; ok {
			continue
		}
		got, err := s.get(ctx, path)
		if err != nil {
			return nil, err
		}
		out[path] = got
	}
	return out, nil
}

// fatal reports an error that concerns the calendar and not one object.
func fatal(err error) bool {
	if err == nil {
		return false
	}
	if status(err) != 0 {
		return connectorAuth(err)
	}
	return !isProtocol(err)
}

// get fetches one object. An object that cannot be had is a body with a status.
func (s *Source) get(ctx context.Context, path string) (body, error) {
	// Uncompressed: Cyrus, and nginx before any server, weaken the ETag of what they
	// compress, and a weak one is no condition (RFC 9110 section 8.8.1).
	r, err := s.c.do(ctx, http.MethodGet, path, map[string]string{"Accept": "text/calendar", "Accept-Encoding": "identity"}, nil, maxObject)
	switch {
	case err == nil:
		return body{etag: opaque(r.header.Get("ETag")), schedule: opaque(r.header.Get("Schedule-Tag")), data: r.body}, nil
	case fatal(err):
		return body{}, err
	case status(err) == 0:
		return body{status: -1}, nil
	}
	return body{status: status(err)}, nil
}

// changes turns one fetched object into what is reported of it, and notes it in
// the listing that is being built.
func (s *Source) changes(st *stage, path string, got body) []model.Change {
	var old item
	if st.base != nil {
		old = st.base.items[path]
	}
	ref := model.Ref{Source: s.o.Source, Href: model.Name(path)}
	if got.status != 0 {
		return s.unfetched(st, path, old, ref, got.status)
	}
	version := got.etag
	if version == "" {
		version = st.etags[path]
	}
	if version == "" {
		version = "digest:" + ical.Digest(got.data)
		if !st.whole && version == old.version && !old.missing {
			return nil
		}
	}
	ref.Version = version
	read, f := ical.Read(got.data, s.o.Sign)
	series := read.Series
	it := item{version: version, ident: ical.Ident(series.UID, path), reported: true}
	c := model.Change{Op: model.Put, Ref: ref, Ident: it.ident}
	switch {
	case f != nil:
		if old.ident != "" {
			it.ident = old.ident
		}
		c = model.Change{Op: model.Unreadable, Ref: ref, Ident: it.ident, Fault: f}
	case series.Master == nil && len(series.Overrides) == 0:
		st.next.items[path] = item{version: version}
		if old.reported && !st.whole {
			return []model.Change{s.gone(path, old.ident)}
		}
		return nil
	default:
		c.Event = &model.Event{Ref: ref, Ident: it.ident, Own: read.Own, Tagged: read.Tagged, Problems: read.Problems, Body: model.Hide(series)}
	}
	st.next.items[path] = it
	return []model.Change{c}
}

// unfetched reports an object that is listed but cannot be had. Missing once may
// be a race with a deletion: it is asked for again, and gone if still missing.
func (s *Source) unfetched(st *stage, path string, old item, ref model.Ref, code int) []model.Change {
	vanished := code == http.StatusNotFound || code == http.StatusGone
	if vanished && old.missing && !st.whole {
		delete(st.next.items, path)
		return []model.Change{s.gone(path, old.ident)}
	}
	it := item{version: st.etags[path], ident: old.ident, reported: true, missing: true}
	if it.ident == "" {
		it.ident = ical.Ident("", path)
	}
	st.next.items[path] = it
	fault := "fetch-missing"
	switch {
	case code < 0:
		fault = "fetch-failed"
	case !vanished:
		fault = "fetch-" + strconv.Itoa(code)
	}
	return []model.Change{{Op: model.Unreadable, Ref: ref, Ident: it.ident, Fault: &model.Fault{Code: fault}}}
}
