package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// chambers is a firm whose calendars lie on a server that schedules: what it writes
// there the server tells the others.
type chambers struct {
	*firm
	c     *servertest.CyrusServer
	chair *servertest.DAV
	work  string // the calendar into which the server delivers
	day   string
}

func newChambers(t *testing.T, conflicts string) *chambers {
	t.Helper()
	t.Parallel()
	c := servertest.Cyrus(t)
	x := &chambers{firm: &firm{t: t, dir: t.TempDir(), dav: c.DAV}, c: c, chair: c.As("chair"), work: c.Home + "Default/", day: nextWeekday(6)}
	x.write("chancery.yaml", fmt.Sprintf(`version: 1
state: {dir: %s}
accounts:
  - name: cal
    caldav: {url: "%s", user: %s, password: {file: %s}, calendars: [{name: work, match: Default}, {name: holds, match: holds, create: true}], poll: 1s}
principals:
  - name: general-counsel
    zone: America/New_York
    hours: ["Mon-Fri 09:00-18:00"]
    addresses: [gc@firm.example]
    calendars: [cal/work]
    holds: cal/holds
`, filepath.Join(x.dir, "state"), c.URL, c.User, x.secret(c.Password)))
	// Cyrus delivers to nobody who never looked at the calendar.
	_, _ = x.c.List(x.work), x.chair.List(x.chair.Home+"Default/")
	_, calendar, _ := strings.Cut(resolving(conflicts), "\ncalendar:\n")
	x.write("rules.d/10.yaml", "version: 1\ncalendar:\n"+calendar)
	return x
}

// asks makes somebody call a meeting that others are invited to.
func asks(organizer string, guests []string, event []byte) []byte {
	lines := "ORGANIZER:mailto:" + organizer + "\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:" + organizer + "\r\n"
	for _, g := range guests {
		lines += "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:" + g + "\r\n"
	}
	return []byte(strings.Replace(string(event), "SUMMARY:", lines+"SUMMARY:", 1))
}

// find returns the event with a title in a calendar, unfolded.
func find(d *servertest.DAV, calendar, title string) (path, text string) {
	for _, path := range d.List(calendar) {
		if b, ok := d.Get(path); ok && strings.Contains(unfold(b), "SUMMARY:"+title+"\r\n") {
			return path, unfold(b)
		}
	}
	return "", ""
}

// said is what somebody answered to the meeting of a day; "" if nothing is known.
func said(ics, who, day string) (answer string) {
	_, ics, _ = strings.Cut(ics, "BEGIN:VEVENT")
	for event := range strings.SplitSeq(ics, "BEGIN:VEVENT") {
		if !strings.Contains(event, ":"+day+"T") {
			continue
		}
		for line := range strings.SplitSeq(event, "\r\n") {
			if strings.HasPrefix(line, "ATTENDEE") && strings.HasSuffix(strings.ToLower(line), "mailto:"+who) {
				answer = "NEEDS-ACTION"
				if m := partstat.FindStringSubmatch(line); m != nil {
					answer = m[1]
				}
			}
		}
	}
	return answer // of the override, which comes after the series
}

// An invitation that a rule declines is declined in the organizer's own calendar:
// the server tells. What undo takes back it tells, too. No mail leaves, for all are
// at the same server.
func TestTheServerTellsTheOrganizer(t *testing.T) {
	for _, resolve := range []string{"decline", "tentative", "decline of a series"} {
		t.Run(resolve, func(t *testing.T) {
			resolve, series := strings.CutSuffix(resolve, " of a series")
			x := newChambers(t, "resolve: "+resolve)
			want := map[string]string{"decline": "DECLINED", "tentative": "TENTATIVE"}[resolve]
			board := x.chair.MakeCalendar("Board") + "staff.ics"
			staff := asks("chair@firm.example", []string{"gc@firm.example"}, meeting("staff", "Staff meeting", x.day, 11, 12))
			if series {
				staff = []byte(strings.Replace(string(staff), "SUMMARY:", "RRULE:FREQ=WEEKLY;COUNT=4\r\nSUMMARY:", 1))
			}
			x.chair.Put(board, staff)
			x.c.Put(x.work+"hearing.ics", meeting("hearing", "Hearing", x.day, 10, 12))
			theirs := func() string { b, _ := x.chair.Get(board); return said(unfold(b), "gc@firm.example", x.day) }
			ours := func() string {
				_, s := find(x.c.DAV, x.work, "Staff meeting")
				return said(s, "gc@firm.example", x.day)
			}
			await(t, "the invitation", func() bool { return ours() == "NEEDS-ACTION" })
			out, code := x.cli("plan")
			if code != 0 || !strings.Contains(out, "answer, NEEDS-ACTION -> "+want) || theirs() != "NEEDS-ACTION" {
				t.Fatalf("plan: exit %d, the organizer sees %s\n%s", code, theirs(), out)
			}
			x.once()
			if theirs() != want || ours() != want {
				t.Fatalf("the organizer sees %s, the principal %s\n%s", theirs(), ours(), mustRun(x.firm, "journal"))
			}
			x.once()
			if out, code := x.cli("plan"); code != 0 || strings.Contains(out, "would ") {
				t.Errorf("plan after it: exit %d\n%s", code, out)
			}
			if out, code := x.cli("undo", "--rule", "conflicts", "--since", "1h", "--yes"); code != 0 || !strings.Contains(out, "1 event put back, 0 left") {
				t.Fatalf("undo: exit %d\n%s", code, out)
			}
			if theirs() != "NEEDS-ACTION" || ours() != "NEEDS-ACTION" {
				t.Errorf("after undo the organizer sees %s, the principal %s", theirs(), ours())
			}
			x.once()
			x.once()
			if theirs() != "NEEDS-ACTION" {
				t.Errorf("it was done again: %s", theirs())
			}
			if n := len(x.c.Sent()); n != 0 {
				t.Errorf("%d mails", n)
			}
		})
	}
}

// A meeting that the principal leads moves in the calendars of the people invited,
// and so does one date of a series; undo brings both back.
func TestTheServerTellsThePeopleInvited(t *testing.T) {
	for name, rule := range map[string]string{"one": "", "of a series": "RRULE:FREQ=WEEKLY;COUNT=4\r\n"} {
		t.Run(name, func(t *testing.T) {
			x := newChambers(t, "resolve: move")
			staff := asks("gc@firm.example", []string{"chair@firm.example"}, meeting("staff", "Staff meeting", x.day, 11, 12))
			x.c.Put(x.work+"staff.ics", []byte(strings.Replace(string(staff), "SUMMARY:", rule+"SUMMARY:", 1)))
			x.c.Put(x.work+"hearing.ics", meeting("hearing", "Hearing", x.day, 10, 12))
			inbox := x.chair.Home + "Default/"
			starts := func(d *servertest.DAV, calendar string) string {
				_, s := find(d, calendar, "Staff meeting")
				var at []string
				for line := range strings.SplitSeq(s, "\r\n") {
					if strings.HasPrefix(line, "DTSTART;TZID=America/New_York") {
						_, v, _ := strings.Cut(line, ":")
						at = append(at, v)
					}
				}
				return strings.Join(at, " ")
			}
			was := x.day + "T110000"
			await(t, "the invitation", func() bool { return starts(x.chair, inbox) == was })
			x.once()
			x.once()
			ours, theirs := starts(x.c.DAV, x.work), starts(x.chair, inbox)
			if ours == was || ours != theirs {
				t.Fatalf("the principal's stands at %q, the guest's at %q\n%s", ours, theirs, mustRun(x.firm, "journal"))
			}
			if out, code := x.cli("plan"); code != 0 || strings.Contains(out, "would ") {
				t.Errorf("plan after it: exit %d\n%s", code, out)
			}
			if out, code := x.cli("undo", "--rule", "conflicts", "--since", "1h", "--yes"); code != 0 || !strings.Contains(out, "1 event put back, 0 left") {
				t.Fatalf("undo: exit %d\n%s", code, out)
			}
			if ours, theirs := starts(x.c.DAV, x.work), starts(x.chair, inbox); ours != theirs || !strings.HasPrefix(ours, was) {
				t.Errorf("after undo the principal's stands at %q, the guest's at %q", ours, theirs)
			}
			if n := len(x.c.Sent()); n != 0 {
				t.Errorf("%d mails", n)
			}
		})
	}
}

func mustRun(f *firm, args ...string) string {
	f.t.Helper()
	out, _ := f.cli(args...)
	return out
}
