package google

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectortest"
)

// liar answers listings of events by itself, and all else as the fake does. It counts
// the listings.
func liar(t *testing.T, g *connectortest.Google, answer func(page int) string) (Options, *atomic.Int32) {
	t.Helper()
	o := options(g)
	fake := o.Client
	if fake == nil {
		fake = http.DefaultClient
	}
	n := &atomic.Int32{}
	o.Client = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/events") {
			tr := fake.Transport
			if tr == nil {
				tr = http.DefaultTransport
			}
			return tr.RoundTrip(r)
		}
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.WriteString(answer(int(n.Add(1))))
		return w.Result(), nil
	})}
	return o, n
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestPagesWithoutEnd: whoever always has another page is left.
func TestPagesWithoutEnd(t *testing.T) {
	large := strings.Repeat(`"RDATE:20260302T090000Z,`+strings.Repeat("20260302T090000Z,", 3000)+`20260303T090000Z",`, 190) + `"RDATE:20260304T090000Z"`
	for _, test := range []struct {
		name, code string
		most       int32
		answer     func(page int) string
	}{
		{"in a circle", "page-token", 3, func(page int) string { return fmt.Sprintf(`{"nextPageToken":"%d"}`, page%2) }},
		{"empty", "page-token", maxEmpty + 1, func(page int) string { return fmt.Sprintf(`{"nextPageToken":"%d"}`, page) }},
		{"a long page token", "page-token", 1, func(int) string { return `{"nextPageToken":"` + strings.Repeat("x", 10<<20) + `"}` }},
		{"a long sync token", "sync-token", 1, func(int) string { return `{"nextSyncToken":"` + strings.Repeat("x", 10<<20) + `"}` }},
		{"large events", "too-many-events", 40, func(page int) string {
			return fmt.Sprintf(`{"items":[{"id":"e%d","start":{"date":"2026-03-02"},"recurrence":[%s]}],"nextPageToken":"%d"}`, page, large, page)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, n := liar(t, connectortest.NewGoogle(t), test.answer)
			_, err := mustOpen(t, o).Pull(t.Context(), "")
			if class, code := connectors.Classify(err); class != connectors.Protocol || code != test.code {
				t.Errorf("%v", err)
			}
			if got := n.Load(); got > test.most {
				t.Errorf("%d pages were read, want %d at most", got, test.most)
			}
		})
	}
}

// TestSeriesOfManyExceptions: what one series takes grows with its exceptions alone.
func TestSeriesOfManyExceptions(t *testing.T) {
	const all = 150_000
	var b strings.Builder
	b.WriteString(`{"nextSyncToken":"t","items":[{"id":"p","start":{"date":"2026-03-02"},"recurrence":["RRULE:FREQ=DAILY"]}`)
	for i := range all {
		fmt.Fprintf(&b, `,{"id":"p_%d","recurringEventId":"p","status":"cancelled","originalStartTime":{"date":"2026-03-02"}}`, i)
	}
	b.WriteString(`]}`)
	if !json.Valid([]byte(b.String())) {
		t.Fatal("no JSON")
	}
	o, _ := liar(t, connectortest.NewGoogle(t), func(int) string { return b.String() })
	begin := time.Now()
	got, err := mustOpen(t, o).Pull(t.Context(), "")
	if err != nil || len(got.Changes) != 1 {
		t.Fatalf("%v, %d changes", err, len(got.Changes))
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestTagsThatAreNoHeader: an ETag that no request can carry fails no write for ever.
func TestTagsThatAreNoHeader(t *testing.T) {
	for etag, want := range map[string]bool{`"1"`: true, "": false, "\"a\r\nX: 1\"": false, "\x00": false, "\"\x7f\"": false, strings.Repeat("e", maxID+1): false} {
		if condition(etag) != want {
			t.Errorf("%.20q: %v", etag, !want)
		}
	}
}

// TestSharedUnderTheSameName: a calendar of others does not stand in the way of the
// principal's own.
func TestSharedUnderTheSameName(t *testing.T) {
	g := connectortest.NewGoogle(t)
	g.AddCalendar("evil@group.calendar.example", "Holds", "writer")
	g.AddCalendar("mine@group.calendar.example", "Holds", "owner")
	o := options(g)
	o.Match = "Holds"
	if s := mustOpen(t, o); s.calendar != "mine@group.calendar.example" {
		t.Errorf("took %s", s.calendar)
	}
}
