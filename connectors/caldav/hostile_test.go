package caldav

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

// wantError checks class and code.
func wantError(t testing.TB, err error, class connectors.Class, code string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s %s", class, code)
	}
	gotClass, got := connectors.Classify(err)
	if gotClass != class || got != code {
		t.Errorf("%s %s (%v), want %s %s", gotClass, got, err, class, code)
	}
}

// TestForeignRedirect: another origin gets no request at all, whatever the status
// and whatever makes it another.
func TestForeignRedirect(t *testing.T) {
	var hits atomic.Int64
	foreign := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer foreign.Close()
	for _, code := range []int{301, 302, 307, 308} {
		for _, to := range []string{foreign.URL + "/cal/work/", strings.Replace(foreign.URL, "127.0.0.1", "localhost", 1) + "/x", "//127.0.0.2/x", "https://127.0.0.1/x"} {
			x := newWire(t)
			x.odd = func(w http.ResponseWriter, r *http.Request, _ string) bool {
				w.Header().Set("Location", to)
				w.WriteHeader(code)
				return true
			}
			_, err := Open(t.Context(), x.options())
			wantError(t, err, connectors.Config, "foreign-origin")
		}
	}
	// The same in the middle of the work.
	x := newWire(t)
	x.add(3)
	s := mustOpen(t, x.options())
	x.odd = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		w.Header().Set("Location", foreign.URL+"/steal")
		w.WriteHeader(http.StatusTemporaryRedirect)
		return true
	}
	_, err := s.Pull(t.Context(), "")
	wantError(t, err, connectors.Config, "foreign-origin")
	if hits.Load() != 0 {
		t.Errorf("the foreign host got %d requests", hits.Load())
	}
}

// TestRedirectKeepsMethod: net/http would turn PROPFIND into GET.
func TestRedirectKeepsMethod(t *testing.T) {
	x := newWire(t)
	x.odd = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if strings.HasPrefix(r.URL.Path, "/old/") {
			w.Header().Set("Location", wireCalendar)
			w.WriteHeader(http.StatusMovedPermanently)
			return true
		}
		return false
	}
	o := x.options()
	o.URL = x.URL + "/old/"
	s := mustOpen(t, o)
	if s.calendar != wireCalendar || x.requests()[1] != "PROPFIND "+wireCalendar {
		t.Errorf("calendar %q, requests %q", s.calendar, x.requests())
	}
	x.odd = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		w.Header().Set("Location", r.URL.Path)
		w.WriteHeader(http.StatusFound)
		return true
	}
	_, err := s.Pull(t.Context(), "")
	wantError(t, err, connectors.Protocol, "redirect-loop")
}

func TestURLs(t *testing.T) {
	for url, code := range map[string]string{
		"http://dav.firm.example/":     "insecure-url",
		"ftp://127.0.0.1/":             "insecure-url",
		"https://u:p@dav.firm.example": "bad-url",
		"https://":                     "bad-url",
		"dav":                          "bad-url",
		"dav.firm.example/calendars":   "bad-url",
		"https://127.0.0.1:99999/\x7f": "bad-url",
	} {
		_, err := Open(t.Context(), Options{URL: url})
		wantError(t, err, connectors.Config, code)
	}
}

// TestBombs: answers that would kill go-webdav or the memory end as an error.
func TestBombs(t *testing.T) {
	many := okProps(wireCalendar+"a.ics", `<D:getetag>"1"</D:getetag>`)
	for _, test := range []struct {
		name string
		code string
		body func(w io.Writer)
	}{
		{"deep", "xml-depth", func(w io.Writer) { repeat(w, "<a>", 3_000_000) }},
		{"many attributes", "xml-attributes", func(w io.Writer) { _, _ = io.WriteString(w, "<a"); repeat(w, ` b="c"`, 1_000_000) }},
		{"a tag without end", "xml-attributes", func(w io.Writer) { _, _ = io.WriteString(w, "<a"); repeat(w, "b", 1_000_000) }},
		{"doctype", "xml-doctype", func(w io.Writer) {
			_, _ = io.WriteString(w, `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`)
		}},
		{"a million responses", "body-too-large", func(w io.Writer) { _, _ = io.WriteString(w, msHead); repeat(w, many, 1_000_000) }},
		{"empty responses", "too-many-responses", func(w io.Writer) {
			_, _ = io.WriteString(w, msHead)
			repeat(w, "<D:response/>", 1_000_000)
			_, _ = io.WriteString(w, "</D:multistatus>")
		}},
		{"elements", "xml-elements", func(w io.Writer) { _, _ = io.WriteString(w, msHead); repeat(w, "<a/>", 3_000_000) }},
		{"half a document", "xml-malformed", func(w io.Writer) { _, _ = io.WriteString(w, msHead+many+"<D:response>") }},
		{"half a tag", "xml-malformed", func(w io.Writer) { _, _ = io.WriteString(w, msHead+"<D:resp") }},
		{"something else", "not-multistatus", func(w io.Writer) { _, _ = io.WriteString(w, "<html></html>") }},
		{"nothing", "xml-malformed", func(io.Writer) {}},
		{"binary", "xml-malformed", func(w io.Writer) { _, _ = w.Write([]byte{0, 1, 2, '<', 0, 0xff}) }},
	} {
		for _, zipped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/gzip=%v", test.name, zipped), func(t *testing.T) {
				x := newWire(t)
				s := mustOpen(t, x.options())
				var buf bytes.Buffer
				test.body(&buf)
				x.odd = func(w http.ResponseWriter, _ *http.Request, _ string) bool {
					w.Header().Set("Content-Type", "application/xml")
					if zipped {
						w.Header().Set("Content-Encoding", "gzip")
					}
					w.WriteHeader(http.StatusMultiStatus)
					if !zipped {
						_, _ = w.Write(buf.Bytes())
						return true
					}
					z := gzip.NewWriter(w)
					_, _ = z.Write(buf.Bytes())
					_ = z.Close()
					return true
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := s.Pull(t.Context(), "")
				runtime.ReadMemStats(&after)
				wantError(t, err, connectors.Protocol, test.code)
				if used := after.TotalAlloc - before.TotalAlloc; used > 512<<20 {
					t.Errorf("%d MiB allocated", used>>20)
				}
				_, err = Open(t.Context(), Options{Source: "s", URL: x.URL + "/", Match: "Work"})
				if err == nil {
					t.Error("opened")
				}
			})
		}
	}
}

func repeat(w io.Writer, s string, n int) {
	chunk := strings.Repeat(s, 1000)
	for range n / 1000 {
		_, _ = io.WriteString(w, chunk)
	}
}

func TestStatuses(t *testing.T) {
	for _, test := range []struct {
		status int
		header string
		class  connectors.Class
		wait   time.Duration
	}{
		{401, "", connectors.Auth, 0}, {403, "", connectors.Auth, 0}, {404, "", connectors.Config, 0}, {410, "", connectors.Config, 0},
		{429, "17", connectors.Throttled, 17 * time.Second}, {503, "99999999", connectors.Throttled, 24 * time.Hour}, {503, "-1", connectors.Throttled, 0},
		{500, "", connectors.Network, 0}, {502, "", connectors.Network, 0}, {418, "", connectors.Protocol, 0}, {200, "", connectors.Protocol, 0},
	} {
		x := newWire(t)
		s := mustOpen(t, x.options())
		x.odd = func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			w.Header().Set("Retry-After", test.header)
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, `<error xmlns="DAV:"><secret-subject-of-a-mail/></error>`)
			return true
		}
		_, err := s.Pull(t.Context(), "")
		e, ok := errors.AsType[*connectors.Error](err)
		if !ok || e.Class != test.class || e.RetryAfter != test.wait {
			t.Errorf("%d: %v, wait %v", test.status, err, e.RetryAfter)
		}
	}
}

func TestRetryAfterDate(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if got := retryAfter("Mon, 02 Mar 2026 09:00:30 GMT", now); got != 30*time.Second {
		t.Errorf("%v", got)
	}
	if got := retryAfter("Mon, 02 Mar 2020 09:00:30 GMT", now); got != 0 {
		t.Errorf("%v for the past", got)
	}
}

// TestConnection: cut answers, refused connections and silence.
func TestConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 207 Multi-Status\r\nContent-Length: 1000\r\n\r\n<multi")
			_ = c.Close()
		}
	}()
	_, err = Open(t.Context(), Options{URL: "http://" + l.Addr().String() + "/"})
	wantError(t, err, connectors.Network, "connection")

	x := newWire(t)
	s := mustOpen(t, x.options())
	x.Close()
	_, err = s.Pull(t.Context(), "")
	wantError(t, err, connectors.Network, "connection")
	if strings.Contains(err.Error(), wireCalendar) {
		t.Errorf("the error names a path: %v", err)
	}
}

// TestTLS: an unknown authority ends the call, a known one works, and Basic
// credentials go nowhere else.
func TestTLS(t *testing.T) {
	x := newWire(t)
	srv := httptest.NewTLSServer(x)
	defer srv.Close()
	o := x.options()
	o.URL = srv.URL + wireCalendar
	o.User, o.Password = "gc", func(context.Context) (string, error) { return "secret", nil }
	_, err := Open(t.Context(), o)
	wantError(t, err, connectors.Network, "tls")
	if n := len(x.requests()); n != 0 {
		t.Errorf("%d requests without trust", n)
	}
	o.RootCAs = srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	mustOpen(t, o)
	o.Password = func(context.Context) (string, error) { return "", errors.New("file vanished") }
	_, err = Open(t.Context(), o)
	wantError(t, err, connectors.Config, "password")
}

// TestPasswordChange: a password changed on disk is read again, once.
func TestPasswordChange(t *testing.T) {
	x := newWire(t)
	want := "old"
	x.odd = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if _, p, _ := r.BasicAuth(); p != want {
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		return false
	}
	onDisk := "old"
	o := x.options()
	o.User, o.Password = "gc", func(context.Context) (string, error) { return onDisk, nil }
	s := mustOpen(t, o)
	want, onDisk = "new", "new"
	if _, err := s.Pull(t.Context(), ""); err != nil {
		t.Errorf("after the change: %v", err)
	}
	want = "newer"
	before := len(x.requests())
	_, err := s.Pull(t.Context(), "")
	wantError(t, err, connectors.Auth, "http-401")
	if n := len(x.requests()) - before; n > 2 {
		t.Errorf("%d requests with a wrong password: that locks accounts", n)
	}
}

// TestOddETags: weak, unquoted and missing ETags; a status line without a reason;
// absolute and oddly escaped hrefs.
func TestOddETags(t *testing.T) {
	x := newWire(t)
	x.add(4)
	edit := func(path, etag, title string) {
		x.objects[path] = wireObject{etag, strings.Replace(x.objects[path].data, "Meeting", title, 1)}
	}
	paths := []string{wireCalendar + "m000.ics", wireCalendar + "m001.ics", wireCalendar + "m002.ics", wireCalendar + "m003.ics"}
	edit(paths[0], `W/"weak"`, "Weak")
	edit(paths[1], `unquoted`, "Unquoted")
	edit(paths[2], ``, "Missing")
	x.odd = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if r.Method != "REPORT" {
			return false
		}
		var out strings.Builder
		for i, p := range paths {
			o := x.objects[p]
			href := []string{p, x.URL + p, strings.Replace(p, "m", "%6d", 1), p}[i]
			etag := ""
			if o.etag != "" {
				etag = `<D:getetag>` + escapeXML(o.etag) + `</D:getetag>`
			}
			out.WriteString(strings.Replace(okProps(href, etag+`<C:calendar-data>`+escapeXML(o.data)+`</C:calendar-data>`), "200 OK", "200", 1))
		}
		multi(w, out.String()+okProps("https://elsewhere.example"+paths[0], "<C:calendar-data>x</C:calendar-data>"))
		return true
	}
	s := mustOpen(t, x.options())
	b, err := s.Pull(t.Context(), "")
	if err != nil || len(b.Changes) != 4 || !b.Whole {
		t.Fatalf("%v, %d changes", err, len(b.Changes))
	}
	versions := []string{}
	for _, c := range b.Changes {
		if c.Op != model.Put {
			t.Errorf("%v", c.Fault)
		}
		versions = append(versions, c.Ref.Version)
	}
	if versions[0] != `W/"weak"` || versions[1] != "unquoted" || !strings.HasPrefix(versions[2], "digest:") || versions[3] != `"e3"` {
		t.Errorf("versions %q", versions)
	}
	if b, err = s.Pull(t.Context(), b.Next); err != nil || len(b.Changes) != 0 {
		t.Errorf("nothing changed: %v, %d changes", err, len(b.Changes))
	}
	x.mu.Lock()
	x.objects[paths[2]] = wireObject{"", strings.Replace(x.objects[paths[2]].data, "Missing", "Moved", 1)}
	x.mu.Unlock()
	if b, err = s.Pull(t.Context(), b.Next); err != nil || len(b.Changes) != 1 {
		t.Errorf("one without an ETag changed: %v, %d changes", err, len(b.Changes))
	}
}

// TestWeakUpdate: a weak ETag cannot be a condition, the digest stands in.
func TestWeakUpdate(t *testing.T) {
	x := newWire(t)
	s := mustOpen(t, x.options())
	h := model.Hold{UID: "h1", Of: "f:1", Digest: "v1", Body: model.Hide(model.HoldBody{Start: 1772442000, End: 1772445600, Summary: "Conflict"})}
	apply := func(h model.Hold) model.Result {
		t.Helper()
		r, err := s.Apply(t.Context(), []model.Step{{ID: "1", Action: h}})
		if err != nil {
			t.Fatal(err)
		}
		return r[0]
	}
	first := apply(h)
	x.mu.Lock()
	for p, o := range x.objects {
		x.objects[p] = wireObject{"W/" + o.etag, o.data}
	}
	x.mu.Unlock()
	h.Base, h.Digest = first.Ref, "v2"
	if r := apply(h); r.Outcome != model.Done || r.Already || !strings.HasPrefix(r.Ref.Version, `W/"`) {
		t.Errorf("outcome %d, version %q", r.Outcome, r.Ref.Version)
	}
}

// TestMixedFailures: in one multiget some objects fail in every way there is.
func TestMixedFailures(t *testing.T) {
	x := newWire(t)
	x.add(120)
	name := func(i int) string { return fmt.Sprintf("%sm%03d.ics", wireCalendar, i) }
	x.objects[name(7)] = wireObject{`"x"`, "this is no calendar"}
	x.objects[name(8)] = wireObject{`"y"`, "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:t\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"}
	x.odd = func(w http.ResponseWriter, r *http.Request, body string) bool {
		single := r.Method == http.MethodGet
		switch {
		case r.Method == "REPORT" && strings.Contains(body, name(60)+"<"):
			w.WriteHeader(http.StatusInternalServerError) // one object kills the report
		case r.Method == "REPORT" && strings.Contains(body, name(3)+"<"):
			out := okProps(name(5), `<D:getetag>"5"</D:getetag><C:calendar-data></C:calendar-data>`) +
				`<D:response><D:href>` + name(4) + `</D:href><D:status>HTTP/1.1 403 Forbidden</D:status></D:response>`
			for i := range 50 {
				if p := name(i); i != 3 && i != 4 && i != 5 {
					out += okProps(p, `<C:calendar-data>`+escapeXML(x.objects[p].data)+`</C:calendar-data>`)
				}
			}
			multi(w, out)
		case single && r.URL.Path == name(3):
			w.WriteHeader(http.StatusNotFound)
		case single && (r.URL.Path == name(4) || r.URL.Path == name(60)):
			w.WriteHeader(http.StatusForbidden)
		default:
			return false
		}
		return true
	}
	s := mustOpen(t, x.options())
	faults := map[string]string{}
	puts := 0
	var next connectors.Cursor
	for {
		b, err := s.Pull(t.Context(), next)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range b.Changes {
			if c.Op == model.Put {
				puts++
			} else {
				faults[string(c.Ref.Href)] = c.Fault.Code
			}
		}
		if next = b.Next; !b.More {
			break
		}
	}
	want := map[string]string{name(3): "fetch-missing", name(4): "fetch-403", name(7): "ics-no-calendar", name(60): "fetch-403"}
	if puts != 115 || fmt.Sprint(faults) != fmt.Sprint(want) {
		t.Errorf("%d events, faults %v", puts, faults)
	}
	// The second look: one is truly gone, the others have come back.
	x.mu.Lock()
	x.odd = nil
	delete(x.objects, name(3))
	x.mu.Unlock()
	b, err := s.Pull(t.Context(), next)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range b.Changes {
		got = append(got, fmt.Sprint(c.Op, " ", string(c.Ref.Href)))
	}
	if w := []string{fmt.Sprint(model.Gone, " ", name(3)), fmt.Sprint(model.Put, " ", name(4)), fmt.Sprint(model.Put, " ", name(60))}; !slices.Equal(got, w) {
		t.Errorf("second look: %q", got)
	}
}

// TestScanXML: what the scan lets through and the decoder must still refuse is
// well-formedness; what it refuses is cost.
func TestScanXML(t *testing.T) {
	for text, want := range map[string]bool{
		`<a b="1" c='>'><!-- <x> --><![CDATA[<y>]]><?pi <z>?><d/></a>`: true,
		`<a b="` + strings.Repeat("=", 200) + `"/>`:                    true,
		strings.Repeat("<a>", maxXMLDepth) + "x":                       true,
		strings.Repeat("<a>", maxXMLDepth+1):                           false,
		strings.Repeat("<a/>", 1000) + strings.Repeat("<b></b>", 1000): true,
		"<!-- never ends": false,
		"<>":              false,
		"<!ELEMENT x>":    false,
		"<a":              false,
	} {
		if got := scanXML([]byte(text)) == nil; got != want {
			t.Errorf("%.40q: %v", text, got)
		}
	}
}

// FuzzMultistatus: no answer panics, and none that is read has odd entries.
func FuzzMultistatus(f *testing.F) {
	f.Add([]byte(msHead + okProps("/a", `<D:getetag>"1"</D:getetag>`) + `<D:sync-token>t</D:sync-token></D:multistatus>`))
	f.Add([]byte(`<a b='"' c=">"><![CDATA[]]></a>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		ms, err := readMultistatus(b)
		if err != nil {
			wantClass(t, err)
			return
		}
		for _, r := range ms.responses {
			if c := r.code(); c < 0 || r.prop().ETag != "" && len(r.Propstat) == 0 {
				t.Fatalf("code %d", c)
			}
		}
	})
}

func wantClass(t *testing.T, err error) {
	t.Helper()
	if class, code := connectors.Classify(err); class != connectors.Protocol || code == "" {
		t.Fatalf("%v", err)
	}
}
