package caldav

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	goical "github.com/emersion/go-ical"
	"github.com/emersion/go-webdav"
	webdavcal "github.com/emersion/go-webdav/caldav"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/ical"
)

// memory is a backend for the server half of go-webdav: a third server, without
// sync-collection, without ctag and without If-Match on DELETE.
type memory struct {
	mu      sync.Mutex
	made    []webdavcal.Calendar
	objects map[string]*goical.Calendar
}

const memoryHome = "/assistant/calendars/"

func newMemory() *memory {
	return &memory{
		made:    []webdavcal.Calendar{{Path: memoryHome + "work", Name: "Work", SupportedComponentSet: []string{"VEVENT"}}},
		objects: map[string]*goical.Calendar{},
	}
}

func notFound() error {
	return webdav.NewHTTPError(http.StatusNotFound, errors.New("not there"))
}

func (m *memory) CurrentUserPrincipal(context.Context) (string, error) { return "/assistant/", nil }
func (m *memory) CalendarHomeSetPath(context.Context) (string, error)  { return memoryHome, nil }

func (m *memory) CreateCalendar(_ context.Context, c *webdavcal.Calendar) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made = append(m.made, *c)
	return nil
}

func (m *memory) ListCalendars(context.Context) ([]webdavcal.Calendar, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.made), nil
}

func (m *memory) GetCalendar(_ context.Context, path string) (*webdavcal.Calendar, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.made {
		if strings.TrimSuffix(c.Path, "/") == strings.TrimSuffix(path, "/") {
			return &c, nil
		}
	}
	return nil, notFound()
}

func (m *memory) object(path string) (*webdavcal.CalendarObject, error) {
	cal, ok := m.objects[path]
	if !ok {
		return nil, notFound()
	}
	return &webdavcal.CalendarObject{Path: path, Data: cal, ETag: etagOf(cal)}, nil
}

func etagOf(cal *goical.Calendar) string {
	var b bytes.Buffer
	_ = goical.NewEncoder(&b).Encode(cal)
	h := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(h[:8])
}

func (m *memory) GetCalendarObject(_ context.Context, path string, _ *webdavcal.CalendarCompRequest) (*webdavcal.CalendarObject, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.object(path)
}

func (m *memory) ListCalendarObjects(_ context.Context, path string, _ *webdavcal.CalendarCompRequest) ([]webdavcal.CalendarObject, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []webdavcal.CalendarObject
	for p := range m.objects {
		if o, err := m.object(p); err == nil && strings.HasPrefix(p, strings.TrimSuffix(path, "/")+"/") {
			out = append(out, *o)
		}
	}
	return out, nil
}

func (m *memory) QueryCalendarObjects(ctx context.Context, path string, _ *webdavcal.CalendarQuery) ([]webdavcal.CalendarObject, error) {
	return m.ListCalendarObjects(ctx, path, nil)
}

func (m *memory) PutCalendarObject(_ context.Context, path string, cal *goical.Calendar, o *webdavcal.PutCalendarObjectOptions) (*webdavcal.CalendarObject, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old, there := m.objects[path]
	failed := o.IfNoneMatch.IsWildcard() && there || o.IfMatch.IsSet() && !there
	if o.IfMatch.IsSet() && there {
		same, err := o.IfMatch.MatchETag(etagOf(old))
		failed = failed || err != nil || !same
	}
	if failed {
		return nil, webdav.NewHTTPError(http.StatusPreconditionFailed, errors.New("changed"))
	}
	m.objects[path] = cal
	return m.object(path)
}

func (m *memory) DeleteCalendarObject(_ context.Context, path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.objects[path]; !ok {
		return notFound()
	}
	delete(m.objects, path)
	return nil
}

func (m *memory) put(t testing.TB, path string, ics []byte) {
	t.Helper()
	cal, err := goical.NewDecoder(bytes.NewReader(ics)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.PutCalendarObject(t.Context(), path, cal, &webdavcal.PutCalendarObjectOptions{}); err != nil {
		t.Fatal(err)
	}
}

// memoryServer serves m; the options open its calendar Work.
func memoryServer(t testing.TB, m *memory) Options {
	srv := httptest.NewServer(&webdavcal.Handler{Backend: m})
	t.Cleanup(srv.Close)
	return Options{Source: "firm/work", URL: srv.URL, Match: "Work", Poll: time.Hour, Sign: connectortest.CalendarSign}
}

func TestGoWebDAVServer(t *testing.T) {
	connectortest.Calendar(t, func(t *testing.T) connectortest.CalendarEnv {
		m := newMemory()
		o := memoryServer(t, m)
		name := func(s string) string { return memoryHome + "work/" + s + ".ics" }
		remove := func(t testing.TB, path string) {
			if err := m.DeleteCalendarObject(t.Context(), path); err != nil {
				t.Fatal(err)
			}
		}
		return connectortest.CalendarEnv{
			Source: o.Source,
			Open:   func(t testing.TB) connectors.Source { return mustOpen(t, o) },
			Put:    func(t testing.TB, s string, ics []byte) { m.put(t, name(s), ics) },
			Delete: func(t testing.TB, s string) { remove(t, name(s)) },
			Objects: func(t testing.TB) map[string][]byte {
				m.mu.Lock()
				defer m.mu.Unlock()
				out := map[string][]byte{}
				for _, cal := range m.objects {
					var b bytes.Buffer
					if err := goical.NewEncoder(&b).Encode(cal); err != nil {
						t.Fatal(err)
					}
					s, _, _, _ := ical.Parse(b.Bytes(), nil)
					out[s.UID] = b.Bytes()
				}
				return out
			},
			Overwrite: func(t testing.TB, href string, ics []byte) {
				path, err := url.PathUnescape(href)
				if err != nil {
					t.Fatal(err)
				}
				if ics == nil {
					remove(t, path)
				} else {
					m.put(t, path, ics)
				}
			},
		}
	})
}

// TestCreateByMKCOL: this server knows MKCOL only.
func TestCreateByMKCOL(t *testing.T) {
	o := memoryServer(t, newMemory())
	o.Match, o.Create = "Conflicts of Dr. Jones", true
	s := mustOpen(t, o)
	if want := memoryHome + "conflicts-of-dr--jones/"; s.calendar != want {
		t.Errorf("calendar %q, want %q", s.calendar, want)
	}
	again := mustOpen(t, o)
	if again.calendar != s.calendar {
		t.Error("a second open made another calendar")
	}
}
