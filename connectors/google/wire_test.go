package google

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
)

func wantError(t testing.TB, err error, class connectors.Class, code string) *connectors.Error {
	t.Helper()
	e, ok := errors.AsType[*connectors.Error](err)
	if !ok || e.Class != class || e.Code != code {
		t.Fatalf("error %v, want %s: %s", err, class, code)
	}
	return e
}

// TestTokens: a refused one is exchanged once; what its giver says passes through.
func TestTokens(t *testing.T) {
	g := connectortest.NewGoogle(t)
	o := options(g)
	o.Token = func(context.Context) (string, error) { return "old", nil }
	_, err := Open(t.Context(), o)
	wantError(t, err, connectors.Auth, "token")
	renewed := 0
	o.Renew = func(_ context.Context, refused string) (string, error) {
		renewed++
		if refused != "old" {
			t.Errorf("refused is %q", refused)
		}
		return "token", nil
	}
	if mustOpen(t, o); renewed != 1 {
		t.Errorf("renewed %d times", renewed)
	}
	g.Calls()
	o.Renew = func(context.Context, string) (string, error) { return "other", nil }
	_, err = Open(t.Context(), o)
	wantError(t, err, connectors.Auth, "token")
	if n := len(g.Calls()); n != 2 {
		t.Errorf("%d requests", n)
	}
	consent := &connectors.Error{Class: connectors.Auth, Code: "consent"}
	o.Renew = func(context.Context, string) (string, error) { return "", consent }
	if _, err = Open(t.Context(), o); !errors.Is(err, consent) {
		t.Errorf("error %v", err)
	}
	o.Token = func(context.Context) (string, error) { return "", consent }
	if _, err = Open(t.Context(), o); !errors.Is(err, consent) {
		t.Errorf("error %v", err)
	}
	g.Calls()
	for _, bad := range []string{"", "a b", "a\r\nX: y", "é"} {
		o.Token = func(context.Context) (string, error) { return bad, nil }
		_, err = Open(t.Context(), o)
		wantError(t, err, connectors.Auth, "secret")
	}
	if n := len(g.Calls()); n != 0 {
		t.Errorf("%d requests with what is no token", n)
	}
}

// TestQuota: each refusal waits longer, at least as long as the server says, and
// never twice the same.
func TestQuota(t *testing.T) {
	g := connectortest.NewGoogle(t)
	s := mustOpen(t, options(g))
	var waits []time.Duration
	for range 12 {
		g.Fail(connectortest.GoogleFault{Path: "/events", Status: 403, Reason: "userRateLimitExceeded"})
		_, err := s.Pull(t.Context(), "")
		waits = append(waits, wantError(t, err, connectors.Throttled, "quota").RetryAfter)
	}
	for i, w := range waits {
		low := min(firstPause<<i, mostPause)
		if w < low || w > low+low/4 {
			t.Errorf("wait %d is %v", i, w)
		}
	}
	if slices.Max(waits[6:]) == slices.Min(waits[6:]) {
		t.Error("no chance in it")
	}
	for _, test := range []struct {
		reason, after string
		least         time.Duration
	}{
		{"rateLimitExceeded", "90", 90 * time.Second}, {"quotaExceeded", "", dayPause}, {"dailyLimitExceeded", "", dayPause},
		{"rateLimitExceeded", "99999999", 24 * time.Hour},
	} {
		g.Fail(connectortest.GoogleFault{Path: "/events", Status: 429, Reason: test.reason, RetryAfter: test.after})
		_, err := s.Pull(t.Context(), "")
		if w := wantError(t, err, connectors.Throttled, "quota").RetryAfter; w < test.least || w > test.least*5/4 {
			t.Errorf("%s %s: %v", test.reason, test.after, w)
		}
	}
	if _, err := s.Pull(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	g.Fail(connectortest.GoogleFault{Path: "/events", Status: 429})
	_, err := s.Pull(t.Context(), "")
	if w := wantError(t, err, connectors.Throttled, "quota").RetryAfter; w > 2*firstPause {
		t.Errorf("after a success it waits %v", w)
	}
}

// TestOneOrigin: nothing leads elsewhere, and what is said elsewhere stays unread.
func TestOneOrigin(t *testing.T) {
	g := connectortest.NewGoogle(t)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request went elsewhere") }))
	defer elsewhere.Close()
	t.Setenv("HTTP_PROXY", elsewhere.URL)
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere")
	t.Setenv("GOOGLE_SDK_GO_LOGGING_LEVEL", "debug")
	s := mustOpen(t, options(g))
	for _, status := range []int{301, 302, 307, 308} {
		g.Fail(connectortest.GoogleFault{Path: "/events", Status: status, Header: http.Header{"Location": {elsewhere.URL + "/calendar/v3/x"}}})
		_, err := s.Pull(t.Context(), "")
		if class, _ := connectors.Classify(err); err == nil || class != connectors.Protocol {
			t.Errorf("redirect %d: %v", status, err)
		}
	}
	for _, url := range []string{elsewhere.URL + "/calendar/v3/x", s.c.base.Scheme + "://" + s.c.base.Host + "/other"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.c.http.Do(req); err == nil {
			t.Errorf("%s was asked", url)
		} else {
			wantError(t, err, connectors.Config, "foreign-origin")
		}
	}
}

func TestURLs(t *testing.T) {
	g := connectortest.NewGoogle(t)
	for url, code := range map[string]string{
		"http://calendar.example/": "insecure-url", "ftp://calendar.example/": "insecure-url", "://": "bad-url", "https://": "bad-url",
		"https://u:p@calendar.example/": "bad-url", "https://calendar.example/?x=y": "bad-url",
	} {
		o := options(g)
		o.URL = url
		_, err := Open(t.Context(), o)
		wantError(t, err, connectors.Config, code)
	}
	o := options(g)
	o.URL, o.Token = "", nil
	_, err := Open(t.Context(), o)
	wantError(t, err, connectors.Config, "secret")
}

// TestErrorsTellNothing: neither ids nor what Google says reaches an error's text.
func TestErrorsTellNothing(t *testing.T) {
	g := connectortest.NewGoogle(t)
	s := mustOpen(t, options(g))
	for _, f := range []connectortest.GoogleFault{
		{Path: "/events", Status: 400, Reason: "invalid"}, {Path: "/events", Cut: true, Times: 3},
		{Path: "/events", Status: 404, Body: `{"error":{"code":404,"message":"secret title","errors":[{"reason":"secret title"}]}}`},
		{Path: "/events", Body: `{"items":[{"summary":"secret title"`},
	} {
		g.Fail(f)
		_, err := s.Pull(t.Context(), "")
		if err == nil {
			t.Error("no error")
			continue
		}
		for _, word := range []string{"secret", "firm", "token", "/events"} {
			if text := err.Error(); strings.Contains(text, word) {
				t.Errorf("an error says %q", text)
			}
		}
		for range 3 {
			_, _ = s.Pull(t.Context(), "")
		}
	}
}

func TestBodyTooLarge(t *testing.T) {
	g := connectortest.NewGoogle(t)
	s := mustOpen(t, options(g))
	g.Fail(connectortest.GoogleFault{Path: "/events", Body: strings.Repeat(" ", maxBody+1)})
	_, err := s.Pull(t.Context(), "")
	wantError(t, err, connectors.Protocol, "body-too-large")
}

func TestFreeBusy(t *testing.T) {
	g := connectortest.NewGoogle(t)
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	g.PersonInsert(t, g.Self, event("Secret", 2))
	g.AddCalendar("a@firm.example", "A", "none")
	g.AddCalendar("big@firm.example", "Big", "none")
	g.Unlist("a@firm.example", "")
	g.Unlist("big@firm.example", "groupTooBig")
	s := mustOpen(t, options(g))
	ask := []string{" GC@firm.example", g.Self, "a@firm.example", "big@firm.example", "none@firm.example", ""}
	for len(ask) < 130 {
		ask = append(ask, strings.Repeat("x", len(ask))+"@firm.example")
	}
	g.Calls()
	got, err := s.FreeBusy(t.Context(), ask, day, day.AddDate(0, 0, 1))
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %d addresses", err, len(got))
	}
	if n := len(g.Calls()); n != 3 {
		t.Errorf("%d requests", n)
	}
	at := day.Add(9 * time.Hour).Unix()
	if fb := got[g.Self]; len(fb.Taken) != 1 || int64(fb.Taken[0].Start) != at || int64(fb.Taken[0].End) != at+3600 || int64(fb.From) != day.Unix() {
		t.Errorf("taken %+v", fb)
	}
	if fb, known := got["a@firm.example"]; !known || len(fb.Taken) != 0 {
		t.Errorf("free is %+v", fb)
	}
	// What is no time makes unknown, not free.
	for _, busy := range []string{`[{"start":"soon","end":"later"}]`, `[null]`, `[{"start":"2026-03-02T10:00:00Z","end":"2026-03-02T09:00:00Z"}]`} {
		g.Fail(connectortest.GoogleFault{Path: "freeBusy", Body: `{"calendars":{"gc@firm.example":{"busy":` + busy + `},"stranger@firm.example":{"busy":[]}}}`})
		if got, err := s.FreeBusy(t.Context(), []string{g.Self}, day, day.AddDate(0, 0, 1)); err != nil || len(got) != 0 {
			t.Errorf("%s: %v, %v", busy, got, err)
		}
	}
	g.Fail(connectortest.GoogleFault{Path: "freeBusy", Status: 403, Reason: "rateLimitExceeded"})
	_, err = s.FreeBusy(t.Context(), []string{g.Self}, day, day.AddDate(0, 0, 1))
	wantError(t, err, connectors.Throttled, "quota")
	if got, err := s.FreeBusy(t.Context(), []string{g.Self}, day, day); err != nil || len(got) != 0 {
		t.Errorf("of no time: %v, %v", got, err)
	}
	var _ map[string]model.FreeBusy = got
}
