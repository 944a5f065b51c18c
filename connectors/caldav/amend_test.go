package caldav

import (
	"net/http"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/ical"
	"chancery/internal/model"
)

const invitedPath = wireCalendar + "a.ics"

// invited opens a scripted calendar with one invitation in it.
func invited(t testing.TB, etag string) (*wire, *Source, model.Step) {
	x := newWire(t)
	x.objects[invitedPath] = wireObject{etag, string(connectortest.Invited("a@firm.example", "ACCEPTED"))}
	s := mustOpen(t, x.options())
	return x, s, model.Step{ID: "1", Action: model.Amend{
		UID: "a@firm.example", Of: "f:1", Self: model.Hide([]string{connectortest.AmendSelf}),
		Base: model.Ref{Source: "firm/work", Href: invitedPath, Version: etag},
		Was:  model.Amended{Answer: "ACCEPTED"}, Now: model.Amended{Answer: "TENTATIVE"},
	}}
}

// TestAmendCondition: nothing of others is written without a condition that holds.
func TestAmendCondition(t *testing.T) {
	for _, test := range []struct {
		name, etag, schedule string
		outcome              model.Outcome
		code                 string
	}{
		{"strong", `"e1"`, "", model.Done, ""},
		{"strong and a schedule tag", `"e1"`, `"s1"`, model.Done, ""},
		{"weak", `W/"e1"`, "", model.Refused, "no-version"},
		{"weak and a schedule tag", `W/"e1"`, `"s1"`, model.Done, ""},
		{"unquoted", `e1`, "", model.Refused, "no-version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			x, s, step := invited(t, test.etag)
			x.odd = func(w http.ResponseWriter, r *http.Request, _ string) bool {
				switch {
				case r.Method == http.MethodGet && test.schedule != "":
					w.Header().Set("Schedule-Tag", test.schedule)
				case r.Method == http.MethodPut:
					if strong(test.etag) != (r.Header.Get("If-Match") == test.etag) || r.Header.Get("If-Schedule-Tag-Match") != test.schedule {
						t.Errorf("put with %q and %q", r.Header.Get("If-Match"), r.Header.Get("If-Schedule-Tag-Match"))
					}
				}
				return false
			}
			r := one(t, s, step)
			if r.Outcome != test.outcome || r.Code != test.code {
				t.Errorf("outcome %d, code %q", r.Outcome, r.Code)
			}
			if got := partStat(t, []byte(x.objects[invitedPath].data), connectortest.AmendSelf); (got == "TENTATIVE") != (test.outcome == model.Done) {
				t.Errorf("it says %s", got)
			}
		})
	}
}

// TestAmendRefusals: what a server says to the write, and what it does all the same.
func TestAmendRefusals(t *testing.T) {
	for _, test := range []struct {
		name    string
		status  int
		body    string
		does    bool // it writes before it answers
		outcome model.Outcome
		code    string
		class   connectors.Class
	}{
		{name: "lost race", status: 412, outcome: model.Stale, code: ical.AmendChanged},
		{name: "lost answer of an earlier try", status: 412, does: true, outcome: model.Done},
		{name: "no right", status: 403, outcome: model.Refused, code: "read-only"},
		{name: "no right, in words", status: 403, body: `<error xmlns="DAV:"><need-privileges/></error>`, outcome: model.Refused, code: "read-only"},
		{name: "not this change", status: 403, body: `<error xmlns="DAV:"><allowed-attendee-scheduling-object-change xmlns="urn:ietf:params:xml:ns:caldav"/></error>`,
			outcome: model.Refused, code: "allowed-attendee-scheduling-object-change"},
		{name: "failure inside 207", status: 207, body: msHead + `<D:response><D:href>/</D:href><D:status>HTTP/1.1 412 no</D:status></D:response></D:multistatus>`, outcome: model.Stale, code: ical.AmendChanged},
		{name: "swallowed", status: 204, outcome: model.Refused, code: "not-kept"},
		{name: "down", status: 500, outcome: model.Later, code: "http-500"},
		{name: "full", status: 507, outcome: model.Later, code: "overquota"},
		{name: "login", status: 401, code: "http-401", class: connectors.Auth},
	} {
		t.Run(test.name, func(t *testing.T) {
			x, s, step := invited(t, `"e1"`)
			before := x.objects[invitedPath].data
			x.odd = func(w http.ResponseWriter, r *http.Request, body string) bool {
				if r.Method != http.MethodPut {
					return false
				}
				if test.does {
					x.objects[invitedPath] = wireObject{`"e2"`, body}
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
				return true
			}
			rs, err := s.Apply(t.Context(), []model.Step{step})
			if test.outcome == 0 {
				wantError(t, err, test.class, test.code)
				return
			}
			if err != nil || rs[0].Outcome != test.outcome || rs[0].Code != test.code {
				t.Errorf("%v, %+v", err, rs)
			}
			if !test.does && x.objects[invitedPath].data != before {
				t.Error("it was written")
			}
		})
	}
}

// TestAmendOnlyThere: an object outside the calendar, or one of ours, is not amended.
func TestAmendOnlyThere(t *testing.T) {
	x, s, step := invited(t, `"e1"`)
	a := step.Action.(model.Amend)
	for _, href := range []model.Name{"", "/cal/other/a.ics", wireCalendar, "https://elsewhere.example/cal/work/a.ics", wireCalendar + "../other/a.ics"} {
		a.Base.Href = href
		step.Action = a
		if r := one(t, s, step); r.Outcome != model.Refused || r.Code != ical.AmendImpossible {
			t.Errorf("outcome %d, code %q", r.Outcome, r.Code)
		}
	}
	for _, r := range x.requests() {
		if !strings.HasPrefix(r, "PROPFIND") {
			t.Errorf("asked %s", strings.Fields(r)[0])
		}
	}
}
