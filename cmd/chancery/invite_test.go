package main

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"

	"chancery/config"
	"chancery/internal/servertest"
)

// scheduling is a mail with a scheduling message for one hour of a day in New York.
func scheduling(id, from, method, uid, organizer, day string, hour int) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf(`From: %s
To: gc@firm.example
Date: Mon, 16 Nov 2026 10:00:00 -0500
Message-ID: <%s@counsel.example>
Subject: %s
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=bb

--bb
Content-Type: text/plain

You are invited.
--bb
Content-Type: text/calendar; charset=utf-8; method=%s

BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Firm//Test//EN
METHOD:%s
BEGIN:VEVENT
UID:%s
DTSTAMP:20261101T120000Z
SEQUENCE:1
DTSTART;TZID=America/New_York:%sT%02d0000
DTEND;TZID=America/New_York:%sT%02d0000
SUMMARY:Call
ORGANIZER:mailto:%s
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:gc@firm.example
END:VEVENT
END:VCALENDAR
--bb--
`, from, id, id, method, method, uid, day, hour, day, hour+1, organizer), "\n", "\r\n"))
}

// inviting is a firm with the shipped rules about invitations, enforced, and nothing
// else.
func inviting(t *testing.T) (f *firm, work string) {
	t.Helper()
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	work = dav.MakeCalendar("work")
	f = newFirm(t, d, dav)
	f.edit("chancery.yaml", "    addresses: [gc@firm.example]\n", "    addresses: [gc@firm.example]\n    mail: [gc-mail]\n")
	text, err := fs.ReadFile(config.Example(), "rules.d/40-invitations.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f.write("rules.d/40-invitations.yaml", strings.ReplaceAll(string(text), "mode: observe", "mode: enforce"))
	return f, work
}

// marked says by subject which of the marks of invitations a message has.
func (f *firm) marked() map[string]string {
	f.t.Helper()
	out := map[string]string{}
	for subject, at := range where(f.t, f.dovecot, gc) {
		var marks []string
		for _, k := range []string{"lx-7", "lx-8", "lx-9"} {
			if strings.Contains(at, k) {
				marks = append(marks, k)
			}
		}
		out[subject] = strings.Join(marks, " ")
	}
	return out
}

// calendarBytes is all that stands in a calendar.
func (f *firm) calendarBytes(at string) map[string]string {
	f.t.Helper()
	out := map[string]string{}
	for _, href := range f.dav.List(at) {
		b, _ := f.dav.Get(href)
		out[href] = string(b)
	}
	return out
}

// Invitations are marked by what they do to the day; nothing of them ever reaches a
// calendar; who speaks for others is told.
func TestInvitationsAreMarkedAndNeverApplied(t *testing.T) {
	t.Parallel()
	f, work := inviting(t)
	day := nextWeekday(4)
	f.dav.Put(work+"hearing.ics", meeting("hearing@court.example", "Hearing Smith v. Jones", day, 10, 12))
	f.dav.Put(work+"lunch.ics", []byte(strings.Replace(string(meeting("lunch@counsel.example", "Lunch", day, 13, 14)), "SUMMARY:", "ORGANIZER:mailto:dana@counsel.example\r\nSUMMARY:", 1)))
	before := f.calendarBytes(work)
	const dana, mallory = "Dana Counsel <dana@counsel.example>", "Mallory <mallory@evil.example>"
	c := f.dovecot.Client(t, gc)
	c.Append("INBOX",
		scheduling("free", dana, "REQUEST", "free@counsel.example", "dana@counsel.example", day, 15),
		scheduling("taken", dana, "REQUEST", "taken@counsel.example", "dana@counsel.example", day, 11),
		scheduling("moved", dana, "REQUEST", "lunch@counsel.example", "dana@counsel.example", day, 13),
		scheduling("forged", mallory, "CANCEL", "lunch@counsel.example", "dana@counsel.example", day, 13),
		scheduling("stolen", mallory, "CANCEL", "lunch@counsel.example", "mallory@evil.example", day, 13),
		scheduling("called-off", dana, "CANCEL", "lunch@counsel.example", "dana@counsel.example", day, 13),
		mail("plain", "plain", "Lunch?"))
	want := map[string]string{"free": "lx-7", "taken": "lx-8", "moved": "lx-7", "forged": "lx-9", "stolen": "lx-9", "called-off": "", "plain": ""}

	plan, code := f.cli("plan", "--all")
	for mark, n := range map[string]int{"fits": 2, "conflicts": 1, "spoofed": 2} {
		if got := strings.Count(plan, " as "+mark+"\n"); code != 0 || got != n {
			t.Errorf("plan tells %d times of mark %s, want %d: exit %d\n%s", got, mark, n, code, plan)
		}
	}
	r := f.start()
	await(t, "the marks", func() bool { return maps.Equal(f.marked(), want) })
	explained, _ := f.cli("explain", "<taken@counsel.example>")
	for _, line := range []string{"invitation  method = REQUEST", "effect = conflicts", "spoofed = false", "organizer = dana@counsel.example"} {
		if !strings.Contains(explained, line) {
			t.Errorf("explain lacks %q:\n%s", line, explained)
		}
	}
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("%v\n%s", err, r.log())
	}
	f.once()
	if got := f.marked(); !maps.Equal(got, want) {
		t.Errorf("marked: %v, want %v", got, want)
	}
	if after := f.calendarBytes(work); !maps.Equal(before, after) {
		t.Errorf("the calendar was %v, is %v", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	}
	for _, secret := range []string{"mallory", "Dana", "Call", "forged"} {
		if strings.Contains(r.log(), secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
}

// An invitation that comes while the calendars cannot be read is marked when they can.
func TestInvitationWaitsForTheCalendars(t *testing.T) {
	t.Parallel()
	f, work := inviting(t)
	day := nextWeekday(4)
	f.dav.Put(work+"hearing.ics", meeting("hearing@court.example", "Hearing Smith v. Jones", day, 10, 12))
	f.dav.Kill()
	c := f.dovecot.Client(t, gc)
	const dana = "Dana Counsel <dana@counsel.example>"
	c.Append("INBOX",
		scheduling("free", dana, "REQUEST", "free@counsel.example", "dana@counsel.example", day, 15),
		scheduling("taken", dana, "REQUEST", "taken@counsel.example", "dana@counsel.example", day, 11),
		mail("plain", "attorney-client", "Our view."))
	r := f.start()
	await(t, "the other mark", func() bool { return len(f.bearing("lx-1")) == 1 })
	if got := f.marked(); got["free"]+got["taken"] != "" {
		t.Errorf("marked without knowing the calendars: %v", got)
	}
	f.dav.Restart()
	await(t, "the marks", func() bool { got := f.marked(); return got["free"] == "lx-7" && got["taken"] == "lx-8" })
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("%v\n%s", err, r.log())
	}
}
