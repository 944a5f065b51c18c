package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-ical"
	"github.com/emersion/go-webdav"
	"github.com/emersion/go-webdav/caldav"
)

// calServer is a CalDAV server in memory (RFC 4791 section 5): go-webdav speaks, we store.
type calServer struct {
	http   *http.Server
	listen net.Listener
	ended  chan struct{}

	mu        sync.Mutex
	passwords map[string]string
	calendars map[string]*caldav.Calendar // by path, "/user/calendars/name/"
	objects   map[string]object           // by path
}

type object struct {
	raw  []byte
	etag string
	at   time.Time
}

type userKey struct{}

// newCalServer listens on a random loopback port.
func newCalServer() (*calServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start calendar server: %w", err)
	}
	c := &calServer{
		listen: l, ended: make(chan struct{}),
		passwords: map[string]string{}, calendars: map[string]*caldav.Calendar{}, objects: map[string]object{},
	}
	c.http = &http.Server{Handler: c.guard(&caldav.Handler{Backend: c}), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go func() {
		defer close(c.ended)
		_ = c.http.Serve(l)
	}()
	return c, nil
}

// url is where it listens.
func (c *calServer) url() string { return "http://" + c.listen.Addr().String() + "/" }

func (c *calServer) close() {
	_ = c.http.Close()
	<-c.ended
}

// addUser makes an account with calendars.
func (c *calServer) addUser(user, password string, names ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passwords[user] = password
	for _, name := range names {
		p := calendarPath(user, name)
		c.calendars[p] = &caldav.Calendar{Path: p, Name: name, SupportedComponentSet: []string{"VEVENT"}}
	}
}

func calendarPath(user, name string) string {
	return "/" + user + "/calendars/" + strings.ToLower(name) + "/"
}

// store puts an object into a calendar.
func (c *calServer) store(user, calendar, file string, raw []byte, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.objects[calendarPath(user, calendar)+file] = newObject(raw, at)
}

// list returns the raw objects of a calendar by path.
func (c *calServer) list(user, calendar string) map[string][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string][]byte{}
	for p, o := range c.objects {
		if strings.HasPrefix(p, calendarPath(user, calendar)) {
			out[p] = o.raw
		}
	}
	return out
}

func newObject(raw []byte, at time.Time) object {
	sum := sha256.Sum256(raw)
	return object{raw, hex.EncodeToString(sum[:8]), at}
}

// guard checks the login, and the conditions of DELETE, which the library does
// not hand to its backend.
func (c *calServer) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, ok := r.BasicAuth()
		c.mu.Lock()
		want, known := c.passwords[user]
		held, there := c.objects[r.URL.Path]
		c.mu.Unlock()
		if !ok || !known || password != want {
			w.Header().Set("WWW-Authenticate", `Basic realm="demo"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		if match := r.Header.Get("If-Match"); r.Method == http.MethodDelete && match != "" && there && match != `"`+held.etag+`"` {
			http.Error(w, "changed since", http.StatusPreconditionFailed)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
	})
}

func userOf(ctx context.Context) string {
	user, _ := ctx.Value(userKey{}).(string)
	return user
}

// CurrentUserPrincipal implements caldav.Backend.
func (c *calServer) CurrentUserPrincipal(ctx context.Context) (string, error) {
	return "/" + userOf(ctx) + "/", nil
}

// CalendarHomeSetPath implements caldav.Backend.
func (c *calServer) CalendarHomeSetPath(ctx context.Context) (string, error) {
	return "/" + userOf(ctx) + "/calendars/", nil
}

// CreateCalendar implements caldav.Backend.
func (c *calServer) CreateCalendar(ctx context.Context, cal *caldav.Calendar) error {
	if !c.mine(ctx, cal.Path) {
		return webdav.NewHTTPError(http.StatusForbidden, nil)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calendars[cal.Path] = cal
	return nil
}

// ListCalendars implements caldav.Backend.
func (c *calServer) ListCalendars(ctx context.Context) ([]caldav.Calendar, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []caldav.Calendar
	for p, cal := range c.calendars {
		if c.mine(ctx, p) {
			out = append(out, *cal)
		}
	}
	slices.SortFunc(out, func(a, b caldav.Calendar) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// GetCalendar implements caldav.Backend.
func (c *calServer) GetCalendar(ctx context.Context, p string) (*caldav.Calendar, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cal, ok := c.calendars[p]
	if !ok || !c.mine(ctx, p) {
		return nil, webdav.NewHTTPError(http.StatusNotFound, nil)
	}
	return cal, nil
}

// GetCalendarObject implements caldav.Backend.
func (c *calServer) GetCalendarObject(ctx context.Context, p string, _ *caldav.CalendarCompRequest) (*caldav.CalendarObject, error) {
	c.mu.Lock()
	o, ok := c.objects[p]
	c.mu.Unlock()
	if !ok || !c.mine(ctx, p) {
		return nil, webdav.NewHTTPError(http.StatusNotFound, nil)
	}
	return o.served(p)
}

// ListCalendarObjects implements caldav.Backend.
func (c *calServer) ListCalendarObjects(ctx context.Context, p string, _ *caldav.CalendarCompRequest) ([]caldav.CalendarObject, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []caldav.CalendarObject
	for name, o := range c.objects {
		if path.Dir(name)+"/" != p || !c.mine(ctx, name) {
			continue
		}
		co, err := o.served(name)
		if err != nil {
			return nil, err
		}
		out = append(out, *co)
	}
	slices.SortFunc(out, func(a, b caldav.CalendarObject) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// QueryCalendarObjects implements caldav.Backend. A filter may ask for a time
// range, and the library evaluates every recurrence rule for it: one that
// repeats each second would never end. So what recurs is always part of the
// answer, and so is what the library cannot place, as an event in a zone with a
// Windows name; the client looks again anyway.
func (c *calServer) QueryCalendarObjects(ctx context.Context, p string, q *caldav.CalendarQuery) ([]caldav.CalendarObject, error) {
	all, err := c.ListCalendarObjects(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(o caldav.CalendarObject) bool {
		repeats := func(k *ical.Component) bool { return k.Props.Get(ical.PropRecurrenceRule) != nil }
		if slices.ContainsFunc(o.Data.Children, repeats) {
			return false
		}
		found, err := caldav.Filter(q, []caldav.CalendarObject{o})
		return err == nil && len(found) == 0
	}), nil
}

// PutCalendarObject implements caldav.Backend with the conditions of RFC 9110
// section 13.
func (c *calServer) PutCalendarObject(ctx context.Context, p string, cal *ical.Calendar, o *caldav.PutCalendarObjectOptions) (*caldav.CalendarObject, error) {
	if !c.mine(ctx, p) {
		return nil, webdav.NewHTTPError(http.StatusForbidden, nil)
	}
	var raw bytes.Buffer
	if err := ical.NewEncoder(&raw).Encode(cal); err != nil {
		return nil, webdav.NewHTTPError(http.StatusBadRequest, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calendars[path.Dir(p)+"/"] == nil {
		return nil, webdav.NewHTTPError(http.StatusConflict, nil)
	}
	held, there := c.objects[p]
	if o.IfNoneMatch.IsWildcard() && there || o.IfMatch.IsSet() && (!there || string(o.IfMatch) != `"`+held.etag+`"`) {
		return nil, webdav.NewHTTPError(http.StatusPreconditionFailed, nil)
	}
	stored := newObject(raw.Bytes(), time.Now())
	c.objects[p] = stored
	return &caldav.CalendarObject{Path: p, ETag: stored.etag, ModTime: stored.at, Data: cal}, nil
}

// DeleteCalendarObject implements caldav.Backend.
func (c *calServer) DeleteCalendarObject(ctx context.Context, p string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.objects[p]; !ok || !c.mine(ctx, p) {
		return webdav.NewHTTPError(http.StatusNotFound, nil)
	}
	delete(c.objects, p)
	return nil
}

func (c *calServer) mine(ctx context.Context, p string) bool {
	return strings.HasPrefix(p, "/"+userOf(ctx)+"/")
}

func (o object) served(p string) (*caldav.CalendarObject, error) {
	cal, err := ical.NewDecoder(bytes.NewReader(o.raw)).Decode()
	if err != nil {
		return nil, fmt.Errorf("read stored object: %w", err)
	}
	return &caldav.CalendarObject{Path: p, ModTime: o.at, ETag: o.etag, Data: cal}, nil
}
