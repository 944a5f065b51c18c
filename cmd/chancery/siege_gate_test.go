package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// watchGate stands between the daemon and the server of its calendars and sees what the
// daemon writes. A write and what the person does come one after the other; what is
// read is not ordered, so a person may always be quicker than a write. What arrived
// whole is carried out whole, also when the daemon is dead by then: its answer is
// lost.
type watchGate struct {
	t    testing.TB
	url  string
	back *url.URL

	mu     sync.Mutex // held through each write, and by the person at work
	before func(w *write)
	after  func(w write)
	writes int
}

// write is one request of the daemon that asks for a change, and how it ended.
type write struct {
	method, path string
	key          string // If-Match or If-None-Match
	body         []byte
	status       int
	was          entry // what stood there
	there        bool
}

func (w write) took() bool { return w.status/100 == 2 }

func newWatchGate(t testing.TB, back string) *watchGate {
	u, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	g := &watchGate{t: t, back: u}
	server := httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// reads are the methods that change nothing.
var reads = map[string]bool{"GET": true, "HEAD": true, "OPTIONS": true, "PROPFIND": true, "REPORT": true}

func (g *watchGate) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the daemon died in the middle of it
	}
	if reads[r.Method] || strings.HasSuffix(r.URL.Path, "/freeBusy") {
		g.pass(w, r, body)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	it := write{method: r.Method, path: r.URL.EscapedPath(), key: r.Header.Get("If-Match") + r.Header.Get("If-None-Match"), body: body}
	if g.before != nil {
		g.before(&it)
	}
	g.writes++
	it.status = g.pass(w, r, body)
	if g.after != nil {
		g.after(it)
	}
}

// pass carries a request out and answers it.
func (g *watchGate) pass(w http.ResponseWriter, r *http.Request, body []byte) (status int) {
	to := *r.URL
	to.Scheme, to.Host = g.back.Scheme, g.back.Host
	// Not with the context of r: that ends with the daemon.
	req, err := http.NewRequestWithContext(g.t.Context(), r.Method, to.String(), bytes.NewReader(body))
	if err != nil {
		g.t.Error(err)
		return 0
	}
	req.Header = r.Header.Clone()
	req.Header.Del("Accept-Encoding")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		if g.t.Context().Err() == nil {
			g.t.Errorf("gate: %s: %v", r.Method, err)
		}
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		g.t.Errorf("gate: %v", err)
	}
	for k, v := range resp.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(answer)
	return resp.StatusCode
}

// since returns how many writes came since the last call of it.
func (g *watchGate) since() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.writes
	g.writes = 0
	return n
}

// entry is one event as a person sees it.
type entry struct {
	key      string // path or id
	uid      string
	title    string
	from     time.Time
	till     time.Time
	answer   string // PARTSTAT of the principal; "" where the principal is not invited
	lead     string // address of the organizer; "" for none
	chosen   bool   // confirmed or busy
	rest     string // all that neither an answer nor another time may change
	whole    string // all of it
	tentMark string // our tag
}

func (e entry) String() string {
	return fmt.Sprintf("%s %q %s-%s %s", e.uid, e.title, e.from.UTC().Format("0102T1504"), e.till.UTC().Format("1504"), e.answer)
}

// overlaps reports whether two events take the same time.
func (e entry) overlaps(o entry) bool { return e.from.Before(o.till) && o.from.Before(e.till) }
