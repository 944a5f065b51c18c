package caldav

import (
	"net/http"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/ical"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

func TestRefusedWrites(t *testing.T) {
	h := model.Hold{UID: "h1", Of: "f:1", Digest: "v1", Body: model.Hide(model.HoldBody{Start: 1772442000, End: 1772445600, Summary: "Conflict"})}
	for _, test := range []struct {
		status  int
		body    string
		outcome model.Outcome
		code    string
		class   connectors.Class
	}{
		{403, "", model.Refused, "http-403", 0},
		{403, `<error xmlns="DAV:"><max-resource-size xmlns="urn:ietf:params:xml:ns:caldav"/></error>`, model.Refused, "max-resource-size", 0},
		{415, "", model.Refused, "http-415", 0},
		{409, "", model.Refused, "uid-conflict", 0},
		{423, "", model.Later, "http-423", 0},
		{500, "", model.Later, "http-500", 0},
		{507, "", model.Later, "overquota", 0},
		{207, msHead + `<D:response><D:href>/</D:href><D:status>HTTP/1.1 403 no</D:status></D:response></D:multistatus>`, model.Refused, "http-403", 0},
		{207, "?", model.Refused, "http-207", 0},
		{401, "", 0, "http-401", connectors.Auth},
		{429, "", 0, "http-429", connectors.Throttled},
		{503, "", 0, "http-503", connectors.Throttled},
	} {
		x := newWire(t)
		s := mustOpen(t, x.options())
		x.odd = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method != http.MethodPut {
				return false
			}
			w.WriteHeader(test.status)
			_, _ = w.Write([]byte(test.body))
			return true
		}
		r, err := s.Apply(t.Context(), []model.Step{{ID: "1", Action: h}})
		if test.outcome == 0 {
			wantError(t, err, test.class, test.code)
			continue
		}
		if err != nil || r[0].Outcome != test.outcome || r[0].Code != test.code {
			t.Errorf("%d: %v, %+v", test.status, err, r)
		}
	}
}

func TestLostAnswer(t *testing.T) {
	x := newWire(t)
	s := mustOpen(t, x.options())
	lose := true
	x.odd = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if r.Method == http.MethodPut && lose {
			lose = false
			x.objects[r.URL.Path] = wireObject{`"lost"`, body}
			panic(http.ErrAbortHandler)
		}
		return false
	}
	step := model.Step{ID: "1", Action: model.Hold{UID: "h1", Of: "f:1", Digest: "v1", Body: model.Hide(model.HoldBody{Start: 1772442000, End: 1772445600})}}
	_, err := s.Apply(t.Context(), []model.Step{step})
	wantError(t, err, connectors.Network, "connection")
	r, err := s.Apply(t.Context(), []model.Step{step})
	if err != nil || r[0].Outcome != model.Done || !r[0].Already || r[0].Ref.Version != `"lost"` || len(x.objects) != 1 {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestMovedHold(t *testing.T) {
	d := servertest.Radicale(t)
	path := d.MakeCalendar("Work")
	s := mustOpen(t, options(d))
	h := model.Hold{UID: "h1@chancery", Of: "f:1", Digest: "v1", Body: model.Hide(model.HoldBody{Start: 1772442000, End: 1772445600, Summary: "Conflict"})}
	d.Put(path+"by-a-person.ics", ical.Compose(h, connectortest.CalendarSign))
	drain(t, s, "")
	r, err := s.Apply(t.Context(), []model.Step{{ID: "1", Action: h}})
	if err != nil || r[0].Outcome != model.Done || !r[0].Already || r[0].Ref.Href != model.Name(path+"by-a-person.ics") {
		t.Fatalf("%v, %+v", err, r)
	}
	h.Digest = "v2"
	if r, err = s.Apply(t.Context(), []model.Step{{ID: "1", Action: h}}); err != nil || r[0].Outcome != model.Done || r[0].Already || len(d.List(path)) != 1 {
		t.Errorf("%v, %+v, %d objects", err, r, len(d.List(path)))
	}
}

func TestReadOnly(t *testing.T) {
	x := newWire(t)
	o := x.options()
	o.ReadOnly = true
	s := mustOpen(t, o)
	before := len(x.requests())
	for _, a := range []model.Action{model.Hold{UID: "h"}, model.Withdraw{UID: "h"}} {
		r, err := s.Apply(t.Context(), []model.Step{{ID: "1", Action: a}})
		if err != nil || r[0].Outcome != model.Refused || r[0].Code != "read-only" {
			t.Errorf("%v, %+v", err, r)
		}
	}
	if len(x.requests()) != before {
		t.Error("a read-only calendar was spoken to")
	}
}
