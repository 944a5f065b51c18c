package demo

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Appointment is one object of a calendar of the office.
type Appointment struct {
	Name     string // "hearing"; also the file name on the server
	Account  string // whose: Person.Account
	Calendar string
	UID      string
	Raw      []byte

	Conflict string // "A": it is one side of double booking A; "" for none
	Yields   bool   // of the two it is the one that should move
	Left     string // why an overlap or an oddity is left alone on purpose
}

// appointmentCells: item, calendars, conflict, why it is left alone.
const appointmentCells = 4

// Appointments writes the calendars of the office as of now.
func Appointments(now time.Time) ([]Appointment, error) {
	d, err := newDays(now)
	if err != nil {
		return nil, err
	}
	archives, err := readArchives("calendars", appointmentCells)
	if err != nil {
		return nil, err
	}
	var out []Appointment
	for _, a := range archives {
		for _, row := range a.rows {
			as, err := readAppointment(d, row, a.items[row[0]])
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", a.name, row[0], err)
			}
			out = append(out, as...)
		}
	}
	return out, nil
}

// readAppointment returns one Appointment for each calendar the event stands in.
func readAppointment(d days, row []string, text []byte) ([]Appointment, error) {
	account, name, ok := strings.Cut(strings.TrimSuffix(row[0], ".ics"), "/")
	if !ok {
		return nil, fmt.Errorf("name without an account")
	}
	body, err := fill(row[0], text, d.words())
	if err != nil {
		return nil, err
	}
	a := Appointment{Name: name, Account: account, UID: name + "@hartwell.example", Left: row[3]}
	if side, conflict, ok := strings.Cut(row[2], " "); ok {
		a.Conflict, a.Yields = conflict, side == "yields"
	}
	a.Raw = wrap(a.UID, d.working(-20), body)
	var out []Appointment
	for _, calendar := range strings.Fields(row[1]) {
		if !slices.Contains(personOf(account).Calendars, calendar) {
			return nil, fmt.Errorf("%s has no calendar %s", account, calendar)
		}
		a.Calendar = calendar
		out = append(out, a)
	}
	return out, nil
}

// newYork is the definition that goes with TZID=America/New_York (RFC 5545
// section 3.6.5).
const newYork = `BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
END:VTIMEZONE
`

// wrap makes an object of the properties of an event. A line "----" parts the
// master from an override of the same series.
func wrap(uid string, stamp time.Time, body []byte) []byte {
	var out bytes.Buffer
	out.WriteString("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Hartwell & Vance//Office//EN\n")
	if bytes.Contains(body, []byte("TZID="+zoneName)) {
		out.WriteString(newYork)
	}
	for part := range strings.SplitSeq(strings.TrimSpace(string(body)), "\n----\n") {
		fmt.Fprintf(&out, "BEGIN:VEVENT\nUID:%s\nDTSTAMP:%s\n%s\nEND:VEVENT\n", uid, stamp.UTC().Format(icalUTC), part)
	}
	out.WriteString("END:VCALENDAR\n")
	return crlf(out.Bytes())
}
