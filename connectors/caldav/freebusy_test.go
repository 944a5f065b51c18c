package caldav

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

var (
	askFrom = time.Date(2035, 3, 1, 0, 0, 0, 0, time.UTC)
	askTill = askFrom.AddDate(0, 0, 7)
)

// TestFreeBusyOfOthers asks a server that schedules (RFC 6638 section 5): whom it
// does not know stays unknown, and no mail goes out.
func TestFreeBusyOfOthers(t *testing.T) {
	c := servertest.Cyrus(t)
	chair := c.As("chair")
	chair.Put(chair.Home+"Default/a.ics", ahead(connectortest.Meeting("a@firm.example", "Secret", 2)))
	chair.Put(chair.Home+"Default/b.ics", ahead(connectortest.Meeting("b@firm.example", "Maybe", 3, "STATUS:TENTATIVE")))
	chair.Put(chair.Home+"Default/c.ics", ahead(connectortest.Meeting("c@firm.example", "Free", 4, "TRANSP:TRANSPARENT")))
	other := c.As("other")
	other.List(other.Home + "Default/") // whoever never came has no calendars
	s := atCyrus(t, c)
	for range 2 {
		got, err := s.FreeBusy(t.Context(), []string{"Chair@firm.example", "other@firm.example", "nobody@firm.example", "judge@court.example", "x@firm.example\r\nATTENDEE:y"}, askFrom, askTill)
		if err != nil {
			t.Fatal(err)
		}
		nine := func(day int) model.UnixTime {
			return model.UnixTime(time.Date(2035, 3, day, 9, 0, 0, 0, time.UTC).Unix())
		}
		want := []model.Stretch{{Start: nine(2), End: nine(2) + 3600}, {Start: nine(3), End: nine(3) + 3600, Soft: true}}
		if fb, ok := got["chair@firm.example"]; !ok || !slices.Equal(fb.Taken, want) || fb.From != model.UnixTime(askFrom.Unix()) || fb.Till != model.UnixTime(askTill.Unix()) {
			t.Errorf("chair: %v %+v", ok, fb)
		}
		if fb, ok := got["other@firm.example"]; !ok || len(fb.Taken) != 0 {
			t.Errorf("other: %v %+v", ok, fb)
		}
		if len(got) != 2 {
			t.Errorf("%d people are known", len(got))
		}
	}
	if n := len(c.Sent()); n != 0 {
		t.Errorf("%d mails", n)
	}
}

// TestFreeBusyWithout: a server that tells nothing leaves everybody unknown.
func TestFreeBusyWithout(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *servertest.DAV{"Radicale": servertest.Radicale, "Xandikos": servertest.Xandikos} {
		t.Run(name, func(t *testing.T) {
			d := start(t)
			d.MakeCalendar("Work")
			s := mustOpen(t, options(d))
			got, err := s.FreeBusy(t.Context(), []string{"chair@firm.example"}, askFrom, askTill)
			if err != nil || len(got) != 0 {
				t.Errorf("%v, %+v", err, got)
			}
		})
	}
}

// TestFreeBusyHostile: what an outbox says beyond what was asked, or twice, or in a
// form nobody can read, is not believed.
func TestFreeBusyHostile(t *testing.T) {
	const busy = "BEGIN:VCALENDAR&#13;\nBEGIN:VFREEBUSY&#13;\nFREEBUSY:20350302T090000Z/PT1H&#13;\nEND:VFREEBUSY&#13;\nEND:VCALENDAR&#13;\n"
	one := func(who, status, data string) string {
		return `<C:response><C:recipient><href>` + who + `</href></C:recipient><C:request-status>` + status + `</C:request-status><C:calendar-data>` + data + `</C:calendar-data></C:response>`
	}
	for name, test := range map[string]struct {
		inner string
		known int
	}{
		"good":            {one("mailto:A@firm.example", "2.0;Success", busy), 1},
		"refused":         {one("mailto:a@firm.example", "3.7;Invalid user", busy), 0},
		"no status":       {one("mailto:a@firm.example", "", busy), 0},
		"not asked":       {one("mailto:b@firm.example", "2.0;Success", busy), 0},
		"not readable":    {one("mailto:a@firm.example", "2.0;Success", "BEGIN:VCALENDAR"), 0},
		"no data":         {one("mailto:a@firm.example", "2.0;Success", ""), 0},
		"a path, no mail": {one("/principals/a/", "2.0;Success", busy), 0},
		"two answers":     {one("mailto:a@firm.example", "2.0;Success", busy) + one("mailto:a@firm.example", "2.0;Success", "BEGIN:VCALENDAR"), 1},
		"many answers":    {strings.Repeat(one("mailto:b@firm.example", "2.0;Success", busy), 5000), 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					_, _ = fmt.Fprint(w, `<?xml version="1.0"?><C:schedule-response xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">`+test.inner+`</C:schedule-response>`)
					return
				}
				multistatusOf(w, `<response><href>/</href><propstat><prop><resourcetype><collection/><C:calendar/></resourcetype><current-user-principal><href>/</href></current-user-principal>`+
					`<C:schedule-outbox-URL><href>/out/</href></C:schedule-outbox-URL><C:calendar-user-address-set><href>mailto:gc@firm.example</href></C:calendar-user-address-set></prop><status>HTTP/1.1 200 OK</status></propstat></response>`)
			}))
			t.Cleanup(server.Close)
			s := mustOpen(t, Options{Source: "x", URL: server.URL})
			got, err := s.FreeBusy(t.Context(), []string{"a@firm.example"}, askFrom, askTill)
			if err != nil || len(got) != test.known {
				t.Errorf("%v, %+v", err, got)
			}
		})
	}
}

// TestFreeBusyOwn: without an outbox the account's own calendars are asked (RFC 4791
// section 7.10), and one that does not answer makes the time unknown.
func TestFreeBusyOwn(t *testing.T) {
	refuse := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const calendar = `<resourcetype><collection/><C:calendar/></resourcetype>`
		switch {
		case r.Method == "REPORT" && refuse && r.URL.Path == "/h/b/":
			w.WriteHeader(http.StatusForbidden)
		case r.Method == "REPORT":
			hour := map[string]string{"/h/a/": "09", "/h/b/": "15"}[r.URL.Path]
			_, _ = fmt.Fprintf(w, "BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\nFREEBUSY:20350302T%s0000Z/PT1H\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n", hour)
		case r.URL.Path == "/h/":
			multistatusOf(w, `<response><href>/h/a/</href><propstat><prop>`+calendar+`</prop><status>HTTP/1.1 200 OK</status></propstat></response>`+
				`<response><href>/h/b/</href><propstat><prop>`+calendar+`</prop><status>HTTP/1.1 200 OK</status></propstat></response>`)
		default:
			multistatusOf(w, `<response><href>/</href><propstat><prop>`+calendar+`<current-user-principal><href>/</href></current-user-principal>`+
				`<C:calendar-home-set><href>/h/</href></C:calendar-home-set><C:calendar-user-address-set><href>MAILTO:GC@firm.example</href></C:calendar-user-address-set></prop><status>HTTP/1.1 200 OK</status></propstat></response>`)
		}
	}))
	t.Cleanup(server.Close)
	s := mustOpen(t, Options{Source: "x", URL: server.URL})
	got, err := s.FreeBusy(t.Context(), []string{"gc@firm.example", "chair@firm.example"}, askFrom, askTill)
	if err != nil || len(got) != 1 || len(got["gc@firm.example"].Taken) != 2 {
		t.Errorf("%v, %+v", err, got)
	}
	refuse = true
	if got, err = s.FreeBusy(t.Context(), []string{"gc@firm.example"}, askFrom, askTill); err != nil || len(got) != 0 {
		t.Errorf("%v, %+v", err, got)
	}
}
