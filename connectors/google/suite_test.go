package google

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
)

// options opens the principal's own calendar of a fake.
func options(g *connectortest.Google) Options {
	return Options{
		Source: "firm/work", URL: g.URL, User: g.Self, Poll: time.Hour, Sign: connectortest.CalendarSign,
		Token: func(context.Context) (string, error) { return "token", nil },
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

// human writes objects of iCalendar into the fake and remembers which UID is
// meant by which id: Google never changes the one it gave.
type human struct {
	g  *connectortest.Google
	id map[string]string // by the person's name for it
	as map[string]string // UID by id
}

func (p *human) uid(t testing.TB, id string) string {
	if uid := p.as[id]; uid != "" {
		return uid
	}
	e := p.g.Event(t, p.g.Self, id)
	if x, ok := e["extendedProperties"].(map[string]any); ok {
		private, _ := x["private"].(map[string]any)
		text, _ := private["chancery"].(string)
		if fields := strings.Split(text, "."); len(fields) == 6 {
			uid, _ := base64.RawURLEncoding.DecodeString(fields[1])
			return string(uid)
		}
	}
	uid, _ := e["iCalUID"].(string)
	return uid
}

func (p *human) put(t testing.TB, id string, ics []byte) {
	p.g.PutICS(t, p.g.Self, id, ics)
	for line := range strings.Lines(string(ics)) {
		if uid, ok := strings.CutPrefix(strings.TrimSpace(line), "UID:"); ok {
			p.as[id] = uid
		}
	}
}

// environment gives the suite a calendar and a person.
func environment(g *connectortest.Google, o Options) connectortest.CalendarEnv {
	p := &human{g: g, id: map[string]string{}, as: map[string]string{}}
	made := 0
	return connectortest.CalendarEnv{
		Source: o.Source,
		Open:   func(t testing.TB) connectors.Source { return mustOpen(t, o) },
		Put: func(t testing.TB, name string, ics []byte) {
			if p.id[name] == "" || g.Event(t, g.Self, p.id[name]) == nil {
				made++
				p.id[name] = eventID(name + strings.Repeat("+", made))
			}
			p.put(t, p.id[name], ics)
		},
		Delete: func(t testing.TB, name string) { g.PersonDelete(t, g.Self, p.id[name]) },
		Objects: func(t testing.TB) map[string][]byte {
			out := map[string][]byte{}
			for _, id := range g.Events(t, g.Self) {
				uid := p.uid(t, id)
				out[uid] = g.ICS(t, g.Self, id, uid)
			}
			return out
		},
		Overwrite: func(t testing.TB, href string, ics []byte) {
			if ics == nil {
				g.PersonDelete(t, g.Self, href)
			} else {
				p.put(t, href, ics)
			}
		},
		Poison: func(t testing.TB, name string, mend []byte) string {
			id := eventID(name)
			if mend != nil {
				p.put(t, id, mend)
				return ""
			}
			g.PersonRaw(t, g.Self, `{"id":"`+id+`","status":"confirmed","iCalUID":7,"start":[1],"etag":"\"1\""}`)
			return "event-json"
		},
	}
}

func TestGoogle(t *testing.T) {
	for _, knobs := range []struct {
		name string
		turn func(g *connectortest.Google)
	}{
		{"large pages", func(*connectortest.Google) {}},
		{"small pages, some empty", func(g *connectortest.Google) { g.PageSize, g.EmptyPages = 2, true }},
	} {
		t.Run(knobs.name, func(t *testing.T) {
			connectortest.Calendar(t, func(t *testing.T) connectortest.CalendarEnv {
				g := connectortest.NewGoogle(t)
				knobs.turn(g)
				t.Cleanup(func() { quiet(t, g) })
				return environment(g, options(g))
			})
		})
	}
}

// quiet checks what must hold after every test: nobody was mailed, and every write
// to something that stood was conditional.
func quiet(t *testing.T, g *connectortest.Google) {
	if m := g.Mails(); len(m) > 0 {
		t.Errorf("%d mails were sent", len(m))
	}
	for _, c := range g.Calls() {
		if (c.Method == http.MethodPut || c.Method == http.MethodPatch || c.Method == http.MethodDelete) && (c.IfMatch == "" || c.Query.Get("sendUpdates") != "none") {
			t.Errorf("%s with If-Match %q, sendUpdates %q", c.Method, c.IfMatch, c.Query.Get("sendUpdates"))
		}
		if c.Agent != "chancery" || c.Query.Get("quotaUser") == "" || strings.Contains(c.Query.Get("quotaUser"), "firm") {
			t.Errorf("agent %q, quota user %q", c.Agent, c.Query.Get("quotaUser"))
		}
	}
}

var _ interface {
	FreeBusy(context.Context, []string, time.Time, time.Time) (map[string]model.FreeBusy, error)
} = (*Source)(nil)
