package caldav

import (
	"net/url"
	"strings"
)

// hrefPath returns the path of an href in the one spelling we compare and send:
// servers escape the same path differently in different answers. ok is false for
// an href of another origin.
func (c *client) hrefPath(href string) (string, bool) {
	u, err := c.resolve(c.base, strings.TrimSpace(href))
	if err != nil {
		return "", false
	}
	segments := strings.Split(u.EscapedPath(), "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil || plain == "." || plain == ".." { // written %2e%2e: it would lead elsewhere when it is sent
			return "", false
		}
		segments[i] = url.PathEscape(plain)
	}
	return strings.Join(segments, "/"), true
}

// collectionPath is hrefPath with a slash at the end.
func (c *client) collectionPath(href string) (string, bool) {
	p, ok := c.hrefPath(href)
	if ok && !strings.HasSuffix(p, "/") {
		p += "/"
	}
	return p, ok
}

// member returns the path of an object that lies directly in the calendar; what a
// server reports beyond that was not asked for.
func (s *Source) member(href string) (string, bool) {
	p, ok := s.c.hrefPath(href)
	if !ok {
		return "", false
	}
	name, ok := strings.CutPrefix(p, s.calendar)
	return p, ok && name != "" && !strings.Contains(name, "/")
}

// lastSegment returns the unescaped name of a collection.
func lastSegment(path string) string {
	path = strings.TrimSuffix(path, "/")
	name, err := url.PathUnescape(path[strings.LastIndexByte(path, '/')+1:])
	if err != nil {
		return ""
	}
	return name
}
