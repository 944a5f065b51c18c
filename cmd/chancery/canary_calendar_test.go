package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// calendarCanaries are words of calendars and of who keeps them: they may stand in
// calendars, notes and drafts alone.
var calendarCanaries = []string{
	"kanartitle", "kanarplace", "kanarcaller", "kanarguest", "kanartext", "kanarkind", "kanarcall", "kanarzone", "kanarpage", "kanarheader", "kanartag",
	"correct horse",
}

// canaryEvent has a token in everything that an event says.
func canaryEvent(uid, title, day string, from, till int) []byte {
	return []byte(strings.Replace(string(meeting(uid, title, day, from, till)), "END:VEVENT", strings.ReplaceAll(`LOCATION:kanarplace 12
DESCRIPTION:kanartext https://kanarcall.example/j/1
CATEGORIES:kanarkind
ORGANIZER;CN="kanarcaller":mailto:kanarcaller@outside.example
ATTENDEE;CN=GC;PARTSTAT=ACCEPTED:mailto:gc@firm.example
ATTENDEE;CN="kanarguest":mailto:kanarguest@outside.example
X-CHANCERY-TAG:kanartag.kanartag.kanartag.kanartag.kanartag
END:VEVENT`, "\n", "\r\n"), 1))
}

// hostileCalendar is a server that finds a calendar and then answers in a new way each
// time, with words that must not be told.
func hostileCalendar(t *testing.T) (url string, asked *atomic.Int64) {
	asked = &atomic.Int64{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		if r.Method == "PROPFIND" && n%2 == 1 {
			w.WriteHeader(http.StatusMultiStatus)
			_, _ = fmt.Fprint(w, `<multistatus xmlns="DAV:"><response><href>/kanarpage/</href><propstat><prop><resourcetype><collection/><calendar xmlns="urn:ietf:params:xml:ns:caldav"/></resourcetype><sync-token>kanarpage</sync-token></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`)
			return
		}
		switch n / 2 % 6 {
		case 0:
			w.Header().Set("WWW-Authenticate", `Digest realm="kanarheader", nonce="kanarheader", qop=auth`)
			w.WriteHeader(http.StatusUnauthorized)
		case 1:
			w.Header().Set("Location", "http://kanarheader.example/kanarpage/")
			w.WriteHeader(http.StatusTemporaryRedirect)
		case 2:
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = fmt.Fprint(c, "HTTP/1.1 kanarheader kanarheader\r\nkanarheader\r\n\r\n")
				_ = c.Close()
			}
		case 3:
			w.WriteHeader(http.StatusMultiStatus)
			_, _ = fmt.Fprint(w, `<multistatus xmlns="DAV:"><kanarpage>`)
		case 4:
			w.Header().Set("Retry-After", "kanarheader")
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprint(w, `<error xmlns="DAV:"><kanarpage/></error>`)
		case 5:
			w.Header().Set("Content-Length", "999999")
			_, _ = fmt.Fprint(w, `kanarpage`)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/kanarpage/", asked
}

// Nothing of anyone's calendar, nor of what a calendar server says, is in logs at the
// most talkative level, in the state folder, in the arguments of the process, or in
// what commands say that show no content. And a hostile calendar stops no other one.
func TestNothingOfTheCalendarIsTold(t *testing.T) {
	o := newOffice(t)
	o.day = nextWeekday(6)
	hostile, asked := hostileCalendar(t)
	o.edit("chancery.yaml", "principals:", fmt.Sprintf(`  - name: evil
    caldav: {url: "%s", user: kanarnobody, password: {file: %s}, calendars: [{name: evil}], poll: 1s}
principals:
  - name: other
    zone: Europe/Berlin
    calendars: [evil/evil]`, hostile, o.secret("correct horse battery")))
	o.write("rules.d/10.yaml", strings.Replace(resolving("alternatives: 3, slots: true, replies: true, resolve: tentative"), "ranks:", "ranks:\n    - {name: broken, rank: 90, when: 'ev.people[7] == \"kanarguest@outside.example\"'}", 1))
	o.dav.Put(o.work+"hearing.ics", canaryEvent("hearing", "Hearing kanartitle", o.day, 10, 12))
	o.dav.Put(o.work+"staff.ics", canaryEvent("staff", "kanartitle staff", o.day, 11, 12))
	o.dav.Put(o.work+"zone.ics", []byte(strings.ReplaceAll(string(canaryEvent("zone", "kanartitle zone", o.day, 15, 16)), "TZID=America/New_York", "TZID=kanarzone")))
	s := &sinks{t: t, f: o.firm, texts: map[string][]byte{}}
	r := o.startAs(func(cmd *exec.Cmd) { cmd.Args = append(cmd.Args, "--log-level", "debug") })
	await(t, "a hold and a note in spite of the other server", func() bool { return len(o.list()) > 0 && len(o.notes()) > 0 })
	await(t, "the other server to do its worst", func() bool { return asked.Load() > 4 })
	s.run("holds", "--title", "kanartitle date", "--length", "1h", "--count", "2", "--principal", "general-counsel", "--yes")
	s.texts = map[string][]byte{} // that one shows titles
	for _, path := range o.list()[:1] {
		o.dav.Delete(path)
	}
	await(t, "the release", func() bool { out, _ := o.cli("journal"); return strings.Contains(out, "released") })
	for _, args := range [][]string{{"status"}, {"status", "--json"}, {"rules"}, {"journal"}, {"journal", "--json"}, {"journal", "verify"}, {"check"}, {"doctor"}} {
		s.run(args...)
	}
	s.socket(`{"do":"status"}`)
	for _, file := range []string{"cmdline", "environ"} {
		b, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(r.cmd.Process.Pid), file))
		if err != nil {
			t.Fatal(err)
		}
		s.add(file, b)
	}
	s.state()
	_ = r.stop(syscall.SIGQUIT)
	s.add("log, and stacks at the end", []byte(r.log()))
	s.state()
	for name, text := range s.texts {
		if strings.HasPrefix(name, "running: ") {
			continue // a copy of the configuration, which names them
		}
		for _, w := range calendarCanaries {
			if name == "doctor" && w == "kanarheader" {
				continue // it quotes servers, for the console of an administrator
			}
			if at := strings.Index(strings.ToLower(string(text)), w); at >= 0 {
				t.Errorf("%s shows %s: ...%q", name, w, text[max(0, at-100):min(len(text), at+60)])
			}
		}
	}
	// No line of the log is broken by what servers say.
	for line := range strings.Lines(r.log()) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "{") && !json.Valid([]byte(line)) {
			t.Errorf("a broken line: %q", line)
		}
	}
}
