package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// calendarFirm is a configuration with one calendar account.
func calendarFirm(t *testing.T, url, user, password string) *firm {
	t.Helper()
	f := &firm{t: t, dir: t.TempDir()}
	f.write("chancery.yaml", fmt.Sprintf(`version: 1
state: {dir: "%s/state"}
accounts:
  - name: cal
    caldav: {url: "%s", user: %s, password: {file: %s}, calendars: [work, {name: holds, create: true}], poll: 1m}
principals:
  - {name: general-counsel, zone: Europe/Berlin, hours: ["Mon-Fri 09:00-18:00"], addresses: [gc@firm.example], calendars: [cal/work], holds: cal/holds}
`, f.dir, url, user, f.secret(password)))
	f.write("rules.d/10.yaml", "version: 1\n")
	return f
}

func TestDoctorOnCalendarServers(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *servertest.DAV{"radicale": servertest.Radicale, "xandikos": servertest.Xandikos} {
		t.Run(name, func(t *testing.T) {
			dav := start(t)
			dav.MakeCalendar("work")
			f := calendarFirm(t, dav.URL, dav.User, dav.Password)
			out, code := f.cli("doctor", "cal")
			if code != 0 {
				t.Errorf("exit %d", code)
			}
			tells(t, out, `^cal at 127\.0\.0\.1:\d+: all is well$`, `^ok       reach `, `^ok       TLS +none: this machine only`, `^ok       login `, `^ok       home `,
				`^ok       calendar +cal/work: there; the server tells what changed \(sync-collection\)$`,
				`^ok       calendar +cal/holds: not there yet, made when the service starts$`,
				`^ok       server +it sends no invitations by itself`, `^ok       clock +the server's clock agrees with ours$`)
			// Xandikos says 207 also of what is not there, and 404 inside.
			if status, body, _ := dav.Do("PROPFIND", dav.Home+"holds/", map[string]string{"Depth": "0"}, ""); status/100 == 2 && !strings.Contains(string(body), "404") {
				t.Error("the doctor made a calendar")
			}
			f.edit("chancery.yaml", "calendars: [work,", "calendars: [{name: work, match: elsewhere},")
			out, code = f.cli("doctor", "cal")
			if code != 1 {
				t.Errorf("exit %d", code)
			}
			tells(t, out, `^problem  calendar +cal/work: .*no-calendar`, `match: must be the name`)
		})
	}
}

func TestDoctorOfARefusedCalendar(t *testing.T) {
	dav := servertest.Radicale(t)
	out, code := calendarFirm(t, dav.URL, dav.User, "wrong").cli("doctor", "cal")
	if code != 1 || strings.Count(out, "\nproblem ") != 1 {
		t.Errorf("exit %d\n%s", code, out)
	}
	tells(t, out, `^problem  login .*401`, `hint: check user and its password`)
	dav.Kill()
	out, code = calendarFirm(t, dav.URL, dav.User, dav.Password).cli("doctor", "cal")
	if code != 1 || strings.Count(out, "\nproblem ") != 1 {
		t.Errorf("exit %d\n%s", code, out)
	}
	tells(t, out, `^problem  reach +the host is there, but nothing listens`)
}

// A server that cannot be had in a test: it sends invitations by itself, its
// clock is wrong, and this account may only read.
func TestDoctorOnAServerThatOnlyShows(t *testing.T) {
	const privileges = `<current-user-privilege-set><privilege><read/></privilege></current-user-privilege-set>`
	calendar := `<resourcetype><collection/><C:calendar/></resourcetype><displayname>%s</displayname><S:getctag>1</S:getctag>` + privileges
	answer := func(w http.ResponseWriter, entries ...string) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = fmt.Fprint(w, `<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/">`)
		for i := 0; i < len(entries); i += 2 {
			_, _ = fmt.Fprintf(w, `<response><href>%s</href><propstat><prop>%s</prop><status>HTTP/1.1 200 OK</status></propstat></response>`, entries[i], entries[i+1])
		}
		_, _ = fmt.Fprint(w, `</multistatus>`)
	}
	var writes []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(-3*time.Hour).UTC().Format(http.TimeFormat))
		w.Header().Set("Dav", "1, 3, calendar-access, calendar-auto-schedule")
		w.Header().Set("Server", "Groupware/7 \u00e4")
		_, password, _ := r.BasicAuth()
		work, holds := fmt.Sprintf(calendar, "work"), fmt.Sprintf(calendar, "holds")
		switch {
		case password != "any":
			w.WriteHeader(http.StatusUnauthorized)
		case r.Method == http.MethodOptions:
		case r.Method != "PROPFIND":
			writes = append(writes, r.Method)
			w.WriteHeader(http.StatusForbidden)
		case r.URL.Path == "/cal/" && r.Header.Get("Depth") == "1":
			answer(w, "/cal/work/", work, "/cal/holds/", holds)
		case r.URL.Path == "/cal/work/":
			answer(w, "/cal/work/", work)
		case r.URL.Path == "/cal/holds/":
			answer(w, "/cal/holds/", holds)
		default:
			answer(w, r.URL.Path, `<resourcetype><collection/></resourcetype><current-user-principal><href>/me/</href></current-user-principal>`+
				`<C:calendar-home-set><href>/cal/</href></C:calendar-home-set>`+privileges)
		}
	}))
	t.Cleanup(server.Close)
	f := calendarFirm(t, server.URL, "gc", "any")
	out, code := f.cli("doctor", "cal")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	tells(t, out,
		`^ok       calendar +cal/work: there; a tag tells whether anything changed \(getctag\)$`,
		`^problem  calendar +cal/holds takes the holds, and this account may not write there hint: give this account the right to write there$`,
		`^ok       server +it mails organizers and attendees by itself .* it calls itself Groupware/7`,
		`^problem  clock +the server's clock is (3h|3h0m1s|2h59m59s) behind ours`)
	f.edit("chancery.yaml", "{name: holds, create: true}", "{name: holds, match: new, create: true}")
	out, _ = f.cli("doctor", "cal")
	tells(t, out, `^problem  calendar +cal/holds is not there, and this account may not make it hint: .*make it by hand`)
	if len(writes) > 0 {
		t.Errorf("something was written: %v", writes)
	}
	if secret := base64.StdEncoding.EncodeToString([]byte("gc:any")); strings.Contains(out, secret) {
		t.Error("the login is shown")
	}
}
