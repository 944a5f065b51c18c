package rules

import (
	"slices"
	"strings"
	"testing"

	"chancery/internal/mime"
	"chancery/internal/model"
)

// forged is a mail of an author with calendar parts.
func forged(author, method string, parts ...string) model.Change {
	raw := "From: " + author + "\r\nTo: gc@firm.example\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
	for _, p := range parts {
		raw += "--b\r\nContent-Type: text/calendar; method=" + method + "\r\n\r\n" + p
	}
	mail := mime.ReadFor([]byte(raw+"--b--\r\n"), model.Need{Text: true, Files: true, Invite: true}, nil)
	ref := model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 1, UID: 1}
	return model.Change{Op: model.Put, Ref: ref, Ident: "i", Message: &model.Message{Ref: ref, Ident: "i", Arrived: mail.Date, Body: model.Hide(mail)}}
}

func calendarWith(method string, events ...string) string {
	if method != "" {
		method = "METHOD:" + method + "\r\n"
	}
	return "BEGIN:VCALENDAR\r\n" + method + strings.Join(events, "") + "END:VCALENDAR\r\n"
}

// eventBy is one on a free day; lines stand after those that are always there.
func eventBy(organizer string, lines ...string) string {
	s := "BEGIN:VEVENT\r\nUID:m1\r\nDTSTART:20260313T150000Z\r\nDTEND:20260313T160000Z\r\nSUMMARY:Call\r\n"
	if organizer != "" {
		s += "ORGANIZER" + organizer + "\r\n"
	}
	for _, l := range lines {
		s += l + "\r\n"
	}
	return s + "END:VEVENT\r\n"
}

// TestForgedInvitesFitNothing: whatever program the receiver has, a message that
// shows somebody in it who did not send it is spoofed, and one that shows a time
// that was not looked at does not fit.
func TestForgedInvitesFitNothing(t *testing.T) {
	s := saying(t)
	const self, judge = ":mailto:x@evil.example", ":mailto:judge@court.example"
	override := eventBy(judge, "RECURRENCE-ID:20260313T150000Z")
	plain := eventBy(self)
	known := dayOf(standing("m1", "judge@court.example", 13, 0))
	alone := dayOf(standing("m1", "", 13, 0))
	tests := []struct {
		name  string
		mail  model.Change
		view  model.View
		wants string // "spoofed", or "unsure": no promise is made
	}{
		{"a date led by another", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", plain, override)), dayOf(), "spoofed"},
		{"led by another, but for a date", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(judge), eventBy(self, "RECURRENCE-ID:20260313T150000Z"))), dayOf(), "spoofed"},
		{"two organizers", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(self, "ORGANIZER"+judge))), dayOf(), "spoofed"},
		{"another event of another", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", plain, strings.Replace(eventBy(judge), "UID:m1", "UID:m2", 1))), dayOf(), "spoofed"},
		{"the event twice, led by two", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(judge), plain)), dayOf(), "spoofed"},
		{"a second part of another", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", plain), calendarWith("REQUEST", eventBy(judge))), dayOf(), "spoofed"},
		{"a second part without a method", forged("x@evil.example", "", calendarWith("REQUEST", plain), calendarWith("", eventBy(judge))), dayOf(), "spoofed"},
		{"a first part without a method", forged("x@evil.example", "", calendarWith("", eventBy(judge)), calendarWith("REQUEST", plain)), dayOf(), "spoofed"},
		{"two addresses in one", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(":mailto:judge@court.example,x@evil.example"))), dayOf(), "spoofed"},
		{"an address in an address", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(":mailto:judge@court.example@evil.example"))), dayOf(), "spoofed"},
		{"an address that EMAIL contradicts", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(";EMAIL=x@evil.example:mailto:Judge <judge@court.example>"))), dayOf(), "spoofed"},
		{"an address nobody can read", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(":Judge judge@court.example"))), dayOf(), "spoofed"},
		{"odd letters", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(":MailTo:Judge%40Court.example"))), dayOf(), "spoofed"},
		{"two UIDs", forged("x@evil.example", "CANCEL", calendarWith("CANCEL", eventBy(self, "UID:hearing"))), dayOf(), "spoofed"},
		{"two starts", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(self, "DTSTART:20260312T150000Z"))), dayOf(), "spoofed"},
		{"below a provider", forged("x@mail.gmail.com", "REQUEST", calendarWith("REQUEST", eventBy(":mailto:judge@gmail.com"))), dayOf(), "spoofed"},
		{"an answer for several", forged("x@evil.example", "REPLY", calendarWith("REPLY", eventBy(":mailto:gc@firm.example", "ATTENDEE:mailto:x@evil.example", "ATTENDEE:mailto:judge@court.example"))), dayOf(), "spoofed"},
		{"answers and asks", forged("x@evil.example", "", calendarWith("COUNTER", eventBy(judge, "ATTENDEE:mailto:x@evil.example")), calendarWith("REQUEST", eventBy(judge))), dayOf(), "spoofed"},
		{"calls a hearing off for the court", forged("x@evil.example", "CANCEL", calendarWith("CANCEL", eventBy(";SENT-BY=\"mailto:x@evil.example\""+judge))), known, "spoofed"},
		{"moves a hearing for the court", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(";SENT-BY=\"mailto:x@evil.example\""+judge))), known, "spoofed"},
		{"calls off what is the receiver's own", forged("x@evil.example", "CANCEL", calendarWith("CANCEL", plain)), alone, "spoofed"},
		{"moves what is the receiver's own", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(""))), alone, "spoofed"},
		{"two types", forged("x@evil.example", "REQUEST\r\nContent-Type: text/calendar; charset=utf-16", calendarWith("REQUEST", plain)), dayOf(), "spoofed"},
		{"two encodings", forged("x@evil.example", "REQUEST\r\nContent-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64", calendarWith("REQUEST", plain)), dayOf(), "spoofed"},
		{"a zone nobody knows", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", strings.Replace(strings.ReplaceAll(plain, "0000Z", "0000"), "DTSTART:", "DTSTART;TZID=Atlantis:", 1))), dayOf(), "unsure"},
		{"a date that cannot be read", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(self, "RDATE:20260312T150000Y"))), dayOf(), "unsure"},
		{"dates in a line that is too long", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(self, "RDATE:20260312T150000Z"+strings.Repeat(",20260314T150000Z", 5000)))), dayOf(), "unsure"},
		{"an end that cannot be read", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", strings.Replace(plain, "DTEND:2026", "DTEND:O2O26", 1))), dayOf(), "unsure"},
		{"two rules", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", eventBy(self, "RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=WEEKLY;COUNT=2"))), dayOf(), "unsure"},
		{"the event twice", forged("x@evil.example", "REQUEST", calendarWith("REQUEST", strings.Replace(plain, "0313", "0312", 2), plain)), dayOf(), "unsure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			marks := strings.Fields(marksOfPlan(s.Decide(tt.mail, tt.view)))
			switch {
			case tt.wants == "spoofed" && !slices.Contains(marks, "spoofed"), slices.Contains(marks, "proved"):
				t.Errorf("got %v", marks)
			case tt.wants == "unsure" && slices.Contains(marks, "fits"):
				t.Errorf("got %v", marks)
			}
		})
	}
}

// TestHonestInvitesAreBelieved: what the checks of forgeries must let through.
func TestHonestInvitesAreBelieved(t *testing.T) {
	s := saying(t)
	const jo = ":mailto:jo@bar.example"
	known := dayOf(standing("m1", "jo@bar.example", 13, 0))
	own := dayOf(standing("m1", "", 13, 0))
	tests := []struct {
		name string
		mail model.Change
		view model.View
		want string
	}{
		{"odd letters", forged("Jo@Bar.example", "REQUEST", calendarWith("REQUEST", eventBy(":MAILTO:JO@bar.example"))), dayOf(), "fits"},
		{"the same twice", forged("jo@bar.example", "REQUEST", calendarWith("REQUEST", eventBy(jo)), calendarWith("REQUEST", eventBy(jo))), dayOf(), "fits"},
		{"a series with a moved date", forged("jo@bar.example", "REQUEST", calendarWith("REQUEST", eventBy(jo, "RRULE:FREQ=DAILY;COUNT=3"), eventBy(jo, "RECURRENCE-ID:20260313T150000Z"))), dayOf(), "fits"},
		{"an identifier and EMAIL", forged("jo@bar.example", "REQUEST", calendarWith("REQUEST", eventBy(";EMAIL=jo@bar.example:urn:uuid:1234"))), dayOf(), "fits"},
		{"an identifier alone", forged("jo@bar.example", "REQUEST", calendarWith("REQUEST", eventBy(":invalid:nomail"))), dayOf(), "fits"},
		{"another time for several", forged("jo@bar.example", "COUNTER", calendarWith("COUNTER", eventBy(":mailto:gc@firm.example", "ATTENDEE:mailto:jo@bar.example", "ATTENDEE:mailto:al@foo.example"))), dayOf(), "fits"},
		{"a list of holidays beside it", forged("jo@bar.example", "", calendarWith("REQUEST", eventBy(jo)), calendarWith("", eventBy(""))), dayOf(), "fits"},
		{"an assistant of the house calls off", forged("pa@bar.example", "CANCEL", calendarWith("CANCEL", eventBy(jo))), known, "cancelled"},
		{"our own assistant calls off what is the leader's", forged("pa@firm.example", "CANCEL", calendarWith("CANCEL", eventBy(":mailto:gc@firm.example"))), own, "cancelled"},
		{"the method in the header alone", forged("al@foo.example", "REPLY", calendarWith("", eventBy(":mailto:gc@firm.example", "ATTENDEE:mailto:al@foo.example"))), dayOf(), "none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := marksOfPlan(s.Decide(tt.mail, tt.view)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
