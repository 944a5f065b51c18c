package caldav

import (
	"context"
	"net/url"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/ical"
	"chancery/internal/servertest"
)

// options opens the calendar called Work of a real server.
func options(d *servertest.DAV) Options {
	return Options{
		Source: "firm/work", URL: d.URL, User: d.User, Match: "Work", Poll: time.Hour, Sign: connectortest.CalendarSign,
		Password: func(context.Context) (string, error) { return d.Password, nil },
	}
}

func mustOpen(t testing.TB, o Options) *Source {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// environment gives the suite a new calendar and a second client.
func environment(d *servertest.DAV, path string, o Options) connectortest.CalendarEnv {
	name := func(s string) string { return path + url.PathEscape(s) + ".ics" }
	return connectortest.CalendarEnv{
		Source: o.Source,
		Open:   func(t testing.TB) connectors.Source { return mustOpen(t, o) },
		Put:    func(_ testing.TB, s string, ics []byte) { d.Put(name(s), ics) },
		Delete: func(_ testing.TB, s string) { d.Delete(name(s)) },
		Objects: func(t testing.TB) map[string][]byte {
			out := map[string][]byte{}
			for _, p := range d.List(path) {
				data, _ := d.Get(p)
				s, _, _, f := ical.Parse(data, nil)
				if f != nil {
					t.Fatalf("object: %v", f)
				}
				out[s.UID] = data
			}
			return out
		},
		Overwrite: func(_ testing.TB, href string, ics []byte) {
			if ics == nil {
				d.Delete(href)
			} else {
				d.Put(href, ics)
			}
		},
	}
}

func TestRadicale(t *testing.T) {
	connectortest.Calendar(t, func(t *testing.T) connectortest.CalendarEnv {
		d := servertest.Radicale(t)
		return environment(d, d.MakeCalendar("Work"), options(d))
	})
}

func TestXandikos(t *testing.T) {
	connectortest.Calendar(t, func(t *testing.T) connectortest.CalendarEnv {
		d := servertest.Xandikos(t)
		return environment(d, d.MakeCalendar("Work"), options(d))
	})
}

func TestCyrus(t *testing.T) {
	connectortest.Calendar(t, func(t *testing.T) connectortest.CalendarEnv {
		d := servertest.Cyrus(t)
		return environment(d.DAV, d.MakeCalendar("Work"), options(d.DAV))
	})
}
