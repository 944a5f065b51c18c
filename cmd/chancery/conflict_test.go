package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// meeting is an event of our own: hours of a day in New York.
func meeting(uid, title, day string, from, till int) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Firm//Test//EN
BEGIN:VEVENT
UID:%s
DTSTAMP:20261101T120000Z
DTSTART;TZID=America/New_York:%sT%02d0000
DTEND;TZID=America/New_York:%sT%02d0000
SUMMARY:%s
END:VEVENT
END:VCALENDAR
`, uid, day, from, day, till, title), "\n", "\r\n"))
}

// nextWeekday returns a working day some days ahead, as iCalendar writes it.
func nextWeekday(days int) string {
	d := time.Now().AddDate(0, 0, days)
	for d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		d = d.AddDate(0, 0, 1)
	}
	return d.Format("20060102")
}

func TestConflictsAreHeldAndSettledByPeople(t *testing.T) {
	servers := map[string]func(testing.TB) *servertest.DAV{"radicale": servertest.Radicale, "xandikos": servertest.Xandikos}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), start(t)
			work := dav.MakeCalendar("work")
			f := newFirm(t, d, dav)
			day, other := nextWeekday(3), nextWeekday(8)
			dav.Put(work+"hearing.ics", meeting("hearing", "Hearing Smith v. Jones", day, 10, 12))
			dav.Put(work+"staff.ics", meeting("staff", "Staff meeting", day, 11, 12))
			dav.Put(work+"lunch.ics", meeting("lunch", "Lunch", other, 12, 13))
			r := f.start()
			holds := dav.Home + "holds/"
			list := func() []string {
				if code, _, _ := dav.Do("PROPFIND", holds, map[string]string{"Depth": "0"}, ""); code == 404 {
					return nil // the daemon has not made it yet
				}
				return dav.List(holds)
			}
			notes := func() int { return len(d.Dump(t, pa)["INBOX"]) }

			await(t, "one hold and one note", func() bool { return len(list()) == 1 && notes() == 1 })
			hold, _ := dav.Get(list()[0])
			for _, want := range []string{"STATUS:TENTATIVE", "TRANSP:TRANSPARENT", "Staff meeting", "X-CHANCERY-TAG"} {
				if !strings.Contains(unfold(hold), want) {
					t.Errorf("hold lacks %q:\n%s", want, hold)
				}
			}

			// One side moves: the same hold follows, no second one appears.
			dav.Put(work+"staff.ics", meeting("staff", "Staff meeting", day, 10, 11))
			await(t, "the hold to follow", func() bool {
				now, ok := dav.Get(list()[0])
				return ok && string(now) != string(hold)
			})
			if len(list()) != 1 {
				t.Errorf("%d holds", len(list()))
			}

			// The conflict ends: hold and untouched note are withdrawn.
			dav.Put(work+"staff.ics", meeting("staff", "Staff meeting", other, 14, 15))
			await(t, "the withdrawal", func() bool { return len(list()) == 0 && notes() == 0 })

			// It comes back: so does the hold. The assistant deletes it: for good.
			dav.Put(work+"staff.ics", meeting("staff", "Staff meeting", day, 11, 12))
			await(t, "the hold again", func() bool { return len(list()) == 1 && notes() == 1 })
			dav.Delete(list()[0])
			await(t, "the dismissal", func() bool { out, _ := f.cli("journal"); return strings.Contains(out, "released") })
			dav.Put(work+"staff.ics", meeting("staff", "Staff meeting", day, 10, 12))
			dav.Put(work+"second.ics", meeting("second", "Second hearing: Hearing", other, 12, 14))
			await(t, "a hold for the other conflict alone", func() bool { return len(list()) == 1 })
			if err := r.stop(syscall.SIGTERM); err != nil {
				t.Fatalf("SIGTERM: %v\n%s", err, r.log())
			}

			// Deleted while nobody looked: dismissed all the same.
			dav.Delete(list()[0])
			f.once()
			f.once()
			if n := len(list()); n != 0 {
				t.Errorf("%d holds after both were dismissed", n)
			}
			if out, code := f.cli("explain", "second"); code != 0 || !strings.Contains(out, "hold") {
				t.Errorf("explain: exit %d\n%s", code, out)
			}
			if strings.Contains(r.log(), "Staff") || strings.Contains(r.log(), "Smith") {
				t.Error("the log shows content")
			}
		})
	}
}

func unfold(ics []byte) string { return strings.ReplaceAll(string(ics), "\r\n ", "") }

func TestAnEditedHoldIsLeftAlone(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	work := dav.MakeCalendar("work")
	f := newFirm(t, d, dav)
	day := nextWeekday(3)
	dav.Put(work+"hearing.ics", meeting("hearing", "Hearing", day, 10, 12))
	dav.Put(work+"staff.ics", meeting("staff", "Staff meeting", day, 11, 12))
	f.once()
	holds := dav.List(dav.Home + "holds/")
	if len(holds) != 1 {
		t.Fatalf("%d holds", len(holds))
	}
	hold, _ := dav.Get(holds[0])
	mine := strings.Replace(string(hold), "SUMMARY:", "SUMMARY:Talked to Smith. ", 1)
	dav.Put(holds[0], []byte(mine))
	dav.Put(work+"staff.ics", meeting("staff", "Staff meeting", day, 10, 11))
	f.once()
	dav.Delete(work + "staff.ics")
	f.once()
	now, ok := dav.Get(holds[0])
	if !ok || !strings.Contains(unfold(now), "Talked to Smith.") {
		t.Errorf("the edited hold was touched:\n%s", now)
	}
}
