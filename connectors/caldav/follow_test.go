package caldav

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

func loseSome(x *wire, n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, p := range sortedPaths(x)[:n] {
		delete(x.objects, p)
	}
}

func sortedPaths(x *wire) []string {
	var out []string
	for p := range x.objects {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// TestMassLoss: an empty or gutted listing is held back until a second listing
// some time later says the same; a smaller loss is reported at once.
func TestMassLoss(t *testing.T) {
	for _, test := range []struct {
		have, lost int
		held       bool
	}{
		{60, 60, true}, {60, 25, true}, {60, 18, false}, {60, 20, false}, {200, 40, false}, {5, 5, true}, {4, 4, false}, {1, 1, false}, {20, 19, false},
	} {
		for _, fresh := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d of %d/from the start %v", test.lost, test.have, fresh), func(t *testing.T) {
				x := newWire(t)
				x.add(test.have)
				s := mustOpen(t, x.options())
				at := drain(t, s, "").cursor
				if fresh {
					at = ""
				}
				loseSome(x, test.lost)
				_, err := s.Pull(t.Context(), at)
				if !test.held {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				wantError(t, err, connectors.Protocol, "mass-loss")
				_, err = s.Pull(t.Context(), at)
				wantError(t, err, connectors.Protocol, "mass-loss") // too early to confirm
				s.confirm = 0
				gone := 0
				b, err := s.Pull(t.Context(), at)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range b.Changes {
					if c.Op == model.Gone {
						gone++
					}
				}
				if gone != test.lost {
					t.Errorf("%d reported gone after the second listing", gone)
				}
			})
		}
	}
	// A loss that heals is no loss.
	x := newWire(t)
	x.add(60)
	s := mustOpen(t, x.options())
	at := drain(t, s, "").cursor
	kept := x.objects
	x.mu.Lock()
	x.objects = map[string]wireObject{}
	x.mu.Unlock()
	_, err := s.Pull(t.Context(), at)
	wantError(t, err, connectors.Protocol, "mass-loss")
	x.mu.Lock()
	x.objects = kept
	x.mu.Unlock()
	if got := drain(t, s, at); got.changes != 0 {
		t.Errorf("%d changes after it healed", got.changes)
	}
}

// TestTokens: refused tokens in all their forms, pages, and loops.
func TestTokens(t *testing.T) {
	refuse := func(code int, text string) func(http.ResponseWriter, *http.Request, string) bool {
		return func(w http.ResponseWriter, r *http.Request, body string) bool {
			if !strings.Contains(body, "<sync-token>t1</sync-token>") {
				return false
			}
			w.WriteHeader(code)
			_, _ = w.Write([]byte(text))
			return true
		}
	}
	for _, test := range []struct {
		name    string
		odd     func(http.ResponseWriter, *http.Request, string) bool
		expired bool
	}{
		{"as RFC 6578 says", refuse(403, `<error xmlns="DAV:"><valid-sync-token/></error>`), true},
		{"as Xandikos says", refuse(500, "Traceback"), true},
		{"gone", refuse(410, ""), true},
		{"conflict", refuse(409, ""), true},
		{"throttled", refuse(429, ""), false},
		{"down", refuse(503, ""), false},
		{"logged out", refuse(401, ""), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := newWire(t)
			x.token = "t1"
			x.add(3)
			s := mustOpen(t, x.options())
			at := drain(t, s, "").cursor
			x.odd = test.odd
			_, err := s.Pull(t.Context(), at)
			if errors.Is(err, connectors.ErrCursorExpired) != test.expired || err == nil {
				t.Fatalf("%v", err)
			}
			if !test.expired {
				return
			}
			if got := drain(t, s, ""); got.changes != 3 {
				t.Errorf("%d changes from the start", got.changes)
			}
		})
	}
	t.Run("never a token again", func(t *testing.T) {
		x := newWire(t)
		x.token = "t1"
		x.add(3)
		s := mustOpen(t, x.options())
		at := drain(t, s, "").cursor
		x.odd = refuse(500, "")
		for range 2 {
			if _, err := s.Pull(t.Context(), at); !errors.Is(err, connectors.ErrCursorExpired) {
				t.Fatalf("%v", err)
			}
		}
		at = drain(t, s, "").cursor
		if got := drain(t, s, at); s.sync || got.changes != 0 {
			t.Errorf("sync %v, %d changes", s.sync, got.changes)
		}
	})
	t.Run("announced but not there", func(t *testing.T) {
		x := newWire(t)
		x.token = "t1"
		x.add(3)
		s := mustOpen(t, x.options())
		x.odd = func(w http.ResponseWriter, _ *http.Request, body string) bool {
			if strings.Contains(body, "sync-collection") {
				w.WriteHeader(http.StatusUnprocessableEntity) // GMX
				return true
			}
			return false
		}
		if got := drain(t, s, ""); got.changes != 3 || s.sync {
			t.Errorf("%d changes, sync %v", got.changes, s.sync)
		}
	})
}

// TestPages: 507 says that there is more (RFC 6578 section 3.6).
func TestPages(t *testing.T) {
	x := newWire(t)
	x.token = "t0"
	x.add(9)
	paths := sortedPaths(x)
	page := func(w http.ResponseWriter, _ *http.Request, body string) bool {
		if !strings.Contains(body, "sync-collection") {
			return false
		}
		n := 0
		_, _ = fmt.Sscanf(body[strings.Index(body, "<sync-token>"):], "<sync-token>t%d<", &n)
		out := ""
		for _, p := range paths[n:min(n+4, 9)] {
			out += okProps(p, `<D:getetag>`+escapeXML(x.objects[p].etag)+`</D:getetag>`)
		}
		if n+4 < 9 {
			out += `<D:response><D:href>` + wireCalendar + `</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response>`
		}
		multi(w, out+fmt.Sprintf(`<D:sync-token>t%d</D:sync-token>`, min(n+4, 9)))
		return true
	}
	x.odd = page
	s := mustOpen(t, x.options())
	got := drain(t, s, "")
	if got.changes != 9 || got.cursor != "c:9:s:t9" {
		t.Errorf("%d changes, cursor %q", got.changes, string(got.cursor))
	}
	for name, tail := range map[string]string{
		"a page that leads to itself": `<D:response><D:href>/</D:href><D:status>HTTP/1.1 507 x</D:status></D:response><D:sync-token>t9</D:sync-token>`,
		"no token":                    ``,
	} {
		x.mu.Lock()
		x.odd = func(w http.ResponseWriter, _ *http.Request, body string) bool { multi(w, tail); return true }
		x.mu.Unlock()
		_, err := s.Pull(t.Context(), got.cursor)
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestCutListing: a listing that says it is cut is never taken for the whole.
func TestCutListing(t *testing.T) {
	x := newWire(t)
	x.add(3)
	s := mustOpen(t, x.options())
	at := drain(t, s, "").cursor
	x.odd = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Header.Get("Depth") != "1" || r.Method != "PROPFIND" {
			return false
		}
		multi(w, okProps(wireCalendar+"m000.ics", `<D:getetag>"e0"</D:getetag>`)+`<D:response><D:href>`+wireCalendar+`</D:href><D:status>HTTP/1.1 507 x</D:status></D:response>`)
		return true
	}
	_, err := s.Pull(t.Context(), at)
	wantError(t, err, connectors.Protocol, "listing-cut")
}

// TestResume: a batch in the middle can be asked for again; another life cannot.
func TestResume(t *testing.T) {
	x := newWire(t)
	x.add(450)
	s := mustOpen(t, x.options())
	first, err := s.Pull(t.Context(), "")
	if err != nil || !first.More || first.Whole || len(first.Changes) != 200 {
		t.Fatalf("%v, %d changes", err, len(first.Changes))
	}
	for range 3 {
		b, err := s.Pull(t.Context(), first.Next)
		if err != nil || len(b.Changes) != 200 || b.Changes[0].Ref.Href != model.Name(wireCalendar+"m200.ics") {
			t.Fatalf("%v, %d changes", err, len(b.Changes))
		}
	}
	if _, err := mustOpen(t, x.options()).Pull(t.Context(), first.Next); !errors.Is(err, connectors.ErrCursorExpired) {
		t.Errorf("another life: %v", err)
	}
	if got := drain(t, s, first.Next); got.changes != 250 {
		t.Errorf("%d changes in the rest", got.changes)
	}
}

// TestRefusedWrites: what a server says to a PUT becomes an outcome of the step,
// or an error of the source.
// TestLostAnswer: the PUT took effect, its answer was lost. The same step ends as
// done, and nothing is written twice.
// TestMovedHold: a person's program stored the hold under another name; the server
// refuses a second object of the UID, and the one that is there is found.
// TestDiscovery opens the same calendar of real servers from every place a person
// may copy from a settings page.
// TestRestart: a server that dies is an error, and after its restart the cursor
// still holds.
// TestRealObjects loads real calendars of all producers into Radicale, as far as it
// takes them, and follows them.

// TestMassLossAfterRestart: the cursor says how much there was, so that an empty
// calendar is not believed at once either after a restart, whatever Source asks.
func TestMassLossAfterRestart(t *testing.T) {
	for _, test := range []struct {
		have, lost int
		held       bool
	}{
		{60, 60, true}, {60, 25, true}, {60, 18, false}, {5, 5, true}, {4, 4, false}, {200, 40, false},
	} {
		t.Run(fmt.Sprintf("%d of %d", test.lost, test.have), func(t *testing.T) {
			x := newWire(t)
			x.add(test.have)
			o := x.options()
			first := drain(t, mustOpen(t, o), "").cursor
			if n := connectors.Counted(first); n != test.have {
				t.Fatalf("the cursor counts %d", n)
			}
			loseSome(x, test.lost)
			o.Known, o.Guard = connectors.Counted(first), &Guard{}
			for try := range 3 {
				s := mustOpen(t, o) // the engine opens anew after each failure
				if try == 2 {
					s.confirm = 0
				}
				b, err := s.Pull(t.Context(), "")
				if !test.held || try == 2 {
					if err != nil {
						t.Fatal(err)
					}
					if n := connectors.Counted(drain(t, s, "").cursor); n != test.have-test.lost {
						t.Errorf("the cursor counts %d", n)
					}
					continue
				}
				wantError(t, err, connectors.Protocol, "mass-loss")
				if len(b.Changes) != 0 {
					t.Error("changes beside the error")
				}
			}
		})
	}
}

// TestMassLossOfToken: a token from before the restart goes on, and the guard counts
// from what the cursor says.
func TestMassLossOfToken(t *testing.T) {
	d := servertest.Radicale(t)
	path := d.MakeCalendar("Work")
	for i := range 40 {
		d.Put(fmt.Sprintf("%sm%d.ics", path, i), connectortest.Meeting(fmt.Sprintf("m%d@firm.example", i), "M", i%28+1))
	}
	o := options(d)
	at := drain(t, mustOpen(t, o), "").cursor
	d.Delete(path + "m0.ics")
	again := drain(t, mustOpen(t, o), at)
	if again.changes != 1 || connectors.Counted(again.cursor) != 39 {
		t.Errorf("%d changes, %d counted", again.changes, connectors.Counted(again.cursor))
	}
	for i := range 30 {
		d.Delete(fmt.Sprintf("%sm%d.ics", path, i+1))
	}
	_, err := mustOpen(t, o).Pull(t.Context(), again.cursor)
	wantError(t, err, connectors.Protocol, "mass-loss")
}
