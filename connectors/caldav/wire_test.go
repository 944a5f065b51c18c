package caldav

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/connectors/connectortest"
)

// wire is a CalDAV server at the wire: it answers like a good one until a test
// makes it answer otherwise.
type wire struct {
	*httptest.Server
	mu      sync.Mutex
	objects map[string]wireObject // by path
	log     []string              // "METHOD path" of every request
	token   string                // "" means no sync-collection
	odd     func(w http.ResponseWriter, r *http.Request, body string) bool
}

type wireObject struct{ etag, data string }

const wireCalendar = "/cal/work/"

func newWire(t testing.TB) *wire {
	x := &wire{objects: map[string]wireObject{}}
	x.Server = httptest.NewServer(x)
	t.Cleanup(x.Close)
	return x
}

// options open the calendar by its own URL.
func (x *wire) options() Options {
	return Options{Source: "firm/work", URL: x.URL + wireCalendar, Poll: time.Hour, Sign: connectortest.CalendarSign}
}

func (x *wire) add(n int) {
	for i := range n {
		x.objects[fmt.Sprintf("%sm%03d.ics", wireCalendar, i)] = wireObject{
			fmt.Sprintf(`"e%d"`, i), string(connectortest.Meeting(fmt.Sprintf("m%d@firm.example", i), fmt.Sprintf("Meeting %03d", i), i%28+1)),
		}
	}
}

func (x *wire) requests() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.log)
}

const msHead = `<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/">`

func multi(w http.ResponseWriter, inner string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusMultiStatus)
	_, _ = io.WriteString(w, msHead+inner+`</D:multistatus>`)
}

func okProps(href, props string) string {
	return `<D:response><D:href>` + href + `</D:href><D:propstat><D:prop>` + props + `</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`
}

func (x *wire) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	body := string(b)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.log = append(x.log, r.Method+" "+r.URL.Path)
	if x.odd != nil && x.odd(w, r, body) {
		return
	}
	switch {
	case r.Method == "PROPFIND":
		x.propfind(w, r)
	case r.Method == "REPORT" && strings.Contains(body, "sync-collection"):
		x.report(w)
	case r.Method == "REPORT":
		var out strings.Builder
		for _, path := range slices.Sorted(maps.Keys(x.objects)) {
			if strings.Contains(body, path+"<") {
				o := x.objects[path]
				out.WriteString(okProps(path, `<D:getetag>`+escapeXML(o.etag)+`</D:getetag><C:calendar-data>`+escapeXML(o.data)+`</C:calendar-data>`))
			}
		}
		multi(w, out.String())
	case r.Method == http.MethodGet:
		o, ok := x.objects[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if o.etag != "" {
			w.Header()["ETag"] = []string{o.etag}
		}
		_, _ = io.WriteString(w, o.data)
	case r.Method == http.MethodPut:
		x.put(w, r, body)
	case r.Method == http.MethodDelete:
		delete(x.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (x *wire) propfind(w http.ResponseWriter, r *http.Request) {
	props := `<D:resourcetype><D:collection/><C:calendar/></D:resourcetype><D:displayname>Work</D:displayname>`
	if x.token != "" {
		props += `<D:sync-token>` + x.token + `</D:sync-token>`
	}
	out := okProps(wireCalendar, props)
	if r.Header.Get("Depth") == "1" {
		for _, path := range slices.Sorted(maps.Keys(x.objects)) {
			etag := x.objects[path].etag
			if etag != "" {
				etag = `<D:getetag>` + escapeXML(etag) + `</D:getetag>`
			}
			out += okProps(path, etag)
		}
	}
	multi(w, out)
}

func (x *wire) report(w http.ResponseWriter) {
	if x.token == "" {
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	out := ""
	for _, path := range slices.Sorted(maps.Keys(x.objects)) {
		out += okProps(path, `<D:getetag>`+escapeXML(x.objects[path].etag)+`</D:getetag>`)
	}
	multi(w, out+`<D:sync-token>`+x.token+`</D:sync-token>`)
}

func (x *wire) put(w http.ResponseWriter, r *http.Request, body string) {
	old, there := x.objects[r.URL.Path]
	match := r.Header.Get("If-Match")
	if there && r.Header.Get("If-None-Match") == "*" || match != "" && match != old.etag {
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	}
	etag := fmt.Sprintf(`"w%d"`, len(x.log))
	if strings.HasPrefix(old.etag, "W/") {
		etag = "W/" + etag
	}
	x.objects[r.URL.Path] = wireObject{etag, body}
	w.WriteHeader(http.StatusCreated)
}
