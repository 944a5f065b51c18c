package servertest

import (
	"net/http"
	"strings"
	"testing"
)

// TestCyrus: what a person's program writes can be read back, and the server says
// that it schedules (RFC 6638 section 2).
func TestCyrus(t *testing.T) {
	c := Cyrus(t)
	status, _, h := c.Do(http.MethodOptions, c.Home, nil, "")
	if dav := strings.Join(h.Values("Dav"), ","); status != http.StatusOK || !strings.Contains(dav, "calendar-auto-schedule") {
		t.Fatalf("options: %d, %q", status, dav)
	}
	path := c.MakeCalendar("Work")
	c.Put(path+"a.ics", []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Firm Example//Tests//EN\r\nBEGIN:VEVENT\r\nUID:a@firm.example\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\nSUMMARY:A\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"))
	if got := c.List(path); len(got) != 1 {
		t.Errorf("%d objects", len(got))
	}
	if n := len(c.Sent()); n != 0 {
		t.Errorf("%d mails", n)
	}
}
