package caldav

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"chancery/connectors"
	"chancery/internal/servertest"
)

// zone answers as a DNS server; what is not in it does not exist.
type zone struct {
	srv  map[string][]dnsmessage.SRVResource
	txt  map[string][]string
	fail bool
}

// resolver serves z on loopback. Every name has the address 127.0.0.1.
func resolver(t testing.TB, z zone) *net.Resolver {
	t.Helper()
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 4096)
		for {
			n, from, err := l.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			if out, err := z.answer(m).Pack(); err == nil {
				_, _ = l.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", l.LocalAddr().String())
	}}
}

func (z zone) answer(m dnsmessage.Message) *dnsmessage.Message {
	q := m.Questions[0]
	out := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true, RecursionAvailable: true}, Questions: m.Questions}
	head := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 1}
	name := strings.ToLower(q.Name.String())
	switch {
	case z.fail:
		out.RCode = dnsmessage.RCodeServerFailure
	case q.Type == dnsmessage.TypeSRV:
		for _, r := range z.srv[name] {
			out.Answers = append(out.Answers, dnsmessage.Resource{Header: head, Body: &r})
		}
	case q.Type == dnsmessage.TypeTXT:
		for _, text := range z.txt[name] {
			out.Answers = append(out.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.TXTResource{TXT: []string{text}}})
		}
	case q.Type == dnsmessage.TypeA:
		out.Answers = append(out.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}})
	}
	if len(out.Answers) == 0 && q.Type != dnsmessage.TypeAAAA && !z.fail {
		out.RCode = dnsmessage.RCodeNameError
	}
	return &out
}

func srv(priority, port int, target string) dnsmessage.SRVResource {
	return dnsmessage.SRVResource{Priority: uint16(priority), Port: uint16(port), Target: dnsmessage.MustNewName(target)}
}

const service = "_caldavs._tcp.firm.example."

func TestLookup(t *testing.T) {
	for _, test := range []struct {
		name  string
		zone  zone
		url   string
		hosts []string
		want  []string
		code  string
	}{
		{name: "a URL is not looked up", url: "https://other.example/x", zone: zone{fail: true}, want: []string{"https://other.example/x"}},
		{name: "no record", want: []string{"https://firm.example/"}},
		{name: "a host of the domain", zone: zone{srv: map[string][]dnsmessage.SRVResource{service: {srv(0, 8443, "Cal.Firm.example.")}}},
			want: []string{"https://cal.firm.example:8443/"}},
		{name: "the preferred one first, with a path", zone: zone{
			srv: map[string][]dnsmessage.SRVResource{service: {srv(20, 443, "b.firm.example."), srv(10, 443, "firm.example.")}},
			txt: map[string][]string{service: {"txtvers=1", "path=/dav/a%20b"}}},
			want: []string{"https://firm.example:443/dav/a%20b", "https://b.firm.example:443/dav/a%20b"}},
		{name: "a path that is none", zone: zone{
			srv: map[string][]dnsmessage.SRVResource{service: {srv(1, 443, "firm.example.")}},
			txt: map[string][]string{service: {"path=//evil.example/x"}}},
			want: []string{"https://firm.example:443/"}},
		{name: "a host elsewhere", zone: zone{srv: map[string][]dnsmessage.SRVResource{service: {srv(0, 443, "cal.provider.example.")}}}, code: "foreign-host"},
		{name: "a host that only looks alike", zone: zone{srv: map[string][]dnsmessage.SRVResource{service: {srv(0, 443, "evilfirm.example.")}}}, code: "foreign-host"},
		{name: "a host elsewhere that is named", hosts: []string{"CAL.provider.example"},
			zone: zone{srv: map[string][]dnsmessage.SRVResource{service: {srv(0, 443, "cal.provider.example."), srv(1, 443, "other.example.")}}},
			want: []string{"https://cal.provider.example:443/"}},
		{name: "decidedly none", zone: zone{srv: map[string][]dnsmessage.SRVResource{service: {srv(0, 0, ".")}}}, code: "no-service"},
		{name: "DNS is down", zone: zone{fail: true}, code: "dns"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := Options{URL: "firm.example", Hosts: test.hosts, Resolver: resolver(t, test.zone)}
			if test.url != "" {
				o.URL = test.url
			}
			got, err := o.urls(t.Context())
			if _, code := connectors.Classify(err); err != nil && code != test.code || err == nil && test.code != "" || !slices.Equal(got, test.want) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestDomain goes all the way: from a domain over DNS, the first server that is down,
// the well-known path and its redirect to the calendar. The method is kept at every
// redirect (RFC 9110 section 15.4).
func TestDomain(t *testing.T) {
	for _, code := range []int{301, 302, 307, 308} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			var port string
			mux := http.NewServeMux()
			mux.HandleFunc("/.well-known/caldav", func(w http.ResponseWriter, r *http.Request) {
				if r.Method != "PROPFIND" {
					t.Errorf("method %s", r.Method)
				}
				http.Redirect(w, r, "/dav/", code)
			})
			mux.HandleFunc("/dav/", func(w http.ResponseWriter, r *http.Request) {
				if r.Method != "PROPFIND" {
					t.Errorf("method %s", r.Method)
				}
				multistatusOf(w, `<response><href>/dav/</href><propstat><prop><current-user-principal><href>/me/</href></current-user-principal></prop><status>HTTP/1.1 200 OK</status></propstat></response>`)
			})
			mux.HandleFunc("/me/", func(w http.ResponseWriter, _ *http.Request) {
				multistatusOf(w, `<response><href>/me/</href><propstat><prop><C:calendar-home-set><href>https://elsewhere.example/h/</href><href>/a/</href><href>https://example.com:`+port+
					`/b/</href></C:calendar-home-set></prop><status>HTTP/1.1 200 OK</status></propstat></response>`)
			})
			calendar := func(path, name string) string {
				return `<response><href>` + path + `</href><propstat><prop><resourcetype><collection/><C:calendar/></resourcetype><displayname>` + name + `</displayname></prop><status>HTTP/1.1 200 OK</status></propstat></response>`
			}
			mux.HandleFunc("/a/", func(w http.ResponseWriter, _ *http.Request) { multistatusOf(w, calendar("/a/x/", "Private")) })
			mux.HandleFunc("/b/", func(w http.ResponseWriter, _ *http.Request) { multistatusOf(w, calendar("/b/work/", "Work")) })
			server := httptest.NewTLSServer(mux)
			t.Cleanup(server.Close)
			u, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			port = u.Port()
			var alive int
			_, _ = fmt.Sscan(port, &alive)
			dead := servertest.FreePort(t)
			pool := x509.NewCertPool()
			pool.AddCert(server.Certificate())
			s := mustOpen(t, Options{Source: "x", URL: "example.com", User: "u", Match: "Work", RootCAs: pool,
				Password: func(context.Context) (string, error) { return "p", nil },
				Resolver: resolver(t, zone{srv: map[string][]dnsmessage.SRVResource{"_caldavs._tcp.example.com.": {
					srv(1, dead, "example.com."), srv(2, alive, "example.com."),
				}}})})
			if s.calendar != "/b/work/" {
				t.Errorf("calendar %q", s.calendar)
			}
		})
	}
}

func multistatusOf(w http.ResponseWriter, inner string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusMultiStatus)
	_, _ = fmt.Fprint(w, `<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">`+inner+`</multistatus>`)
}

// TestHomeElsewhere: homes on another host only are refused by name, and nothing is
// sent there.
func TestHomeElsewhere(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		multistatusOf(w, `<response><href>/</href><propstat><prop><C:calendar-home-set><href>https://p01.provider.example/h/</href></C:calendar-home-set></prop><status>HTTP/1.1 200 OK</status></propstat></response>`)
	}))
	t.Cleanup(server.Close)
	_, err := Open(t.Context(), Options{URL: server.URL, Match: "Work"})
	wantError(t, err, connectors.Config, "foreign-origin")
}
