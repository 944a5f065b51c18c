package connectortest

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// History lets a person edit a calendar at random while the Source follows, now and
// then fails to commit, and starts anew. It returns what the caller of the Source
// holds in the end, by UID, in words that depend on no server: the same seed ends
// in the same state everywhere. A fresh listing must say the same.
func History(t testing.TB, seed int64, edits int, env CalendarEnv) map[string]string {
	t.Helper()
	rng := rand.New(rand.NewSource(seed))
	m := open(t, env)
	m.pull()
	there := map[int]bool{}
	for i := range edits {
		n := rng.Intn(10)
		// Every choice is drawn whether it is used or not, so that no server's way of
		// doing things changes the history.
		raw, what, also := someObject(rng, n, i), rng.Intn(8), rng.Intn(3)
		switch {
		case what == 0 && there[n]:
			env.Delete(t, fmt.Sprintf("s%d", n))
			delete(there, n)
		case what == 1:
			before := m.cursor
			m.pull()
			if also == 0 {
				m.cursor = before // not committed
			}
		case what == 2 && also == 0:
			_ = m.s.Close()
			fresh := open(t, env) // a restart: the caller lists anew
			fresh.pull()
			m = fresh
		default:
			env.Put(t, fmt.Sprintf("s%d", n), raw)
			there[n] = true
		}
	}
	m.pull()
	end := m.state()
	fresh := open(t, env)
	fresh.pull()
	if again := fresh.state(); !maps.Equal(again, end) {
		t.Errorf("a fresh listing differs:\n%s", Compare(end, again))
	}
	if len(end) != len(there) {
		t.Errorf("%d objects are held, a person left %d", len(end), len(there))
	}
	return end
}

// Compare lists what differs between two states.
func Compare(a, b map[string]string) string {
	var out []string
	for _, uid := range slices.Sorted(maps.Keys(a)) {
		if a[uid] != b[uid] {
			out = append(out, fmt.Sprintf("%s\n  one:   %s\n  other: %s", uid, a[uid], b[uid]))
		}
	}
	for _, uid := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[uid]; !ok {
			out = append(out, fmt.Sprintf("%s\n  only the other: %s", uid, b[uid]))
		}
	}
	return strings.Join(out, "\n")
}

const berlinZone = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\n" +
	"BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nDTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"

// someObject is an object of a person: a meeting, whole days, or a series with
// exceptions, in UTC or in a zone that changes its clocks within the series.
func someObject(rng *rand.Rand, n, version int) []byte {
	uid := fmt.Sprintf("s%d@firm.example", n)
	day, hour := rng.Intn(20)+1, rng.Intn(8)+8
	kind := rng.Intn(3) // UTC, zone, day
	first := time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC)
	stamp := func(name string, at time.Time) string {
		switch kind {
		case 0:
			return name + ":" + at.Format("20060102T150405Z") + "\r\n"
		case 1:
			return name + ";TZID=Europe/Berlin:" + at.Format("20060102T150405") + "\r\n"
		}
		return name + ";VALUE=DATE:" + at.Format("20060102") + "\r\n"
	}
	length := time.Hour
	if kind == 2 {
		length = 24 * time.Hour
	}
	vevent := func(at time.Time, more string) string {
		return "BEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTAMP:20260101T000000Z\r\n" + stamp("DTSTART", at) + stamp("DTEND", at.Add(length)) + more + "END:VEVENT\r\n"
	}
	more := fmt.Sprintf("SUMMARY:Version %d\\, of %d\r\n", version, n)
	for _, line := range []string{"LOCATION:Room 1\r\n", "CLASS:PRIVATE\r\n", "TRANSP:TRANSPARENT\r\n", "STATUS:TENTATIVE\r\n",
		"ORGANIZER:mailto:chair@board.example\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:chair@board.example\r\nATTENDEE;PARTSTAT=TENTATIVE:mailto:" + AmendSelf + "\r\n"} {
		if rng.Intn(3) == 0 {
			more += line
		}
	}
	body, series := more, rng.Intn(2) == 0
	if series {
		body += "RRULE:FREQ=WEEKLY;COUNT=8\r\n"
	}
	exdate, moved, cancelled := rng.Intn(2) == 0, rng.Intn(2) == 0, rng.Intn(2) == 0
	week := func(n int) time.Time { return first.AddDate(0, 0, 7*n) }
	if series && exdate {
		body += stamp("EXDATE", week(2))
	}
	out := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Firm Example//Tests//EN\r\n"
	if kind == 1 {
		out += berlinZone
	}
	out += vevent(first, body)
	if series && moved {
		out += vevent(week(3).AddDate(0, 0, 1), stamp("RECURRENCE-ID", week(3))+"SUMMARY:Moved\r\n")
	}
	if series && cancelled {
		out += vevent(week(5), stamp("RECURRENCE-ID", week(5))+strings.ReplaceAll(more, "STATUS:TENTATIVE\r\n", "")+"STATUS:CANCELLED\r\n")
	}
	return []byte(out + "END:VCALENDAR\r\n")
}

// state says what is held in words that depend on no server.
func (m *mirror) state() map[string]string {
	out := map[string]string{}
	for _, c := range m.events {
		if c.Event == nil {
			out[string(c.Ref.Href)] = "unreadable " + c.Fault.Code
			continue
		}
		s := c.Event.Body.Reveal()
		var parts []string
		if s.Master != nil {
			parts = append(parts, inWords(s.Master))
		}
		for i := range s.Overrides {
			o := &s.Overrides[i]
			if o.Status == "CANCELLED" {
				// Of these only the place is sure to be known.
				parts = append(parts, "but "+momentOf(*o.Recurrence)+" cancelled")
			} else {
				parts = append(parts, "but "+momentOf(*o.Recurrence)+" "+inWords(o))
			}
		}
		slices.Sort(parts[min(1, len(parts)):])
		out[s.UID] = strings.Join(parts, " | ") + " | " + string(c.Ident)
	}
	return out
}

func inWords(o *model.Occurrence) string {
	rule := strings.Split(o.RRule, ";")
	slices.Sort(rule)
	var dates, people []string
	for _, t := range o.ExDates {
		dates = append(dates, momentOf(t))
	}
	for _, a := range o.Attendees {
		people = append(people, a.Addr+"="+a.PartStat)
	}
	slices.Sort(dates)
	slices.Sort(people)
	return fmt.Sprintf("%q %q %s %s show %d %s-%s rule %v not %v by %s with %v", o.Summary, o.Location, o.Class, o.Status, o.Show,
		momentOf(o.Start), momentOf(o.End), rule, dates, o.Organizer.Addr, people)
}

func momentOf(t model.Time) string {
	if t.Date {
		return t.Wall.Format("20060102")
	}
	zone := "floating"
	if t.Loc != nil {
		zone = t.Loc.String()
	}
	return t.Wall.Format("20060102T1504") + " " + zone
}
