package ical

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
)

// odd is an object that means harm or was written by a program gone wrong.
type odd struct {
	name string
	data []byte
}

const calendarStart, calendarEnd = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "END:VCALENDAR\r\n"

// lots repeats a line, numbered where it has a verb, until it is n times there or
// the object is full.
func lots(n int, format string) string {
	var b strings.Builder
	numbered := strings.Contains(format, "%")
	for i := range n {
		if b.Len() > MaxSize-4<<10 {
			break
		}
		if numbered {
			fmt.Fprintf(&b, format, i)
		} else {
			b.WriteString(format)
		}
		b.WriteString("\r\n")
	}
	return strings.TrimSuffix(b.String(), "\r\n")
}

// days joins what is made of n days from 2020 on.
func days(n int, line func(day string) string) string {
	var lines []string
	for i := range n {
		lines = append(lines, line(time.Date(2020, 1, 1+i, 0, 0, 0, 0, time.UTC).Format("20060102")))
	}
	return strings.Join(lines, "\r\n")
}

// parted wraps components into one calendar.
func parted(parts ...string) []byte {
	return []byte(calendarStart + strings.Join(parts, "\r\n") + "\r\n" + calendarEnd)
}

func vEvent(lines ...string) string {
	return "BEGIN:VEVENT\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT"
}

func vtimezone(id string, observances ...string) string {
	return "BEGIN:VTIMEZONE\r\nTZID:" + id + "\r\n" + strings.Join(observances, "\r\n") + "\r\nEND:VTIMEZONE"
}

func observed(kind, start, from, to string, more ...string) string {
	lines := append([]string{"BEGIN:" + kind, "DTSTART:" + start, "TZOFFSETFROM:" + from, "TZOFFSETTO:" + to}, more...)
	return strings.Join(append(lines, "END:"+kind), "\r\n")
}

// hostileFiles are invented: each is one idea.
func hostileFiles() []odd {
	var out []odd
	for _, group := range [][]odd{hostileShapes(), hostileLines(), hostileCounts(), hostileRules(), hostileTimes(), hostileZones(), hostileCharsets(), hostileDoubles()} {
		out = append(out, group...)
	}
	return out
}

func hostileShapes() []odd {
	deep := func(n int) string {
		return strings.Repeat("BEGIN:VEVENT\r\n", n) + "UID:1\r\n" + startLine + "\r\n" + strings.Repeat("END:VEVENT\r\n", n)
	}
	return []odd{
		{"empty", nil},
		{"one octet", []byte("B")},
		{"only line ends", []byte(strings.Repeat("\r\n", 100000))},
		{"only blanks", []byte(strings.Repeat(" ", 200000))},
		{"only folds", []byte(strings.Repeat("\r\n ", 200000))},
		{"only NUL", make([]byte, 100000)},
		{"only colons", []byte(strings.Repeat(":", 100000))},
		{"only quotes", []byte(strings.Repeat(`"`, 100000))},
		{"nested at the limit", parted(deep(MaxDepth - 1))},
		{"nested beyond the limit", parted(deep(MaxDepth + 1))},
		{"nested without end", []byte(strings.Repeat("BEGIN:A\n", 100000))},
		{"nested and turned", []byte(strings.Repeat("BEGIN:A\nBEGIN:B\nEND:A\n", 40000))},
		{"ends without beginnings", []byte(strings.Repeat("END:VCALENDAR\n", 60000))},
		{"ends in the wrong order", []byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n" + startLine + "\nEND:VCALENDAR\nEND:VEVENT\n")},
		{"too large", parted(vEvent("UID:1", startLine, "DESCRIPTION:"+strings.Repeat("x", MaxSize)))},
		{"as large as may be", append(parted(vEvent("UID:1", startLine)), bytes.Repeat([]byte("\n"), MaxSize-200)...)},
		{"an event of nothing", parted("BEGIN:VEVENT\r\nEND:VEVENT")},
		{"a calendar in a calendar", parted(string(parted(vEvent("UID:1", startLine))))},
		{"an event in an event", parted(vEvent("UID:1", startLine, vEvent("UID:2", startLine)))},
		{"an event in an alarm", parted(vEvent("UID:1", startLine, "BEGIN:VALARM", vEvent("UID:2", startLine), "END:VALARM"))},
		{"no calendar around", []byte(vEvent("UID:1", startLine) + "\r\n")},
		{"a mail around", []byte("From: a@firm.example\r\nContent-Type: text/calendar\r\n\r\n" + string(event("UID:1", startLine)))},
		{"HTML", []byte("<!DOCTYPE html><html><body>404: not here</body></html>")},
		{"XML", []byte(`<?xml version="1.0"?><icalendar xmlns="urn:ietf:params:xml:ns:icalendar-2.0"/>`)},
		{"JSON", []byte(`["vcalendar",[["version",{},"text","2.0"]],[]]`)},
		{"a ZIP", []byte("PK\x03\x04\x14\x00\x00\x00\x08\x00" + strings.Repeat("\xfe\x01", 5000))},
		{"vCalendar 1.0", []byte("BEGIN:VCALENDAR\r\nVERSION:1.0\r\nTZ:-05\r\nDAYLIGHT:TRUE;-04;20260308T020000;20261101T020000;EST;EDT\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260302T140000Z\r\nDTEND:20260302T150000Z\r\nSUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:B=C3=BCro=\r\n=20zwei\r\nRRULE:W1 MO TU #10\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")},
		{"a rule of vCalendar 1.0", event("UID:1", startLine, "RRULE:D1 #0")},
		{"only a task", parted("BEGIN:VTODO\r\nUID:1\r\nEND:VTODO")},
		{"only free/busy", parted("BEGIN:VFREEBUSY\r\nUID:1\r\nFREEBUSY:" + strings.Repeat("20260302T090000Z/PT1H,", 20000) + "\r\nEND:VFREEBUSY")},
		{"unknown components", parted(lots(2000, "BEGIN:X-%d\r\nEND:X-0"))},
		{"an end that is missing", []byte(calendarStart + "BEGIN:VEVENT\r\nUID:1\r\n" + startLine + "\r\n")},
		{"a calendar that is not closed", []byte(calendarStart + vEvent("UID:1", startLine) + "\r\n")},
	}
}

func hostileLines() []odd {
	wide := func(line string) []byte { return event("UID:1", startLine, line) }
	return []odd{
		{"a line of a megabyte", wide("DESCRIPTION:" + strings.Repeat("x", MaxSize-300))},
		{"a line folded at each octet", wide("DESCRIPTION:" + strings.Repeat("\r\n x", 200000))},
		{"a line folded with nothing", wide("DESCRIPTION:" + strings.Repeat("\r\n ", 200000) + "x")},
		{"a start folded at each octet", event("UID:1", strings.ReplaceAll(startLine, "", "\r\n ")[3:])},
		{"a name of 100000", wide(strings.Repeat("A", 100000) + ":1")},
		{"a parameter of 100000", wide("ATTENDEE;CN=" + strings.Repeat("x", 60000) + ":mailto:a@firm.example")},
		{"a quoted parameter of 100000", wide(`ATTENDEE;CN="` + strings.Repeat("x", 60000) + `":mailto:a@firm.example`)},
		{"a quote that never closes", wide(`ATTENDEE;CN="` + strings.Repeat("x;", 30000) + ":mailto:a@firm.example")},
		{"quotes everywhere", wide("ATTENDEE;CN=" + strings.Repeat(`"";"`, 15000) + ":mailto:a@firm.example")},
		{"10000 parameters", wide("ATTENDEE" + strings.Repeat(";X=1", 15000) + ":mailto:a@firm.example")},
		{"10000 parameter names", wide("ATTENDEE" + strings.ReplaceAll(lots(6000, ";X%d=1"), "\r\n", "") + ":mailto:a@firm.example")},
		{"100 parameters on each line", wide(lots(3000, "X-A"+strings.ReplaceAll(lots(100, ";A%d=1"), "\r\n", "")+":1"))},
		{"10000 values of a parameter", wide("ATTENDEE;MEMBER=" + strings.Repeat("a,", 30000) + "a:mailto:a@firm.example")},
		{"a parameter without a value", wide("ATTENDEE;CN:mailto:a@firm.example")},
		{"a parameter without a name", wide("ATTENDEE;=x;;=:mailto:a@firm.example")},
		{"no colon", wide("DTSTART;TZID=Europe/Berlin")},
		{"text after a quote", wide(`ATTENDEE;CN="Doe"x"y":mailto:a@firm.example`)},
		{"circumflexes", wide("ATTENDEE;CN=" + strings.Repeat("^", 4000) + ":mailto:a@firm.example")},
		{"backslashes", wide("DESCRIPTION:" + strings.Repeat(`\`, 60000))},
		{"escapes of nothing", wide("SUMMARY:" + strings.Repeat(`\U\x\0`, 8000))},
		{"commas in a text", wide("CATEGORIES:" + strings.Repeat(",", 60000))},
		{"links by the thousand", wide("DESCRIPTION:" + strings.Repeat("https://a.", 6000))},
		{"labels by the thousand", wide("DESCRIPTION:https://" + strings.Repeat("a.", 30000) + "zoom.us/j/1")},
		{"an address of 60000", wide("ORGANIZER:mailto:" + strings.Repeat("a@", 30000) + "firm.example")},
		{"an address of percents", wide("ORGANIZER:mailto:" + strings.Repeat("%41", 15000) + "@firm.example")},
		{"a domain of punycode", wide("ORGANIZER:mailto:a@" + strings.Repeat("xn--a.", 40) + "example")},
		{"a UID of 60000", event("UID:"+strings.Repeat("u", 60000), startLine)},
		{"a tag of 60000", wide(tagName + ":" + strings.Repeat("MQ.", 20000))},
		{"an attachment", wide("ATTACH;VALUE=BINARY;ENCODING=BASE64:" + strings.Repeat("QUJD\r\n ", 100000))},
		{"a sequence beyond counting", wide("SEQUENCE:99999999999999999999999999")},
		{"a sequence below zero", wide("SEQUENCE:-1")},
		{"lines of no property", wide(lots(40000, "what is this"))},
		{"lines of one letter", wide(lots(45000, "A:"))},
		{"more lines than may be", wide(lots(60000, "A:"))},
		{"one property by the thousand", wide(lots(40000, "SUMMARY:x"))},
		{"categories by the thousand", wide(lots(30000, "CATEGORIES:a,b,c"))},
	}
}

func hostileCounts() []odd {
	over := func(i string) string { return vEvent("UID:1", "RECURRENCE-ID:"+i, "DTSTART:"+i) }
	master := vEvent("UID:1", "DTSTART:20200101T000000Z", "RRULE:FREQ=DAILY")
	return []odd{
		{"attendees by the ten thousand", event("UID:1", startLine, lots(40000, "ATTENDEE:mailto:a%d@b.example"))},
		{"attendees up to the size", event("UID:1", startLine, lots(1e6, "ATTENDEE:a@b.c"))},
		{"attendees with everything", event("UID:1", startLine, lots(8000, `ATTENDEE;CN="Doe, Jo";ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CUTYPE=INDIVIDUAL;RSVP=TRUE;X-NUM-GUESTS=0:mailto:a%d@b.example`))},
		{"overrides by the thousand", parted(master, days(4900, func(day string) string { return over(day + "T000000Z") }))},
		{"overrides beyond the limit", parted(master, lots(1e5, over("20260302T090000Z")))},
		{"overrides of one instance", parted(master, lots(4900, over("20260302T090000Z")+"\r\nX:%d"))},
		{"overrides that reach on", parted(master, days(4900, func(day string) string {
			return vEvent("UID:1", "RECURRENCE-ID;RANGE=THISANDFUTURE:"+day+"T000000Z", "DTSTART:"+day+"T030000Z")
		}))},
		{"overrides without a master", parted(days(3000, func(day string) string { return over(day + "T090000Z") }))},
		{"RDATE by the hundred thousand", event("UID:1", startLine, "RDATE:"+strings.Repeat("20260303T090000Z,", 3800))},
		{"RDATE lines by the thousand", event("UID:1", startLine, lots(30000, "RDATE:20260303T090000Z"))},
		{"RDATE of different days", event("UID:1", startLine, days(40000, func(day string) string { return "RDATE:" + day }))},
		{"RDATE that are no days", event("UID:1", startLine, lots(40000, "RDATE:%08d"))},
		{"RDATE of periods", event("UID:1", startLine, lots(20000, "RDATE;VALUE=PERIOD:20260303T090000Z/PT%dH"))},
		{"RDATE of nothing", event("UID:1", startLine, "RDATE:"+strings.Repeat(",", 60000))},
		{"RDATE of nonsense", event("UID:1", startLine, "RDATE:"+strings.Repeat("x,", 30000))},
		{"EXDATE by the hundred thousand", event("UID:1", startLine, "RRULE:FREQ=DAILY", lots(250, "EXDATE:"+strings.Repeat("20260303T090000Z,", 240)))},
		{"EXDATE of each day", event("UID:1", startLine, "RRULE:FREQ=DAILY", lots(40000, "EXDATE;VALUE=DATE:2026%04d"))},
		{"EXDATE of all there is", event("UID:1", startLine, "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260302T090000Z,20260303T090000Z")},
		{"alarms by the thousand", event("UID:1", startLine, lots(4000, "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nREPEAT:%d\r\nEND:VALARM"))},
		{"alarms beyond the limit", event("UID:1", startLine, lots(20000, "BEGIN:VALARM\r\nEND:VALARM"))},
		{"an alarm that repeats for ever", event("UID:1", startLine, "BEGIN:VALARM\r\nTRIGGER:PT0S\r\nREPEAT:999999999\r\nDURATION:PT1S\r\nEND:VALARM")},
		{"events of other UIDs", parted(vEvent("UID:1", startLine), lots(4900, "BEGIN:VEVENT\r\nUID:u%d\r\nEND:VEVENT"))},
		{"events without UIDs", parted(lots(4900, vEvent(startLine)))},
		{"calendars by the thousand", []byte(lots(2000, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n"+startLine+"\r\nEND:VEVENT\r\nEND:VCALENDAR"))},
		{"rules by the thousand", event("UID:1", startLine, lots(30000, "RRULE:FREQ=DAILY"))},
		{"a rule in each event", parted(lots(4900, vEvent("UID:1", startLine, "RRULE:FREQ=YEARLY;BYMONTH=1,2,3,4,5,6;BYDAY=MO,TU,WE,TH,FR;BYHOUR=1,2,3,4")))},
	}
}

func hostileRules() (out []odd) {
	for _, rule := range []string{
		"FREQ=SECONDLY", "FREQ=SECONDLY;COUNT=10", "FREQ=MINUTELY;INTERVAL=5", "FREQ=HOURLY;UNTIL=99991231T235959Z", "FREQ=DAILY;INTERVAL=0",
		"FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=1000", "FREQ=DAILY;INTERVAL=9223372036854775807", "FREQ=YEARLY;INTERVAL=999", "FREQ=DAILY;COUNT=99999999999999999999",
		"FREQ=DAILY;COUNT=100000", "FREQ=DAILY;COUNT=-5", "FREQ=DAILY;COUNT=3;UNTIL=20260401", "FREQ=DAILY;UNTIL=00000000", "FREQ=DAILY;UNTIL=99999999T999999Z",
		"FREQ=DAILY;UNTIL=20260302", "FREQ=DAILY;UNTIL=20200101", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=MONTHLY;BYMONTHDAY=31;INTERVAL=12",
		"FREQ=YEARLY;BYYEARDAY=366", "FREQ=YEARLY;BYYEARDAY=-366", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU", "FREQ=YEARLY;BYWEEKNO=-53", "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
		"FREQ=MONTHLY;BYDAY=5MO,-5MO", "FREQ=MONTHLY;BYDAY=53MO", "FREQ=MONTHLY;BYSETPOS=366;BYDAY=MO", "FREQ=YEARLY;BYSETPOS=-366;BYDAY=MO,TU,WE,TH,FR,SA,SU", "FREQ=DAILY;BYSETPOS=2",
		"FREQ=DAILY;BYHOUR=" + countTo(24), "FREQ=DAILY;BYHOUR=" + countTo(24) + ";BYMINUTE=" + countTo(60) + ";BYSECOND=" + countTo(60), "FREQ=WEEKLY;WKST=XX", "FREQ=WEEKLY;BYDAY=" + strings.Repeat("MO,", 10000) + "MO",
		"FREQ=DAILY;FREQ=SECONDLY", "freq=daily;count=2", "FREQ=DAILY;", ";;;FREQ=DAILY;;;", "FREQ", "=", "DAILY", "FREQ=DAILY COUNT=2", "FREQ=DAILY;RSCALE=CHINESE", "RSCALE=HEBREW;FREQ=YEARLY;SKIP=FORWARD",
		"FREQ=YEARLY;BYEASTER=1", "FREQ=MONTHLY;BYMONTHDAY=" + strings.Repeat("1,", 20000) + "1", "FREQ=DAILY;X=" + strings.Repeat("y", 50000), "RRULE:FREQ=DAILY;COUNT=2",
		"FREQ=DAILY;COUNT=2\\;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO\\,TU", "FREQ=WEEKLY;BYDAY=+1MO,-0TU", "FREQ=DAILY;BYSECOND=60", "FREQ=DAILY;BYMONTH=1L",
	} {
		out = append(out, odd{fmt.Sprintf("rule %.60s", rule), event("UID:1", startLine, "RRULE:"+rule)})
	}
	for _, start := range []string{"00010101T000000Z", "09991231T235959Z", "10000101T000000Z", "16010101T000000Z", "99991231T235959Z"} {
		for _, rule := range []string{"FREQ=DAILY", "FREQ=YEARLY;COUNT=5000", "FREQ=DAILY;INTERVAL=2;BYMONTHDAY=13;COUNT=90000", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;COUNT=900"} {
			out = append(out, odd{"since " + start + " " + rule, event("UID:1", "DTSTART:"+start, "RRULE:"+rule)})
		}
	}
	return out
}

func countTo(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprint(i))
	}
	return strings.Join(out, ",")
}

func hostileTimes() (out []odd) {
	for _, start := range []string{
		"00000000", "00000000T000000Z", "00010101", "09991231", "10000101", "99991231", "99991231T235959Z", "100000101", "20260230", "20261301T000000", "20260302T250000",
		"20260302T240000Z", "20260302T235960Z", "20260302T09", "20260302T0900", "2026-03-02T09:00:00Z", "2026-03-02 09:00", "20260302T090000+0200", "20260302T090000+9999", "20260302T090000-",
		"20260302T090000ZZ", "-20260302", "T090000", "today", "", " 20260302T090000Z ", "20260302T090000Z,20260303T090000Z", "20260302T090000Z/PT1H", "٢٠٢٦٠٣٠٢",
	} {
		out = append(out, odd{"start " + start, event("UID:1", "DTSTART:"+start, "RRULE:FREQ=DAILY;COUNT=3")})
	}
	for _, end := range []string{
		"DTEND:20260302T080000Z", "DTEND:20260302", "DTEND:99991231T235959Z", "DTEND:rubbish", "DURATION:P0D", "DURATION:-PT1H", "DURATION:P999999999999999999W", "DURATION:PT", "DURATION:P1Y",
		"DURATION:P1DT24H", "DURATION:" + strings.Repeat("P1D", 10000), "DTEND:20260302T100000Z\r\nDURATION:PT5H", "DTEND;TZID=Nowhere:20260302T100000", "DTEND;VALUE=DATE:20260401",
	} {
		out = append(out, odd{fmt.Sprintf("end %.40s", end), event("UID:1", startLine, end)})
	}
	for _, id := range []string{"", "rubbish", "20260302", "20260302T090000", "20260303T090000Z", "00000000T000000Z", "20260302T090000Z/PT1H"} {
		out = append(out, odd{"instance " + id, parted(vEvent("UID:1", startLine, "RRULE:FREQ=DAILY;COUNT=3"), vEvent("UID:1", "RECURRENCE-ID:"+id, "DTSTART:20260302T120000Z"))})
	}
	return out
}

func hostileZones() []odd {
	at := func(tzid string, zones ...string) []byte {
		return parted(append(zones, vEvent("UID:1", "DTSTART;TZID="+tzid+":20260302T090000", "RRULE:FREQ=DAILY;COUNT=3"))...)
	}
	normal := observed("STANDARD", "16010101T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")
	return []odd{
		{"a zone nobody knows", at("Nowhere/Land")},
		{"a zone of a path", at("../../../../etc/passwd")},
		{"a zone of a path from the root", at("/etc/passwd")},
		{"a zone called Local", at("Local")},
		{"a zone of nothing", at("")},
		{"a zone of blanks", at(`"   "`)},
		{"a zone of control characters", at("\x00\x01\x02")},
		{"a zone of 4000", at(strings.Repeat("A", 4000))},
		{"a zone of slashes", at(strings.Repeat("a/", 2000) + "Berlin")},
		{"zones of slashes by the hundred", event("UID:1", startLine, lots(250, "RDATE;TZID=%d/"+strings.Repeat("a/", 1900)+":20260303T090000"))},
		{"zones by the ten thousand", event("UID:1", startLine, lots(25000, "RDATE;TZID=Zone%d:20260303T090000"))},
		{"zones in each override", parted(vEvent("UID:1", startLine), lots(4900, "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID;TZID=A%[1]d:20260303T090000\r\nDTSTART;TZID=B%[1]d:20260303T090000\r\nDTEND;TZID=C%[1]d:20260303T100000\r\nEND:VEVENT"))},
		{"offsets by the thousand", event("UID:1", startLine, lots(2000, "RDATE;TZID=\"UTC+%02d:00\":20260303T090000"))},
		{"an offset out of bounds", at("GMT+99")},
		{"an unquoted zone of Outlook", at("(UTC+01:00) Amsterdam, Berlin")},
		{"a zone of its own", at("Mine", vtimezone("Mine", normal))},
		{"a zone without observances", at("Mine", vtimezone("Mine"))},
		{"a zone twice", at("Mine", vtimezone("Mine", normal), vtimezone("Mine", observed("STANDARD", "19700101T000000", "+0000", "-1200")))},
		{"a zone that names itself", at("Mine", vtimezone("Mine", observed("STANDARD", "19700101T000000", "+0100", "+0100", "TZID:Mine", "DTSTART;TZID=Mine:19700101T000000")))},
		{"a zone in a zone", at("Mine", vtimezone("Mine", vtimezone("Mine", normal)))},
		{"a zone that changes each day", at("Mine", vtimezone("Mine", observed("STANDARD", "19700101T000000", "+0100", "+0000", "RRULE:FREQ=DAILY"), observed("DAYLIGHT", "19700101T120000", "+0000", "+0100", "RRULE:FREQ=DAILY")))},
		{"a zone that changes each second", at("Mine", vtimezone("Mine", observed("STANDARD", "19700101T000000", "+0100", "+0000", "RRULE:FREQ=SECONDLY")))},
		{"a zone that never changes", at("Mine", vtimezone("Mine", observed("STANDARD", "19700101T000000", "+0100", "+0000", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")))},
		{"a zone that changes a hundred times a year", at("Mine", vtimezone("Mine", lots(60, observed("STANDARD", "19700101T0000%02d", "+0100", "+0000", "RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"))))},
		{"observances by the thousand", at("Mine", vtimezone("Mine", lots(4900, observed("STANDARD", "1970010%dT000000", "+0100", "+0000"))))},
		{"onsets by the thousand", at("Mine", vtimezone("Mine", observed("STANDARD", "19700101T000000", "+0100", "+0000", lots(300, "RDATE:"+strings.Repeat("19710101T000000,", 100)))))},
		{"zones of rules by the hundred", parted(lots(1200, vtimezone("Mine%[1]d", observed("STANDARD", "16010101T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR"), observed("DAYLIGHT", "16010101T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR"))+
			"\r\nBEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID;TZID=Mine%[1]d:20260303T090000\r\nDTSTART;TZID=Mine%[1]d:20260303T090000\r\nEND:VEVENT"))},
		{"offsets that cannot be read", at("Mine", vtimezone("Mine", observed("STANDARD", "19700101T000000", "east", "+99999999")))},
		{"the whole offset", at("Mine", vtimezone("Mine", observed("STANDARD", "19700101T000000", "+1800", "-1800")))},
		{"an observance in the year 0", at("Mine", vtimezone("Mine", observed("STANDARD", "00000101T000000", "+0100", "+0000")))},
		{"an observance in the year 9999", at("Mine", vtimezone("Mine", observed("STANDARD", "99991231T235959", "+0100", "+0000", "RRULE:FREQ=YEARLY")))},
		{"a zone after the event", append(event("UID:1", "DTSTART;TZID=Mine:20260302T090000"), parted(vtimezone("Mine", normal))...)},
	}
}

func hostileCharsets() []odd {
	text := string(event("UID:1", startLine, "SUMMARY:Größe 日本 🎉"))
	wide := func(order binary.AppendByteOrder, mark bool, s string) []byte {
		var b []byte
		if mark {
			b = order.AppendUint16(b, 0xfeff)
		}
		for _, u := range utf16.Encode([]rune(s)) {
			b = order.AppendUint16(b, u)
		}
		return b
	}
	summary := func(s string) []byte { return event("UID:1", startLine, "SUMMARY:"+s) }
	return []odd{
		{"a byte order mark", []byte("\xef\xbb\xbf" + text)},
		{"two byte order marks", []byte("\xef\xbb\xbf\xef\xbb\xbf" + text)},
		{"UTF-16 of Windows", wide(binary.LittleEndian, true, text)},
		{"UTF-16 of networks", wide(binary.BigEndian, true, text)},
		{"UTF-16 without a mark", wide(binary.LittleEndian, false, text)},
		{"UTF-16 cut in two", wide(binary.LittleEndian, true, text)[:151]},
		{"UTF-16 of halves", append([]byte{0xff, 0xfe}, bytes.Repeat([]byte{0, 0xd8}, 1000)...)},
		{"UTF-16 of a megabyte", wide(binary.LittleEndian, true, string(event("UID:1", startLine, lots(12000, "X-A:"+strings.Repeat("€", 30)))))},
		{"Latin-1", summary("Gr\xf6\xdfe")},
		{"Windows-1252", summary("\x80 \x93quoted\x94")},
		{"Shift-JIS", summary("\x93\xfa\x96{")},
		{"cut runes", summary(strings.Repeat("\xe2\x82", 10000))},
		{"surrogates in UTF-8", summary("\xed\xa0\x80\xed\xb0\x80")},
		{"overlong UTF-8", summary("\xc0\xaf\xe0\x80\xaf")},
		{"NUL inside", []byte(strings.ReplaceAll(text, "SUMMARY", "SUM\x00MARY"))},
		{"control characters", summary("\x01\x02\x1b[31m\x7f")},
		{"text that turns round", summary("\u202egnitsuom\u202c \u2066x\u2069 \u200f")},
		{"nothing to see", summary(strings.Repeat("\u200b", 10000))},
		{"a tower of accents", summary("a" + strings.Repeat("\u0301", 20000))},
		{"line ends of Unicode", summary("a\u2028ATTENDEE:mailto:a@firm.example\u2029\u0085\v\f\x1c")},
		{"bare CR", []byte(strings.ReplaceAll(text, "\r\n", "\r"))},
		{"bare LF", []byte(strings.ReplaceAll(text, "\r\n", "\n"))},
		{"LF CR", []byte(strings.ReplaceAll(text, "\r\n", "\n\r"))},
		{"line ends doubled", []byte(strings.ReplaceAll(text, "\r\n", "\r\r\n\r\n"))},
		{"quoted-printable", event("UID:1", startLine, "SUMMARY;ENCODING=QUOTED-PRINTABLE:=47=72=C3=B6", "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:a=", "b=", "c")},
		{"base64 around it all", []byte("QkVHSU46VkNBTEVOREFSDQpFTkQ6VkNBTEVOREFSDQo=")},
	}
}

func hostileDoubles() []odd {
	twice := func(lines ...string) []byte {
		return event(append([]string{"UID:1", startLine, "RRULE:FREQ=DAILY;COUNT=3"}, lines...)...)
	}
	return []odd{
		{"two starts", twice("DTSTART:20270101T000000Z")},
		{"two ends", twice("DTEND:20260302T100000Z", "DTEND:20260302T110000Z")},
		{"two UIDs", twice("UID:2")},
		{"two rules", twice("RRULE:FREQ=SECONDLY")},
		{"two organizers", twice("ORGANIZER:mailto:a@firm.example", "ORGANIZER:mailto:b@firm.example")},
		{"two classes", twice("CLASS:PUBLIC", "CLASS:PRIVATE")},
		{"two statuses", twice("STATUS:CANCELLED", "STATUS:CONFIRMED")},
		{"two sequences", twice("SEQUENCE:5", "SEQUENCE:1")},
		{"two tags", twice(tagName+":1.a.b.c.d", tagName+":1.a.b.c.e")},
		{"two instances named", twice("RECURRENCE-ID:20260302T090000Z", "RECURRENCE-ID:20260303T090000Z")},
		{"two calendars", append(event("UID:1", startLine), event("UID:2", startLine)...)},
		{"two calendars of one event", append(event("UID:1", startLine, "SEQUENCE:1"), event("UID:1", startLine, "SEQUENCE:2")...)},
		{"two masters", parted(vEvent("UID:1", startLine, "SEQUENCE:2"), vEvent("UID:1", "DTSTART:20270101T000000Z", "SEQUENCE:1"))},
		{"two overrides of one", parted(vEvent("UID:1", startLine, "RRULE:FREQ=DAILY;COUNT=3"), vEvent("UID:1", "RECURRENCE-ID:20260303T090000Z", "DTSTART:20260303T100000Z", "SEQUENCE:2"), vEvent("UID:1", "RECURRENCE-ID;TZID=Europe/Berlin:20260303T100000", "DTSTART:20260303T110000Z", "SEQUENCE:1"))},
		{"an override that reaches on twice", parted(vEvent("UID:1", startLine, "RRULE:FREQ=DAILY;COUNT=9"), vEvent("UID:1", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260304T090000Z", "DTSTART:20260304T100000Z"), vEvent("UID:1", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260306T090000Z", "DTSTART:20260306T110000Z"))},
		{"parameters twice", event("UID:1", "DTSTART;TZID=Europe/Berlin;TZID=America/New_York:20260302T090000")},
		{"an excluded rule", twice("EXRULE:FREQ=SECONDLY", "EXDATE:20260303T090000Z")},
	}
}
