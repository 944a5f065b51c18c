package caldav

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

type answers func(*http.Request) (*http.Response, error)

func (f answers) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// FuzzCalendars: whatever a server says of its calendars, what is taken lies on it, and
// neither our reading nor that of go-webdav panics.
func FuzzCalendars(f *testing.F) {
	for _, inner := range []string{
		okProps("/cal/work/", `<D:resourcetype><D:collection/><C:calendar/></D:resourcetype><D:displayname>Work</D:displayname><C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set><C:max-resource-size>7</C:max-resource-size>`),
		okProps("http://evil.example/cal/", `<D:resourcetype><C:calendar/></D:resourcetype>`),
		okProps("%2e%2e/", `<D:resourcetype><C:calendar/></D:resourcetype><C:max-resource-size>x</C:max-resource-size>`),
		`<D:response><D:href/><D:propstat/></D:response><D:response/>`,
		`<D:response><D:href>a</D:href><D:href>b</D:href><D:status>HTTP/1.1 404</D:status><D:error/></D:response>`,
		`<D:response><D:propstat><D:prop><D:resourcetype/></D:prop><D:status>HTTP/1.1</D:status></D:propstat></D:response>`,
	} {
		f.Add(msHead + inner + `</D:multistatus>`)
	}
	f.Fuzz(func(t *testing.T, body string) {
		c, err := newClient(Options{URL: "http://127.0.0.1/", Client: &http.Client{Transport: answers(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusMultiStatus, Header: http.Header{"Content-Type": {"application/xml"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})}})
		if err != nil {
			t.Fatal(err)
		}
		s := &Source{c: c}
		list, _ := s.calendars(t.Context(), "/home/")
		for _, x := range list {
			if !strings.HasPrefix(x.path, "/") || strings.HasPrefix(x.path, "//") || strings.Contains(x.path, "/../") {
				t.Errorf("path %q", x.path)
			}
		}
	})
}
