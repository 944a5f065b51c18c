package caldav

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// create makes the calendar under home: by MKCALENDAR (RFC 4791 section 5.3.1),
// or by extended MKCOL (RFC 5689 section 3) where that is all there is.
func (s *Source) create(ctx context.Context, home string) (string, error) {
	home, ok := s.c.collectionPath(home)
	if !ok {
		return "", misconfigured("no-home", nil)
	}
	path := home + url.PathEscape(slug(s.o.Match)) + "/"
	name := escapeXML(s.o.Match)
	header := map[string]string{"Content-Type": "application/xml; charset=utf-8"}
	body := `<?xml version="1.0" encoding="utf-8"?><C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop><displayname>` + name +
		`</displayname><C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set></prop></set></C:mkcalendar>`
	_, err := s.c.do(ctx, "MKCALENDAR", path, header, []byte(body), maxDiscovery)
	switch status(err) {
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType, http.StatusNotImplemented:
		body = `<?xml version="1.0" encoding="utf-8"?><mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop><resourcetype><collection/><C:calendar/></resourcetype><displayname>` + name +
			`</displayname></prop></set></mkcol>`
		_, err = s.c.do(ctx, "MKCOL", path, header, []byte(body), maxDiscovery)
	}
	if err == nil {
		return path, nil
	}
	// The answer to an earlier try may have been lost: then it is there now.
	if ok, _, _ := s.describe(ctx, path); ok {
		return path, nil
	}
	return "", misconfigured("create-calendar", err)
}

// slug makes a path segment every server accepts.
func slug(name string) string {
	s := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return '-'
	}, name)
	if s = strings.Trim(s, "-"); s == "" {
		return "chancery"
	}
	return s[:min(len(s), 60)]
}

func escapePath(p string) string   { return (&url.URL{Path: p}).EscapedPath() }
func unescapePath(p string) string { s, _ := url.PathUnescape(p); return s }
