package google

import (
	"cmp"
	"context"
	"encoding/json"
	"regexp"

	"google.golang.org/api/calendar/v3"

	"chancery/connectors"
	"chancery/internal/ical"
)

// safeID reports whether an id may become part of a path: Google's own have
// base32hex, an underscore and a time.
func safeID(id string) bool { return len(id) <= maxID && idForm.MatchString(id) }

var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// again reads a whole family, of which a listing told only what changed.
func (s *Source) again(ctx context.Context, st *stage, key string, told []member) ([]member, error) {
	old, had := st.baseItem(key)
	uid := cmp.Or(uidOf(told), old.uid)
	if uid == "" {
		// A cancelled exception need not have more than ids: its parent knows.
		e, err := s.get(ctx, key)
		switch {
		case err != nil:
			return nil, err
		case e != nil && e.ICalUID != "":
			uid = e.ICalUID
		case had:
			// There may be more of it, and nobody says how it is called.
			return nil, connectors.ErrCursorExpired
		default:
			return told, nil
		}
	}
	return s.relatives(ctx, key, uid)
}

// relatives lists the family key by the UID that all of it shares. Cancelled
// exceptions of a living series are listed without being asked for.
func (s *Source) relatives(ctx context.Context, key, uid string) ([]member, error) {
	q := s.query()
	q.Set("iCalUID", uid)
	var k kin
	_, err := s.pages(ctx, q, func(raw json.RawMessage) int {
		m := readMember(raw, s.o.Sign)
		if m.family() != key {
			return 0
		}
		k.put(m)
		return m.size()
	})
	return k.members, err
}

// get reads one event, also one that was deleted; nil if there is none.
func (s *Source) get(ctx context.Context, id string) (*calendar.Event, error) {
	if !safeID(id) {
		return nil, nil
	}
	e, err := s.api.Events.Get(s.calendar, id).MaxAttendees(ical.MaxAttendees).Context(ctx).Do()
	switch code := status(err); {
	case code == 404 || code == 410:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return e, nil
}
