package caldav

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/internal/ical"
	"chancery/internal/model"
)

// syncOnly answers sync reports alone, the rest as a good server does.
func syncOnly(answer func(page int) string) func(http.ResponseWriter, *http.Request, string) bool {
	page := 0
	return func(w http.ResponseWriter, _ *http.Request, body string) bool {
		if !strings.Contains(body, "sync-collection") {
			return false
		}
		page++
		multi(w, answer(page))
		return true
	}
}

const cutPage = `<D:response><D:href>` + wireCalendar + `</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response>`

// TestPagesWithoutEnd: a server that always says that there is more is left after few
// pages if it tells nothing new, and at the limit of objects if it does.
func TestPagesWithoutEnd(t *testing.T) {
	same := okProps(wireCalendar+"a.ics", `<D:getetag>"1"</D:getetag>`)
	for _, test := range []struct {
		name, code string
		most       int // pages that are read
		answer     func(page int) string
	}{
		{"no entry", "sync-pages", 1, func(page int) string { return cutPage + fmt.Sprintf("<D:sync-token>t%d</D:sync-token>", page) }},
		{"one entry again and again", "sync-pages", 2, func(page int) string { return same + cutPage + fmt.Sprintf("<D:sync-token>t%d</D:sync-token>", page) }},
		{"entries of other places", "sync-pages", 1, func(page int) string {
			return okProps(fmt.Sprintf("/cal/other/%d.ics", page), "") + cutPage + fmt.Sprintf("<D:sync-token>t%d</D:sync-token>", page)
		}},
		{"objects without end", "too-many-objects", maxObjects/50_000 + 1, func(page int) string {
			var b strings.Builder
			for i := range 50_000 {
				fmt.Fprintf(&b, "<D:response><D:href>%s%d-%d.ics</D:href></D:response>", wireCalendar, page, i)
			}
			return b.String() + cutPage + fmt.Sprintf("<D:sync-token>t%d</D:sync-token>", page)
		}},
		{"deletions without end", "too-many-objects", maxObjects/50_000 + 1, func(page int) string {
			var b strings.Builder
			for i := range 50_000 {
				fmt.Fprintf(&b, "<D:response><D:href>%s%d-%d.ics</D:href><D:status>HTTP/1.1 404 x</D:status></D:response>", wireCalendar, page, i)
			}
			return b.String() + cutPage + fmt.Sprintf("<D:sync-token>t%d</D:sync-token>", page)
		}},
		{"a token of 10 MB", "sync-token", 1, func(int) string { return same + "<D:sync-token>" + strings.Repeat("t", 10<<20) + "</D:sync-token>" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := newWire(t)
			x.token = "t0"
			s := mustOpen(t, x.options())
			before := len(x.requests())
			x.odd = syncOnly(test.answer)
			_, err := s.Pull(t.Context(), "")
			wantError(t, err, connectors.Protocol, test.code)
			if n := len(x.requests()) - before; n > test.most {
				t.Errorf("%d pages were read, want %d at most", n, test.most)
			}
		})
	}
}

// TestLargeObjectsOneByOne: of objects that a report leaves out and that are asked for
// alone, fifty large ones do not add up in memory.
func TestLargeObjectsOneByOne(t *testing.T) {
	x := newWire(t)
	x.add(50)
	s := mustOpen(t, x.options())
	large := bytes.Repeat([]byte("X"), 24<<20)
	x.odd = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		switch r.Method {
		case "REPORT":
			multi(w, "")
		case http.MethodGet:
			_, _ = w.Write(large)
		default:
			return false
		}
		return true
	}
	var most, m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b, err := s.Pull(t.Context(), "")
	runtime.ReadMemStats(&most)
	if err != nil || len(b.Changes) != 50 {
		t.Fatalf("%v, %d changes", err, len(b.Changes))
	}
	for _, c := range b.Changes {
		if c.Op != model.Unreadable {
			t.Errorf("op %d", c.Op)
		}
	}
	if used := int64(most.HeapAlloc) - int64(m.HeapAlloc); used > 256<<20 {
		t.Errorf("%d MiB are held", used>>20)
	}
}

// TestTagsThatAreNoHeader: an ETag that no request can carry is as none: the object is
// followed by what it says.
func TestTagsThatAreNoHeader(t *testing.T) {
	for name, etag := range map[string]string{
		"a line break": "\"a\r\nX-Evil: 1\"", "a tab": "\"a\tb\"", "delete": "\"\x7f\"", "64 KiB": `"` + strings.Repeat("e", 60<<10) + `"`,
	} {
		t.Run(name, func(t *testing.T) {
			x := newWire(t)
			x.add(1)
			path := wireCalendar + "m000.ics"
			data := x.objects[path].data
			x.objects[path] = wireObject{etag, data}
			x.odd = func(w http.ResponseWriter, r *http.Request, _ string) bool {
				if r.Method == http.MethodGet {
					_, _ = io.WriteString(w, data)
				}
				return r.Method == http.MethodGet
			}
			s := mustOpen(t, x.options())
			b, err := s.Pull(t.Context(), "")
			if err != nil || len(b.Changes) != 1 {
				t.Fatalf("%v, %d changes", err, len(b.Changes))
			}
			at, err := s.look(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			want := "digest:" + ical.Digest([]byte(data))
			if v := b.Changes[0].Ref.Version; v != want || at.etag != want {
				t.Errorf("listed as %.40q, read as %.40q", v, at.etag)
			}
			if again := drain(t, s, b.Next); again.changes != 0 {
				t.Errorf("%d changes where nothing changed", again.changes)
			}
		})
	}
}

// TestDotSegments: an href that leads out of the calendar when it is sent is no
// object of it, however it is written.
func TestDotSegments(t *testing.T) {
	x := newWire(t)
	s := mustOpen(t, x.options())
	for _, href := range []string{
		wireCalendar + "..", wireCalendar + ".", wireCalendar + "%2e%2e", wireCalendar + "%2E.", wireCalendar + "../work2/a.ics", wireCalendar + "a/../b/c.ics",
		wireCalendar + "%2e%2e/work2/a.ics", "//evil.example" + wireCalendar + "a.ics", "https://evil.example" + wireCalendar + "a.ics", "/cal/work2/a.ics",
		"/CAL/work/a.ics", wireCalendar, "", "javascript:x",
	} {
		if path, ok := s.member(href); ok {
			t.Errorf("%q is taken as %q", href, path)
		}
	}
	for href, want := range map[string]string{
		wireCalendar + "a%2Fb.ics": wireCalendar + "a%2Fb.ics", "/cal/../cal/work/c.ics": wireCalendar + "c.ics", wireCalendar + "...": wireCalendar + "...",
		wireCalendar + "%61.ics": wireCalendar + "a.ics", x.URL + wireCalendar + "a.ics": wireCalendar + "a.ics",
	} {
		if path, ok := s.member(href); !ok || path != want {
			t.Errorf("%q is %q, %v", href, path, ok)
		}
	}
}
