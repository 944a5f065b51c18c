package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// deliver lays files into a maildir behind the server's back, as a delivery
// agent that checks nothing would: no server would take all of them by APPEND.
func deliver(t testing.TB, d *servertest.DovecotServer, user string, messages [][]byte) {
	t.Helper()
	box := filepath.Join(d.Dir(), "mail", user, "Maildir", "new")
	owner, err := os.Stat(filepath.Dir(box))
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range messages {
		file := filepath.Join(box, fmt.Sprintf("16000%05d.M1P1.host", i))
		if err := os.WriteFile(file, m, 0o644); err != nil {
			t.Fatal(err)
		}
		chownLike(t, file, owner)
	}
}

// hostileMail is mail that wants to hurt whoever reads it, beside every file of
// the corpora of broken mail, whatever it is.
func hostileMail(t testing.TB) [][]byte {
	t.Helper()
	var out [][]byte
	for _, corpus := range []string{"mime-permissive", "imip-mails"} {
		root := servertest.Corpus(t, corpus)
		for _, dir := range folders(t, root) {
			out = append(out, rawFiles(t, filepath.Join(root, dir))...)
		}
	}
	nested := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		}
		return b.String()
	}
	const html = "Content-Type: text/html\r\nSubject: x\r\n\r\n"
	bombs := []string{
		"",
		"\r\n",
		"\x00\x00\x00",
		"no colon here\r\nnor here\r\n",
		"Subject: " + strings.Repeat("a", 1<<20) + "\r\n\r\nx",
		strings.Repeat("X-Many: y\r\n", 100_000) + "\r\nx",
		"Subject: folded\r\n" + strings.Repeat(" more\r\n", 200_000) + "\r\nx",
		"To: " + strings.Repeat("a@b.example, ", 200_000) + "c@d.example\r\n\r\nx",
		"From: " + strings.Repeat("(", 100_000) + "\r\n\r\nx",
		"Subject: " + strings.Repeat("=?utf-8?q?attorney_client?= ", 50_000) + "\r\n\r\nx",
		"Subject: =?utf-7?q?+ADw-script+AD4-?= =?x-unknown?b?////?= =?utf-8?b?!!!?=\r\n\r\nx",
		nested(5_000),
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 100_000),
		strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 20_000) + "x",
		"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\nx\r\n----\r\n",
		"Content-Type: text/plain; " + strings.Repeat("a*0*=utf-8''%41; ", 50_000) + "\r\n\r\nx",
		"Content-Transfer-Encoding: base64\r\nSubject: long\r\n\r\n" + strings.Repeat("QUFB", 5<<20),
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.Repeat("=41=\r\n", 1<<20),
		html + strings.Repeat("<div><blockquote>", 300_000),
		html + strings.Repeat("<a href='", 300_000),
		html + "<!--" + strings.Repeat("<!--", 500_000),
		"Subject: x\r\n\r\n" + strings.Repeat(">", 5<<20),
		"Subject: x\r\n\r\n" + strings.Repeat("10042.0070 attorney-client privileged ", 200_000),
		"Subject: x\r\n\r\n" + strings.Repeat("1,", 2<<20) + " total due $" + strings.Repeat("9", 1<<20),
		"Message-ID: <\"}{\\\\\"@x>\r\nSubject: Invoice \x1b[31m\x07 for 10042.0070\r\n\r\nInvoice No. INV-1\r\nTotal due: $5.00\r\n",
		"Message-ID: " + strings.Repeat("<a@b>", 100_000) + "\r\n\r\nx",
		"Date: Fri, 99 Foo 99999999999999999999 99:99:99 +9999\r\nSubject: when\r\n\r\nDue date: February 31, 0000\r\n",
		"Content-Type: application/octet-stream; name=\"../../etc/passwd\"\r\nContent-Disposition: attachment; filename=\"\xff\xfe\x00.txt\"\r\n\r\nLEDES1998B[]\r\n" + strings.Repeat("|", 1<<20),
		"X-Chancery-Note: v1 forged forged\r\nMessage-ID: <forged@firm.example>\r\nSubject: Privileged and confidential\r\n\r\nnot a note of ours\r\n",
	}
	for _, b := range bombs {
		out = append(out, []byte(b))
	}
	// The same message again and again: one identity for many items.
	for range 30 {
		out = append(out, mail("twin", "Invoice 1 for 10042.0070", "Invoice No. INV-1\nTotal due: $5.00"))
	}
	return out
}

// hostileEvents are calendar files that want to hurt whoever reads them, beside
// every file of the corpus as it is.
func hostileEvents(t testing.TB) [][]byte {
	t.Helper()
	out := calendarFiles(t)
	const head, tail = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n", "END:VEVENT\r\nEND:VCALENDAR\r\n"
	const start = "DTSTART:20261101T100000Z\r\nDTEND:20261101T110000Z\r\n"
	for i, b := range []string{
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
		"",
		"BEGIN:VCALENDAR\r\nEND:VCALENDAR",
		head + start + "RRULE:FREQ=SECONDLY\r\n" + tail,
		head + start + "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n" + tail,
		head + start + "RRULE:FREQ=DAILY;COUNT=2147483647;INTERVAL=2147483647\r\n" + tail,
		head + start + "RRULE:FREQ=DAILY;BYHOUR=" + strings.Repeat("1,", 5000) + "1;BYMINUTE=" + strings.Repeat("1,", 5000) + "1\r\n" + tail,
		head + "DTSTART:00010101T000000Z\r\nDURATION:P99999999999W\r\nRRULE:FREQ=DAILY\r\n" + tail,
		head + "DTSTART;TZID=../../../etc/passwd:20261101T100000\r\nDURATION:PT1H\r\n" + tail,
		head + start + strings.Repeat("EXDATE:20261101T100000Z\r\n", 50_000) + tail,
		head + start + "SUMMARY:" + strings.Repeat("x", 4<<20) + "\r\n" + tail,
		head + start + "ATTENDEE" + strings.Repeat(";X=y", 100_000) + ":mailto:a@b.example\r\n" + tail,
		head + start + strings.Repeat("ATTENDEE:mailto:a@b.example\r\n", 50_000) + tail,
		head + start + strings.Repeat("BEGIN:VALARM\r\n", 50_000) + tail,
		head + start + "SUMMARY:\xff\xfe\x00\x01\r\n" + tail,
		head + "X-CHANCERY-TAG:1.a.b.c.d\r\n" + start + tail,
		"BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\n" + strings.Repeat("BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nRRULE:FREQ=YEARLY\r\nEND:STANDARD\r\n", 30_000) + "END:VTIMEZONE\r\nEND:VCALENDAR\r\n",
	} {
		out = append(out, []byte(strings.Replace(b, "BEGIN:VEVENT\r\n", fmt.Sprintf("BEGIN:VEVENT\r\nUID:bomb-%d\r\n", i), 1)))
	}
	return out
}

// carelessDAV is a calendar server that keeps any octets and checks nothing. It
// has no reports, so each object is asked for alone, as it is.
func carelessDAV(t testing.TB, objects [][]byte) (url string) {
	const home = "/careless/"
	prop := func(href, props string) string {
		return "<response><href>" + href + "</href><propstat><prop>" + props + "</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		switch {
		case r.Method == "PROPFIND":
			b.WriteString(`<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">`)
			b.WriteString(prop(home, "<resourcetype><collection/><C:calendar/></resourcetype>"))
			for i := range objects {
				if r.Header.Get("Depth") == "1" {
					b.WriteString(prop(fmt.Sprintf("%s%d.ics", home, i), fmt.Sprintf("<getetag>\"e%d\"</getetag><resourcetype/>", i)))
				}
			}
			b.WriteString("</multistatus>")
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusMultiStatus)
			_, _ = w.Write([]byte(b.String()))
		case r.Method == http.MethodGet:
			var i int
			if _, err := fmt.Sscanf(path.Base(r.URL.Path), "%d.ics", &i); err != nil || i < 0 || i >= len(objects) {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			w.Header().Set("ETag", fmt.Sprintf(`"e%d"`, i))
			_, _ = w.Write(objects[i])
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + home
}

// hostilePeak bounds the daemon's memory over all of it, in MiB.
const hostilePeak = 200

// TestHostileInput gives the daemon every broken file there is, and bombs of our
// own: everything else must be handled as if they were not there.
func TestHostileInput(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := newFirm(t, d, dav)
	f.ship(nil)
	bad := hostileEvents(t)
	f.addCalendar("wild", carelessDAV(t, bad))
	doubleBook(dav, dav.MakeCalendar("work"), 3)

	boxes := []string{"Akten/Ä & Ö 案件", `it's "odd" {5}`, "-~ x@y (1) ]["}
	good := planted(100)
	c := d.Client(t, gc)
	c.Append("INBOX", good[:50]...)
	for _, wire := range []string{"Akten/&AMQ- &- &ANY- &aEhO9g-", `it's \"odd\" {5}`, "-~ x@y (1) ]["} {
		c.OK(`CREATE "` + wire + `"`)
		c.Append(wire, good[90:]...)
	}
	nasty := hostileMail(t)
	deliver(t, d, gc, nasty)
	c.Append("INBOX", good[50:]...)
	f.follow(append([]string{"INBOX"}, boxes...))
	before := d.Dump(t, gc)
	loaded := 0
	for _, list := range before {
		loaded += len(list)
	}
	if want := len(nasty) + len(good) + 30; loaded != want {
		t.Fatalf("%d messages of %d loaded", loaded, want)
	}

	plan := f.measure("plan")
	if read := readBy(plan.out); plan.code != 0 || read["gc-mail"] != loaded || read["wild/careless"] == 0 {
		t.Errorf("plan: exit %d, read %v of %d messages and %d files", plan.code, read, loaded, len(bad))
	}
	run := f.measure("run", "--once", "--timeout", "10m")
	if run.code != 0 {
		t.Fatalf("run --once: exit %d\n%.5000s", run.code, run.out)
	}
	o := f.outcome()
	t.Logf("%d broken or hostile messages, %d good ones; %d broken or hostile calendar files", len(nasty), len(good)+30, len(bad))
	t.Logf("plan: %.1f s, %d MiB; run: %.1f s, %d MiB; %s", plan.seconds, plan.peak, run.seconds, run.peak, o)
	if peak := max(plan.peak, run.peak); peak == 0 || peak > hostilePeak {
		t.Errorf("%d MiB at the most, want %d", peak, hostilePeak)
	}
	untouched(t, before, d.Dump(t, gc))
	discreet(t, run.out, before)

	// The good mail is where it belongs.
	filed := 0
	for box, list := range d.Dump(t, gc) {
		for _, m := range list {
			if strings.HasPrefix(box, "Billing/") || strings.HasPrefix(box, "Restricted/") {
				if bytes.Contains(m.Body, []byte("Message-ID: <planted-")) {
					filed++
				}
			}
		}
	}
	if filed != len(good)/2 {
		t.Errorf("%d good messages filed, want %d", filed, len(good)/2)
	}
	if n := o.states["hold"]["confirmed"]; n < 3 || o.open != 0 || len(o.states["file"])+len(o.states["mark"])+len(o.states["hold"])+len(o.states["note"]) != 4 {
		t.Errorf("3 conflicts were planted: %s", o)
	}
	// What could not be read is parked with a reason, and status shows it.
	if len(o.parked) == 0 || slices.ContainsFunc(slices.Collect(maps.Keys(o.parked)), func(s string) bool { return strings.HasSuffix(s, " ") }) {
		t.Errorf("parked: %v", o.parked)
	}
	out, code := f.cli("status")
	if code != 1 || !strings.Contains(out, "PARKED") || !strings.Contains(out, "wild/careless") {
		t.Errorf("status: exit %d\n%s", code, out)
	}
	if strings.Contains(out, "Invoice") {
		t.Errorf("status shows content:\n%s", out)
	}
}
