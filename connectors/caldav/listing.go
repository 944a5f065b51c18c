package caldav

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"chancery/connectors"
	"chancery/internal/model"
)

// listing is what the calendar held at a cursor.
type listing struct {
	cursor connectors.Cursor
	ctag   string
	items  map[string]item // by path
	before int             // objects there were, of a cursor whose listing is not in memory
	partly bool            // not all of them are in items: of such a cursor, and of what follows it
}

// item is one object as it was last reported.
type item struct {
	version  string // ETag as it came, or "digest:..." where the server has none
	ident    model.Ident
	reported bool // as an event, or as unreadable
	missing  bool // listed, but could not be fetched: ask again
}

// delta is what a server says of its calendar: all of it, or what changed.
type delta struct {
	whole   bool
	changed map[string]string // path to ETag, "" if unknown
	gone    []string
	token   string
	ctag    string
}

const (
	syncPrefix  = "s:"
	listPrefix  = "l:"
	stagePrefix = "p:"
)

// Bounds of one sync report: a server that always has another page is not believed.
const (
	maxPages   = 10_000
	maxObjects = 500_000 // over all pages
	maxToken   = 8 << 10 // octets
)

// syncReport asks what changed since token, page by page (RFC 6578 sections 3.2
// and 3.6).
func (s *Source) syncReport(ctx context.Context, token string) (*delta, error) {
	d := &delta{whole: token == "", changed: map[string]string{}}
	gone := map[string]bool{}
	for range maxPages {
		ms, err := s.c.query(ctx, "REPORT", s.asked, "0",
			`<?xml version="1.0" encoding="utf-8"?><sync-collection xmlns="DAV:"><sync-token>`+escapeXML(token)+
				`</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>`)
		if err != nil {
			return nil, err
		}
		more, known := false, len(d.changed)+len(gone)
		for _, r := range ms.responses {
			path, ok := s.member(r.Href)
			switch code := r.code(); {
			case code == http.StatusInsufficientStorage:
				more = true // RFC 6578 section 3.6: the rest is on the next page
			case !ok:
			case code == http.StatusNotFound || code == http.StatusGone:
				delete(d.changed, path)
				gone[path] = true
			default:
				delete(gone, path)
				d.changed[path] = opaque(r.prop().ETag)
			}
		}
		switch {
		case ms.token == "", len(ms.token) > maxToken, more && ms.token == token:
			return nil, protocol("sync-token")
		case more && len(d.changed)+len(gone) == known:
			return nil, protocol("sync-pages") // it says that there is more and tells nothing new
		case len(d.changed)+len(gone) > maxObjects:
			return nil, protocol("too-many-objects")
		}
		if token = ms.token; !more {
			d.token, d.gone = token, slices.Sorted(maps.Keys(gone))
			return d, nil
		}
	}
	return nil, protocol("sync-pages")
}

const (
	tagBody  = `<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:" xmlns:S="http://calendarserver.org/ns/"><prop><S:getctag/></prop></propfind>`
	listBody = `<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>`
)

// list reads all ETags. The ctag is read before them, so that a change in between
// is seen again, not missed. A nil delta says that since still holds.
func (s *Source) list(ctx context.Context, since *listing) (*delta, error) {
	d := &delta{whole: true, changed: map[string]string{}}
	ms, err := s.c.query(ctx, "PROPFIND", s.asked, "0", tagBody)
	if err != nil {
		return nil, err
	}
	for _, r := range ms.responses {
		d.ctag = strings.TrimSpace(r.prop().CTag)
	}
	if since != nil && d.ctag != "" && d.ctag == since.ctag {
		return nil, nil
	}
	if ms, err = s.c.query(ctx, "PROPFIND", s.asked, "1", listBody); err != nil {
		return nil, err
	}
	for _, r := range ms.responses {
		code, p := r.code(), r.prop()
		if code == http.StatusInsufficientStorage {
			return nil, protocol("listing-cut")
		}
		path, ok := s.member(r.Href)
		if !ok || p.Type.Collection != nil || code == http.StatusNotFound || code == http.StatusGone {
			continue
		}
		d.changed[path] = opaque(p.ETag)
	}
	return d, nil
}

// read asks the server for what changed since base, or for everything.
func (s *Source) read(ctx context.Context, base *listing, whole bool) (*delta, error) {
	if s.sync {
		token := ""
		if !whole {
			token = strings.TrimPrefix(connectors.Uncounted(base.cursor), syncPrefix)
		}
		quiet, now, err := s.lull(ctx, token)
		if quiet || err != nil {
			return nil, err
		}
		d, err := s.syncReport(ctx, token)
		if err == nil {
			s.expired, s.calm = 0, now
			s.calm.token = d.token
			return d, nil
		}
		if refused := status(err); refused == 0 || connectorAuth(err) {
			return nil, err
		}
		if !whole {
			// RFC 6578 section 3.2 wants 403 with valid-sync-token; Xandikos answers
			// 500. A server that refuses twice in a row is not asked again.
			if s.expired++; s.expired > 1 {
				s.sync = false
			}
			return nil, connectors.ErrCursorExpired
		}
		s.sync = false
	}
	if whole {
		return s.list(ctx, nil)
	}
	return s.list(ctx, base)
}
